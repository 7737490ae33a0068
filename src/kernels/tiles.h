/* Part of a fast body (body.h): the functions that touch every coordinate of every support vector, in double and, for most of them, in float.
 *
 * Each is a matrix product with another inner step, and is blocked like one: a tile of results stays in registers, or next to them, while the common
 * index runs. Support vectors are copied once, into the order in which both kinds of tiles read them,
 *   panels  [ceil(m / PANEL)][d][PANEL]   PANEL support vectors side by side, padded with zeros; then their squared norms
 * Results per support vector (panel_tile): PANEL_ROWS x PANEL sums in registers, i runs. Results per feature (column_tile): the weights of
 * COLUMN_ROWS rows for one panel in registers, COLUMN_FEATURES x COLUMN_ROWS registers of sums in the first-level cache, each of them used for PANEL
 * support vectors a visit; in the end the places of a register are added. So no feature is padding, a single row finds one copy of the support
 * vectors in the cache for both passes, and in float every place sums only m / WIDTH terms.
 *
 * Distances: with S = |x|^2 + |u|^2, D = S - 2 xu is one operation a term where sum (x_i - u_i)^2 is two. With v = epsilon / 2, d v S at most is what
 * rounding does to the norms, d v S to 2 xu (|2 xu| <= S), v S to S itself and v D to the difference: |error of D| <= (d + 1) epsilon S, and about
 * sqrt(d) in place of d. So D stands only where D >= CANCELS S, which keeps its relative error below (d + 1) epsilon / CANCELS, while epsilon itself
 * is usual, S being about D. All else - near a support vector, far from the origin, what is not finite - is the sum of squared differences, chosen
 * for each row and support vector by themselves, whatever tile they fall in. Where one in a hundred pairs of support vectors cancels itself, as all
 * do that lie far from the origin beside what they are apart, most tiles would hold such a distance, and none is expanded.
 *
 * Shares by squared differences (weighted_square) are never expanded: with weights >= 0 every term is >= 0, and no sum can cancel. */
#ifndef OCELOT_KERNELS_TILES_H
#define OCELOT_KERNELS_TILES_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#undef LANES
#define LANES 1
#define INLINE static inline
#endif

/* Before each loop over sums that are to stay in registers: GCC 12 decides what does before it unrolls loops of its own accord, and sends an array
 * with one loop left over it through memory at both ends of a tile, which takes up to a sixth of its time. */
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLLED _Pragma("GCC unroll 64")
#else
#define UNROLLED
#endif

enum {
    COLUMN_FEATURES = 50,
    EXPANDED_ROWS = 192, /* whose norms are found at a time */
    LEAST_EXPANDED = 8   /* features */
};

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
#define WHOLE int64_t
#define WIDTH LANES
#define CANCELS OCELOT_CANCELS
#define MOST DBL_MAX
#include "kernels/tiles_body.h"
#undef REAL
#undef OF
#undef WHOLE
#undef WIDTH
#undef CANCELS
#undef MOST
#define REAL float
#define OF(name) name##_single
#define WHOLE int32_t
#define WIDTH (LANES == 1 ? 1 : 2 * LANES)
#define CANCELS OCELOT_CANCELS_SINGLE
#define MOST FLT_MAX
#include "kernels/tiles_body.h"
#undef REAL
#undef OF
#undef WHOLE
#undef WIDTH
#undef CANCELS
#undef MOST

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
