/* Part of a fast body (body.h): distances to points of which most coordinates are 0 (sparse.h), and weighted sums over them. Rows are dense arrays;
 * where they are 0 is looked up as well.
 *
 * Distances: D_j = |x|^2 + |u_j|^2 - 2 x u_j, where only the columns of features that the row holds add to the product. That cancels near a support
 * vector, and magnifies rounding by (|x|^2 + |u|^2) / D: beyond 1024 times D_j is summed anew from differences, feature by feature, which leaves
 * about 1e-13. Each D_j depends on its row and point alone.
 *
 * Sums over points, such as R_i = sum_j w_j (x_i - u_ji)^2: OCELOT_SPARSE_ROWS rows side by side in registers, their weights turned to [m][rows], run
 * down each column, so that every step is a product of neighbours in memory and nothing is scattered. Points that have no entry there share t = x_i:
 *   R_i = sum of w_j (x_i - u_ji)^2 over the column + x_i^2 (W - W_i),   W all weights, W_i those that the column met
 * W - W_i cancels where the column holds nearly all weight, as near a support vector: below 1/1024 of the sum of |w| the others are summed
 * themselves. So weights >= 0 make every term >= 0. Features that no row of the tile holds need no x and no W_i; what is left out is 0 exactly, and a
 * row's numbers do not depend on its neighbours. */
#ifndef OCELOT_KERNELS_SPARSE_BODY_H
#define OCELOT_KERNELS_SPARSE_BODY_H

#include <math.h>

#include "kernels/expected.h"
#include "kernels/rows.h"
#include "kernels/sparse.h"
#include "kernels/tiles.h"

enum { SPARSE_ROWS = OCELOT_SPARSE_ROWS, SPARSE_VECTORS = SPARSE_ROWS / LANES, SPARSE_BLOCK = OCELOT_SPARSE_BLOCK };

static const double cancels = 1.0 / 1024;

/* The features that a row holds into list [d], ascending. Returns their number. */
static size_t list_features(const double *x, size_t size, uint32_t *list)
{
    enum { SOME = 32 };
    size_t count = 0;
    for (size_t i = 0; i < size; i += SOME) {
        uint64_t bits[SOME] = {0}, any = 0;
        size_t n = least_of(SOME, size - i);
        if (n == SOME)
            memcpy(bits, x + i, sizeof bits);
        else
            memcpy(bits, x + i, n * sizeof *bits);
        for (size_t l = 0; l < SOME; l++)
            any |= bits[l];
        for (size_t l = 0; any && l < n; l++)
            if (x[i + l] != 0)
                list[count++] = (uint32_t)(i + l);
    }
    return count;
}

/* D_j by differences, without feature `left_out` (SIZE_MAX: with all). */
static double merged_distance(const struct ocelot_sparse *s, const double *x, const uint32_t *list, size_t count, size_t j, size_t left_out)
{
    double sum = 0;
    size_t e = s->row[j], end = s->row[j + 1];
    for (size_t k = 0; k < count || e < end;) {
        bool mine = k < count && (e == end || list[k] <= s->feature[e]), its = e < end && (k == count || s->feature[e] <= list[k]);
        size_t i = mine ? list[k] : s->feature[e];
        double t = (mine ? x[i] : 0) - (its ? s->coordinate[e] : 0);
        sum += i == left_out ? 0 : t * t;
        k += mine;
        e += its;
    }
    return sum;
}

static void sparse_squared_distance(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    uint32_t *list = (void *)u->room;
    for (; rows > 0; rows--, x += u->size, out += u->count) {
        double square = 0;
        size_t count = list_features(x, u->size, list);
        memset(out, 0, u->count * sizeof *out);
        for (size_t k = 0; k < count; k++) {
            double value = x[list[k]];
            square += value * value;
            for (size_t e = s->column[list[k]]; e < s->column[list[k] + 1]; e++)
                out[s->unit[e]] += value * s->value[e];
        }
        double low = 0;
        for (size_t j = 0; j < u->count; j++) {
            double both = square + s->square[j], squared = both - 2 * out[j];
            out[j] = squared >= both * cancels && squared < (double)INFINITY ? squared : -1;
            low = out[j] < low ? out[j] : low;
        }
        for (size_t j = 0; low < 0 && j < u->count; j++)
            if (out[j] < 0)
                out[j] = merged_distance(s, x, list, count, j, SIZE_MAX);
    }
}

