/* Laws of Shapley values: exact ones against all orders written out, sampled and fitted ones against exact ones, and the axioms. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/games.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* A few hundred sums of doubles of size about ten. */
static const double ROUNDING = 1e-11;

enum { FOUR = 4 };

/* v of a set of groups (bits), written out: the mean of f over background rows that stand in for the absent groups. */
static double value_of(const struct ocelot_model *model, const struct game_data *data, const double *x, const size_t *groups, unsigned set)
{
    double points[GAME_BACKGROUND][GAME_WIDTH], outputs[GAME_BACKGROUND], sum = 0;
    for (size_t r = 0; r < GAME_BACKGROUND; r++)
        for (size_t i = 0; i < GAME_WIDTH; i++)
            points[r][i] = set >> groups[i] & 1 ? x[i] : data->background[r][i];
    game_outputs(model, &points[0][0], GAME_BACKGROUND, outputs);
    for (size_t r = 0; r < GAME_BACKGROUND; r++)
        sum += outputs[r];
    return sum / GAME_BACKGROUND;
}

/* All 24 orders of four groups. */
static void brute_force(const struct ocelot_model *model, const struct game_data *data, const double *x, const size_t *groups, double *out)
{
    memset(out, 0, FOUR * sizeof *out);
    for (unsigned code = 0; code < 256; code++) {
        size_t order[FOUR] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned seen = 0;
        for (size_t k = 0; k < FOUR; k++)
            seen |= 1U << order[k];
        if (seen != 15)
            continue;
        unsigned set = 0;
        for (size_t k = 0; k < FOUR; k++) {
            double before = value_of(model, data, x, groups, set);
            set |= 1U << order[k];
            out[order[k]] += (value_of(model, data, x, groups, set) - before) / 24;
        }
    }
}

static const size_t four_groups[GAME_WIDTH] = {0, 1, 1, 2, 3, 2, 0, 0, 3, 1};

static void test_brute_force(void **state)
{
    struct game_data data = game_data();
    (void)state;
    for (const struct game_model *m = game_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        struct game_answer a = game_explain(&(struct game_ask){
            .model = model, .data = &data, .method = "shapley", .settings = {"rows=0"}, .groups = four_groups, .group_count = FOUR});
        for (size_t b = 0; b < GAME_ROWS; b++) {
            double want[FOUR], found[FOUR] = {0}, none[GAME_WIDTH] = {0};
            brute_force(model, &data, data.rows[b], four_groups, want);
            for (size_t i = 0; i < GAME_WIDTH; i++)
                found[four_groups[i]] += a.relevance[b][i];
            assert_close_all(found, want, FOUR, ROUNDING, 1, m->name);
            assert_close(a.relevance[b][1], a.relevance[b][2], 0, "a group's value is spread evenly");
            assert_close_all(a.error[b], none, GAME_WIDTH, 0, 1, "errors of exact values");
        }
        ocelot_model_free(model);
    }
}

static const char *const players[] = {"shapley", "kernel-shap"};
enum { PLAYERS = sizeof players / sizeof *players };

/* sum R + v(nobody) = f, sampled or not, and v(nobody) is the mean over the background. */
static void test_efficiency(void **state)
{
    static const char *const settings[][2] = {{"rows=0", NULL}, {"rows=3", NULL}, {"reference=zero", NULL}, {"reference=mean", NULL}};
    static const char *const few[PLAYERS] = {"exact-up-to=2", "samples=20"};
    struct game_data data = game_data();
    (void)state;
    for (const struct game_model *m = game_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        for (size_t k = 0; k < sizeof settings / sizeof *settings * PLAYERS * 2; k++) {
            size_t method = k % PLAYERS, set = k / PLAYERS / 2;
            struct game_answer a = game_explain(&(struct game_ask){
                .model = model, .data = &data, .method = players[method], .settings = {settings[set][0], k / PLAYERS % 2 ? few[method] : NULL}});
            for (size_t b = 0; b < GAME_ROWS; b++) {
                assert_close(a.explained[b] + a.constant[b], a.output[b], ROUNDING, players[method]);
                assert_close(a.constant[b], a.residual[b], ROUNDING, "the constant is all that is set aside");
                if (set == 0)
                    assert_close(a.constant[b], value_of(model, &data, data.rows[b], four_groups, 0), ROUNDING, "v of nobody");
            }
        }
        ocelot_model_free(model);
    }
}

