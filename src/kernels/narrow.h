/* Part of a fast body (body.h): back through a convolution to a few plain channels, such as the colours of a picture, from signals in blocks of WIDE:
 *
 *   back[c][y][x] = sum over o, v, u of W[o][c][v][u] s[o][(y + pad - v) / stride][(x + pad - u) / stride], where both divide
 *
 * Columns whose x + pad leave the same remainder see the same taps u, and neighbours among them neighbouring signals. Vectors hold columns that are V
 * apart: place l of vector n is column l V + n, so that a tap further on is a vector further on, and all loads are whole lines. Rows of signals are
 * turned into such vectors, with zeros for those that are not there, for a block of outputs and a part of `back` at a time, which stay in the cache.
 * A tile is some vectors of columns times all channels, in registers. Every sum has one order: within a run of outputs o, v, u, and then these. */
#ifndef OCELOT_KERNELS_NARROW_H
#define OCELOT_KERNELS_NARROW_H

#include "kernels/squares.h"

/* Rows of back that a part has, the most taps, outputs whose sums are added up
 * first, whose signals the first-level cache holds, and the vectors of a wide tile and of one for the rest of a row. */
enum { NARROW_CHANNELS = 4, NARROW_ROWS = 16, NARROW_TAPS = 128, NARROW_RUN = 8, NARROW_WIDE = LANES >= 8 ? 7 : 4, NARROW_REST = 2 };

static bool narrow_takes(const struct ocelot_convolution *c)
{
    return WIDE >= 8 && c->groups == 1 && c->inputs <= NARROW_CHANNELS && c->in_block <= 1 && c->out_block == WIDE && c->outputs % WIDE == 0 &&
           c->dilation[0] == 1 && c->dilation[1] == 1 && c->kernel[0] * c->kernel[1] <= NARROW_TAPS;
}

static size_t narrow_weights(const struct ocelot_convolution *c)
{
    return c->outputs * c->inputs * c->kernel[0] * c->kernel[1];
}

/* [outputs][inputs][kernel] to [outputs][kernel][inputs]. */
static void narrow_prepare(const struct ocelot_convolution *c, const float *weights, float *prepared)
{
    size_t taps = c->kernel[0] * c->kernel[1];
    for (size_t o = 0; o < c->outputs; o++)
        for (size_t i = 0; i < c->inputs; i++)
            for (size_t k = 0; k < taps; k++)
                prepared[(o * taps + k) * c->inputs + i] = weights[(o * c->inputs + i) * taps + k];
}

/* What one thread keeps: rows of signals [WIDE][rows][length], vector 0 at `left`, and sums [NARROW_ROWS][stride][inputs][covered], in vectors. */
struct narrow_room {
    size_t apart; /* columns from one place of a vector to the next: V */
    size_t left, rows, length, covered;
};

/* Columns of back with the same remainder. */
static size_t narrow_columns(const struct ocelot_convolution *c, size_t begin)
{
    return (c->in[1] - begin - 1) / c->stride[1] + 1;
}

/* Vectors of the next tile, with so many left. */
static size_t tile_vectors(size_t left)
{
    return left > NARROW_REST ? NARROW_WIDE : NARROW_REST;
}

static struct narrow_room room_of(const struct ocelot_convolution *c)
{
    struct narrow_room room = {.left = (c->kernel[1] - 1) / c->stride[1], .rows = (NARROW_ROWS + c->kernel[0] - 2) / c->stride[0] + 2};
    size_t columns = narrow_columns(c, 0), right = (c->stride[1] - 1 + c->pad[1]) / c->stride[1];
    room.apart = ((columns > c->out[1] ? columns : c->out[1]) + WIDE - 1) / WIDE;
    while (room.covered < room.apart)
        room.covered += tile_vectors(room.apart - room.covered);
    room.length = (room.left + room.covered + right) | 1; /* rows apart from powers of two */
    return room;
}

