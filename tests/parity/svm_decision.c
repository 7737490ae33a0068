/* Decision values against LIBSVM's svm_predict_values, for every kernel and svm_type: models that LIBSVM saved and both read, models that we
 * wrote and LIBSVM reads, and models trained here against LIBSVM's own training in memory.
 * The bound is ORACLE_BOUND of max(sum_j |a_j k_j|, |rho|). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/size.h"
#include "parity/oracle.h"
#include "support/cmocka_include.h"

enum { ROWS = 90, COLUMNS = 6, CLASSES = 3 };

/* One problem: three shifted clouds, as numbers and as LIBSVM's nodes. */
struct data {
    double x[ROWS][COLUMNS], y[ROWS];
    struct svm_node nodes[ROWS][COLUMNS + 1], *rows[ROWS];
};

static struct data *make_data(uint64_t seed, double offset)
{
    struct data *data = ocelot_allocate(1, sizeof *data);
    assert_non_null(data);
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t i = 0; i < COLUMNS; i++) {
            data->x[r][i] = offset + ocelot_rng_normal(&rng) + (double)(r % CLASSES) * (i % 2 ? 0.7 : -0.4);
            data->nodes[r][i] = (struct svm_node){(int)i + 1, data->x[r][i]};
        }
        data->nodes[r][COLUMNS] = (struct svm_node){-1, 0};
        data->rows[r] = data->nodes[r];
        data->y[r] = (double)(r % CLASSES) * 10 - 10;
    }
    return data;
}

/* The decision of one row, the pair `target` (NULL = the model's choice). */
static struct ocelot_decision decide(const struct ocelot_model *model, const char *target, const double *row, const char *kernels)
{
    struct ocelot_decision decision;
    oracle_decide(model, target, kernels, row, 1, &decision);
    return decision;
}

/* Every pair of every row. LIBSVM's vote must be ours wherever no pair is within the bound of 0. */
static void compare(const struct svm_model *oracle, const struct ocelot_model *model, const struct data *data, const char *what)
{
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    double values[CLASSES * (CLASSES - 1) / 2];
    size_t used = 0;
    for (size_t r = 0; r < ROWS; r++) {
        double vote = svm_predict_values(oracle, data->rows[r], values);
        bool certain = true;
        int i = 0, j = 1;
        for (size_t pair = 0; pair < info.outputs; pair++) {
            double scale = oracle_scale(oracle, data->rows[r], i, j, (int)pair);
            const char *target = info.classes ? ocelot_model_output(model, pair) : NULL;
            struct ocelot_decision decision = decide(model, target, data->x[r], r % 2 ? "reference" : NULL);
            if (!(fabs(decision.decision_value - values[pair]) <= ORACLE_BOUND * scale))
                fail_msg("%s: row %zu, pair %zu: %.17g, LIBSVM %.17g, scale %g", what, r, pair, decision.decision_value, values[pair], scale);
            if (info.classes && fabs(values[pair]) > ORACLE_BOUND * scale && (decision.output > 0) != (values[pair] > 0))
                fail_msg("%s: row %zu, pair %zu: output %.17g, LIBSVM %.17g", what, r, pair, decision.output, values[pair]);
            certain = certain && fabs(values[pair]) > ORACLE_BOUND * scale;
            if (++j == oracle->nr_class)
                j = ++i + 1;
        }
        struct ocelot_decision own = decide(model, NULL, data->x[r], NULL);
        if (certain && strcmp(info.type, "epsilon_svr") != 0 && strcmp(info.type, "nu_svr") != 0 && own.predicted != vote)
            fail_msg("%s: row %zu: predicted %g, LIBSVM %g", what, r, own.predicted, vote);
        used += certain;
    }
    assert_true(used > ROWS / 2);
}

static struct svm_parameter parameters_of(int type, int kernel)
{
    return (struct svm_parameter){.svm_type = type,
                                  .kernel_type = kernel,
                                  .degree = 3,
                                  .gamma = kernel == SIGMOID ? 0.05 : 0.2,
                                  .coef0 = kernel == POLY ? 1 : 0.1,
                                  .cache_size = 10,
                                  .eps = 1e-3,
                                  .C = 2,
                                  .nu = 0.3,
                                  .p = 0.2,
                                  .shrinking = 1};
}

