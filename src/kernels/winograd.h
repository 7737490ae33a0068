/* Part of a fast body (body.h): 3x3 convolutions of stride 1 by Winograd's minimal filtering F(4x4, 3x3), which multiplies 36 times for 16 outputs
 * where the definition does 144 times.
 *
 * A polynomial product of degree 5 is known from its values at six points, here 0, +-a, +-b and infinity (Toom, Cook). Read backwards (the
 * transposition principle) that gives four outputs y of a filter g of three taps on six inputs d,
 *     y = A^T [(G g) . (B^T d)],   M(x) = x (x^2 - a^2) (x^2 - b^2)
 * row p of B^T: the coefficients of M(x) / (x - p), and of M(x) itself for infinity; row p of G: [1, p, p^2] / M'(p), and [0, 0, 1];
 * column p of A^T: [1, p, p^2, p^3], and [0, 0, 0, 1]. In two dimensions each is applied to rows and to columns. Between the transforms the 36
 * products are summed over the channels, which is 36 matrix products [tiles][inputs] x [inputs][outputs], tiled in registers as in tiles.h.
 *
 * Rounding: the transforms add numbers of different size, so errors are those of the largest values in a tile: about five times those of the
 * definition, 5e-7 of the sum of magnitudes with a, b as below. Every sum has one order, whatever tiles it is computed with.
 *
 * Activations are in blocks of WIDE channels, [channels / WIDE][height][width][WIDE]: all that follows works on vectors of channels. */
#ifndef OCELOT_KERNELS_WINOGRAD_H
#define OCELOT_KERNELS_WINOGRAD_H

#include "base/team.h"
#include "kernels/tiles.h"

#if defined(__GNUC__)
enum { WIDE = 2 * LANES };
typedef float wide __attribute__((vector_size(WIDE * sizeof(float))));
#else
enum { WIDE = 1 };
typedef float wide;
#endif

/* Tile of 4 outputs and 6 inputs; the points' squares, and how the tiles of a chunk are chosen. */
enum { STEP = 4, REACH = 6, POINTS = REACH * REACH, CHUNK_TILES = 4 * TILE_ROWS, CHUNK_FLOATS = 262144 };

/* Lower register tiles: TILE_ROWS is even. */
enum { SHORT_ROWS = (2 * TILE_ROWS + 2) / 3, MIDDLE_ROWS = (5 * TILE_ROWS + 5) / 6 };
#define POINT_A 0.70710678118654752440
#define POINT_B 1.41421356237309504880
#define SQUARE_A 0.5
#define SQUARE_B 2.0

