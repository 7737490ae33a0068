/* Occlusion against its definition, feature by feature, group by group and window by window; the controls against theirs; and what is refused. */
#include <math.h>
#include <string.h>

#include "explainer_trials.h"
#include "ocelot/analysis.h"
#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 3, D = TRIAL_FEATURES };

static const struct trial_model *trial(const char *name)
{
    const struct trial_model *m = trial_models;
    while (m->name && strcmp(m->name, name) != 0)
        m++;
    assert_non_null(m->name);
    return m;
}

/* f of each point at the target of `decision`. */
static double value_at(const struct ocelot_model *model, const double *point, size_t target)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    double all[8];
    assert_true(model->info.outputs <= 8);
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_outputs(plan, workspace, point, 1, all, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return all[target];
}

static void expected_values(const struct ocelot_model *model, const double *x, double *out)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    assert_int_equal(ocelot_plan_create(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_expected(plan, workspace, x, NULL, D, out, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}

static void occlusion_takes_players_away(void **state)
{
    static const size_t groups[D] = {1, 0, 1, 2, 1}, size[] = {1, 3, 1};
    struct ocelot_model *model = trial("one-class rbf")->make();
    struct ocelot_plan_options single = trial_options("occlusion", NULL, NULL, 0), grouped = single;
    struct ocelot_decision decision[ROWS];
    double x[ROWS * D], features[ROWS * D], players[ROWS * D], expected[D], point[D];
    (void)state;
    grouped.groups = groups;
    grouped.group_count = 3;
    trial_rows(model, 61, ROWS, x);
    trial_explain(model, &single, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = features});
    trial_explain(model, &grouped, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = players});
    for (size_t b = 0; b < ROWS; b++) {
        const double *row = x + b * D;
        expected_values(model, row, expected);
        for (size_t i = 0; i < D; i++) {
            memcpy(point, row, sizeof point);
            point[i] = expected[i];
            assert_close(features[b * D + i], decision[b].output - value_at(model, point, 0), 1e-12, "a feature");
            for (size_t k = 0; k < D; k++)
                point[k] = groups[k] == groups[i] ? expected[k] : row[k];
            assert_close(players[b * D + i], (decision[b].output - value_at(model, point, 0)) / (double)size[groups[i]], 1e-12, "a group");
        }
    }
    ocelot_model_free(model);
}

/* Windows of patch h x w at steps of s over 2 x 7 x 6 pixels, from the definition: every pixel asks every window. */
static void windows_by_definition(const struct ocelot_model *model, const double *x, size_t target, const size_t patch[2], const size_t step[2],
                                  double *out)
{
    enum { CHANNELS = 2, HEIGHT = 7, WIDTH = 6, ALL = CHANNELS * HEIGHT * WIDTH };
    double whole = value_at(model, x, target), windows[ALL] = {0};
    memset(out, 0, ALL * sizeof *out);
    for (size_t top = 0; top < HEIGHT; top += step[0])
        for (size_t left = 0; left < WIDTH; left += step[1]) {
            double point[ALL], held = 0;
            bool inside[ALL];
            for (size_t i = 0; i < ALL; i++) {
                size_t row = i / WIDTH % HEIGHT, column = i % WIDTH;
                inside[i] = row >= top && row < top + patch[0] && column >= left && column < left + patch[1];
                point[i] = inside[i] ? 0 : x[i];
                held += inside[i];
            }
            double drop = whole - value_at(model, point, target);
            for (size_t i = 0; i < ALL; i++) {
                out[i] += inside[i] ? drop / held : 0;
                windows[i] += inside[i];
            }
        }
    for (size_t i = 0; i < ALL; i++)
        out[i] = windows[i] > 0 ? out[i] / windows[i] : 0;
}

static void occlusion_takes_windows_away(void **state)
{
    static const struct {
        const char *settings[2];
        size_t count, patch[2], step[2];
    } cases[] = {{{"patch=3", NULL}, 1, {3, 3}, {3, 3}},
                 {{"patch=2x3", NULL}, 1, {2, 3}, {2, 3}},
                 {{"patch=4x2", "stride=1"}, 2, {4, 2}, {1, 1}},
                 {{"patch=2x2", "stride=4"}, 2, {2, 2}, {4, 4}}};
    struct ocelot_model *model = trial("network on images")->make();
    size_t d = model->feature_count;
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_plan_options options = trial_options("occlusion", cases[k].settings, NULL, 0);
        struct ocelot_decision decision;
        double x[TRIAL_WIDEST], relevance[TRIAL_WIDEST], expected[TRIAL_WIDEST];
        options.setting_count = cases[k].count;
        trial_rows(model, 62, 1, x);
        trial_explain(model, &options, x, 1, &(struct trial_answer){.decision = &decision, .relevance = relevance});
        windows_by_definition(model, x, decision.target, cases[k].patch, cases[k].step, expected);
        assert_close_all(relevance, expected, d, 1e-12, fabs(decision.output), cases[k].settings[0]);
    }
    ocelot_model_free(model);
}

