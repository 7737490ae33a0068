/* Part of a fast body (body.h): back through a convolution to a few plain channels, such as the colours of a picture, from signals in blocks of WIDE:
 *
 *   back[c][y][x] = sum over o, v, u of W[o][c][v][u] s[o][(y + pad - v) / stride][(x + pad - u) / stride], where both divide
 *
 * Rows that are `stride` apart see the same taps v, and neighbours among them neighbouring rows of signals; columns likewise. So there is a list of
 * weights for each remainder of y and of x, and one that is 0, as half of those of most rules are, stands in none. Vectors hold columns that are V
 * apart: place l of vector n is column l V + n, so that a tap further on is a vector further on, and all loads are whole lines. Rows of signals are
 * turned into such vectors, with zeros for those that are not there, for a block of outputs and a part of `back` at a time, which stay in the cache.
 * A tile is some rows times some vectors of columns of one channel, in registers. Every sum has one order: within a run of outputs o, v, u, and then
 * these. */
#ifndef OCELOT_KERNELS_NARROW_H
#define OCELOT_KERNELS_NARROW_H

#include "kernels/squares.h"

/* Rows of a tile, and its vectors, of a wide one and of one for the rest of a row. Rows of back that a part should have, the most taps, and outputs
 * whose sums are added up first, whose signals the first-level cache holds. */
enum { NARROW_TALL = LANES >= 8 ? 4 : 2, NARROW_WIDE = 7, NARROW_REST = 2 };
enum { NARROW_CHANNELS = 4, NARROW_ROWS = 16, NARROW_TAPS = 128, NARROW_RUN = 8 };

/* What one thread keeps: rows of signals [WIDE][rows][length], in vectors, of which those that the part's first row and vector see without padding
 * have `before` rows and vectors before them; and sums [remainders of y][of x][inputs][tall][covered]. */
struct narrow_room {
    size_t apart; /* columns from one place of a vector to the next: V */
    size_t before[2], rows, length, tall, covered;
    size_t down[NARROW_TALL]; /* to each row of a tile: read, so that compilers do not work out every address by itself */
};

/* A weight, and where the first signal that it meets stands in the room, counted from the run's and the tile's first. */
struct narrow_weight {
    float value;
    uint32_t signal;
};

static size_t narrow_lists(const struct ocelot_convolution *c)
{
    return c->outputs / NARROW_RUN * c->stride[0] * c->stride[1] * c->inputs;
}

/* What is prepared: where lists [runs of outputs][remainders of y][of x][inputs] begin and the last one ends, and the lists. */
static size_t starts_bytes(const struct ocelot_convolution *c)
{
    return round_up((narrow_lists(c) + 1) * sizeof(uint32_t), sizeof(struct narrow_weight));
}

static size_t narrow_bytes(const struct ocelot_convolution *c)
{
    return starts_bytes(c) + c->outputs * c->inputs * c->kernel[0] * c->kernel[1] * sizeof(struct narrow_weight);
}

/* Columns of back with the same remainder, at most. */
static size_t narrow_columns(const struct ocelot_convolution *c)
{
    return (c->in[1] - 1) / c->stride[1] + 1;
}

/* Vectors of the next tile, with so many left. */
static size_t tile_vectors(size_t left)
{
    return left > NARROW_REST ? NARROW_WIDE : NARROW_REST;
}

static struct narrow_room room_of(const struct ocelot_convolution *c)
{
    size_t columns = narrow_columns(c), after[2];
    struct narrow_room room = {.tall = round_up((NARROW_ROWS + c->stride[0] - 1) / c->stride[0], NARROW_TALL)};
    for (int d = 0; d < 2; d++) {
        room.before[d] = c->kernel[d] > c->pad[d] ? (c->kernel[d] - c->pad[d] - 1) / c->stride[d] : 0;
        after[d] = (c->stride[d] - 1 + c->pad[d]) / c->stride[d];
    }
    room.apart = ((columns > c->out[1] ? columns : c->out[1]) + WIDE - 1) / WIDE;
    while (room.covered < room.apart)
        room.covered += tile_vectors(room.apart - room.covered);
    room.rows = room.before[0] + room.tall + after[0];
    room.length = (room.before[1] + room.covered + after[1]) | 1; /* rows apart from powers of two */
    for (size_t t = 0; t < NARROW_TALL; t++)
        room.down[t] = t * room.length * WIDE;
    return room;
}

