/* Rows in every format in, records in every format out. */
#include <math.h>
#include <string.h>

#include "io/record.h"
#include "io/rows.h"
#include "law/faults.h"

/* One piece of data and how it is asked for. */
struct data {
    const char *bytes;
    size_t size;
    struct ocelot_rows_options options;
};

static enum ocelot_status read_rows(const void *argument, struct ocelot_error *err)
{
    const struct data *data = argument;
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch = {.count = 1};
    enum ocelot_status status = ocelot_rows_open_memory(data->bytes, data->size, "data", &data->options, &rows, err);
    while (status == OCELOT_OK && batch.count > 0)
        status = ocelot_rows_read(rows, 2, &batch, err);
    ocelot_rows_close(rows);
    return status;
}

#define CSV                                                                                                                                          \
    "name,pressure,\"flow \"\"in\"\"\",kind,extra\npump 1,1,2,normal,9\n\"pump, 2\",3,4,odd,9\npump 3,,5,odd,9\npump 4,1,2\npump 5,1e3,-2,x,y\n"
#define LIBSVM "1 1:0.5 3:2\n-1 2:1\n1 9:1\n+1 4:bad\n0 2:1 2:1\n"
/* Version 1.0, header of 70 bytes and the line end, 2 x 3 doubles. */
#define NPY                                                                                                                                          \
    "\x93NUMPY\x01\x00\x46\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }          \n"                                               \
    "\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf0\x7f\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf0\x3f"
#define IDX "\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3\4\5\6\7\x08"
#define DATA(text) .bytes = (text), .size = sizeof(text) - 1

static const char *const dropped[] = {"extra"};
static const char *const columns[] = {"flow \"in\"", "pressure"};

static const struct data csv_named = {DATA(CSV), {.label = "kind", .id = "name", .drop = dropped, .drop_count = 1}};
static const struct data csv_columns = {DATA(CSV), {.id = "name", .columns = columns, .column_count = 2}};
static const struct data csv_plain = {DATA("1;2;3\n4;5;6\n7;8;9\n"), {0}};
static const struct data libsvm_growing = {DATA(LIBSVM), {0}};
static const struct data libsvm_fixed = {DATA(LIBSVM), {.first_index = 1, .last_index = 9}};
static const struct data npy = {DATA(NPY), {0}};
static const struct data idx = {DATA(IDX), {0}};

/* --- records ------------------------------------------------------------------------------------------------------------------- */

enum { FEATURES = 3 };

static enum ocelot_status write_records(const void *argument, struct ocelot_error *err)
{
    const struct ocelot_format *format = ocelot_format_find(argument);
    static const char *const names[FEATURES] = {"pressure", "flow, \"in\"", "t\n"};
    static const double values[FEATURES] = {1, 2.5, NAN}, relevance[FEATURES] = {0.5, 0.25, 0.125};
    static const size_t order[FEATURES] = {0, 1, 2}, support[2] = {4, 1};
    const struct ocelot_record_context context = {.method = "dtd", .explains = "outlier_score", .names = names, .features = FEATURES, .columns = 80};
    struct ocelot_record record = {.id = "pump, 3",
                                   .decision = {.outlier_score = 0.875, .threshold = 0.5, .is_outlier = true, .p_value = NAN},
                                   .explained = 0.8,
                                   .residual = 0.075,
                                   .values = values,
                                   .relevance = relevance,
                                   .nearest = values,
                                   .order = order,
                                   .expected = values,
                                   .share = relevance,
                                   .shown = FEATURES,
                                   .support = support,
                                   .support_weight = relevance,
                                   .support_count = 2};
    struct ocelot_text text = {0};
    format->begin(&context, 20, &text);
    for (record.row = 0; record.row < 20; record.row++) {
        record.error = record.row % 5 == 4 ? "data:5: column pressure is empty" : NULL;
        format->record(&context, &record, &text);
    }
    if (format->end)
        format->end(&context, 20, &text);
    enum ocelot_status status = text.failed ? ocelot_fail_memory(err, "records") : OCELOT_OK;
    ocelot_text_free(&text);
    return status;
}

const struct fault_scenario fault_row_scenarios[] = {{"rows of CSV with label, id and drop", read_rows, &csv_named},
                                                     {"rows of CSV by columns", read_rows, &csv_columns},
                                                     {"rows of CSV without header", read_rows, &csv_plain},
                                                     {"rows of LIBSVM data, growing", read_rows, &libsvm_growing},
                                                     {"rows of LIBSVM data, fixed", read_rows, &libsvm_fixed},
                                                     {"rows of NumPy", read_rows, &npy},
                                                     {"rows of IDX", read_rows, &idx},
                                                     {"records as JSON lines", write_records, "jsonl"},
                                                     {"records as CSV", write_records, "csv"},
                                                     {"records as NumPy", write_records, "npy"},
                                                     {"records as text", write_records, "text"},
                                                     {"records as LIBSVM data", write_records, "libsvm"},
                                                     {0}};
