/* Part of a fast body (body.h): matrix products of numbers in blocks of WIDE channels with weights that are prepared for them, tiled in registers as
 * in tiles.h,
 *
 *   m [outputs / WIDE][chunk][WIDE] = v [inputs / WIDE][chunk][WIDE] u [inputs][outputs]
 *
 * for `count` tiles of a chunk. Weights stand in panels, [inputs / DEPTH][outputs / (vectors WIDE)][DEPTH][vectors WIDE], the last ones as deep and
 * as wide as is left: a panel and the inputs that it meets stay in the first-level cache, where those of all inputs would not, and would keep busy
 * what the next weights must come through. Every sum goes through the inputs in their order, whatever tiles it is computed with. */
#ifndef OCELOT_KERNELS_PRODUCTS_H
#define OCELOT_KERNELS_PRODUCTS_H

#include "kernels/squares.h"

/* Inputs of a panel: in the middle of ResNet18 128 take 10 % less than 256. */
enum { DEPTH = 128 };

struct product {
    size_t inputs, outputs; /* multiples of WIDE */
    size_t vectors;         /* of a panel */
};

/* Whether a single register tile takes all `tiles` where panels are one vector wide, and not where they are two: then each weight is read once. */
static bool product_tall(size_t tiles)
{
    return tiles > TILE_ROWS && tiles <= TALL_ROWS;
}

static size_t product_vectors(size_t tiles)
{
    return product_tall(tiles) ? 1 : 2;
}

/* Where the weight of input i and output o stands. */
static size_t product_weight(const struct product *p, size_t i, size_t o)
{
    size_t above = i / DEPTH * DEPTH, deep = least_of(DEPTH, p->inputs - above);
    size_t before = o / (p->vectors * WIDE) * p->vectors * WIDE, width = least_of(p->vectors * WIDE, p->outputs - before);
    return above * p->outputs + before * deep + (i - above) * width + (o - before);
}

/* What is read after a product: inputs that another thread may have written, in whose cache they stand. */
struct upcoming {
    const float *at, *end;
};

static struct upcoming upcoming_of(const float *at, size_t count)
{
    return (struct upcoming){.at = at, .end = at ? at + count : NULL};
}

/* Asks for `vectors` of it. */
INLINE void fetch_upcoming(struct upcoming *next, size_t vectors)
{
    for (; vectors > 0 && next->at < next->end; vectors--, next->at += WIDE)
        fetch(next->at, true);
}

/* What all register tiles of a panel have in common: blocks of inputs, numbers from one block to the next, those of the next panel that each row of
 * weights has to fetch, at most a row, whether sums of panels above go on, and what is upcoming, with the vectors of it that each block fetches. */
struct panel {
    size_t blocks, stride, step;
    bool more;
    struct upcoming *next;
    size_t share;
};

/* m [vectors][.][WIDE] = v [blocks][.][WIDE] u [blocks WIDE][vectors WIDE] for `rows` tiles side by side; rows and `vectors` are constants after
 * inlining. Tiles of a block stand next to each other, so that all of them have one address. */
INLINE void product_tile(size_t rows, size_t vectors, const struct panel *panel, const float *v, const float *u, const float *ahead, float *m)
{
    const size_t sums = rows * vectors;
    wide sum[2 * TALL_ROWS];
    UNROLLED
    for (size_t s = 0; s < sums; s++)
        sum[s] = panel->more ? load_wide(m + s % vectors * panel->stride + s / vectors * WIDE) : (wide){0};
    for (size_t block = 0; block < panel->blocks; block++, v += panel->stride) {
        fetch_upcoming(panel->next, panel->share);
        for (size_t i = 0; i < WIDE; i++) {
            wide weight[2];
            UNROLLED
            for (size_t n = 0; n < vectors; n++, u += WIDE)
                weight[n] = load_wide(u);
            fetch(ahead, true);
            if (vectors > 1 && panel->step > WIDE)
                fetch(ahead + WIDE, true);
            ahead += panel->step;
            UNROLLED
            for (size_t s = 0; s < sums; s++)
                sum[s] += v[s / vectors * WIDE + i] * weight[s % vectors];
        }
    }
    UNROLLED
    for (size_t s = 0; s < sums; s++)
        store_wide(m + s % vectors * panel->stride + s / vectors * WIDE, sum[s]);
}

