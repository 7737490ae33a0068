/* LIBSVM's sparse text: `label index:value index:value ...`, ascending indices, absent = 0, `# comment` at the end. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"
#include "io/excerpt.h"
#include "io/row_format.h"

struct entry {
    long index;
    double value;
};

/* The entries of the line being read. */
struct libsvm {
    struct entry *entry;
    size_t count, capacity;
    double label;
    const char *label_text;
    size_t label_length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static const char *token_end(const char *at, const char *end)
{
    while (at < end && !is_blank(*at))
        at++;
    return at;
}

/* A label and then index:value. The label alone does not tell LIBSVM data from a table with one column: then the next lines do. */
static bool recognise(const char *bytes, size_t length, bool whole)
{
    const char *at = bytes, *end = bytes + length;
    (void)whole;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        const char *token = skip_blanks(at, stop);
        double label;
        long long index;
        at = newline != NULL ? newline + 1 : end;
        if (token == stop || *token == '#' || *token == '\r')
            continue;
        token = ocelot_number_parse(token, stop, &label);
        if (token == NULL || (token < stop && !is_blank(*token) && *token != '\r'))
            return false;
        token = skip_blanks(token, stop);
        if (token == stop || *token == '#' || *token == '\r')
            continue;
        token = ocelot_integer_parse(token, stop, &index);
        return token != NULL && token < stop && *token == ':';
    }
    return false;
}

static enum ocelot_status libsvm_open(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err)
{
    rows->state = ocelot_allocate(1, sizeof(struct libsvm));
    if (rows->state == NULL)
        return ocelot_fail_memory(err, "input");
    if (options->first_index < 0 || options->first_index > 1 || options->last_index < 0 || options->last_index > OCELOT_ROW_FEATURES)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "LIBSVM indices %ld..%ld are not within 0..%d", options->first_index, options->last_index,
                           OCELOT_ROW_FEATURES);
    rows->first_index = options->last_index > 0 ? options->first_index : 1;
    rows->last_index = options->last_index;
    rows->width = (size_t)(rows->last_index - rows->first_index + 1);
    rows->rank = 1;
    return OCELOT_OK;
}

static enum ocelot_status add(struct libsvm *libsvm, long index, double value, struct ocelot_error *err)
{
    if (libsvm->count == libsvm->capacity) {
        size_t capacity = libsvm->capacity > 0 ? libsvm->capacity * 2 : 64;
        struct entry *entry = ocelot_reallocate(libsvm->entry, capacity, sizeof *entry);
        if (entry == NULL)
            return ocelot_fail_memory(err, "a row");
        libsvm->entry = entry;
        libsvm->capacity = capacity;
    }
    libsvm->entry[libsvm->count++] = (struct entry){.index = index, .value = value};
    return OCELOT_OK;
}

/* Reads `index:value` between at and stop. What is wrong with it goes into `sentence`; only a failed allocation is returned. */
static enum ocelot_status read_entry(struct libsvm *libsvm, const char *where, size_t line, const char *at, const char *stop,
                                     struct ocelot_error *sentence, struct ocelot_error *err)
{
    long long index = 0;
    double value = 0;
    size_t length = (size_t)(stop - at);
    const char *colon = ocelot_integer_parse(at, stop, &index);
    if (colon == NULL || colon == stop || *colon != ':' || *at == '+' || *at == '-') {
        (void)ocelot_fail(sentence, OCELOT_E_FORMAT, "%s:%zu: found %s where index:value is expected, with a whole index from 0 on", where, line,
                          ocelot_excerpt(at, length).text);
        return OCELOT_OK;
    }
    if (index > OCELOT_ROW_FEATURES) {
        (void)ocelot_fail(sentence, OCELOT_E_LIMIT, "%s:%zu: index %lld is above the limit of %d", where, line, index, OCELOT_ROW_FEATURES);
        return OCELOT_OK;
    }
    long before = libsvm->count > 0 ? libsvm->entry[libsvm->count - 1].index : -1;
    if (index <= before) {
        (void)ocelot_fail(sentence, OCELOT_E_FORMAT, "%s:%zu: index %lld follows index %ld; indices must ascend", where, line, index, before);
        return OCELOT_OK;
    }
    if (ocelot_number_parse(colon + 1, stop, &value) != stop) {
        (void)ocelot_fail(sentence, OCELOT_E_FORMAT, "%s:%zu: found %s where a number is expected behind the colon", where, line,
                          ocelot_excerpt(at, length).text);
        return OCELOT_OK;
    }
    if (!isfinite(value)) /* kept, and said: the row has no score */
        (void)ocelot_fail(sentence, OCELOT_E_VALUE, "%s:%zu: feature %lld is not a finite number (%s)", where, line, index,
                          ocelot_excerpt(at, length).text);
    return add(libsvm, (long)index, value, err);
}

