/* CSV: what is read, what is refused, and what is said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io_rows_text.h"
#include "support/cmocka_include.h"

struct example {
    const char *bytes;
    struct ocelot_rows_options options;
    const char *expected;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_rows(examples[i].bytes, strlen(examples[i].bytes), &examples[i].options, examples[i].expected);
}
#define CHECK(examples) check(examples, sizeof(examples) / sizeof((examples)[0]))

static void lines_and_quotes(void **state)
{
    static const struct example examples[] = {
        {"a,b\n1,2\n3,4\n", {0}, "1 2\n3 4\n"},
        {"a,b\n1,2\n3,4", {0}, "1 2\n3 4\n"},
        {"a,b\r\n1,2\r\n3,4\r\n", {0}, "1 2\n3 4\n"},
        {"\357\273\277a,b\n1,2\n", {0}, "1 2\n"},
        {"1,2\n3,4\n", {0}, "1 2\n3 4\n"},
        {"\n\na,b\n\n1,2\n \n3,4\n\n", {0}, "1 2\n3 4\n"},
        {"a\n5\n", {0}, "5\n"},
        {"a,b\n\"1\",\" 2 \"\n +3 ,\t-4e-2\n", {0}, "1 2\n3 -0.04\n"},
        {"id,a\n\"x,\"\"y\"\"\nz\",1\n\"\",2\n", {.id = "id"}, "1 id=x,\"y\"\nz\n2 id=\n"},
        {"\"a\nb\",c\n1,2\n3,x\n", {0}, "1 2\n3 nan !t:4: column 'c' holds 'x' where a number is expected\n"},
        {"id,a\n5\"pipe,1\nx\"y\"z,2\n", {.id = "id"}, "1 id=5\"pipe\n2 id=x\"y\"z\n"},
        {"a, b\n\"1\", \"2\"\n", {0}, "1 2\n"},
        {"a,b\n1,\"2\n", {0}, "FAIL t:2: a quoted field begins here and is never closed\n"},
        {"a,b\n3,4\n1,\"2\n\n", {0}, "3 4\nFAIL t:3: a quoted field begins here and is never closed\n"},
        {"a,b\n1,2\n1,\"2\"x\n", {0}, "1 2\n1 2 !t:3: characters follow the closing quote of column 'b'\n"},
        {"a,b\r1,2\r", {0}, "FAIL t:1: a carriage return within a line; lines must end in LF or CR LF, not in CR alone\n"},
        {"", {0}, "FAIL t: is empty\n"},
        {"\357\273\277", {0}, "FAIL t: is empty\n"},
        {"\n\n", {0}, "FAIL t: is empty\n"},
        {"a,b\n", {0}, ""},
        {"a,b", {0}, ""},
        {"a,b\n1,2\n333333333333,4\n", {.max_line = 10}, "1 2\nFAIL t:3: the line is longer than 10 bytes\n"},
    };
    (void)state;
    CHECK(examples);
}

static void delimiters(void **state)
{
    static const struct example examples[] = {
        {"a;b\n1;2\n", {0}, "1 2\n"},
        {"a\tb\n1\t2\n", {0}, "1 2\n"},
        {"a|b|c\n1|2|3\n", {0}, "1 2 3\n"},
        {"a;b,x;c\n1;2;3\n", {0}, "1 2 3\n"},
        {"\"a;b;c\",d\n1,2\n", {0}, "1 2\n"},
        {"a;b\n1;2\n",
         {.delimiter = ',', .header = "yes"},
         "FAIL t:2: column 'a;b' holds text ('1;2') where a number is expected; leave it out with --drop\n"},
        {"a:b\n1:2\n", {.delimiter = ':'}, "1 2\n"},
        {"a,b\t1\n1,2\t3\n", {.format = "tsv"}, "FAIL t:2: column 'a,b': found '1,2'; decimal commas are not read, write a point\n"},
        {"a;b\n1,5;2\n", {0}, "FAIL t:2: column 'a': found '1,5'; decimal commas are not read, write a point\n"},
        {"1,5;2,5;3\n1,5;2,5;4\n", {0}, "FAIL t:2: column '1,5': found '1,5'; decimal commas are not read, write a point\n"},
        {"1 2 3\n4 5 6\n", {0}, "FAIL t:1: found '1 2 3'; the columns of a table are separated by , ; tab or |, not by blanks\n"},
        {"a b c\n4 5 6\n", {0}, "FAIL t:2: found '4 5 6'; the columns of a table are separated by , ; tab or |, not by blanks\n"},
        {"a,b\n1,2\n", {.delimiter = '"'}, "FAIL a quote or line end cannot be the delimiter\n"},
        {"\n\t\n1\t2\n", {.delimiter = '\t', .header = "no"}, "1 2\n"},
    };
    (void)state;
    CHECK(examples);
}

static void values(void **state)
{
    static const struct example examples[] = {
        {"a,b\n1,\n,2\n", {0}, "1 nan !t:2: column 'b' is empty\nnan 2 !t:3: column 'a' is empty\n"},
        {"a,b\nNA,1\n?,1\nnan,1\nNULL,1\n",
         {0},
         "nan 1 !t:2: column 'a' holds 'NA' where a number is expected\nnan 1 !t:3: column 'a' holds '?' where a number is expected\n"
         "nan 1 !t:4: column 'a' holds 'nan' where a number is expected\nnan 1 !t:5: column 'a' holds 'NULL' where a number is expected\n"},
        {"a,b\n1,2\n1,north\n", {0}, "1 2\n1 nan !t:3: column 'b' holds 'north' where a number is expected\n"},
        {"a,b\n1,2\n1,-inf\n1,1e999\n", {0}, "1 2\n1 -inf !t:3: column 'b' is infinite ('-inf')\n1 inf !t:4: column 'b' is infinite ('1e999')\n"},
        {"a,b\n1,2\n1,0x10\n1,2_\n",
         {0},
         "1 2\n1 nan !t:3: column 'b' holds '0x10' where a number is expected\n1 nan !t:4: column 'b' holds '2_' where a number is expected\n"},
        {"a;b\n1;2\n1;3,14\n", {0}, "1 2\n1 nan !t:3: column 'b': found '3,14'; decimal commas are not read\n"},
        {"a,b\n1\n1,2,3\n4,5\n", {0}, "1 nan !t:2: 1 field where 2 are expected\n1 2 !t:3: 3 fields where 2 are expected\n4 5\n"},
        {"a,site,b,c\n1,north,2,south\n",
         {0},
         "FAIL t:2: column 'site' holds text ('north') where a number is expected; leave it out with --drop (so do 'c')\n"},
        {"1,north,2\n", {.header = "no"}, "FAIL t:1: column 2 holds text ('north') where a number is expected; leave it out with --drop\n"},
        {"a,b\n\033[2J,2\n", {0}, "FAIL t:2: column 'a' holds text ('?[2J') where a number is expected; leave it out with --drop\n"},
        {"0.1,1e-300,1e17\n", {0}, "0.1 1e-300 1e17\n"},
    };
    (void)state;
    CHECK(examples);
}

static void columns(void **state)
{
    static const char *const ba[] = {"b", "a"}, *const ad[] = {"a", "d", "e"}, *const site[] = {"site"}, *const three[] = {"x", "y", "z"},
                             *const twice[] = {"a", "a"}, *const f2[] = {"f2"}, *const number[] = {"2"}, *const dropped[] = {"a", "site"};
    static const struct example examples[] = {
        {"a,b,c\n1,2,3\n", {.columns = ba, .column_count = 2}, "2 1\n"},
        {"a,b,c\n1,2,3\n", {.columns = ad, .column_count = 3}, "FAIL t:1: column 'd' (and 1 other) is missing; the file has 'a', 'b', 'c'\n"},
        {"a,b,c\n1,2,3\n", {.columns = three, .column_count = 3}, "FAIL t:1: column 'x' (and 2 others) is missing; the file has 'a', 'b', 'c'\n"},
        {"a,b,c\n1,2,x\n", {.columns = ba, .column_count = 2}, "2 1\n"},
        {"a,site,b\n1,n,2\n", {.drop = site, .drop_count = 1}, "1 2\n"},
        {"a,x,b\n1,n,2\n", {.drop = site, .drop_count = 1}, "FAIL t:1: column 'site' is missing; the file has 'a', 'x', 'b'\n"},
        {"a,b,site\n1,2,3\n",
         {.columns = dropped, .column_count = 2, .drop = site, .drop_count = 1},
         "FAIL t:1: column 'site' is dropped, but it is a feature\n"},
        {"a,site\n1,2\n", {.columns = dropped, .column_count = 2, .id = "site"}, "1 2 id=2\n"},
        {"a,x,b\n1,n,2\n", {.drop = number, .drop_count = 1}, "1 2\n"},
        {"a,y,id\n1,-1,p1\n2,bad,\n", {.label = "y", .id = "id"}, "1 id=p1 label=-1/-1\n2 id= label=bad/nan\n"},
        {"1,2,3\n", {.label = "1", .columns = f2, .column_count = 1}, "2 label=1/1\n"},
        {"1,2,3\n", {.columns = three, .column_count = 3, .columns_by_position = true}, "1 2 3\n"},
        {"1,2,3,4\n", {.label = "4", .columns = three, .column_count = 3, .columns_by_position = true}, "1 2 3 label=4/4\n"},
        {"1,2\n",
         {.columns = three, .column_count = 3, .columns_by_position = true},
         "FAIL t:1: 2 columns where 3 features are expected, and no header to choose by\n"},
        {"z,y,x\n1,2,3\n", {.columns = three, .column_count = 3, .columns_by_position = true}, "3 2 1\n"},
        {"a,b,a\n1,2,3\n", {0}, "FAIL t:1: two columns are called 'a'; rename one, or leave both out with --drop\n"},
        {"a,b,a\n1,2,3\n", {.drop = twice, .drop_count = 1}, "2\n"},
        {"a,b,c\n1,2,3\n", {.columns = twice, .column_count = 2}, "FAIL t:1: column 'a' is asked for twice\n"},
        {",a\n7,1\n", {0}, "7 1\n"},
        {",a\n7,1\n", {.id = "1"}, "1 id=7\n"},
        {"a\n1\n", {.label = "a"}, "FAIL t:1: no column is left as a feature\n"},
        {"1,2\n3,4\n", {.header = "yes"}, "3 4\n"},
    };
    (void)state;
    CHECK(examples);
}

/* Names of the features in model order, and of what was left aside. */
static void names(void **state)
{
    static const char *const wanted[] = {"c", "a"};
    struct ocelot_rows_options options = {.columns = wanted, .column_count = 2, .label = "y"};
    struct ocelot_rows *rows = NULL;
    static const char bytes[] = "a,\"extra, \"\"one\"\"\",c,y,more\n1,2,3,4,5\n";
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(bytes, sizeof bytes - 1, "t", &options, &rows, NULL), OCELOT_OK);
    assert_string_equal(ocelot_rows_format(rows), "csv");
    assert_int_equal(ocelot_rows_width(rows), 2);
    assert_string_equal(ocelot_rows_column(rows, 0), "c");
    assert_string_equal(ocelot_rows_column(rows, 1), "a");
    assert_null(ocelot_rows_column(rows, 2));
    assert_int_equal(ocelot_rows_ignored(rows), 2);
    assert_string_equal(ocelot_rows_ignored_column(rows, 0), "extra, \"one\"");
    assert_string_equal(ocelot_rows_ignored_column(rows, 1), "more");
    assert_int_equal(ocelot_rows_total(rows), -1);
    ocelot_rows_close(rows);
}

