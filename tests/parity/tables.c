/* One-class machines on every table of data/, raw and scaled: trained here and by LIBSVM on the same numbers they are the same machine, and their
 * decision values agree within ORACLE_BOUND of max(sum_j |a_j k_j|, |rho|); likewise when both read the file that LIBSVM saved. Signs agree
 * wherever the value is beyond that bound. Kernels that LIBSVM only knows as numbers are given to it as precomputed ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/size.h"
#include "parity/oracle.h"
#include "parity/table_rows.h"
#include "support/cmocka_include.h"
#include "svm/machine.h"

enum { MOST_ROWS = 300, TABLES = 12 };

static double laplace(double gamma, double squared)
{
    return exp(-gamma * sqrt(squared));
}

static double generalised_gaussian(double gamma, double squared)
{
    return exp(-gamma * pow(squared, 0.75)); /* power 1.5, the default */
}

static double student(double gamma, double squared)
{
    return 1 / (1 + gamma * squared);
}

static const struct kernel {
    const char *name;
    int type;                                      /* LIBSVM's */
    double (*of_squared)(double gamma, double d2); /* K of a squared distance, where LIBSVM does not know it */
    const char *kernels;                           /* vector kernels to score with; NULL = the best */
} kernels[] = {
    {"linear", LINEAR, NULL, NULL},
    {"polynomial", POLY, NULL, NULL},
    {"rbf", RBF, NULL, NULL},
    {"sigmoid", SIGMOID, NULL, NULL},
    {"laplace", PRECOMPUTED, laplace, NULL},
    {"generalised-gaussian", PRECOMPUTED, generalised_gaussian, NULL},
    {"student", PRECOMPUTED, student, NULL},
    {"rbf", RBF, NULL, "reference"},
    {"polynomial", POLY, NULL, "reference"},
    {"laplace", PRECOMPUTED, laplace, "reference"},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* Rows as LIBSVM wants them. */
struct nodes {
    struct svm_node *block, **rows;
};

/* One kernel on one table. */
struct trial {
    const struct kernel *kernel;
    const struct table_rows *table;
    const char *scaling;
    struct ocelot_model *model; /* trained here */
    const struct ocelot_machine *machine;
    double *scaled;     /* [table->count][table->width] */
    struct nodes nodes; /* of every row */
    double worst;       /* share of the scale by which values differ */
    size_t certain;     /* values beyond the bound, whose signs were compared */
};

static void nodes_allocate(struct nodes *nodes, size_t rows, size_t width)
{
    nodes->block = ocelot_allocate(rows * (width + 2), sizeof *nodes->block);
    nodes->rows = ocelot_allocate(rows, sizeof *nodes->rows);
    assert_non_null(nodes->block);
    assert_non_null(nodes->rows);
    for (size_t r = 0; r < rows; r++)
        nodes->rows[r] = nodes->block + r * (width + 2);
}

static void nodes_release(struct nodes *nodes)
{
    free(nodes->block);
    free(nodes->rows);
}

/* index:value of what is not 0. */
static void fill_sparse(const struct trial *t, struct nodes *nodes, size_t rows)
{
    size_t d = t->table->width;
    nodes_allocate(nodes, rows, d);
    for (size_t r = 0; r < rows; r++) {
        struct svm_node *node = nodes->rows[r];
        for (size_t i = 0; i < d; i++)
            if (t->scaled[r * d + i] != 0)
                *node++ = (struct svm_node){(int)i + 1, t->scaled[r * d + i]};
        node->index = -1;
    }
}

/* 0:serial and K with every training row. To train, LIBSVM gets K by our arithmetic, so that both solve one problem; to predict, by the plain
 * formula, so that ours is checked. */
static void fill_kernel(const struct trial *t, struct nodes *nodes, size_t rows, bool ours)
{
    size_t d = t->table->width, n = t->table->trained;
    nodes_allocate(nodes, rows, n);
    for (size_t r = 0; r < rows; r++) {
        struct svm_node *node = nodes->rows[r];
        *node++ = (struct svm_node){0, (double)r + 1};
        for (size_t j = 0; j < n; j++) {
            const double *x = t->scaled + r * d, *u = t->scaled + j * d;
            double squared = 0;
            for (size_t i = 0; i < d; i++)
                squared += (x[i] - u[i]) * (x[i] - u[i]);
            double k = ours ? ocelot_kernel_value(t->machine->kernel, &t->machine->parameters, x, u, d)
                            : t->kernel->of_squared(t->machine->parameters.gamma, squared);
            *node++ = (struct svm_node){(int)j + 1, k};
        }
        node->index = -1;
    }
}

/* Every decision of `model` on rows against `oracle` on the nodes. */
static void compare(struct trial *t, const struct svm_model *oracle, const struct ocelot_model *model, const double *rows, const char *what)
{
    size_t n = t->table->count;
    struct ocelot_decision *own = ocelot_allocate(n, sizeof *own);
    assert_non_null(own);
    oracle_decide(model, NULL, t->kernel->kernels, rows, n, own);
    for (size_t r = 0; r < n; r++) {
        double value, vote = svm_predict_values(oracle, t->nodes.rows[r], &value);
        double scale = oracle_scale(oracle, t->nodes.rows[r], 0, 1, 0), ratio = fabs(own[r].decision_value - value) / scale;
        bool certain = fabs(value) > ORACLE_BOUND * scale;
        if (!(ratio <= ORACLE_BOUND) || (certain && (own[r].predicted != vote || own[r].is_outlier != (vote < 0))))
            fail_msg("%s, scaling %s, %s, %s: row %zu: %.17g (%g), LIBSVM %.17g (%g), scale %g", t->table->name, t->scaling, t->kernel->name, what, r,
                     own[r].decision_value, own[r].predicted, value, vote, scale);
        t->worst = fmax(t->worst, ratio);
        t->certain += certain;
    }
    free(own);
}

/* The same solver on the same numbers: nothing may differ, not in the last bit. */
static void same_machine(const struct trial *t, const struct svm_model *oracle)
{
    const struct ocelot_machine *machine = t->machine;
    size_t d = t->table->width;
    assert_int_equal(machine->count, oracle->l);
    if (machine->rho[0] != oracle->rho[0])
        fail_msg("%s, %s: rho %.17g, LIBSVM %.17g", t->table->name, t->kernel->name, machine->rho[0], oracle->rho[0]);
    for (size_t j = 0; j < machine->count; j++) {
        const double *row = t->scaled + (size_t)(oracle->sv_indices[j] - 1) * d;
        if (machine->coefficients[j] != oracle->sv_coef[0][j])
            fail_msg("%s, %s: a[%zu] %.17g, LIBSVM %.17g", t->table->name, t->kernel->name, j, machine->coefficients[j], oracle->sv_coef[0][j]);
        for (size_t i = 0; i < d; i++)
            assert_true(machine->support[j * d + i] == row[i]);
    }
}

/* With --threshold svm --holdout 0, so that nothing but the solver decides. */
static void train_ours(struct trial *t, const struct ocelot_train_options *options)
{
    struct ocelot_error err = {0};
    size_t n = t->table->count, d = t->table->width;
    if (ocelot_svm_train(t->table->rows, t->table->trained, d, NULL, options, &t->model, &err) != OCELOT_OK)
        fail_msg("%s, %s: %s", t->table->name, t->kernel->name, err.message);
    t->machine = ocelot_machine_of(t->model);
    t->scaled = ocelot_allocate(n * d, sizeof *t->scaled);
    assert_non_null(t->scaled);
    for (size_t r = 0; r < n; r++)
        ocelot_machine_scale(t->machine, t->table->rows + r * d, t->scaled + r * d);
}

static struct svm_model *train_oracle(const struct trial *t, const struct ocelot_train_options *options, const struct nodes *nodes)
{
    double ones[MOST_ROWS];
    const struct ocelot_kernel_parameters *p = &t->machine->parameters;
    struct svm_problem problem = {(int)t->table->trained, ones, nodes->rows};
    struct svm_parameter parameters = {.svm_type = ONE_CLASS,
                                       .kernel_type = t->kernel->type,
                                       .degree = p->degree,
                                       .gamma = isnan(p->gamma) ? 1 : p->gamma,
                                       .coef0 = isnan(p->coef0) ? 0 : p->coef0,
                                       .cache_size = options->cache_mb,
                                       .eps = options->tolerance,
                                       .nu = options->nu,
                                       .shrinking = 1};
    for (size_t r = 0; r < t->table->trained; r++)
        ones[r] = 1;
    assert_null(svm_check_parameter(&problem, &parameters));
    return svm_train(&problem, &parameters);
}

/* Both read what LIBSVM wrote, we strictly. Its features end with the last that a support vector has, so ours is widened to the table's. */
static void compare_saved(struct trial *t, const struct svm_model *trained)
{
    char path[64];
    struct ocelot_error err = {0};
    struct ocelot_svm_read_options options = {0};
    snprintf(path, sizeof path, "parity-tables-%ld.model", (long)getpid());
    assert_int_equal(svm_save_model(path, trained), 0);
    struct svm_model *oracle = svm_load_model(path);
    assert_non_null(oracle);
    if (t->kernel->of_squared)
        options = (struct ocelot_svm_read_options){.support_rows = t->scaled,
                                                   .support_row_count = t->table->trained,
                                                   .support_columns = t->table->width,
                                                   .kernel = t->kernel->name,
                                                   .gamma = t->machine->parameters.gamma,
                                                   .power = t->machine->parameters.power};
    struct ocelot_model *read = oracle_read(path, &options), *wide = NULL;
    unlink(path);
    if (ocelot_svm_widen(read, 1, (long)t->table->width, &wide, &err) != OCELOT_OK)
        fail_msg("%s, %s: %s", t->table->name, t->kernel->name, err.message);
    compare(t, oracle, wide, t->scaled, "saved");
    ocelot_model_free(wide);
    ocelot_model_free(read);
    svm_free_and_destroy_model(&oracle);
}

static void run_trial(struct trial *t)
{
    struct ocelot_train_options options;
    struct nodes training;
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = t->kernel->name;
    options.solver = "libsvm"; /* the same numbers, to the last bit; tests/parity/svm_solver.c compares the own solver */
    options.scaling = t->scaling;
    options.threshold = "svm";
    options.holdout = 0;
    options.coef0 = t->kernel->type == POLY ? 1 : 0;
    train_ours(t, &options);
    if (t->kernel->of_squared) {
        fill_kernel(t, &training, t->table->trained, true);
        fill_kernel(t, &t->nodes, t->table->count, false);
    } else {
        fill_sparse(t, &training, t->table->trained);
        fill_sparse(t, &t->nodes, t->table->count);
    }
    struct svm_model *oracle = train_oracle(t, &options, &training);
    same_machine(t, oracle);
    compare(t, oracle, t->model, t->table->rows, "in memory");
    compare_saved(t, oracle);
    svm_free_and_destroy_model(&oracle);
    nodes_release(&training);
    nodes_release(&t->nodes);
    free(t->scaled);
    ocelot_model_free(t->model);
}

static void every_table(void **state)
{
    (void)state;
    static const char *const scalings[] = {"none", "standard"};
    double worst[KERNELS] = {0};
    size_t tables = 0, compared = 0, certain = 0;
    char **paths = table_paths();
    oracle_silence();
    for (; paths[tables]; tables++) {
        struct table_rows table;
        table_rows_read(paths[tables], MOST_ROWS, &table);
        for (size_t k = 0; k < KERNELS; k++)
            for (size_t s = 0; s < sizeof scalings / sizeof *scalings; s++) {
                struct trial trial = {.kernel = &kernels[k], .table = &table, .scaling = scalings[s]};
                run_trial(&trial);
                worst[k] = fmax(worst[k], trial.worst);
                certain += trial.certain;
                compared += 2 * table.count;
            }
        free(table.rows);
    }
    table_paths_free(paths);
    for (size_t k = 0; k < KERNELS; k++)
        print_message("%-20s %-9s worst difference %.2g of max(sum |a k|, |rho|)\n", kernels[k].name, kernels[k].kernels ? kernels[k].kernels : "",
                      worst[k]);
    print_message("%zu tables, %zu decisions, %zu of them beyond the bound\n", tables, compared, certain);
    assert_true(tables >= TABLES);
    assert_true(certain > compared / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
