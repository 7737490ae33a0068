/* CSV and TSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"
#include "io/csv_columns.h"
#include "io/csv_fields.h"
#include "io/excerpt.h"
#include "io/row_format.h"

enum {
    NAME_MAX_BYTES = 1 << 16, /* a file without line ends is not one column name */
    COLUMNS_MAX = 1 << 20     /* each costs some hundred bytes */
};

struct csv {
    struct ocelot_csv_columns columns;
    bool doubtful;              /* the header was guessed, and some of its names are numbers */
    struct ocelot_text scratch; /* ids and labels whose doubled quotes are made single */
};

/* How a column is called in messages. */
static struct ocelot_excerpt column_name(const struct ocelot_csv_columns *columns, size_t i)
{
    struct ocelot_excerpt name = {{0}};
    if (columns->named)
        return ocelot_excerpt_string(columns->name[i]);
    (void)snprintf(name.text, sizeof name.text, "%zu", i + 1);
    return name;
}

static enum ocelot_status read_header(struct ocelot_rows *rows, const struct ocelot_line *line, struct ocelot_error *err)
{
    struct csv *csv = rows->state;
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, rows->lines.delimiter);
    struct ocelot_csv_field field;
    while (ocelot_csv_next(&cursor, &field)) {
        ocelot_text_clear(&csv->scratch);
        if (csv->columns.named && field.length > NAME_MAX_BYTES)
            return ocelot_fail(err, OCELOT_E_LIMIT, "%s:%zu: a column name of %zu bytes (%s); at most %d are read", ocelot_source_name(rows->source),
                               line->number, field.length, ocelot_excerpt(field.text, field.length).text, NAME_MAX_BYTES);
        if (csv->columns.named)
            ocelot_csv_text(&field, &csv->scratch);
        bool named = csv->scratch.length > 0;
        if (csv->scratch.failed || !ocelot_csv_columns_add(&csv->columns, named ? csv->scratch.bytes : NULL, csv->scratch.length))
            return ocelot_fail_memory(err, "the columns");
        if (csv->columns.count > COLUMNS_MAX)
            return ocelot_fail(err, OCELOT_E_LIMIT, "%s:%zu: more than %d columns", ocelot_source_name(rows->source), line->number, COLUMNS_MAX);
    }
    return OCELOT_OK;
}

/* A first line is a header when any of its fields is neither a number nor missing; *doubtful: others are numbers. */
static bool looks_like_header(const struct ocelot_line *line, char delimiter, bool *doubtful)
{
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, delimiter);
    struct ocelot_csv_field field;
    bool kinds[3] = {false};
    double value;
    while (ocelot_csv_next(&cursor, &field))
        kinds[ocelot_csv_number(&field, &value)] = true;
    *doubtful = kinds[OCELOT_CSV_WORD] && kinds[OCELOT_CSV_NUMBER];
    return kinds[OCELOT_CSV_WORD];
}

/* "1 2 3": a table with blanks between its columns, taken for a header of one. */
static bool separated_by_blanks(const struct ocelot_line *line)
{
    const char *end = line->text + line->length;
    double value;
    const char *stop = ocelot_number_parse(line->text, end, &value);
    return stop != NULL && stop < end && (*stop == ' ' || *stop == '\t');
}

static enum ocelot_status word_column(const struct ocelot_rows *rows, const struct ocelot_line *line, size_t column,
                                      const struct ocelot_csv_field *field, const char *others, struct ocelot_error *err)
{
    const struct csv *csv = rows->state;
    const char *file = ocelot_source_name(rows->source);
    struct ocelot_excerpt name = column_name(&csv->columns, column), found = ocelot_excerpt(field->text, field->length);
    if (ocelot_csv_decimal_comma(field))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: column %s: found %s; decimal commas are not read, write a point", file, line->number,
                           name.text, found.text);
    if (csv->columns.count == 1 && memchr(field->text, ' ', field->length) != NULL)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %s; the columns of a table are separated by , ; tab or |, not by blanks", file,
                           line->number, found.text);
    return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: column %s holds text (%s) where a number is expected; leave it out with --drop%s%s", file,
                       line->number, name.text, found.text, others, csv->doubtful ? ", or say --header no if line 1 is data" : "");
}

