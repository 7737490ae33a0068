/* Part of a fast body (body.h): back through a convolution to a few plain channels, such as the colours of a picture, from signals in blocks of WIDE:
 *
 *   back[c][y][x] = sum over o, v, u of W[o][c][v][u] s[o][(y + pad - v) / stride][(x + pad - u) / stride], where both divide
 *
 * and the same split in halves, of which one has the weights above zero and one those below, in as many multiplications: each is in one of them.
 *
 * Rows that are `stride` apart see the same taps v, and neighbours among them neighbouring rows of signals; columns likewise. So there are lists of
 * taps for each remainder of y and of x, and, where split, for each pattern of signs that the weights of a tap have. Vectors hold columns that are V
 * apart: place l of vector n is column l V + n, so that a tap further on is a vector further on, and all loads are whole lines. Rows of signals are
 * turned into such vectors, with zeros for those that are not there, for a block of outputs and a part of `back` at a time, which stay in the cache.
 * A tile is some vectors times all channels, in registers. Every sum has one order: within a block of outputs that of its lists, and then these. */
#ifndef OCELOT_KERNELS_NARROW_H
#define OCELOT_KERNELS_NARROW_H

#include "kernels/squares.h"

/* Rows of back that a part should have, the most taps, and the vectors of a tile, and of one that is split. */
enum { NARROW_CHANNELS = 4, NARROW_ROWS = 16, NARROW_TAPS = 128, NARROW_TILE = LANES >= 8 ? 8 : 4, NARROW_SPLIT = NARROW_TILE / 2 };

/* What one thread keeps: rows of signals [WIDE][rows][length], in vectors, of which those that the part's first row and vector see without padding
 * have `before` rows and vectors before them; and sums [remainders of y][of x][halves][inputs][tall][apart]. */
struct narrow_room {
    size_t apart; /* columns from one place of a vector to the next: V */
    size_t before[2], rows, length, tall;
};

/* Remainders of y and of x. */
static size_t narrow_classes(const struct ocelot_convolution *c)
{
    return c->stride[0] * c->stride[1];
}

/* Lists of a class and a block of outputs: patterns, of which bit i says that input i has its weight from below zero. */
static size_t narrow_patterns(const struct ocelot_convolution *c, bool split)
{
    return split ? (size_t)1 << c->inputs : 1;
}

/* What is prepared, one behind another: where lists [blocks of outputs][classes][patterns] begin, and the last one ends; the first signal that each
 * tap of them meets, counted in the room from the tile's; and the weights of each tap [inputs]. */
struct narrow_taps {
    size_t starts, signals, weights;
};

static struct narrow_taps taps_of(const struct ocelot_convolution *c, bool split)
{
    size_t taps = c->outputs * c->kernel[0] * c->kernel[1];
    return (struct narrow_taps){
        .starts = c->outputs / WIDE * narrow_classes(c) * narrow_patterns(c, split) + 1, .signals = taps, .weights = taps * c->inputs};
}

static size_t narrow_bytes(const struct ocelot_convolution *c, bool split)
{
    struct narrow_taps taps = taps_of(c, split);
    return (taps.starts + taps.signals) * sizeof(uint32_t) + taps.weights * sizeof(float);
}

static struct narrow_room room_of(const struct ocelot_convolution *c)
{
    size_t columns = (c->in[1] - 1) / c->stride[1] + 1, after[2];
    struct narrow_room room = {.tall = round_up((NARROW_ROWS + c->stride[0] - 1) / c->stride[0], NARROW_TILE)};
    for (int d = 0; d < 2; d++) {
        room.before[d] = c->kernel[d] > c->pad[d] ? (c->kernel[d] - c->pad[d] - 1) / c->stride[d] : 0;
        after[d] = (c->stride[d] - 1 + c->pad[d]) / c->stride[d];
    }
    room.apart = ((columns > c->out[1] ? columns : c->out[1]) + WIDE - 1) / WIDE;
    room.rows = room.before[0] + room.tall + after[0];
    room.length = (room.before[1] + room.apart + after[1]) | 1; /* rows apart from powers of two */
    return room;
}

/* Numbers of sums of one class, one half and one input. */
static size_t narrow_sums(const struct narrow_room *room)
{
    return room->tall * room->apart * WIDE;
}

static size_t narrow_scratch(const struct ocelot_convolution *c)
{
    struct narrow_room room = room_of(c);
    return WIDE * room.rows * room.length * WIDE + 2 * narrow_classes(c) * c->inputs * narrow_sums(&room);
}

static bool narrow_takes(const struct ocelot_convolution *c)
{
    return WIDE >= 8 && c->groups == 1 && c->inputs <= NARROW_CHANNELS && c->in_block <= 1 && c->out_block == WIDE && c->outputs % WIDE == 0 &&
           c->dilation[0] == 1 && c->dilation[1] == 1 && c->kernel[0] * c->kernel[1] <= NARROW_TAPS && narrow_classes(c) <= NARROW_TAPS &&
           narrow_scratch(c) <= UINT32_MAX;
}

