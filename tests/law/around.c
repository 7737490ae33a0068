/* What holds for every method that draws, fits or minimises around the background: a row's answer is its own, features that are not seen get
 * nothing, outputs are told apart, groups are players, and what is missing is said in a sentence. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/views.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { D = 6, N = 50, ROWS = 16 };

static const struct method {
    const char *name, *settings[2];
    bool blind; /* a feature that is not seen gets 0, exactly */
    bool seeded, by_player;
} methods[] = {
    {"prediction-difference", {"sampling=conditional"}, true, true, true},
    {"prediction-difference", {"sampling=marginal", "samples=20"}, true, true, true},
    {"meaningful-perturbation", {"reference=mean"}, true, false, true},
    {"meaningful-perturbation", {"scale=mask"}, true, false, true},
    {"fitted-additive", {NULL}, false, true, false},
    {"pattern", {NULL}, false, false, false}, /* it may vary together with what is seen */
    {"pattern", {"form=signal"}, false, false, false},
};
enum { METHODS = sizeof methods / sizeof *methods };

struct trial {
    struct ocelot_rng rng;
    double background[N * D], rows[ROWS * D];
    struct view_answer first, second;
};

static struct trial *begin(void)
{
    struct trial *t = calloc(1, sizeof *t);
    assert_non_null(t);
    ocelot_rng_seed(&t->rng, 23);
    network_fill(&t->rng, t->background, N * D, 1);
    network_fill(&t->rng, t->rows, ROWS * D, 2);
    return t;
}

static struct view_task task_of(const struct trial *t, const struct method *method, struct ocelot_model *model)
{
    return (struct view_task){.model = model,
                              .method = method->name,
                              .settings = {method->settings[0], method->settings[1]},
                              .background = t->background,
                              .background_rows = N};
}

static void same(const struct view_answer *a, const struct view_answer *b, size_t values, const struct method *method)
{
    if (memcmp(a->relevance, b->relevance, values * sizeof *a->relevance) != 0)
        fail_msg("%s: relevances differ", method->name);
    if (method->by_player && method->seeded && memcmp(a->error, b->error, values * sizeof *a->error) != 0)
        fail_msg("%s: errors differ", method->name);
}

static void rows_have_answers_of_their_own(void **state)
{
    (void)state;
    const size_t batches[] = {1, 7, 0};
    struct trial *t = begin();
    struct ocelot_model *models[] = {
        network_model(network_relu(&t->rng, (size_t[]){D, 11, 5, 1}, 3)),
        network_model(network_kernel(&t->rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.1}, D, 21)),
        network_model(network_kernel(&t->rng, &ocelot_profile_student, (struct ocelot_profile_parameters){.gamma = 0.5}, D, 21)),
    };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        for (size_t k = 0; k < METHODS; k++) {
            struct view_task task = task_of(t, &methods[k], models[m]);
            view_explain(&task, t->rows, ROWS, &t->first);
            for (size_t n = 0; n < sizeof batches / sizeof *batches; n++) {
                task.batch = batches[n];
                view_explain(&task, t->rows, ROWS, &t->second);
                same(&t->first, &t->second, ROWS * D, &methods[k]);
            }
            view_explain(&task, t->rows + 5 * D, 1, &t->second); /* alone */
            memmove(t->first.relevance, t->first.relevance + 5 * D, D * sizeof *t->first.relevance);
            memmove(t->first.error, t->first.error + 5 * D, D * sizeof *t->first.error);
            same(&t->first, &t->second, D, &methods[k]);
        }
        ocelot_model_free(models[m]);
    }
    free(t);
}

static void ledgers_close(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct ocelot_model *model = network_model(network_relu(&t->rng, (size_t[]){D, 11, 1}, 2));
    for (size_t k = 0; k < METHODS; k++) {
        struct view_task task = task_of(t, &methods[k], model);
        view_explain(&task, t->rows, ROWS, &t->first);
        for (size_t b = 0; b < ROWS; b++) { /* six terms of size 10 */
            double sum = 0;
            for (size_t i = 0; i < D; i++)
                sum += t->first.relevance[b * D + i];
            assert_close(sum, t->first.explained[b], 1e-12, methods[k].name);
            assert_close(sum + t->first.constant[b] + t->first.residual[b], t->first.output[b], 1e-11, methods[k].name);
        }
    }
    ocelot_model_free(model);
    free(t);
}

static void features_that_are_not_seen_get_nothing(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct ocelot_model *model = view_blind(&t->rng, D, 12);
    for (size_t k = 0; k < METHODS; k++) {
        struct view_task task = task_of(t, &methods[k], model);
        double others = 0;
        view_explain(&task, t->rows, ROWS, &t->first);
        for (size_t b = 0; b < ROWS; b++)
            for (size_t i = 0; i + 1 < D; i++)
                others = fmax(others, fabs(t->first.relevance[b * D + i]));
        assert_true(others > 0.1);
        for (size_t b = 0; b < ROWS && methods[k].blind; b++)
            assert_true(t->first.relevance[b * D + D - 1] == 0);
        for (size_t b = 0; b < ROWS && strcmp(methods[k].name, "fitted-additive") == 0; b++)
            assert_close(t->first.relevance[b * D + D - 1], 0, 0.1 * others, "fit"); /* 2000 points: what features do together leaves noise */
    }
    ocelot_model_free(model);
    free(t);
}

