/* Part of a fast body (body.h): squares of LANES vectors, turned about their diagonal: in log2(LANES) rounds, places that differ by H change sides
 * between vectors that do. */
#ifndef OCELOT_KERNELS_SQUARES_H
#define OCELOT_KERNELS_SQUARES_H

#include "kernels/tiles.h"

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define LOW(i, h) ((i) & (h) ? LANES + (i) - (h) : (i))
#define HIGH(i, h) ((i) & (h) ? LANES + (i) : (i) + (h))
#if LANES == 8
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, f(0, h), f(1, h), f(2, h), f(3, h), f(4, h), f(5, h), f(6, h), f(7, h))
#elif LANES == 4
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, f(0, h), f(1, h), f(2, h), f(3, h))
#elif LANES == 2
#define TAKE(a, b, f, h) __builtin_shufflevector(a, b, f(0, h), f(1, h))
#endif
#endif
#endif

#ifdef TAKE
#define TURN_ROUND(line, h)                                                                                                                          \
    for (size_t r = 0; r < LANES; r++)                                                                                                               \
        if (!(r & (h))) {                                                                                                                            \
            vector low = TAKE((line)[r], (line)[r + (h)], LOW, h);                                                                                   \
            (line)[r + (h)] = TAKE((line)[r], (line)[r + (h)], HIGH, h);                                                                             \
            (line)[r] = low;                                                                                                                         \
        }

/* from [LANES][stride] -> to [LANES][to_stride] */
INLINE void turn_square(const double *from, size_t stride, double *to, size_t to_stride)
{
    vector line[LANES];
    for (size_t r = 0; r < LANES; r++)
        line[r] = load(from + r * stride);
    TURN_ROUND(line, 1)
#if LANES > 2
    TURN_ROUND(line, 2)
#endif
#if LANES > 4
    TURN_ROUND(line, 4)
#endif
    for (size_t r = 0; r < LANES; r++)
        store(to + r * to_stride, line[r]);
}
#else
INLINE void turn_square(const double *from, size_t stride, double *to, size_t to_stride)
{
    for (size_t r = 0; r < LANES; r++)
        for (size_t l = 0; l < LANES; l++)
            to[l * to_stride + r] = from[r * stride + l];
}
#endif

#endif
