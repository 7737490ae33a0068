/* The same content through a file, memory, gzip and a pipe; gzip that is cut off or damaged; pipes that trickle. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>

#include "io/source.h"
#include "io_rows_text.h"
#include "support/cmocka_include.h"

/* A file in the build directory that this program alone uses. */
struct path {
    char text[512];
};
static struct path scratch(const char *name)
{
    struct path path;
    (void)snprintf(path.text, sizeof path.text, "%s/io_source_%ld_%s", OCELOT_BINARY_DIR, (long)getpid(), name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* One gzip member appended to `out`. */
static void gzip(const void *bytes, size_t size, struct ocelot_text *out)
{
    char *packed = malloc(size + 1024);
    z_stream stream = {0};
    assert_non_null(packed);
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    memcpy(&stream.next_in, &bytes, sizeof bytes);
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)size + 1024;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    ocelot_text_append(out, packed, stream.total_out);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    free(packed);
    assert_false(out->failed);
}

/* Runs rows_text_path("-") with standard input being a pipe into which a child writes the bytes, `step` at a time. */
static void through_pipe(const void *bytes, size_t size, size_t step, size_t max, struct ocelot_text *out)
{
    int ends[2], keep = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        for (size_t at = 0; at < size; at += step)
            if (write(ends[1], (const char *)bytes + at, size - at < step ? size - at : step) < 0)
                break;
        _exit(0);
    }
    (void)close(ends[1]);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    (void)close(ends[0]);
    rows_text_path("-", NULL, max, out);
    (void)close(STDIN_FILENO);
    assert_int_equal(waitpid(child, NULL, 0), child);
    if (keep >= 0) {
        assert_true(dup2(keep, STDIN_FILENO) >= 0);
        (void)close(keep);
    }
}

/* Long enough for several reads and inflate steps; a quoted line end now and then. */
static void make_table(struct ocelot_text *out)
{
    ocelot_text_string(out, "a,b,\"c\nd\"\n");
    for (unsigned i = 0; i < 60000; i++)
        ocelot_text_format(out, i % 7 == 0 ? "%u,\"%u\",\r\n" : "%u,%u,%u\n", i, i * 31u % 1009, i * 17u % 101);
    assert_false(out->failed);
}

static void assert_same(const struct ocelot_text *found, const struct ocelot_text *expected, const char *from, const char *to)
{
    /* The file's name is in the sentences: compare with it replaced. */
    struct ocelot_text renamed = {0};
    const char *at = found->bytes;
    for (const char *hit; (hit = strstr(at, from)) != NULL; at = hit + strlen(from)) {
        ocelot_text_append(&renamed, at, (size_t)(hit - at));
        ocelot_text_string(&renamed, to);
    }
    ocelot_text_string(&renamed, at);
    assert_false(renamed.failed);
    assert_int_equal(renamed.length, expected->length);
    assert_memory_equal(renamed.bytes, expected->bytes, expected->length);
    ocelot_text_free(&renamed);
}

static void every_way_gives_the_same_rows(void **state)
{
    struct ocelot_text table = {0}, packed = {0}, expected = {0}, found = {0};
    struct path plain = scratch("plain.csv"), gz = scratch("packed.csv.gz");
    (void)state;
    make_table(&table);
    gzip(table.bytes, table.length / 3, &packed); /* two members, the seam within a line */
    gzip(table.bytes + table.length / 3, table.length - table.length / 3, &packed);
    ocelot_text_append(&packed, "\0\0\0", 3); /* padding, as tape gives it */
    rows_text_memory(table.bytes, table.length, NULL, 1000, &expected);
    assert_true(expected.length > 500000);
    write_file(plain.text, table.bytes, table.length);
    write_file(gz.text, packed.bytes, packed.length);
    rows_text_path(plain.text, NULL, 77, &found);
    assert_same(&found, &expected, plain.text, "t");
    ocelot_text_clear(&found);
    rows_text_path(gz.text, NULL, 1000, &found);
    assert_same(&found, &expected, gz.text, "t");
    ocelot_text_clear(&found);
    rows_text_memory(packed.bytes, packed.length, NULL, 1, &found);
    assert_same(&found, &expected, "t", "t");
    static const size_t steps[] = {1 << 16, 4099};
    for (size_t i = 0; i < 2; i++) {
        ocelot_text_clear(&found);
        through_pipe(table.bytes, table.length, steps[i], 1000, &found);
        assert_same(&found, &expected, "(standard input)", "t");
        ocelot_text_clear(&found);
        through_pipe(packed.bytes, packed.length, steps[i], 1000, &found);
        assert_same(&found, &expected, "(standard input)", "t");
    }
    (void)remove(plain.text);
    (void)remove(gz.text);
    ocelot_text_free(&table);
    ocelot_text_free(&packed);
    ocelot_text_free(&expected);
    ocelot_text_free(&found);
}

