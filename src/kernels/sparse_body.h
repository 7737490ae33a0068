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

#include "kernels/rows.h"
#include "kernels/sparse.h"
#include "kernels/squares.h"
#include "kernels/tiles.h"

enum { SPARSE_ROWS = OCELOT_SPARSE_ROWS, SPARSE_VECTORS = SPARSE_ROWS / LANES, SPARSE_BLOCK = OCELOT_SPARSE_BLOCK };

static const double cancels = 1.0 / 1024;

/* Asks for `features` numbers of each of the rows before they are needed: what wide rows cost is the way from the third-level cache. */
INLINE void ask_for(const double *from, size_t features, size_t rows, size_t stride, bool written)
{
#if defined(__GNUC__)
    const size_t line = 8;
    for (size_t b = 0; b < rows; b++)
        for (size_t n = 0; n < features; n += line) {
            if (written)
                __builtin_prefetch(from + b * stride + n, 1);
            else
                __builtin_prefetch(from + b * stride + n, 0);
        }
#else
    (void)from;
    (void)features;
    (void)rows;
    (void)stride;
    (void)written;
#endif
}

/* The features that a row holds into list [d], ascending. Returns their number. */
static size_t list_features(const double *x, size_t size, uint32_t *list)
{
    enum { SOME = 32, AHEAD = 512 };
    size_t count = 0;
    for (size_t i = 0; i < size; i += SOME) {
        if (i + AHEAD + SOME <= size)
            ask_for(x + i + AHEAD, SOME, 1, 0, false);
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

static void hold(const double *x, size_t size, size_t rows, struct ocelot_held *held)
{
    held->start[0] = 0;
    for (size_t b = 0; b < rows; b++)
        held->start[b + 1] = held->start[b] + list_features(x + b * size, size, held->list + held->start[b]);
}

/* What row b of a call holds: `list` receives it where it is not known. */
static const uint32_t *held_by(const struct ocelot_packed *u, const double *x, size_t b, uint32_t *list, size_t *count)
{
    if (u->held) {
        *count = u->held->start[b + 1] - u->held->start[b];
        return u->held->list + u->held->start[b];
    }
    *count = list_features(x + b * u->size, u->size, list);
    return list;
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
    for (size_t b = 0; b < rows; b++, x += u->size, out += u->count) {
        double square = 0;
        size_t count;
        const uint32_t *list = held_by(u, x - b * u->size, b, (void *)u->room, &count);
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

static struct sparse_tile open_tile(const struct ocelot_packed *u, const double *x, const double *w, size_t first, size_t rows)
{
    struct sparse_tile tile = {.s = u->sparse,
                               .x = x ? x + first * u->size : NULL,
                               .w = w + first * u->count,
                               .count = u->count,
                               .size = u->size,
                               .rows = rows,
                               .turned = u->room};
    uint32_t *list = (void *)(u->room + SPARSE_ROWS * u->count);
    for (size_t b = 0; b < SPARSE_ROWS; b++) {
        size_t count = 0;
        tile.next[b] = x && b < rows ? held_by(u, x, first + b, list, &count) : list;
        tile.end[b] = tile.next[b] + count;
        list += count;
    }
    for (size_t j = 0; j < u->count; j++)
        for (size_t b = 0; b < SPARSE_ROWS; b++) {
            double value = b < rows ? tile.w[b * u->count + j] : 0;
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

/* What loops over columns read, in registers. */
struct sparse_columns {
    const uint32_t *column, *unit;
    const double *value, *turned;
};

INLINE vector spread(double value)
{
    return value - (vector){0};
}

/* One column of `length` entries for rows that hold nothing there: t = sign u. Even and odd entries have sums of their own, which do not wait for
 * each other. */
INLINE void run_column(vector (*step)(vector, vector, vector), double sign, struct sparse_columns from, size_t i, size_t length, double *out)
{
    vector sum[2][SPARSE_VECTORS];
    size_t e = from.column[i], end = e + length;
    for (size_t v = 0; v < SPARSE_VECTORS; v++)
        sum[0][v] = sum[1][v] = (vector){0};
    for (; e + 2 <= end; e += 2)
        for (size_t half = 0; half < 2; half++) {
            const double *w = from.turned + from.unit[e + half] * (size_t)SPARSE_ROWS;
            for (size_t v = 0; v < SPARSE_VECTORS; v++)
                sum[half][v] = step(sum[half][v], load(w + v * LANES), spread(sign * from.value[e + half]));
        }
    for (size_t v = 0; e < end && v < SPARSE_VECTORS; v++)
        sum[0][v] = step(sum[0][v], load(from.turned + from.unit[e] * (size_t)SPARSE_ROWS + v * LANES), spread(sign * from.value[e]));
    for (size_t v = 0; v < SPARSE_VECTORS; v++)
        store(out + v * LANES, sum[0][v] + sum[1][v]);
}

/* Columns order[begin..end) of `length` entries, a constant after inlining; OCELOT_SPARSE_SHORT: of any number. */
INLINE void run_columns(vector (*step)(vector, vector, vector), double sign, struct sparse_columns from, const uint8_t *order, size_t begin,
                        size_t end, size_t length, size_t first, double *block)
{
    for (size_t k = begin; k < end; k++) {
        size_t i = first + order[k], entries = length < OCELOT_SPARSE_SHORT ? length : from.column[i + 1] - from.column[i];
        run_column(step, sign, from, i, entries, block + (size_t)order[k] * SPARSE_ROWS);
    }
}

/* The same where t = x - u; `seen` [SPARSE_ROWS] receives the weights met. */
INLINE void run_column_with(vector (*step)(vector, vector, vector), struct sparse_columns from, size_t i, const double *x, double *seen, double *out)
{
    vector sum[2][SPARSE_VECTORS], met[2][SPARSE_VECTORS], at[SPARSE_VECTORS];
    size_t e = from.column[i], end = from.column[i + 1];
    for (size_t v = 0; v < SPARSE_VECTORS; v++) {
        sum[0][v] = sum[1][v] = met[0][v] = met[1][v] = (vector){0};
        at[v] = load(x + v * LANES);
    }
    for (; e + 2 <= end; e += 2)
        for (size_t half = 0; half < 2; half++) {
            const double *w = from.turned + from.unit[e + half] * (size_t)SPARSE_ROWS;
            for (size_t v = 0; v < SPARSE_VECTORS; v++) {
                vector weight = load(w + v * LANES);
                sum[half][v] = step(sum[half][v], weight, at[v] - from.value[e + half]);
                met[half][v] += weight;
            }
        }
    for (; e < end; e++) {
        const double *w = from.turned + from.unit[e] * (size_t)SPARSE_ROWS;
        for (size_t v = 0; v < SPARSE_VECTORS; v++) {
            vector weight = load(w + v * LANES);
            sum[0][v] = step(sum[0][v], weight, at[v] - from.value[e]);
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

/* What the rows hold of the block of features that begins with `first`, into held [SPARSE_BLOCK][SPARSE_ROWS]; marks features that any row holds, and
 * returns their number. */
static size_t take_held(struct sparse_tile *tile, size_t first, double *held, unsigned char *mark)
{
    size_t marked = 0;
    for (size_t b = 0; b < tile->rows; b++)
        for (; tile->next[b] < tile->end[b] && *tile->next[b] < first + SPARSE_BLOCK; tile->next[b]++) {
            size_t i = *tile->next[b], n = i - first;
            if (!mark[n])
                memset(held + n * SPARSE_ROWS, 0, SPARSE_ROWS * sizeof *held);
            marked += !mark[n];
            mark[n] = 1;
            held[n * SPARSE_ROWS + b] = tile->x[b * tile->size + i];
        }
    return marked;
}

/* block [features][SPARSE_ROWS] -> out [rows][...], rows `stride` apart. */
static void turn_back(const double *block, size_t features, size_t rows, double *out, size_t stride)
{
    size_t squares = rows == SPARSE_ROWS ? features - features % LANES : 0;
    for (size_t n = 0; n < squares; n += LANES)
        for (size_t b = 0; b < SPARSE_ROWS; b += LANES)
            turn_square(block + n * SPARSE_ROWS + b, SPARSE_ROWS, out + b * stride + n, stride);
    for (size_t b = 0; b < rows; b++)
        for (size_t n = squares; n < features; n++)
            out[b * stride + n] = block[n * SPARSE_ROWS + b];
}

/* Adds a block's sums to sums [SPARSE_ROWS], four features at once so that they do not wait for each other. */
INLINE void add_sums(const double *block, size_t features, double *sums)
{
    vector sum[4][SPARSE_VECTORS];
    size_t fours = features - features % 4;
    for (size_t k = 0; k < 4; k++)
        for (size_t v = 0; v < SPARSE_VECTORS; v++)
            sum[k][v] = (vector){0};
    for (size_t n = 0; n < fours; n += 4)
        for (size_t k = 0; k < 4; k++)
            for (size_t v = 0; v < SPARSE_VECTORS; v++)
                sum[k][v] += load(block + (n + k) * SPARSE_ROWS + v * LANES);
    for (size_t n = fours; n < features; n++)
        for (size_t v = 0; v < SPARSE_VECTORS; v++)
            sum[0][v] += load(block + n * SPARSE_ROWS + v * LANES);
    for (size_t v = 0; v < SPARSE_VECTORS; v++)
        store(sums + v * LANES, load(sums + v * LANES) + ((sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v])));
}

/* Rows `begin` to begin + rows of a call. `squares`: points without an entry add x^2, else x. */
INLINE void over_columns_of(vector (*step)(vector, vector, vector), double sign, bool squares, const struct ocelot_packed *u, const double *x,
                            const double *w, size_t begin, size_t rows, double *out)
{
    struct sparse_tile tile = open_tile(u, x, w, begin, rows);
    struct sparse_columns from = {u->sparse->column, u->sparse->unit, u->sparse->value, u->room};
    double held[SPARSE_BLOCK * SPARSE_ROWS], block[SPARSE_BLOCK * SPARSE_ROWS], seen[SPARSE_ROWS], sums[SPARSE_ROWS] = {0};
    for (size_t first = 0; first < u->size; first += SPARSE_BLOCK) {
        size_t features = least_of(SPARSE_BLOCK, u->size - first);
        const uint8_t *order = u->sparse->order + first;
        unsigned char mark[SPARSE_BLOCK] = {0};
        ask_for(out + begin * u->size + first, features, rows, u->size, true);
        size_t marked = take_held(&tile, first, held, mark);
        if (marked < features) {
            const uint8_t *shorter = u->sparse->shorter + first / SPARSE_BLOCK * OCELOT_SPARSE_SHORT;
            run_columns(step, sign, from, order, 0, shorter[0], 0, first, block);
            run_columns(step, sign, from, order, shorter[0], shorter[1], 1, first, block);
            run_columns(step, sign, from, order, shorter[1], shorter[2], 2, first, block);
            run_columns(step, sign, from, order, shorter[2], shorter[3], 3, first, block);
            for (size_t k = shorter[3]; k < features; k++)
                if (!mark[order[k]])
                    run_columns(step, sign, from, order, k, k + 1, OCELOT_SPARSE_SHORT, first, block);
        }
        for (size_t n = 0; marked && n < features; n++) {
            const double *at = held + n * SPARSE_ROWS;
            double *to = block + n * SPARSE_ROWS;
            if (!mark[n])
                continue;
            run_column_with(step, from, first + n, at, seen, to);
            for (size_t b = 0; b < rows; b++)
                if (at[b] != 0)
                    to[b] += (squares ? at[b] * at[b] : at[b]) * rest_of(&tile, first + n, b, seen[b]);
        }
        if (u->sums)
            add_sums(block, features, sums);
        turn_back(block, features, rows, out + begin * u->size + first, u->size);
    }
    if (u->sums)
        memcpy(u->sums + begin, sums, rows * sizeof *sums);
}

static void sparse_weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_square, 1, true, u, x, w, b, least_of(SPARSE_ROWS, rows - b), out);
}

static void sparse_weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_linear, -1, false, u, x, w, b, least_of(SPARSE_ROWS, rows - b), out);
}

static void sparse_weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b += SPARSE_ROWS)
        over_columns_of(sparse_linear, 1, false, u, NULL, w, b, least_of(SPARSE_ROWS, rows - b), out);
}

#endif