/* Rows of a tile: weights turned, sums of them, and what each holds. */
struct sparse_tile {
    const struct ocelot_sparse *s;
    const double *x, *w; /* [rows][d], [rows][m]; x NULL = all 0 */
    size_t count, size, rows;
    double *turned;                            /* [m][SPARSE_ROWS] */
    double sum[SPARSE_ROWS], all[SPARSE_ROWS]; /* of w, of |w| */
    const uint32_t *next[SPARSE_ROWS], *end[SPARSE_ROWS];
};

static struct sparse_tile open_tile(const struct ocelot_packed *u, const double *x, const double *w, size_t rows)
{
    struct sparse_tile tile = {.s = u->sparse, .x = x, .w = w, .count = u->count, .size = u->size, .rows = rows, .turned = u->room};
    uint32_t *list = (void *)(u->room + SPARSE_ROWS * u->count);
    for (size_t b = 0; b < SPARSE_ROWS; b++) {
        tile.next[b] = tile.end[b] = list;
        if (x && b < rows) {
            list += list_features(x + b * u->size, u->size, list);
            tile.end[b] = list;
        }
    }
    for (size_t j = 0; j < u->count; j++)
        for (size_t b = 0; b < SPARSE_ROWS; b++) {
            double value = b < rows ? w[b * u->count + j] : 0;
            tile.turned[j * SPARSE_ROWS + b] = value;
            tile.sum[b] += value;
            tile.all[b] += fabs(value);
        }
    return tile;
}

INLINE vector sparse_square(vector sum, vector w, vector t)
{
    return sum + (w * t) * t;
}

INLINE vector sparse_linear(vector sum, vector w, vector t)
{
    return sum + w * t;
}

/* One column for rows that hold nothing there: t = sign u. Even and odd entries have sums of their own, which do not wait for each other. */
INLINE void run_column(vector (*step)(vector, vector, vector), double sign, const struct sparse_tile *tile, size_t i, double *out)
{
    const struct ocelot_sparse *s = tile->s;
    vector sum[2][SPARSE_VECTORS];
    size_t e = s->column[i], end = s->column[i + 1];
    for (size_t v = 0; v < SPARSE_VECTORS; v++)
        sum[0][v] = sum[1][v] = (vector){0};
    for (; e + 2 <= end; e += 2)
        for (size_t half = 0; half < 2; half++) {
            const double *w = tile->turned + s->unit[e + half] * (size_t)SPARSE_ROWS;
            vector t = sign * s->value[e + half] - (vector){0};
            for (size_t v = 0; v < SPARSE_VECTORS; v++)
                sum[half][v] = step(sum[half][v], load(w + v * LANES), t);
        }
    for (; e < end; e++) {
        const double *w = tile->turned + s->unit[e] * (size_t)SPARSE_ROWS;
        vector t = sign * s->value[e] - (vector){0};
        for (size_t v = 0; v < SPARSE_VECTORS; v++)
            sum[0][v] = step(sum[0][v], load(w + v * LANES), t);
    }
    for (size_t v = 0; v < SPARSE_VECTORS; v++)
        store(out + v * LANES, sum[0][v] + sum[1][v]);
}