static void ten_thousand_columns(void **state)
{
    enum { COLUMNS = 10000, ROWS = 40 };
    struct ocelot_text text = {0};
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    (void)state;
    for (size_t i = 0; i < COLUMNS; i++)
        ocelot_text_format(&text, "%scolumn %zu", i > 0 ? "," : "", i);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < COLUMNS; i++)
            ocelot_text_format(&text, "%s%zu", i > 0 ? "," : "\n", i * 3 + row);
    assert_false(text.failed);
    assert_int_equal(ocelot_rows_open_memory(text.bytes, text.length, "t", NULL, &rows, NULL), OCELOT_OK);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, ROWS);
    assert_int_equal(batch.width, COLUMNS);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t i = 0; i < COLUMNS; i++)
            assert_true(batch.values[row * COLUMNS + i] == (double)(i * 3 + row));
    ocelot_rows_close(rows);
    ocelot_text_free(&text);
}

/* 100 MB without a line end: as a field, as columns, and beyond the bound. */
static void hundred_megabytes_in_a_line(void **state)
{
    enum { SIZE = 100 * 1000 * 1000 };
    static const char quoted[] = "FAIL t:1: a quoted field begins here and is never closed\n";
    char *bytes = malloc(SIZE);
    struct ocelot_rows *rows = NULL;
    struct ocelot_error err = {0};
    (void)state;
    assert_non_null(bytes);
    memset(bytes, '7', SIZE);
    assert_int_equal(ocelot_rows_open_memory(bytes, SIZE, "t", NULL, &rows, &err), OCELOT_E_LIMIT);
    assert_true(strncmp(err.message, "t:1: a column name of 100000000 bytes ('7777", 44) == 0);
    err = (struct ocelot_error){0};

    struct ocelot_rows_options options = {.max_line = 1 << 20};
    assert_int_equal(ocelot_rows_open_memory(bytes, SIZE, "t", &options, &rows, &err), OCELOT_E_LIMIT);
    assert_string_equal(err.message, "t:1: the line is longer than 1048576 bytes");

    for (size_t i = 1; i < SIZE; i += 2)
        bytes[i] = ',';
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_rows_open_memory(bytes, SIZE, "t", NULL, &rows, &err), OCELOT_E_LIMIT);
    assert_string_equal(err.message, "t:1: more than 1048576 columns");

    struct ocelot_text out = {0};
    bytes[0] = '"';
    rows_text_memory(bytes, SIZE, NULL, 1, &out);
    assert_string_equal(out.bytes, quoted);
    ocelot_text_free(&out);
    free(bytes);
}

static void other_content(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *found;
    } examples[] = {
        {"PK\003\004....", 8, "a zip archive"},
        {"\377\376a\0,\0", 6, "UTF-16"},
        {"\211PNG\r\n\032\n", 8, "a PNG picture"},
        {"a,b\n\0,\0", 7, "not in a format that can be read"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct ocelot_text out = {0};
        rows_text_memory(examples[i].bytes, examples[i].size, NULL, 1, &out);
        assert_true(strncmp(out.bytes, "FAIL t: is ", 11) == 0);
        assert_non_null(strstr(out.bytes, examples[i].found));
        ocelot_text_free(&out);
    }
    struct ocelot_rows_options options = {.format = "xls"};
    assert_rows("a\n1\n", 4, &options, "FAIL no input format is called 'xls'; there are csv, tsv, libsvm, npy and idx\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_quotes),
        cmocka_unit_test(delimiters),
        cmocka_unit_test(values),
        cmocka_unit_test(columns),
        cmocka_unit_test(names),
        cmocka_unit_test(ten_thousand_columns),
        cmocka_unit_test(hundred_megabytes_in_a_line),
        cmocka_unit_test(other_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
