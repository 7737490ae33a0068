#include "io_rows_text.h"

#include <stdlib.h>
#include <string.h>

#include "support/cmocka_include.h"

static double value_at(const struct ocelot_row_batch *batch, size_t row, size_t i)
{
    if (batch->values != NULL)
        return batch->values[row * batch->width + i];
    for (size_t e = batch->entries.start[row]; e < batch->entries.start[row + 1]; e++)
        if (batch->entries.feature[e] == i)
            return batch->entries.value[e];
    return 0;
}

static void render(const struct ocelot_row_batch *batch, size_t row, struct ocelot_text *out)
{
    for (size_t i = 0; i < batch->width; i++) {
        if (i > 0)
            ocelot_text_append(out, " ", 1);
        ocelot_text_number(out, value_at(batch, row, i));
    }
    if (batch->id != NULL && batch->id[row] != NULL) {
        ocelot_text_string(out, " id=");
        ocelot_text_string(out, batch->id[row]);
    }
    if (batch->label_text != NULL && batch->label_text[row] != NULL) {
        ocelot_text_string(out, " label=");
        ocelot_text_string(out, batch->label_text[row]);
        ocelot_text_string(out, "/");
        ocelot_text_number(out, batch->label[row]);
    }
    if (batch->error[row] != NULL) {
        ocelot_text_string(out, " !");
        ocelot_text_string(out, batch->error[row]);
    }
    ocelot_text_append(out, "\n", 1);
}

static void failure(const struct ocelot_error *err, struct ocelot_text *out)
{
    assert_int_not_equal(err->status, OCELOT_OK);
    ocelot_text_string(out, "FAIL ");
    ocelot_text_string(out, err->message);
    ocelot_text_append(out, "\n", 1);
}

static void read_all(struct ocelot_rows *rows, size_t max, struct ocelot_text *out)
{
    struct ocelot_row_batch batch;
    struct ocelot_error err = {0};
    size_t passed = 0;
    do {
        if (ocelot_rows_read(rows, max, &batch, &err) != OCELOT_OK) {
            failure(&err, out);
            break;
        }
        assert_int_equal(batch.first_row, passed);
        assert_true(batch.count <= max);
        passed += batch.count;
        for (size_t row = 0; row < batch.count; row++)
            render(&batch, row, out);
    } while (batch.count > 0);
    ocelot_rows_close(rows);
}

static void memory_text(const void *bytes, size_t size, const struct ocelot_rows_options *options, size_t max, bool listed, struct ocelot_text *out)
{
    struct ocelot_rows *rows = NULL;
    struct ocelot_error err = {0};
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    enum ocelot_status status = ocelot_rows_open_memory(copy, size, "t", options, &rows, &err);
    if (status == OCELOT_OK && listed)
        ocelot_rows_list(rows, 1);
    if (status != OCELOT_OK)
        failure(&err, out);
    else
        read_all(rows, max, out);
    free(copy);
}

void rows_text_memory(const void *bytes, size_t size, const struct ocelot_rows_options *options, size_t max, struct ocelot_text *out)
{
    memory_text(bytes, size, options, max, false, out);
}

void rows_text_path(const char *path, const struct ocelot_rows_options *options, size_t max, struct ocelot_text *out)
{
    struct ocelot_rows *rows = NULL;
    struct ocelot_error err = {0};
    if (ocelot_rows_open(path, options, &rows, &err) != OCELOT_OK)
        failure(&err, out);
    else
        read_all(rows, max, out);
}

void assert_rows(const char *bytes, size_t size, const struct ocelot_rows_options *options, const char *expected)
{
    static const size_t steps[] = {1000, 1};
    for (size_t i = 0; i < 2 * (sizeof steps / sizeof steps[0]); i++) {
        struct ocelot_text out = {0};
        bool listed = i % 2;
        ocelot_text_string(&out, "");
        memory_text(bytes, size, options, steps[i / 2], listed, &out);
        assert_false(out.failed);
        if (strcmp(out.bytes, expected) != 0)
            fail_msg("%zu rows at a time%s\n--- input\n%.300s\n--- rows\n%s--- expected\n%s", steps[i / 2], listed ? ", by entries" : "", bytes,
                     out.bytes, expected);
        ocelot_text_free(&out);
    }
}
