/* Laws of the axioms' measures: what is known of explanations that are made to be right, wrong, constant or broken. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/games.h"
#include "ocelot/explainer.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { POINTS = 12 };

/* A few hundred sums of doubles of size about ten. */
static const double ROUNDING = 1e-11;

/* gradient x input of a linear model is what replacing by zero takes from f: the oracle. Its negative is the worst order. */
static void run_worst(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    double gradient[GAME_WIDTH];
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(workspace, b)->status) {
            continue;
        }
        ocelot_view_gradient(plan, workspace, b, x + b * GAME_WIDTH, 1, NULL, gradient);
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            gradient[i] *= -x[b * GAME_WIDTH + i];
        }
        ocelot_view_answer(plan, workspace, b, gradient, NULL, 0);
    }
}

static void run_constant(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    double same[GAME_WIDTH];
    (void)x;
    for (size_t b = 0; b < rows; b++) {
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            same[i] = 0.5 + (double)i;
        }
        if (ocelot_view_decision(workspace, b)->status == OCELOT_OK) {
            ocelot_view_answer(plan, workspace, b, same, NULL, 0);
        }
    }
}

static void run_broken(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    double nan[GAME_WIDTH];
    (void)x;
    for (size_t b = 0; b < rows; b++) {
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            nan[i] = NAN;
        }
        ocelot_view_answer(plan, workspace, b, nan, NULL, 0);
    }
}

static const struct ocelot_explainer worst = {.method = {.name = "worst", .needs = "gradient"}, .is_signed = true, .run = run_worst};
static const struct ocelot_explainer constant = {.method = {.name = "constant", .needs = "nothing"}, .run = run_constant};
static const struct ocelot_explainer broken = {.method = {.name = "broken", .needs = "nothing"}, .run = run_broken};
static const struct ocelot_explainer *const toys[] = {&worst, &constant, &broken, NULL};

struct judged {
    struct ocelot_measured measured;
    double curve[GAME_WIDTH + 1], reversed[GAME_WIDTH + 1], random[GAME_WIDTH + 1];
};

/* Measures a row that is disturbed in every way: replaced by zeros, and on a path to the background's first row. */
static struct judged judge(const struct ocelot_model *model, const char *method, const double *row, size_t batch)
{
    struct judged judged = {.measured = {.status = OCELOT_OK}};
    struct game_data data = game_data();
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL, *destroyed = NULL;
    struct ocelot_evaluator *evaluator = NULL;
    struct ocelot_evaluate_options measures = ocelot_evaluate_options_default();
    double replacement[GAME_WIDTH] = {0}, scale[GAME_WIDTH], path[POINTS * GAME_WIDTH];
    size_t block[GAME_WIDTH];
    options.method = method;
    options.explainers = toys;
    options.batch = batch;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    options.randomise = 5;
    assert_int_equal(ocelot_plan_create(model, &options, &destroyed, NULL), OCELOT_OK);
    measures.orders = 64;
    assert_int_equal(ocelot_evaluator_create(plan, destroyed, &measures, &evaluator, NULL), OCELOT_OK);
    for (size_t i = 0; i < GAME_WIDTH; i++) {
        block[i] = i;
        scale[i] = 1;
        for (size_t k = 0; k < POINTS; k++) {
            path[k * GAME_WIDTH + i] = row[i] + (double)k / (POINTS - 1) * (data.background[0][i] - row[i]);
        }
    }
    const struct ocelot_subject subject = {
        .row = row, .replacement = replacement, .block = block, .blocks = GAME_WIDTH, .scale = scale, .path = path, .points = POINTS};
    assert_int_equal(ocelot_evaluator_points(&measures, GAME_WIDTH), GAME_WIDTH + 1);
    judged.measured.curve = judged.curve;
    judged.measured.reversed = judged.reversed;
    judged.measured.random = judged.random;
    assert_int_equal(ocelot_evaluator_measure(evaluator, &subject, &judged.measured, NULL), OCELOT_OK);
    ocelot_evaluator_free(evaluator);
    ocelot_plan_free(destroyed);
    ocelot_plan_free(plan);
    return judged;
}