/* The same where t = x - u; `seen` [SPARSE_ROWS] receives the weights met. */
INLINE void run_column_with(vector (*step)(vector, vector, vector), const struct sparse_tile *tile, size_t i, const double *x, double *seen,
                            double *out)
{
    const struct ocelot_sparse *s = tile->s;
    vector sum[2][SPARSE_VECTORS], met[2][SPARSE_VECTORS], at[SPARSE_VECTORS];
    size_t e = s->column[i], end = s->column[i + 1];
    for (size_t v = 0; v < SPARSE_VECTORS; v++) {
        sum[0][v] = sum[1][v] = met[0][v] = met[1][v] = (vector){0};
        at[v] = load(x + v * LANES);
    }
    for (; e + 2 <= end; e += 2)
        for (size_t half = 0; half < 2; half++) {
            const double *w = tile->turned + s->unit[e + half] * (size_t)SPARSE_ROWS;
            for (size_t v = 0; v < SPARSE_VECTORS; v++) {
                vector weight = load(w + v * LANES);
                sum[half][v] = step(sum[half][v], weight, at[v] - s->value[e + half]);
                met[half][v] += weight;
            }
        }
    for (; e < end; e++) {
        const double *w = tile->turned + s->unit[e] * (size_t)SPARSE_ROWS;
        for (size_t v = 0; v < SPARSE_VECTORS; v++) {
            vector weight = load(w + v * LANES);
            sum[0][v] = step(sum[0][v], weight, at[v] - s->value[e]);
            met[0][v] += weight;
        }
    }
    for (size_t v = 0; v < SPARSE_VECTORS; v++) {
        store(seen + v * LANES, met[0][v] + met[1][v]);
        store(out + v * LANES, sum[0][v] + sum[1][v]);
    }
}

/* The weights [m] of points without an entry in column i, one by one. */
static double absent_weight(const struct ocelot_sparse *s, const double *w, size_t count, size_t i)
{
    double sum = 0;
    size_t next = 0;
    for (size_t e = s->column[i]; e < s->column[i + 1]; e++) {
        for (; next < s->unit[e]; next++)
            sum += w[next];
        next++;
    }
    for (; next < count; next++)
        sum += w[next];
    return sum;
}

/* W - W_i of row b. */
static double rest_of(const struct sparse_tile *tile, size_t i, size_t b, double seen)
{
    const struct ocelot_sparse *s = tile->s;
    double rest = tile->sum[b] - seen;
    if (s->column[i + 1] - s->column[i] == tile->count)
        return 0;
    return fabs(rest) >= cancels * tile->all[b] ? rest : absent_weight(s, tile->w + b * tile->count, tile->count, i);
}

/* What the rows hold of the block of features that begins with `first`, into held [SPARSE_BLOCK][SPARSE_ROWS]; marks features that any row holds. */
static void take_held(struct sparse_tile *tile, size_t first, double *held, unsigned char *mark)
{
    for (size_t b = 0; b < tile->rows; b++)
        for (; tile->next[b] < tile->end[b] && *tile->next[b] < first + SPARSE_BLOCK; tile->next[b]++) {
            size_t i = *tile->next[b], n = i - first;
            if (!mark[n])
                memset(held + n * SPARSE_ROWS, 0, SPARSE_ROWS * sizeof *held);
            mark[n] = 1;
            held[n * SPARSE_ROWS + b] = tile->x[b * tile->size + i];
        }
}

/* block [features][SPARSE_ROWS] -> out [rows][...], rows `stride` apart. */
static void turn_back(const double *block, size_t features, size_t rows, double *out, size_t stride)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t n = 0; n < features; n++)
            out[b * stride + n] = block[n * SPARSE_ROWS + b];
}

/* `squares`: points without an entry add x^2, else x. */
INLINE void over_columns_of(vector (*step)(vector, vector, vector), double sign, bool squares, const struct ocelot_packed *u, const double *x,
                            const double *w, size_t rows, double *out)
{
    struct sparse_tile tile = open_tile(u, x, w, rows);
    double held[SPARSE_BLOCK * SPARSE_ROWS], block[SPARSE_BLOCK * SPARSE_ROWS], seen[SPARSE_ROWS];
    for (size_t first = 0; first < u->size; first += SPARSE_BLOCK) {
        size_t features = least_of(SPARSE_BLOCK, u->size - first);
        unsigned char mark[SPARSE_BLOCK] = {0};
        take_held(&tile, first, held, mark);
        for (size_t k = first; k < first + features; k++) {
            size_t i = tile.s->order[k], n = i - first;
            const double *at = held + n * SPARSE_ROWS;
            double *to = block + n * SPARSE_ROWS;
            if (!mark[n]) {
                run_column(step, sign, &tile, i, to);
                continue;
            }
            run_column_with(step, &tile, i, at, seen, to);
            for (size_t b = 0; b < rows; b++)
                if (at[b] != 0)
                    to[b] += (squares ? at[b] * at[b] : at[b]) * rest_of(&tile, i, b, seen[b]);
        }
        turn_back(block, features, rows, out + first, u->size);
    }
}

