/* Support vectors by their entries or by all coordinates (ocelot_plan_options.points): every method gives the same answers on models of every kind,
 * and so do expected values, patterns and support weights; models choose by what their support vectors hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explainer_trials.h"
#include "ops/distance.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 11, D = 150, M = 40 };

struct answer {
    struct ocelot_decision decision[ROWS];
    double *relevance, *residual, *nearest, *support, *expected, *quick;
};

static double *numbers(size_t n)
{
    double *values = calloc(n + 1, sizeof *values);
    assert_non_null(values);
    return values;
}

static void free_answer(struct answer *a)
{
    free(a->relevance);
    free(a->residual);
    free(a->nearest);
    free(a->support);
    free(a->expected);
    free(a->quick);
}

/* False where the method does not take the model. */
static bool ask(const struct ocelot_model *model, struct ocelot_plan_options options, const char *points, const double *rows, struct answer *a)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    size_t d = model->feature_count, m = model->info.support_vectors;
    options.points = points;
    if (ocelot_plan_create(model, &options, &plan, NULL) != OCELOT_OK)
        return false;
    *a = (struct answer){.relevance = numbers(ROWS * d),
                         .residual = numbers(ROWS),
                         .nearest = numbers(ROWS * d),
                         .support = numbers(ROWS * m),
                         .expected = numbers(ROWS * d),
                         .quick = numbers(ROWS * d)};
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    struct ocelot_explanation out = {
        .decision = a->decision, .relevance = a->relevance, .residual = a->residual, .nearest = a->nearest, .support = m ? a->support : NULL};
    assert_int_equal(ocelot_explain(plan, w, rows, ROWS, &out, NULL), OCELOT_OK);
    for (size_t b = 0; b < ROWS; b++) {
        assert_int_equal(ocelot_expected(plan, w, rows + b * d, NULL, d, a->expected + b * d, NULL), OCELOT_OK);
        if (m)
            assert_int_equal(ocelot_expected_from_support(plan, w, rows + b * d, a->support + b * m, NULL, d, a->quick + b * d, NULL), OCELOT_OK);
    }
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return true;
}

/* NaN where NaN is, and 1e-9 of the largest apart: distances may have lost 1024 roundings. */
static void same(const double *a, const double *b, size_t n, const char *model, const char *what)
{
    double bound = 0;
    for (size_t k = 0; k < n; k++)
        bound = isnan(a[k]) ? bound : fmax(bound, 1e-9 * fabs(a[k]));
    for (size_t k = 0; k < n; k++)
        if (isnan(a[k]) != isnan(b[k]) || fabs(a[k] - b[k]) > bound)
            fail_msg("%s, %s, %zu: %.17g dense, %.17g sparse", model, what, k, a[k], b[k]);
}

static size_t compare(const struct ocelot_model *model, const char *name, struct ocelot_plan_options options, const double *rows)
{
    struct answer dense, sparse;
    size_t d = model->feature_count, m = model->info.support_vectors;
    if (!ask(model, options, "dense", rows, &dense))
        return 0;
    assert_true(ask(model, options, "sparse", rows, &sparse));
    for (size_t b = 0; b < ROWS; b++) {
        const char *what = options.method ? options.method : "default";
        same(&dense.decision[b].output, &sparse.decision[b].output, 1, name, "output");
        same(dense.relevance + b * d, sparse.relevance + b * d, d, name, what);
        assert_close(sparse.residual[b], dense.residual[b], 1e-9 * (fabs(dense.decision[b].output) + fabs(dense.residual[b])), what);
        same(dense.nearest + b * d, sparse.nearest + b * d, d, name, "nearest");
        same(dense.support + b * m, sparse.support + b * m, m, name, "support");
        same(dense.expected + b * d, sparse.expected + b * d, d, name, "expected");
        same(dense.quick + b * d, sparse.quick + b * d, d, name, "expected from support");
    }
    free_answer(&dense);
    free_answer(&sparse);
    return 1;
}

