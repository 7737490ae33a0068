/* Model files of our own: lossless, with a card that brings back everything, and no damage passes silently. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/file.h"
#include "svm/machine.h"

enum { ROWS = 40, COLUMNS = 3 };

static struct ocelot_model *train(const char *kernel, const char *scaling)
{
    static const char *const names[COLUMNS] = {"pressure", "a \"quoted\" name, \\ and tab\t", "\xc3\xa9t\xc3\xa9"};
    double rows[ROWS][COLUMNS];
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            rows[r][i] = (double)i * 1e4 + ocelot_rng_normal(&rng) * pow(10, (double)i);
    struct ocelot_train_options options;
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = kernel;
    options.scaling = scaling;
    options.seed = 42;
    if (ocelot_svm_train(&rows[0][0], ROWS, COLUMNS, names, &options, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

static const char *path_of(char room[64])
{
    snprintf(room, 64, "svm_card-%ld.model", (long)getpid());
    return room;
}

/* What stands in the file that the model is written to; free() it. */
static char *written(const struct ocelot_model *model, size_t *size)
{
    char room[64], *bytes;
    struct ocelot_error err = {0};
    if (ocelot_svm_write(model, path_of(room), &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(ocelot_file_read(path_of(room), 0, &bytes, size, &err), OCELOT_OK);
    unlink(path_of(room));
    return bytes;
}

static struct ocelot_model *read_bytes(const char *bytes, size_t size)
{
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    if (ocelot_svm_read_memory(bytes, size, "m", NULL, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

static void assert_same(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

/* Everything that the public header tells of the two, to the last bit. */
static void assert_same_models(const struct ocelot_model *a, const struct ocelot_model *b)
{
    struct ocelot_model_info x, y;
    size_t count, again;
    ocelot_model_describe(a, &x);
    ocelot_model_describe(b, &y);
    assert_string_equal(x.kernel, y.kernel);
    assert_string_equal(x.scaling, y.scaling);
    assert_int_equal(x.support_vectors, y.support_vectors);
    assert_int_equal(x.training_rows, y.training_rows);
    assert_true(x.has_card && y.has_card);
    assert_same(x.gamma, y.gamma);
    assert_same(x.rho, y.rho);
    assert_same(x.threshold, y.threshold);
    assert_same(x.nu, y.nu);
    for (size_t i = 0; i < COLUMNS; i++) {
        struct ocelot_feature f = ocelot_model_feature(a, i), g = ocelot_model_feature(b, i);
        assert_string_equal(f.name, g.name);
        assert_int_equal(f.index, g.index);
        const double of_a[] = {f.center, f.factor, f.low, f.median, f.high}, of_b[] = {g.center, g.factor, g.low, g.median, g.high};
        assert_memory_equal(of_a, of_b, sizeof of_a);
    }
    const double *scores = ocelot_model_calibration(a, &count), *others = ocelot_model_calibration(b, &again);
    assert_int_equal(count, ROWS / 5);
    assert_int_equal(count, again);
    assert_memory_equal(scores, others, count * sizeof *scores);
    for (size_t j = 0; j < x.support_vectors; j++) {
        double u[COLUMNS], v[COLUMNS], one, two;
        ocelot_svm_support_vector(a, j, u, &one);
        ocelot_svm_support_vector(b, j, v, &two);
        assert_same(one, two);
        assert_memory_equal(u, v, sizeof u);
    }
}

static void round_trip(void **state)
{
    (void)state;
    static const char *const scalings[] = {"standard", "robust", "minmax", "none"};
    for (size_t k = 0; ocelot_svm_kernel(k); k++)
        for (size_t s = 0; s < 4; s++) {
            size_t size, again;
            struct ocelot_model *model = train(ocelot_svm_kernel(k), scalings[s]);
            char *bytes = written(model, &size);
            struct ocelot_model *back = read_bytes(bytes, size);
            assert_same_models(model, back);
            char *second = written(back, &again);
            assert_int_equal(size, again);
            assert_memory_equal(bytes, second, size);
            free(bytes);
            free(second);
            ocelot_model_free(model);
            ocelot_model_free(back);
        }
}

/* Of all cuts, only that in front of the card leaves a whole file, and the model says that it has none. */
static void truncated(void **state)
{
    (void)state;
    static const char *const kernels[] = {"rbf", "laplace"};
    for (size_t k = 0; k < 2; k++) {
        struct ocelot_model *model = train(kernels[k], "standard"), *cut;
        size_t size;
        char *text = written(model, &size), *bytes = malloc(size); /* no room behind, so that a sanitizer sees any read there */
        assert_non_null(bytes);
        memcpy(bytes, text, size);
        const char *card = bytes + (strstr(text, "#ocelot") - text);
        free(text);
        for (size_t length = 0; length < size; length++) {
            struct ocelot_error err = {0};
            enum ocelot_status status = ocelot_svm_read_memory(bytes, length, "m", NULL, &cut, &err);
            bool plain = k == 0 && bytes + length == card;
            if ((status == OCELOT_OK) != plain)
                fail_msg("%s: cut after %zu of %zu bytes: %s", kernels[k], length, size, status == OCELOT_OK ? "accepted" : err.message);
            if (status == OCELOT_OK) {
                assert_non_null(strstr(ocelot_model_warning(cut, 0), "no card, unscaled"));
                ocelot_model_free(cut);
            }
        }
        free(bytes);
        ocelot_model_free(model);
    }
}

/* A changed byte above the card is an error, whatever it is. */
static void damaged(void **state)
{
    (void)state;
    size_t size;
    struct ocelot_model *model = train("rbf", "standard"), *back;
    char *bytes = written(model, &size);
    size_t body = (size_t)(strstr(bytes, "#ocelot") - bytes);
    for (size_t k = 0; k < body; k++)
        for (int bit = 0; bit < 8; bit++) {
            struct ocelot_error err = {0};
            bytes[k] = (char)(bytes[k] ^ (1 << bit));
            if (ocelot_svm_read_memory(bytes, size, "m", NULL, &back, &err) == OCELOT_OK)
                fail_msg("accepted with bit %d of byte %zu changed", bit, k);
            bytes[k] = (char)(bytes[k] ^ (1 << bit));
        }
    free(bytes);
    ocelot_model_free(model);
}

/* The card's own text, changed where it matters. The checksum covers only what stands above it. */
static void malformed_cards(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *word;
    } changes[] = {
        {"\"format\":1", "\"format\":1.5", "format"},
        {"\"name\":\"rbf\"", "\"name\":\"rbg\"", "kernel"},
        {"\"name\":\"rbf\"", "\"name\":\"student\"", "student"},
        {"\"features\":3", "\"features\":4", "names"},
        {"\"features\":3", "\"features\":2147483647", "features"},
        {"\"first\":1", "\"first\":2", "first"},
        {"\"names\":[", "\"names\":[7,", "names"},
        {"\"names\":[\"pressure\"", "\"names\":[7", "names"},
        {"\"center\":[", "\"center\":[1,", "center"},
        {"\"factor\":[", "\"factors\":[", "factor"},
        {"\"low\":[", "\"low\":[null,", "low"},
        {"\"held_out\":[", "\"held_out\":[1e300,", "held_out"},
        {"\"held_out\":[", "\"held_out\":[true,", "held_out"},
        {"\"rows\":", "\"rows\":-", "rows"},
        {"\"gamma\":", "\"gamma\":-", "kernel"},
        {"\"crc32\":\"", "\"crc32\":\"0", "checksum"},
        {"\"crc32\":", "\"crc31\":", "crc32"},
        {"\"seed\":42", "\"seed\":1e999", "JSON"},
        {"{\"format\"", "{{\"format\"", "JSON"},
        {"\"format\":1", "\"format\":1,\"format\":1", "JSON"},
    };
    size_t size;
    struct ocelot_model *model = train("rbf", "standard"), *back;
    char *bytes = written(model, &size), *changed = malloc(size + 64);
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        struct ocelot_error err = {0};
        char *place = strstr(strstr(bytes, "#ocelot"), changes[k].from);
        assert_non_null(place);
        size_t before = (size_t)(place - bytes), from = strlen(changes[k].from), to = strlen(changes[k].to);
        memcpy(changed, bytes, before);
        memcpy(changed + before, changes[k].to, to);
        memcpy(changed + before + to, place + from, size - before - from);
        enum ocelot_status status = ocelot_svm_read_memory(changed, size - from + to, "m", NULL, &back, &err);
        if (status == OCELOT_OK || !strstr(err.message, changes[k].word) || strncmp(err.message, "m:", 2) != 0)
            fail_msg("%s -> %s: %s", changes[k].from, changes[k].to, status == OCELOT_OK ? "accepted" : err.message);
    }
    free(changed);
    free(bytes);
    ocelot_model_free(model);
}

/* Nothing is left behind by a write that cannot end. */
static void unwritable(void **state)
{
    (void)state;
    struct ocelot_model *model = train("rbf", "standard");
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_svm_write(model, "no-such-folder/m", &err), OCELOT_E_IO);
    assert_non_null(strstr(err.message, "no-such-folder/m"));
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_svm_write(model, "/dev/full", &err), OCELOT_E_IO);
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_svm_read("no-such-file", NULL, &model, &err), OCELOT_E_IO);
    ocelot_model_free(model);
}

/* New features are 0 in every support vector, and the card moves with the old ones. */
static void widened(void **state)
{
    (void)state;
    struct ocelot_model *model = train("rbf", "standard"), *wide, *back;
    struct ocelot_error err = {0};
    struct ocelot_model_info info;
    assert_int_equal(ocelot_svm_widen(model, 0, 5, &wide, &err), OCELOT_OK);
    ocelot_model_describe(wide, &info);
    assert_int_equal(info.features, 6);
    assert_string_equal(ocelot_model_feature(wide, 0).name, "f0");
    assert_string_equal(ocelot_model_feature(wide, 1).name, "pressure");
    assert_string_equal(ocelot_model_feature(wide, 5).name, "f5");
    double old[COLUMNS], new[6], a, b;
    ocelot_svm_support_vector(model, 0, old, &a);
    ocelot_svm_support_vector(wide, 0, new, &b);
    assert_true(a == b && new[0] == 0 && new[4] == 0 && new[5] == 0);
    assert_memory_equal(old, new + 1, sizeof old);
    size_t size;
    char *bytes = written(wide, &size);
    back = read_bytes(bytes, size);
    assert_string_equal(ocelot_model_feature(back, 5).name, "f5");
    assert_int_equal(ocelot_model_feature(back, 0).index, 0);
    free(bytes);
    ocelot_model_free(back);
    ocelot_model_free(wide);
    assert_int_equal(ocelot_svm_widen(model, 1, 2, &wide, &err), OCELOT_E_SHAPE);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),      cmocka_unit_test(truncated),  cmocka_unit_test(damaged),
        cmocka_unit_test(malformed_cards), cmocka_unit_test(unwritable), cmocka_unit_test(widened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
