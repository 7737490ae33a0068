/* NumPy and IDX: kinds of numbers, byte orders, shapes, and headers that are wrong. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "io_rows_text.h"
#include "support/cmocka_include.h"

/* A .npy file of this version with this dictionary, then `data`. */
static void make_npy(struct ocelot_text *out, int version, const char *dictionary, const char *data, size_t size)
{
    size_t length = strlen(dictionary);
    char lead[12] = {'\223', 'N', 'U', 'M', 'P', 'Y', (char)version, 0, (char)(length & 0xff), (char)(length >> 8), 0, 0};
    ocelot_text_clear(out);
    ocelot_text_append(out, lead, version == 1 ? 10 : 12);
    ocelot_text_string(out, dictionary);
    ocelot_text_append(out, data, size);
    assert_false(out->failed);
}

static void kinds_of_numbers(void **state)
{
    static const struct {
        const char *descr, *data;
        size_t size;
        const char *expected;
    } examples[] = {
        {"<f8", "\0\0\0\0\0\0\370\077\0\0\0\0\0\0\0\300", 16, "1.5 -2\n"},
        {">f8", "\077\370\0\0\0\0\0\0\300\0\0\0\0\0\0\0", 16, "1.5 -2\n"},
        {"<f4", "\0\0\300\077\0\0\0\300", 8, "1.5 -2\n"},
        {">f4", "\077\300\0\0\300\0\0\0", 8, "1.5 -2\n"},
        {"|i1", "\001\377", 2, "1 -1\n"},
        {"i1", "\001\377", 2, "1 -1\n"},
        {"<i2", "\001\002\376\377", 4, "513 -2\n"},
        {">i2", "\001\002\377\376", 4, "258 -2\n"},
        {"<i4", "\0\0\001\0\377\377\377\377", 8, "65536 -1\n"},
        {">i4", "\0\001\0\0\377\377\377\377", 8, "65536 -1\n"},
        {"<i8", "\0\0\0\0\001\0\0\0\377\377\377\377\377\377\377\377", 16, "4294967296 -1\n"},
        {">i8", "\0\0\0\001\0\0\0\0\377\377\377\377\377\377\377\377", 16, "4294967296 -1\n"},
        {"|u1", "\001\377", 2, "1 255\n"},
        {"<u2", "\001\002\376\377", 4, "513 65534\n"},
        {">u4", "\0\001\0\0\377\377\377\377", 8, "65536 4294967295\n"},
        {"<u8", "\001\0\0\0\0\0\0\0\0\0\0\0\001\0\0\0", 16, "1 4294967296\n"},
        {"|b1", "\0\002", 2, "0 1\n"},
    };
    struct ocelot_text file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        for (int version = 1; version <= 3; version++) {
            char dictionary[128];
            (void)snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (1, 2), }   \n", examples[i].descr);
            make_npy(&file, version, dictionary, examples[i].data, examples[i].size);
            assert_rows(file.bytes, file.length, NULL, examples[i].expected);
        }
    ocelot_text_free(&file);
}

static const char twelve[] = "\0\001\002\003\004\005\006\007\010\011\012\013";

static void shapes(void **state)
{
    static const struct {
        const char *dictionary;
        struct ocelot_rows_options options;
        const char *expected;
    } examples[] = {
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (12,), }", {0}, "0 1 2 3 4 5 6 7 8 9 10 11\n"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (12,)}", {0}, "0 1 2 3 4 5 6 7 8 9 10 11\n"},
        {"{\"shape\":(3,4),\"fortran_order\":False,\"descr\":\"|u1\"}", {0}, "0 1 2 3\n4 5 6 7\n8 9 10 11\n"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (3, 4), }", {0}, "0 3 6 9\n1 4 7 10\n2 5 8 11\n"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 2), }", {0}, "0 1 2 3 4 5\n6 7 8 9 10 11\n"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }", {0}, "0 6 2 8 4 10\n1 7 3 9 5 11\n"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }", {.width = 5}, "FAIL t: rows of 4 values where 5 are expected\n"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (12,), }", {.width = 1}, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4), }",
         {0},
         "0 1 2 3\n4 5 6 7\n8 9 10 11\nFAIL t: the file is cut off in row 3 of 4\n"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (4, 4), }", {0}, "FAIL t: the file is cut off\n"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 4), }",
         {0},
         "0 1 2 3\n4 5 6 7\nFAIL t: other bytes follow the 2 rows that the header announces\n"},
    };
    struct ocelot_text file = {0};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        make_npy(&file, 1, examples[i].dictionary, twelve, 12);
        assert_rows(file.bytes, file.length, &examples[i].options, examples[i].expected);
    }
    make_npy(&file, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4), }", "", 0);
    assert_rows(file.bytes, file.length, NULL, "");
    ocelot_text_free(&file);
}

