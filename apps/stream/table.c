#include "stream/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"

bool ocelot_row_trouble(const double *row, size_t width, const char *const *names, char *text, size_t room)
{
    bool finite = ocelot_numbers_finite(row, width);
    for (size_t i = 0; !finite && i < width; i++) {
        if (isfinite(row[i])) {
            continue;
        }
        const char *what = isnan(row[i]) ? "is missing" : "is infinite";
        if (names && names[i]) {
            snprintf(text, room, "the value of %s %s", names[i], what);
        } else {
            snprintf(text, room, "value %zu of the row %s", i + 1, what);
        }
        return true;
    }
    return false;
}

static bool same_label(const char *found, const char *wanted)
{
    if (!found) {
        return false;
    }
    double a = 0, b = 0;
    const char *found_end = found + strlen(found), *wanted_end = wanted + strlen(wanted);
    if (ocelot_number_parse(found, found_end, &a) == found_end && ocelot_number_parse(wanted, wanted_end, &b) == wanted_end) {
        return a == b;
    }
    return strcmp(found, wanted) == 0;
}

/* LIBSVM rows may get wider while they are read: what is there is laid out anew, zeros in the new places. */
static enum ocelot_status widen(struct ocelot_table *table, size_t width, size_t shift, struct ocelot_error *err)
{
    size_t size = 0;
    double *values = ocelot_size_multiply(table->capacity, width, &size) ? ocelot_allocate(size, sizeof *values) : NULL;
    if (!values) {
        return ocelot_fail_memory(err, "the table");
    }
    for (size_t r = 0; r < table->count; r++) {
        memcpy(values + r * width + shift, table->values + r * table->width, table->width * sizeof *values);
    }
    free(table->values);
    table->values = values;
    table->width = width;
    return OCELOT_OK;
}

static enum ocelot_status append(struct ocelot_table *table, const double *row, struct ocelot_error *err)
{
    if (table->count == table->capacity) {
        size_t rows = table->capacity ? table->capacity * 2 : 256, size = 0;
        double *values = ocelot_size_multiply(rows, table->width, &size) ? ocelot_reallocate(table->values, size, sizeof *values) : NULL;
        if (!values) {
            return ocelot_fail_memory(err, "the table");
        }
        table->values = values;
        table->capacity = rows;
    }
    memcpy(table->values + table->count++ * table->width, row, table->width * sizeof *row);
    return OCELOT_OK;
}

static enum ocelot_status take_batch(struct ocelot_table *table, struct ocelot_feed *feed, const struct ocelot_row_batch *batch, const char *normal,
                                     struct ocelot_error *err)
{
    long first = 1, last = 0;
    ocelot_feed_indices(feed, &first, &last);
    if (batch->width != table->width) {
        size_t shift = table->width && first < table->first_index ? (size_t)(table->first_index - first) : 0;
        enum ocelot_status status = widen(table, batch->width, shift, err);
        if (status) {
            return status;
        }
    }
    table->first_index = ocelot_feed_sparse(feed) ? first : 1;
    for (size_t r = 0; r < batch->count; r++) {
        const double *row = batch->values + r * batch->width;
        char trouble[256];
        table->read++;
        if (normal && !same_label(batch->label_text ? batch->label_text[r] : NULL, normal)) {
            table->other++;
            continue;
        }
        const char *why = batch->error ? batch->error[r] : NULL;
        if (!why && ocelot_row_trouble(row, batch->width, (const char *const *)table->names, trouble, sizeof trouble)) {
            why = trouble;
        }
        if (why) {
            if (table->skipped++ == 0) {
                snprintf(table->first_skipped, sizeof table->first_skipped, "row %zu: %.400s", batch->first_row + r, why);
            }
            continue;
        }
        enum ocelot_status status = append(table, row, err);
        if (status) {
            return status;
        }
    }
    return OCELOT_OK;
}

/* Copies the reader's names, or makes LIBSVM's where it has none. */
static enum ocelot_status take_names(struct ocelot_table *table, const struct ocelot_rows *rows, struct ocelot_error *err)
{
    size_t width = ocelot_rows_width(rows);
    if (!width || !ocelot_rows_column(rows, 0)) {
        return OCELOT_OK;
    }
    table->names = ocelot_allocate(width + 1, sizeof *table->names);
    if (!table->names) {
        return ocelot_fail_memory(err, "column names");
    }
    table->width = width;
    for (size_t i = 0; i < width; i++) {
        const char *name = ocelot_rows_column(rows, i);
        table->names[i] = ocelot_copy_text(name, strlen(name));
        if (!table->names[i]) {
            return ocelot_fail_memory(err, "column names");
        }
    }
    return OCELOT_OK;
}

/* Rows of two dimensions are grey pictures; of three, channels come first, but in IDX files, which keep them last. */
static void take_shape(struct ocelot_table *table, const struct ocelot_rows *rows)
{
    const size_t *shape = NULL;
    size_t rank = ocelot_rows_shape(rows, &shape);
    if (rank == 2 || (rank == 3 && strcmp(ocelot_rows_format(rows), "idx") != 0)) {
        table->image[0] = rank == 3 ? shape[0] : 1;
        table->image[1] = shape[rank - 2];
        table->image[2] = shape[rank - 1];
    }
}

enum ocelot_status ocelot_table_read(struct ocelot_table *table, const char *path, const struct ocelot_reader_settings *settings, const char *normal,
                                     struct ocelot_error *err)
{
    return ocelot_table_read_all(table, &path, 1, settings, normal, NULL, err);
}

enum ocelot_status ocelot_table_read_all(struct ocelot_table *table, const char *const *paths, size_t count,
                                         const struct ocelot_reader_settings *settings, const char *normal, const struct ocelot_model *model,
                                         struct ocelot_error *err)
{
    struct ocelot_feed *feed = NULL;
    enum ocelot_status status = ocelot_feed_open_all(paths, count, settings, model, &feed, err);
    if (!status && !ocelot_feed_sparse(feed)) {
        status = take_names(table, ocelot_feed_rows(feed), err);
    }
    struct ocelot_row_batch batch = {0};
    while (!status) {
        status = ocelot_feed_read(feed, 512, &batch, err);
        if (status || batch.count == 0) {
            break;
        }
        take_shape(table, ocelot_feed_rows(feed));
        status = take_batch(table, feed, &batch, normal, err);
    }
    ocelot_feed_close(feed);
    return status;
}

void ocelot_table_free(struct ocelot_table *table)
{
    for (size_t i = 0; table->names && table->names[i]; i++) {
        free(table->names[i]);
    }
    free(table->names);
    free(table->values);
    *table = (struct ocelot_table){0};
}