/* Sums of one remainder of y and of x, in vectors. */
static size_t narrow_sums(const struct ocelot_convolution *c, const struct narrow_room *room)
{
    return c->inputs * room->tall * room->covered;
}

static size_t narrow_scratch(const struct ocelot_convolution *c)
{
    struct narrow_room room = room_of(c);
    return WIDE * (WIDE * room.rows * room.length + c->stride[0] * c->stride[1] * narrow_sums(c, &room));
}

static bool narrow_takes(const struct ocelot_convolution *c)
{
    return WIDE >= 8 && c->groups == 1 && c->inputs <= NARROW_CHANNELS && c->in_block <= 1 && c->out_block == WIDE && c->outputs % WIDE == 0 &&
           c->dilation[0] == 1 && c->dilation[1] == 1 && c->kernel[0] * c->kernel[1] <= NARROW_TAPS && c->stride[0] * c->stride[1] <= NARROW_TAPS &&
           narrow_scratch(c) <= UINT32_MAX;
}

/* The weights of output o for rows and columns begin[0], begin[1] and what is `stride` apart from them, to `to`; returns where they end. */
static struct narrow_weight *list_weights(const struct ocelot_convolution *c, const struct narrow_room *room, const float *weights, size_t o,
                                          const size_t *begin, struct narrow_weight *to)
{
    size_t down = begin[0] + c->pad[0], across = begin[1] + c->pad[1];
    size_t row = o % NARROW_RUN * room->rows + room->before[0] + down / c->stride[0], column = room->before[1] + across / c->stride[1];
    for (size_t v = down % c->stride[0], up = 0; v < c->kernel[0]; v += c->stride[0], up++)
        for (size_t u = across % c->stride[1], back = 0; u < c->kernel[1]; u += c->stride[1], back++) {
            float value = weights[v * c->kernel[1] + u];
            if (value != 0)
                *to++ = (struct narrow_weight){.value = value, .signal = (uint32_t)(((row - up) * room->length + column - back) * WIDE)};
        }
    return to;
}

static void narrow_prepare(const struct ocelot_convolution *c, const float *weights, void *memory)
{
    struct narrow_room room = room_of(c);
    uint32_t *start = memory;
    struct narrow_weight *first = (void *)((unsigned char *)memory + starts_bytes(c)), *end = first;
    size_t taps = c->kernel[0] * c->kernel[1], begin[2];
    *start++ = 0;
    for (size_t run = 0; run < c->outputs; run += NARROW_RUN)
        for (begin[0] = 0; begin[0] < c->stride[0]; begin[0]++)
            for (begin[1] = 0; begin[1] < c->stride[1]; begin[1]++)
                for (size_t i = 0; i < c->inputs; i++) {
                    for (size_t o = run; o < run + NARROW_RUN; o++)
                        end = list_weights(c, &room, weights + (o * c->inputs + i) * taps, o, begin, end);
                    *start++ = (uint32_t)(end - first);
                }
}

/* Adds a list to one tile: signals from the tile's first on, sums [tall][covered]. `vectors` is a constant after inlining. */
INLINE void narrow_tile(size_t vectors, const struct narrow_room *room, const struct narrow_weight *from, const struct narrow_weight *end,
                        const float *s, float *sums)
{
    const float *line[NARROW_TALL];
    wide value[NARROW_TALL * NARROW_WIDE];
    for (size_t t = 0; t < NARROW_TALL; t++)
        line[t] = s + room->down[t];
    for (size_t k = 0; k < NARROW_TALL * vectors; k++)
        value[k] = (wide){0};
    for (; from < end; from++)
        for (size_t t = 0; t < NARROW_TALL; t++) {
            const float *signal = line[t] + from->signal;
            for (size_t n = 0; n < vectors; n++)
                value[t * vectors + n] += load_wide(signal + n * WIDE) * from->value;
        }
    for (size_t t = 0; t < NARROW_TALL; t++)
        for (size_t n = 0; n < vectors; n++) {
            float *to = sums + (t * room->covered + n) * WIDE;
            store_wide(to, load_wide(to) + value[t * vectors + n]);
        }
}

struct narrow_job {
    const struct ocelot_convolution *c;
    struct narrow_room room;
    const uint32_t *start;
    const struct narrow_weight *weights;
    const float *s;
    float *scratch, *back;
};