/* Both read the file that LIBSVM saved; then LIBSVM reads what we write. */
static void saved_files(void **state)
{
    (void)state;
    static const char *const types[] = {"C-SVC", "nu-SVC", "one-class", "epsilon-SVR", "nu-SVR"};
    static const char *const kernels[] = {"linear", "polynomial", "rbf", "sigmoid"};
    oracle_silence();
    for (int offset = 0; offset < 2; offset++)
        for (int type = C_SVC; type <= NU_SVR; type++)
            for (int kernel = LINEAR; kernel <= SIGMOID; kernel++) {
                char path[64], what[96];
                snprintf(path, sizeof path, "svm_decision-%ld.model", (long)getpid());
                snprintf(what, sizeof what, "%s, %s, offset %d", types[type], kernels[kernel], offset);
                struct data *data = make_data(7 + (uint64_t)type, offset ? 3 : 0);
                struct svm_problem problem = {ROWS, data->y, data->rows};
                struct svm_parameter parameters = parameters_of(type, kernel);
                assert_null(svm_check_parameter(&problem, &parameters));
                struct svm_model *trained = svm_train(&problem, &parameters);
                assert_int_equal(svm_save_model(path, trained), 0);
                struct svm_model *oracle = svm_load_model(path);
                struct ocelot_model *model = oracle_read(path, NULL);
                compare(oracle, model, data, what);
                svm_free_and_destroy_model(&oracle);
                struct ocelot_error err = {0};
                assert_int_equal(ocelot_svm_write(model, path, &err), OCELOT_OK);
                oracle = svm_load_model(path);
                assert_non_null(oracle);
                compare(oracle, model, data, what);
                svm_free_and_destroy_model(&oracle);
                svm_free_and_destroy_model(&trained);
                ocelot_model_free(model);
                free(data);
                unlink(path);
            }
}

/* Trained here and by LIBSVM on the same rows: the same problem, so the same values. */
static void trained_in_memory(void **state)
{
    (void)state;
    static const char *const kernels[] = {"linear", "polynomial", "rbf", "sigmoid"};
    for (int kernel = LINEAR; kernel <= SIGMOID; kernel++) {
        struct data *data = make_data(3, 1);
        struct svm_problem problem = {ROWS, data->y, data->rows};
        struct svm_parameter parameters = parameters_of(ONE_CLASS, kernel);
        struct ocelot_train_options options;
        struct ocelot_error err = {0};
        struct ocelot_model *model;
        char gamma[32];
        snprintf(gamma, sizeof gamma, "%.17g", parameters.gamma);
        ocelot_options_default(ocelot_train_option_table, &options);
        options.kernel = kernels[kernel];
        options.solver = "libsvm"; /* the own solver: svm_solver.c */
        options.gamma = gamma;
        options.scaling = "none";
        options.holdout = 0;
        options.nu = parameters.nu;
        options.coef0 = parameters.coef0;
        options.tolerance = parameters.eps;
        options.cache_mb = parameters.cache_size;
        if (ocelot_svm_train(&data->x[0][0], ROWS, COLUMNS, NULL, &options, &model, &err) != OCELOT_OK)
            fail_msg("%s", err.message);
        oracle_silence();
        struct svm_model *oracle = svm_train(&problem, &parameters);
        compare(oracle, model, data, kernels[kernel]);
        svm_free_and_destroy_model(&oracle);
        ocelot_model_free(model);
        free(data);
    }
}

/* Kernels that LIBSVM only knows as numbers: it reads our file and gets our kernel rows. */
static void precomputed_kernels(void **state)
{
    (void)state;
    static const char *const kernels[] = {"laplace", "generalised-gaussian", "student"};
    char path[64];
    snprintf(path, sizeof path, "svm_decision-%ld.model", (long)getpid());
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        struct data *data = make_data(11 + k, 0.5);
        struct ocelot_train_options options;
        struct ocelot_error err = {0};
        struct ocelot_model *model;
        struct ocelot_model_info info;
        ocelot_options_default(ocelot_train_option_table, &options);
        options.kernel = kernels[k];
        options.nu = 0.4;
        if (ocelot_svm_train(&data->x[0][0], ROWS, COLUMNS, NULL, &options, &model, &err) != OCELOT_OK)
            fail_msg("%s", err.message);
        assert_int_equal(ocelot_svm_write(model, path, &err), OCELOT_OK);
        ocelot_model_free(model);
        model = oracle_read(path, NULL);
        ocelot_model_describe(model, &info);
        struct svm_model *oracle = svm_load_model(path);
        assert_non_null(oracle);
        double *values = ocelot_allocate(info.support_vectors, sizeof *values);
        struct svm_node *nodes = ocelot_allocate(info.support_vectors + 2, sizeof *nodes);
        for (size_t r = 0; r < ROWS; r++) {
            double expected, scale = fabs(oracle->rho[0]);
            assert_int_equal(ocelot_svm_kernel_row(model, data->x[r], values, &err), OCELOT_OK);
            for (size_t j = 0; j < info.support_vectors; j++)
                nodes[j + 1] = (struct svm_node){(int)j + 1, values[j]};
            nodes[0] = (struct svm_node){0, 1};
            nodes[info.support_vectors + 1] = (struct svm_node){-1, 0};
            double label = svm_predict_values(oracle, nodes, &expected);
            struct ocelot_decision decision = decide(model, NULL, data->x[r], NULL);
            if (!(fabs(decision.decision_value - expected) <= ORACLE_BOUND * scale) || decision.predicted != label)
                fail_msg("%s: row %zu: %.17g, LIBSVM %.17g", kernels[k], r, decision.decision_value, expected);
            assert_true(decision.is_outlier == (decision.outlier_score > decision.threshold));
        }
        free(values);
        free(nodes);
        svm_free_and_destroy_model(&oracle);
        ocelot_model_free(model);
        free(data);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(saved_files), cmocka_unit_test(trained_in_memory), cmocka_unit_test(precomputed_kernels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