static void sparse_weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_square, 1, true, u, x + b * u->size, w + b * u->count, least_of(SPARSE_ROWS, rows - b), out + b * u->size);
}

static void sparse_weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_linear, -1, false, u, x + b * u->size, w + b * u->count, least_of(SPARSE_ROWS, rows - b), out + b * u->size);
}

static void sparse_weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_linear, 1, false, u, NULL, w + b * u->count, least_of(SPARSE_ROWS, rows - b), out + b * u->size);
}

/* --- expected values: as in rows.h and expected.h, points without an entry in the column together ---------------------------------- */

/* D' of all points without feature i. */
static void sparse_distances_without(const struct ocelot_packed *u, const double *x, const double *squared, size_t i, const uint32_t *list,
                                     size_t count, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    for (size_t j = 0; j < u->count; j++)
        out[j] = squared[j] - x[i] * x[i];
    for (size_t e = s->column[i]; e < s->column[i + 1]; e++) {
        double t = x[i] - s->value[e];
        out[s->unit[e]] = squared[s->unit[e]] - t * t;
    }
    for (size_t j = 0; j < u->count; j++)
        if (!(out[j] >= squared[j] * cancels))
            out[j] = merged_distance(s, x, list, count, j, i);
}

static void sparse_expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                            const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count,
                            double *scratch, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    uint32_t *list = (void *)u->room;
    size_t held = list_features(x, u->size, list);
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        double sum = 0, weighted = 0;
        sparse_distances_without(u, x, squared, i, list, held, scratch);
        apply_profile(profile, p, scratch, u->count);
        double least = least_phi(scratch, log_weights, u->count);
        for (size_t j = 0; j < u->count; j++) {
            scratch[j] = exponential(log_weights[j] + (least - scratch[j]));
            sum += scratch[j];
        }
        for (size_t e = s->column[i]; e < s->column[i + 1]; e++)
            weighted += scratch[s->unit[e]] * s->value[e];
        out[k] = weighted / sum;
    }
}

static void sparse_expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma,
                                        const double *low, const double *high, const size_t *features, size_t count, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        double sum = 0, weighted = 0, seen = 0;
        if (!(ocelot_expected_reach(x[i], gamma, low[i], high[i]) <= OCELOT_EXPECTED_REACH)) {
            out[k] = (double)NAN;
            continue;
        }
        for (size_t e = s->column[i]; e < s->column[i + 1]; e++) {
            double t = x[i] - s->value[e], share = p[s->unit[e]], weight = share * exponential(gamma * t * t);
            seen += share;
            sum += weight;
            weighted += weight * s->value[e];
        }
        double rest = total - seen;
        if (!(rest >= cancels * total))
            rest = absent_weight(s, p, u->count, i);
        out[k] = weighted / (sum + rest * exponential(gamma * x[i] * x[i]));
    }
}

/* --- the table's functions: whichever copy there is -------------------------------------------------------------------------------- */

static void any_squared_distance(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    (u->sparse ? sparse_squared_distance : squared_distance)(u, x, rows, out);
}

static void any_weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_square : weighted_square)(u, x, w, rows, out);
}

static void any_weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_difference : weighted_difference)(u, x, w, rows, out);
}

static void any_weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_sum : weighted_sum)(u, w, rows, out);
}

static void any_expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                         const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count,
                         double *scratch, double *out)
{
    (u->sparse ? sparse_expected : expected)(u, x, squared, log_weights, profile, p, features, count, scratch, out);
}

static void any_expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma, const double *low,
                                     const double *high, const size_t *features, size_t count, double *out)
{
    (u->sparse ? sparse_expected_from_shares : expected_from_shares)(u, x, p, total, gamma, low, high, features, count, out);
}

#endif
