/* Laws of gradients and of what is made of them: finite differences, completeness of path integrals, agreement of all methods on linear models. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "explain/explainer.h"
#include "explainer_trials.h"
#include "ocelot/analysis.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 4, MOST = ROWS * TRIAL_WIDEST, LAYERS = 24 };

/* Output `decision.target` of every row at other points, one a row. */
static void outputs_at(const struct ocelot_model *model, const double *points, const struct ocelot_decision *decision, size_t n, double *out)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    double all[ROWS * 8];
    size_t outputs = model->info.outputs;
    assert_true(n * outputs <= sizeof all / sizeof *all);
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_outputs(plan, workspace, points, n, all, NULL), OCELOT_OK);
    for (size_t k = 0; k < n; k++)
        out[k] = all[k * outputs + decision[k].target];
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}

/* Slopes in raw units; *decision [rows] of the rows. */
static void slopes_at(const struct ocelot_model *model, const double *rows, size_t n, struct ocelot_decision *decision, double *slopes)
{
    static const char *const settings[] = {"norm=signed", "units=raw"};
    struct ocelot_plan_options options = trial_options("gradient", settings, NULL, 0);
    options.setting_count = 2;
    trial_explain(model, &options, rows, n, &(struct trial_answer){.decision = decision, .relevance = slopes});
}

static void gradient_is_the_finite_difference(void **state)
{
    (void)state;
    for (const struct trial_model *m = trial_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        size_t d = model->feature_count;
        double rows[MOST], all[MOST], values[2], differences[TRIAL_WIDEST];
        struct ocelot_decision decision[ROWS];
        trial_rows(model, 21, ROWS, rows);
        slopes_at(model, rows, ROWS, decision, all);
        const double *x = rows + (ROWS - 1) * d, *slopes = all + (ROWS - 1) * d;
        for (size_t i = 0; i < d; i++) {
            double factor = ocelot_model_feature(model, i).factor, step = 1e-5 / factor, pair[2 * TRIAL_WIDEST];
            struct ocelot_decision target[2] = {decision[ROWS - 1], decision[ROWS - 1]};
            memcpy(pair, x, d * sizeof *x);
            memcpy(pair + d, x, d * sizeof *x);
            pair[i] += step;
            pair[d + i] -= step;
            outputs_at(model, pair, target, 2, values);
            differences[i] = (values[0] - values[1]) / (pair[i] - pair[d + i]);
        }
        /* steps of 1e-5: the third derivative leaves 1e-10, rounding of f 1e-16 / 1e-5 of values a few times larger than their differences */
        double scale = fmax(trial_largest(slopes, d), fabs(decision[ROWS - 1].output) * 1e-4);
        assert_close_all(slopes, differences, d, 1e-6, scale, m->name);
        ocelot_model_free(model);
    }
}

static void norms_and_units(void **state)
{
    static const char *const norms[] = {"norm=squared", "norm=absolute", "norm=signed"};
    struct ocelot_model *model = trial_train("rbf", "standard");
    struct ocelot_decision decision[ROWS];
    double x[MOST], slopes[MOST], relevance[MOST], expected[MOST];
    size_t d = model->feature_count;
    (void)state;
    trial_rows(model, 22, ROWS, x);
    slopes_at(model, x, ROWS, decision, slopes);
    for (size_t k = 0; k < 3; k++) {
        struct ocelot_plan_options options = trial_options("gradient", &norms[k], NULL, 0);
        trial_explain(model, &options, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = relevance});
        for (size_t n = 0; n < ROWS * d; n++) {
            double slope = slopes[n] / ocelot_model_feature(model, n % d).factor; /* the model's unit is 1 / factor raw ones */
            expected[n] = k == 0 ? slope * slope : k == 1 ? fabs(slope) : slope;
        }
        assert_close_all(relevance, expected, ROWS * d, 1e-14, 0, norms[k]);
    }
    ocelot_model_free(model);
}