static struct game_answer exact_of(const struct ocelot_model *model, const struct game_data *data)
{
    return game_explain(&(struct game_ask){.model = model, .data = data, .method = "shapley", .settings = {"rows=0"}});
}

/* Fails unless low <= value <= high, which NaN is not. */
static void assert_in(const char *what, double value, double low, double high)
{
    if (!(value >= low && value <= high))
        fail_msg("%s: found %g, expected %g to %g", what, value, low, high);
}

/* Largest distance from the exact values in standard errors; the root of the mean squared error; and that of the mean square of the distances, which
 * is 1 of honest errors. */
static double worst_of(const struct game_answer *a, const struct game_answer *exact, double *size, double *typical)
{
    double worst = 0, sum = 0, squares = 0;
    for (size_t b = 0; b < GAME_ROWS; b++)
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            /* where all orders agree the error is 0 and the value exact to rounding */
            double distance = fabs(a->relevance[b][i] - exact->relevance[b][i]) / (a->error[b][i] + ROUNDING);
            worst = fmax(worst, distance);
            squares += distance * distance / GAME_VALUES;
            sum += a->error[b][i] * a->error[b][i];
        }
    *typical = sqrt(squares);
    *size = sqrt(sum / GAME_VALUES);
    return worst;
}

/* Within five standard errors of the exact values: 90 of them a model, of which 10 are independent as rows share their draws; t with 63 degrees of
 * freedom and more exceeds 5 once in 200000. Errors shrink as the root of the number of draws: to a quarter for 16 times as many, 25 % allowed for
 * the errors' own scatter; kernel-shap takes larger sizes of coalitions whole as its budget grows, so that they shrink faster. */
static void test_sampling(void **state)
{
    static const char *const few[PLAYERS][2] = {{"exact-up-to=0", "permutations=64"}, {"samples=120", NULL}};
    static const char *const many[PLAYERS][2] = {{"exact-up-to=0", "permutations=1024"}, {"samples=480", NULL}};
    static const double least[PLAYERS] = {0.19, 0}, most[PLAYERS] = {0.31, 0.5};
    struct game_data data = game_data();
    (void)state;
    for (const struct game_model *m = game_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        struct game_answer exact = exact_of(model, &data);
        for (size_t k = 0; k < PLAYERS; k++) {
            double size, smaller, typical;
            struct game_ask ask = {.model = model, .data = &data, .method = players[k], .settings = {"rows=0", few[k][0], few[k][1]}};
            struct game_answer a = game_explain(&ask);
            assert_in(m->name, worst_of(&a, &exact, &size, &typical), 0, 5);
            ask.settings[1] = many[k][0];
            ask.settings[2] = many[k][1];
            a = game_explain(&ask);
            assert_in(m->name, worst_of(&a, &exact, &smaller, &typical), 0, 5);
            if (size < ROUNDING) /* linear models have none: what a feature adds does not depend on the others */
                continue;
            assert_in(m->name, smaller / size, least[k], most[k]);
            assert_in(m->name, typical, 0.5, 1.6); /* root of a chi-square of about 10 degrees of freedom by these */
        }
        ocelot_model_free(model);
    }
}

