/* Laws of what stands for an absent feature: drawn background rows stand for all of them on average, support vectors weigh as the machine has them,
 * expected values are the row's own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/games.h"
#include "ocelot/ocelot.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { TRAINING = 60, SEEDS = 200, MOST = 64 };

/* A one-class machine whose support vectors weigh unequally. */
static struct ocelot_model *train(void)
{
    static double rows[TRAINING][GAME_WIDTH];
    struct ocelot_train_options options;
    struct ocelot_model *model = NULL;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 41);
    for (size_t n = 0; n < TRAINING; n++)
        for (size_t i = 0; i < GAME_WIDTH; i++)
            rows[n][i] = 2 + (double)(i + 1) * ocelot_rng_normal(&rng);
    ocelot_options_default(ocelot_train_option_table, &options);
    options.nu = 0.3;
    assert_int_equal(ocelot_svm_train(&rows[0][0], TRAINING, GAME_WIDTH, NULL, &options, &model, NULL), OCELOT_OK);
    return model;
}

/* Mean of the scores of the support vectors by their a_j. */
static double support_mean(const struct ocelot_model *model)
{
    struct ocelot_model_info info;
    double points[MOST][GAME_WIDTH], weights[MOST], scores[MOST], sum = 0, total = 0;
    ocelot_model_describe(model, &info);
    assert_in_range(info.support_vectors, 12, MOST);
    for (size_t j = 0; j < info.support_vectors; j++)
        ocelot_svm_support_vector(model, j, points[j], &weights[j]);
    game_outputs(model, &points[0][0], info.support_vectors, scores);
    for (size_t j = 0; j < info.support_vectors; j++) {
        sum += weights[j] * scores[j];
        total += weights[j];
    }
    assert_true(info.bounded < info.support_vectors); /* or all weights are equal */
    return sum / total;
}

static double constant_of(const struct ocelot_model *model, const struct game_data *data, const char *rows, const char *seed)
{
    struct game_answer a = game_explain(&(struct game_ask){
        .model = model, .data = data, .method = "shapley", .settings = {rows, seed, "permutations=2", "exact-up-to=0"}, .no_background = true});
    for (size_t b = 1; b < GAME_ROWS; b++) /* what all rows share */
        assert_close(a.constant[b], a.constant[0], 0, "the same reference for every row");
    return a.constant[0];
}

static void test_support_vectors(void **state)
{
    struct game_data data = game_data();
    struct ocelot_model *model = train();
    double all = support_mean(model), mean = 0, squares = 0;
    (void)state;
    /* support vectors are given back in raw units: a few roundings */
    assert_close(constant_of(model, &data, "rows=0", "seed=1"), all, 1e-10, "all support vectors");
    for (size_t k = 0; k < SEEDS; k++) {
        char seed[24];
        snprintf(seed, sizeof seed, "seed=%zu", k);
        double constant = constant_of(model, &data, "rows=5", seed);
        mean += constant / SEEDS;
        squares += constant * constant / SEEDS;
    }
    double error = sqrt((squares - mean * mean) / SEEDS);
    assert_true(error > 1e-6);
    assert_close(mean, all, 4 * error, "five drawn by weight"); /* 1 in 16000, and the seeds are fixed */
    ocelot_model_free(model);
}

/* The value of nobody is the score of the row's expected values. */
static void test_expected(void **state)
{
    struct game_data data = game_data();
    struct ocelot_model *model = train();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    static const char *const methods[] = {"shapley", "kernel-shap"};
    double expected[GAME_ROWS][GAME_WIDTH], scores[GAME_ROWS];
    (void)state;
    assert_int_equal(ocelot_plan_create(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    for (size_t b = 0; b < GAME_ROWS; b++)
        assert_int_equal(ocelot_expected(plan, workspace, data.rows[b], NULL, GAME_WIDTH, expected[b], NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    game_outputs(model, &expected[0][0], GAME_ROWS, scores);
    for (size_t k = 0; k < 2; k++) {
        struct game_answer a =
            game_explain(&(struct game_ask){.model = model, .data = &data, .method = methods[k], .settings = {"reference=expected"}});
        assert_close_all(a.constant, scores, GAME_ROWS, 1e-12, 0, methods[k]); /* the same points through another batch size */
        assert_true(fabs(a.constant[0] - a.constant[1]) > 1e-6);
    }
    ocelot_model_free(model);
}

/* Rows of the background one by one average to all of them. */
static void test_rows(void **state)
{
    struct game_data data = game_data();
    struct ocelot_model *model = game_relu();
    double mean[GAME_VALUES] = {0};
    (void)state;
    for (size_t r = 0; r < GAME_BACKGROUND; r++) {
        char row[32];
        snprintf(row, sizeof row, "reference=row:%zu", r);
        struct game_answer one = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "shapley", .settings = {row}});
        for (size_t n = 0; n < GAME_VALUES; n++)
            mean[n] += (&one.relevance[0][0])[n] / GAME_BACKGROUND;
    }
    struct game_answer a = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "shapley", .settings = {"rows=0"}});
    assert_close_all(&a.relevance[0][0], mean, GAME_VALUES, 1e-11, 1, "Shapley values are linear in the reference rows");
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_support_vectors), cmocka_unit_test(test_expected), cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
