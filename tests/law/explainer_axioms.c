/* Axioms, method by method: whether data and model shifted together change nothing (Kindermans 2017) or, where that is not promised, do; a feature
 * that the model does not look at gets nothing; two features that it treats alike get the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explainer.h"
#include "explainer_trials.h"
#include "ocelot/analysis.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Features TWIN and TWIN + 1 are treated alike, IGNORED not at all. */
enum { ROWS = 3, D = TRIAL_FEATURES, M = 14, TWIN = 0, IGNORED = 4 };

/* Everything lies on a grid of 2^-8, so that a shift by 4 rounds nothing. */
static const double shift = 4;

static void fill(uint64_t seed, double *values, size_t n)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < n; k++)
        values[k] = k % D == TWIN + 1 ? values[k - 1] : round(ocelot_rng_normal(&rng) * 256) / 256;
}

static struct ocelot_model *finish(struct ocelot_graph *graph)
{
    struct ocelot_model *model = network_model(graph);
    for (size_t i = 0; i < D; i++)
        model->features[i].low = model->features[i].median = model->features[i].high = NAN;
    return model;
}

static size_t input(struct ocelot_graph *graph)
{
    struct ocelot_shape shape = ocelot_shape_vector(D);
    size_t at = 0;
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
    return at;
}

/* Scale (which drops one feature) -> Distance to support vectors moved by `by` -> SoftMin. */
static struct ocelot_model *kernel(const struct ocelot_profile *profile, double by)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_profile_parameters parameters = {.gamma = 0.25, .power = 1.5};
    double points[M * D], weights[M], factor[D] = {1, 1, 1, 1, 0}, center[D] = {0};
    size_t at = input(graph);
    fill(41, points, (size_t)M * D);
    for (size_t n = 0; n < (size_t)M * D; n++)
        points[n] = n % D == IGNORED ? 0 : points[n] + by;
    for (size_t j = 0; j < M; j++)
        weights[j] = 1 / (double)M;
    assert_int_equal(ocelot_append_scale(graph, at, center, factor, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_distance(graph, at, profile, parameters, points, M, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, at, weights, NULL, 1, &at, NULL), OCELOT_OK);
    struct ocelot_model *model = finish(graph);
    model->features[IGNORED].factor = 0;
    model->info.support_vectors = M;
    return model;
}

static struct ocelot_model *rbf(double by)
{
    return kernel(&ocelot_profile_rbf, by);
}

static struct ocelot_model *laplace(double by)
{
    return kernel(&ocelot_profile_laplace, by);
}

static struct ocelot_model *student(double by)
{
    return kernel(&ocelot_profile_student, by);
}

/* Dense (b - W by) -> ReLU -> Dense -> ReLU -> Dense. */
static struct ocelot_model *relu(double by)
{
    enum { WIDTH = 12 };
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_rng rng;
    double first[WIDTH * D], second[WIDTH * WIDTH], third[WIDTH], bias[WIDTH];
    size_t at = input(graph);
    fill(42, first, sizeof first / sizeof *first);
    ocelot_rng_seed(&rng, 43);
    network_fill(&rng, second, sizeof second / sizeof *second, 1);
    network_fill(&rng, third, WIDTH, 1);
    for (size_t j = 0; j < WIDTH; j++) {
        bias[j] = 0.25 * (double)j;
        first[j * D + IGNORED] = 0;
        for (size_t i = 0; i < D; i++)
            bias[j] -= first[j * D + i] * by;
    }
    assert_int_equal(ocelot_append_dense(graph, at, first, bias, WIDTH, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, second, NULL, WIDTH, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, third, NULL, 1, &at, NULL), OCELOT_OK);
    return finish(graph);
}

static const struct subject {
    const char *name;
    struct ocelot_model *(*make)(double by);
    bool network;
} subjects[] = {{"rbf", rbf, false}, {"laplace", laplace, false}, {"student", student, false}, {"relu network", relu, true}};

enum promises {
    STAYS = 1,         /* shifted together, nothing changes */
    MOVES = 2,         /* it does */
    MOVES_NETWORK = 4, /* it does on networks */
    EXACT = 8,         /* STAYS to the last bit, on kernel machines */
    DUMMY = 16,
    TWINS = 32,
    BOX = 64 /* the setting ends in bounds of the inputs, which are shifted too */
};

