#include "io/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/excerpt.h"
#include "io/row_format.h"

/* In the order in which content is tried; CSV takes what no other does. */
static const struct ocelot_row_format *const formats[] = {&ocelot_row_format_npy, &ocelot_row_format_idx, &ocelot_row_format_libsvm,
                                                          &ocelot_row_format_csv, &ocelot_row_format_tsv, NULL};

/* Content that people try and that is none of ours: better said than read as text. */
static const struct {
    const char *magic;
    size_t length;
    const char *what;
} strangers[] = {{"PK\003\004", 4, "a zip archive (such as .npz or .xlsx)"},
                 {"\377\376", 2, "UTF-16 text; convert it to UTF-8"},
                 {"\376\377", 2, "UTF-16 text; convert it to UTF-8"},
                 {"PAR1", 4, "a Parquet file"},
                 {"\211HDF", 4, "an HDF5 file"},
                 {"BZh", 3, "bzip2 data"},
                 {"\3757zXZ", 5, "xz data"},
                 {"(\265/\375", 4, "zstd data"},
                 {"\211PNG", 4, "a PNG picture"}};

static enum ocelot_status by_content(struct ocelot_rows *rows, struct ocelot_error *err)
{
    const char *name = ocelot_source_name(rows->source);
    struct ocelot_window window;
    size_t want = 1;
    for (;;) { /* a whole line where there is one: a pipe may give it in pieces */
        enum ocelot_status status = ocelot_source_peek(rows->source, want, true, &window, err);
        if (status != OCELOT_OK)
            return status;
        bool binary = window.length > 0 && (window.bytes[0] == '\0' || window.bytes[0] == '\223');
        bool enough = binary ? window.length >= 16 : window.length > 0 && memchr(window.bytes, '\n', window.length) != NULL;
        if (enough || window.end || window.length >= OCELOT_ROW_RECOGNISE_BYTES)
            break;
        want = window.length + 1;
    }
    if (window.length == 0)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is empty", name);
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        if (window.length >= strangers[i].length && memcmp(window.bytes, strangers[i].magic, strangers[i].length) == 0)
            return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is %s; what can be read is CSV, LIBSVM data, .npy and IDX, each also gzipped", name,
                               strangers[i].what);
    size_t length = window.length < OCELOT_ROW_RECOGNISE_BYTES ? window.length : OCELOT_ROW_RECOGNISE_BYTES;
    for (size_t i = 0; rows->format == NULL && formats[i] != NULL; i++)
        if (formats[i]->recognise != NULL && formats[i]->recognise(window.bytes, length, window.end && length == window.length))
            rows->format = formats[i];
    if (rows->format == NULL)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is not in a format that can be read (CSV, LIBSVM data, .npy or IDX, each also gzipped)", name);
    return OCELOT_OK;
}

static enum ocelot_status by_name(struct ocelot_rows *rows, const char *wanted, struct ocelot_error *err)
{
    for (size_t i = 0; formats[i] != NULL; i++)
        if (strcmp(formats[i]->name, wanted) == 0)
            rows->format = formats[i];
    if (rows->format == NULL)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "no input format is called %s; there are csv, tsv, libsvm, npy and idx",
                           ocelot_excerpt_string(wanted).text);
    return OCELOT_OK;
}

static enum ocelot_status skip_byte_order_mark(struct ocelot_rows *rows, struct ocelot_error *err)
{
    struct ocelot_window window;
    enum ocelot_status status = ocelot_source_peek(rows->source, 3, true, &window, err);
    if (status == OCELOT_OK && window.length >= 3 && memcmp(window.bytes, "\357\273\277", 3) == 0)
        ocelot_source_take(rows->source, 3);
    return status;
}

/* Owns `source` from here on. */
static enum ocelot_status open_source(struct ocelot_source *source, const struct ocelot_rows_options *options, struct ocelot_rows **out,
                                      struct ocelot_error *err)
{
    static const struct ocelot_rows_options guess;
    if (options == NULL)
        options = &guess;
    struct ocelot_rows *rows = ocelot_allocate(1, sizeof *rows);
    if (rows == NULL) {
        ocelot_source_close(source);
        return ocelot_fail_memory(err, "input");
    }
    rows->source = source;
    rows->total = -1;
    rows->lines.source = source;
    rows->lines.max = options->max_line > 0 ? options->max_line : (size_t)1 << 30;
    enum ocelot_status status = skip_byte_order_mark(rows, err);
    if (status == OCELOT_OK)
        status = options->format != NULL ? by_name(rows, options->format, err) : by_content(rows, err);
    if (status == OCELOT_OK)
        status = rows->format->open(rows, options, err);
    if (status != OCELOT_OK)
        ocelot_rows_close(rows);
    else
        *out = rows;
    return status;
}

