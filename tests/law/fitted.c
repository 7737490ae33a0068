/* Laws of the fitted additive model and of meaningful perturbation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/views.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { D = 5, N = 300, ROWS = 8 };

struct trial {
    double background[N * D], rows[ROWS * D], weights[D], slopes[D];
    struct view_answer got;
};

static struct trial *begin(void)
{
    struct trial *t = calloc(1, sizeof *t);
    struct ocelot_rng rng;
    assert_non_null(t);
    ocelot_rng_seed(&rng, 11);
    network_fill(&rng, t->background, N * D, 1);
    network_fill(&rng, t->rows, ROWS * D, 1.5);
    network_fill(&rng, t->weights, D, 1);
    for (size_t i = 0; i < D; i++)
        t->slopes[i] = 0.6 + 0.1 * (double)i;
    for (size_t n = 0; n < N; n++)
        t->background[n * D + 1] = t->background[n * D] + 0.2 * t->background[n * D + 1]; /* a fit must tell correlated features apart */
    return t;
}

static double third(double value)
{
    return value * value * value;
}

/* g_i(x_i) = w_i (h(s_i x_i) - mean of it over the background), and the terms sum to the fit, which is f. */
static void recovers(struct trial *t, const struct ocelot_op *op, double (*h)(double), const char *const settings[3], double bound)
{
    struct view_task task = {.model = view_additive(t->weights, t->slopes, D, op),
                             .method = "fitted-additive",
                             .settings = {settings[0], settings[1], settings[2]},
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, t->rows, ROWS, &t->got);
    for (size_t n = 0; n < ROWS * D; n++) {
        size_t i = n % D;
        double mean = 0;
        for (size_t r = 0; r < N; r++)
            mean += h(t->slopes[i] * t->background[r * D + i]) / N;
        assert_close(t->got.relevance[n], t->weights[i] * (h(t->slopes[i] * t->rows[n]) - mean), bound, "term");
    }
    for (size_t b = 0; b < ROWS; b++) {
        assert_close(t->got.residual[b], 0, D * bound, "residual");
        assert_close(t->got.explained[b] + t->got.constant[b] + t->got.residual[b], t->got.output[b], 1e-12, "ledger");
    }
    ocelot_model_free(task.model);
}

static void cubic_functions_are_splines(void **state)
{
    (void)state;
    struct trial *t = begin();
    for (size_t n = 0; n < ROWS * D; n++) /* twice as far as any row of the background; beyond [-11, 11] the fit is straight */
        t->rows[n] *= 2;
    recovers(t, NULL, third, (const char *[3]){"smoothing=0"}, 1e-4); /* exact but for the ridge, 1e-9 of coefficients up to 1e3 at few points */
    free(t);
}

static void smooth_functions_are_nearly_splines(void **state)
{
    (void)state;
    struct trial *t = begin();
    for (size_t n = 0; n < ROWS * D; n++) /* the knots span [-4.6, 4.6] */
        t->rows[n] = fmax(-4, fmin(4, t->rows[n]));
    /* pieces of h = 0.4: the error of cubic splines, (5/384) h^4 max|tanh''''|, is 0.013 * 0.026 * 4, times weights up to 2 */
    recovers(t, &ocelot_op_tanh, tanh, (const char *[3]){"widen=0.5", "pieces=24", "smoothing=0"}, 0.003);
    recovers(t, &ocelot_op_tanh, tanh, (const char *[3]){"widen=0.5", "pieces=24"}, 0.003); /* curvature costs less than that */
    free(t);
}

static void linear_functions_cost_nothing_at_any_distance(void **state)
{
    (void)state;
    struct trial *t = begin();
    for (size_t n = 0; n < ROWS * D; n++)
        t->rows[n] *= 100;
    double mean[D] = {0};
    for (size_t n = 0; n < N * D; n++)
        mean[n % D] += t->background[n] / N;
    struct view_task task = {.model = view_linear(t->weights, D, 2),
                             .method = "fitted-additive",
                             .settings = {"smoothing=1"},
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, t->rows, ROWS, &t->got);
    for (size_t n = 0; n < ROWS * D; n++) /* the ridge's 1e-9 against 5 features and extrapolation by a factor of 100 */
        assert_close(t->got.relevance[n], t->weights[n % D] * (t->rows[n] - mean[n % D]), 1e-4, "linear");
    ocelot_model_free(task.model);
    free(t);
}

