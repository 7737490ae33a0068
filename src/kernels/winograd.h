/* Part of a fast body (body.h): 3x3 convolutions of stride 1 or 2 by Winograd's minimal filtering. Tiles of inputs are transformed (tilings.h), at
 * each point the products with the transformed filters are summed over the channels, which is a matrix product [tiles][inputs] x [inputs][outputs]
 * (products.h), and what comes out is transformed back. Every sum has one order, whatever tiles it is computed with.
 *
 * Large tiles multiply less, small ones read fewer weights, which decides where there are many channels and few tiles. */
#ifndef OCELOT_KERNELS_WINOGRAD_H
#define OCELOT_KERNELS_WINOGRAD_H

#include "base/team.h"
#include "kernels/products.h"
#include "kernels/tilings.h"

/* Numbers that a chunk of tiles should take, a part of the second-level cache; the tiles that it has at least; and those that are enough for a thread
 * to read all weights for them, which takes less than passing numbers between caches of threads. */
enum { CHUNK_FLOATS = 262144, CHUNK_TILES = 4 * TILE_ROWS, OWN_TILES = 26 };

/* Reading a weight from beyond the second-level cache takes as long as so many multiplications, transforming a number there and back as long as so
 * many. */
enum { WEIGHT_PRODUCTS = 12, TRANSFORM_PRODUCTS = 12, TAPS = 9 };

/* Back through a stride of 1 the padding is what is left of 2, through one of 2 the first tile begins with the first signal. */
static struct ends ends_of(const struct ocelot_convolution *c, bool transpose)
{
    struct ends ends = {.transpose = transpose, .stride = c->stride[0]};
    ends.inputs = transpose ? c->outputs : c->inputs;
    ends.outputs = transpose ? c->inputs : c->outputs;
    for (int d = 0; d < 2; d++) {
        ends.in[d] = transpose ? c->out[d] : c->in[d];
        ends.out[d] = transpose ? c->in[d] : c->out[d];
        ends.before[d] = transpose ? (2 - c->pad[d]) / c->stride[d] : c->pad[d];
    }
    return ends;
}

static size_t tiles_of(const struct ends *c, int d, const struct tiling *tiling)
{
    return (c->out[d] + tiling->step - 1) / tiling->step;
}

static size_t all_tiles(const struct ends *c, const struct tiling *tiling)
{
    return tiles_of(c, 0, tiling) * tiles_of(c, 1, tiling);
}

/* What a convolution costs, in multiplications: the definition, which back meets every stride-th tap of a line, and with a tiling. */
static size_t plain_cost(const struct ends *c)
{
    size_t numbers = c->out[0] * c->out[1] / (c->transpose ? c->stride * c->stride : 1);
    return TAPS * c->inputs * c->outputs * (numbers + WEIGHT_PRODUCTS);
}

static size_t cost_of(const struct ends *c, const struct tiling *tiling)
{
    size_t products = c->inputs * c->outputs, numbers = c->inputs + c->outputs;
    return tiling->points * (all_tiles(c, tiling) * (products + TRANSFORM_PRODUCTS * numbers) + WEIGHT_PRODUCTS * products);
}

/* The tiling that takes least, or NULL. */
static const struct tiling *tiling_of(const struct ends *c)
{
    const struct tiling *best = NULL;
    for (size_t n = 0; n < sizeof tilings / sizeof *tilings; n++)
        if (tilings[n].stride == c->stride && (c->transpose ? tilings[n].back : tilings[n].forward))
            best = !best || cost_of(c, tilings + n) < cost_of(c, best) ? tilings + n : best;
    return best;
}

/* Back through a stride of 2, tiles begin with a number that one tap alone leads to, as the first one is where one is padded. */
static bool side_is_tiled(const struct ocelot_convolution *c, bool transpose, int d)
{
    return c->kernel[d] == 3 && c->stride[d] == c->stride[0] && c->dilation[d] == 1 && c->pad[d] <= 2 &&
           (!transpose || c->stride[d] == 1 || c->pad[d] == 1);
}

static bool winograd_takes(const struct ocelot_convolution *c, bool transpose)
{
    if (!side_is_tiled(c, transpose, 0) || !side_is_tiled(c, transpose, 1))
        return false;
    const struct ends ends = ends_of(c, transpose);
    const struct tiling *tiling = tiling_of(&ends);
    return tiling && c->groups == 1 && c->inputs % WIDE == 0 && c->outputs % WIDE == 0 && cost_of(&ends, tiling) < plain_cost(&ends);
}

/* How the tiles are done by `threads`: in chunks that go through all steps one after another in the cache of one thread, or, where there
 * are so few tiles that each thread had to read all weights for a few of them only, step by step by all threads. */
struct winograd_course {
    const struct tiling *tiling;
    size_t all, chunk; /* tiles, and those of a chunk */
    bool together;     /* all threads are at the same chunk */
};