enum ocelot_status ocelot_rows_open(const char *path, const struct ocelot_rows_options *options, struct ocelot_rows **out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    enum ocelot_status status = ocelot_source_open(path, &source, err);
    return status == OCELOT_OK ? open_source(source, options, out, err) : status;
}

enum ocelot_status ocelot_rows_open_memory(const void *bytes, size_t size, const char *name, const struct ocelot_rows_options *options,
                                           struct ocelot_rows **out, struct ocelot_error *err)
{
    struct ocelot_source *source = NULL;
    enum ocelot_status status = ocelot_source_open_memory(bytes, size, name, &source, err);
    return status == OCELOT_OK ? open_source(source, options, out, err) : status;
}

void ocelot_rows_close(struct ocelot_rows *rows)
{
    if (rows == NULL)
        return;
    if (rows->format != NULL)
        rows->format->close(rows);
    ocelot_batch_free(&rows->batch);
    ocelot_batch_free(&rows->last);
    ocelot_source_close(rows->source);
    free(rows);
}

void ocelot_rows_list(struct ocelot_rows *rows, long first)
{
    if (rows->format->reach == NULL)
        return;
    rows->batch.listed = rows->last.listed = true;
    rows->first_index = first < rows->first_index ? first : rows->first_index;
    rows->width = (size_t)(rows->last_index - rows->first_index + 1);
}

void ocelot_rows_bound(struct ocelot_rows *rows, long first, long last, enum ocelot_row_bounds bounds)
{
    if (rows->format->reach == NULL)
        return;
    rows->bounds = bounds;
    rows->first_index = first;
    rows->last_index = rows->settled = last;
    rows->width = (size_t)(last - first + 1);
}

enum ocelot_status ocelot_rows_reach(struct ocelot_rows *rows, long *first, long *last, struct ocelot_error *err)
{
    *first = 1;
    *last = 0;
    return rows->format->reach == NULL ? OCELOT_OK : rows->format->reach(rows, first, last, err);
}

enum ocelot_status ocelot_rows_read(struct ocelot_rows *rows, size_t max, struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    enum ocelot_next next = OCELOT_NEXT_ROW;
    struct ocelot_batch free_one = rows->last;
    rows->last = rows->batch;
    rows->batch = free_one;
    ocelot_batch_begin(&rows->batch, rows->width);
    if (rows->pending.status != OCELOT_OK)
        return ocelot_fail(err, rows->pending.status, "%s", rows->pending.message);
    while (rows->batch.count < max && next == OCELOT_NEXT_ROW) {
        enum ocelot_status status = rows->format->read(rows, rows->batch.count == 0, &next, &rows->pending);
        if (status == OCELOT_OK)
            continue;
        if (rows->batch.count > 0 && status != OCELOT_E_MEMORY)
            break; /* what is complete goes out first */
        return ocelot_fail(err, status, "%s", rows->pending.message);
    }
    enum ocelot_status status = ocelot_batch_finish(&rows->batch, batch, err);
    if (status != OCELOT_OK)
        return status;
    batch->first_row = rows->passed;
    rows->passed += batch->count;
    return OCELOT_OK;
}

const char *ocelot_rows_format(const struct ocelot_rows *rows)
{
    return rows->format->name;
}

size_t ocelot_rows_width(const struct ocelot_rows *rows)
{
    return rows->width;
}

const char *ocelot_rows_column(const struct ocelot_rows *rows, size_t i)
{
    return rows->column != NULL && i < rows->width ? rows->column[i] : NULL;
}

size_t ocelot_rows_ignored(const struct ocelot_rows *rows)
{
    return rows->ignored_count;
}

const char *ocelot_rows_ignored_column(const struct ocelot_rows *rows, size_t i)
{
    return i < rows->ignored_count ? rows->ignored[i] : NULL;
}

void ocelot_rows_indices(const struct ocelot_rows *rows, long *first, long *last)
{
    *first = rows->first_index;
    *last = rows->last_index;
}

size_t ocelot_rows_image(const struct ocelot_rows *rows, size_t *height, size_t *width)
{
    *height = rows->height;
    *width = rows->breadth;
    return rows->rank;
}

size_t ocelot_rows_shape(const struct ocelot_rows *rows, const size_t **shape)
{
    *shape = rows->shape;
    return rows->shape[0] > 0 ? rows->rank : 0;
}

bool ocelot_rows_waits(const struct ocelot_rows *rows)
{
    return rows->source != NULL && ocelot_source_waits(rows->source);
}

long long ocelot_rows_total(const struct ocelot_rows *rows)
{
    return rows->total;
}

double ocelot_rows_progress(const struct ocelot_rows *rows)
{
    if (rows->source == NULL)
        return rows->total > 0 ? (double)rows->passed / (double)rows->total : 1.0;
    return ocelot_source_progress(rows->source);
}