/* A row at which a linear model's f is above that of zeros, so that there is something to lose. */
static void high_row(const struct ocelot_model *model, double *row)
{
    struct game_data data = game_data();
    double zeros[GAME_WIDTH] = {0}, f = 0, at_zero = 0;
    for (size_t b = 0; b < GAME_ROWS; b++) {
        memcpy(row, data.rows[b], GAME_WIDTH * sizeof *row);
        game_outputs(model, row, 1, &f);
        game_outputs(model, zeros, 1, &at_zero);
        if (f > at_zero + 0.1) {
            return;
        }
    }
    fail_msg("no row of the data has an output above that of zeros");
}

static void oracle_random_worst(void **state)
{
    struct ocelot_model *model = game_linear();
    double row[GAME_WIDTH];
    (void)state;
    high_row(model, row);
    struct judged best = judge(model, "gradient-x-input", row, 4), bad = judge(model, "worst", row, 4);
    const double *b = best.measured.value, *w = bad.measured.value;
    assert_true(b[OCELOT_MEASURE_SELECTIVITY] < b[OCELOT_MEASURE_RANDOM]);
    assert_true(b[OCELOT_MEASURE_RANDOM] < w[OCELOT_MEASURE_SELECTIVITY]);
    /* what is taken last in one order is taken first in the other, and a linear model does not mind the order: areas add to one */
    assert_close(b[OCELOT_MEASURE_SELECTIVITY] + b[OCELOT_MEASURE_REVERSED], 1, ROUNDING, "an order and its reverse");
    assert_close(b[OCELOT_MEASURE_SELECTIVITY], w[OCELOT_MEASURE_REVERSED], ROUNDING, "the reverse of the worst is the best");
    assert_close(b[OCELOT_MEASURE_RANDOM], w[OCELOT_MEASURE_RANDOM], 0, "random orders are the same for every method");
    for (size_t k = 1; k <= GAME_WIDTH; k++) {
        assert_true(best.curve[k] <= best.random[k] + ROUNDING && best.random[k] <= bad.curve[k] + ROUNDING);
    }
    assert_close(best.curve[GAME_WIDTH], bad.curve[GAME_WIDTH], ROUNDING, "everything is replaced in the end");
    ocelot_model_free(model);
}

static void linear_gradient_times_input_keeps_all_but_the_bias(void **state)
{
    struct ocelot_model *model = game_linear();
    double row[GAME_WIDTH];
    (void)state;
    high_row(model, row);
    struct judged judged = judge(model, "gradient-x-input", row, 4);
    assert_close(judged.measured.value[OCELOT_MEASURE_COUNTED], 0, ROUNDING, "f = sum R + bias");
    assert_close(judged.measured.value[OCELOT_MEASURE_JUMP], 1, 1e-9, "a line has one slope; it is divided by steps of size .1");
    ocelot_model_free(model);
}

/* The kernel machine of the games, rows far from its support vectors. */
static void taylor_conserves_and_is_positive(void **state)
{
    struct ocelot_model *model = game_kernel();
    struct game_data data = game_data();
    (void)state;
    for (size_t b = 0; b < GAME_ROWS; b++) {
        struct judged conserving = judge(model, "dtd-conserving", data.rows[b], 4), bounded = judge(model, "dtd", data.rows[b], 4);
        assert_close(conserving.measured.value[OCELOT_MEASURE_CONSERVATION], 0, ROUNDING, "dtd-conserving");
        assert_close(bounded.measured.value[OCELOT_MEASURE_COUNTED], 0, ROUNDING, "dtd with its residual");
        assert_close(bounded.measured.value[OCELOT_MEASURE_POSITIVITY], 0, 0, "dtd");
        assert_close(conserving.measured.value[OCELOT_MEASURE_POSITIVITY], 0, 0, "dtd-conserving");
        assert_true(fabs(bounded.measured.value[OCELOT_MEASURE_RANDOMISATION]) <= 1);
        assert_true(bounded.measured.value[OCELOT_MEASURE_SENSITIVITY] > 0);
    }
    ocelot_model_free(model);
}

