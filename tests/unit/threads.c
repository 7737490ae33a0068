/* One plan, eight threads with a workspace each: every result is the one that a single thread gets, to the last bit. The `thread` preset
 * (cmake --preset thread && cmake --build --preset thread && ctest --preset thread -R threads) runs this under ThreadSanitizer. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/ocelot.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { THREADS = 8, ROWS = 1500, FEATURES = 5, POINTS = 210, CHUNK = 37, SHOWN = 2 };

/* Everything that can be asked of a row. */
struct results {
    struct ocelot_decision decision[ROWS];
    double relevance[ROWS * FEATURES], explained[ROWS], residual[ROWS], nearest[ROWS * FEATURES], support[ROWS * POINTS], expected[ROWS * SHOWN];
    double quick[ROWS * FEATURES];
};

struct job {
    const struct ocelot_plan *plan;
    const double *rows;
    struct results *results;
    size_t first, step; /* chunks first, first + step, ... */
    bool failed;
    pthread_t thread;
};

static void *work(void *argument)
{
    struct job *job = argument;
    struct ocelot_workspace *workspace = NULL;
    struct results *r = job->results;
    job->failed = ocelot_workspace_create(job->plan, &workspace, NULL) != OCELOT_OK;
    for (size_t start = job->first * CHUNK; start < ROWS && !job->failed; start += job->step * CHUNK) {
        size_t n = ROWS - start < CHUNK ? ROWS - start : CHUNK;
        struct ocelot_explanation out = {.decision = r->decision + start,
                                         .relevance = r->relevance + start * FEATURES,
                                         .explained = r->explained + start,
                                         .residual = r->residual + start,
                                         .nearest = r->nearest + start * FEATURES,
                                         .support = r->support + start * POINTS};
        job->failed = ocelot_explain(job->plan, workspace, job->rows + start * FEATURES, n, &out, NULL) != OCELOT_OK;
        for (size_t b = start; b < start + n && !job->failed; b++)
            if (r->decision[b].status == OCELOT_OK)
                job->failed = ocelot_expected(job->plan, workspace, job->rows + b * FEATURES, (size_t[]){4, 1}, SHOWN, r->expected + b * SHOWN,
                                              NULL) != OCELOT_OK ||
                              ocelot_expected_from_support(job->plan, workspace, job->rows + b * FEATURES, r->support + b * POINTS, NULL, FEATURES,
                                                           r->quick + b * FEATURES, NULL) != OCELOT_OK;
    }
    ocelot_workspace_free(workspace);
    return NULL;
}

static void compare(struct ocelot_model *model, const char *method, const char *precision, const char *points)
{
    struct ocelot_rng rng;
    double *rows = calloc(ROWS * FEATURES, sizeof *rows);
    struct results *alone = calloc(1, sizeof *alone), *together = calloc(1, sizeof *together);
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct job job[THREADS], one;
    assert_true(rows && alone && together);
    ocelot_rng_seed(&rng, 3);
    network_fill(&rng, rows, ROWS * FEATURES, 2);
    rows[7 * FEATURES] = (double)INFINITY; /* a bad row must not touch its neighbours */
    options.method = method;
    options.precision = precision;
    options.points = points;
    options.batch = 16;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    one = (struct job){.plan = plan, .rows = rows, .results = alone, .step = 1};
    work(&one);
    assert_false(one.failed);
    for (size_t k = 0; k < THREADS; k++) {
        job[k] = (struct job){.plan = plan, .rows = rows, .results = together, .first = k, .step = THREADS};
        assert_int_equal(pthread_create(&job[k].thread, NULL, work, &job[k]), 0);
    }
    for (size_t k = 0; k < THREADS; k++) {
        pthread_join(job[k].thread, NULL);
        assert_false(job[k].failed);
    }
    /* Both began zeroed, so padding bytes are equal too; NaNs come from the same assignment. */
    assert_memory_equal(alone, together, sizeof *alone);
    assert_int_equal(alone->decision[7].status, OCELOT_E_VALUE);
    assert_int_equal(alone->decision[8].status, OCELOT_OK);
    assert_true(alone->decision[8].output != alone->decision[9].output);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    free(rows);
    free(alone);
    free(together);
}

static void test_distances(void **state)
{
    (void)state;
    const struct ocelot_profile_parameters parameters = {.gamma = 0.3, .power = 1.5};
    for (const struct ocelot_profile *const *profile = ocelot_profiles; *profile; profile++) {
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 1);
        struct ocelot_model *model = network_model(network_kernel(&rng, *profile, parameters, FEATURES, POINTS));
        model->info.support_vectors = POINTS;
        compare(model, "dtd", NULL, NULL);
        model = network_model(network_kernel(&rng, *profile, parameters, FEATURES, POINTS));
        model->info.support_vectors = POINTS;
        compare(model, "dtd", NULL, "sparse");
        model = network_model(network_kernel(&rng, *profile, parameters, FEATURES, POINTS));
        model->info.support_vectors = POINTS;
        compare(model, "dtd", "float32", NULL);
        model = network_model(network_kernel(&rng, *profile, parameters, FEATURES, POINTS));
        model->info.support_vectors = POINTS;
        compare(model, "dtd-conserving", "float32", NULL);
    }
}

/* Where taylor starts: the origin. */
static struct ocelot_model *with_reference(struct ocelot_model *model)
{
    model->reference = calloc(FEATURES, sizeof *model->reference);
    assert_non_null(model->reference);
    return model;
}

static void test_networks(void **state)
{
    (void)state;
    static const char *const methods[] = {"lrp", "taylor"};
    for (size_t k = 0; k < 2; k++) {
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 2);
        compare(with_reference(network_model(network_relu(&rng, (const size_t[]){FEATURES, 20, 12, 1}, 3))), methods[k], NULL, NULL);
        compare(with_reference(network_model(network_residual(&rng, FEATURES, 10, 1))), methods[k], NULL, NULL);
    }
}

static void test_svm(void **state)
{
    (void)state;
    static const char text[] =
        "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 3\nrho 0.1\nSV\n1 1:1 2:0 5:1\n1 2:1\n0.5 3:2 4:-1\n";
    struct ocelot_model *model;
    assert_int_equal(ocelot_svm_read_memory(text, sizeof text - 1, "model", NULL, &model, NULL), OCELOT_OK);
    compare(model, NULL, NULL, "sparse");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distances), cmocka_unit_test(test_networks), cmocka_unit_test(test_svm)};
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