static void seeds_choose_the_draws(void **state)
{
    (void)state;
    struct trial *t = begin();
    struct ocelot_model *model = network_model(network_relu(&t->rng, (size_t[]){D, 11, 1}, 2));
    for (size_t k = 0; k < METHODS; k++) {
        if (!methods[k].seeded)
            continue;
        struct view_task task = task_of(t, &methods[k], model);
        view_explain(&task, t->rows, ROWS, &t->first);
        task.settings[methods[k].settings[0] ? methods[k].settings[1] ? 2 : 1 : 0] = "seed=2";
        view_explain(&task, t->rows, ROWS, &t->second);
        assert_memory_not_equal(t->first.relevance, t->second.relevance, ROWS * D * sizeof *t->first.relevance);
    }
    ocelot_model_free(model);
    free(t);
}

/* Two outputs, the second of which is minus twice the first: so are all relevances of linear methods. */
static void outputs_are_told_apart(void **state)
{
    (void)state;
    struct trial *t = begin();
    double weights[2 * D];
    network_fill(&t->rng, weights, D, 1);
    for (size_t i = 0; i < D; i++)
        weights[D + i] = -2 * weights[i];
    struct ocelot_model *model = view_outputs(weights, D, 2);
    for (size_t k = 0; k < METHODS; k++) {
        if (strcmp(methods[k].name, "meaningful-perturbation") == 0 || methods[k].settings[0] == methods[METHODS - 1].settings[0])
            continue; /* not linear in f; in units of the features */
        struct view_task task = task_of(t, &methods[k], model);
        task.target = "0";
        view_explain(&task, t->rows, ROWS, &t->first);
        task.target = "1";
        view_explain(&task, t->rows, ROWS, &t->second);
        for (size_t n = 0; n < ROWS * D; n++) /* equal but for the rounding of sums; the fit solves equations of condition 1e9 */
            assert_close(t->second.relevance[n], -2 * t->first.relevance[n], 1e-6, methods[k].name);
    }
    ocelot_model_free(model);
    free(t);
}

static void groups_are_players(void **state)
{
    (void)state;
    const size_t groups[D] = {0, 1, 0, 2, 2, 2};
    struct trial *t = begin();
    double weights[D];
    network_fill(&t->rng, weights, D, 1);
    struct ocelot_model *model = view_linear(weights, D, 0);
    for (size_t k = 0; k < METHODS; k++) {
        struct view_task task = task_of(t, &methods[k], model);
        task.groups = groups;
        task.group_count = 3;
        view_explain(&task, t->rows, ROWS, &t->first);
        for (size_t b = 0; b < ROWS && methods[k].by_player; b++) {
            const double *r = t->first.relevance + b * D;
            assert_true(r[0] == r[2] && r[3] == r[4] && r[4] == r[5]);
        }
        if (methods[k].by_player)
            continue;
        task.groups = NULL; /* additive methods: groups are for whoever adds up */
        view_explain(&task, t->rows, ROWS, &t->second);
        same(&t->first, &t->second, ROWS * D, &methods[k]);
    }
    ocelot_model_free(model);
    free(t);
}

static void refuses(struct view_task task, const char *word)
{
    struct ocelot_error error = {0};
    assert_int_equal(view_refusal(&task, &error), OCELOT_E_UNSUPPORTED);
    if (!strstr(error.message, word) || !strstr(error.message, task.method))
        fail_msg("'%s' says nothing of '%s'", error.message, word);
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    enum { MANY = 1200 };
    struct trial *t = begin();
    double *wide = calloc(2 * MANY, sizeof *wide);
    assert_non_null(wide);
    for (size_t i = 0; i < MANY; i++)
        wide[i] = 1;
    struct ocelot_model *model = network_model(network_relu(&t->rng, (size_t[]){D, 11, 1}, 2)), *broad = view_linear(wide, MANY, 0);
    refuses((struct view_task){.model = model, .method = "prediction-difference"}, "needs background rows");
    refuses((struct view_task){.model = model, .method = "fitted-additive"}, "needs background rows");
    refuses((struct view_task){.model = model, .method = "pattern"}, "needs background rows");
    refuses((struct view_task){.model = model, .method = "pattern", .background = t->background, .background_rows = 1}, "at least 2");
    refuses((struct view_task){.model = model, .method = "meaningful-perturbation", .settings = {"reference=mean"}}, "needs background rows");
    refuses((struct view_task){.model = model, .method = "meaningful-perturbation", .settings = {"reference=blur"}}, "not images");
    refuses((struct view_task){.model = model, .method = "meaningful-perturbation", .settings = {"reference=expected"}}, "expects");
    refuses((struct view_task){.model = broad, .method = "fitted-additive", .background = wide, .background_rows = 2}, "use shapley");
    refuses(
        (struct view_task){
            .model = broad, .method = "prediction-difference", .settings = {"sampling=conditional"}, .background = wide, .background_rows = 2},
        "sampling=marginal");
    memcpy(wide + MANY, wide, MANY * sizeof *wide);
    refuses((struct view_task){.model = broad, .method = "pattern", .background = wide, .background_rows = 2}, "same of every background row");
    struct view_task easy = {.model = broad, .method = "prediction-difference", .background = wide, .background_rows = 2};
    view_explain(&easy, wide, 1, &t->first); /* auto: marginal, and the row is the background */
    assert_true(t->first.explained[0] == 0);
    ocelot_model_free(model);
    ocelot_model_free(broad);
    free(wide);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_answers_of_their_own),
        cmocka_unit_test(ledgers_close),
        cmocka_unit_test(features_that_are_not_seen_get_nothing),
        cmocka_unit_test(seeds_choose_the_draws),
        cmocka_unit_test(outputs_are_told_apart),
        cmocka_unit_test(groups_are_players),
        cmocka_unit_test(what_is_missing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