/* Methods that a build lacks are left out. */
static const struct promise {
    const char *method, *setting;
    unsigned promises;
} promises[] = {
    {"dtd", NULL, STAYS | EXACT | DUMMY | TWINS},
    {"dtd-conserving", NULL, STAYS | EXACT | DUMMY | TWINS},
    {"dtd", "box=", STAYS | DUMMY | TWINS | BOX},
    {"lrp", "rule=first=box:", STAYS | DUMMY | TWINS | BOX},
    {"lrp", "composite=epsilon", MOVES_NETWORK | DUMMY | TWINS},
    {"gradient", NULL, STAYS | EXACT | DUMMY | TWINS},
    {"smooth-grad", NULL, STAYS | DUMMY},
    {"gradient-x-input", "root=zero", MOVES | DUMMY | TWINS},
    {"gradient-x-input", "root=mean", STAYS | DUMMY | TWINS},
    {"taylor", "root=nearest", STAYS | DUMMY | TWINS},
    {"integrated-gradients", "root=zero", MOVES | DUMMY | TWINS},
    {"integrated-gradients", "root=mean", STAYS | DUMMY | TWINS},
    {"integrated-gradients", "root=expected", STAYS | DUMMY | TWINS},
    {"occlusion", "value=zero", MOVES | DUMMY | TWINS},
    {"occlusion", "value=mean", STAYS | DUMMY | TWINS},
    {"occlusion", "value=expected", STAYS | DUMMY | TWINS},
    {"nearest-neighbour", NULL, STAYS | TWINS},
    {"deviation", NULL, STAYS | TWINS},
    {"random", NULL, MOVES},
    {"deeplift", "root=mean", STAYS | DUMMY | TWINS},
    {"shapley", NULL, STAYS | DUMMY | TWINS},
    {"kernel-shap", NULL, STAYS | DUMMY | TWINS},
    {"prediction-difference", NULL, STAYS | DUMMY},
};

/* Relevance of the rows under the model and the data moved by `by`; false where the method refuses the model. */
static bool explain(const struct subject *subject, const struct promise *promise, double by, double *relevance)
{
    struct ocelot_model *model = subject->make(by);
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_decision decision[ROWS];
    struct ocelot_explanation out = {.decision = decision};
    double x[ROWS * D], background[TRIAL_BACKGROUND * D];
    char text[64];
    const char *setting = promise->setting ? text : NULL;
    out.relevance = relevance;
    fill(44, x, (size_t)ROWS * D);
    fill(45, background, (size_t)TRIAL_BACKGROUND * D);
    for (size_t n = 0; n < (size_t)ROWS * D; n++)
        x[n] += by;
    for (size_t n = 0; n < (size_t)TRIAL_BACKGROUND * D; n++)
        background[n] += by;
    if (promise->promises & BOX)
        snprintf(text, sizeof text, "%s%g,%g", promise->setting, by - 6, by + 6);
    else
        snprintf(text, sizeof text, "%s", promise->setting ? promise->setting : "");
    struct ocelot_plan_options options = trial_options(promise->method, &setting, background, TRIAL_BACKGROUND);
    bool explains = ocelot_plan_create(model, &options, &plan, NULL) == OCELOT_OK;
    if (explains) {
        assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
        assert_int_equal(ocelot_explain(plan, workspace, x, ROWS, &out, NULL), OCELOT_OK);
    }
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    return explains;
}

static bool same_bytes(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

static void check(const struct subject *subject, const struct promise *promise, const double *relevance, const double *moved)
{
    unsigned kept = promise->promises;
    double scale = trial_largest(relevance, (size_t)ROWS * D), change = 0;
    char name[96];
    snprintf(name, sizeof name, "%s (%s), %s", promise->method, promise->setting ? promise->setting : "", subject->name);
    for (size_t n = 0; n < (size_t)ROWS * D; n++)
        change = fmax(change, fabs(relevance[n] - moved[n]));
    if (!(scale > 0))
        fail_msg("%s: all relevances are 0", name);
    /* means of background rows, and biases of the moved network, are rounded */
    if ((kept & STAYS) && !(change <= 1e-9 * scale))
        fail_msg("%s: a shift changes relevances up to %g by %g", name, scale, change);
    if ((kept & EXACT) && !subject->network && !same_bytes(relevance, moved, (size_t)ROWS * D * sizeof *moved))
        fail_msg("%s: a shift changes the last bits", name);
    if (((kept & MOVES) || ((kept & MOVES_NETWORK) && subject->network)) && !(change > 1e-2 * scale))
        fail_msg("%s: a shift changes relevances up to %g by no more than %g", name, scale, change);
    for (size_t b = 0; b < ROWS; b++) {
        /* the rounding of differences of f */
        if (kept & DUMMY)
            assert_close(relevance[b * D + IGNORED], 0, 1e-10 * scale, name);
        if (kept & TWINS)
            assert_close(relevance[b * D + TWIN], relevance[b * D + TWIN + 1], 1e-10 * scale, name);
    }
}

static void promises_are_kept(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof promises / sizeof *promises; p++) {
        size_t tried = 0;
        if (!ocelot_explainer_find(promises[p].method, ocelot_analysis_explainers))
            continue;
        for (size_t s = 0; s < sizeof subjects / sizeof *subjects; s++) {
            double relevance[ROWS * D], moved[ROWS * D];
            if (((promises[p].promises & BOX) && !subjects[s].network) || !explain(&subjects[s], &promises[p], 0, relevance))
                continue;
            assert_true(explain(&subjects[s], &promises[p], shift, moved));
            check(&subjects[s], &promises[p], relevance, moved);
            tried++;
        }
        if (tried == 0)
            fail_msg("%s (%s) explains none of the models", promises[p].method, promises[p].setting ? promises[p].setting : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(promises_are_kept)};
    return cmocka_run_group_tests_name("explainer-axioms", tests, NULL, NULL);
}
