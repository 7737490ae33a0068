/* Training: splits, scalings, gamma, limits, calibration, warnings. What LIBSVM computes is compared in tests/parity. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "ocelot/explain.h"
#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/train_sample.h"
#include "svm/gamma.h"
#include "svm/problem.h"
#include "svm/quantile.h"
#include "svm/scaling.h"
#include "svm/split.h"

static void quantiles(void **state)
{
    (void)state;
    const double values[] = {1, 2, 4, 8};
    assert_close(ocelot_quantile(values, 4, 0), 1, 0, "least");
    assert_close(ocelot_quantile(values, 4, 1), 8, 0, "most");
    assert_close(ocelot_quantile(values, 4, 0.5), 3, 1e-15, "median");
    assert_close(ocelot_quantile(values, 4, 0.9), 4 + 0.7 * 4, 1e-14, "interpolated");
    assert_close(ocelot_quantile(values, 1, 0.9), 1, 0, "of one");
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is arranged are the same values, and the quantiles asked for are those of sorted ones, to the bit: values that differ, few different ones,
 * sorted ones in both directions, and all alike but for a few. */
static void arranged_quantiles(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static const double q[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
    static double values[MOST], sorted[MOST];
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 1);
    for (size_t trial = 0; trial < 500; trial++) {
        size_t n = trial < 60 ? trial + 1 : 1 + ocelot_rng_below(&rng, MOST);
        for (size_t k = 0; k < n; k++) {
            const double kinds[] = {ocelot_rng_normal(&rng), (double)ocelot_rng_below(&rng, 5), (double)k, -(double)k,
                                    ocelot_rng_below(&rng, 100) ? 3 : ocelot_rng_normal(&rng)};
            values[k] = sorted[k] = kinds[trial % 5];
        }
        qsort(sorted, n, sizeof *sorted, ascending);
        ocelot_quantile_arrange(values, n, q, sizeof q / sizeof *q);
        for (size_t k = 0; k < sizeof q / sizeof *q; k++)
            assert_close(ocelot_quantile(values, n, q[k]), ocelot_quantile(sorted, n, q[k]), 0, "quantile");
        qsort(values, n, sizeof *values, ascending);
        assert_memory_equal(values, sorted, n * sizeof *values);
    }
}

/* Columns: varying, constant, constant at 0, more than half equal. */
static void scalings(void **state)
{
    (void)state;
    const double rows[5][4] = {{1, 50, 0, 2}, {2, 50, 0, 2}, {3, 50, 0, 2}, {4, 50, 0, 2}, {10, 50, 0, 12}};
    const size_t order[] = {0, 1, 2, 3, 4};
    const struct {
        const char *name;
        double center[4], spread[4];
    } expected[] = {
        {"standard", {4, 50, 0, 4}, {sqrt(10), 5, (sqrt(10) + 4) / 2, 4}},
        {"robust", {3, 50, 0, 2}, {2 / 1.3489795003921634, 5, (2 / 1.3489795003921634 + sqrt(20)) / 2, sqrt(20)}},
        {"minmax", {5.5, 50, 0, 7}, {4.5, 5, 4.75, 5}},
        {"even", {4, 50, 0, 4}, {(sqrt(10) + 4) / 2, 5, (sqrt(10) + 4) / 2, 4}},
    };
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        struct ocelot_fit fit;
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_scaling_fit(ocelot_scaling_find(expected[k].name), &rows[0][0], 4, order, 5, NULL, &fit, &err), OCELOT_OK);
        for (size_t i = 0; i < 4; i++) {
            assert_close(fit.center[i], expected[k].center[i], 1e-14, expected[k].name); /* a few roundings of numbers of a few units */
            assert_close(1 / fit.factor[i], expected[k].spread[i], 1e-14, expected[k].name);
        }
        assert_close(fit.median[0], 3, 0, "median");
        assert_close(fit.low[0], 1.2, 1e-15, "5 %");
        ocelot_fit_release(&fit);
    }
    struct ocelot_fit fit;
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_scaling_fit(ocelot_scaling_find("none"), &rows[0][0], 4, order, 5, NULL, &fit, &err), OCELOT_OK);
    assert_null(fit.center);
    ocelot_fit_release(&fit);
    const double huge[] = {-1e308, 1e308};
    const char *const names[] = {"flow"};
    assert_int_equal(ocelot_scaling_fit(ocelot_scaling_find("standard"), huge, 1, order, 2, NULL, &fit, &err), OCELOT_E_VALUE);
    assert_string_equal(err.message, "column 1: found values from -1e+308 to 1e+308, which are too large to scale");
    err = (struct ocelot_error){0}; /* the first message stays */
    assert_int_equal(ocelot_scaling_fit(ocelot_scaling_find("standard"), huge, 1, order, 2, names, &fit, &err), OCELOT_E_VALUE);
    assert_string_equal(err.message, "column 1, flow: found values from -1e+308 to 1e+308, which are too large to scale");
}

