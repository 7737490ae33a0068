/* What training warns of: thresholds, scales, rows that do not fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/explain.h"
#include "ocelot/svm.h"
#include "support/cmocka_include.h"
#include "support/train_sample.h"

static bool warns(const struct ocelot_model *model, const char *word)
{
    for (size_t k = 0; ocelot_model_warning(model, k); k++)
        if (strstr(ocelot_model_warning(model, k), word))
            return true;
    return false;
}

static void warnings(void **state)
{
    (void)state;
    double rows[ROWS * COLUMNS];
    fill(rows, ROWS, COLUMNS, 3);
    static const struct {
        const char *kernel, *gamma, *word;
    } cases[] = {
        {"rbf", "1e6", "every kernel value vanishes"},
        {"rbf", "1e-12", "every kernel value is 1"},
        {"rbf", "1e6", "training rows are support vectors"},
        {"rbf", "scale", NULL},
        {"student", "scale", NULL},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_train_options options = defaults();
        options.kernel = cases[k].kernel;
        options.gamma = cases[k].gamma;
        struct ocelot_model *model = train(rows, &options);
        if (cases[k].word ? !warns(model, cases[k].word) : ocelot_model_warning(model, 0) != NULL)
            fail_msg("%s, gamma %s: %s", cases[k].kernel, cases[k].gamma, ocelot_model_warning(model, 0) ? ocelot_model_warning(model, 0) : "none");
        ocelot_model_free(model);
    }
    /* a linear kernel on rows that mirror each other: f is a sum that cancels */
    for (size_t r = 0; r < ROWS / 2; r++)
        for (size_t i = 0; i < COLUMNS; i++)
            rows[(ROWS - 1 - r) * COLUMNS + i] = -rows[r * COLUMNS + i];
    struct ocelot_train_options options = defaults();
    options.kernel = "linear";
    options.holdout = 0;
    options.scaling = "none";
    options.tolerance = 1e-9;
    struct ocelot_model *model = train(rows, &options);
    assert_true(warns(model, "decided by rounding"));
    ocelot_model_free(model);
}

/* Scores beyond 708 ask for a rho below the least normal number: the threshold stays, and that is said. */
static void warning_threshold(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        double rows[ROWS * COLUMNS];
        fill(rows, ROWS, COLUMNS, 4);
        struct ocelot_train_options options = defaults();
        options.holdout = 0.5;
        options.gamma = k ? "1e6" : "1";
        struct ocelot_model *model = train(rows, &options);
        struct ocelot_model_info moved, solved;
        assert_int_equal(warns(model, "the threshold is as the SVM solved it"), k);
        ocelot_model_describe(model, &moved);
        options.threshold = "svm";
        struct ocelot_model *other = train(rows, &options);
        assert_false(warns(other, "the threshold is as the SVM solved it"));
        ocelot_model_describe(other, &solved);
        assert_int_equal(moved.rho == solved.rho, k);
        ocelot_model_free(other);
        ocelot_model_free(model);
    }
}

/* Rows on very different scales, of a foreign model and of one that was told not to scale. */
static void warning_unscaled(void **state)
{
    (void)state;
    static const char text[] =
        "svm_type one_class\nkernel_type rbf\ngamma 1e-6\nnr_class 2\ntotal_sv 3\nrho 1\nSV\n1 1:1 2:1000\n1 1:2 2:3000\n1 1:3 2:500\n";
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_svm_read_memory(text, strlen(text), "m", NULL, &model, &err), OCELOT_OK);
    assert_true(warns(model, "look unscaled: f2"));
    assert_true(warns(model, "give its range file"));
    ocelot_model_free(model);
    double rows[ROWS * COLUMNS];
    fill(rows, ROWS, COLUMNS, 8);
    struct ocelot_train_options options = defaults();
    for (int scaled = 0; scaled < 2; scaled++) {
        options.scaling = scaled ? "standard" : "none";
        for (size_t r = 0; !scaled && r < ROWS; r++)
            rows[r * COLUMNS] *= 1e4;
        model = train(rows, &options);
        assert_int_equal(warns(model, "look unscaled: f1"), !scaled);
        assert_int_equal(warns(model, "train with a scaling"), !scaled);
        ocelot_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warnings),
        cmocka_unit_test(warning_threshold),
        cmocka_unit_test(warning_unscaled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