/* Text in a feature column of the first data row: better said at once than once a row. */
static enum ocelot_status check_first_row(struct ocelot_rows *rows, struct ocelot_error *err)
{
    struct csv *csv = rows->state;
    struct ocelot_line line;
    enum ocelot_next next;
    enum ocelot_status status = ocelot_lines_peek_filled(&rows->lines, true, &line, &next, err);
    if (status != OCELOT_OK || next != OCELOT_NEXT_ROW)
        return status;
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(&line, rows->lines.delimiter);
    struct ocelot_csv_field field, first = {0};
    size_t column = 0, bad = OCELOT_CSV_NONE, used = 0, left_out = 0;
    char others[160] = "";
    double value;
    for (; ocelot_csv_next(&cursor, &field); column++) {
        if (column >= csv->columns.count)
            return OCELOT_OK; /* ragged: a matter of that row */
        if (csv->columns.place[column] == OCELOT_CSV_NONE || ocelot_csv_number(&field, &value) != OCELOT_CSV_WORD)
            continue;
        if (bad == OCELOT_CSV_NONE) {
            bad = column;
            first = field;
            continue;
        }
        struct ocelot_excerpt name = column_name(&csv->columns, column);
        if (used + strlen(name.text) + 2 < sizeof others - 40 && left_out == 0)
            used += (size_t)snprintf(others + used, sizeof others - used, "%s%s", used > 0 ? ", " : " (so do ", name.text);
        else
            left_out++;
    }
    if (left_out > 0)
        (void)snprintf(others + used, sizeof others - used, " and %zu more)", left_out);
    else if (used > 0)
        (void)snprintf(others + used, sizeof others - used, ")");
    if (column < csv->columns.count || bad == OCELOT_CSV_NONE)
        return OCELOT_OK;
    return word_column(rows, &line, bad, &first, others, err);
}

static enum ocelot_status choose_delimiter(struct ocelot_rows *rows, const struct ocelot_rows_options *options, const struct ocelot_line *line,
                                           struct ocelot_error *err)
{
    struct ocelot_window window;
    rows->lines.delimiter = rows->format->delimiter != 0 ? rows->format->delimiter : options->delimiter;
    if (rows->lines.delimiter != 0)
        return OCELOT_OK;
    enum ocelot_status status = ocelot_source_peek(rows->source, 0, false, &window, err);
    if (status == OCELOT_OK)
        rows->lines.delimiter = ocelot_csv_delimiter(line, &window);
    return status;
}

static enum ocelot_status open_table(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err)
{
    struct csv *csv = rows->state;
    struct ocelot_line line;
    enum ocelot_next next;
    enum ocelot_status status = ocelot_lines_peek_filled(&rows->lines, true, &line, &next, err); /* a plain line: no delimiter is set */
    if (status != OCELOT_OK)
        return status;
    if (next == OCELOT_NEXT_END)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is empty", ocelot_source_name(rows->source));
    if (memchr(line.text, '\r', line.length) != NULL && memchr(line.text, '"', line.length) == NULL)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: a carriage return within a line; lines must end in LF or CR LF, not in CR alone",
                           ocelot_source_name(rows->source), line.number);
    status = choose_delimiter(rows, options, &line, err);
    if (status == OCELOT_OK)
        status = ocelot_lines_peek(&rows->lines, true, &line, &next, err); /* again: a quoted name may hold a line end */
    if (status != OCELOT_OK)
        return status;
    bool guess = options->header == NULL || strcmp(options->header, "auto") == 0;
    csv->columns.named = guess ? looks_like_header(&line, rows->lines.delimiter, &csv->doubtful) : strcmp(options->header, "yes") == 0;
    status = read_header(rows, &line, err);
    if (status == OCELOT_OK && guess && csv->columns.named && csv->columns.count == 1 && separated_by_blanks(&line))
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %s; the columns of a table are separated by , ; tab or |, not by blanks",
                             ocelot_source_name(rows->source), line.number, ocelot_excerpt(line.text, line.length).text);
    char where[300];
    (void)snprintf(where, sizeof where, "%s:%zu", ocelot_source_name(rows->source), line.number);
    if (status == OCELOT_OK)
        status = ocelot_csv_columns_match(&csv->columns, options, where, err);
    if (status == OCELOT_OK && csv->columns.width == 0)
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s: no column is left as a feature", where);
    if (status != OCELOT_OK)
        return status;
    if (csv->columns.named)
        ocelot_lines_take(&rows->lines, &line);
    return check_first_row(rows, err);
}

static enum ocelot_status csv_open(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err)
{
    struct csv *csv = ocelot_allocate(1, sizeof *csv);
    rows->state = csv;
    if (csv == NULL)
        return ocelot_fail_memory(err, "the columns");
    if (options->delimiter == '"' || options->delimiter == '\n' || options->delimiter == '\r')
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "a quote or line end cannot be the delimiter");
    enum ocelot_status status = open_table(rows, options, err);
    if (status != OCELOT_OK)
        return status;
    rows->width = csv->columns.width;
    rows->rank = 1;
    rows->column = csv->columns.named ? csv->columns.feature : NULL;
    rows->ignored = csv->columns.ignored;
    rows->ignored_count = csv->columns.ignored_count;
    return OCELOT_OK;
}

