/* Part of a fast body (body.h): the functions that touch every coordinate of every support vector.
 *
 * Each is a matrix product with another inner step, and is blocked like one: a tile of rows x vectors of results stays in registers while
 * the common index runs. Support vectors are copied once into the two orders in which the tiles read them:
 *   panels  [ceil(m / PANEL)][d][PANEL]        PANEL support vectors side by side: results are per support vector, i runs
 *   blocks  [ceil(d / BLOCK)] of [m][width]    BLOCK features of every support vector, the last block only as wide as whole registers
 *                                              need: results are per feature, j runs
 * both padded with zeros, whose results are dropped. Distances are sums of squared differences, never |x|^2 - 2xu + |u|^2, whose
 * cancellation costs all digits near a support vector or far from the origin; weights >= 0 make every term of weighted_square >= 0.
 * The j loop is cut in chunks so that a chunk of a block stays in the first-level cache while all rows of the batch pass it. */
#ifndef OCELOT_KERNELS_TILES_H
#define OCELOT_KERNELS_TILES_H

#include <string.h>

#include "kernels/kernels.h"

/* A register of doubles. Elsewhere than with GNU C it is one double, and all that follows is ordinary scalar code. */
#if defined(__GNUC__)
typedef double vector __attribute__((vector_size(LANES * sizeof(double))));
#define INLINE static inline __attribute__((always_inline))
#else
#undef LANES
#define LANES 1
typedef double vector;
#define INLINE static inline
#endif

enum { PANEL = LANES * PANEL_VECTORS, BLOCK = LANES * BLOCK_VECTORS, CHUNK = 256 };

INLINE vector load(const double *from)
{
    vector value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void store(double *to, vector value)
{
    memcpy(to, &value, sizeof value);
}

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Where the blocks begin, in doubles. */
static size_t panels_size(size_t count, size_t size)
{
    return round_up(round_up(count, PANEL) * size, 8);
}

/* No overflow check: the points themselves are in memory, and the copy is at most 2 * PANEL times as large for a single point. */
static size_t packed_bytes(size_t count, size_t size)
{
    return (panels_size(count, size) + count * round_up(size, LANES)) * sizeof(double);
}

/* The features of block k: registers are shared out evenly, so that no last block is too narrow to keep the arithmetic units busy. */
struct span {
    size_t first, width; /* multiples of LANES; the last block's width may reach beyond the features */
};

static size_t blocks_of(size_t size)
{
    return (round_up(size, LANES) + BLOCK - 1) / BLOCK;
}

static struct span block_span(size_t size, size_t k)
{
    size_t vectors = round_up(size, LANES) / LANES, blocks = blocks_of(size), each = vectors / blocks, more = vectors % blocks;
    return (struct span){.first = (k * each + least_of(k, more)) * LANES, .width = (each + (k < more)) * LANES};
}

static void pack(const double *points, size_t count, size_t size, double *panels)
{
    memset(panels, 0, packed_bytes(count, size));
    double *blocks = panels + panels_size(count, size);
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < size; i++)
            panels[j / PANEL * PANEL * size + i * PANEL + j % PANEL] = points[j * size + i];
    for (size_t k = 0; k < blocks_of(size); k++) {
        struct span span = block_span(size, k);
        for (size_t j = 0; j < count; j++)
            memcpy(blocks + span.first * count + j * span.width, points + j * size + span.first,
                   least_of(span.width, size - span.first) * sizeof *points);
    }
}

/* Steps of the inner loops. The compiler inlines them: every use is a constant. */
INLINE vector add_square(vector sum, double x, vector u)
{
    vector t = x - u;
    return sum + t * t;
}

INLINE vector add_product(vector sum, double x, vector u)
{
    return sum + x * u;
}