INLINE wide load_wide(const float *from)
{
    wide value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void store_wide(float *to, wide value)
{
    memcpy(to, &value, sizeof value);
}

static size_t tiles_of(const struct ocelot_convolution *c, int d)
{
    return (c->out[d] + STEP - 1) / STEP;
}

/* How the tiles of one row are done by `threads`: in chunks that go through all steps one after another in the cache of one thread, or, where there
 * are so few tiles that each thread had to read all weights for a few of them only, step by step by all threads. */
struct winograd_course {
    size_t all, chunk; /* tiles, and those of a chunk, whole register tiles */
    bool together;     /* all threads are at the same chunk */
};

/* A chunk: as many tiles as stay in the second-level cache, but enough that the weights are not read too often. */
static struct winograd_course course_of(const struct ocelot_convolution *c, size_t threads)
{
    size_t all = tiles_of(c, 0) * tiles_of(c, 1), most = CHUNK_FLOATS / POINTS / (c->inputs + c->outputs) * 2;
    bool together = threads > 1 && all / threads < CHUNK_TILES;
    most = most < CHUNK_TILES ? CHUNK_TILES : most;
    size_t chunks = (all + most - 1) / most;
    chunks = together ? chunks : round_up(chunks, threads);
    return (struct winograd_course){.all = all, .chunk = round_up((all + chunks - 1) / chunks, TILE_ROWS), .together = together};
}

/* From one point's matrix to the next, apart from powers of two, which would meet in the same lines of the cache. */
static size_t point_stride(size_t chunk, size_t channels)
{
    return chunk * channels + WIDE;
}

static bool winograd_takes(const struct ocelot_convolution *c)
{
    for (int d = 0; d < 2; d++)
        if (c->kernel[d] != 3 || c->stride[d] != 1 || c->dilation[d] != 1 || c->pad[d] > 2)
            return false;
    return c->groups == 1 && c->inputs % WIDE == 0 && c->outputs % WIDE == 0 && tiles_of(c, 0) * tiles_of(c, 1) >= 12;
}

static size_t winograd_weights(const struct ocelot_convolution *c)
{
    return POINTS * c->inputs * c->outputs;
}

/* Numbers that one chunk takes. */
static size_t chunk_numbers(const struct ocelot_convolution *c, size_t chunk)
{
    return POINTS * (point_stride(chunk, c->inputs) + point_stride(chunk, c->outputs));
}

static size_t winograd_scratch(const struct ocelot_convolution *c, size_t threads)
{
    struct winograd_course course = course_of(c, threads);
    return chunk_numbers(c, course.chunk) * (course.together ? 1 : threads);
}

/* G g: six values of three taps `stride` apart. */
static void filter_line(const double *g, size_t stride, double *out, size_t out_stride)
{
    const double a = SQUARE_A, b = SQUARE_B, whole = g[0], odd = g[stride], even = g[2 * stride];
    const double na = 2 * a * (a - b), nb = 2 * b * (b - a);
    out[0] = whole / (a * b);
    out[out_stride] = (whole + POINT_A * odd + a * even) / na;
    out[2 * out_stride] = (whole - POINT_A * odd + a * even) / na;
    out[3 * out_stride] = (whole + POINT_B * odd + b * even) / nb;
    out[4 * out_stride] = (whole - POINT_B * odd + b * even) / nb;
    out[5 * out_stride] = even;
}

/* weights [outputs][inputs][3][3], or, where `mirrored`, [inputs][outputs][3][3] turned by half a turn, to
 * u [36][outputs / (2 WIDE)][inputs][2 WIDE], the last panel as wide as is left. */
static void winograd_prepare(const struct ocelot_convolution *c, bool mirrored, const float *weights, float *u)
{
    const size_t panel = 2 * (size_t)WIDE, matrix = c->inputs * c->outputs;
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < c->inputs; i++) {
            const float *from = weights + 9 * (mirrored ? i * c->outputs + o : o * c->inputs + i);
            double g[9], half[18], whole[POINTS];
            for (size_t n = 0; n < 9; n++)
                g[n] = (double)from[mirrored ? 8 - n : n];
            for (size_t x = 0; x < 3; x++)
                filter_line(g + x, 3, half + x, 3);
            for (size_t y = 0; y < REACH; y++)
                filter_line(half + 3 * y, 1, whole + REACH * y, 1);
            size_t first = o / panel * panel, width = least_of(panel, c->outputs - first);
            for (size_t k = 0; k < POINTS; k++)
                u[k * matrix + first * c->inputs + i * width + (o - first)] = (float)whole[k];
        }
}

/* B^T d, in place. */
INLINE void input_line(wide *d, size_t stride)
{
    const float a = (float)SQUARE_A, b = (float)SQUARE_B, root_a = (float)POINT_A, root_b = (float)POINT_B;
    wide d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride], d5 = d[5 * stride];
    wide even_a = d4 - b * d2, odd_a = root_a * (d3 - b * d1), even_b = d4 - a * d2, odd_b = root_b * (d3 - a * d1);
    d[0] = a * b * d0 - (a + b) * d2 + d4;
    d[stride] = even_a + odd_a;
    d[2 * stride] = even_a - odd_a;
    d[3 * stride] = even_b + odd_b;
    d[4 * stride] = even_b - odd_b;
    d[5 * stride] = a * b * d1 - (a + b) * d3 + d5;
}

/* A^T m: four outputs into the first four. */
INLINE void output_line(wide *m, size_t stride)
{
    const float a = (float)SQUARE_A, b = (float)SQUARE_B, root_a = (float)POINT_A, root_b = (float)POINT_B;
    wide sum_a = m[stride] + m[2 * stride], odd_a = root_a * (m[stride] - m[2 * stride]);
    wide sum_b = m[3 * stride] + m[4 * stride], odd_b = root_b * (m[3 * stride] - m[4 * stride]);
    m[0] = m[0] + sum_a + sum_b;
    m[stride] = odd_a + odd_b;
    m[2 * stride] = a * sum_a + b * sum_b;
    m[3 * stride] = a * odd_a + b * odd_b + m[5 * stride];
}

/* The first input that a tile sees, minus the padding; may lie before the input. */
struct corner {
    size_t y, x; /* of the outputs */
};

