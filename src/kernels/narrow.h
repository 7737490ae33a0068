/* Part of a fast body (body.h): back through a convolution to a few plain channels, such as the colours of a picture, from signals in blocks of WIDE:
 *
 *   back[c][y][x] = sum over o, v, u of W[o][c][v][u] s[o][(y + pad - v) / stride][(x + pad - u) / stride], where both divide
 *
 * Vectors hold outputs o, so only these are summed across lanes, in the end. Columns whose x + pad leave the same remainder see the same taps u, and
 * neighbours among them neighbouring signals: a tile is NARROW of them times all channels, in registers. Every sum has one order: blocks of o, v, u,
 * then lanes. */
#ifndef OCELOT_KERNELS_NARROW_H
#define OCELOT_KERNELS_NARROW_H

#include "kernels/winograd.h"

enum { NARROW = LANES >= 8 ? 6 : 3, NARROW_CHANNELS = 4 };

static bool narrow_takes(const struct ocelot_convolution *c)
{
    return WIDE >= 8 && c->groups == 1 && c->inputs <= NARROW_CHANNELS && c->in_block <= 1 && c->out_block == WIDE && c->outputs % WIDE == 0 &&
           c->dilation[0] == 1 && c->dilation[1] == 1;
}

static size_t narrow_weights(const struct ocelot_convolution *c)
{
    return c->outputs * c->inputs * c->kernel[0] * c->kernel[1];
}

/* [outputs][inputs][kernel] to [outputs / WIDE][kernel][inputs][WIDE]. */
static void narrow_prepare(const struct ocelot_convolution *c, const float *weights, float *prepared)
{
    size_t taps = c->kernel[0] * c->kernel[1];
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < c->inputs; i++)
            for (size_t k = 0; k < taps; k++)
                prepared[((o / WIDE * taps + k) * c->inputs + i) * WIDE + o % WIDE] = weights[(o * c->inputs + i) * taps + k];
}

/* Adds in halves, quarters, ... */
static float sum_across(wide value)
{
    float places[WIDE];
    store_wide(places, value);
    for (size_t half = WIDE / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            places[l] += places[l + half];
    return places[0];
}

/* Columns x, x + stride, ... of one row: `taps` u = first, first + stride, ..., the first of which sees signal `at` (wraps below 0). */
struct narrow_tile {
    size_t x, first, at, count; /* count: columns */
    bool inner;                 /* all of its taps see signals */
};

/* One tap of one block of outputs: signals from s[at] on. Channels and `inner` are constants after inlining. */
INLINE void narrow_tap(size_t channels, bool inner, const float *s, size_t at, size_t limit, const float *w, wide sum[NARROW_CHANNELS][NARROW])
{
    wide weight[NARROW_CHANNELS];
    for (size_t c = 0; c < channels; c++)
        weight[c] = load_wide(w + c * WIDE);
    for (size_t n = 0; n < NARROW; n++) {
        wide value = inner || at + n < limit ? load_wide(s + (at + n) * WIDE) : (wide){0};
        for (size_t c = 0; c < channels; c++)
            sum[c][n] += value * weight[c];
    }
}

INLINE void narrow_sums(const struct ocelot_convolution *c, size_t channels, bool inner, const struct narrow_tile *t, size_t y, const float *w,
                        const float *s, float *back)
{
    const size_t *stride = c->stride, down = y + c->pad[0], filter = c->kernel[0] * c->kernel[1] * channels * WIDE;
    wide sum[NARROW_CHANNELS][NARROW];
    for (size_t i = 0; i < channels; i++)
        for (size_t n = 0; n < NARROW; n++)
            sum[i][n] = (wide){0};
    for (size_t o = 0; o < c->outputs / WIDE; o++)
        for (size_t v = down % stride[0]; v < c->kernel[0] && v <= down; v += stride[0]) {
            size_t row = (down - v) / stride[0], at = t->at;
            const float *line = s + (o * c->out[0] + row) * c->out[1] * WIDE;
            for (size_t u = t->first; row < c->out[0] && u < c->kernel[1]; u += stride[1], at--)
                narrow_tap(channels, inner, line, at, c->out[1], w + o * filter + (v * c->kernel[1] + u) * channels * WIDE, sum);
        }
    for (size_t i = 0; i < channels; i++)
        for (size_t n = 0; n < t->count; n++)
            back[(i * c->in[0] + y) * c->in[1] + t->x + n * stride[1]] = sum_across(sum[i][n]);
}

INLINE void narrow_tile(const struct ocelot_convolution *c, size_t channels, const struct narrow_tile *t, size_t y, const float *w, const float *s,
                        float *back)
{
    if (t->inner)
        narrow_sums(c, channels, true, t, y, w, s, back);
    else
        narrow_sums(c, channels, false, t, y, w, s, back);
}

/* One row of back. */
INLINE void narrow_row(const struct ocelot_convolution *c, size_t channels, size_t y, const float *w, const float *s, float *back)
{
    for (size_t begin = 0; begin < least_of(c->stride[1], c->in[1]); begin++) {
        size_t first = (begin + c->pad[1]) % c->stride[1], taps = c->kernel[1] > first ? (c->kernel[1] - first - 1) / c->stride[1] + 1 : 0;
        size_t columns = (c->in[1] - begin - 1) / c->stride[1] + 1;
        for (size_t n = 0; n < columns; n += NARROW) {
            size_t x = begin + n * c->stride[1], at = (x + c->pad[1]) / c->stride[1];
            struct narrow_tile t = {.x = x, .first = first, .at = at, .count = least_of(NARROW, columns - n)};
            t.inner = at + 1 >= taps && at + NARROW <= c->out[1];
            narrow_tile(c, channels, &t, y, w, s, back);
        }
    }
}

struct narrow_job {
    const struct ocelot_convolution *c;
    const float *w, *s;
    float *back;
};

/* Rows that a part has. */
enum { NARROW_ROWS = 8 };

static void narrow_rows(void *context, size_t part, size_t thread)
{
    const struct narrow_job *job = context;
    size_t end = least_of(job->c->in[0], (part + 1) * NARROW_ROWS);
    (void)thread;
    for (size_t y = part * NARROW_ROWS; y < end; y++)
        if (job->c->inputs == 1)
            narrow_row(job->c, 1, y, job->w, job->s, job->back);
        else if (job->c->inputs == 2)
            narrow_row(job->c, 2, y, job->w, job->s, job->back);
        else if (job->c->inputs == 3)
            narrow_row(job->c, 3, y, job->w, job->s, job->back);
        else
            narrow_row(job->c, 4, y, job->w, job->s, job->back);
}

static void narrow_transpose(const struct ocelot_convolution *c, struct ocelot_team *team, const float *prepared, const float *s, float *back)
{
    struct narrow_job job = {.c = c, .w = prepared, .s = s};
    job.back = back;
    ocelot_team_run(team, (c->in[0] + NARROW_ROWS - 1) / NARROW_ROWS, narrow_rows, &job);
}

static const struct ocelot_narrow narrow_verbs = {
    .takes = narrow_takes, .weights = narrow_weights, .prepare = narrow_prepare, .transpose = narrow_transpose};

#endif