/* Takes one `index:value` with nothing to say about it, as nearly all are, and returns where it ends; `at` where it is not, and read_entry decides.
 */
static const char *take_plain(struct libsvm *libsvm, const char *at, const char *end)
{
    int index = 0;
    double value = 0;
    const char *stop = ocelot_entry_parse(at, end, &index, &value);
    if (!stop || (stop < end && !is_blank(*stop)) || !isfinite(value) || libsvm->count == libsvm->capacity || index > OCELOT_ROW_FEATURES ||
        (libsvm->count > 0 && index <= libsvm->entry[libsvm->count - 1].index))
        return at;
    struct entry *entry = &libsvm->entry[libsvm->count++];
    entry->index = index;
    entry->value = value;
    return stop;
}

static enum ocelot_status parse(struct libsvm *libsvm, const char *where, const struct ocelot_line *line, struct ocelot_error *sentence,
                                struct ocelot_error *err)
{
    const char *end = line->text + line->length;
    const char *at = skip_blanks(line->text, end), *stop = token_end(at, end);
    libsvm->count = 0;
    libsvm->label = (double)NAN;
    libsvm->label_text = at;
    libsvm->label_length = (size_t)(stop - at);
    if (ocelot_number_parse(at, stop, &libsvm->label) != stop) {
        libsvm->label = (double)NAN;
        (void)ocelot_fail(sentence, OCELOT_E_FORMAT, "%s:%zu: found %s where the label (a number) is expected", where, line->number,
                          ocelot_excerpt(at, (size_t)(stop - at)).text);
    }
    enum ocelot_status status = OCELOT_OK;
    bool readable = sentence->status == OCELOT_OK;
    at = skip_blanks(stop, end);
    while (status == OCELOT_OK && readable && at < end && *at != '#') {
        stop = take_plain(libsvm, at, end);
        if (stop == at) {
            stop = token_end(at, end);
            status = read_entry(libsvm, where, line->number, at, stop, sentence, err);
            readable = sentence->status == OCELOT_OK || sentence->status == OCELOT_E_VALUE;
        }
        at = skip_blanks(stop, end);
    }
    return status;
}

/* Indices that were not seen before make all rows wider. */
static enum ocelot_status widen(struct ocelot_rows *rows, long first, long last, struct ocelot_error *err)
{
    size_t shift = (size_t)(rows->first_index - first), width = (size_t)(last - first + 1);
    if (!ocelot_batch_widen(&rows->batch, shift, width))
        return ocelot_fail_memory(err, "a batch of rows");
    rows->first_index = first;
    rows->last_index = last;
    rows->width = width;
    return OCELOT_OK;
}

static bool outside(const struct ocelot_rows *rows, const struct entry *entry)
{
    return entry->index < rows->first_index || entry->index > rows->last_index;
}

/* Zeros out of bounds say nothing, and are left out; what else is there may be too much. */
static void keep_bounds(const struct ocelot_rows *rows, struct libsvm *libsvm, size_t line, struct ocelot_error *sentence)
{
    size_t kept = 0;
    long stranger = -1;
    if (rows->bounds == OCELOT_ROW_FREE)
        return;
    for (size_t i = 0; i < libsvm->count; i++) {
        struct entry entry = libsvm->entry[i];
        bool strange = outside(rows, &entry);
        if (strange && entry.value == 0)
            continue;
        stranger = strange ? entry.index : stranger;
        libsvm->entry[kept++] = entry;
    }
    libsvm->count = kept;
    if (rows->bounds != OCELOT_ROW_HOLD || stranger < 0)
        return;
    libsvm->count = 0;
    if (sentence->status == OCELOT_OK)
        (void)ocelot_fail(sentence, OCELOT_E_SHAPE, "%s:%zu: index %ld is none of the features %ld to %ld that results have room for",
                          ocelot_source_name(rows->source), line, stranger, rows->first_index, rows->last_index);
}

/* The last index to have room for when one is `last`: twice as many new ones each time. */
static long with_room(const struct ocelot_rows *rows, long last)
{
    long more = 1;
    if (rows->bounds != OCELOT_ROW_GROW)
        return last;
    while (more < last - rows->settled)
        more *= 2;
    return rows->settled + more < OCELOT_ROW_FEATURES ? rows->settled + more : OCELOT_ROW_FEATURES;
}

/* The next line that is not blank or only a comment. */
static enum ocelot_status next_line(struct ocelot_rows *rows, bool patient, struct ocelot_line *line, enum ocelot_next *next,
                                    struct ocelot_error *err)
{
    for (;;) {
        enum ocelot_status status = ocelot_lines_peek_filled(&rows->lines, patient, line, next, err);
        if (status != OCELOT_OK || *next != OCELOT_NEXT_ROW || *skip_blanks(line->text, line->text + line->length) != '#')
            return status;
        ocelot_lines_take(&rows->lines, line);
    }
}

