/* Laws of support vectors that slide over images: the score is the sum over positions, relevance finds what is out of place, the threshold comes from
 * held-out images, and the model file keeps it all. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "ocelot/ocelot.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { N = 150, C = 2, H = 8, W = 9, SIZE = C * H * W, PATCH = 3, SPAN = C * PATCH * PATCH };

/* Stripes with a random phase and some noise: patches repeat, whole images do not. */
static void draw(struct ocelot_rng *rng, double *image)
{
    double phase = 6.28 * ocelot_rng_uniform(rng);
    for (size_t c = 0; c < C; c++)
        for (size_t y = 0; y < H; y++)
            for (size_t x = 0; x < W; x++)
                image[(c * H + y) * W + x] = sin(phase + 1.5 * (double)x + (double)c) + 0.05 * ocelot_rng_normal(rng);
}

static double *draw_all(void)
{
    struct ocelot_rng rng;
    double *rows = malloc(N * SIZE * sizeof *rows);
    assert_non_null(rows);
    ocelot_rng_seed(&rng, 21);
    for (size_t i = 0; i < N; i++)
        draw(&rng, rows + i * SIZE);
    return rows;
}

static struct ocelot_train_options defaults(void)
{
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    options.sample = 300;
    return options;
}

static const struct ocelot_image_options images = {.shape = {C, H, W}, .patch = {PATCH, PATCH}, .stride = 2};

