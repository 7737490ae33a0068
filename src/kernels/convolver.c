#include "kernels/convolver.h"

#include <string.h>

#include "kernels/engine.h"

enum { ALIGNMENT = 64 };

/* Slices of the channels that a direction writes, which the engine does one by one: two from LEAST channels on, SLICES from MANY, in whole blocks of
 * any kind. They are the same whatever the number of threads, and cost one thread 2 %. */
enum { SLICES = 4, LEAST = 32, MANY = 256, WHOLE = 16 };

/* What is prepared: offsets from its start in bytes, 0 = not there. */
struct prepared {
    size_t narrow;                                         /* weights of the way back to few channels */
    size_t blocked[2];                                     /* weights of ways in blocks, forward and back, which may be the same */
    size_t forward_slice[SLICES], transpose_slice[SLICES]; /* the engine's: all of a direction's slices or none */
    size_t slice_scratch[2];                               /* numbers that a thread needs, forward and back */
};

/* The channels from `first` on that one slice writes, as a convolution of its own. */
struct slice {
    struct ocelot_convolution c;
    size_t first;
};

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t slices_of(const struct ocelot_convolution *c, bool transpose)
{
    size_t channels = transpose ? c->inputs : c->outputs;
    return c->groups > 1 || channels < LEAST ? 1 : channels < MANY ? 2 : SLICES;
}

static struct slice slice_of(const struct ocelot_convolution *c, bool transpose, size_t number)
{
    size_t channels = transpose ? c->inputs : c->outputs, count = slices_of(c, transpose), whole = (channels + WHOLE - 1) / WHOLE;
    struct slice slice = {.c = *c, .first = whole * number / count * WHOLE};
    size_t end = number + 1 == count ? channels : whole * (number + 1) / count * WHOLE;
    *(transpose ? &slice.c.inputs : &slice.c.outputs) = end - slice.first;
    return slice;
}

static unsigned way_of(bool transpose)
{
    return transpose ? OCELOT_ENGINE_TRANSPOSE : OCELOT_ENGINE_FORWARD;
}

/* The way in blocks that a direction is prepared for: where both ends stand in blocks of the vectors, and one takes it; else NULL. */
static const struct ocelot_blocked *blocked_of(const struct ocelot_convolver *v, bool transpose)
{
    const struct ocelot_kernels *kernels = v->kernels;
    bool may = kernels->block && v->c.in_block == kernels->block && v->c.out_block == kernels->block && (transpose ? v->transpose : v->forward);
    for (const struct ocelot_blocked *const *way = kernels->blocked; may && *way; way++)
        if ((*way)->takes(&v->c, transpose))
            return *way;
    return NULL;
}

/* Whether the way back takes what is prepared for the way forward. */
static bool turns(const struct ocelot_convolver *v)
{
    const struct ocelot_blocked *way = blocked_of(v, false);
    return way && way == blocked_of(v, true) && way->turns && way->turns(&v->c);
}

/* Whether the way back leads to few channels. */
static bool by_narrow(const struct ocelot_convolver *v)
{
    return v->transpose && v->kernels->narrow && v->kernels->narrow->takes(&v->c);
}

bool ocelot_convolver_splits(const struct ocelot_convolver *v)
{
    return by_narrow(v);
}

static bool by_engine(const struct ocelot_convolver *v, bool transpose)
{
    return (transpose ? v->transpose && !by_narrow(v) : v->forward) && !blocked_of(v, transpose);
}

/* Lays out a direction's slices from `at`; returns where they end. None where the engine does not take them. */
static size_t lay_out_slices(const struct ocelot_convolver *v, bool transpose, size_t at, size_t *offset)
{
    size_t end = at;
    for (size_t k = 0; k < slices_of(&v->c, transpose); k++) {
        struct slice slice = slice_of(&v->c, transpose, k);
        size_t bytes = ocelot_engine_bytes(&slice.c, way_of(transpose));
        if (bytes == 0) {
            memset(offset, 0, SLICES * sizeof *offset);
            return at;
        }
        offset[k] = end;
        end += bytes;
    }
    return end;
}

/* Lays out what is prepared; returns its size. */
static size_t lay_out(const struct ocelot_convolver *v, struct prepared *p)
{
    size_t at = aligned(sizeof *p);
    *p = (struct prepared){0};
    if (by_narrow(v)) {
        p->narrow = at;
        at += aligned(v->kernels->narrow->bytes(&v->c, v->split));
    }
    for (int transpose = 0; transpose < 2; transpose++) {
        const struct ocelot_blocked *way = transpose && turns(v) ? NULL : blocked_of(v, transpose);
        p->blocked[transpose] = way ? at : 0;
        at += way ? aligned(way->weights(&v->c, transpose) * sizeof(float)) : 0;
    }
    p->blocked[true] = turns(v) ? p->blocked[false] : p->blocked[true];
    at = by_engine(v, false) ? lay_out_slices(v, false, at, p->forward_slice) : at;
    return by_engine(v, true) ? lay_out_slices(v, true, at, p->transpose_slice) : at;
}