static size_t narrow_scratch(const struct ocelot_convolution *c)
{
    struct narrow_room room = room_of(c);
    return WIDE * (WIDE * room.rows * room.length + NARROW_ROWS * c->stride[1] * c->inputs * room.covered);
}

/* The taps of one row's columns begin, begin + stride, ...: where their weights stand within an output, and where, within an output of the room, the
 * signal that the first of these columns sees. */
struct narrow_taps {
    size_t count, weight[NARROW_TAPS], signal[NARROW_TAPS];
};

static void find_taps(const struct ocelot_convolution *c, const struct narrow_room *room, size_t low, size_t y, size_t begin,
                      struct narrow_taps *taps)
{
    size_t down = y + c->pad[0], v = down % c->stride[0], row = down / c->stride[0], across = begin + c->pad[1], column = across / c->stride[1];
    taps->count = 0;
    for (; v < c->kernel[0] && v <= down; v += c->stride[0], row--)
        for (size_t u = across % c->stride[1], back = 0; row < c->out[0] && u < c->kernel[1]; u += c->stride[1], back++) {
            taps->weight[taps->count] = (v * c->kernel[1] + u) * c->inputs;
            taps->signal[taps->count++] = ((row - low) * room->length + room->left + column - back) * WIDE;
        }
}

/* Adds a run of outputs to one tile: sums [channels][covered]. `channels` and `vectors` are constants after inlining. */
INLINE void narrow_tile(const struct ocelot_convolution *c, size_t channels, size_t vectors, const struct narrow_room *room,
                        const struct narrow_taps *taps, const float *w, const float *s, float *sums)
{
    size_t filter = c->kernel[0] * c->kernel[1] * channels, plane = room->rows * room->length * WIDE;
    wide value[NARROW_CHANNELS * NARROW_WIDE];
    for (size_t k = 0; k < channels * vectors; k++)
        value[k] = (wide){0};
    for (size_t o = 0; o < NARROW_RUN; o++, w += filter, s += plane)
        for (size_t k = 0; k < taps->count; k++) {
            wide signal[NARROW_WIDE];
            for (size_t n = 0; n < vectors; n++)
                signal[n] = load_wide(s + taps->signal[k] + n * WIDE);
            for (size_t i = 0; i < channels; i++)
                for (size_t n = 0; n < vectors; n++)
                    value[i * vectors + n] += signal[n] * w[taps->weight[k] + i];
        }
    for (size_t i = 0; i < channels; i++)
        for (size_t n = 0; n < vectors; n++) {
            float *to = sums + (i * room->covered + n) * WIDE;
            store_wide(to, load_wide(to) + value[i * vectors + n]);
        }
}

struct narrow_job {
    const struct ocelot_convolution *c;
    struct narrow_room room;
    const float *w, *s;
    float *scratch, *back;
};

/* Adds a run of outputs, whose weights and rows of signals these are, to the sums of the part's rows y to end. */
INLINE void add_outputs(const struct narrow_job *job, size_t channels, size_t low, size_t y, size_t end, const float *w, const float *s, float *sums)
{
    const struct ocelot_convolution *c = job->c;
    for (; y < end; y++)
        for (size_t begin = 0; begin < c->stride[1]; begin++, sums += channels * job->room.covered * WIDE) {
            struct narrow_taps taps;
            find_taps(c, &job->room, low, y, begin, &taps);
            for (size_t n = 0, tile; n < job->room.covered; n += tile) {
                tile = tile_vectors(job->room.covered - n);
                if (tile == NARROW_WIDE)
                    narrow_tile(c, channels, NARROW_WIDE, &job->room, &taps, w, s + n * WIDE, sums + n * WIDE);
                else
                    narrow_tile(c, channels, NARROW_REST, &job->room, &taps, w, s + n * WIDE, sums + n * WIDE);
            }
        }
}