/* Register tiles of every height, of one vector and of two. */
#define HEIGHTS_TO_2(X) X(1) X(2)
#define HEIGHTS_TO_4(X) HEIGHTS_TO_2(X) X(3) X(4)
#define HEIGHTS_TO_6(X) HEIGHTS_TO_4(X) X(5) X(6)
#define HEIGHTS_TO_8(X) HEIGHTS_TO_6(X) X(7) X(8)
#define HEIGHTS_TO_14(X) HEIGHTS_TO_8(X) X(9) X(10) X(11) X(12) X(13) X(14)
#define HEIGHTS_TO_16(X) HEIGHTS_TO_14(X) X(15) X(16)
#define HEIGHTS_UP_TO(rows, X) HEIGHTS_TO_##rows(X)
#define HEIGHTS(rows, X) HEIGHTS_UP_TO(rows, X)
#define TALL_TILE(rows)                                                                                                                              \
    static void tall_tile_of_##rows(const struct panel *panel, const float *v, const float *u, const float *ahead, float *m)                         \
    {                                                                                                                                                \
        product_tile(rows, 1, panel, v, u, ahead, m);                                                                                                \
    }
#define WIDE_TILE(rows)                                                                                                                              \
    static void wide_tile_of_##rows(const struct panel *panel, const float *v, const float *u, const float *ahead, float *m)                         \
    {                                                                                                                                                \
        product_tile(rows, 2, panel, v, u, ahead, m);                                                                                                \
    }
HEIGHTS(TALL_ROWS, TALL_TILE)
HEIGHTS(TILE_ROWS, WIDE_TILE)

#define TALL_TILE_OF(rows) [rows] = tall_tile_of_##rows,
#define WIDE_TILE_OF(rows) [rows] = wide_tile_of_##rows,
static void (*const product_tiles[2][TALL_ROWS + 1])(const struct panel *panel, const float *v, const float *u, const float *ahead,
                                                     float *m) = {{HEIGHTS(TALL_ROWS, TALL_TILE_OF)}, {HEIGHTS(TILE_ROWS, WIDE_TILE_OF)}};

static size_t passes_of(size_t vectors, size_t count)
{
    const size_t tallest = vectors == 1 ? TALL_ROWS : TILE_ROWS;
    return (count + tallest - 1) / tallest;
}

/* One panel, by register tiles of about the same height. */
static void multiply_panel(struct panel *panel, size_t vectors, size_t count, const float *v, const float *u, float *m)
{
    const size_t passes = passes_of(vectors, count), deep = panel->blocks * WIDE;
    const float *ahead = u + deep * vectors * WIDE;
    panel->step = (vectors * WIDE + passes - 1) / passes;
    for (size_t t = 0, n = 0; n < passes; n++, ahead += deep * panel->step) {
        size_t rows = (count - t) / (passes - n);
        product_tiles[vectors - 1][rows](panel, v + t * WIDE, u, ahead, m + t * WIDE);
        t += rows;
    }
}

/* What the panels of the inputs from i on, a multiple of DEPTH, add to the outputs from `first` to below `end`, multiples of a panel's width: v
 * begins with these inputs. */
