#include "stream/truth_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"
#include "io/csv_fields.h"
#include "io/excerpt.h"
#include "io/rows.h"

enum { LINE_BYTES = 1 << 24, NONE = -1 };

#define LARGEST_ROW (1LL << 53)

/* Features by name: sorted, so that a list of a thousand pixels is looked up quickly. */
struct entry {
    const char *name;
    size_t feature;
};

struct reading {
    struct ocelot_lines lines;
    const struct ocelot_truth_subject *subject;
    struct ocelot_truth *truth;
    struct entry *entries; /* [features] */
    bool numbers;          /* features may be given by number */
    size_t *blamed;        /* [features] of the line at hand */
    bool *is_blamed;       /* [features] likewise; all false between lines */
    size_t count;
    struct ocelot_text scratch;
    long row, start, end, features; /* columns, or NONE */
    long columns;
    size_t line;
    long long last; /* row of the line before */
};

static int by_name(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static const char *source_name(const struct reading *reading)
{
    return ocelot_source_name(reading->lines.source);
}

static enum ocelot_status prepare(struct reading *reading, struct ocelot_error *err)
{
    size_t d = reading->subject->features;
    reading->entries = ocelot_allocate(d, sizeof *reading->entries);
    reading->blamed = ocelot_allocate(d, sizeof *reading->blamed);
    reading->is_blamed = ocelot_allocate(d, sizeof *reading->is_blamed);
    if (!reading->entries || !reading->blamed || !reading->is_blamed) {
        return ocelot_fail_memory(err, "the features to blame");
    }
    reading->numbers = true;
    for (size_t i = 0; i < d; i++) {
        const char *name = reading->subject->names[i], *stop = name + strlen(name);
        long long number = 0;
        reading->entries[i] = (struct entry){name, i};
        reading->numbers = reading->numbers && (name == stop || ocelot_integer_parse(name, stop, &number) != stop);
    }
    qsort(reading->entries, d, sizeof *reading->entries, by_name);
    return ocelot_truth_create(d, &reading->truth, err);
}

/* --- the header ------------------------------------------------------------------------------------------------------------------ */

/* The field as a terminated text in `scratch`; NULL when out of memory. */
static const char *field_text(struct reading *reading, const struct ocelot_csv_field *field)
{
    ocelot_text_clear(&reading->scratch);
    ocelot_text_append(&reading->scratch, "", 0);
    ocelot_csv_text(field, &reading->scratch);
    ocelot_text_append(&reading->scratch, "", 1);
    return reading->scratch.failed ? NULL : reading->scratch.bytes;
}

/* Where the columns are: each may be there once. */
static enum ocelot_status place_column(struct reading *reading, const char *name, long *metrics, long *other, struct ocelot_error *err)
{
    const char *wanted = reading->subject->column ? reading->subject->column : "features";
    const struct {
        const char *name;
        long *column;
    } places[] = {{"row", &reading->row}, {"start", &reading->start}, {"end", &reading->end}, {wanted, &reading->features}, {"metrics", metrics}};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        if (strcmp(name, places[k].name) != 0) {
            continue;
        }
        if (*places[k].column != NONE) {
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: two columns are called %s", source_name(reading), reading->line, name);
        }
        *places[k].column = reading->columns;
        return OCELOT_OK;
    }
    *other = *other == NONE ? reading->columns : *other;
    return OCELOT_OK;
}

static enum ocelot_status read_header(struct reading *reading, const struct ocelot_line *line, struct ocelot_error *err)
{
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, reading->lines.delimiter);
    struct ocelot_csv_field field;
    long metrics = NONE, other = NONE;
    enum ocelot_status status = OCELOT_OK;
    reading->line = line->number;
    for (; !status && ocelot_csv_next(&cursor, &field); reading->columns++) {
        const char *name = field_text(reading, &field);
        status = name ? place_column(reading, name, &metrics, &other, err) : ocelot_fail_memory(err, "the header");
    }
    if (status) {
        return status;
    }
    bool rows = reading->row != NONE, incidents = reading->start != NONE && reading->end != NONE;
    if (rows == incidents) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %s, expected a header with row,features or with start,end,features",
                           source_name(reading), line->number, ocelot_excerpt(line->text, line->length).text);
    }
    if (rows) {
        reading->start = reading->end = NONE; /* columns like any other */
    }
    if (reading->features == NONE && reading->subject->column) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: no column is called %s", source_name(reading), line->number,
                           ocelot_excerpt_string(reading->subject->column).text);
    }
    reading->features = reading->features != NONE ? reading->features : metrics != NONE ? metrics : other;
    if (reading->features == NONE) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: no column says which features were to blame", source_name(reading), line->number);
    }
    return OCELOT_OK;
}