/* Why a field is not a usable number. */
static void bad_field(const struct ocelot_rows *rows, size_t line, size_t column, const struct ocelot_csv_field *field, double value,
                      struct ocelot_error *sentence)
{
    const struct csv *csv = rows->state;
    const char *file = ocelot_source_name(rows->source);
    struct ocelot_excerpt name = column_name(&csv->columns, column), found = ocelot_excerpt(field->text, field->length);
    if (isinf(value))
        (void)ocelot_fail(sentence, OCELOT_E_VALUE, "%s:%zu: column %s is infinite (%s)", file, line, name.text, found.text);
    else if (field->length == 0)
        (void)ocelot_fail(sentence, OCELOT_E_VALUE, "%s:%zu: column %s is empty", file, line, name.text);
    else if (ocelot_csv_decimal_comma(field))
        (void)ocelot_fail(sentence, OCELOT_E_VALUE, "%s:%zu: column %s: found %s; decimal commas are not read", file, line, name.text, found.text);
    else
        (void)ocelot_fail(sentence, OCELOT_E_VALUE, "%s:%zu: column %s holds %s where a number is expected", file, line, name.text, found.text);
}

/* Label and id go out as they are written. */
static void keep_text(struct ocelot_rows *rows, size_t column, const struct ocelot_csv_field *field)
{
    struct csv *csv = rows->state;
    double value = (double)NAN;
    ocelot_text_clear(&csv->scratch);
    ocelot_csv_text(field, &csv->scratch);
    rows->batch.text.failed = rows->batch.text.failed || csv->scratch.failed;
    if (column == csv->columns.label) {
        (void)ocelot_csv_number(field, &value);
        ocelot_batch_label(&rows->batch, value, csv->scratch.bytes, csv->scratch.length);
    }
    if (column == csv->columns.id)
        ocelot_batch_id(&rows->batch, csv->scratch.bytes, csv->scratch.length);
}

static void read_fields(struct ocelot_rows *rows, const struct ocelot_line *line, double *values, struct ocelot_error *sentence)
{
    const struct ocelot_csv_columns *columns = &((const struct csv *)rows->state)->columns;
    const char *file = ocelot_source_name(rows->source);
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, rows->lines.delimiter);
    struct ocelot_csv_field field;
    size_t count = 0;
    struct ocelot_error later = {0}; /* about a value: matters only when the line has the right number of fields */
    for (; ocelot_csv_next(&cursor, &field); count++) {
        if (count >= columns->count)
            continue;
        if (field.broken)
            (void)ocelot_fail(&later, OCELOT_E_FORMAT, "%s:%zu: characters follow the closing quote of column %s", file, line->number,
                              column_name(columns, count).text);
        if (count == columns->label || count == columns->id)
            keep_text(rows, count, &field);
        size_t place = columns->place[count];
        if (place == OCELOT_CSV_NONE)
            continue;
        enum ocelot_csv_kind kind = ocelot_csv_number(&field, &values[place]);
        if (kind != OCELOT_CSV_NUMBER || isinf(values[place]))
            bad_field(rows, line->number, count, &field, values[place], &later);
    }
    if (count != columns->count)
        (void)ocelot_fail(sentence, OCELOT_E_FORMAT, "%s:%zu: %zu field%s where %zu %s expected", file, line->number, count, count == 1 ? "" : "s",
                          columns->count, columns->count == 1 ? "is" : "are");
    else
        *sentence = later;
}

static enum ocelot_status csv_read(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err)
{
    struct ocelot_line line;
    enum ocelot_status status = ocelot_lines_peek_filled(&rows->lines, patient, &line, next, err);
    if (status != OCELOT_OK || *next != OCELOT_NEXT_ROW)
        return status;
    if (ocelot_batch_full(&rows->batch, rows->width)) {
        *next = OCELOT_NEXT_FULL;
        return OCELOT_OK;
    }
    double *values = ocelot_batch_row(&rows->batch, (double)NAN);
    if (values == NULL)
        return ocelot_fail_memory(err, "a batch of rows");
    rows->batch.has_label = ((const struct csv *)rows->state)->columns.label != OCELOT_CSV_NONE; /* also of rows too short for it */
    struct ocelot_error sentence = {0};
    read_fields(rows, &line, values, &sentence);
    if (sentence.status != OCELOT_OK)
        ocelot_batch_error(&rows->batch, sentence.message);
    ocelot_lines_take(&rows->lines, &line);
    return OCELOT_OK;
}

static void csv_close(struct ocelot_rows *rows)
{
    struct csv *csv = rows->state;
    if (csv == NULL)
        return;
    ocelot_csv_columns_free(&csv->columns);
    ocelot_text_free(&csv->scratch);
    free(csv);
}

/* Whatever text there is: tried last. */
static bool csv_recognise(const char *bytes, size_t length, bool whole)
{
    (void)whole;
    return memchr(bytes, '\0', length) == NULL;
}

const struct ocelot_row_format ocelot_row_format_csv = {
    .name = "csv",
    .summary = "a table as text, columns separated by , ; tab or |, with or without a header (RFC 4180)",
    .recognise = csv_recognise,
    .open = csv_open,
    .read = csv_read,
    .close = csv_close,
};

const struct ocelot_row_format ocelot_row_format_tsv = {
    .name = "tsv",
    .summary = "a table as text, columns separated by tabs",
    .delimiter = '\t',
    .open = csv_open,
    .read = csv_read,
    .close = csv_close,
};
