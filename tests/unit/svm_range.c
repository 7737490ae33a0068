/* Scalings in files of their own: svm-scale's range files and e1071's .scale files, read and written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/file.h"

static const char MODEL[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.25\nSV\n1 1:0.5 3:-1 \n0.75 1:-1 3:1 \n";

static const char *write_file(const char *text, size_t size)
{
    static char path[64];
    struct ocelot_error err = {0};
    snprintf(path, sizeof path, "svm_range-%ld.txt", (long)getpid());
    assert_int_equal(ocelot_file_write(path, text, size, &err), OCELOT_OK);
    return path;
}

/* Reads the model with `range` as its range file, which stands in `path` until the next call. */
static enum ocelot_status read_with(const char *range, struct ocelot_model **model, struct ocelot_error *err)
{
    struct ocelot_svm_read_options options = {.range = write_file(range, strlen(range)), .memory_limit = 1 << 20};
    *model = NULL;
    *err = (struct ocelot_error){0};
    enum ocelot_status status = ocelot_svm_read_memory(MODEL, strlen(MODEL), "m", &options, model, err);
    unlink(options.range);
    return status;
}

static struct ocelot_model *accept(const char *range)
{
    struct ocelot_model *model;
    struct ocelot_error err;
    if (read_with(range, &model, &err) != OCELOT_OK)
        fail_msg("%s\n%s", err.message, range);
    return model;
}

/* What the network sees of a raw value. */
static double scaled(const struct ocelot_model *model, size_t i, double raw)
{
    struct ocelot_feature f = ocelot_model_feature(model, i);
    return (raw - f.center) * f.factor;
}

static const char *scaling_of(const struct ocelot_model *model)
{
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    return info.scaling;
}

static void svm_scale_files(void **state)
{
    (void)state;
    static const char *const files[] = {"x\n-1 1\n1 10 30\n3 -5 5\n", "y\n0 1\n-3 17\nx\n-1 1\n1 10 30\n3 -5 5\n", "x\r\n-1 1 \r\n1 10 30\r\n3 -5 5"};
    for (size_t k = 0; k < 3; k++) {
        struct ocelot_model *model = accept(files[k]);
        assert_string_equal(scaling_of(model), "range file");
        assert_close(scaled(model, 0, 10), -1, 1e-15, "min"); /* one rounding */
        assert_close(scaled(model, 0, 30), 1, 1e-15, "max");
        assert_close(scaled(model, 2, 2.5), 0.5, 1e-15, "middle");
        assert_true(scaled(model, 1, 1234) == 0); /* svm-scale drops what the file does not name */
        double point[3], coefficient;
        ocelot_svm_support_vector(model, 0, point, &coefficient);
        assert_close(point[0], 25, 1e-14, "support vector in raw units");
        assert_close(point[2], -5, 1e-14, "support vector in raw units");
        ocelot_model_free(model);
    }
    struct ocelot_model *model = accept("x\n0 1\n1 10 30\n3 -5 5\n5 0 2\n");
    assert_close(scaled(model, 0, 10), 0, 1e-15, "other bounds");
    assert_close(scaled(model, 4, 2), 1, 1e-15, "a feature that only the file names");
    ocelot_model_free(model);
    struct ocelot_error err;
    assert_int_equal(ocelot_svm_read_memory(MODEL, strlen(MODEL), "m", NULL, &model, &err), OCELOT_OK);
    assert_int_equal(ocelot_svm_write_range(model, "never", &(struct ocelot_error){0}), OCELOT_E_UNSUPPORTED);
    ocelot_model_free(model);
}