/* Cut anywhere, a gzipped file gives a beginning of its rows and then a failure, never rows that are not there. */
static void truncated_gzip(void **state)
{
    static const char table[] = "a,b\n1,2\n3,4\n5,6\n";
    static const char rows[] = "1 2\n3 4\n5 6\n";
    struct ocelot_text packed = {0};
    (void)state;
    gzip(table, sizeof table - 1, &packed);
    for (size_t size = 2; size < packed.length; size++) {
        struct ocelot_text out = {0};
        rows_text_memory(packed.bytes, size, NULL, 1, &out);
        const char *failure = strstr(out.bytes, "FAIL t: the gzip data is cut off\n");
        assert_non_null(failure);
        assert_memory_equal(out.bytes, rows, (size_t)(failure - out.bytes));
        ocelot_text_free(&out);
    }
    ocelot_text_free(&packed);
}

static void damaged_gzip(void **state)
{
    static const char table[] = "a,b\n1,2\n3,4\n5,6\n";
    struct ocelot_text packed = {0}, out = {0};
    (void)state;
    gzip(table, sizeof table - 1, &packed);
    packed.bytes[packed.length - 6] ^= 1; /* the check sum */
    rows_text_memory(packed.bytes, packed.length, NULL, 10, &out);
    assert_non_null(strstr(out.bytes, "FAIL t: the gzip data is damaged (incorrect data check)\n"));
    packed.bytes[packed.length - 6] ^= 1;
    ocelot_text_append(&packed, "more", 4);
    ocelot_text_clear(&out);
    rows_text_memory(packed.bytes, packed.length, NULL, 10, &out);
    assert_string_equal(out.bytes, "1 2\n3 4\n5 6\nFAIL t: other bytes follow the gzip data\n");
    ocelot_text_free(&packed);
    ocelot_text_free(&out);
}

static void open_standard_input(int ends[2], int *keep)
{
    *keep = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    (void)close(ends[0]);
}

static void put(int end, const char *text)
{
    assert_int_equal(write(end, text, strlen(text)), strlen(text));
}

/* A row goes out as soon as it is complete and nothing more waits, also when the next one has begun. */
static void rows_come_out_of_a_pipe_at_once(void **state)
{
    int ends[2], keep;
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    (void)state;
    open_standard_input(ends, &keep);
    put(ends[1], "a,b\n1,2\n");
    assert_int_equal(ocelot_rows_open("-", NULL, &rows, NULL), OCELOT_OK);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 1);
    put(ends[1], "3,4\n5,6\n7");
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 2);
    put(ends[1], ",8\n");
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 1);
    assert_true(batch.values[0] == 7 && batch.values[1] == 8 && batch.first_row == 3);
    put(ends[1], "9,10");
    (void)close(ends[1]);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 1);
    assert_int_equal(ocelot_rows_read(rows, 100, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 0);
    assert_true(ocelot_rows_progress(rows) != ocelot_rows_progress(rows)); /* NaN: nobody knows how much is to come */
    ocelot_rows_close(rows);
    assert_true(keep < 0 || dup2(keep, STDIN_FILENO) >= 0);
    (void)close(keep);
}

static void what_cannot_be_opened(void **state)
{
    struct ocelot_text out = {0};
    struct path nothing = scratch("nothing");
    (void)state;
    rows_text_path(nothing.text, NULL, 1, &out);
    assert_true(strncmp(out.bytes, "FAIL ", 5) == 0);
    assert_non_null(strstr(out.bytes, "io_source_"));
    assert_non_null(strstr(out.bytes, ": cannot be opened: No such file or directory"));
    ocelot_text_clear(&out);
    rows_text_path("/", NULL, 1, &out);
    assert_string_equal(out.bytes, "FAIL /: is a directory\n");
    ocelot_text_free(&out);
}

static void progress_reaches_one(void **state)
{
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    struct ocelot_text table = {0};
    struct path plain = scratch("progress.csv");
    double before = 0;
    (void)state;
    make_table(&table);
    write_file(plain.text, table.bytes, table.length);
    assert_int_equal(ocelot_rows_open(plain.text, NULL, &rows, NULL), OCELOT_OK);
    do {
        double now = ocelot_rows_progress(rows);
        assert_true(now >= before && now <= 1);
        before = now;
        assert_int_equal(ocelot_rows_read(rows, 1000, &batch, NULL), OCELOT_OK);
    } while (batch.count > 0);
    assert_true(ocelot_rows_progress(rows) == 1);
    ocelot_rows_close(rows);
    (void)remove(plain.text);
    ocelot_text_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_gives_the_same_rows),   cmocka_unit_test(truncated_gzip),        cmocka_unit_test(damaged_gzip),
        cmocka_unit_test(rows_come_out_of_a_pipe_at_once), cmocka_unit_test(what_cannot_be_opened), cmocka_unit_test(progress_reaches_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