static void wrong_headers(void **state)
{
    static const struct {
        const char *dictionary, *found;
    } examples[] = {
        {"", "{ is expected"},
        {"{}", "lacks 'descr'"},
        {"{'descr': '<f8', 'fortran_order': False}", "lacks 'shape'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)", "a comma or } is expected"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } x", "nothing more is expected at 'x'"},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (3, 4), }", "True or False is expected at 'Maybe, "},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, -4), }", "a whole number is expected at '-4), }'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3 4), }", "a comma or a closing parenthesis is expected"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", "a whole number is expected"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999,9999999999,9999999999), }", "shape is too large"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "shape is too large"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 16777217), }", "shape is too large"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }",
         "more than 32 dimensions"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "a single number; rows are expected"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4, 0), }", "rows of the array have no values"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", "rows of the array have no values"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (1, 2), }", "numbers of type '<c16' are not read"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1, 2), }", "numbers of type '|O' are not read"},
        {"{'descr': '', 'fortran_order': False, 'shape': (1, 2), }", "numbers of type '' are not read"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "arrays of records are not read"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "each key once"},
        {"{'kind': '<f8', 'fortran_order': False, 'shape': (1,), }", "unknown key 'kind'"},
        {"{'descr", "a key in quotes is expected"},
    };
    struct ocelot_text file = {0}, out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        make_npy(&file, 1, examples[i].dictionary, "", 0);
        if (file.length < 12) /* enough bytes for every version's lead */
            ocelot_text_append(&file, "  ", 2);
        ocelot_text_clear(&out);
        rows_text_memory(file.bytes, file.length, NULL, 1, &out);
        assert_true(strncmp(out.bytes, "FAIL t: ", 8) == 0);
        if (strstr(out.bytes, examples[i].found) == NULL)
            fail_msg("%s\n%s", examples[i].dictionary, out.bytes);
    }
    make_npy(&file, 4, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "", 0);
    assert_rows(file.bytes, file.length, NULL, "FAIL t: .npy version 4.0; versions 1 to 3 are read\n");
    make_npy(&file, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }", "\001", 1);
    for (size_t size = 6; size < file.length; size++) {
        ocelot_text_clear(&out);
        rows_text_memory(file.bytes, size, NULL, 1, &out);
        assert_true(strncmp(out.bytes, "FAIL t: ", 8) == 0);
    }
    ocelot_text_free(&file);
    ocelot_text_free(&out);
}

static void missing_values_are_told(void **state)
{
    struct ocelot_text file = {0};
    (void)state;
    make_npy(&file, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "\0\0\0\0\0\0\300\177\0\0\200\377\0\0\0\0", 16);
    assert_rows(
        file.bytes, file.length, NULL,
        "0 nan !t: row 0: value 2 of the row is not a finite number (nan)\n-inf 0 !t: row 1: value 1 of the row is not a finite number (-inf)\n");
    ocelot_text_free(&file);
}

/* Fortran order needs to jump about in the file, which gzip does not allow. */
static void fortran_order_of_a_stream(void **state)
{
    struct ocelot_text file = {0}, out = {0};
    char path[512];
    (void)state;
    make_npy(&file, 1, "{'descr': '|u1', 'fortran_order': True, 'shape': (3, 4), }", twelve, 12);
    (void)snprintf(path, sizeof path, "%s/io_arrays_%ld.npy.gz", OCELOT_BINARY_DIR, (long)getpid());
    gzFile packed = gzopen(path, "wb");
    assert_non_null(packed);
    assert_int_equal(gzwrite(packed, file.bytes, (unsigned)file.length), (int)file.length);
    assert_int_equal(gzclose(packed), Z_OK);
    rows_text_path(path, NULL, 1, &out);
    assert_non_null(strstr(out.bytes, "an array in Fortran order can only be read from a plain file"));
    (void)snprintf(path, sizeof path, "%s/io_arrays_%ld.npy", OCELOT_BINARY_DIR, (long)getpid());
    FILE *plain = fopen(path, "wb");
    assert_non_null(plain);
    assert_int_equal(fwrite(file.bytes, 1, file.length, plain), file.length);
    assert_int_equal(fclose(plain), 0);
    ocelot_text_clear(&out);
    rows_text_path(path, NULL, 2, &out);
    assert_string_equal(out.bytes, "0 3 6 9\n1 4 7 10\n2 5 8 11\n");
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/io_arrays_%ld.npy.gz", OCELOT_BINARY_DIR, (long)getpid());
    (void)remove(path);
    ocelot_text_free(&file);
    ocelot_text_free(&out);
}