/* Adds a run of outputs, whose lists begin with `first` and whose signals these are, to all sums of a part. */
static void add_run(const struct narrow_job *job, size_t first, const float *s, float *sums)
{
    const struct narrow_room *room = &job->room;
    size_t lists = job->c->stride[0] * job->c->stride[1] * job->c->inputs, size = room->tall * room->covered * WIDE;
    for (size_t t = 0; t < room->tall; t += NARROW_TALL)
        for (size_t list = 0; list < lists; list++) {
            const struct narrow_weight *from = job->weights + job->start[first + list], *end = job->weights + job->start[first + list + 1];
            for (size_t n = 0, tile; n < room->covered; n += tile) {
                const float *signals = s + (t * room->length + n) * WIDE;
                float *to = sums + list * size + (t * room->covered + n) * WIDE;
                tile = tile_vectors(room->covered - n);
                if (tile == NARROW_WIDE)
                    narrow_tile(NARROW_WIDE, room, from, end, signals, to);
                else
                    narrow_tile(NARROW_REST, room, from, end, signals, to);
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
            size_t x = l * room->apart + n - room->before[1];
            column[l] = x < c->out[1] ? from + x * WIDE : zeros;
        }
        turn_wide(column, lines + n * WIDE, room->rows * room->length * WIDE);
    }
}

/* The rows of signals that a part sees, of the block of outputs that begins at `from`; zeros for those that are not there. */
static void lay_rows(const struct narrow_job *job, size_t part, const float *from, float *signals)
{
    const struct narrow_room *room = &job->room;
    size_t line = room->length * WIDE;
    for (size_t n = 0; n < room->rows; n++) {
        size_t row = part * room->tall + n - room->before[0]; /* before the first: wraps to more than there are */
        if (row < job->c->out[0])
            lay_signals(job->c, room, from + row * job->c->out[1] * WIDE, signals + n * line);
        for (size_t k = 0; row >= job->c->out[0] && k < WIDE; k++)
            memset(signals + (k * room->rows + n) * line, 0, line * sizeof *signals);
    }
}

/* The sums of one channel and one remainder of y and of x, from row y and column x on. */
static void write_back(const struct narrow_job *job, size_t y, size_t x, const float *sums, float *back)
{
    const struct ocelot_convolution *c = job->c;
    for (size_t t = 0; t < job->room.tall && y < c->in[0]; t++, y += c->stride[0], sums += job->room.covered * WIDE)
        for (size_t l = 0; l < WIDE; l++)
            for (size_t n = 0, at = x + l * job->room.apart * c->stride[1]; n < job->room.apart && at < c->in[1]; n++, at += c->stride[1])
                back[y * c->in[1] + at] = sums[n * WIDE + l];
}

static void narrow_rows(void *context, size_t part, size_t thread)
{
    const struct narrow_job *job = context;
    const struct ocelot_convolution *c = job->c;
    const struct narrow_room *room = &job->room;
    size_t plane = room->rows * room->length * WIDE, lists = c->stride[0] * c->stride[1] * c->inputs, size = room->tall * room->covered * WIDE;
    float *signals = job->scratch + thread * narrow_scratch(c), *sums = signals + WIDE * plane;
    memset(sums, 0, lists * size * sizeof *sums);
    for (size_t o = 0; o < c->outputs; o += WIDE) {
        lay_rows(job, part, job->s + o * c->out[0] * c->out[1], signals);
        for (size_t k = 0; k < WIDE; k += NARROW_RUN)
            add_run(job, (o + k) / NARROW_RUN * lists, signals + k * plane, sums);
    }
    for (size_t list = 0; list < lists; list++) {
        size_t i = list % c->inputs, x = list / c->inputs % c->stride[1], y = list / c->inputs / c->stride[1];
        write_back(job, part * room->tall * c->stride[0] + y, x, sums + list * size, job->back + i * c->in[0] * c->in[1]);
    }
}

static void narrow_transpose(const struct ocelot_convolution *c, struct ocelot_team *team, const void *prepared, const float *s, float *scratch,
                             float *back)
{
    struct narrow_job job = {.c = c, .room = room_of(c), .start = prepared, .s = s};
    size_t rows = job.room.tall * c->stride[0];
    job.weights = (const void *)((const unsigned char *)prepared + starts_bytes(c));
    job.scratch = scratch;
    job.back = back;
    ocelot_team_run(team, (c->in[0] + rows - 1) / rows, narrow_rows, &job);
}

static const struct ocelot_narrow narrow_verbs = {
    .takes = narrow_takes, .bytes = narrow_bytes, .scratch = narrow_scratch, .prepare = narrow_prepare, .transpose = narrow_transpose};

#endif
