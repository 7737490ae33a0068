/* Laws of superpixels: connected, numbered in order, about as many as asked for, never across a strong edge; and of the methods whose players they
 * are: on a linear model every one of them gives a segment sum_i w_i (x_i - r_i). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/analysis.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { CHANNELS = 2, HEIGHT = 13, WIDTH = 17, PIXELS = HEIGHT * WIDTH, SIZE = CHANNELS * PIXELS };

/* Dark left and bright right of a slanted edge, with a little noise. */
static void paint(double *image, double noise)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 12);
    for (size_t n = 0; n < SIZE; n++) {
        size_t y = n % PIXELS / WIDTH, x = n % WIDTH;
        image[n] = (2 * x + y > 22 ? 5 : -5) + noise * ocelot_rng_normal(&rng);
    }
}

static size_t cut(const double *image, size_t count, size_t *groups)
{
    size_t found = 0;
    assert_int_equal(ocelot_superpixels(image, CHANNELS, HEIGHT, WIDTH, count, groups, &found, NULL), OCELOT_OK);
    return found;
}

/* Number of pixels that can be reached from n within its segment, by relaxation: slow and plain. */
static size_t reachable(const size_t *groups, size_t n)
{
    bool seen[PIXELS] = {false}, grew = true;
    size_t count = 1;
    seen[n] = true;
    while (grew) {
        grew = false;
        for (size_t k = 0; k < PIXELS; k++)
            for (size_t m = 0; m < PIXELS && !seen[k] && groups[k] == groups[n]; m++) {
                int down = abs((int)(k / WIDTH) - (int)(m / WIDTH)), across = abs((int)(k % WIDTH) - (int)(m % WIDTH));
                if (down + across == 1 && seen[m]) {
                    seen[k] = grew = true;
                    count++;
                }
            }
    }
    return count;
}

static void test_segments(void **state)
{
    static const size_t counts[] = {1, 2, 6, 20, 50, PIXELS};
    double image[SIZE];
    size_t groups[SIZE], again[SIZE];
    (void)state;
    for (size_t k = 0; k < 2 * sizeof counts / sizeof *counts; k++) {
        size_t count = counts[k / 2];
        paint(image, k % 2 ? 3 : 0.2);
        size_t found = cut(image, count, groups), next = 0;
        assert_true(found >= (count + 2) / 3 && found <= 3 * count && found <= PIXELS); /* about */
        for (size_t n = 0; n < PIXELS; n++) {
            assert_true(groups[n] <= next && groups[n] < found);
            assert_int_equal(groups[n], groups[PIXELS + n]);
            if (groups[n] < next)
                continue;
            next++; /* the first pixel of a segment */
            size_t size = 0;
            for (size_t m = 0; m < PIXELS; m++)
                size += groups[m] == groups[n];
            assert_int_equal(reachable(groups, n), size);
            assert_true(n == 0 || size >= PIXELS / (4 * count));
        }
        assert_int_equal(next, found);
        assert_int_equal(cut(image, count, again), found);
        assert_memory_equal(groups, again, sizeof groups);
    }
}

static void test_edges(void **state)
{
    double image[SIZE], low[PIXELS], high[PIXELS];
    size_t groups[SIZE];
    (void)state;
    paint(image, 0.2);
    size_t found = cut(image, 20, groups);
    for (size_t k = 0; k < found; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (size_t n = 0; n < PIXELS; n++) {
        low[groups[n]] = fmin(low[groups[n]], image[n]);
        high[groups[n]] = fmax(high[groups[n]], image[n]);
    }
    for (size_t k = 0; k < found; k++)
        assert_true(low[k] > 0 || high[k] < 0);
}

static void test_refusals(void **state)
{
    double image[SIZE];
    size_t groups[SIZE], found = 7;
    (void)state;
    paint(image, 0);
    assert_int_equal(ocelot_superpixels(image, CHANNELS, HEIGHT, WIDTH, 0, groups, &found, NULL), OCELOT_E_ARGUMENT);
    assert_int_equal(ocelot_superpixels(image, CHANNELS, HEIGHT, WIDTH, PIXELS + 1, groups, &found, NULL), OCELOT_E_ARGUMENT);
    assert_int_equal(ocelot_superpixels(image, CHANNELS, 0, WIDTH, 1, groups, &found, NULL), OCELOT_E_ARGUMENT);
    assert_int_equal(ocelot_superpixels(image, CHANNELS, SIZE_MAX, WIDTH, 1, groups, &found, NULL), OCELOT_E_ARGUMENT);
    image[SIZE - 1] = NAN;
    assert_int_equal(ocelot_superpixels(image, CHANNELS, HEIGHT, WIDTH, 6, groups, &found, NULL), OCELOT_E_VALUE);
    assert_int_equal(found, 7);
}

/* The model, of such images. */
static struct ocelot_model *as_images(struct ocelot_model *model)
{
    model->info.input_rank = 3;
    model->info.input_shape[0] = CHANNELS;
    model->info.input_shape[1] = HEIGHT;
    model->info.input_shape[2] = WIDTH;
    return model;
}

static struct ocelot_model *linear(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 31);
    return as_images(network_model(network_relu(&rng, (size_t[]){SIZE, 1}, 1)));
}

struct answer {
    double relevance[2][SIZE], residual[2];
    struct ocelot_decision decision[2];
};