/* A list in the making. */
struct narrow_list {
    size_t pattern, patterns, count;
    uint32_t *signals;
    float *weights;
};

/* Adds what output o has of the list's pattern, for the class of rows and columns that begins with `begin`. */
static void list_output(const struct ocelot_convolution *c, const struct narrow_room *room, const float *weights, size_t o, const size_t *begin,
                        struct narrow_list *list)
{
    size_t down = begin[0] + c->pad[0], across = begin[1] + c->pad[1], taps = c->kernel[0] * c->kernel[1];
    size_t row = o % WIDE * room->rows + room->before[0] + down / c->stride[0], column = room->before[1] + across / c->stride[1];
    for (size_t v = down % c->stride[0], up = 0; v < c->kernel[0]; v += c->stride[0], up++)
        for (size_t u = across % c->stride[1], back = 0; u < c->kernel[1]; u += c->stride[1], back++) {
            float seen[NARROW_CHANNELS];
            size_t pattern = 0;
            for (size_t i = 0; i < c->inputs; i++) {
                seen[i] = weights[(o * c->inputs + i) * taps + v * c->kernel[1] + u];
                pattern |= (size_t)(seen[i] < 0) << i;
            }
            if (pattern % list->patterns != list->pattern)
                continue;
            memcpy(list->weights + list->count * c->inputs, seen, c->inputs * sizeof *seen);
            list->signals[list->count++] = (uint32_t)(((row - up) * room->length + column - back) * WIDE);
        }
}

static void narrow_prepare(const struct ocelot_convolution *c, bool split, const float *weights, void *memory)
{
    struct narrow_room room = room_of(c);
    struct narrow_taps taps = taps_of(c, split);
    uint32_t *start = memory;
    struct narrow_list list = {.patterns = narrow_patterns(c, split)};
    size_t begin[2];
    list.signals = start + taps.starts;
    list.weights = (void *)(list.signals + taps.signals);
    *start++ = 0;
    for (size_t first = 0; first < c->outputs; first += WIDE)
        for (begin[0] = 0; begin[0] < c->stride[0]; begin[0]++)
            for (begin[1] = 0; begin[1] < c->stride[1]; begin[1]++)
                for (list.pattern = 0; list.pattern < list.patterns; list.pattern++) {
                    for (size_t o = first; o < first + WIDE; o++)
                        list_output(c, &room, weights, o, begin, &list);
                    *start++ = (uint32_t)list.count;
                }
}

struct narrow_job {
    const struct ocelot_convolution *c;
    struct narrow_room room;
    size_t halves; /* 1 or 2 */
    const uint32_t *start, *signals;
    const float *weights, *s;
    float *scratch, *back[2];
};

/* Adds a list to one tile, whose first signals are `lines`: values [halves][channels][vectors]. All but the job and the list are constants after
 * inlining. */
INLINE void add_list(const struct narrow_job *job, const uint32_t *start, size_t pattern, size_t channels, size_t vectors, const float *const *lines,
                     wide *values)
{
    for (uint32_t k = start[pattern]; k < start[pattern + 1]; k++) {
        const float *w = job->weights + k * channels;
        wide signal[NARROW_TILE];
        for (size_t n = 0; n < vectors; n++)
            signal[n] = load_wide(lines[n] + job->signals[k]);
        for (size_t i = 0; i < channels; i++)
            for (size_t n = 0; n < vectors; n++)
                values[((pattern >> i & 1) * channels + i) * vectors + n] += signal[n] * w[i];
    }
}

/* Adds a block of outputs, whose lists of a class begin at `start`, to one tile of sums [halves][channels], `apart` numbers apart. */
INLINE void narrow_tile(const struct narrow_job *job, const uint32_t *start, size_t halves, size_t channels, const float *const *lines, float *sums,
                        size_t apart)
{
    const size_t vectors = halves == 2 ? NARROW_SPLIT : NARROW_TILE;
    wide values[2 * NARROW_CHANNELS * NARROW_TILE];
    for (size_t k = 0; k < halves * channels * vectors; k++)
        values[k] = (wide){0};
#define PATTERN(p)                                                                                                                                   \
    if ((p) == 0 || (halves == 2 && (size_t)(p) >> channels == 0))                                                                                   \
    add_list(job, start, p, channels, vectors, lines, values)
#define PATTERNS(p)                                                                                                                                  \
    PATTERN(p);                                                                                                                                      \
    PATTERN((p) + 1);                                                                                                                                \
    PATTERN((p) + 2);                                                                                                                                \
    PATTERN((p) + 3)
    PATTERNS(0);
    PATTERNS(4);
    PATTERNS(8);
    PATTERNS(12);
#undef PATTERNS
#undef PATTERN
    for (size_t k = 0; k < halves * channels; k++)
        for (size_t n = 0; n < vectors; n++) {
            float *to = sums + k * apart + n * WIDE;
            store_wide(to, load_wide(to) + values[k * vectors + n]);
        }
}

