/* Part of a fast body (body.h): the functions that touch every coordinate of every support vector, in double and, for most of them, in float.
 *
 * Each is a matrix product with another inner step, and is blocked like one: a tile of rows x vectors of results stays in registers while
 * the common index runs. Support vectors are copied once into the two orders in which the tiles read them:
 *   panels  [ceil(m / PANEL)][d][PANEL]        PANEL support vectors side by side: results are per support vector, i runs
 *   blocks  [ceil(d / BLOCK)] of [m][width]    BLOCK features of every support vector, the last block only as wide as whole registers
 *                                              need: results are per feature, j runs
 * both padded with zeros, whose results are dropped. Distances are sums of squared differences, never |x|^2 - 2xu + |u|^2, whose
 * cancellation costs all digits near a support vector or far from the origin; weights >= 0 make every term of weighted_square >= 0.
 * The j loop is cut in chunks so that a chunk of a block stays in the first-level cache while all rows of the batch pass it; each chunk is summed
 * by itself, which also keeps the rounding of long sums in float small. */
#ifndef OCELOT_KERNELS_TILES_H
#define OCELOT_KERNELS_TILES_H

#include <string.h>

#include "kernels/kernels.h"

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#undef LANES
#define LANES 1
#define INLINE static inline
#endif

enum { CHUNK = 256 };

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Numbers of either precision in one register, for the template. */
#define REAL double
#define OF(name) name
#define WIDTH LANES
#include "kernels/tiles_body.h"
#undef REAL
#undef OF
#undef WIDTH
#define REAL float
#define OF(name) name##_single
#define WIDTH (LANES == 1 ? 1 : 2 * LANES)
#include "kernels/tiles_body.h"
#undef REAL
#undef OF
#undef WIDTH

INLINE vector add_product(vector sum, double x, vector u)
{
    return sum + x * u;
}

static void product(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    over_panels(add_product, u, x, rows, out);
}

INLINE vector add_weighted_difference(vector sum, double w, vector x, vector u)
{
    return sum + w * (x - u);
}

INLINE vector add_weighted(vector sum, double w, vector x, vector u)
{
    (void)x;
    return sum + w * u;
}

static void weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    over_blocks(add_weighted_difference, u, x, w, rows, out);
}

static void weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    over_blocks(add_weighted, u, NULL, w, rows, out);
}

#endif