static void e1071_files(void **state)
{
    (void)state;
    struct ocelot_model *model = accept("1.5 2\n0 1\n-3 0.5\n");
    assert_string_equal(scaling_of(model), "e1071 scale file");
    assert_close(scaled(model, 0, 3.5), 1, 0, "(x - center) / scale");
    assert_close(scaled(model, 2, -2), 2, 0, "(x - center) / scale");
    ocelot_model_free(model);
    model = accept("");
    assert_string_equal(scaling_of(model), "none");
    ocelot_model_free(model);
    static const char *const gaps[] = {"1.5 2\n\n-3 0.5\n", "1.5 2\r\n  \r\n-3 0.5", "1.5 2\n\n-3 0.5\n\n\n"};
    for (size_t k = 0; k < 3; k++) { /* an empty line: that feature is not scaled, and the next line is the next feature */
        model = accept(gaps[k]);
        assert_close(scaled(model, 0, 3.5), 1, 0, "before the gap");
        assert_close(scaled(model, 1, 7), 7, 0, "in the gap");
        assert_close(scaled(model, 2, -2), 2, 0, "after the gap");
        ocelot_model_free(model);
    }
    model = accept("\n0 2\n\n");
    assert_close(scaled(model, 0, 3.5), 3.5, 0, "first");
    assert_close(scaled(model, 1, 3), 1.5, 0, "middle");
    assert_close(scaled(model, 2, -2), -2, 0, "last");
    ocelot_model_free(model);
}

/* Two scalings in a row are never meant. */
static void second_scaling(void **state)
{
    (void)state;
    char path[64];
    struct ocelot_error err = {0};
    struct ocelot_model *model = accept("1.5 2\n0 3\n-3 0.5\n"), *back = NULL;
    snprintf(path, sizeof path, "svm_range-%ld.model", (long)getpid());
    assert_int_equal(ocelot_svm_write(model, path, &err), OCELOT_OK);
    struct ocelot_svm_read_options options = {.range = write_file("1 2\n1 3\n1 0.5\n", 14)};
    assert_int_equal(ocelot_svm_read(path, &options, &back, &err), OCELOT_E_ARGUMENT);
    assert_non_null(strstr(err.message, "its own scaling"));
    assert_null(back);
    unlink(options.range);
    unlink(path);
    ocelot_model_free(model);
}

/* A model of ours, trained on rows that svm-scale had scaled: its normal ranges are raw too. */
static void quantiles(void **state)
{
    (void)state;
    char path[64];
    double rows[2 * 40];
    for (size_t r = 0; r < 40; r++) {
        rows[2 * r] = (double)r / 39;
        rows[2 * r + 1] = (double)(r * 7 % 40) / 39;
    }
    struct ocelot_error err = {0};
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    options.scaling = "none";
    struct ocelot_model *model, *ranged;
    assert_int_equal(ocelot_svm_train(rows, 40, 2, NULL, &options, &model, &err), OCELOT_OK);
    snprintf(path, sizeof path, "svm_range-%ld.model", (long)getpid());
    assert_int_equal(ocelot_svm_write(model, path, &err), OCELOT_OK);
    struct ocelot_svm_read_options reading = {.range = write_file("x\n0 1\n1 10 30\n2 -5 5\n", 21)};
    assert_int_equal(ocelot_svm_read(path, &reading, &ranged, &err), OCELOT_OK);
    for (size_t i = 0; i < 2; i++) {
        struct ocelot_feature scaled = ocelot_model_feature(model, i), raw = ocelot_model_feature(ranged, i);
        double offset = i ? -5 : 10, width = i ? 10 : 20;
        assert_close(raw.low, offset + width * scaled.low, 1e-14, "5 %"); /* a few roundings */
        assert_close(raw.median, offset + width * scaled.median, 1e-14, "median");
        assert_close(raw.high, offset + width * scaled.high, 1e-14, "95 %");
    }
    unlink(reading.range);
    unlink(path);
    ocelot_model_free(model);
    ocelot_model_free(ranged);
}