/* A product of features has no additive explanation: what is not explained is told. */
static void interactions_are_left_in_the_residual(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    struct view_task task = {.model = network_model(network_relu(&rng, (size_t[]){D, 16, 1}, 2)),
                             .method = "fitted-additive",
                             .background = t->background,
                             .background_rows = N};
    view_explain(&task, t->rows, ROWS, &t->got);
    double left = 0;
    for (size_t b = 0; b < ROWS; b++) {
        left += fabs(t->got.residual[b]);
        assert_close(t->got.explained[b] + t->got.constant[b] + t->got.residual[b], t->got.output[b], 1e-12, "ledger");
    }
    assert_true(left > 1e-3);
    ocelot_model_free(task.model);
    free(t);
}

/* f = 3 x_1 + 2 x_3 - 0.1 x_4 against 0: the first two bear 3/4.9 and 2/4.9 of the drop, more than l1 / 5; deleting the last would raise f. */
static void masks_delete_what_matters(void **state)
{
    (void)state;
    struct trial *t = begin();
    const double weights[D] = {0, 3, 0, 2, -0.1}, row[D] = {1, 1, 1, 1, 1};
    const char *prices[] = {"l1=0.5", "l1=1", "l1=2.5", "l1=4"}; /* a price above 5 times its share keeps a feature: 3.06 and 2.04 */
    const double deleted[] = {2, 2, 1, 0};
    struct view_task task = {.model = view_linear(weights, D, 0), .method = "meaningful-perturbation", .settings = {"reference=zero", "scale=mask"}};
    for (size_t k = 0; k < 4; k++) {
        double sum = 0;
        task.settings[2] = prices[k];
        view_explain(&task, row, 1, &t->got);
        for (size_t i = 0; i < D; i++) {
            assert_true(t->got.relevance[i] >= 0 && t->got.relevance[i] <= 1);
            sum += t->got.relevance[i];
        }
        assert_close(sum, deleted[k], 1e-12, "size of the mask"); /* linear: the minimum is a corner, met exactly */
        assert_close(t->got.relevance[0] + t->got.relevance[2] + t->got.relevance[4], 0, 0, "features that do not matter");
    }
    task.settings[1] = "scale=drop";
    task.settings[2] = NULL;
    view_explain(&task, row, 1, &t->got); /* both are deleted, and share the drop of 5 by 1 - m; -0.1 is left */
    assert_close_all(t->got.relevance, (double[]){0, 2.5, 0, 2.5, 0}, D, 1e-12, 1, "drop");
    assert_close(t->got.constant[0], -0.1, 1e-12, "what is left");
    assert_close(t->got.residual[0], 0, 1e-12, "residual");
    ocelot_model_free(task.model);
    free(t);
}

/* An outlier score: two features of a row lie far from the support vectors, and going back to what is expected destroys it. */
static void outlier_scores_are_brought_back(void **state)
{
    (void)state;
    enum { WIDE = 8 };
    struct trial *t = begin();
    struct ocelot_rng rng;
    double points[N * WIDE], row[WIDE], center[WIDE] = {0}, factor[WIDE], weight[N];
    struct ocelot_shape shape = ocelot_shape_vector(WIDE);
    struct ocelot_graph *graph = ocelot_graph_create();
    size_t at;
    ocelot_rng_seed(&rng, 17);
    network_fill(&rng, points, N * WIDE, 1);
    network_fill(&rng, row, WIDE, 0.5);
    row[2] = 6;
    row[5] = -5;
    for (size_t i = 0; i < WIDE; i++)
        factor[i] = 1;
    for (size_t r = 0; r < N; r++)
        weight[r] = 1 / (double)N;
    assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_scale(graph, at, center, factor, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_distance(graph, at, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.1}, points, N, &at, NULL),
                     OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, at, weight, NULL, 1, &at, NULL), OCELOT_OK);
    struct view_task task = {.model = network_model(graph),
                             .method = "meaningful-perturbation",
                             .settings = {"scale=mask", "reference=mean"},
                             .background = points,
                             .background_rows = N};
    view_explain(&task, row, 1, &t->got);
    for (size_t i = 0; i < WIDE; i++) {
        if (i == 2 || i == 5)
            assert_true(t->got.relevance[i] > 0.8);
        else
            assert_true(t->got.relevance[i] < 0.2);
    }
    task.settings[0] = "scale=drop";
    view_explain(&task, row, 1, &t->got);
    assert_true(t->got.explained[0] > 0.8 * t->got.output[0]); /* 6^2 and 5^2 of 63 or so */
    view_explain(&task, center, 1, &t->got);                   /* the mean itself: nothing to destroy */
    assert_true(t->got.explained[0] < 0.05);
    ocelot_model_free(task.model);
    free(t);
}