static void nearest_neighbour_is_the_closest(void **state)
{
    struct ocelot_model *model = trial("one-class student")->make();
    struct ocelot_decision decision[ROWS];
    double x[ROWS * D], background[TRIAL_BACKGROUND * D], relevance[ROWS * D], factor[D], row[D], coefficient;
    (void)state;
    trial_rows(model, 63, ROWS, x);
    trial_rows(model, 64, TRIAL_BACKGROUND, background);
    for (size_t i = 0; i < D; i++)
        factor[i] = ocelot_model_feature(model, i).factor;
    for (int given = 0; given < 2; given++) {
        size_t count = given ? TRIAL_BACKGROUND : model->info.support_vectors;
        struct ocelot_plan_options options = trial_options("nearest-neighbour", NULL, given ? background : NULL, TRIAL_BACKGROUND);
        trial_explain(model, &options, x, ROWS, &(struct trial_answer){.decision = decision, .relevance = relevance});
        for (size_t b = 0; b < ROWS; b++) {
            double best = INFINITY, expected[D] = {0};
            for (size_t r = 0; r < count; r++) {
                double squares[D], sum = 0;
                if (given)
                    memcpy(row, background + r * D, sizeof row);
                else
                    ocelot_svm_support_vector(model, r, row, &coefficient);
                for (size_t i = 0; i < D; i++)
                    sum += squares[i] = pow((x[b * D + i] - row[i]) * factor[i], 2);
                if (sum < best)
                    memcpy(expected, squares, sizeof expected);
                best = fmin(best, sum);
            }
            assert_close_all(relevance + b * D, expected, D, 1e-12, 0, given ? "of the background" : "of the support vectors");
        }
    }
    ocelot_model_free(model);
}

/* A feature that never varies has the floor alone. */
static void deviation_is_a_z_score(void **state)
{
    static const char *const floors[] = {"floor=0.5"};
    struct ocelot_model *model = trial("one-class rbf")->make(); /* standard scaling: its own deviations are what the floor is measured in */
    struct ocelot_plan_options rows, card = trial_options("deviation", floors, NULL, 0);
    struct ocelot_decision decision;
    double x[D], background[TRIAL_BACKGROUND * D], relevance[D], sorted[D], expected[D], mean[D] = {0}, sd[D] = {0};
    (void)state;
    trial_rows(model, 65, 1, x);
    trial_rows(model, 66, TRIAL_BACKGROUND, background);
    for (size_t r = 0; r < TRIAL_BACKGROUND; r++)
        background[r * D + 2] = 7;
    rows = trial_options("deviation", floors, background, TRIAL_BACKGROUND);
    for (int from_card = 0; from_card < 2; from_card++) {
        trial_explain(model, from_card ? &card : &rows, x, 1, &(struct trial_answer){.decision = &decision, .relevance = relevance});
        size_t varying = 0;
        for (size_t i = 0; i < D; i++) {
            struct ocelot_feature feature = ocelot_model_feature(model, i);
            mean[i] = sd[i] = 0;
            for (size_t r = 0; r < TRIAL_BACKGROUND; r++)
                mean[i] += background[r * D + i] / TRIAL_BACKGROUND;
            for (size_t r = 0; r < TRIAL_BACKGROUND; r++)
                sd[i] += pow(background[r * D + i] - mean[i], 2) / TRIAL_BACKGROUND;
            sd[i] = i == 2 ? 0 : sqrt(sd[i]) * feature.factor;
            if (from_card) {
                mean[i] = feature.median;
                sd[i] = (feature.high - feature.low) / 3.29 * feature.factor;
            }
            /* insertion, smallest first, of what varies */
            for (size_t at = varying; sd[i] > 0 && at <= varying; at--) {
                if (at == 0 || sorted[at - 1] <= sd[i]) {
                    sorted[at] = sd[i];
                    break;
                }
                sorted[at] = sorted[at - 1];
            }
            varying += sd[i] > 0;
        }
        double floor = 0.5 * sorted[varying / 2];
        for (size_t i = 0; i < D; i++)
            expected[i] = fabs(x[i] - mean[i]) * ocelot_model_feature(model, i).factor / (sd[i] + floor);
        assert_close_all(relevance, expected, D, 1e-12, 0, from_card ? "from the card" : "from rows");
    }
    ocelot_model_free(model);
}

