#include "kernels/convolver.h"

#include <string.h>

#include "kernels/engine.h"

enum { ALIGNMENT = 64 };

/* What is prepared: offsets from its start in bytes, 0 = not there. */
struct prepared {
    size_t forward, transpose; /* Winograd's weights */
    size_t engine;
};

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Whether Winograd's transforms do a direction: both ends stand in blocks of its vectors, and it has work enough. */
static bool quick(const struct ocelot_convolver *v, const struct ocelot_convolution *c)
{
    return v->winograd && c->in_block == v->winograd->block && c->out_block == v->winograd->block && v->winograd->takes(c);
}

/* The directions left to the engine. */
static unsigned ways_of(const struct ocelot_convolver *v)
{
    struct ocelot_convolution mirror = ocelot_convolution_mirror(&v->c);
    unsigned ways = v->forward && !quick(v, &v->c) ? OCELOT_ENGINE_FORWARD : 0;
    return ways | (v->transpose && !quick(v, &mirror) ? OCELOT_ENGINE_TRANSPOSE : 0);
}

/* Lays out what is prepared; returns its size. */
static size_t lay_out(const struct ocelot_convolver *v, struct prepared *p)
{
    struct ocelot_convolution mirror = ocelot_convolution_mirror(&v->c);
    size_t at = aligned(sizeof *p), engine = ocelot_engine_bytes(&v->c, ways_of(v));
    *p = (struct prepared){0};
    if (v->forward && quick(v, &v->c)) {
        p->forward = at;
        at += aligned(v->winograd->weights(&v->c) * sizeof(float));
    }
    if (v->transpose && quick(v, &mirror)) {
        p->transpose = at;
        at += aligned(v->winograd->weights(&mirror) * sizeof(float));
    }
    p->engine = engine ? at : 0;
    return at + engine;
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

size_t ocelot_convolver_scratch(const struct ocelot_convolver *v)
{
    const struct ocelot_convolution *c = &v->c;
    struct ocelot_convolution mirror = ocelot_convolution_mirror(c);
    size_t most = ocelot_convolution_scratch(c) + (c->in_block > 1 ? in_size(c) : 0) + (c->out_block > 1 ? out_size(c) : 0);
    size_t others[3] = {ocelot_engine_scratch(c, ways_of(v)), quick(v, c) ? v->winograd->scratch(c) : 0,
                        quick(v, &mirror) ? v->winograd->scratch(&mirror) : 0};
    for (size_t k = 0; k < 3; k++)
        most = others[k] > most ? others[k] : most;
    return most;
}

void ocelot_convolver_prepare(const struct ocelot_convolver *v, const float *weights, void *memory)
{
    struct ocelot_convolution mirror = ocelot_convolution_mirror(&v->c);
    struct prepared *p = memory;
    unsigned char *base = memory;
    lay_out(v, p);
    if (p->forward)
        v->winograd->prepare(&v->c, false, weights, (float *)(void *)(base + p->forward));
    if (p->transpose)
        v->winograd->prepare(&mirror, true, weights, (float *)(void *)(base + p->transpose));
    if (p->engine)
        ocelot_engine_prepare(&v->c, ways_of(v), weights, base + p->engine);
}

void ocelot_convolver_release(void *memory)
{
    struct prepared *p = memory;
    if (p && p->engine)
        ocelot_engine_release((unsigned char *)memory + p->engine);
}

/* Winograd's weights at an offset, or NULL. */
static const float *numbers_at(const void *prepared, size_t offset)
{
    return offset ? (const float *)(const void *)((const unsigned char *)prepared + offset) : NULL;
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

void ocelot_convolver_forward(const struct ocelot_convolver *v, const void *prepared, const float *weights, const float *bias, const float *in,
                              float *scratch, float *out)
{
    const struct ocelot_convolution *c = &v->c;
    const struct prepared *p = prepared;
    if (p && p->forward) {
        v->winograd->convolve(c, numbers_at(p, p->forward), bias, in, scratch, out);
        return;
    }
    if (p && p->engine && ocelot_engine_forward(c, (const unsigned char *)prepared + p->engine, bias, in, scratch, out))
        return;
    float *plain_in = scratch, *plain_out = plain_in + (c->in_block > 1 ? in_size(c) : 0), *rest = plain_out + (c->out_block > 1 ? out_size(c) : 0);
    if (c->in_block > 1)
        leave_blocks(c->groups * c->inputs, c->in[0] * c->in[1], c->in_block, in, plain_in);
    ocelot_convolution_forward_f32(c, weights, bias, c->in_block > 1 ? plain_in : in, rest, c->out_block > 1 ? plain_out : out);
    if (c->out_block > 1)
        enter_blocks(c->groups * c->outputs, c->out[0] * c->out[1], c->out_block, plain_out, out);
}

void ocelot_convolver_transpose(const struct ocelot_convolver *v, const void *prepared, const float *weights, const float *s, float *scratch,
                                float *back)
{
    const struct ocelot_convolution *c = &v->c;
    const struct prepared *p = prepared;
    if (p && p->transpose) {
        struct ocelot_convolution mirror = ocelot_convolution_mirror(c);
        v->winograd->convolve(&mirror, numbers_at(p, p->transpose), NULL, s, scratch, back);
        return;
    }
    if (p && p->engine && ocelot_engine_transpose(c, (const unsigned char *)prepared + p->engine, s, scratch, back))
        return;
    float *plain_s = scratch, *plain_back = plain_s + (c->out_block > 1 ? out_size(c) : 0), *rest = plain_back + (c->in_block > 1 ? in_size(c) : 0);
    if (c->out_block > 1)
        leave_blocks(c->groups * c->outputs, c->out[0] * c->out[1], c->out_block, s, plain_s);
    ocelot_convolution_transpose_f32(c, weights, c->out_block > 1 ? plain_s : s, rest, c->in_block > 1 ? plain_back : back);
    if (c->in_block > 1)
        enter_blocks(c->groups * c->inputs, c->in[0] * c->in[1], c->in_block, plain_back, back);
}
