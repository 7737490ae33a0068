/* Part of a fast body (body.h): convolutions of any kernel and stride, forward and back, as matrix products (products.h): what the pixels of a chunk
 * see is gathered, one vector for each tap and block of inputs, a panel's inputs at a time, which stay in the first-level cache.
 *
 * Pixels form classes, all of which see the same taps: forward there is one; back, where pixels that are `stride` apart do, there is one for each
 * remainder of y and of x, and no tap is multiplied with what is not there. Every sum has one order, whatever chunk it is computed with. */
#ifndef OCELOT_KERNELS_GATHERED_H
#define OCELOT_KERNELS_GATHERED_H

#include "base/team.h"
#include "kernels/products.h"

/* Pixels of a chunk at most, and those that are enough for a thread to read all weights for them; and what a direction must have to be done so:
 * weights, and outputs, of which each number that is gathered meets all. */
enum { GATHERED_PIXELS = 4 * TILE_ROWS, GATHERED_OWN = 64, GATHERED_WEIGHTS = 196608, GATHERED_OUTPUTS = 128 };

/* One dimension of a class: its pixels q < count are those at first + q step, and tap k < taps, which is that of the kernel at tap + k apart, sees
 * what stands at q move + offset + k along. Numbers below zero wrap. */
struct gathered_axis {
    size_t count, first, step, taps, tap, apart, move, offset, along;
};

/* One direction: channels and extents of what is read and what is written, and classes in each dimension. */
struct gathered_way {
    const struct ocelot_convolution *c;
    bool transpose;
    size_t inputs, outputs, from[2], to[2], classes[2];
};

static struct gathered_way gathered_way_of(const struct ocelot_convolution *c, bool transpose)
{
    struct gathered_way way = {.c = c, .transpose = transpose};
    way.inputs = transpose ? c->outputs : c->inputs;
    way.outputs = transpose ? c->inputs : c->outputs;
    for (int d = 0; d < 2; d++) {
        way.from[d] = transpose ? c->out[d] : c->in[d];
        way.to[d] = transpose ? c->in[d] : c->out[d];
        way.classes[d] = transpose ? least_of(c->stride[d], c->in[d]) : 1;
    }
    return way;
}

static struct gathered_axis axis_of(const struct gathered_way *way, int d, size_t remainder)
{
    const struct ocelot_convolution *c = way->c;
    size_t stride = c->stride[d], reach = remainder + c->pad[d], tap = reach % stride;
    if (!way->transpose)
        return (struct gathered_axis){
            .count = c->out[d], .step = 1, .taps = c->kernel[d], .apart = 1, .move = stride, .offset = (size_t)0 - c->pad[d], .along = 1};
    return (struct gathered_axis){.count = (c->in[d] - remainder + stride - 1) / stride,
                                  .first = remainder,
                                  .step = stride,
                                  .taps = tap < c->kernel[d] ? (c->kernel[d] - tap + stride - 1) / stride : 0,
                                  .tap = tap,
                                  .apart = stride,
                                  .move = 1,
                                  .offset = reach / stride,
                                  .along = (size_t)-1};
}

/* A class: its dimensions, taps and pixels, and where its weights begin. */
struct gathered_class {
    struct gathered_axis down, across;
    size_t taps, pixels, weights;
};

static size_t classes_of(const struct gathered_way *way)
{
    return way->classes[0] * way->classes[1];
}

static struct gathered_class class_of(const struct gathered_way *way, size_t number)
{
    struct gathered_class class = {.weights = 0};
    for (size_t n = 0; n <= number; n++) {
        class.weights += class.taps * way->inputs * way->outputs;
        class.down = axis_of(way, 0, n / way->classes[1]);
        class.across = axis_of(way, 1, n % way->classes[1]);
        class.taps = class.down.taps * class.across.taps;
        class.pixels = class.down.count * class.across.count;
    }
    return class;
}

static struct product class_product(const struct gathered_way *way, const struct gathered_class *class)
{
    return (struct product){.inputs = class->taps * way->inputs, .outputs = way->outputs, .vectors = product_vectors(class->pixels)};
}

/* How the pixels of each class are shared out: in chunks, and, where threads had to read all weights for a few pixels only, in slices of outputs. */
struct gathered_course {
    size_t chunk, chunks, slice, slices;
    size_t stride; /* of a chunk: apart from powers of two, which would meet in the same lines of the cache */
};