static struct answer explain(const struct ocelot_model *model, const double *rows, const char *method, const char *const *settings,
                             const size_t *groups, size_t group_count)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct answer a;
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    options.explainers = ocelot_analysis_explainers;
    options.method = method;
    options.settings = settings;
    while (settings[options.setting_count])
        options.setting_count++;
    options.groups = groups;
    options.group_count = group_count;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    struct ocelot_explanation out = {.decision = a.decision, .relevance = &a.relevance[0][0], .residual = a.residual};
    assert_int_equal(ocelot_explain(plan, workspace, rows, 2, &out, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return a;
}

/* sum over a segment of w_i (x_i - r_i); r is 0 or the mean of the channel over the segment. */
static void segment_terms(const struct ocelot_model *model, const double *image, const size_t *groups, size_t found, bool colour, double *terms)
{
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    for (size_t k = 0; k < found; k++) {
        double points[2][SIZE], outputs[2];
        for (size_t n = 0; n < SIZE; n++) {
            double sum = 0, count = 0;
            for (size_t m = n / PIXELS * PIXELS; m < n / PIXELS * PIXELS + PIXELS; m++)
                if (groups[m] == k) {
                    sum += image[m];
                    count++;
                }
            points[0][n] = image[n];
            points[1][n] = groups[n] != k ? image[n] : colour ? sum / count : 0;
        }
        assert_int_equal(ocelot_outputs(plan, workspace, &points[0][0], 2, outputs, NULL), OCELOT_OK);
        terms[k] = outputs[0] - outputs[1];
    }
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}

/* Rows with segments of their own, more of them in the one than in the other. 1e-8: terms of about a hundred by a system of twenty unknowns. */
static void test_players(void **state)
{
    static const struct {
        const char *method, *settings[4];
        bool colour;
    } cases[] = {
        {"shapley", {"reference=zero", "segments=20", "permutations=2"}, false},
        {"shapley", {"segments=6", "exact-up-to=16"}, true},
        {"kernel-shap", {"reference=zero", "segments=20"}, false},
        {"kernel-shap", {"reference=colour", "segments=20"}, true},
        {"lime", {"reference=zero", "segments=20", "ridge=0"}, false},
        {"lime", {"segments=20", "ridge=0"}, true},
    };
    double rows[2][SIZE], terms[PIXELS];
    size_t groups[SIZE];
    struct ocelot_model *model = linear();
    (void)state;
    paint(rows[0], 0.2);
    paint(rows[1], 8);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct answer a = explain(model, &rows[0][0], cases[k].method, cases[k].settings, NULL, 0);
        size_t counts[2];
        for (size_t b = 0; b < 2; b++) {
            double found[PIXELS] = {0};
            counts[b] = cut(rows[b], strstr(cases[k].settings[0], "segments=6") ? 6 : 20, groups);
            segment_terms(model, rows[b], groups, counts[b], cases[k].colour, terms);
            for (size_t n = 0; n < SIZE; n++)
                found[groups[n]] += a.relevance[b][n];
            assert_close_all(found, terms, counts[b], 1e-8, 1, cases[k].method);
        }
        if (strstr(cases[k].settings[1], "20"))
            assert_int_not_equal(counts[0], counts[1]);
    }
    ocelot_model_free(model);
}

/* What a row gets does not depend on the row before it, which had other players. */
static void test_neighbours(void **state)
{
    static const struct {
        const char *method, *settings[4];
    } cases[] = {{"shapley", {"reference=zero", "segments=20", "permutations=3"}},
                 {"kernel-shap", {"reference=zero", "segments=20", "samples=100"}},
                 {"lime", {"reference=zero", "segments=20", "samples=100"}}};
    double rows[2][SIZE], swapped[2][SIZE];
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 32);
    struct ocelot_model *model = as_images(network_model(network_relu(&rng, (size_t[]){SIZE, 9, 1}, 2)));
    (void)state;
    paint(rows[0], 0.2);
    paint(rows[1], 8);
    memcpy(swapped[0], rows[1], sizeof rows[1]);
    memcpy(swapped[1], rows[0], sizeof rows[0]);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct answer a = explain(model, &rows[0][0], cases[k].method, cases[k].settings, NULL, 0);
        struct answer b = explain(model, &swapped[0][0], cases[k].method, cases[k].settings, NULL, 0);
        assert_memory_equal(a.relevance[0], b.relevance[1], sizeof a.relevance[0]);
        assert_memory_equal(a.relevance[1], b.relevance[0], sizeof a.relevance[0]);
    }
    ocelot_model_free(model);
}

/* Groups of the plan come before superpixels. */
static void test_groups_first(void **state)
{
    static const char *const methods[] = {"shapley", "kernel-shap", "lime"};
    static const char *const settings[] = {"reference=zero", NULL};
    double rows[2][SIZE], terms[3];
    size_t groups[SIZE];
    struct ocelot_model *model = linear();
    (void)state;
    paint(rows[0], 0.2);
    paint(rows[1], 8);
    for (size_t n = 0; n < SIZE; n++)
        groups[n] = n % WIDTH / 6;
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
        struct answer a = explain(model, &rows[0][0], methods[k], settings, groups, 3);
        for (size_t b = 0; b < 2; b++) {
            double found[3] = {0};
            segment_terms(model, rows[b], groups, 3, false, terms);
            for (size_t n = 0; n < SIZE; n++)
                found[groups[n]] += a.relevance[b][n];
            assert_close_all(found, terms, 3, k == 2 ? 0.1 : 1e-8, 0, methods[k]); /* lime with its ridge */
        }
    }
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments), cmocka_unit_test(test_edges),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_players),  cmocka_unit_test(test_neighbours), cmocka_unit_test(test_groups_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
