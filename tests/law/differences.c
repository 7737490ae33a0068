/* Laws of prediction difference and of Haufe's pattern. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/views.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { D = 6, N = 400, ROWS = 9 };

struct trial {
    double background[N * D], rows[ROWS * D], mean[D], weights[D];
    struct ocelot_rng rng;
};

static void moments(struct trial *t)
{
    for (size_t i = 0; i < D; i++) {
        t->mean[i] = 0;
        for (size_t r = 0; r < N; r++)
            t->mean[i] += t->background[r * D + i] / N;
    }
}

/* Independent features with means and spreads of their own, and rows far from them. */
static struct trial *begin(void)
{
    struct trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    ocelot_rng_seed(&t->rng, 5);
    for (size_t n = 0; n < N * D; n++)
        t->background[n] = (double)(n % D) + (1 + 0.5 * (double)(n % D)) * ocelot_rng_normal(&t->rng);
    network_fill(&t->rng, t->rows, ROWS * D, 6);
    network_fill(&t->rng, t->weights, D, 1);
    moments(t);
    return t;
}

/* w_i (x_i - mean_i) within so many standard errors, which are sd_i |w_i| / sqrt(samples) each. */
static void within_errors(const struct trial *t, const struct view_answer *got, double errors)
{
    for (size_t n = 0; n < ROWS * D; n++) {
        double truth = t->weights[n % D] * (t->rows[n] - t->mean[n % D]);
        assert_true(got->error[n] > 0);
        if (!(fabs(got->relevance[n] - truth) <= errors * got->error[n]))
            fail_msg("value %zu: %g +- %g, expected %g", n, got->relevance[n], got->error[n], truth);
    }
}

static void linear_models_give_the_distance_to_the_mean(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct view_answer *got = calloc(1, sizeof *got);
    assert_non_null(got);
    struct view_task task = {.model = view_linear(t->weights, D, 0.5),
                             .method = "prediction-difference",
                             .settings = {"sampling=marginal", "samples=200"},
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, t->rows, ROWS, got);
    within_errors(t, got, 4); /* six features, the same draws in every row: 4 sd has probability 4e-4 for a sound method */
    for (size_t i = 0; i < D; i++)
        for (size_t b = 1; b < ROWS; b++) /* the same draws: the same error in every row, to rounding of sums of 200 terms */
            assert_close(got->error[b * D + i] / got->error[i], 1, 1e-9, "error");
    for (size_t i = 0; i < D; i++) /* a deviation estimated from 200 draws is off by 5 %: three times that */
        assert_close(got->error[i] * sqrt(200) / fabs(t->weights[i]) / (1 + 0.5 * (double)i), 1, 0.15, "size of the error");
    task.settings[1] = "samples=400"; /* all rows: exact, no error */
    view_explain(&task, t->rows, ROWS, got);
    for (size_t n = 0; n < ROWS * D; n++) {
        assert_close(got->relevance[n], t->weights[n % D] * (t->rows[n] - t->mean[n % D]), 1e-10, "exact"); /* sums of 400 terms of size 20 */
        assert_true(got->error[n] == 0);
    }
    ocelot_model_free(task.model);
    free(got);
    free(t);
}

static void conditional_meets_marginal_on_independent_features(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct view_answer *got = calloc(1, sizeof *got);
    assert_non_null(got);
    struct view_task task = {.model = view_linear(t->weights, D, 0.5),
                             .method = "prediction-difference",
                             .settings = {"sampling=conditional", "samples=100"},
                             .background = t->background,
                             .background_rows = N};
    /* the correlations of 400 independent rows are about 0.05; shrinking them makes them about 0.002 or nothing: rows up to 9 standard deviations
     * away then shift an expectation by less than a tenth of a standard deviation, one standard error of 100 draws */
    view_explain(&task, t->rows, ROWS, got);
    within_errors(t, got, 5);
    ocelot_model_free(task.model);
    free(got);
    free(t);
}

/* x_1 = x_0 + noise of deviation s: the other one is expected at r x, where r is the correlation (both shrunk alike). */
static void broken_correlations_are_seen_by_the_conditional_alone(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct view_answer *got = calloc(1, sizeof *got);
    assert_non_null(got);
    for (size_t r = 0; r < N; r++) {
        for (size_t i = 0; i < D; i++)
            t->background[r * D + i] = ocelot_rng_normal(&t->rng);
        t->background[r * D + 1] = t->background[r * D] + 0.1 * ocelot_rng_normal(&t->rng);
    }
    double row[D] = {1.5, -1.5}, weights[D] = {1, 1, 1, 1, 1, 1};
    struct view_task task = {.model = view_linear(weights, D, 0),
                             .method = "prediction-difference",
                             .settings = {"sampling=conditional", "samples=1000"},
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, row, 1, got); /* 1.5 - (-1.5) = 3 each; shrinking and the means of 400 rows move it by less than 0.3 */
    assert_close(got->relevance[0], 3, 0.3, "feature 1");
    assert_close(got->relevance[1], -3, 0.3, "feature 2");
    for (size_t i = 2; i < D; i++) /* expected near 0, as the row is; the pair at odds with itself moves them little */
        assert_close(got->relevance[i], 0, 0.5, "feature beside");
    double far[D] = {100, 0}; /* what 100 lets expect of its partner is what the largest value seen does */
    view_explain(&task, far, 1, got);
    double largest = 0;
    for (size_t r = 0; r < N; r++)
        largest = fmax(largest, t->background[r * D]);
    assert_close(got->relevance[1], -largest, 0.3, "partner of a value never seen");
    size_t groups[D] = {0, 0, 1, 2, 3, 4};
    task.groups = groups;
    task.group_count = 5;
    view_explain(&task, row, 1, got); /* the pair together is expected at its mean, 0: the sum of both was 0, so is the difference */
    assert_close(got->relevance[0] + got->relevance[1], 0, 0.3, "pair");
    assert_true(got->relevance[0] == got->relevance[1]);
    ocelot_model_free(task.model);
    weights[1] = -1; /* 14 correlations with a variance of 1/400 beside one of 0.995 shrink it by 0.034: of x_0 - x_1 remains sqrt(2 (1 - 0.961)) */
    task.model = view_linear(weights, D, 0);
    view_explain(&task, row, 1, got);
    assert_close(2 * got->error[0] * sqrt(1000), 0.28, 0.04, "deviation of the pair's difference");
    ocelot_model_free(task.model);
    free(got);
    free(t);
}