size_t ocelot_convolver_bytes(const struct ocelot_convolver *v)
{
    struct prepared p;
    return lay_out(v, &p);
}

static size_t in_size(const struct ocelot_convolution *c)
{
    return c->groups * c->inputs * c->in[0] * c->in[1];
}

static size_t out_size(const struct ocelot_convolution *c)
{
    return c->groups * c->outputs * c->out[0] * c->out[1];
}

/* Numbers of scratch that one slice may need. */
static size_t slice_scratch(const struct ocelot_convolver *v, bool transpose)
{
    size_t most = 0;
    for (size_t k = 0; by_engine(v, transpose) && k < slices_of(&v->c, transpose); k++) {
        struct slice slice = slice_of(&v->c, transpose, k);
        size_t one = ocelot_engine_scratch(&slice.c, way_of(transpose));
        most = one > most ? one : most;
    }
    return (most + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t threads_of(const struct ocelot_convolver *v)
{
    return v->threads ? v->threads : 1;
}

size_t ocelot_convolver_scratch(const struct ocelot_convolver *v)
{
    const struct ocelot_convolution *c = &v->c;
    size_t threads = threads_of(v), most = ocelot_convolution_scratch(c) + (c->in_block > 1 ? in_size(c) : 0) + (c->out_block > 1 ? out_size(c) : 0);
    size_t narrow = by_narrow(v) ? v->kernels->narrow->scratch(c) * threads : 0;
    most = narrow > most ? narrow : most;
    for (int transpose = 0; transpose < 2; transpose++) {
        const struct ocelot_blocked *way = blocked_of(v, transpose);
        size_t one = way ? way->scratch(c, transpose, threads) : slice_scratch(v, transpose) * threads;
        most = one > most ? one : most;
    }
    return most;
}

static void prepare_slices(const struct ocelot_convolver *v, bool transpose, const float *weights, const size_t *offset, unsigned char *base)
{
    const struct ocelot_convolution *c = &v->c;
    for (size_t k = 0; k < SLICES && offset[k]; k++) {
        struct slice slice = slice_of(c, transpose, k);
        size_t one = c->kernel[0] * c->kernel[1] * (transpose ? 1 : c->inputs);
        ocelot_engine_prepare(&slice.c, way_of(transpose), weights + slice.first * one, c->inputs, base + offset[k]);
    }
}

void ocelot_convolver_prepare(const struct ocelot_convolver *v, const float *weights, void *memory)
{
    struct prepared *p = memory;
    unsigned char *base = memory;
    lay_out(v, p);
    if (p->narrow)
        v->kernels->narrow->prepare(&v->c, v->split, weights, base + p->narrow);
    for (int transpose = 0; transpose < 2; transpose++)
        if (p->blocked[transpose] && !(transpose && turns(v)))
            blocked_of(v, transpose)->prepare(&v->c, transpose, weights, (float *)(void *)(base + p->blocked[transpose]));
    p->slice_scratch[false] = slice_scratch(v, false);
    p->slice_scratch[true] = slice_scratch(v, true);
    prepare_slices(v, false, weights, p->forward_slice, base);
    prepare_slices(v, true, weights, p->transpose_slice, base);
}

void ocelot_convolver_release(void *memory)
{
    struct prepared *p = memory;
    for (size_t k = 0; p && k < SLICES; k++) {
        if (p->forward_slice[k])
            ocelot_engine_release((unsigned char *)memory + p->forward_slice[k]);
        if (p->transpose_slice[k])
            ocelot_engine_release((unsigned char *)memory + p->transpose_slice[k]);
    }
}

const char *ocelot_convolver_implementation(const struct ocelot_convolver *v, bool transpose)
{
    struct slice slice = slice_of(&v->c, transpose, 0);
    const struct ocelot_blocked *way = blocked_of(v, transpose);
    if (way)
        return way->name;
    if (transpose && by_narrow(v))
        return "narrow";
    const char *name = by_engine(v, transpose) ? ocelot_engine_implementation(&slice.c, transpose) : "";
    return *name ? name : "matrices";
}

/* One direction by the engine. */
struct engine_job {
    const struct ocelot_convolver *v;
    const struct prepared *prepared;
    const float *bias, *in;
    float *scratch, *out;
    size_t thread_scratch;
    bool transpose, done[SLICES];
};

static void do_slice(void *context, size_t part, size_t thread)
{
    struct engine_job *job = context;
    const struct ocelot_convolution *c = &job->v->c;
    struct slice slice = slice_of(c, job->transpose, part);
    const void *prepared =
        (const unsigned char *)job->prepared + (job->transpose ? job->prepared->transpose_slice : job->prepared->forward_slice)[part];
    float *scratch = job->scratch + thread * job->thread_scratch;
    float *out = job->out + slice.first * (job->transpose ? c->in[0] * c->in[1] : c->out[0] * c->out[1]);
    job->done[part] = job->transpose ? ocelot_engine_transpose(&slice.c, prepared, job->in, scratch, out)
                                     : ocelot_engine_forward(&slice.c, prepared, job->bias ? job->bias + slice.first : NULL, job->in, scratch, out);
}

/* False where the engine has not done it. */
static bool run_engine(struct engine_job *job, struct ocelot_team *team)
{
    size_t count = slices_of(&job->v->c, job->transpose);
    bool fine = job->prepared && (job->transpose ? job->prepared->transpose_slice : job->prepared->forward_slice)[0] != 0;
    if (!fine)
        return false;
    job->thread_scratch = job->prepared->slice_scratch[job->transpose];
    ocelot_team_run(team, count, do_slice, job);
    for (size_t k = 0; k < count; k++)
        fine &= job->done[k];
    return fine;
}

/* False where no way in blocks is prepared. */
static bool run_blocked(const struct ocelot_convolver *v, bool transpose, struct ocelot_team *team, const struct prepared *p, const float *bias,
                        const float *in, float *scratch, float *out)
{
    const struct ocelot_blocked *way = p && p->blocked[transpose] ? blocked_of(v, transpose) : NULL;
    if (way)
        way->convolve(&v->c, transpose, transpose && p->blocked[true] == p->blocked[false], team,
                      (const void *)((const unsigned char *)p + p->blocked[transpose]), bias, in, scratch, out);
    return way != NULL;
}

/* From blocks of `block` channels to plain ones, and back. */
static void leave_blocks(size_t channels, size_t plane, size_t block, const float *from, float *to)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < plane; n++)
            to[c * plane + n] = from[(c / block * plane + n) * block + c % block];
}