/* A chunk: as many tiles as stay in the cache, but enough that the weights are not read too often. */
static struct winograd_course course_of(const struct ends *c, size_t threads)
{
    const struct tiling *tiling = tiling_of(c);
    size_t all = all_tiles(c, tiling), most = CHUNK_FLOATS / tiling->points / (c->inputs + c->outputs);
    bool together = threads > 1 && all / threads < OWN_TILES;
    most = most < CHUNK_TILES ? CHUNK_TILES : most;
    size_t chunks = (all + most - 1) / most;
    chunks = together ? chunks : round_up(chunks, threads);
    size_t chunk = (all + chunks - 1) / chunks;
    return (struct winograd_course){.tiling = tiling, .all = all, .chunk = product_tall(all) ? round_up(chunk, WIDE) : chunk, .together = together};
}

/* From one point's matrix to the next, apart from powers of two, which would meet in the same lines of the cache. */
static size_t point_stride(size_t chunk, size_t channels)
{
    return chunk * channels + WIDE;
}

/* The transformed weights, and whether none of the weights is below zero. */
static size_t winograd_weights(const struct ocelot_convolution *c, bool transpose)
{
    const struct ends ends = ends_of(c, transpose);
    return tiling_of(&ends)->points * c->inputs * c->outputs + 1;
}

/* Whether one vector holds all tiles, which a tall product takes at once. */
static bool fills_a_vector(const struct ends *c, const struct tiling *tiling)
{
    return product_tall(all_tiles(c, tiling)) && all_tiles(c, tiling) <= WIDE;
}

/* Whether the way back takes the weights of the way forward: where it is tiled likewise, in one chunk of a vector's tiles. */
static bool winograd_turns(const struct ocelot_convolution *c)
{
    const struct ends there = ends_of(c, false), back = ends_of(c, true);
    const struct tiling *tiling = tiling_of(&there);
    return winograd_takes(c, false) && winograd_takes(c, true) && tiling->turned && tiling_of(&back) == tiling && fills_a_vector(&there, tiling) &&
           fills_a_vector(&back, tiling);
}

/* Numbers that one chunk takes: inputs and products at all points, and what is found of inputs below zero. */
static size_t chunk_numbers(const struct ends *c, const struct winograd_course *course)
{
    return course->tiling->points * (point_stride(course->chunk, c->inputs) + point_stride(course->chunk, c->outputs)) +
           c->inputs / WIDE * round_up(course->chunk, WIDE);
}

static size_t winograd_scratch(const struct ocelot_convolution *c, bool transpose, size_t threads)
{
    const struct ends ends = ends_of(c, transpose);
    struct winograd_course course = course_of(&ends, threads);
    return chunk_numbers(&ends, &course) * (course.together ? 1 : threads);
}

static struct product product_of(const struct ends *c, const struct tiling *tiling)
{
    return (struct product){.inputs = c->inputs, .outputs = c->outputs, .vectors = product_vectors(all_tiles(c, tiling))};
}

/* weights [outputs][inputs][3][3], or, back, [inputs][outputs][3][3] turned by half a turn, to u [points][product_weight]. */
static void winograd_prepare(const struct ocelot_convolution *given, bool transpose, const float *weights, float *u)
{
    const struct ends ends = ends_of(given, transpose), *c = &ends;
    const struct tiling *tiling = tiling_of(c);
    const struct product product = product_of(c, tiling);
    const size_t matrix = c->inputs * c->outputs;
    bool positive = true;
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < c->inputs; i++) {
            const float *from = weights + TAPS * (transpose ? i * c->outputs + o : o * c->inputs + i);
            double g[TAPS], whole[MOST_POINTS];
            for (size_t n = 0; n < TAPS; n++)
                g[n] = (double)from[transpose ? TAPS - 1 - n : n];
            for (size_t n = 0; n < TAPS; n++)
                positive &= g[n] >= 0;
            tiling->filter(g, whole);
            size_t place = product_weight(&product, i, o);
            for (size_t k = 0; k < tiling->points; k++)
                u[k * matrix + place] = (float)whole[k];
        }
    u[tiling->points * matrix] = positive;
}

/* One convolution at work. */
struct winograd_job {
    const struct ends *c;
    struct winograd_course course;
    const float *u, *bias, *in;
    float *scratch, *out;
    size_t first, count; /* tiles of the chunk at hand, where all threads are at it */
    bool positive;       /* no weight is below zero */
    bool turned;         /* u is of the convolution whose transpose this is */
};

static struct place place_of(const struct winograd_job *job, size_t tile)
{
    size_t across = tiles_of(job->c, 1, job->course.tiling);
    return (struct place){.y = tile / across, .x = tile % across};
}

static float *sums_of(const struct winograd_job *job, float *v)
{
    return v + job->course.tiling->points * point_stride(job->course.chunk, job->c->inputs);
}

/* [inputs / WIDE][chunk], whether a tile of a block has inputs below zero; the first block's become those of all.
 *
 * Sums of what is never below zero, as the rules that keep relevance positive have them, are not either; the transforms, which subtract, could make
 * them so by rounding. */
static float *below_of(const struct winograd_job *job, float *v)
{
    return sums_of(job, v) + job->course.tiling->points * point_stride(job->course.chunk, job->c->outputs);
}