/* A row of signals of the block of outputs that begins at `from`. */
static void lay_signals(const struct ocelot_convolution *c, const struct narrow_room *room, const float *from, float *lines)
{
    static const float zeros[WIDE];
    for (size_t n = 0; n < room->length; n++) {
        const float *column[WIDE];
        for (size_t l = 0; l < WIDE; l++) {
            size_t x = l * room->apart + n - room->left;
            column[l] = x < c->out[1] ? from + x * WIDE : zeros;
        }
        turn_wide(column, lines + n * WIDE, room->rows * room->length * WIDE);
    }
}

static void write_back(const struct narrow_job *job, size_t y, size_t end, const float *sums)
{
    const struct ocelot_convolution *c = job->c;
    for (; y < end; y++)
        for (size_t begin = 0; begin < c->stride[1]; begin++)
            for (size_t i = 0; i < c->inputs; i++, sums += job->room.covered * WIDE)
                for (size_t l = 0; l < WIDE; l++)
                    for (size_t n = 0, x = begin + l * job->room.apart * c->stride[1]; n < job->room.apart && x < c->in[1]; n++, x += c->stride[1])
                        job->back[(i * c->in[0] + y) * c->in[1] + x] = sums[n * WIDE + l];
}

static void add_run(const struct narrow_job *job, size_t low, size_t y, size_t end, const float *w, const float *s, float *sums)
{
    if (job->c->inputs == 1)
        add_outputs(job, 1, low, y, end, w, s, sums);
    else if (job->c->inputs == 2)
        add_outputs(job, 2, low, y, end, w, s, sums);
    else if (job->c->inputs == 3)
        add_outputs(job, 3, low, y, end, w, s, sums);
    else
        add_outputs(job, 4, low, y, end, w, s, sums);
}

static void narrow_rows(void *context, size_t part, size_t thread)
{
    const struct narrow_job *job = context;
    const struct ocelot_convolution *c = job->c;
    const struct narrow_room *room = &job->room;
    size_t y = part * NARROW_ROWS, end = least_of(c->in[0], y + NARROW_ROWS), reach = y + c->pad[0] + 1, last = (end - 1 + c->pad[0]) / c->stride[0];
    size_t low = reach > c->kernel[0] ? (reach - c->kernel[0] + c->stride[0] - 1) / c->stride[0] : 0;
    size_t filter = c->kernel[0] * c->kernel[1] * c->inputs, plane = room->rows * room->length * WIDE;
    float *signals = job->scratch + thread * narrow_scratch(c), *sums = signals + WIDE * plane;
    memset(sums, 0, NARROW_ROWS * c->stride[1] * c->inputs * room->covered * WIDE * sizeof *sums);
    for (size_t o = 0; o < c->outputs; o += WIDE) {
        const float *w = job->w + o * filter;
        for (size_t row = low; row <= last && row < c->out[0]; row++)
            lay_signals(c, room, job->s + (o * c->out[0] + row * WIDE) * c->out[1], signals + (row - low) * room->length * WIDE);
        for (size_t k = 0; k < WIDE; k += NARROW_RUN)
            add_run(job, low, y, end, w + k * filter, signals + k * plane, sums);
    }
    write_back(job, y, end, sums);
}

static void narrow_transpose(const struct ocelot_convolution *c, struct ocelot_team *team, const float *prepared, const float *s, float *scratch,
                             float *back)
{
    struct narrow_job job = {.c = c, .room = room_of(c), .w = prepared, .s = s};
    job.scratch = scratch;
    job.back = back;
    ocelot_team_run(team, (c->in[0] + NARROW_ROWS - 1) / NARROW_ROWS, narrow_rows, &job);
}

static const struct ocelot_narrow narrow_verbs = {
    .takes = narrow_takes, .weights = narrow_weights, .scratch = narrow_scratch, .prepare = narrow_prepare, .transpose = narrow_transpose};

#endif