static void idx(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *expected;
        struct ocelot_rows_options options;
    } examples[] = {
        {"\0\0\010\001\0\0\0\002\005\006", 10, "5 6\n", {0}},
        {"\0\0\010\001\0\0\0\002\005\006", 10, "5\n6\n", {.width = 1}},
        {"\0\0\010\001\0\0\0\002\005\006", 10, "FAIL t: rows of 2 values where 3 are expected\n", {.width = 3}},
        {"\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\002\001\002\003\377", 20, "1 2\n3 255\n", {0}},
        {"\0\0\011\002\0\0\0\001\0\0\0\002\001\377", 14, "1 -1\n", {0}},
        {"\0\0\013\002\0\0\0\001\0\0\0\001\001\002", 14, "258\n", {0}},
        {"\0\0\014\002\0\0\0\001\0\0\0\001\377\377\377\376", 16, "-2\n", {0}},
        {"\0\0\015\002\0\0\0\001\0\0\0\001\077\300\0\0", 16, "1.5\n", {0}},
        {"\0\0\016\002\0\0\0\001\0\0\0\001\077\370\0\0\0\0\0\0", 20, "1.5\n", {0}},
        {"\0\0\010\001\0\0\0\002\005", 9, "FAIL t: the file is cut off in row 0 of 1\n", {0}},
        {"\0\0\010\001\0\0\0\002\005", 9, "5\nFAIL t: the file is cut off in row 1 of 2\n", {.width = 1}},
        {"\0\0\010\001\0\0\0\001\005\006", 10, "5\nFAIL t: other bytes follow the 1 rows that the header announces\n", {0}},
        {"\0\0\010\003\0\0\0\002\0\0\0", 11, "FAIL t: the header is cut off: 11 bytes where 16 are expected\n", {0}},
        {"\0\0\010\003\377\377\377\377\377\377\377\377\377\377\377\377",
         16,
         "FAIL t: the array's shape is too large; a row may have 16777216 values\n",
         {0}},
        {"\0\0\010\002\0\0\0\002\0\0\0\0", 12, "FAIL t: the rows of the array have no values\n", {0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_rows(examples[i].bytes, examples[i].size, &examples[i].options, examples[i].expected);
    struct ocelot_rows_options options = {.format = "idx"};
    assert_rows("\0\0\007\001\0\0\0\002", 8, &options,
                "FAIL t: is not an IDX file: two zero bytes, a type from 8 to 14 and a rank from 1 on are expected\n");
}

static void image_shapes(void **state)
{
    static const char images[] = "\0\0\010\003\0\0\0\001\0\0\0\002\0\0\0\003\001\002\003\004\005\006";
    struct ocelot_rows *rows = NULL;
    size_t height = 9, width = 9;
    (void)state;
    assert_int_equal(ocelot_rows_open_memory(images, sizeof images - 1, "t", NULL, &rows, NULL), OCELOT_OK);
    assert_int_equal(ocelot_rows_image(rows, &height, &width), 2);
    assert_true(height == 2 && width == 3 && ocelot_rows_width(rows) == 6 && ocelot_rows_total(rows) == 1);
    assert_string_equal(ocelot_rows_format(rows), "idx");
    ocelot_rows_close(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_numbers),
        cmocka_unit_test(shapes),
        cmocka_unit_test(wrong_headers),
        cmocka_unit_test(missing_values_are_told),
        cmocka_unit_test(fortran_order_of_a_stream),
        cmocka_unit_test(idx),
        cmocka_unit_test(image_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