/* A constant in training that moves is noticed. */
static void constant_feature(void **state)
{
    (void)state;
    double rows[ROWS][COLUMNS], row[COLUMNS];
    fill(&rows[0][0], ROWS, COLUMNS, 1);
    for (size_t r = 0; r < ROWS; r++)
        rows[r][2] = 40;
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model = train(&rows[0][0], &options);
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_decision decision;
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, &err), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &err), OCELOT_OK);
    for (size_t i = 0; i < COLUMNS; i++)
        row[i] = ocelot_model_feature(model, i).median;
    assert_int_equal(ocelot_score(plan, workspace, row, 1, &decision, &err), OCELOT_OK);
    assert_false(decision.is_outlier);
    row[2] = 60;
    assert_int_equal(ocelot_score(plan, workspace, row, 1, &decision, &err), OCELOT_OK);
    assert_true(decision.is_outlier);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
}

static void gammas(void **state)
{
    (void)state;
    const double rows[] = {0, 0, 1, 0, 0, 3}; /* squared distances 1, 9, 10; mean 2/3, variance 10/6 - 4/9 */
    const double scale = 1 / (2 * (10.0 / 6 - 4.0 / 9));
    const struct {
        const char *text, *kernel;
        double power, expected;
    } cases[] = {
        {"scale", "rbf", 1, scale},
        {"scale", "student", 1, scale},
        {"scale", "laplace", 1, sqrt(scale)},
        {"scale", "generalised-gaussian", 0.5, pow(scale, 0.25)},
        {"auto", "rbf", 1, 0.5},
        {"auto", "laplace", 1, sqrt(0.5)},
        {"median", "rbf", 1, 1.0 / 9},
        {"scale*3", "rbf", 1, 3 * scale},
        {"scale*3", "laplace", 1, 3 * sqrt(scale)},
        {"median*0.25", "rbf", 1, 0.25 / 9},
        {"0.125", "rbf", 1, 0.125},
        {"0.125", "laplace", 1, 0.125},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double gamma = 0;
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_gamma_choose(cases[k].text, ocelot_machine_kernel_find(cases[k].kernel), cases[k].power, rows, 3, 2, 1, &gamma, &err),
                         OCELOT_OK);
        assert_close(gamma, cases[k].expected, 1e-15, cases[k].text); /* a few roundings of numbers below 1 */
    }
    static const char *const wrong[] = {"",        "0",        "-1",      "nan",      "1e999",  "often",   "1x",       "scale*",
                                        "scale*0", "scale*-1", "scale*x", "scale*3x", "scal*3", "often*3", "scale*inf"};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        double gamma;
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_gamma_choose(wrong[k], ocelot_machine_kernel_find("rbf"), 1, rows, 3, 2, 1, &gamma, &err), OCELOT_E_ARGUMENT);
    }
}