static struct corner corner_of(const struct ocelot_convolution *c, size_t tile)
{
    size_t across = tiles_of(c, 1);
    return (struct corner){.y = tile / across * STEP, .x = tile % across * STEP};
}

/* One tile of one block of channels, transformed, to `v`, points `stride` apart. */
static void enter_tile(const struct ocelot_convolution *c, const float *plane, struct corner at, float *v, size_t stride)
{
    wide d[POINTS];
    for (size_t y = 0; y < REACH; y++)
        for (size_t x = 0; x < REACH; x++) {
            size_t down = at.y + y - c->pad[0], right = at.x + x - c->pad[1]; /* before the input: wraps to more than there is */
            d[y * REACH + x] = down < c->in[0] && right < c->in[1] ? load_wide(plane + (down * c->in[1] + right) * WIDE) : (wide){0};
        }
    for (size_t x = 0; x < REACH; x++)
        input_line(d + x, REACH);
    for (size_t y = 0; y < REACH; y++)
        input_line(d + y * REACH, 1);
    for (size_t k = 0; k < POINTS; k++)
        store_wide(v + k * stride, d[k]);
}

/* One tile of one block of outputs, from the products `m`, points `stride` apart. */
static void leave_tile(const struct ocelot_convolution *c, const float *m, size_t stride, const float *bias, struct corner at, float *plane)
{
    wide y[POINTS], offset = bias ? load_wide(bias) : (wide){0};
    size_t rows = least_of(STEP, c->out[0] - at.y), columns = least_of(STEP, c->out[1] - at.x);
    for (size_t k = 0; k < POINTS; k++)
        y[k] = load_wide(m + k * stride);
    for (size_t x = 0; x < REACH; x++)
        output_line(y + x, REACH);
    for (size_t n = 0; n < STEP; n++)
        output_line(y + n * REACH, 1);
    for (size_t n = 0; n < rows; n++)
        for (size_t x = 0; x < columns; x++)
            store_wide(plane + ((at.y + n) * c->out[1] + at.x + x) * WIDE, y[n * REACH + x] + offset);
}

/* Weights are read in order, and more of them than the caches hold: what comes some lines later is asked for now. */
INLINE void fetch_ahead(const float *weights)
{
#if defined(__GNUC__)
    __builtin_prefetch((const unsigned char *)weights + 1536);
#else
    (void)weights;
#endif
}

/* m [rows][outputs] of one panel = v [rows][inputs] u [inputs][vectors WIDE]; rows and `vectors` are constants after inlining. */
INLINE void product_tile(const struct ocelot_convolution *c, size_t rows, size_t vectors, const float *v, const float *u, float *m)
{
    wide sum[TILE_ROWS][2];
    for (size_t b = 0; b < rows; b++)
        sum[b][0] = sum[b][1] = (wide){0};
    for (size_t i = 0; i < c->inputs; i++) {
        wide weight[2];
        for (size_t n = 0; n < vectors; n++) {
            weight[n] = load_wide(u + (i * vectors + n) * WIDE);
            fetch_ahead(u + (i * vectors + n) * WIDE);
        }
        for (size_t b = 0; b < rows; b++)
            for (size_t n = 0; n < vectors; n++)
                sum[b][n] += v[b * c->inputs + i] * weight[n];
    }
    for (size_t b = 0; b < rows; b++)
        for (size_t n = 0; n < vectors; n++)
            store_wide(m + b * c->outputs + n * WIDE, sum[b][n]);
}

/* Tiles of one panel, `rows` in a register tile. */
INLINE void product_panel(const struct ocelot_convolution *c, size_t rows, size_t vectors, size_t count, const float *v, const float *u, float *m)
{
    for (size_t t = 0; t < count; t += rows)
        product_tile(c, rows, vectors, v + t * c->inputs, u, m + t * c->outputs);
}

/* All products of one point and `count` tiles, in register tiles of about the same height, so that few of their rows are empty. */
static void products(const struct ocelot_convolution *c, size_t count, const float *v, const float *u, float *m)
{
    const size_t panel = 2 * (size_t)WIDE, registers = (count + TILE_ROWS - 1) / TILE_ROWS, rows = (count + registers - 1) / registers;
    for (size_t o = 0; o < c->outputs; o += panel, u += panel * c->inputs, m += panel)
        if (c->outputs - o < panel)
            product_panel(c, TILE_ROWS, 1, count, v, u, m);
        else if (rows <= SHORT_ROWS)
            product_panel(c, SHORT_ROWS, 2, count, v, u, m);
        else if (rows <= MIDDLE_ROWS)
            product_panel(c, MIDDLE_ROWS, 2, count, v, u, m);
        else
            product_panel(c, TILE_ROWS, 2, count, v, u, m);
}