static void multiply_deep(const struct product *p, size_t i, size_t first, size_t end, size_t chunk, size_t count, const float *v, const float *u,
                          float *m, struct upcoming *next)
{
    size_t deep = least_of(DEPTH, p->inputs - i), tiles = (end - first + WIDE) / (p->vectors * WIDE) * passes_of(p->vectors, count);
    struct panel panel = {.blocks = deep / WIDE, .stride = chunk * WIDE, .more = i > 0, .next = next, .share = (chunk + tiles - 1) / tiles};
    u += i * p->outputs + first * deep;
    for (size_t o = first, vectors; o < end; o += vectors * WIDE, u += deep * vectors * WIDE) {
        vectors = least_of(p->vectors, (p->outputs - o) / WIDE);
        multiply_panel(&panel, vectors, count, v, u, m + (o - first) * chunk);
    }
}

/* `next`: the inputs of the product that is done next, which stand likewise, or NULL. */
static void multiply(const struct product *p, size_t chunk, size_t count, const float *v, const float *u, float *m, const float *next)
{
    struct upcoming upcoming = upcoming_of(next, p->inputs * chunk);
    for (size_t i = 0; i < p->inputs; i += DEPTH)
        multiply_deep(p, i, 0, p->outputs, chunk, count, v + i * chunk, u, m, &upcoming);
}

/* The same for one panel of outputs of the transposed product, by the weights of the product whose transpose it is: vectors hold the WIDE tiles of a
 * chunk here, m [WIDE][WIDE] = v [blocks WIDE][WIDE] u, and its weights are squares, [WIDE outputs][WIDE inputs], `stride` apart. */
static void turned_panel(size_t blocks, size_t stride, bool more, const float *v, const float *u, size_t ahead, float *m)
{
    wide sum[WIDE];
    UNROLLED
    for (size_t o = 0; o < WIDE; o++)
        sum[o] = more ? load_wide(m + o * WIDE) : (wide){0};
    for (size_t block = 0; block < blocks; block++, u += stride)
        for (size_t i = 0; i < WIDE; i++, v += WIDE) {
            wide signal = load_wide(v);
            fetch(u + ahead + i * WIDE, true);
            UNROLLED
            for (size_t o = 0; o < WIDE; o++)
                sum[o] += u[o * WIDE + i] * signal;
        }
    UNROLLED
    for (size_t o = 0; o < WIDE; o++)
        store_wide(m + o * WIDE, sum[o]);
}

/* [channels / WIDE][WIDE][WIDE], each square turned in its place. */
static void turn_squares(size_t channels, float *squares)
{
    for (size_t c = 0; c < channels; c += WIDE, squares += (size_t)WIDE * WIDE) {
        const float *line[WIDE];
        for (size_t l = 0; l < WIDE; l++)
            line[l] = squares + l * WIDE;
        turn_wide(line, squares, WIDE);
    }
}

/* The transpose of the tall product `p`, with its weights: v [p->outputs / WIDE][WIDE][WIDE], whose squares it turns, to
 * m [p->inputs / WIDE][WIDE][WIDE], for the WIDE tiles of a chunk. Sums have the order that `multiply` gives them. Weights that are read for one
 * product and for its transpose next are near by still. */
static void multiply_turned(const struct product *p, float *v, const float *u, float *m, const float *next)
{
    const size_t share = (size_t)WIDE * DEPTH / p->inputs + 1;
    struct upcoming upcoming = upcoming_of(next, p->outputs * WIDE);
    turn_squares(p->outputs, v);
    for (size_t i = 0; i < p->inputs; i += DEPTH) {
        size_t deep = least_of(DEPTH, p->inputs - i);
        for (size_t o = 0; o < p->outputs; o += DEPTH) {
            size_t broad = least_of(DEPTH, p->outputs - o);
            for (size_t row = 0; row < deep; row += WIDE) {
                fetch_upcoming(&upcoming, share);
                turned_panel(broad / WIDE, deep * WIDE, o > 0, v + o * WIDE, u + row * WIDE, deep * broad, m + (i + row) * WIDE);
            }
            u += deep * broad;
        }
    }
    turn_squares(p->inputs, m);
}

#endif