/* Without rows of the user it is the support vectors, each with its weight. */
static void support_vectors_count_by_their_weights(void **state)
{
    (void)state;
    enum { M = 12 };
    struct trial *t = begin();
    struct view_answer *got = calloc(1, sizeof *got);
    struct ocelot_graph *graph = network_kernel(&t->rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.1}, D, M);
    assert_non_null(got);
    struct view_task task = {.model = network_model(graph), .method = "prediction-difference", .settings = {"sampling=marginal"}};
    task.model->info.support_vectors = M;
    const struct ocelot_scale_params *scale = graph->nodes[1]->params;
    const struct ocelot_distance_params *points = graph->nodes[2]->params;
    const struct ocelot_softmin_params *pool = graph->nodes[3]->params;
    for (size_t i = 0; i < D; i++) {
        task.model->features[i].center = scale->center[i];
        task.model->features[i].factor = scale->factor[i];
    }
    view_explain(&task, t->rows, 1, got);
    for (size_t i = 0; i < D; i++) {
        double row[D], mean = 0;
        memcpy(row, t->rows, sizeof row);
        for (size_t j = 0; j < M; j++) {
            row[i] = points->points[j * D + i] / scale->factor[i] + scale->center[i];
            mean += pool->weights[j] * view_output(task.model, row);
        }
        assert_close(got->relevance[i], got->output[0] - mean, 1e-11, "weighted mean"); /* twelve scores of about 10 */
        assert_true(got->error[i] == 0);
    }
    ocelot_model_free(task.model);
    free(got);
    free(t);
}

static void constant_features_are_expected_where_they_are(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct view_answer *got = calloc(1, sizeof *got);
    assert_non_null(got);
    for (size_t r = 0; r < N; r++)
        t->background[r * D + 2] = 0.1;
    struct view_task task = {.model = view_linear(t->weights, D, 0.5),
                             .method = "prediction-difference",
                             .settings = {"sampling=conditional"},
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, t->rows, ROWS, got);
    for (size_t b = 0; b < ROWS; b++) {
        assert_close(got->relevance[b * D + 2], t->weights[2] * (t->rows[b * D + 2] - 0.1), 1e-10, "constant"); /* no draw differs */
        assert_close(got->error[b * D + 2], 0, 1e-10, "constant's error");
    }
    ocelot_model_free(task.model);
    free(got);
    free(t);
}

/* Haufe's own example: x = (s + distractor, distractor), w = (1, -1) reads s exactly; the pattern is (1, 0), the weights' second is about noise. */
static void the_planted_pattern_is_recovered(void **state)
{
    (void)state;
    const double signal[] = {1, 1, -1, -1}, distractor[] = {2, -2, 2, -2}, weights[] = {1, -1, 0};
    double background[4 * 3], row[] = {4, 1, 7}; /* the third feature is constant at 5 */
    struct view_answer *got = calloc(1, sizeof *got);
    assert_non_null(got);
    for (size_t r = 0; r < 4; r++) {
        background[r * 3] = signal[r] + distractor[r];
        background[r * 3 + 1] = distractor[r];
        background[r * 3 + 2] = 5;
    }
    struct view_task task = {.model = view_linear(weights, 3, 0.25), .method = "pattern", .background = background, .background_rows = 4};
    /* y - mean = 3; ~a = (1 / sd, 0, 0), so R = (~x_0 / ~a_0, 0, 0) = (x_0, 0, 0); all numbers are small, so rounding is */
    view_explain(&task, row, 1, got);
    assert_close_all(got->relevance, (double[]){4, 0, 0}, 3, 1e-12, 1, "match");
    assert_close(got->constant[0], 0.25, 1e-12, "mean output");
    assert_close(got->residual[0], 3.25 - 0.25 - 4, 1e-12, "residual");
    task.settings[0] = "form=signal"; /* a_0 (y - mean y) / sd_0 with sd_0^2 = 1 + 4 */
    view_explain(&task, row, 1, got);
    assert_close_all(got->relevance, (double[]){3 / sqrt(5), 0, 0}, 3, 1e-12, 1, "signal");
    ocelot_model_free(task.model);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_models_give_the_distance_to_the_mean),           cmocka_unit_test(conditional_meets_marginal_on_independent_features),
        cmocka_unit_test(broken_correlations_are_seen_by_the_conditional_alone), cmocka_unit_test(support_vectors_count_by_their_weights),
        cmocka_unit_test(constant_features_are_expected_where_they_are),         cmocka_unit_test(the_planted_pattern_is_recovered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