static void test_symmetry_and_dummy(void **state)
{
    static const char *const settings[][2] = {{"rows=0", NULL}, {"rows=3", NULL}, {"reference=zero", NULL}};
    struct game_data data = game_data();
    struct ocelot_model *model = game_symmetric();
    (void)state;
    for (size_t b = 0; b < GAME_ROWS; b++)
        data.rows[b][1] = data.rows[b][0];
    for (size_t r = 0; r < GAME_BACKGROUND; r++)
        data.background[r][1] = data.background[r][0];
    for (size_t k = 0; k < sizeof settings / sizeof *settings * PLAYERS; k++) {
        struct game_answer a =
            game_explain(&(struct game_ask){.model = model, .data = &data, .method = players[k % PLAYERS], .settings = {settings[k / PLAYERS][0]}});
        for (size_t b = 0; b < GAME_ROWS; b++) {
            assert_close(a.relevance[b][0], a.relevance[b][1], ROUNDING, "symmetry");
            assert_close(a.relevance[b][2], 0, ROUNDING, "dummy");
            assert_true(fabs(a.relevance[b][0]) > 1e-6);
        }
    }
    /* a dummy adds nothing in any order, so sampled values of it are 0 with an error of 0 */
    struct game_answer a = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "shapley", .settings = {"exact-up-to=0"}});
    for (size_t b = 0; b < GAME_ROWS; b++) {
        assert_close(a.relevance[b][2], 0, ROUNDING, "dummy, sampled");
        assert_close(a.error[b][2], 0, ROUNDING, "error of the dummy");
    }
    ocelot_model_free(model);
}

static void test_additivity(void **state)
{
    static const char *const settings[][2] = {{"rows=0", NULL}, {"rows=0", "exact-up-to=0"}, {"rows=0", "samples=20"}};
    static const char *const methods[] = {"shapley", "shapley", "kernel-shap"};
    struct game_data data = game_data();
    struct ocelot_model *model = game_sum();
    (void)state;
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
        struct game_answer parts[3];
        for (size_t t = 0; t < 3; t++)
            parts[t] = game_explain(&(struct game_ask){.model = model,
                                                       .data = &data,
                                                       .method = methods[k],
                                                       .target = t == 0   ? "0"
                                                                 : t == 1 ? "1"
                                                                          : "2",
                                                       .settings = {settings[k][0], settings[k][1]}});
        for (size_t b = 0; b < GAME_ROWS; b++)
            for (size_t i = 0; i < GAME_WIDTH; i++)
                assert_close(parts[2].relevance[b][i], parts[0].relevance[b][i] + parts[1].relevance[b][i], ROUNDING, "additivity");
        assert_true(fabs(parts[0].relevance[0][0] - parts[1].relevance[0][0]) > 1e-6);
    }
    ocelot_model_free(model);
}

/* R_i = w_i (x_i - mean of the reference rows), for whatever reference; the weights are read off by differences. */
static void test_linear(void **state)
{
    static const char *const settings[] = {"rows=0", "reference=mean", "reference=zero", "reference=row:2"};
    struct game_data data = game_data();
    struct ocelot_model *model = game_linear();
    double units[GAME_WIDTH + 1][GAME_WIDTH] = {{0}}, outputs[GAME_WIDTH + 1];
    (void)state;
    for (size_t i = 0; i < GAME_WIDTH; i++)
        units[i + 1][i] = 1;
    game_outputs(model, &units[0][0], GAME_WIDTH + 1, outputs);
    for (size_t k = 0; k < sizeof settings / sizeof *settings * PLAYERS; k++) {
        size_t set = k / PLAYERS;
        struct game_answer a =
            game_explain(&(struct game_ask){.model = model, .data = &data, .method = players[k % PLAYERS], .settings = {settings[set]}});
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            double mean = 0;
            for (size_t r = 0; r < GAME_BACKGROUND; r++)
                mean += data.background[r][i] / GAME_BACKGROUND;
            double reference = set < 2 ? mean : set == 2 ? 0 : data.background[2][i];
            for (size_t b = 0; b < GAME_ROWS; b++)
                assert_close(a.relevance[b][i], (outputs[i + 1] - outputs[0]) * (data.rows[b][i] - reference), ROUNDING, settings[set]);
        }
    }
    ocelot_model_free(model);
}