/* --- the lines ------------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status read_row(struct reading *reading, const struct ocelot_csv_field *field, const char *column, long long *out,
                                   struct ocelot_error *err)
{
    const char *stop = field->text + field->length;
    if (ocelot_integer_parse(field->text, stop, out) != stop || *out < 0 || *out > LARGEST_ROW) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: %s is %s, expected a row, counted from 0", source_name(reading), reading->line, column,
                           ocelot_excerpt(field->text, field->length).text);
    }
    return OCELOT_OK;
}

/* `name` is terminated. */
static enum ocelot_status blame(struct reading *reading, const char *name, struct ocelot_error *err)
{
    struct entry key = {.name = name};
    size_t d = reading->subject->features, feature = d;
    const struct entry *found = bsearch(&key, reading->entries, d, sizeof key, by_name);
    const char *stop = name + strlen(name);
    long long number = 0;
    if (found) {
        feature = found->feature;
    } else if (reading->numbers && ocelot_integer_parse(name, stop, &number) == stop && number >= 0 && (unsigned long long)number < d) {
        feature = (size_t)number;
    }
    if (feature == d) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: %s is no feature of the model, %s", source_name(reading), reading->line,
                           ocelot_excerpt_string(name).text, reading->numbers ? "neither by name nor by number from 0" : "by name");
    }
    if (reading->is_blamed[feature]) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: feature %s is blamed twice", source_name(reading), reading->line,
                           ocelot_excerpt_string(reading->subject->names[feature]).text);
    }
    reading->is_blamed[feature] = true;
    reading->blamed[reading->count++] = feature;
    return OCELOT_OK;
}

/* One name that holds blanks needs no semicolon: a list that is a feature's name as a whole is that feature. */
static enum ocelot_status read_features(struct reading *reading, const struct ocelot_csv_field *field, struct ocelot_error *err)
{
    if (!field_text(reading, field)) {
        return ocelot_fail_memory(err, "the features to blame");
    }
    struct entry key = {.name = reading->scratch.bytes};
    if (bsearch(&key, reading->entries, reading->subject->features, sizeof key, by_name)) {
        return blame(reading, key.name, err);
    }
    const char *between = strchr(reading->scratch.bytes, ';') ? ";" : " \t";
    enum ocelot_status status = OCELOT_OK;
    for (char *at = reading->scratch.bytes; *at && !status;) {
        size_t length = strcspn(at, between), trimmed = length;
        char *next = at + length + (at[length] != '\0');
        while (trimmed > 0 && (*at == ' ' || *at == '\t')) {
            at++;
            trimmed--;
        }
        while (trimmed > 0 && (at[trimmed - 1] == ' ' || at[trimmed - 1] == '\t')) {
            trimmed--;
        }
        at[trimmed] = '\0';
        status = trimmed ? blame(reading, at, err) : OCELOT_OK;
        at = next;
    }
    return status;
}

static enum ocelot_status check_order(struct reading *reading, long long first, long long end, struct ocelot_error *err)
{
    if (end <= first) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: the incident starts at row %lld and ends before row %lld: it has no rows",
                           source_name(reading), reading->line, first, end);
    }
    if (reading->row != NONE && first <= reading->last) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: row %lld stands behind row %lld: rows must ascend, each once", source_name(reading),
                           reading->line, first, reading->last);
    }
    reading->last = first;
    return OCELOT_OK;
}

static enum ocelot_status read_line(struct reading *reading, const struct ocelot_line *line, struct ocelot_error *err)
{
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, reading->lines.delimiter);
    struct ocelot_csv_field field;
    long long first = 0, end = 0;
    enum ocelot_status status = OCELOT_OK;
    long column = 0;
    reading->line = line->number;
    reading->count = 0;
    for (; !status && ocelot_csv_next(&cursor, &field); column++) {
        if (column == reading->row || column == reading->start) {
            status = read_row(reading, &field, column == reading->row ? "row" : "start", &first, err);
        } else if (column == reading->end) {
            status = read_row(reading, &field, "end", &end, err);
        } else if (column == reading->features) {
            status = read_features(reading, &field, err);
        }
    }
    for (size_t k = 0; k < reading->count; k++) {
        reading->is_blamed[reading->blamed[k]] = false;
    }
    if (!status && column != reading->columns) {
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %ld fields, expected %ld as in the header", source_name(reading), line->number,
                             column, reading->columns);
    }
    if (status) {
        return status; /* before arithmetic on rows: one that was refused may be as large as numbers get */
    }
    end = reading->row == NONE ? end : first + 1;
    status = check_order(reading, first, end, err);
    return status ? status : ocelot_truth_add(reading->truth, (size_t)first, (size_t)end, reading->blamed, reading->count, err);
}

