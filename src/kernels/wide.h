/* Part of a fast body (body.h): vectors of WIDE floats, as many as stand in a block of channels. */
#ifndef OCELOT_KERNELS_WIDE_H
#define OCELOT_KERNELS_WIDE_H

#include "kernels/tiles.h"

#if defined(__GNUC__)
enum { WIDE = 2 * LANES };
typedef float wide __attribute__((vector_size(WIDE * sizeof(float))));
typedef int32_t wide_flags __attribute__((vector_size(sizeof(wide))));
#else
enum { WIDE = 1 };
typedef float wide;
#endif

INLINE wide load_wide(const float *from)
{
    wide value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void store_wide(float *to, wide value)
{
    memcpy(to, &value, sizeof value);
}

/* What is read soon is asked for: to the first-level cache, or, `far`, to the second, where more is asked for than the first holds. */
INLINE void fetch(const float *from, bool far)
{
#if defined(__GNUC__)
    if (far)
        __builtin_prefetch(from, 0, 2);
    else
        __builtin_prefetch(from, 0, 3);
#else
    (void)from;
    (void)far;
#endif
}

/* Whether some of `rows` times `count` vectors, rows `stride` apart, have a number below zero. */
INLINE bool any_below_zero(const wide *d, size_t rows, size_t count, size_t stride)
{
#if defined(__GNUC__)
    wide_flags found = d[0] < 0;
    int64_t pairs[WIDE / 2], any = 0;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < count; x++)
            found |= d[y * stride + x] < 0;
    memcpy(pairs, &found, sizeof found);
    for (size_t l = 0; l < WIDE / 2; l++)
        any |= pairs[l];
    return any != 0;
#else
    bool any = false;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < count; x++)
            any |= d[y * stride + x] < 0;
    return any;
#endif
}

/* Zero in place of what is below it; NaN stays. */
INLINE wide not_below_zero(wide value)
{
#if defined(__GNUC__)
    wide_flags bits, keep = ~(value < 0);
    memcpy(&bits, &value, sizeof bits);
    bits &= keep;
    memcpy(&value, &bits, sizeof value);
    return value;
#else
    return value < 0 ? 0 : value;
#endif
}

#endif