static struct gathered_course gathered_course_of(const struct gathered_way *way, size_t threads)
{
    struct gathered_course course = {.slice = way->outputs};
    size_t pixels = class_of(way, 0).pixels; /* no class has more */
    bool few = pixels / threads < GATHERED_OWN;
    course.chunks = (pixels + GATHERED_PIXELS - 1) / GATHERED_PIXELS;
    course.chunks = few ? course.chunks : round_up(course.chunks, threads);
    course.chunk = (pixels + course.chunks - 1) / course.chunks;
    course.slice = few ? round_up((way->outputs + threads - 1) / threads, (size_t)2 * WIDE) : way->outputs;
    course.slices = (way->outputs + course.slice - 1) / course.slice;
    course.stride = course.chunk | 1;
    return course;
}

static size_t gathered_weights(const struct ocelot_convolution *c, bool transpose)
{
    (void)transpose;
    return c->kernel[0] * c->kernel[1] * c->inputs * c->outputs;
}

/* Where the pixels of a class are one chunk, every weight is read once, and what takes time is to have the next ones there; elsewhere there is
 * nothing to be gained that gathering would not take. */
static bool gathered_takes(const struct ocelot_convolution *c, bool transpose)
{
    struct gathered_way way = gathered_way_of(c, transpose);
    return c->groups == 1 && c->inputs % WIDE == 0 && c->outputs % WIDE == 0 && c->dilation[0] == 1 && c->dilation[1] == 1 &&
           class_of(&way, 0).pixels <= GATHERED_PIXELS && way.outputs >= GATHERED_OUTPUTS && gathered_weights(c, transpose) >= GATHERED_WEIGHTS;
}

/* Numbers that one thread needs: what is gathered for a panel, and sums. */
static size_t gathered_numbers(const struct gathered_course *course)
{
    return (DEPTH + course->slice) * course->stride;
}

static size_t gathered_scratch(const struct ocelot_convolution *c, bool transpose, size_t threads)
{
    struct gathered_way way = gathered_way_of(c, transpose);
    struct gathered_course course = gathered_course_of(&way, threads);
    return gathered_numbers(&course) * threads;
}

/* weights [outputs][inputs][kernel] as in convolution.h to u [product_weight]; inputs of the product are [blocks of inputs][taps][WIDE]. */
static void prepare_class(const struct gathered_way *way, const struct gathered_class *class, const float *weights, float *u)
{
    const struct ocelot_convolution *c = way->c;
    const struct product product = class_product(way, class);
    const struct gathered_axis *down = &class->down, *across = &class->across;
    for (size_t o = 0; o < way->outputs; o++)
        for (size_t i = 0; i < way->inputs; i++) {
            const float *pair = weights + (way->transpose ? i * c->inputs + o : o * c->inputs + i) * c->kernel[0] * c->kernel[1];
            for (size_t k = 0; k < class->taps; k++) {
                size_t y = down->tap + k / across->taps * down->apart, x = across->tap + k % across->taps * across->apart;
                u[product_weight(&product, (i / WIDE * class->taps + k) * WIDE + i % WIDE, o)] = pair[y * c->kernel[1] + x];
            }
        }
}

static void gathered_prepare(const struct ocelot_convolution *c, bool transpose, const float *weights, float *u)
{
    struct gathered_way way = gathered_way_of(c, transpose);
    for (size_t n = 0; n < classes_of(&way); n++) {
        struct gathered_class class = class_of(&way, n);
        prepare_class(&way, &class, weights, u + class.weights);
    }
}

/* One convolution at work. */
struct gathered_job {
    struct gathered_way way;
    struct gathered_course course;
    const float *u, *bias, *in;
    float *scratch, *out;
};

/* Pixels of a class. */
struct pixels {
    const struct gathered_class *class;
    size_t first, count;
};

/* What `count` pixels side by side see in a row, the first of them at column `at`, which may be before it. */
static void gather_row(const float *row, size_t width, size_t at, size_t move, size_t count, float *v)
{
    size_t n = 0;
    for (; n < count && at >= width; n++, at += move)
        store_wide(v + n * WIDE, (wide){0});
    for (; n < count && at < width; n++, at += move)
        store_wide(v + n * WIDE, load_wide(row + at * WIDE));
    for (; n < count; n++)
        store_wide(v + n * WIDE, (wide){0});
}