static enum ocelot_status read_text(struct ocelot_source *source, const struct ocelot_truth_subject *subject, struct ocelot_truth **out,
                                    struct ocelot_error *err)
{
    struct reading reading = {.lines = {.source = source, .max = LINE_BYTES, .delimiter = ','},
                              .subject = subject,
                              .row = NONE,
                              .start = NONE,
                              .end = NONE,
                              .features = NONE,
                              .last = -1};
    struct ocelot_line line;
    enum ocelot_next next = OCELOT_NEXT_ROW;
    enum ocelot_status status = prepare(&reading, err);
    while (!status) {
        status = ocelot_lines_peek_filled(&reading.lines, true, &line, &next, err);
        if (status || next == OCELOT_NEXT_END) {
            break;
        }
        if (reading.columns == 0 && memchr(line.text, '\t', line.length)) {
            reading.lines.delimiter = '\t';
        }
        status = reading.columns ? read_line(&reading, &line, err) : read_header(&reading, &line, err);
        ocelot_lines_take(&reading.lines, &line);
    }
    if (!status && reading.columns == 0) {
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s:1: the file is empty, expected a header with row,features or with start,end,features",
                             ocelot_source_name(source));
    }
    free(reading.entries);
    free(reading.blamed);
    free(reading.is_blamed);
    ocelot_text_free(&reading.scratch);
    if (status) {
        ocelot_truth_free(reading.truth);
        return status;
    }
    *out = reading.truth;
    return OCELOT_OK;
}

/* --- masks ----------------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status add_masks(struct ocelot_truth *truth, const struct ocelot_row_batch *batch, size_t *blamed, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t r = 0; r < batch->count && !status; r++) {
        size_t count = 0, row = batch->first_row + r;
        if (batch->error && batch->error[r]) {
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s", batch->error[r]);
        }
        for (size_t i = 0; i < batch->width; i++) {
            if (batch->values[r * batch->width + i] != 0) {
                blamed[count++] = i;
            }
        }
        status = ocelot_truth_add(truth, row, row + 1, blamed, count, err);
    }
    return status;
}

static enum ocelot_status read_masks(const char *path, size_t features, struct ocelot_truth **out, struct ocelot_error *err)
{
    struct ocelot_rows *rows = NULL;
    struct ocelot_rows_options options = {.width = features};
    struct ocelot_row_batch batch = {.count = 1};
    struct ocelot_truth *truth = NULL;
    size_t *blamed = ocelot_allocate(features, sizeof *blamed);
    if (!blamed) {
        return ocelot_fail_memory(err, "the features to blame");
    }
    enum ocelot_status status = ocelot_truth_create(features, &truth, err);
    status = status ? status : ocelot_rows_open(path, &options, &rows, err);
    while (!status && batch.count > 0) {
        status = ocelot_rows_read(rows, 256, &batch, err);
        if (!status && batch.count) {
            status = add_masks(truth, &batch, blamed, err);
        }
    }
    ocelot_rows_close(rows);
    free(blamed);
    if (status) {
        ocelot_truth_free(truth);
        return status;
    }
    *out = truth;
    return OCELOT_OK;
}

/* What no text begins with: NumPy's magic number, or that of IDX. */
static enum ocelot_status recognise_mask(struct ocelot_source *source, bool *out, struct ocelot_error *err)
{
    struct ocelot_window window = {0};
    enum ocelot_status status = ocelot_source_peek(source, 1, true, &window, err);
    *out = !status && window.length && (window.bytes[0] == '\x93' || window.bytes[0] == '\0');
    return status;
}

enum ocelot_status ocelot_truth_file_read(const char *path, const struct ocelot_truth_subject *subject, struct ocelot_truth **out,
                                          struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    bool mask = false;
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    status = status ? status : recognise_mask(source, &mask, err);
    if (!status && mask && strcmp(path, "-") == 0) {
        status = ocelot_fail(err, OCELOT_E_UNSUPPORTED, "standard input: a mask of features to blame is read from a file only");
    } else if (!status && !mask) {
        status = read_text(source, subject, out, err);
    }
    ocelot_source_close(source);
    return status || !mask ? status : read_masks(path, subject->features, out, err);
}

enum ocelot_status ocelot_truth_file_read_memory(const void *bytes, size_t size, const char *name, const struct ocelot_truth_subject *subject,
                                                 struct ocelot_truth **out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    enum ocelot_status status = ocelot_source_open_memory(bytes, size, name, &source, err);
    status = status ? status : read_text(source, subject, out, err);
    ocelot_source_close(source);
    return status;
}