static void splits(void **state)
{
    (void)state;
    struct ocelot_split a, b;
    struct ocelot_error err = {0};
    bool seen[100] = {false};
    assert_int_equal(ocelot_split_rows(100, 0.25, 0, 7, &a, &err), OCELOT_OK);
    assert_int_equal(a.train_count, 75);
    assert_int_equal(a.held_count, 25);
    for (size_t k = 0; k < 100; k++) {
        size_t row = k < 75 ? a.train[k] : a.held[k - 75];
        assert_true(row < 100 && !seen[row]);
        seen[row] = true;
    }
    assert_int_equal(ocelot_split_rows(100, 0.25, 10, 7, &b, &err), OCELOT_OK);
    assert_int_equal(b.train_count, 10);
    assert_memory_equal(a.held, b.held, 25 * sizeof *a.held);
    free(b.train);
    assert_int_equal(ocelot_split_rows(100, 0.25, 0, 8, &b, &err), OCELOT_OK);
    assert_memory_not_equal(a.held, b.held, 25 * sizeof *a.held);
    free(b.train);
    free(a.train);
}

/* The card's held-out scores are what scoring gives those rows, and equal seeds give equal models. */
static void calibration(void **state)
{
    (void)state;
    for (size_t k = 0; ocelot_svm_kernel(k); k++) {
        double rows[ROWS * COLUMNS];
        size_t count;
        fill(rows, ROWS, COLUMNS, 2);
        struct ocelot_train_options options = defaults();
        options.kernel = ocelot_svm_kernel(k);
        struct ocelot_model *model = train(rows, &options), *again = train(rows, &options);
        const double *scores = ocelot_model_calibration(model, &count);
        assert_int_equal(count, ROWS / 5);
        assert_memory_equal(scores, ocelot_model_calibration(again, &count), count * sizeof *scores);
        struct ocelot_plan *plan;
        struct ocelot_workspace *workspace;
        struct ocelot_decision decisions[ROWS];
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, &err), OCELOT_OK);
        assert_int_equal(ocelot_workspace_create(plan, &workspace, &err), OCELOT_OK);
        assert_int_equal(ocelot_score(plan, workspace, rows, ROWS, decisions, &err), OCELOT_OK);
        struct ocelot_split split;
        assert_int_equal(ocelot_split_rows(ROWS, options.holdout, 0, options.seed, &split, &err), OCELOT_OK);
        for (size_t i = 0; i < count; i++) {
            double score = decisions[split.held[i]].outlier_score;
            bool found = false;
            for (size_t s = 0; s < count; s++)
                found |= score == scores[s];
            if (!found)
                fail_msg("%s: the score %.17g of held-out row %zu is not among the card's", options.kernel, score, split.held[i]);
        }
        free(split.train);
        ocelot_workspace_free(workspace);
        ocelot_plan_free(plan);
        ocelot_model_free(model);
        ocelot_model_free(again);
    }
}

/* Under threshold "holdout" a row is an outlier just when its p-value is at most nu, for every kernel; with too few held-out rows, and under
 * "svm", rho stays as it was solved. */