static void enter_blocks(size_t channels, size_t plane, size_t block, const float *from, float *to)
{
    for (size_t first = 0; first < channels; first += block)
        for (size_t n = 0; n < plane; n++)
            for (size_t c = 0; c < block; c++)
                to[first * plane + n * block + c] = from[(first + c) * plane + n];
}

void ocelot_convolver_forward(const struct ocelot_convolver *v, struct ocelot_team *team, const void *prepared, const float *weights,
                              const float *bias, const float *in, float *scratch, float *out)
{
    const struct ocelot_convolution *c = &v->c;
    const struct prepared *p = prepared;
    if (run_blocked(v, false, team, p, bias, in, scratch, out))
        return;
    struct engine_job job = {.v = v, .prepared = p, .bias = bias, .in = in, .scratch = scratch, .out = out};
    if (run_engine(&job, team))
        return;
    float *plain_in = scratch, *plain_out = plain_in + (c->in_block > 1 ? in_size(c) : 0), *rest = plain_out + (c->out_block > 1 ? out_size(c) : 0);
    if (c->in_block > 1)
        leave_blocks(c->groups * c->inputs, c->in[0] * c->in[1], c->in_block, in, plain_in);
    ocelot_convolution_forward_f32(c, weights, bias, c->in_block > 1 ? plain_in : in, rest, c->out_block > 1 ? plain_out : out);
    if (c->out_block > 1)
        enter_blocks(c->groups * c->outputs, c->out[0] * c->out[1], c->out_block, plain_out, out);
}

void ocelot_convolver_transpose(const struct ocelot_convolver *v, struct ocelot_team *team, const void *prepared, const float *weights,
                                const float *s, float *scratch, float *back, float *below)
{
    const struct ocelot_convolution *c = &v->c;
    const struct prepared *p = prepared;
    if (run_blocked(v, true, team, p, NULL, s, scratch, back))
        return;
    if (p && p->narrow) {
        v->kernels->narrow->transpose(c, team, (const unsigned char *)prepared + p->narrow, s, scratch, back, below);
        return;
    }
    struct engine_job job = {.v = v, .prepared = p, .in = s, .scratch = scratch, .out = back, .transpose = true};
    if (run_engine(&job, team))
        return;
    float *plain_s = scratch, *plain_back = plain_s + (c->out_block > 1 ? out_size(c) : 0), *rest = plain_back + (c->in_block > 1 ? in_size(c) : 0);
    if (c->out_block > 1)
        leave_blocks(c->groups * c->outputs, c->out[0] * c->out[1], c->out_block, s, plain_s);
    ocelot_convolution_transpose_f32(c, weights, c->out_block > 1 ? plain_s : s, rest, c->in_block > 1 ? plain_back : back);
    if (c->in_block > 1)
        enter_blocks(c->groups * c->inputs, c->in[0] * c->in[1], c->in_block, plain_back, back);
}