/* Root points that the test can make for itself. */
static bool root_point(const struct ocelot_model *model, const char *root, const double *background, double *out)
{
    size_t d = model->feature_count;
    bool reference = strcmp(root, "reference") == 0;
    memset(out, 0, d * sizeof *out);
    for (size_t n = 0; strcmp(root, "mean") == 0 && n < TRIAL_BACKGROUND * d; n++)
        out[n % d] += background[n] / TRIAL_BACKGROUND;
    if (strcmp(root, "row:2") == 0)
        memcpy(out, background + 2 * d, d * sizeof *out);
    if (reference && model->reference)
        memcpy(out, model->reference, d * sizeof *out);
    return !reference || model->reference;
}

static void paths_sum_to_the_difference(void **state)
{
    static const char *const roots[] = {"zero", "mean", "row:2", "reference"};
    (void)state;
    for (const struct trial_model *m = trial_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        size_t d = model->feature_count, layers = ocelot_model_layers(model);
        double background[TRIAL_BACKGROUND * TRIAL_WIDEST], x[MOST], relevance[MOST], starts[MOST], at[ROWS];
        struct ocelot_ledger_entry ledger[ROWS * LAYERS];
        struct ocelot_decision decision[ROWS];
        trial_rows(model, 23, ROWS, x);
        trial_rows(model, 24, TRIAL_BACKGROUND, background);
        for (size_t r = 0; r < sizeof roots / sizeof *roots; r++) {
            char text[32];
            const char *setting = text;
            snprintf(text, sizeof text, "root=%s", roots[r]);
            struct ocelot_plan_options options = trial_options("integrated-gradients", &setting, background, TRIAL_BACKGROUND);
            if (!root_point(model, roots[r], background, starts))
                continue;
            for (size_t b = 1; b < ROWS; b++)
                memcpy(starts + b * d, starts, d * sizeof *starts);
            assert_true(layers <= LAYERS);
            trial_explain(model, &options, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = relevance, .ledger = ledger});
            outputs_at(model, starts, decision, ROWS, at);
            for (size_t b = 0; b < ROWS; b++) {
                double sum = 0, magnitude = fabs(at[b]) + fabs(decision[b].output);
                for (size_t i = 0; i < d; i++) {
                    sum += relevance[b * d + i];
                    magnitude += fabs(relevance[b * d + i]);
                }
                assert_close(ledger[(b + 1) * layers - 1].absorbed, at[b], 1e-12 * magnitude, m->name);
                if (!close_absolute(sum, decision[b].output - at[b], m->quadrature * magnitude))
                    fail_msg("%s, root %s: sum %.17g, f(x) - f(root) %.17g", m->name, roots[r], sum, decision[b].output - at[b]);
            }
        }
        ocelot_model_free(model);
    }
}

/* The integral itself, by the midpoint rule with many points. */
static void paths_are_the_integral(void **state)
{
    enum { POINTS = 4000 };
    static double points[POINTS * TRIAL_FEATURES], slopes[POINTS * TRIAL_FEATURES];
    static struct ocelot_decision decision[POINTS];
    static const char *const settings[] = {"root=zero", "nodes=64"};
    (void)state;
    for (const struct trial_model *m = trial_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        size_t d = model->feature_count;
        double x[TRIAL_FEATURES], relevance[TRIAL_FEATURES], expected[TRIAL_FEATURES] = {0};
        /* classifiers of several outputs choose the target by the point, which the test cannot hold */
        if (d == TRIAL_FEATURES && model->info.outputs == 1 && m->quadrature < 1e-6) {
            struct ocelot_plan_options options = trial_options("integrated-gradients", settings, NULL, 0);
            options.setting_count = 2;
            trial_rows(model, 25, 1, x);
            trial_explain(model, &options, x, 1, &(struct trial_answer){.decision = decision, .relevance = relevance});
            for (size_t n = 0; n < POINTS * d; n++) {
                size_t number = n / d;
                points[n] = ((double)number + 0.5) / POINTS * x[n % d];
            }
            slopes_at(model, points, POINTS, decision, slopes);
            for (size_t n = 0; n < POINTS * d; n++)
                expected[n % d] += x[n % d] * slopes[n] / POINTS;
            /* the midpoint rule misses about (change of the slopes' slope) / 24 / POINTS^2 */
            assert_close_all(relevance, expected, d, 1e-5, 0, m->name);
        }
        ocelot_model_free(model);
    }
}