static struct ocelot_model *train(const double *rows, const struct ocelot_train_options *options)
{
    struct ocelot_model *model;
    struct ocelot_error error = {0};
    if (ocelot_svm_train_images(NULL, &images, rows, N, options, &model, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    return model;
}

static void explain(const struct ocelot_model *model, const double *rows, size_t n, struct ocelot_explanation *out)
{
    struct ocelot_plan *plan;
    struct ocelot_workspace *w;
    assert_int_equal(ocelot_plan_create(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    assert_int_equal(ocelot_explain(plan, w, rows, n, out, NULL), OCELOT_OK);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
}

/* The same SVM on single patches, read from the same file with its card cut off, gives the terms of the sum and of the relevance. */
static struct ocelot_model *plain_of(const char *path)
{
    char *bytes = malloc(1 << 22);
    struct ocelot_model *plain;
    FILE *file = fopen(path, "r");
    assert_true(bytes && file);
    size_t size = fread(bytes, 1, (1 << 22) - 1, file);
    bytes[size] = '\0';
    fclose(file);
    char *card = strstr(bytes, "\n#ocelot");
    assert_non_null(card);
    assert_int_equal(ocelot_svm_read_memory(bytes, (size_t)(card - bytes) + 1, "plain", NULL, &plain, NULL), OCELOT_OK);
    free(bytes);
    return plain;
}

static void score_and_relevance_are_sums_over_positions(void **state)
{
    (void)state;
    double *rows = draw_all(), relevance[SIZE], truth[SIZE] = {0}, sum = 0, residual_sum = 0;
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model = train(rows, &options);
    const char *path = "patches.model";
    assert_int_equal(ocelot_svm_write(model, path, NULL), OCELOT_OK);
    struct ocelot_model *plain = plain_of(path);
    unlink(path);
    struct ocelot_decision decision;
    double residual;
    struct ocelot_explanation out = {.decision = &decision, .relevance = relevance, .residual = &residual};
    explain(model, rows, 1, &out);
    for (size_t top = 0; top + PATCH <= H; top += 2)
        for (size_t left = 0; left + PATCH <= W; left += 2) {
            double patch[SPAN], part[SPAN], part_residual;
            size_t where[SPAN], n = 0;
            for (size_t c = 0; c < C; c++)
                for (size_t y = 0; y < PATCH; y++)
                    for (size_t x = 0; x < PATCH; x++, n++) {
                        where[n] = (c * H + top + y) * W + left + x;
                        patch[n] = rows[where[n]];
                    }
            struct ocelot_decision own;
            struct ocelot_explanation single = {.decision = &own, .relevance = part, .residual = &part_residual};
            explain(plain, patch, 1, &single);
            sum += own.outlier_score;
            residual_sum += part_residual;
            for (n = 0; n < SPAN; n++)
                truth[where[n]] += part[n];
        }
    /* the same arithmetic in another order of summation */
    assert_close(decision.outlier_score, sum, 1e-11 * sum, "score");
    assert_close(residual, residual_sum, 1e-11 * sum, "residual");
    assert_close_all(relevance, truth, SIZE, 1e-11, sum, "relevance");
    assert_true(isnan(decision.decision_value));
    ocelot_model_free(model);
    ocelot_model_free(plain);
    free(rows);
}

/* nu of the held-out images at most lie beyond the threshold; a square out of place is an outlier, and holds its own relevance. */
static void defects_are_found_where_they_are(void **state)
{
    (void)state;
    double *rows = draw_all(), *relevance = malloc(N * SIZE * sizeof *relevance);
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model = train(rows, &options);
    struct ocelot_model_info info;
    struct ocelot_decision decision[N];
    size_t held, beyond = 0, found = 0, located = 0;
    struct ocelot_rng rng;
    assert_non_null(relevance);
    ocelot_model_describe(model, &info);
    assert_int_equal(info.features, SIZE);
    assert_int_equal(info.width, SPAN);
    assert_int_equal(info.input_rank, 3);
    assert_string_equal(info.scaling, "none");
    const double *scores = ocelot_model_calibration(model, &held);
    assert_int_equal(held, N / 5);
    for (size_t k = 0; k < held; k++)
        beyond += scores[k] > info.threshold;
    assert_int_equal(beyond, 2); /* floor(0.1 (30 + 1)) - 1 */
    ocelot_rng_seed(&rng, 22);
    for (size_t i = 0; i < N; i++) {
        double *image = rows + i * SIZE;
        draw(&rng, image);
        for (size_t c = 0; c < C; c++)
            for (size_t y = 2; y < 5; y++)
                for (size_t x = 4; x < 7; x++)
                    image[(c * H + y) * W + x] = ocelot_rng_uniform(&rng) < 0.5 ? -1 : 1;
    }
    struct ocelot_explanation out = {.decision = decision, .relevance = relevance};
    explain(model, rows, N, &out);
    for (size_t i = 0; i < N; i++) {
        size_t most = 0;
        for (size_t k = 1; k < SIZE; k++)
            most = relevance[i * SIZE + k] > relevance[i * SIZE + most] ? k : most;
        size_t y = most / W % H, x = most % W;
        found += decision[i].is_outlier;
        located += y >= 2 && y < 5 && x >= 4 && x < 7;
        assert_true(decision[i].is_outlier == (decision[i].outlier_score > info.threshold) && decision[i].p_value > 0);
    }
    assert_true(found > N * 9 / 10 && located > N * 9 / 10); /* by chance: a tenth, an eighth */
    ocelot_model_free(model);
    free(relevance);
    free(rows);
}

/* What is read back decides as what was written. */
static void files_keep_patches(void **state)
{
    (void)state;
    double *rows = draw_all();
    struct ocelot_train_options options = defaults();
    const char *path = "patches-2.model";
    options.scaling = "standard";
    struct ocelot_model *model = train(rows, &options), *again;
    struct ocelot_error error = {0};
    assert_int_equal(ocelot_svm_write(model, path, NULL), OCELOT_OK);
    if (ocelot_svm_read(path, NULL, &again, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    unlink(path);
    struct ocelot_decision a[N], b[N];
    struct ocelot_explanation first = {.decision = a}, second = {.decision = b};
    explain(model, rows, N, &first);
    explain(again, rows, N, &second);
    for (size_t i = 0; i < N; i++) {
        assert_true(a[i].outlier_score == b[i].outlier_score && a[i].threshold == b[i].threshold && a[i].p_value == b[i].p_value);
        assert_true(a[i].is_outlier == b[i].is_outlier);
    }
    ocelot_model_free(model);
    ocelot_model_free(again);
    free(rows);
}

static void refuses(const struct ocelot_image_options *what, const char *kernel, const double *rows, enum ocelot_status expected,
                    const char *sentence)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_train_options options = defaults();
    options.kernel = kernel;
    assert_int_equal(ocelot_svm_train_images(NULL, what, rows, N, &options, &model, &error), expected);
    if (!strstr(error.message, sentence))
        fail_msg("'%s' does not say '%s'", error.message, sentence);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    double *rows = draw_all();
    struct ocelot_image_options what = images;
    what.patch[0] = H + 1;
    refuses(&what, "rbf", rows, OCELOT_E_ARGUMENT, "do not fit");
    what.patch[0] = 0;
    refuses(&what, "rbf", rows, OCELOT_E_ARGUMENT, "neither is given");
    refuses(&images, "linear", rows, OCELOT_E_UNSUPPORTED, "kernel of a distance");
    rows[SIZE + 3] = INFINITY;
    refuses(&images, "rbf", rows, OCELOT_E_VALUE, "row 2, column 4");
    rows[SIZE + 3] = 0;

    struct ocelot_train_options options = defaults();
    options.holdout = 0;
    struct ocelot_model *model = train(rows, &options);
    struct ocelot_model_info info;
    struct ocelot_decision decision;
    struct ocelot_explanation out = {.decision = &decision};
    ocelot_model_describe(model, &info);
    assert_true(isnan(info.threshold));
    assert_non_null(strstr(ocelot_model_warning(model, 0), "no threshold"));
    explain(model, rows, 1, &out);
    assert_true(!decision.is_outlier && isnan(decision.p_value));
    ocelot_model_free(model);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score_and_relevance_are_sums_over_positions),
        cmocka_unit_test(defects_are_found_where_they_are),
        cmocka_unit_test(files_keep_patches),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