static void malformed_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words[2];
        int line;
    } cases[] = {
        {"z\n", {"'z'", "svm-scale"}, 1},
        {"x\n", {"end of the file", "lower upper"}, 1},
        {"x 1\n", {"'1'", "end of the line"}, 1},
        {"x\n-1\n", {"end of the line", "bounds"}, 2},
        {"x\n1 1\n", {"equal bounds", "lower < upper"}, 2},
        {"x\n1 -1\n", {"lower bound", "order"}, 2},
        {"x\n-1 1\n", {"no feature", "index"}, 2},
        {"x\n-1 1\n1 5\n", {"end of the line", "range"}, 3},
        {"x\n-1 1\n1 a 5\n", {"'a'", "range"}, 3},
        {"x\n-1 1\n1 1 5\n1 1 5\n", {"'1'", "from 2"}, 4},
        {"x\n-1 1\n2 1 5\n1 1 5\n", {"'1'", "from 3"}, 4},
        {"x\n-1 1\n1.5 1 5\n", {"'1.5'", "whole"}, 3},
        {"x\n-1 1\n1 5 1\n", {"lower bound", "order"}, 3},
        {"x\n-1 1\n1 1 nan\n", {"'nan'", "finite"}, 3},
        {"x\n-1 1\n1 1 2 3\n", {"'3'", "end of the line"}, 3},
        {"x\n-1 1\n1 -1e308 1e308\n3 1 2\n", {"overflows", "range"}, 3},
        {"x\n-1 1\n1 1 2\n", {"feature 3", "support vector 1"}, 1},
        {"x\n-1 1\n1 1 2\n3 7 7\n", {"feature 3", "support vector 1"}, 1},
        {"y\n0 1\n5 3\nx\n-1 1\n1 1 2\n", {"lower bound", "labels"}, 3},
        {"y\n0 1\n3 5\nz\n", {"'z'", "x"}, 4},
        {"1 2\n", {"1 lines", "3 features"}, 1},
        {"\n1 2\n", {"2 lines", "3 features"}, 2},
        {"1 2\n1 0\n1 1\n", {"not positive", "scale > 0"}, 2},
        {"1 2\n1 x\n1 1\n", {"'x'", "scale"}, 2},
        {"1 2 3\n", {"'3'", "end of the line"}, 1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_model *model;
        struct ocelot_error err;
        char where[32];
        snprintf(where, sizeof where, ".txt:%d: ", cases[k].line);
        if (read_with(cases[k].text, &model, &err) == OCELOT_OK)
            fail_msg("accepted: %s", cases[k].text);
        if (err.status != OCELOT_E_FORMAT || !strstr(err.message, where) || !strstr(err.message, "found") || !strstr(err.message, "expected") ||
            !strstr(err.message, cases[k].words[0]) || !strstr(err.message, cases[k].words[1]))
            fail_msg("case %zu (%s %s): %s", k, cases[k].words[0], cases[k].words[1], err.message);
    }
    struct ocelot_model *model;
    struct ocelot_error err;
    assert_int_equal(read_with("x\n-1 1\n1 1 2\n3 1 2\n2000000000 1 2\n", &model, &err), OCELOT_E_LIMIT);
}

/* What we write, svm-scale's way of reading it, is our scaling. */
static void round_trip(void **state)
{
    (void)state;
    char path[64];
    struct ocelot_error err = {0};
    struct ocelot_model *model = accept("1.5 2\n0 3\n-3 0.5\n"), *back;
    snprintf(path, sizeof path, "svm_range-%ld.range", (long)getpid());
    assert_int_equal(ocelot_svm_write_range(model, path, &err), OCELOT_OK);
    struct ocelot_svm_read_options options = {.range = path};
    assert_int_equal(ocelot_svm_read_memory(MODEL, strlen(MODEL), "m", &options, &back, &err), OCELOT_OK);
    for (size_t i = 0; i < 3; i++)
        for (int raw = -10; raw < 10; raw++)
            assert_close(scaled(back, i, 0.7 * raw), scaled(model, i, 0.7 * raw), 1e-13, "scaled"); /* a few roundings of values below 30 */
    unlink(path);
    ocelot_model_free(model);
    ocelot_model_free(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(svm_scale_files), cmocka_unit_test(e1071_files),     cmocka_unit_test(second_scaling),
                                       cmocka_unit_test(quantiles),       cmocka_unit_test(malformed_files), cmocka_unit_test(round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