static void every_method_and_model(void **state)
{
    (void)state;
    size_t compared = 0;
    for (const struct trial_model *trial = trial_models; trial->name; trial++) {
        struct ocelot_model *model = trial->make();
        double *rows = numbers((size_t)ROWS * TRIAL_WIDEST), *background = numbers((size_t)TRIAL_BACKGROUND * TRIAL_WIDEST);
        trial_rows(model, 3, ROWS, rows);
        trial_rows(model, 4, TRIAL_BACKGROUND, background);
        for (size_t k = 0; ocelot_method_at(k); k++)
            compared += compare(model, trial->name, trial_options(ocelot_method_at(k)->name, NULL, background, TRIAL_BACKGROUND), rows);
        free(rows);
        free(background);
        ocelot_model_free(model);
    }
    assert_true(compared > 20);
}

/* Distance -> SoftMin of support vectors of which a share is not 0, and rows like them; the last ones are near support vectors. */
static struct ocelot_model *make(const struct ocelot_profile *profile, double share, double *rows)
{
    struct ocelot_rng rng;
    struct ocelot_shape shape = ocelot_shape_vector(D);
    double *u = numbers((size_t)M * D), w[M];
    struct ocelot_graph *graph = ocelot_graph_create();
    assert_non_null(graph);
    ocelot_rng_seed(&rng, 5);
    for (size_t n = 0; n < (size_t)(M + ROWS) * D; n++) {
        double value = ocelot_rng_uniform(&rng) < share ? ocelot_rng_normal(&rng) : 0;
        *(n < (size_t)M * D ? &u[n] : &rows[n - (size_t)M * D]) = value;
    }
    for (size_t b = ROWS - 3; b < ROWS; b++)
        for (size_t i = 0; i < D; i++)
            rows[b * D + i] = u[b * D + i] * (1 + (b == ROWS - 1 ? 0 : 1e-6));
    for (size_t j = 0; j < M; j++)
        w[j] = 1.0 / M;
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_distance(graph, 0, profile, (struct ocelot_profile_parameters){.gamma = 0.1, .power = 1.3}, u, M, NULL, NULL),
                     OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, 1, w, NULL, 1, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    model->info.support_vectors = M;
    free(u);
    return model;
}

static void every_distance(void **state)
{
    (void)state;
    static const char *const methods[] = {"dtd", "dtd-conserving", "gradient"};
    double *rows = numbers((size_t)ROWS * D);
    for (size_t l = 0; ocelot_profiles[l]; l++)
        for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
            for (size_t body = 0; ocelot_kernel_bodies[body]; body++) {
                struct ocelot_model *model = make(ocelot_profiles[l], 0.08, rows);
                struct ocelot_plan_options options = ocelot_plan_options_default();
                options.method = methods[k];
                options.kernels = ocelot_kernel_bodies[body]->name;
                if (ocelot_kernel_bodies[body]->available())
                    assert_int_equal(compare(model, ocelot_profiles[l]->name, options, rows), 1);
                ocelot_model_free(model);
            }
    free(rows);
}

static void chosen_by_entries(void **state)
{
    (void)state;
    static const double shares[] = {0.05, 0.9};
    const struct ocelot_kernels *fastest = ocelot_kernels_find(NULL);
    double *rows = numbers((size_t)ROWS * D);
    for (size_t k = 0; k < 2; k++) {
        struct ocelot_model *model = make(&ocelot_profile_rbf, shares[k], rows);
        struct ocelot_plan_options options = ocelot_plan_options_default();
        struct ocelot_plan *plan = NULL;
        assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
        const struct ocelot_node *node = model->graph->nodes[1];
        assert_true(ocelot_distance_sparse(node, &(struct ocelot_footing){.kernels = fastest}) == (k == 0));
        assert_true((ocelot_distance_points(plan->nodes[1].f64.prepared, NULL).sparse != NULL) == (k == 0));
        assert_false(ocelot_distance_sparse(node, &(struct ocelot_footing){.kernels = ocelot_kernel_bodies[0]}));
        ocelot_plan_free(plan);
        options.points = "both";
        assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_E_ARGUMENT);
        ocelot_model_free(model);
    }
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_method_and_model), cmocka_unit_test(every_distance),
                                       cmocka_unit_test(chosen_by_entries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