/* Methods that are R_i = w_i (x_i - r_i) on a linear model, when all begin at r, which all rows of the background are. Those of them that a build
 * lacks are left out. */
static const struct agreement {
    const char *method, *setting;
} agreements[] = {
    {"additive", "root=mean"},   {"gradient-x-input", "root=mean"}, {"taylor", "root=mean"},         {"integrated-gradients", "root=row:0"},
    {"occlusion", "value=mean"}, {"deeplift", "root=mean"},         {"prediction-difference", NULL}, {"shapley", NULL},
    {"kernel-shap", NULL}};

static void linear_models_have_one_explanation(void **state)
{
    (void)state;
    for (const struct trial_model *m = trial_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        size_t d = model->feature_count, found = 0;
        double x[MOST], r[2 * TRIAL_WIDEST], slopes[MOST], expected[MOST], relevance[MOST];
        struct ocelot_decision decision[ROWS];
        trial_rows(model, 26, ROWS, x);
        trial_rows(model, 27, 1, r);
        memcpy(r + d, r, d * sizeof *r);
        slopes_at(model, x, ROWS, decision, slopes);
        for (size_t n = 0; n < ROWS * d; n++)
            expected[n] = slopes[n] * (x[n] - r[n % d]);
        for (size_t k = 0; m->linear && k < sizeof agreements / sizeof *agreements; k++) {
            const struct agreement *a = &agreements[k];
            struct ocelot_plan_options options = trial_options(a->method, &a->setting, r, 2);
            if (!ocelot_explainer_find(a->method, ocelot_analysis_explainers))
                continue;
            trial_explain(model, &options, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = relevance});
            found++;
            double scale = trial_largest(expected, ROWS * d);
            for (size_t b = 0; b < ROWS; b++)
                scale = fmax(scale, fabs(decision[b].output));
            assert_close_all(relevance, expected, ROWS * d, 1e-10, scale, a->method); /* differences of f lose digits of f */
        }
        assert_true(!m->linear || found >= 5);
        ocelot_model_free(model);
    }
}

/* SmoothGrad of a linear model is its gradient, without error; of others the mean lies within five standard errors of a much longer mean. */
static void smooth_gradients(void **state)
{
    static const char *const few[] = {"norm=signed", "samples=200", "seed=3"}, *const many[] = {"norm=signed", "samples=20000", "seed=4"};
    (void)state;
    for (const struct trial_model *m = trial_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        size_t d = model->feature_count;
        double x[TRIAL_WIDEST], mean[TRIAL_WIDEST], error[TRIAL_WIDEST], longer[TRIAL_WIDEST];
        struct ocelot_decision decision;
        struct ocelot_plan_options options = trial_options("smooth-grad", few, NULL, 0), longest = trial_options("smooth-grad", many, NULL, 0);
        options.setting_count = longest.setting_count = 3;
        if (d == TRIAL_FEATURES) {
            trial_rows(model, 28, 1, x);
            trial_explain(model, &options, x, 1, &(struct trial_answer){.decision = &decision, .relevance = mean, .error = error});
            trial_explain(model, &longest, x, 1, &(struct trial_answer){.decision = &decision, .relevance = longer});
            for (size_t i = 0; i < d; i++) {
                if (m->linear)
                    assert_close(error[i], 0, 1e-12 * trial_largest(mean, d), m->name);
                else if (!(error[i] > 0))
                    fail_msg("%s: standard error %zu is %g", m->name, i, error[i]);
                /* five times its error, of the longer mean another tenth; the rest is rounding of linear models */
                assert_close(mean[i], longer[i], 5.5 * error[i] + 1e-12 * trial_largest(mean, d), m->name);
            }
        }
        ocelot_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_finite_difference),
        cmocka_unit_test(norms_and_units),
        cmocka_unit_test(paths_sum_to_the_difference),
        cmocka_unit_test(paths_are_the_integral),
        cmocka_unit_test(smooth_gradients),
        cmocka_unit_test(linear_models_have_one_explanation),
    };
    return cmocka_run_group_tests_name("explainer-gradients", tests, NULL, NULL);
}