static void what_never_changes_is_continuous(void **state)
{
    struct ocelot_model *model = game_kernel();
    struct game_data data = game_data();
    (void)state;
    struct judged judged = judge(model, "constant", data.rows[0], 4);
    const double *value = judged.measured.value;
    assert_close(value[OCELOT_MEASURE_CONTINUITY], 0, 0, "constant");
    assert_close(value[OCELOT_MEASURE_JUMP], 1, 0, "constant");
    assert_close(value[OCELOT_MEASURE_SENSITIVITY], 0, 0, "constant");
    assert_close(value[OCELOT_MEASURE_RANDOMISATION], 1, ROUNDING, "a method that does not read the model");
    assert_true(value[OCELOT_MEASURE_CONSERVATION] > 0.1);
    ocelot_model_free(model);
}

static void nan_is_not_a_figure(void **state)
{
    struct ocelot_model *model = game_kernel();
    struct game_data data = game_data();
    (void)state;
    struct judged judged = judge(model, "broken", data.rows[0], 4);
    for (size_t k = 0; k < OCELOT_MEASURE_COUNT; k++) {
        assert_close(judged.measured.value[k], NAN, 0, ocelot_measure_at(k)->name);
    }
    double row[GAME_WIDTH];
    memcpy(row, data.rows[0], sizeof row);
    row[3] = NAN;
    judged = judge(model, "dtd", row, 4);
    assert_int_equal(judged.measured.status, OCELOT_E_VALUE);
    for (size_t k = 0; k < OCELOT_MEASURE_COUNT; k++) {
        assert_close(judged.measured.value[k], NAN, 0, ocelot_measure_at(k)->name);
    }
    ocelot_model_free(model);
}

static void figures_do_not_depend_on_the_batch(void **state)
{
    static const char *const methods[] = {"dtd", "gradient", "random", NULL};
    struct ocelot_model *model = game_kernel();
    struct game_data data = game_data();
    (void)state;
    for (const char *const *method = methods; *method; method++) {
        struct judged one = judge(model, *method, data.rows[1], 1), many = judge(model, *method, data.rows[1], 64);
        for (size_t k = 0; k < OCELOT_MEASURE_COUNT; k++) {
            assert_close(one.measured.value[k], many.measured.value[k], ROUNDING, ocelot_measure_at(k)->name);
        }
    }
    ocelot_model_free(model);
}

static void cost_is_counted(void **state)
{
    struct ocelot_model *model = game_kernel();
    struct game_data data = game_data();
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_decision decision[GAME_ROWS];
    struct ocelot_explanation result = {.decision = decision};
    size_t forward = 7, backward = 7;
    (void)state;
    options.method = "dtd";
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    ocelot_workspace_walks(workspace, &forward, &backward);
    assert_int_equal(forward + backward, 0);
    assert_int_equal(ocelot_explain(plan, workspace, &data.rows[0][0], GAME_ROWS, &result, NULL), OCELOT_OK);
    ocelot_workspace_walks(workspace, &forward, &backward);
    assert_int_equal(forward, GAME_ROWS);
    assert_int_equal(backward, GAME_ROWS);
    assert_int_equal(ocelot_score(plan, workspace, &data.rows[0][0], GAME_ROWS, decision, NULL), OCELOT_OK);
    ocelot_workspace_walks(workspace, &forward, &backward);
    assert_int_equal(forward, 2 * GAME_ROWS);
    assert_int_equal(backward, GAME_ROWS);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oracle_random_worst),
        cmocka_unit_test(linear_gradient_times_input_keeps_all_but_the_bias),
        cmocka_unit_test(taylor_conserves_and_is_positive),
        cmocka_unit_test(what_never_changes_is_continuous),
        cmocka_unit_test(nan_is_not_a_figure),
        cmocka_unit_test(figures_do_not_depend_on_the_batch),
        cmocka_unit_test(cost_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