/* The entries of the line into a new row of the batch. */
static bool put_row(struct ocelot_rows *rows, const struct libsvm *libsvm)
{
    struct ocelot_batch *batch = &rows->batch;
    size_t at = 0;
    if (!batch->listed) {
        double *values = ocelot_batch_row(batch, 0.0);
        for (size_t i = 0; values != NULL && i < libsvm->count; i++)
            values[libsvm->entry[i].index - rows->first_index] = libsvm->entry[i].value;
        return values != NULL;
    }
    if (!ocelot_batch_list(batch, libsvm->count, &at))
        return false;
    for (size_t i = 0; i < libsvm->count; i++) {
        batch->features[at + i] = (uint32_t)(libsvm->entry[i].index - rows->first_index);
        batch->values[at + i] = libsvm->entry[i].value;
    }
    return true;
}

static enum ocelot_status libsvm_read(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err)
{
    struct libsvm *libsvm = rows->state;
    struct ocelot_line line;
    struct ocelot_error sentence = {0};
    enum ocelot_status status = next_line(rows, patient, &line, next, err);
    if (status != OCELOT_OK || *next != OCELOT_NEXT_ROW)
        return status;
    status = parse(libsvm, ocelot_source_name(rows->source), &line, &sentence, err);
    if (status != OCELOT_OK)
        return status;
    if (sentence.status != OCELOT_OK && sentence.status != OCELOT_E_VALUE)
        libsvm->count = 0; /* a broken row makes nothing wider */
    keep_bounds(rows, libsvm, line.number, &sentence);
    long first = libsvm->count > 0 && libsvm->entry[0].index < rows->first_index ? libsvm->entry[0].index : rows->first_index;
    long last = libsvm->count > 0 ? libsvm->entry[libsvm->count - 1].index : 0;
    last = last > rows->last_index ? with_room(rows, last) : rows->last_index;
    bool wider = first < rows->first_index || last > rows->last_index, alone = wider && rows->bounds == OCELOT_ROW_GROW;
    if ((alone && rows->batch.count > 0) || ocelot_batch_full(&rows->batch, rows->batch.listed ? libsvm->count : (size_t)(last - first + 1))) {
        *next = OCELOT_NEXT_FULL;
        return OCELOT_OK;
    }
    if (wider)
        status = widen(rows, first, last, err);
    if (status != OCELOT_OK)
        return status;
    if (!put_row(rows, libsvm))
        return ocelot_fail_memory(err, "a batch of rows");
    ocelot_batch_label(&rows->batch, libsvm->label, libsvm->label_text, libsvm->label_length);
    if (sentence.status != OCELOT_OK)
        ocelot_batch_error(&rows->batch, sentence.message);
    ocelot_lines_take(&rows->lines, &line);
    return OCELOT_OK;
}

/* The index before the colon at `colon`; false where there is none. */
static bool index_before(const char *from, const char *colon, long *index)
{
    const char *at = colon;
    long long number = 0;
    while (at > from && !is_blank(at[-1]))
        at--;
    if (ocelot_integer_parse(at, colon, &number) != colon || number > OCELOT_ROW_FEATURES)
        return false;
    *index = (long)number;
    return true;
}

/* Indices ascend: only the first and the last entry of a line are looked at. What is no entry belongs to a broken row, which makes nothing wider. */
static enum ocelot_status libsvm_reach(struct ocelot_rows *rows, long *first, long *last, struct ocelot_error *err)
{
    struct ocelot_line line;
    enum ocelot_next next = OCELOT_NEXT_ROW;
    for (;;) {
        enum ocelot_status status = next_line(rows, true, &line, &next, err);
        if (status != OCELOT_OK || next != OCELOT_NEXT_ROW)
            return status;
        const char *end = line.text + line.length, *comment = memchr(line.text, '#', line.length);
        end = comment != NULL ? comment : end;
        const char *from = token_end(skip_blanks(line.text, end), end), *front = memchr(from, ':', (size_t)(end - from)), *back = end;
        while (front != NULL && *--back != ':')
            ;
        long least = 0, greatest = 0;
        if (front != NULL && index_before(from, front, &least) && index_before(from, back, &greatest)) {
            bool none = *last < *first;
            *first = none || least < *first ? least : *first;
            *last = none || greatest > *last ? greatest : *last;
        }
        ocelot_lines_take(&rows->lines, &line);
    }
}

static void libsvm_close(struct ocelot_rows *rows)
{
    struct libsvm *libsvm = rows->state;
    if (libsvm == NULL)
        return;
    free(libsvm->entry);
    free(libsvm);
}

const struct ocelot_row_format ocelot_row_format_libsvm = {
    .name = "libsvm",
    .summary = "LIBSVM data: label index:value index:value ...",
    .recognise = recognise,
    .open = libsvm_open,
    .read = libsvm_read,
    .reach = libsvm_reach,
    .close = libsvm_close,
};
