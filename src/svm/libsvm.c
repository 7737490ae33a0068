/* LIBSVM as a guest: it trains, on sizes that were checked before, and never sees a user's file. Kernels that it does not know are trained through
 * its precomputed kernel. Its print hook, which is one for the whole process, is silenced and stays so. */
#include <libsvm/svm.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/problem.h"

static bool precomputed(const struct ocelot_problem *p)
{
    return strcmp(p->kernel->word, "precomputed") == 0;
}

/* Bytes a training row takes (nodes, scaled copy, support vector in machine and network, LIBSVM's own arrays) and a pair of rows takes. */
static enum ocelot_status fits(const struct ocelot_problem *p, struct ocelot_error *err)
{
    if (p->n >= INT_MAX || p->d >= INT_MAX - 1)
        return ocelot_fail(err, OCELOT_E_LIMIT,
                           "found %zu rows of %zu features, expected fewer than %d of each (LIBSVM counts with int): give --sample", p->n, p->d,
                           INT_MAX);
    double row = (double)(p->d + 1) * (sizeof(struct svm_node) + 4 * sizeof(double)) + 128;
    return ocelot_problem_limit(p, row, precomputed(p) ? sizeof(struct svm_node) : 0, sizeof(float), err);
}

/* The rows as LIBSVM wants them. */
struct nodes {
    struct svm_node *block, **rows;
    double *labels;
};

static void nodes_release(struct nodes *nodes)
{
    free(nodes->block);
    free(nodes->rows);
    free(nodes->labels);
}

/* index:value of what is not 0, as a LIBSVM data file would say it. */
static struct svm_node *fill_row(const struct ocelot_problem *p, size_t i, struct svm_node *node)
{
    const double *row = p->scaled + i * p->d;
    for (size_t k = 0; k < p->d; k++)
        if (row[k] != 0)
            *node++ = (struct svm_node){.index = (int)k + 1, .value = row[k]};
    *node++ = (struct svm_node){.index = -1};
    return node;
}

/* 0:serial 1:K(x,x_1) 2:K(x,x_2) ...; the lower half is known from the rows before. */
static struct svm_node *fill_kernel_row(const struct ocelot_problem *p, size_t i, struct svm_node *const *rows, struct svm_node *node)
{
    *node++ = (struct svm_node){.index = 0, .value = (double)(i + 1)};
    for (size_t j = 0; j < p->n; j++) {
        double value =
            j < i ? rows[j][i + 1].value : ocelot_kernel_value(p->kernel, &p->parameters, p->scaled + i * p->d, p->scaled + j * p->d, p->d);
        *node++ = (struct svm_node){.index = (int)j + 1, .value = value};
    }
    *node++ = (struct svm_node){.index = -1};
    return node;
}

static bool nodes_make(const struct ocelot_problem *p, struct nodes *nodes)
{
    size_t width = precomputed(p) ? p->n + 2 : p->d + 1, total;
    nodes->block = ocelot_size_multiply(p->n, width, &total) ? ocelot_allocate(total, sizeof *nodes->block) : NULL;
    nodes->rows = ocelot_allocate(p->n, sizeof(struct svm_node *));
    nodes->labels = ocelot_allocate(p->n, sizeof *nodes->labels);
    if (!nodes->block || !nodes->rows || !nodes->labels)
        return false;
    struct svm_node *node = nodes->block;
    for (size_t i = 0; i < p->n; i++) {
        nodes->rows[i] = node;
        nodes->labels[i] = 1;
        node = precomputed(p) ? fill_kernel_row(p, i, nodes->rows, node) : fill_row(p, i, node);
    }
    return true;
}

static const struct {
    const char *word;
    int type;
} kernel_types[] = {{"linear", LINEAR}, {"polynomial", POLY}, {"rbf", RBF}, {"sigmoid", SIGMOID}, {"precomputed", PRECOMPUTED}};

static struct svm_parameter parameters_of(const struct ocelot_problem *p)
{
    struct svm_parameter out = {.svm_type = ONE_CLASS,
                                .degree = p->parameters.degree,
                                .gamma = p->kernel->has_gamma ? p->parameters.gamma : 1,
                                .coef0 = p->kernel->has_coef0 ? p->parameters.coef0 : 0,
                                .cache_size = p->options->cache_mb,
                                .eps = p->options->tolerance,
                                .C = 1,
                                .nu = p->options->nu,
                                .shrinking = !p->options->no_shrinking};
    for (size_t k = 0; k < sizeof kernel_types / sizeof *kernel_types; k++)
        if (strcmp(p->kernel->word, kernel_types[k].word) == 0)
            out.kernel_type = kernel_types[k].type;
    return out;
}

static void print_nothing(const char *text)
{
    (void)text;
}

static enum ocelot_status build(const struct ocelot_problem *p, const struct svm_model *model, struct ocelot_machine *machine,
                                struct ocelot_error *err)
{
    if (model->l < 1 || !isfinite(model->rho[0]))
        return ocelot_fail(err, OCELOT_E_VALUE,
                           "LIBSVM found no solution (%d support vectors, rho %g): the kernel values may be too large, then scale the "
                           "features or choose a smaller gamma or degree; or nu is too near 1 to leave a row on the border",
                           model->l, model->rho[0]);
    double *alpha = ocelot_allocate(p->n, sizeof *alpha);
    if (!alpha)
        return ocelot_fail_memory(err, "the coefficients");
    for (int j = 0; j < model->l; j++)
        alpha[model->sv_indices[j] - 1] = model->sv_coef[0][j];
    snprintf(machine->card.training.solver, sizeof machine->card.training.solver, "%s", ocelot_trainer_libsvm.name);
    enum ocelot_status status = ocelot_problem_machine(p, alpha, model->rho[0], machine, err);
    free(alpha);
    return status;
}

static enum ocelot_status train(const struct ocelot_problem *p, struct ocelot_machine *machine, struct ocelot_error *err)
{
    struct nodes nodes = {0};
    enum ocelot_status status = OCELOT_OK;
    if (!nodes_make(p, &nodes))
        status = ocelot_fail_memory(err, "the training rows");
    if (status == OCELOT_OK) {
        struct svm_problem problem = {.l = (int)p->n, .y = nodes.labels, .x = nodes.rows};
        struct svm_parameter parameters = parameters_of(p);
        const char *complaint = svm_check_parameter(&problem, &parameters);
        if (complaint) {
            status = ocelot_fail(err, OCELOT_E_ARGUMENT, "LIBSVM refuses to train: %s", complaint);
        } else {
            svm_set_print_string_function(print_nothing);
            struct svm_model *model = svm_train(&problem, &parameters);
            status = build(p, model, machine, err);
            svm_free_and_destroy_model(&model);
        }
    }
    nodes_release(&nodes);
    return status;
}

const struct ocelot_trainer ocelot_trainer_libsvm = {.name = "libsvm", .fits = fits, .train = train};