/* One convolution at work. */
struct winograd_job {
    const struct ocelot_convolution *c;
    struct winograd_course course;
    const float *u, *bias, *in;
    float *scratch, *out;
    size_t first, count; /* tiles of the chunk at hand, where all threads are at it */
};

/* The three steps: a block of inputs, a point, a block of outputs, of `count` tiles from `first`, in the scratch v. */
static void enter_block(const struct winograd_job *job, size_t block, size_t first, size_t count, float *v)
{
    const struct ocelot_convolution *c = job->c;
    for (size_t t = 0; t < count; t++)
        enter_tile(c, job->in + block * WIDE * c->in[0] * c->in[1], corner_of(c, first + t), v + t * c->inputs + block * WIDE,
                   point_stride(job->course.chunk, c->inputs));
}

static float *sums_of(const struct winograd_job *job, float *v)
{
    return v + POINTS * point_stride(job->course.chunk, job->c->inputs);
}

static void multiply_point(const struct winograd_job *job, size_t k, size_t count, float *v)
{
    const struct ocelot_convolution *c = job->c;
    products(c, count, v + k * point_stride(job->course.chunk, c->inputs), job->u + k * c->inputs * c->outputs,
             sums_of(job, v) + k * point_stride(job->course.chunk, c->outputs));
}

static void leave_block(const struct winograd_job *job, size_t block, size_t first, size_t count, float *v)
{
    const struct ocelot_convolution *c = job->c;
    for (size_t t = 0; t < count; t++)
        leave_tile(c, sums_of(job, v) + t * c->outputs + block * WIDE, point_stride(job->course.chunk, c->outputs),
                   job->bias ? job->bias + block * WIDE : NULL, corner_of(c, first + t), job->out + block * WIDE * c->out[0] * c->out[1]);
}

/* As parts that a team shares: whole chunks, or blocks and points of one. */
static void do_chunk(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    float *v = job->scratch + thread * chunk_numbers(job->c, job->course.chunk);
    size_t first = part * job->course.chunk, count = least_of(job->course.chunk, job->course.all - first);
    for (size_t n = 0; n < job->c->inputs / WIDE; n++)
        enter_block(job, n, first, count, v);
    for (size_t k = 0; k < POINTS; k++)
        multiply_point(job, k, count, v);
    for (size_t n = 0; n < job->c->outputs / WIDE; n++)
        leave_block(job, n, first, count, v);
}

static void do_enter(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    (void)thread;
    enter_block(job, part, job->first, job->count, job->scratch);
}

static void do_point(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    (void)thread;
    multiply_point(job, part, job->count, job->scratch);
}

static void do_leave(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    (void)thread;
    leave_block(job, part, job->first, job->count, job->scratch);
}

/* Tiles behind the last one of a chunk, up to a whole register tile, are computed from what is there and dropped. */
static void winograd(const struct ocelot_convolution *c, struct ocelot_team *team, const float *u, const float *bias, const float *in, float *scratch,
                     float *out)
{
    struct winograd_job job = {.c = c, .course = course_of(c, ocelot_team_threads(team)), .u = u, .bias = bias, .in = in};
    job.scratch = scratch;
    job.out = out;
    size_t all = job.course.all, chunk = job.course.chunk;
    if (!job.course.together) {
        ocelot_team_run(team, (all + chunk - 1) / chunk, do_chunk, &job);
        return;
    }
    for (job.first = 0; job.first < all; job.first += chunk) {
        job.count = least_of(chunk, all - job.first);
        ocelot_team_run(team, c->inputs / WIDE, do_enter, &job);
        ocelot_team_run(team, POINTS, do_point, &job);
        ocelot_team_run(team, c->outputs / WIDE, do_leave, &job);
    }
}

static const struct ocelot_winograd winograd_verbs = {.block = WIDE,
                                                      .takes = winograd_takes,
                                                      .weights = winograd_weights,
                                                      .scratch = winograd_scratch,
                                                      .prepare = winograd_prepare,
                                                      .convolve = winograd};

#endif