static void threshold(void **state)
{
    (void)state;
    static const struct {
        double nu, holdout;
        const char *threshold;
        bool moved;
    } cases[] = {
        {0.1, 0.5, "holdout", true}, {0.5, 0.2, "holdout", true}, {0.1, 0.1, "holdout", false}, {0.1, 0.5, "svm", false}, {0.1, 0, "holdout", false}};
    for (size_t k = 0; ocelot_svm_kernel(k); k++)
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            double rows[ROWS * COLUMNS];
            fill(rows, ROWS, COLUMNS, 4);
            struct ocelot_train_options options = defaults();
            options.kernel = ocelot_svm_kernel(k);
            options.nu = cases[c].nu;
            options.holdout = cases[c].holdout;
            options.threshold = "svm";
            struct ocelot_model *solved = train(rows, &options);
            options.threshold = cases[c].threshold;
            struct ocelot_model *model = train(rows, &options);
            struct ocelot_model_info before, after;
            ocelot_model_describe(solved, &before);
            ocelot_model_describe(model, &after);
            if ((before.rho != after.rho) != cases[c].moved)
                fail_msg("%s, case %zu: rho %.17g, then %.17g", options.kernel, c, before.rho, after.rho);
            struct ocelot_plan *plan;
            struct ocelot_workspace *workspace;
            struct ocelot_decision decisions[ROWS];
            assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
            assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
            assert_int_equal(ocelot_score(plan, workspace, rows, ROWS, decisions, NULL), OCELOT_OK);
            for (size_t i = 0; i < ROWS && cases[c].moved; i++)
                if (decisions[i].is_outlier != (decisions[i].p_value <= options.nu))
                    fail_msg("%s, case %zu, row %zu: p-value %g, decision value %g", options.kernel, c, i, decisions[i].p_value,
                             decisions[i].decision_value);
            ocelot_workspace_free(workspace);
            ocelot_plan_free(plan);
            ocelot_model_free(solved);
            ocelot_model_free(model);
        }
}

static void refused(void **state)
{
    (void)state;
    double rows[ROWS * COLUMNS];
    fill(rows, ROWS, COLUMNS, 4);
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    struct ocelot_train_options options = defaults();
    options.kernel = "gauss";
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    err = (struct ocelot_error){0};
    options = defaults();
    options.nu = 0;
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    err = (struct ocelot_error){0};
    options = defaults();
    options.tolerance = -1;
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    assert_non_null(strstr(err.message, "tolerance: found -1"));
    err = (struct ocelot_error){0};
    options.solver = "libsvm";
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    assert_non_null(strstr(err.message, "eps <= 0")); /* LIBSVM's own words */
    err = (struct ocelot_error){0};
    options = defaults();
    options.holdout = 0.99;
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, NULL, &options, &model, &err), OCELOT_E_ARGUMENT);
    err = (struct ocelot_error){0};
    options = defaults();
    assert_int_equal(ocelot_svm_train(rows, 1, COLUMNS, NULL, &options, &model, &err), OCELOT_E_SHAPE);
    err = (struct ocelot_error){0};
    rows[2 * COLUMNS + 1] = NAN;
    static const char *const names[] = {"a", "flow", "c", "d"};
    assert_int_equal(ocelot_svm_train(rows, ROWS, COLUMNS, names, &options, &model, &err), OCELOT_E_VALUE);
    assert_non_null(strstr(err.message, "row 3, column 2, flow"));
}

/* Sizes are asked before anything of that size is allocated, so they need no rows. */
static void limits(void **state)
{
    (void)state;
    struct ocelot_train_options options = defaults();
    struct ocelot_error err = {0};
    struct ocelot_problem problem = {.n = 100000, .d = 10, .kernel = ocelot_machine_kernel_find("laplace"), .options = &options};
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_E_LIMIT);
    assert_non_null(strstr(err.message, "--sample"));
    size_t advised = strtoul(strstr(err.message, "--sample ") + 9, NULL, 10);
    err = (struct ocelot_error){0};
    problem.n = advised;
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_OK);
    problem.n = advised + advised / 20;
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_E_LIMIT);
    problem.n = 100000;
    problem.kernel = ocelot_machine_kernel_find("rbf");
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_OK);
    problem.n = 3000000000;
    options.memory_mb = DBL_MAX;
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_E_LIMIT);
    err = (struct ocelot_error){0};
    options.memory_mb = 4096;
    problem.n = problem.d = (size_t)1 << 40;
    assert_int_equal(ocelot_trainer_libsvm.fits(&problem, &err), OCELOT_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles),   cmocka_unit_test(arranged_quantiles),
        cmocka_unit_test(scalings),    cmocka_unit_test(constant_feature),
        cmocka_unit_test(gammas),      cmocka_unit_test(splits),
        cmocka_unit_test(calibration), cmocka_unit_test(refused),
        cmocka_unit_test(limits),      cmocka_unit_test(threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
