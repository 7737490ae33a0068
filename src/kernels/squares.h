/* Part of a fast body (body.h): squares of vectors, LANES doubles or WIDE floats, turned about their diagonal: in log2 of their number of rounds,
 * places that differ by H change sides between vectors that do. */
#ifndef OCELOT_KERNELS_SQUARES_H
#define OCELOT_KERNELS_SQUARES_H

#include "kernels/wide.h"

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
/* Which of the places of a and b, n each, come to place i. */
#define LOW(n, i, h) ((i) & (h) ? (n) + (i) - (h) : (i))
#define HIGH(n, i, h) ((i) & (h) ? (n) + (i) : (i) + (h))
#define TWO(f, n, i, h) f(n, i, h), f(n, (i) + 1, h)
#define FOUR(f, n, i, h) TWO(f, n, i, h), TWO(f, n, (i) + 2, h)
#define EIGHT(f, n, i, h) FOUR(f, n, i, h), FOUR(f, n, (i) + 4, h)
#if LANES == 8
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, EIGHT(f, 8, 0, h))
#define TAKE_WIDE(a, b, f, h) __builtin_shufflevector(a, b, EIGHT(f, 16, 0, h), EIGHT(f, 16, 8, h))
#elif LANES == 4
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, FOUR(f, 4, 0, h))
#define TAKE_WIDE(a, b, f, h) __builtin_shufflevector(a, b, EIGHT(f, 8, 0, h))
#elif LANES == 2
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, TWO(f, 2, 0, h))
#define TAKE_WIDE(a, b, f, h) __builtin_shufflevector(a, b, FOUR(f, 4, 0, h))
#endif
#endif
#endif

#ifdef TAKE
#define TURN_ROUND(type, take, line, h)                                                                                                              \
    for (size_t r = 0; r < sizeof(line) / sizeof *(line); r++)                                                                                       \
        if (!(r & (h))) {                                                                                                                            \
            type low = take((line)[r], (line)[r + (h)], LOW, h);                                                                                     \
            (line)[r + (h)] = take((line)[r], (line)[r + (h)], HIGH, h);                                                                             \
            (line)[r] = low;                                                                                                                         \
        }

/* from [LANES][stride] -> to [LANES][to_stride] */
INLINE void turn_square(const double *from, size_t stride, double *to, size_t to_stride)
{
    vector line[LANES];
    for (size_t r = 0; r < LANES; r++)
        line[r] = load(from + r * stride);
    TURN_ROUND(vector, TAKE, line, 1)
#if LANES > 2
    TURN_ROUND(vector, TAKE, line, 2)
#endif
#if LANES > 4
    TURN_ROUND(vector, TAKE, line, 4)
#endif
    for (size_t r = 0; r < LANES; r++)
        store(to + r * to_stride, line[r]);
}

/* WIDE vectors -> to [WIDE][stride], where they may stand themselves */
static void turn_wide(const float *const *from, float *to, size_t stride)
{
    wide line[WIDE];
    for (size_t r = 0; r < WIDE; r++)
        line[r] = load_wide(from[r]);
    TURN_ROUND(wide, TAKE_WIDE, line, 1)
    TURN_ROUND(wide, TAKE_WIDE, line, 2)
#if LANES > 2
    TURN_ROUND(wide, TAKE_WIDE, line, 4)
#endif
#if LANES > 4
    TURN_ROUND(wide, TAKE_WIDE, line, 8)
#endif
    for (size_t r = 0; r < WIDE; r++)
        store_wide(to + r * stride, line[r]);
}
#else
INLINE void turn_square(const double *from, size_t stride, double *to, size_t to_stride)
{
    for (size_t r = 0; r < LANES; r++)
        for (size_t l = 0; l < LANES; l++)
            to[l * to_stride + r] = from[r * stride + l];
}

static void turn_wide(const float *const *from, float *to, size_t stride)
{
    float line[WIDE][WIDE];
    for (size_t r = 0; r < WIDE; r++)
        memcpy(line[r], from[r], sizeof line[r]);
    for (size_t r = 0; r < WIDE; r++)
        for (size_t l = 0; l < WIDE; l++)
            to[l * stride + r] = line[r][l];
}
#endif

#endif
