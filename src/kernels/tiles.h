/* Part of a fast body (body.h): the functions that touch every coordinate of every support vector, in double and, for most of them, in float.
 *
 * Each is a matrix product with another inner step, and is blocked like one: a tile of results stays in registers, or next to them, while the common
 * index runs. Support vectors are copied once, into the order in which both kinds of tiles read them,
 *   panels  [ceil(m / PANEL)][d][PANEL]   PANEL support vectors side by side, padded with zeros
 * Results per support vector (panel_tile): PANEL_ROWS x PANEL sums in registers, i runs. Results per feature (column_tile): the weights of
 * COLUMN_ROWS rows for one panel in registers, COLUMN_FEATURES x COLUMN_ROWS registers of sums in the first-level cache, each of them used for PANEL
 * support vectors a visit; in the end the places of a register are added. So no feature is padding, a single row finds one copy of the support
 * vectors in the cache for both passes, and in float every place sums only m / WIDTH terms. Distances are sums of squared differences, never |x|^2 -
 * 2xu + |u|^2, whose cancellation costs all digits near a support vector or far from the origin; weights >= 0 make every term of weighted_square >=
 * 0. */
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

enum { COLUMN_FEATURES = 50 };

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

INLINE vector add_weighted_difference(vector sum, vector w, double x, vector u)
{
    return sum + w * (x - u);
}

INLINE vector add_weighted(vector sum, vector w, double x, vector u)
{
    (void)x;
    return sum + w * u;
}

static void weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    over_columns(add_weighted_difference, u, x, w, rows, out);
}

static void weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    over_columns(add_weighted, u, NULL, w, rows, out);
}

#endif