static void random_is_uniform_and_seeded(void **state)
{
    enum { MANY = 2000 };
    static const char *const seeds[] = {"seed=1", "seed=2"};
    static double x[MANY * D], first[MANY * D], again[MANY * D], other[MANY * D];
    static struct ocelot_decision decision[MANY];
    struct ocelot_model *model = trial("one-class rbf")->make();
    struct ocelot_plan_options options = trial_options("random", &seeds[0], NULL, 0), second = trial_options("random", &seeds[1], NULL, 0);
    size_t tenths[10] = {0};
    double mean = 0;
    (void)state;
    trial_rows(model, 67, MANY, x);
    memcpy(x + D, x, D * sizeof *x);
    trial_explain(model, &options, x, MANY, &(struct trial_answer){.decision = decision, .relevance = first});
    trial_explain(model, &options, x, MANY, &(struct trial_answer){.decision = decision, .relevance = again});
    trial_explain(model, &second, x, MANY, &(struct trial_answer){.decision = decision, .relevance = other});
    assert_memory_equal(first, again, sizeof first);
    assert_memory_equal(first, first + D, D * sizeof *first); /* equal rows draw alike */
    assert_memory_not_equal(first, other, D * sizeof *first);
    assert_memory_not_equal(first, first + (size_t)2 * D, D * sizeof *first);
    for (size_t n = 0; n < (size_t)MANY * D; n++) {
        assert_true(first[n] >= 0 && first[n] < 1);
        tenths[(size_t)(first[n] * 10)]++;
        mean += (first[n] - 0.5) * (other[n] - 0.5) / (MANY * D);
    }
    /* 1000 in each tenth with standard deviation 30; the covariance of two seeds 0 with 1/12/100 = 8e-4: five of each */
    for (size_t k = 0; k < 10; k++)
        assert_close((double)tenths[k], 1000, 150, "a tenth");
    assert_close(mean, 0, 4.2e-3, "covariance of two seeds");
    ocelot_model_free(model);
}

static void refusals_say_what_to_do(void **state)
{
    static const struct {
        const char *model, *method, *settings[2];
        enum ocelot_status status;
        const char *words;
    } cases[] = {
        {"one-class rbf", "additive", {NULL}, OCELOT_E_UNSUPPORTED, "fitted-additive"},
        {"relu network", "additive", {NULL}, OCELOT_E_UNSUPPORTED, "fitted-additive"},
        {"relu network", "taylor", {NULL}, OCELOT_E_UNSUPPORTED, "root=zero"},
        {"relu network", "integrated-gradients", {"root=mean"}, OCELOT_E_UNSUPPORTED, "needs background rows"},
        {"relu network", "integrated-gradients", {"root=nearest"}, OCELOT_E_UNSUPPORTED, "kernel of distances"},
        {"relu network", "integrated-gradients", {"root=row:0"}, OCELOT_E_UNSUPPORTED, "needs background rows"},
        {"one-class rbf", "integrated-gradients", {"root=row:99999"}, OCELOT_E_ARGUMENT, "counted from 0"},
        {"one-class rbf", "integrated-gradients", {"root=somewhere"}, OCELOT_E_ARGUMENT, "somewhere"},
        {"one-class rbf", "integrated-gradients", {"root=row:-1"}, OCELOT_E_ARGUMENT, "row:N"},
        {"one-class rbf", "gradient", {"norm=cubed"}, OCELOT_E_ARGUMENT, "squared|absolute|signed"},
        {"one-class rbf", "occlusion", {"patch=3"}, OCELOT_E_UNSUPPORTED, "without a shape"},
        {"one-class rbf", "occlusion", {"stride=3"}, OCELOT_E_ARGUMENT, "patch"},
        {"network on images", "occlusion", {"patch=3x"}, OCELOT_E_ARGUMENT, "4x6"},
        {"network on images", "occlusion", {"patch=0"}, OCELOT_E_ARGUMENT, "4x6"},
        {"network on images", "occlusion", {"patch=8x2"}, OCELOT_E_ARGUMENT, "larger than the image"},
        {"relu network", "nearest-neighbour", {NULL}, OCELOT_E_UNSUPPORTED, "needs background rows"},
        {"one-class linear", "nearest-neighbour", {"k=3"}, OCELOT_E_ARGUMENT, "no setting"},
        {"relu network", "deviation", {NULL}, OCELOT_E_UNSUPPORTED, "needs background rows"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_model *model = trial(cases[k].model)->make();
        struct ocelot_plan_options options = trial_options(cases[k].method, cases[k].settings, NULL, 0);
        struct ocelot_plan *plan = NULL;
        struct ocelot_error error = {0};
        enum ocelot_status status = ocelot_plan_create(model, &options, &plan, &error);
        if (status != cases[k].status || !strstr(error.message, cases[k].words))
            fail_msg("%s, %s, %s: status %d, '%s'", cases[k].model, cases[k].method, cases[k].settings[0] ? cases[k].settings[0] : "", (int)status,
                     error.message);
        assert_null(plan);
        ocelot_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(occlusion_takes_players_away),     cmocka_unit_test(occlusion_takes_windows_away),
        cmocka_unit_test(nearest_neighbour_is_the_closest), cmocka_unit_test(deviation_is_a_z_score),
        cmocka_unit_test(random_is_uniform_and_seeded),     cmocka_unit_test(refusals_say_what_to_do),
    };
    return cmocka_run_group_tests_name("explainer-controls", tests, NULL, NULL);
}