/* The least squares over all coalitions are the Shapley values. 1e-9: a system of six unknowns whose condition is about 10 would give 1e-14. */
static void test_kernel_shap_is_exact(void **state)
{
    struct game_data data = game_data();
    (void)state;
    for (const struct game_model *m = game_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        struct game_answer exact = exact_of(model, &data);
        struct game_answer a = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "kernel-shap"});
        double none[GAME_VALUES] = {0};
        assert_close_all(&a.relevance[0][0], &exact.relevance[0][0], GAME_VALUES, 1e-9, 1, m->name);
        assert_close_all(&a.error[0][0], none, GAME_VALUES, 0, 1, "errors of all coalitions");
        ocelot_model_free(model);
    }
}

/* Bytes of the answers do not depend on the batch, and do depend on the seed. */
static void test_bytes(void **state)
{
    static const struct {
        const char *method, *settings[3];
    } cases[] = {{"shapley", {"exact-up-to=0"}}, {"shapley", {"rows=3"}}, {"kernel-shap", {"samples=30"}}, {"lime", {"samples=50"}}};
    struct game_data data = game_data();
    struct ocelot_model *model = game_kernel();
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct game_ask ask = {.model = model, .data = &data, .method = cases[k].method, .settings = {cases[k].settings[0], "seed=5"}};
        struct game_answer a = game_explain(&ask), other;
        for (size_t batch = 1; batch <= 7; batch += 6) {
            ask.batch = batch;
            other = game_explain(&ask);
            assert_memory_equal(&a, &other, sizeof a);
        }
        ask.settings[1] = "seed=6";
        other = game_explain(&ask);
        assert_memory_not_equal(a.relevance, other.relevance, sizeof a.relevance);
    }
    ocelot_model_free(model);
}

/* A row's answer does not depend on where it stands: rows in reverse give the same. */
static void test_neighbours(void **state)
{
    static const char *const methods[] = {"shapley", "kernel-shap", "lime"};
    struct game_data data = game_data(), reversed = data;
    struct ocelot_model *model = game_relu();
    (void)state;
    for (size_t b = 0; b < GAME_ROWS; b++)
        memcpy(reversed.rows[b], data.rows[GAME_ROWS - 1 - b], sizeof data.rows[b]);
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
        struct game_ask ask = {.model = model, .data = &data, .method = methods[k], .settings = {k ? "samples=40" : "exact-up-to=0"}};
        struct game_answer a = game_explain(&ask), other;
        ask.data = &reversed;
        other = game_explain(&ask);
        for (size_t b = 0; b < GAME_ROWS; b++)
            assert_memory_equal(a.relevance[b], other.relevance[GAME_ROWS - 1 - b], sizeof a.relevance[b]);
    }
    ocelot_model_free(model);
}

/* Which sentence a plan is refused with. */
static void refused(const struct ocelot_model *model, const char *method, const char *setting, const char *sentence)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_error error = {0};
    options.method = method;
    options.settings = &setting;
    options.setting_count = 1;
    options.explainers = ocelot_analysis_explainers;
    assert_int_not_equal(ocelot_plan_create(model, &options, &plan, &error), OCELOT_OK);
    assert_null(plan);
    if (!strstr(error.message, sentence))
        fail_msg("found '%s', expected '%s'", error.message, sentence);
}

static void test_refusals(void **state)
{
    struct ocelot_model *model = game_relu();
    (void)state;
    for (size_t k = 0; k < PLAYERS; k++) {
        char sentence[80];
        snprintf(sentence, sizeof sentence, "%s needs background rows", players[k]);
        refused(model, players[k], "reference=auto", sentence);
        refused(model, players[k], "reference=mean", sentence);
        refused(model, players[k], "reference=expected", "finds no expected values");
        refused(model, players[k], "reference=colour", "no images");
        refused(model, players[k], "reference=median", "found 'median'");
        refused(model, players[k], "reference=zero:1", "found 'zero:1'");
    }
    refused(model, "shapley", "exact-up-to=17", "exact-up-to");
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brute_force), cmocka_unit_test(test_efficiency),         cmocka_unit_test(test_sampling),
        cmocka_unit_test(test_linear),      cmocka_unit_test(test_symmetry_and_dummy), cmocka_unit_test(test_additivity),
        cmocka_unit_test(test_bytes),       cmocka_unit_test(test_neighbours),         cmocka_unit_test(test_kernel_shap_is_exact),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