/* What pixels see at a tap of a block of inputs: v [pixels][WIDE]. */
static void gather_tap(const struct gathered_way *way, const struct pixels *pixels, size_t tap, const float *plane, float *v)
{
    const struct gathered_axis *down = &pixels->class->down, *across = &pixels->class->across;
    size_t y = pixels->first / across->count, x = pixels->first % across->count, run;
    size_t row = down->offset + tap / across->taps * down->along, column = across->offset + tap % across->taps * across->along;
    for (size_t n = 0; n < pixels->count; n += run, x = 0, y++) {
        size_t at = y * down->move + row;
        run = least_of(across->count - x, pixels->count - n);
        if (at < way->from[0])
            gather_row(plane + at * way->from[1] * WIDE, way->from[1], x * across->move + column, across->move, run, v + n * WIDE);
        else
            memset(v + n * WIDE, 0, run * WIDE * sizeof *v);
    }
}

/* Sums m [pixels][WIDE] of a block of outputs to where the pixels are. */
static void leave_pixels(const struct gathered_job *job, const struct pixels *pixels, size_t block, const float *m)
{
    const struct gathered_axis *down = &pixels->class->down, *across = &pixels->class->across;
    const size_t height = job->way.to[0], width = job->way.to[1];
    const wide bias = job->bias ? load_wide(job->bias + block * WIDE) : (wide){0};
    float *plane = job->out + block * WIDE * height * width;
    size_t y = pixels->first / across->count, x = pixels->first % across->count;
    for (size_t n = 0; n < pixels->count; n++) {
        size_t to = (down->first + y * down->step) * width + across->first + x * across->step;
        store_wide(plane + to * WIDE, load_wide(m + n * WIDE) + bias);
        x = x + 1 == across->count ? 0 : x + 1;
        y += x == 0;
    }
}

/* Outputs from `first` to below `end`, of some pixels. */
static void convolve_pixels(const struct gathered_job *job, const struct pixels *pixels, size_t first, size_t end, float *v)
{
    const struct gathered_class *class = pixels->class;
    const struct product product = class_product(&job->way, class);
    const size_t stride = job->course.stride, plane = job->way.from[0] * job->way.from[1] * WIDE;
    float *m = v + DEPTH * stride;
    struct upcoming none = {NULL, NULL};
    if (class->taps == 0)
        memset(m, 0, (end - first) * stride * sizeof *m);
    for (size_t i = 0; i < product.inputs; i += DEPTH) {
        for (size_t n = i / WIDE; n < least_of(i + DEPTH, product.inputs) / WIDE; n++)
            gather_tap(&job->way, pixels, n % class->taps, job->in + n / class->taps * plane, v + (n * WIDE - i) * stride);
        multiply_deep(&product, i, first, end, stride, pixels->count, v, job->u + class->weights, m, &none);
    }
    for (size_t o = first; o < end; o += WIDE)
        leave_pixels(job, pixels, o / WIDE, m + (o - first) * stride);
}

/* A part for a team: a slice of a chunk of a class. The last class may have the most taps: a team, which takes parts from both ends, begins with it.
 */
static void do_pixels(void *context, size_t part, size_t thread)
{
    const struct gathered_job *job = context;
    const struct gathered_course *course = &job->course;
    const size_t classes = classes_of(&job->way), chunk = part % course->chunks, turn = part / course->chunks % classes;
    const size_t slice = part / course->chunks / classes;
    const struct gathered_class class = class_of(&job->way, slice % 2 ? turn : classes - 1 - turn);
    struct pixels pixels = {.class = &class, .first = chunk * course->chunk};
    if (pixels.first >= class.pixels)
        return;
    pixels.count = least_of(course->chunk, class.pixels - pixels.first);
    convolve_pixels(job, &pixels, slice * course->slice, least_of((slice + 1) * course->slice, job->way.outputs),
                    job->scratch + thread * gathered_numbers(course));
}

static void gathered(const struct ocelot_convolution *c, bool transpose, bool turned, struct ocelot_team *team, const float *u, const float *bias,
                     const float *in, float *scratch, float *out)
{
    struct gathered_job job = {.way = gathered_way_of(c, transpose), .u = u, .bias = bias, .in = in};
    (void)turned;
    job.course = gathered_course_of(&job.way, ocelot_team_threads(team));
    job.scratch = scratch;
    job.out = out;
    ocelot_team_run(team, classes_of(&job.way) * job.course.chunks * job.course.slices, do_pixels, &job);
}

static const struct ocelot_blocked gathered_verbs = {.name = "gathered",
                                                     .takes = gathered_takes,
                                                     .weights = gathered_weights,
                                                     .scratch = gathered_scratch,
                                                     .prepare = gathered_prepare,
                                                     .convolve = gathered};

#endif