INLINE vector add_weighted_square(vector sum, double w, vector x, vector u)
{
    vector t = x - u;
    return sum + (w * t) * t;
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

/* out[b][0..n) for `rows` rows against one panel; `rows` is a constant after inlining. */
INLINE void panel_tile(vector (*step)(vector, double, vector), size_t rows, const double *panel, size_t size, const double *x, double *out,
                       size_t stride, size_t n)
{
    vector sum[PANEL_ROWS][PANEL_VECTORS];
    for (size_t b = 0; b < rows; b++)
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            sum[b][v] = (vector){0};
    for (size_t i = 0; i < size; i++) {
        vector u[PANEL_VECTORS];
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            u[v] = load(panel + i * PANEL + v * LANES);
        for (size_t b = 0; b < rows; b++)
            for (size_t v = 0; v < PANEL_VECTORS; v++)
                sum[b][v] = step(sum[b][v], x[b * size + i], u[v]);
    }
    for (size_t b = 0; b < rows; b++) {
        double line[PANEL];
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            store(line + v * LANES, sum[b][v]);
        if (n == PANEL)
            memcpy(out + b * stride, line, sizeof line);
        else
            memcpy(out + b * stride, line, n * sizeof *line);
    }
}

INLINE void over_panels(vector (*step)(vector, double, vector), const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    for (size_t j = 0; j < u->count; j += PANEL) {
        const double *panel = u->panels + j * u->size;
        size_t n = least_of(PANEL, u->count - j), b = 0;
        for (; b + PANEL_ROWS <= rows; b += PANEL_ROWS)
            panel_tile(step, PANEL_ROWS, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
        for (; b + 2 <= rows; b += 2)
            panel_tile(step, 2, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
        for (; b < rows; b++)
            panel_tile(step, 1, panel, u->size, x + b * u->size, out + b * u->count + j, u->count, n);
    }
}

static void squared_distance(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    over_panels(add_square, u, x, rows, out);
}

static void product(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    over_panels(add_product, u, x, rows, out);
}

/* What a chunk of the j loop adds to a tile of results. */
struct block {
    const double *u; /* [chunk][width] of the packed copy */
    const double *x; /* the rows at the block's first feature, or NULL */
    const double *w; /* the rows at the chunk's first weight */
    double *out;     /* the rows at the block's first feature */
    size_t size, count, chunk;
    size_t features; /* of the block, at most its width */
    bool first;      /* the chunk begins the sum */
};

/* `n` <= `vectors` registers' worth of doubles, the rest 0. The copy through memory is only for the last block of a row. */
INLINE void load_line(vector *to, size_t vectors, const double *from, size_t n)
{
    double line[BLOCK] = {0};
    if (n != vectors * LANES)
        from = memcpy(line, from, n * sizeof *line);
    for (size_t v = 0; v < vectors; v++)
        to[v] = load(from + v * LANES);
}

INLINE void store_line(double *to, size_t vectors, const vector *from, size_t n)
{
    double line[BLOCK];
    double *whole = n == vectors * LANES ? to : line;
    for (size_t v = 0; v < vectors; v++)
        store(whole + v * LANES, from[v]);
    if (whole == line)
        memcpy(to, line, n * sizeof *line);
}

/* `rows` and `vectors` are constants after inlining. */
INLINE void block_tile(vector (*step)(vector, double, vector, vector), size_t rows, size_t vectors, const struct block *at, size_t row)
{
    vector sum[BLOCK_ROWS][BLOCK_VECTORS], x[BLOCK_ROWS][BLOCK_VECTORS];
    const double *w = at->w + row * at->count;
    for (size_t b = 0; b < BLOCK_ROWS; b++)
        for (size_t v = 0; v < BLOCK_VECTORS; v++)
            sum[b][v] = x[b][v] = (vector){0};
    for (size_t b = 0; b < rows; b++) {
        if (at->x)
            load_line(x[b], vectors, at->x + (row + b) * at->size, at->features);
        if (!at->first)
            load_line(sum[b], vectors, at->out + (row + b) * at->size, at->features);
    }
    for (size_t j = 0; j < at->chunk; j++) {
        vector u[BLOCK_VECTORS];
        for (size_t v = 0; v < vectors; v++)
            u[v] = load(at->u + (j * vectors + v) * LANES);
        for (size_t b = 0; b < rows; b++)
            for (size_t v = 0; v < vectors; v++)
                sum[b][v] = step(sum[b][v], w[b * at->count + j], x[b][v], u[v]);
    }
    for (size_t b = 0; b < rows; b++)
        store_line(at->out + (row + b) * at->size, vectors, sum[b], at->features);
}

INLINE void block_rows(vector (*step)(vector, double, vector, vector), size_t vectors, const struct block *at, size_t rows)
{
    size_t b = 0;
    for (; b + BLOCK_ROWS <= rows; b += BLOCK_ROWS)
        block_tile(step, BLOCK_ROWS, vectors, at, b);
    for (; b < rows; b++)
        block_tile(step, 1, vectors, at, b);
}

INLINE void over_blocks(vector (*step)(vector, double, vector, vector), const struct ocelot_packed *u, const double *x, const double *w, size_t rows,
                        double *out)
{
    const double *blocks = u->panels + panels_size(u->count, u->size);
    for (size_t k = 0; k < blocks_of(u->size); k++) {
        struct span span = block_span(u->size, k);
        size_t i = span.first, width = span.width;
        for (size_t j = 0; j < u->count; j += CHUNK) {
            struct block at = {.u = blocks + i * u->count + j * width,
                               .x = x ? x + i : NULL,
                               .w = w + j,
                               .size = u->size,
                               .count = u->count,
                               .chunk = least_of(CHUNK, u->count - j),
                               .features = least_of(width, u->size - i),
                               .first = j == 0};
            at.out = out + i;
            if (BLOCK_VECTORS >= 4 && width / LANES == 4)
                block_rows(step, 4, &at, rows);
            else if (BLOCK_VECTORS >= 3 && width / LANES == 3)
                block_rows(step, 3, &at, rows);
            else if (BLOCK_VECTORS >= 2 && width / LANES == 2)
                block_rows(step, 2, &at, rows);
            else
                block_rows(step, 1, &at, rows);
        }
    }
}

static void weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    over_blocks(add_weighted_square, u, x, w, rows, out);
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
