#include "svm/kernel_rows.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* Columns of a piece, a multiple of every body's panel, and rows of a tile, a multiple of the rows that they take at a time: both together stay in
 * the first-level cache from product to sum (48 x 24 kernel values, 24 x d coordinates). GATHERED are rows that are copied side by side at a time,
 * and a piece is packed for. ALIGN is in doubles. From LEAST_SINGLE features on, products take longer than what is made of
 * them. SAMPLED rows say where the middle is. */
enum { PIECE = 48, TILE = 24, ALIGN = 8, GATHERED = 2048, BATCH = OCELOT_KERNEL_ROWS_BATCH, LEAST_SINGLE = 32, SAMPLED = 256 };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t aligned(size_t doubles)
{
    return (doubles + ALIGN - 1) / ALIGN * ALIGN;
}

static struct ocelot_packed piece_of(const struct ocelot_kernel_rows *rows, size_t first)
{
    size_t at = rows->kept ? first / PIECE * rows->stride : 0;
    return (struct ocelot_packed){
        .points = rows->points + first * rows->d, .count = least_of(PIECE, rows->n - first), .size = rows->d, .panels = rows->packed + at};
}

/* x [d], counted from the center. */
static void round_row(const struct ocelot_kernel_rows *rows, const double *x, float *to)
{
    for (size_t i = 0; i < rows->d; i++)
        to[i] = (float)(x[i] - rows->center[i]);
}

static void pack(const struct ocelot_kernel_rows *rows, size_t first)
{
    size_t at = rows->kept ? first / PIECE * rows->stride : 0, count = least_of(PIECE, rows->n - first);
    const double *points = rows->points + first * rows->d;
    if (rows->single) {
        for (size_t k = 0; k < count; k++)
            round_row(rows, points + k * rows->d, rows->rounded + k * rows->d);
        rows->kernels->single->pack(rows->rounded, count, rows->d, (void *)(rows->packed + at));
    } else {
        rows->kernels->pack(points, count, rows->d, rows->packed + at);
    }
}

/* |x - center|^2, in several sums side by side: additions to a single one would wait for each other. */
static double square(const double *x, const double *center, size_t d)
{
    enum { PARTS = 8 };
    double part[PARTS] = {0}, sum = 0;
    size_t i = 0;
    for (; i + PARTS <= d; i += PARTS)
        for (size_t l = 0; l < PARTS; l++)
            part[l] += (x[i + l] - center[i + l]) * (x[i + l] - center[i + l]);
    for (; i < d; i++)
        sum += (x[i] - center[i]) * (x[i] - center[i]);
    for (size_t l = 0; l < PARTS; l++)
        sum += part[l];
    return sum;
}

/* The mean of a few rows, which are `step` apart. */
static void find_center(const struct ocelot_kernel_rows *rows, size_t step, double *center)
{
    size_t count = (rows->n + step - 1) / step;
    memset(center, 0, rows->d * sizeof *center);
    for (size_t k = 0; k < rows->n; k += step)
        for (size_t i = 0; i < rows->d; i++)
            center[i] += rows->points[k * rows->d + i] / (double)count;
}

/* Fills norms, and sets `direct` where they are too large or the kernel too steep near 0. */
static void measure(struct ocelot_kernel_rows *rows)
{
    rows->direct = rows->direct || (rows->profile != &ocelot_profile_rbf && rows->profile != &ocelot_profile_student);
    for (size_t k = 0; !rows->direct && k < rows->n; k++) {
        rows->norms[k] = square(rows->points + k * rows->d, rows->center, rows->d);
        rows->direct = !rows->single && !(rows->parameters.gamma * rows->norms[k] <= OCELOT_KERNEL_ROWS_REACH);
    }
}

enum ocelot_status ocelot_kernel_rows_start(struct ocelot_kernel_rows *rows, bool keep, struct ocelot_error *err)
{
    size_t columns = least_of(PIECE, rows->n), pieces = keep ? (rows->n + PIECE - 1) / PIECE : 1, tile = (size_t)TILE * PIECE, total, x, rounded;
    size_t bytes = (rows->single ? rows->kernels->single->packed_bytes : rows->kernels->packed_bytes)(columns, rows->d);
    rows->kept = keep;
    rows->stride = aligned((bytes + sizeof(double) - 1) / sizeof(double));
    rows->gathered = keep || rows->n < BATCH ? BATCH : least_of(GATHERED, rows->n);
    bool fits = ocelot_size_multiply(pieces, rows->stride, &total) && ocelot_size_multiply(rows->gathered, rows->d, &x) &&
                ocelot_size_multiply(columns, rows->d, &rounded);
    x = fits ? aligned(rows->single ? x / 2 + 1 : x) : 0;
    rounded = fits && rows->single ? aligned((rounded + tile) / 2 + 1) : 0;
    fits = fits && ocelot_size_add(total, x, &total) && ocelot_size_add(total, rounded, &total) &&
           ocelot_size_add(total, tile + rows->gathered + ALIGN, &total) && ocelot_size_add(total, rows->n, &total) &&
           ocelot_size_add(total, rows->d, &total);
    rows->block = fits ? ocelot_allocate(total, sizeof *rows->block) : NULL;
    if (!rows->block)
        return ocelot_fail_memory(err, "kernel values");
    rows->packed = rows->block + (ALIGN - (uintptr_t)rows->block / sizeof(double) % ALIGN) % ALIGN;
    rows->tile = rows->packed + pieces * rows->stride;
    rows->x = rows->tile + tile;
    rows->rounded = (void *)(rows->tile + tile + x);
    rows->center = rows->tile + tile + x + rounded;
    rows->norms = rows->center + rows->d;
    if (rows->single)
        find_center(rows, 1 + rows->n / SAMPLED, rows->center);
    measure(rows);
    for (size_t first = 0; keep && first < rows->n; first += PIECE)
        pack(rows, first);
    return OCELOT_OK;
}