enum { SIDE = 12 };

/* An image model that sums a square of 4 x 4 pixels, rows and columns 4 to 7. */
static struct ocelot_model *image_model(void)
{
    struct ocelot_shape shape = {.rank = 3, .extent = {1, SIDE, SIDE}};
    struct ocelot_graph *graph = ocelot_graph_create();
    double weights[SIDE * SIDE] = {0};
    size_t at;
    for (size_t p = 0; p < SIDE * SIDE; p++)
        weights[p] = p / SIDE / 4 == 1 && p % SIDE / 4 == 1;
    assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, weights, NULL, 1, &at, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    model->info.input_rank = 3;
    for (size_t k = 0; k < 3; k++)
        model->info.input_shape[k] = shape.extent[k];
    return model;
}

static void masks_of_images_are_smooth_and_in_place(void **state)
{
    (void)state;
    struct trial *t = begin();
    double row[SIDE * SIDE], size[2], rough[2];
    const char *variations[] = {"tv=0", "tv=2"};
    for (size_t p = 0; p < SIDE * SIDE; p++)
        row[p] = 1;
    struct view_task task = {.model = image_model(), .method = "meaningful-perturbation", .settings = {"reference=zero", "scale=mask", "grid=6"}};
    for (size_t k = 0; k < 2; k++) {
        double inside = 0, outside = 0;
        task.settings[3] = variations[k];
        view_explain(&task, row, 1, &t->got);
        rough[k] = 0;
        for (size_t p = 0; p < SIDE * SIDE; p++) {
            double *sum = p / SIDE / 4 == 1 && p % SIDE / 4 == 1 ? &inside : &outside;
            assert_true(t->got.relevance[p] >= 0 && t->got.relevance[p] <= 1);
            *sum += t->got.relevance[p];
            rough[k] = p % SIDE ? fmax(rough[k], fabs(t->got.relevance[p] - t->got.relevance[p - 1])) : rough[k];
        }
        size[k] = inside + outside;
        assert_true(size[k] > 0 && inside / 16 > 2 * outside / (SIDE * SIDE - 16)); /* by pixel, twice as much on the square as beside it */
    }
    assert_true(rough[1] < rough[0]);
    ocelot_model_free(task.model);
    free(t);
}

static void blurring_keeps_flat_images(void **state)
{
    (void)state;
    struct trial *t = begin();
    double row[SIDE * SIDE];
    for (size_t p = 0; p < SIDE * SIDE; p++)
        row[p] = 0.75;
    struct view_task task = {.model = image_model(), .method = "meaningful-perturbation", .settings = {"reference=blur"}};
    view_explain(&task, row, 1, &t->got); /* the blurred image is the image: nothing can be destroyed */
    for (size_t p = 0; p < SIDE * SIDE; p++)
        assert_true(t->got.relevance[p] == 0);
    row[5 * SIDE + 5] = 9; /* a dot: blurring takes most of it away, and some beyond the square */
    view_explain(&task, row, 1, &t->got);
    assert_true(t->got.explained[0] > 1);
    ocelot_model_free(task.model);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cubic_functions_are_splines),
        cmocka_unit_test(smooth_functions_are_nearly_splines),
        cmocka_unit_test(linear_functions_cost_nothing_at_any_distance),
        cmocka_unit_test(interactions_are_left_in_the_residual),
        cmocka_unit_test(masks_delete_what_matters),
        cmocka_unit_test(outlier_scores_are_brought_back),
        cmocka_unit_test(masks_of_images_are_smooth_and_in_place),
        cmocka_unit_test(blurring_keeps_flat_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