/* Adds a block of outputs, whose lists begin at `start` and whose signals these are, to all sums of a part. */
INLINE void narrow_block(const struct narrow_job *job, const uint32_t *start, size_t halves, size_t channels, const float *signals, float *sums)
{
    const struct narrow_room *room = &job->room;
    size_t size = narrow_sums(room), patterns = narrow_patterns(job->c, halves == 2), step = halves == 2 ? NARROW_SPLIT : NARROW_TILE;
    for (size_t first = 0; first < room->tall * room->apart; first += step) {
        const float *lines[NARROW_TILE];
        for (size_t n = 0; n < step; n++)
            lines[n] = signals + ((first + n) / room->apart * room->length + (first + n) % room->apart) * WIDE;
        for (size_t k = 0; k < narrow_classes(job->c); k++)
            narrow_tile(job, start + k * patterns, halves, channels, lines, sums + k * halves * channels * size + first * WIDE, size);
    }
}

#define NARROW_BLOCK(halves, channels)                                                                                                               \
    static void narrow_block_##halves##_##channels(const struct narrow_job *job, const uint32_t *start, const float *signals, float *sums)           \
    {                                                                                                                                                \
        narrow_block(job, start, halves, channels, signals, sums);                                                                                   \
    }
#define NARROW_BLOCKS(channels) NARROW_BLOCK(1, channels) NARROW_BLOCK(2, channels)
NARROW_BLOCKS(1)
NARROW_BLOCKS(2)
NARROW_BLOCKS(3)
NARROW_BLOCKS(4)
#undef NARROW_BLOCKS
#undef NARROW_BLOCK

static void (*const narrow_blocks[2][NARROW_CHANNELS])(const struct narrow_job *job, const uint32_t *start, const float *signals,
                                                       float *sums) = {{narrow_block_1_1, narrow_block_1_2, narrow_block_1_3, narrow_block_1_4},
                                                                       {narrow_block_2_1, narrow_block_2_2, narrow_block_2_3, narrow_block_2_4}};

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

/* The sums of one channel and one class, from row y and column x on. */
static void write_back(const struct narrow_job *job, size_t y, size_t x, const float *sums, float *back)
{
    const struct ocelot_convolution *c = job->c;
    for (size_t t = 0; t < job->room.tall && y < c->in[0]; t++, y += c->stride[0], sums += job->room.apart * WIDE)
        for (size_t l = 0; l < WIDE; l++)
            for (size_t n = 0, at = x + l * job->room.apart * c->stride[1]; n < job->room.apart && at < c->in[1]; n++, at += c->stride[1])
                back[y * c->in[1] + at] = sums[n * WIDE + l];
}

static void narrow_rows(void *context, size_t part, size_t thread)
{
    const struct narrow_job *job = context;
    const struct ocelot_convolution *c = job->c;
    const struct narrow_room *room = &job->room;
    size_t classes = narrow_classes(c), lists = classes * narrow_patterns(c, job->halves == 2), size = narrow_sums(room);
    float *signals = job->scratch + thread * narrow_scratch(c), *sums = signals + WIDE * room->rows * room->length * WIDE;
    memset(sums, 0, classes * job->halves * c->inputs * size * sizeof *sums);
    for (size_t o = 0; o < c->outputs; o += WIDE) {
        lay_rows(job, part, job->s + o * c->out[0] * c->out[1], signals);
        narrow_blocks[job->halves - 1][c->inputs - 1](job, job->start + o / WIDE * lists, signals, sums);
    }
    for (size_t k = 0; k < classes; k++)
        for (size_t half = 0; half < job->halves; half++)
            for (size_t i = 0; i < c->inputs; i++, sums += size)
                write_back(job, part * room->tall * c->stride[0] + k / c->stride[1], k % c->stride[1], sums,
                           job->back[half] + i * c->in[0] * c->in[1]);
}

static void narrow_transpose(const struct ocelot_convolution *c, struct ocelot_team *team, const void *prepared, const float *s, float *scratch,
                             float *back, float *below)
{
    struct narrow_job job = {.c = c, .room = room_of(c), .halves = below ? 2 : 1, .start = prepared, .s = s};
    struct narrow_taps taps = taps_of(c, below);
    size_t rows = job.room.tall * c->stride[0];
    job.signals = job.start + taps.starts;
    job.weights = (const void *)(job.signals + taps.signals);
    job.scratch = scratch;
    job.back[0] = back;
    job.back[1] = below;
    ocelot_team_run(team, (c->in[0] + rows - 1) / rows, narrow_rows, &job);
}

static const struct ocelot_narrow narrow_verbs = {
    .takes = narrow_takes, .bytes = narrow_bytes, .scratch = narrow_scratch, .prepare = narrow_prepare, .transpose = narrow_transpose};

#endif