double ocelot_kernel_rows_single_error(const struct ocelot_kernel_rows *rows)
{
    size_t step = 1 + rows->n / SAMPLED;
    double most = 0, *center = rows->x;
    if (rows->direct || !rows->kernels->single || rows->d < LEAST_SINGLE)
        return (double)INFINITY;
    find_center(rows, step, center);
    for (size_t k = 0; k < rows->n; k += step)
        most = fmax(most, square(rows->points + k * rows->d, center, rows->d));
    return (double)FLT_EPSILON * rows->parameters.gamma * most * sqrt((double)rows->d);
}

void ocelot_kernel_rows_release(struct ocelot_kernel_rows *rows)
{
    free(rows->block);
    rows->block = NULL;
}

/* Rows side by side. */
static void gather(const struct ocelot_kernel_rows *rows, const size_t *index, size_t count)
{
    float *single = rows->x;
    double *x = rows->x;
    for (size_t b = 0; b < count; b++) {
        const double *row = rows->queries + index[b] * rows->d;
        if (rows->single)
            round_row(rows, row, single + b * rows->d);
        else
            memcpy(x + b * rows->d, row, rows->d * sizeof *x);
        if (!rows->direct)
            rows->norms[rows->n + b] = rows->norms[index[b]];
    }
}

/* Squared distances of `count` gathered rows from b on to the piece that begins with row `first`, by products in float. */
static void single_tile(const struct ocelot_kernel_rows *rows, const struct ocelot_packed *piece, size_t first, size_t b, size_t count)
{
    const struct ocelot_packed_single u = {piece->count, piece->size, (const void *)piece->panels};
    float *products = rows->rounded + least_of(PIECE, rows->n) * rows->d;
    rows->kernels->single->product(&u, (const float *)rows->x + b * rows->d, count, products);
    rows->kernels->single->distances_of_products(products, rows->norms + rows->n + b, count, rows->norms + first, piece->count, rows->tile);
}

static void double_tile(const struct ocelot_kernel_rows *rows, const struct ocelot_packed *piece, size_t first, size_t b, size_t count)
{
    const double *x = (const double *)rows->x + b * rows->d;
    (rows->direct ? rows->kernels->squared_distance : rows->kernels->product)(piece, x, count, rows->tile);
    if (!rows->direct)
        rows->kernels->distances_of_products(rows->tile, rows->norms + rows->n + b, count, rows->norms + first, piece->count);
}

/* The tile [count][columns] of gathered rows from b on against the piece that begins with row `first`. */
static void fill_tile(const struct ocelot_kernel_rows *rows, const struct ocelot_packed *piece, size_t first, size_t b, size_t count)
{
    (rows->single ? single_tile : double_tile)(rows, piece, first, b, count);
    rows->kernels->profile(rows->profile, rows->parameters, rows->tile, count * piece->count);
    rows->kernels->decay(rows->tile, count * piece->count);
}

void ocelot_kernel_rows_fetch(const struct ocelot_kernel_rows *rows, const size_t *index, size_t count, float *const *out)
{
    gather(rows, index, count);
    for (size_t first = 0; first < rows->n; first += PIECE) {
        struct ocelot_packed piece = piece_of(rows, first);
        for (size_t b = 0, group; b < count; b += group) {
            group = least_of(TILE, count - b);
            fill_tile(rows, &piece, first, b, group);
            for (size_t r = 0; r < group; r++)
                for (size_t j = 0; j < piece.count; j++)
                    out[b + r][first + j] = (float)rows->tile[r * piece.count + j];
        }
    }
}

/* The gathered rows against one piece. */
static void add_piece(const struct ocelot_kernel_rows *rows, size_t first, const double *weights, size_t count, double *sum)
{
    struct ocelot_packed piece = piece_of(rows, first);
    for (size_t b = 0, group; b < count; b += group) {
        group = least_of(TILE, count - b);
        fill_tile(rows, &piece, first, b, group);
        rows->kernels->add_scaled(rows->tile, weights + b, group, piece.count, sum + first);
    }
}

bool ocelot_kernel_rows_add(const struct ocelot_kernel_rows *rows, const size_t *index, const double *weights, size_t count, double *sum)
{
    double whole = (double)count * (double)rows->n;
    for (size_t b = 0; b < count; b += rows->gathered) {
        size_t batch = least_of(rows->gathered, count - b);
        gather(rows, index + b, batch);
        for (size_t first = 0; first < rows->n; first += PIECE) {
            if (!ocelot_pace_go(rows->pace, ((double)b * (double)rows->n + (double)batch * (double)first) / whole))
                return false;
            if (!rows->kept && (b == 0 || rows->n > PIECE)) /* a single piece is there already */
                pack(rows, first);
            add_piece(rows, first, weights + b, batch, sum);
        }
    }
    return true;
}
