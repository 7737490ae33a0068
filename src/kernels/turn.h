/* Part of a fast body (body.h): squares of WIDE vectors, turned about their diagonal: in log2(WIDE) rounds, places that differ by H change sides
 * between vectors that do. */
#ifndef OCELOT_KERNELS_TURN_H
#define OCELOT_KERNELS_TURN_H

#include "kernels/winograd.h"

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define WIDE_LOW(i, h) ((i) & (h) ? WIDE + (i) - (h) : (i))
#define WIDE_HIGH(i, h) ((i) & (h) ? WIDE + (i) : (i) + (h))
#define WIDE_FOUR(f, i, h) f(i, h), f((i) + 1, h), f((i) + 2, h), f((i) + 3, h)
#if LANES == 8
#define TAKE_WIDE(a, b, f, h) __builtin_shufflevector(a, b, WIDE_FOUR(f, 0, h), WIDE_FOUR(f, 4, h), WIDE_FOUR(f, 8, h), WIDE_FOUR(f, 12, h))
#elif LANES == 4
#define TAKE_WIDE(a, b, f, h) __builtin_shufflevector(a, b, WIDE_FOUR(f, 0, h), WIDE_FOUR(f, 4, h))
#endif
#endif
#endif

#ifdef TAKE_WIDE
#define TURN_WIDE_ROUND(line, h)                                                                                                                     \
    for (size_t r = 0; r < WIDE; r++)                                                                                                                \
        if (!(r & (h))) {                                                                                                                            \
            wide low = TAKE_WIDE((line)[r], (line)[r + (h)], WIDE_LOW, h);                                                                           \
            (line)[r + (h)] = TAKE_WIDE((line)[r], (line)[r + (h)], WIDE_HIGH, h);                                                                   \
            (line)[r] = low;                                                                                                                         \
        }

/* WIDE vectors -> rows of `to`, `stride` apart. */
static void turn_wide(const float *const *from, float *to, size_t stride)
{
    wide line[WIDE];
    for (size_t r = 0; r < WIDE; r++)
        line[r] = load_wide(from[r]);
    TURN_WIDE_ROUND(line, 1)
    TURN_WIDE_ROUND(line, 2)
    TURN_WIDE_ROUND(line, 4)
#if LANES == 8
    TURN_WIDE_ROUND(line, 8)
#endif
    for (size_t r = 0; r < WIDE; r++)
        store_wide(to + r * stride, line[r]);
}
#else
static void turn_wide(const float *const *from, float *to, size_t stride)
{
    for (size_t r = 0; r < WIDE; r++)
        for (size_t l = 0; l < WIDE; l++)
            to[l * stride + r] = from[r][l];
}
#endif

#endif
