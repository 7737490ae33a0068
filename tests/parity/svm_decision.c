/* Decision values against LIBSVM's svm_predict_values, for every kernel and svm_type: models that LIBSVM saved and both read, models that we
 * wrote and LIBSVM reads, and models trained here against LIBSVM's own training in memory.
 * The bound is 1e-12 of max(sum_j |a_j k_j|, |rho|): relative to f alone LIBSVM's own rounding would be far larger where the terms cancel. */
#include <libsvm/svm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/size.h"
#include "ocelot/explain.h"
#include "ocelot/svm.h"
#include "support/cmocka_include.h"

enum { ROWS = 90, COLUMNS = 6, CLASSES = 3 };
static const double BOUND = 1e-12;

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

/* K as LIBSVM defines it, in the plainest way. */
static double kernel_value(const struct svm_parameter *p, const struct svm_node *a, const struct svm_node *b)
{
    double dense[2][COLUMNS + 1] = {{0}}, dot = 0, squared = 0;
    for (; a->index != -1; a++)
        dense[0][a->index] = a->value;
    for (; b->index != -1; b++)
        dense[1][b->index] = b->value;
    for (size_t i = 0; i <= COLUMNS; i++) {
        dot += dense[0][i] * dense[1][i];
        squared += (dense[0][i] - dense[1][i]) * (dense[0][i] - dense[1][i]);
    }
    const double values[] = {[LINEAR] = dot,
                             [POLY] = pow(p->gamma * dot + p->coef0, p->degree),
                             [RBF] = exp(-p->gamma * squared),
                             [SIGMOID] = tanh(p->gamma * dot + p->coef0)};
    return values[p->kernel_type];
}

/* max(sum_j |a_j k_j|, |rho|) of decision function `pair` between classes i < j; all support vectors where there are no classes. */
static double scale_of(const struct svm_model *model, const struct svm_node *x, int i, int j, int pair)
{
    double sum = 0;
    int start = 0;
    bool classes = model->param.svm_type == C_SVC || model->param.svm_type == NU_SVC;
    for (int c = 0; c < (classes ? model->nr_class : 1); c++) {
        int count = classes ? model->nSV[c] : model->l;
        const double *coefficients = !classes ? model->sv_coef[0] : c == i ? model->sv_coef[j - 1] : c == j ? model->sv_coef[i] : NULL;
        for (int s = start; coefficients && s < start + count; s++)
            sum += fabs(coefficients[s] * kernel_value(&model->param, x, model->SV[s]));
        start += count;
    }
    return fmax(sum, fabs(model->rho[pair]));
}

/* The decision of one row, the pair `target` (NULL = the model's choice). */
static struct ocelot_decision decide(const struct ocelot_model *model, const char *target, const double *row, const char *kernels)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_decision decision;
    struct ocelot_error err = {0};
    options.target = target;
    options.kernels = kernels;
    if (ocelot_plan_create_score(model, &options, &plan, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &err), OCELOT_OK);
    assert_int_equal(ocelot_score(plan, workspace, row, 1, &decision, &err), OCELOT_OK);
    assert_int_equal(decision.status, OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
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
            double scale = scale_of(oracle, data->rows[r], i, j, (int)pair);
            const char *target = info.classes ? ocelot_model_output(model, pair) : NULL;
            struct ocelot_decision decision = decide(model, target, data->x[r], r % 2 ? "reference" : NULL);
            if (!(fabs(decision.decision_value - values[pair]) <= BOUND * scale))
                fail_msg("%s: row %zu, pair %zu: %.17g, LIBSVM %.17g, scale %g", what, r, pair, decision.decision_value, values[pair], scale);
            if (info.classes && fabs(values[pair]) > BOUND * scale && (decision.output > 0) != (values[pair] > 0))
                fail_msg("%s: row %zu, pair %zu: output %.17g, LIBSVM %.17g", what, r, pair, decision.output, values[pair]);
            certain = certain && fabs(values[pair]) > BOUND * scale;
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

static struct ocelot_model *read_model(const char *path)
{
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    if (ocelot_svm_read(path, NULL, &model, &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    return model;
}

static void print_nothing(const char *text)
{
    (void)text;
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
    svm_set_print_string_function(print_nothing);
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
                struct ocelot_model *model = read_model(path);
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
        options.gamma = gamma;
        options.scaling = "none";
        options.holdout = 0;
        options.nu = parameters.nu;
        options.coef0 = parameters.coef0;
        options.tolerance = parameters.eps;
        options.cache_mb = parameters.cache_size;
        if (ocelot_svm_train(&data->x[0][0], ROWS, COLUMNS, NULL, &options, &model, &err) != OCELOT_OK)
            fail_msg("%s", err.message);
        svm_set_print_string_function(print_nothing);
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
        model = read_model(path);
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
            if (!(fabs(decision.decision_value - expected) <= BOUND * scale) || decision.predicted != label)
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
