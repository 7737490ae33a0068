/* LIBSVM data: what is read, what is refused, and rows that grow. */
#include <string.h>

#include "io_rows_text.h"
#include "support/cmocka_include.h"

static void lines(void **state)
{
    static const struct {
        const char *bytes;
        struct ocelot_rows_options options;
        const char *expected;
    } examples[] = {
        {"+1 1:0.5 3:-2\n", {.last_index = 3, .first_index = 1}, "0.5 0 -2 label=+1/1\n"},
        {"1 1:1 2:2\r\n-1 2:3 \t\r\n", {0}, "1 2 label=1/1\n0 3 label=-1/-1\n"},
        {"1 2:7 # a comment 9:9\n# only a comment\n\n0 1:1#2\n",
         {0},
         "0 7 label=1/1\n0 0 label=0/0 !t:4: found '1:1#2' where a number is expected behind the colon\n"},
        {"1\n1 1:4", {.format = "libsvm", .first_index = 1, .last_index = 1}, "0 label=1/1\n4 label=1/1\n"},
        {"1 0:5 1:6\n", {.first_index = 0, .last_index = 2}, "5 6 0 label=1/1\n"},
        {"1 1:1 1:2\n1 2:1 1:2\n2 1:1\n",
         {.format = "libsvm", .first_index = 1, .last_index = 1},
         "0 label=1/1 !t:1: index 1 follows index 1; indices must ascend\n0 label=1/1 !t:2: index 1 follows index 2; indices must ascend\n"
         "1 label=2/2\n"},
        {"1 1:\n1 :2\n1 a:2\n1 -1:2\n1 1.5:2\n1 +1:2\n1 1:2:3\n1 1: 2\n",
         {.format = "libsvm", .first_index = 1, .last_index = 1},
         "0 label=1/1 !t:1: found '1:' where a number is expected behind the colon\n"
         "0 label=1/1 !t:2: found ':2' where index:value is expected, with a whole index from 0 on\n"
         "0 label=1/1 !t:3: found 'a:2' where index:value is expected, with a whole index from 0 on\n"
         "0 label=1/1 !t:4: found '-1:2' where index:value is expected, with a whole index from 0 on\n"
         "0 label=1/1 !t:5: found '1.5:2' where index:value is expected, with a whole index from 0 on\n"
         "0 label=1/1 !t:6: found '+1:2' where index:value is expected, with a whole index from 0 on\n"
         "0 label=1/1 !t:7: found '1:2:3' where a number is expected behind the colon\n"
         "0 label=1/1 !t:8: found '1:' where a number is expected behind the colon\n"},
        {"1 1:1\nx 1:2\n1:3\n",
         {0},
         "1 label=1/1\n0 label=x/nan !t:2: found 'x' where the label (a number) is expected\n"
         "0 label=1:3/nan !t:3: found '1:3' where the label (a number) is expected\n"},
        {"1 1:nan 2:2\n1 1:1 2:inf\n",
         {.first_index = 1, .last_index = 2},
         "nan 2 label=1/1 !t:1: feature 1 is not a finite number ('1:nan')\n1 inf label=1/1 !t:2: feature 2 is not a finite number ('2:inf')\n"},
        {"1 16777217:1\n1 99999999999999999999:1\n1 1:1\n",
         {.first_index = 1, .last_index = 1},
         "0 label=1/1 !t:1: index 16777217 is above the limit of 16777216\n"
         "0 label=1/1 !t:2: found '99999999999999999999:1' where index:value is expected, with a whole index from 0 on\n1 label=1/1\n"},
        {"", {.format = "libsvm"}, ""},
        {"1 1:1\n", {.first_index = 2, .last_index = 3}, "FAIL LIBSVM indices 2..3 are not within 0..16777216\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_rows(examples[i].bytes, strlen(examples[i].bytes), &examples[i].options, examples[i].expected);
}

/* Rows read together have one width; a batch that comes later may be wider. */
static void growing_rows(void **state)
{
    static const char bytes[] = "1 2:2\n1 4:4\n1 0:9 1:1\n1 3:3\n";
    struct ocelot_text out = {0};
    (void)state;
    rows_text_memory(bytes, sizeof bytes - 1, NULL, 10, &out);
    assert_string_equal(out.bytes, "0 0 2 0 0 label=1/1\n0 0 0 0 4 label=1/1\n9 1 0 0 0 label=1/1\n0 0 0 3 0 label=1/1\n");
    ocelot_text_clear(&out);
    rows_text_memory(bytes, sizeof bytes - 1, NULL, 2, &out);
    assert_string_equal(out.bytes, "0 2 0 0 label=1/1\n0 0 0 4 label=1/1\n9 1 0 0 0 label=1/1\n0 0 0 3 0 label=1/1\n");
    ocelot_text_clear(&out);
    struct ocelot_rows_options options = {.first_index = 1, .last_index = 3};
    rows_text_memory(bytes, sizeof bytes - 1, &options, 1, &out);
    assert_string_equal(out.bytes, "0 2 0 label=1/1\n0 0 0 4 label=1/1\n9 1 0 0 0 label=1/1\n0 0 0 3 0 label=1/1\n");
    ocelot_text_free(&out);
}

static void indices_are_told(void **state)
{
    static const char bytes[] = "1 2:2\n1 0:1 5:2\n";
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    long first = -1, last = -1;
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", NULL, &rows, NULL), OCELOT_OK);
    assert_int_equal(ocelot_rows_width(rows), 0);
    assert_int_equal(ocelot_rows_read(rows, 1, &batch, NULL), OCELOT_OK);
    ocelot_rows_indices(rows, &first, &last);
    assert_true(first == 1 && last == 2 && batch.width == 2 && ocelot_rows_width(rows) == 2);
    assert_int_equal(ocelot_rows_read(rows, 1, &batch, NULL), OCELOT_OK);
    ocelot_rows_indices(rows, &first, &last);
    assert_true(first == 0 && last == 5 && batch.width == 6);
    assert_null(ocelot_rows_column(rows, 0));
    ocelot_rows_close(rows);
}

/* What is found without looking at values is what reading finds, or more where rows are broken; comments are no entries. */
static void reach(void **state)
{
    static const struct {
        const char *bytes;
        long first, last;
    } examples[] = {{"1 2:2\n1 3:1 7:2 \t\r\n", 2, 7},   {"1 0:1 # 9:9\n\n# 8:8\n-1\n1 4:1e3 5:nan\n", 0, 5}, {"1 5:1 # 0:1", 5, 5},
                    {"1 4:1\n1 3:1 2:1\n1 9:x\n", 3, 9}, {"1:9 2:1\n1 6:1 7\n1 8 1:1\n1 16777217:1\n", 1, 6}, {"1\n-1\n", 1, 0}};
    (void)state;
    for (size_t k = 0; k < sizeof examples / sizeof examples[0]; k++) {
        struct ocelot_rows_options options = {.format = "libsvm"};
        struct ocelot_rows *rows = NULL;
        long first = -1, last = -1;
        assert_int_equal(ocelot_rows_open_memory(examples[k].bytes, strlen(examples[k].bytes), "t", &options, &rows, NULL), OCELOT_OK);
        assert_int_equal(ocelot_rows_reach(rows, &first, &last, NULL), OCELOT_OK);
        if (first != examples[k].first || last != examples[k].last)
            fail_msg("%s: found %ld to %ld, expected %ld to %ld", examples[k].bytes, first, last, examples[k].first, examples[k].last);
        ocelot_rows_close(rows);
    }
}

/* By entries, rows take no more room than the data, however wide they are. */
static void wide_rows_by_entries_come_at_once(void **state)
{
    static const char bytes[] = "1 1:1\n1 2:2\n1 0:5 6000000:3\n1 3:4\n";
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", NULL, &rows, NULL), OCELOT_OK);
    ocelot_rows_list(rows, 1);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_true(batch.count == 4 && batch.width == 6000001 && batch.values == NULL);
    assert_true(batch.entries.feature[batch.entries.start[1]] == 2 && batch.entries.feature[batch.entries.start[3]] == 3);
    ocelot_rows_close(rows);
}

/* A row that needs more than the bounds begins a batch, which has room for twice as many new ones; zeros outside ask for nothing. */
static void bounds_grow(void **state)
{
    static const char bytes[] = "1 1:1 9:0\n1 3:4\n1 2:2 8:5\n1 7:1\n1 0:0 9:3\n1 0:1\n";
    static const struct {
        size_t count, width, entries; /* of the batch; of its first row */
    } batches[] = {{2, 3, 1}, {3, 11, 2}, {1, 12, 1}};
    (void)state;
    for (size_t listed = 0; listed < 2; listed++) {
        struct ocelot_rows *rows = NULL;
        struct ocelot_row_batch batch;
        assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", NULL, &rows, NULL), OCELOT_OK);
        if (listed)
            ocelot_rows_list(rows, 1);
        ocelot_rows_bound(rows, 1, 3, OCELOT_ROW_GROW);
        for (size_t k = 0, row = 0; row < 6; k++, row += batch.count) {
            assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
            assert_true(k < 3 && batch.count == batches[k].count && batch.width == batches[k].width && batch.first_row == row);
            if (listed)
                assert_int_equal(batch.entries.start[1], batches[k].entries);
        }
        ocelot_rows_close(rows);
    }
}

/* Held, such a row is one with an error, and nothing gets wider. */
static void bounds_hold(void **state)
{
    static const char bytes[] = "1 1:1 9:0\n1 2:2 8:5\n1 0:1\n1 3:4\n";
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", NULL, &rows, NULL), OCELOT_OK);
    ocelot_rows_bound(rows, 1, 3, OCELOT_ROW_HOLD);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_true(batch.count == 4 && batch.width == 3);
    assert_true(batch.error[0] == NULL && batch.error[3] == NULL && batch.values[0] == 1 && batch.values[11] == 4);
    assert_string_equal(batch.error[1], "t:2: index 8 is none of the features 1 to 3 that results have room for");
    assert_string_equal(batch.error[2], "t:3: index 0 is none of the features 1 to 3 that results have room for");
    ocelot_rows_close(rows);
}

/* A few rows with huge indices must not become one huge batch. */
static void wide_rows_come_in_small_batches(void **state)
{
    static const char bytes[] = "1 1:1\n1 2:2\n1 6000000:3\n1 3:4\n";
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    size_t count = 0, batches = 0;
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", NULL, &rows, NULL), OCELOT_OK);
    for (;; batches++) {
        assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
        if (batch.count == 0)
            break;
        assert_int_equal(batch.first_row, count);
        assert_true(batch.count * batch.width <= 1 << 23);
        count += batch.count;
    }
    assert_int_equal(count, 4);
    assert_int_equal(batches, 3);
    ocelot_rows_close(rows);
}

static void recognised(void **state)
{
    static const struct {
        const char *bytes, *format;
    } examples[] = {
        {"1 1:2\n", "libsvm"}, {"-1.5e0\t0:2 4:5\n", "libsvm"}, {"# c\n\n+1\n1 1:2\n", "libsvm"},         {"1\n2\n3\n", "csv"}, {"1,2\n", "csv"},
        {"a 1:2\n", "csv"},    {"time,v\n12:30,4\n", "csv"},    {"+1 # no features\n-1 2:1\n", "libsvm"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct ocelot_rows *rows = NULL;
        struct ocelot_rows_options options = {.id = NULL};
        struct ocelot_error err = {0};
        enum ocelot_status status = ocelot_rows_open_memory(examples[i].bytes, strlen(examples[i].bytes), "t", &options, &rows, &err);
        if (status == OCELOT_OK)
            assert_string_equal(ocelot_rows_format(rows), examples[i].format);
        else /* a text column: read as a table */
            assert_non_null(strstr(err.message, "column"));
        assert_true(status == OCELOT_OK || strcmp(examples[i].format, "csv") == 0);
        ocelot_rows_close(rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(growing_rows),
        cmocka_unit_test(indices_are_told),
        cmocka_unit_test(wide_rows_come_in_small_batches),
        cmocka_unit_test(wide_rows_by_entries_come_at_once),
        cmocka_unit_test(reach),
        cmocka_unit_test(bounds_grow),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