/* The three steps: a block of inputs, a point, a block of outputs, of `count` tiles from `first`, in the scratch v. */
static void enter_block(const struct winograd_job *job, size_t block, size_t first, size_t count, float *v)
{
    const struct ends *c = job->c;
    const float *plane = job->in + block * WIDE * c->in[0] * c->in[1];
    float *below = below_of(job, v) + block * round_up(job->course.chunk, WIDE);
    v += block * job->course.chunk * WIDE;
    for (size_t t = 0; t < count; t++)
        job->course.tiling->enter(c, plane, place_of(job, first + t), v + t * WIDE, point_stride(job->course.chunk, c->inputs),
                                  job->positive ? below + t : NULL);
}

static void join_blocks(const struct winograd_job *job, size_t count, float *v)
{
    const size_t row = round_up(job->course.chunk, WIDE);
    float *below = below_of(job, v);
    for (size_t block = 1; job->positive && block < job->c->inputs / WIDE; block++)
        for (size_t t = 0; t < count; t++)
            below[t] += below[block * row + t];
}

/* Point k; at the next one another thread may have transformed the inputs, where all are at the same chunk. */
static void multiply_point(const struct winograd_job *job, size_t k, size_t count, float *v)
{
    const struct ends *c = job->c;
    const struct tiling *tiling = job->course.tiling;
    const float *u = job->u + k * c->inputs * c->outputs;
    const size_t from = point_stride(job->course.chunk, c->inputs), to = point_stride(job->course.chunk, c->outputs),
                 after = least_of(k + 1, tiling->points - 1);
    const size_t place = job->turned ? tiling->turned(k) : k;
    const float *next = job->course.together ? v + from * (job->turned ? tiling->turned(after) : after) : NULL;
    struct product product = product_of(c, tiling);
    if (!job->turned) {
        multiply(&product, job->course.chunk, count, v + place * from, u, sums_of(job, v) + place * to, next);
        return;
    }
    product.inputs = c->outputs;
    product.outputs = c->inputs;
    multiply_turned(&product, v + place * from, u, sums_of(job, v) + place * to, next);
}

static void leave_block(const struct winograd_job *job, size_t block, size_t first, size_t count, float *v)
{
    const struct ends *c = job->c;
    const float *m = sums_of(job, v) + block * job->course.chunk * WIDE, *bias = job->bias ? job->bias + block * WIDE : NULL;
    const float *below = below_of(job, v);
    float *plane = job->out + block * WIDE * c->out[0] * c->out[1];
    for (size_t t = 0; t < count; t++)
        job->course.tiling->leave(c, m + t * WIDE, point_stride(job->course.chunk, c->outputs), bias, job->positive && below[t] == 0,
                                  place_of(job, first + t), plane);
}

/* As parts that a team shares: whole chunks, or blocks and points of one. */
static void do_chunk(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    float *v = job->scratch + thread * chunk_numbers(job->c, &job->course);
    size_t first = part * job->course.chunk, count = least_of(job->course.chunk, job->course.all - first);
    for (size_t n = 0; n < job->c->inputs / WIDE; n++)
        enter_block(job, n, first, count, v);
    join_blocks(job, count, v);
    for (size_t k = 0; k < job->course.tiling->points; k++)
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

/* A team takes parts from both ends: to either, points come in the order in which their weights stand, so that what is fetched ahead is the next. */
static void do_point(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    size_t points = job->course.tiling->points, half = points / 2;
    (void)thread;
    multiply_point(job, part < half ? part : points + half - 1 - part, job->count, job->scratch);
}

static void do_leave(void *context, size_t part, size_t thread)
{
    const struct winograd_job *job = context;
    (void)thread;
    leave_block(job, part, job->first, job->count, job->scratch);
}

static void winograd(const struct ocelot_convolution *given, bool transpose, bool turned, struct ocelot_team *team, const float *u, const float *bias,
                     const float *in, float *scratch, float *out)
{
    const struct ends ends = ends_of(given, transpose), *c = &ends;
    struct winograd_job job = {.c = c, .course = course_of(c, ocelot_team_threads(team)), .u = u, .bias = bias, .in = in, .turned = turned};
    job.scratch = scratch;
    job.out = out;
    job.positive = u[job.course.tiling->points * c->inputs * c->outputs] != 0;
    size_t all = job.course.all, chunk = job.course.chunk;
    if (!job.course.together) {
        ocelot_team_run(team, (all + chunk - 1) / chunk, do_chunk, &job);
        return;
    }
    for (job.first = 0; job.first < all; job.first += chunk) {
        job.count = least_of(chunk, all - job.first);
        ocelot_team_run(team, c->inputs / WIDE, do_enter, &job);
        join_blocks(&job, job.count, scratch);
        ocelot_team_run(team, job.course.tiling->points, do_point, &job);
        ocelot_team_run(team, c->outputs / WIDE, do_leave, &job);
    }
}

static const struct ocelot_blocked winograd_verbs = {.name = "winograd",
                                                     .takes = winograd_takes,
                                                     .weights = winograd_weights,
                                                     .scratch = winograd_scratch,
                                                     .prepare = winograd_prepare,
                                                     .turns = winograd_turns,
                                                     .convolve = winograd};

#endif
