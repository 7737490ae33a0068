#include "svm/lower.h"

#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "ops/ops.h"
#include "svm/ensemble.h"
#include "svm/patch.h"

double ocelot_machine_threshold(const struct ocelot_machine *m, double *sum)
{
    /* Neumaier's sum: high + low is A to almost twice the precision */
    double high = 0, low = 0;
    for (size_t j = 0; j < m->count; j++) {
        double a = m->coefficients[j], next = high + a;
        low += fabs(high) >= fabs(a) ? (high - next) + a : (a - next) + high;
        high = next;
    }
    double total = high + low, rho = m->rho[0], gap = (rho - high) - low;
    *sum = total;
    if (!(rho > 0))
        return NAN;
    return fabs(gap) < total / 2 ? 0 - log1p(gap / total) : -log(rho / total);
}

enum ocelot_status ocelot_machine_group(struct ocelot_machine *m, struct ocelot_error *err)
{
    if (m->type->role != OCELOT_ROLE_CLASSIFIER || !m->kernel->profile)
        return OCELOT_OK;
    double *row = ocelot_allocate(m->count, sizeof *row);
    m->sums = ocelot_allocate(m->pairs, 2 * sizeof *m->sums);
    enum ocelot_status status = OCELOT_OK;
    if (!row || !m->sums) {
        status = ocelot_fail_memory(err, "the pairs of classes");
        goto done;
    }
    for (size_t pair = 0; status == OCELOT_OK && pair < m->pairs; pair++) {
        double *sums = m->sums + 2 * pair;
        ocelot_machine_pair(m, pair, row);
        sums[m->rho[pair] > 0] = fabs(m->rho[pair]); /* f = ... - rho: a positive rho stands on the negative side */
        for (size_t j = 0; j < m->count; j++)
            sums[row[j] < 0] += fabs(row[j]);
        if (sums[0] > 0 && sums[1] > 0)
            continue;
        size_t classes[2];
        ocelot_machine_pair_classes(m, pair, &classes[0], &classes[1]);
        status = ocelot_fail(
            err, OCELOT_E_UNSUPPORTED,
            "the pair of classes %d and %d has nothing that speaks for class %d: every row gets the same answer, so there is nothing to explain",
            m->labels[classes[0]], m->labels[classes[1]], m->labels[classes[sums[0] > 0]]);
    }
done:
    free(row);
    return status;
}

static enum ocelot_status append_distance(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, size_t *index,
                                          struct ocelot_error *err)
{
    struct ocelot_profile_parameters p = {m->parameters.gamma, m->parameters.power};
    return ocelot_append_referenced_distances(graph, input, m->kernel->profile, p, m->support, &m->entries, m->count, 1, index, err);
}

/* Distance -> SoftMin of w_j = a_j / A. */
static enum ocelot_status append_distance_one_class(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input,
                                                    struct ocelot_error *err)
{
    double sum, *weights = ocelot_allocate(m->count, sizeof *weights);
    if (!weights)
        return ocelot_fail_memory(err, "the network");
    ocelot_machine_threshold(m, &sum);
    for (size_t j = 0; j < m->count; j++)
        weights[j] = m->coefficients[j] / sum;
    size_t distance;
    enum ocelot_status status = append_distance(m, graph, input, &distance, err);
    if (status == OCELOT_OK)
        status = ocelot_append_softmin(graph, distance, weights, NULL, 1, NULL, err);
    free(weights);
    return status;
}

/* The groups of each pair: 2p holds what speaks for the first class, 2p + 1 what speaks against it; the bias is the constant unit of its side. */
static void fill_groups(const struct ocelot_machine *m, double *row, double *weights, double *constants)
{
    for (size_t pair = 0; pair < m->pairs; pair++) {
        const double *sums = m->sums + 2 * pair;
        ocelot_machine_pair(m, pair, row);
        for (size_t side = 0; side < 2; side++) {
            double *group = weights + (2 * pair + side) * m->count;
            for (size_t j = 0; j < m->count; j++)
                group[j] = (row[j] < 0) == (side == 1) ? fabs(row[j]) / sums[side] : 0;
        }
        constants[2 * pair + (m->rho[pair] > 0)] = fabs(m->rho[pair]) / sums[m->rho[pair] > 0];
    }
}

/* y_p = o-_p - o+_p + log(A+/A-), then o+_p for reading f: [2 pairs] from the [2 pairs] groups. */
static enum ocelot_status append_join(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    size_t groups = 2 * m->pairs, total = 0;
    double *weights = ocelot_size_multiply(groups, groups, &total) ? ocelot_allocate(total, sizeof *weights) : NULL;
    double *bias = ocelot_allocate(groups, sizeof *bias);
    enum ocelot_status status = OCELOT_OK;
    if (!weights || !bias) {
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    for (size_t pair = 0; pair < m->pairs; pair++) {
        weights[pair * groups + 2 * pair] = -1;
        weights[pair * groups + 2 * pair + 1] = 1;
        bias[pair] = log(m->sums[2 * pair] / m->sums[2 * pair + 1]);
        weights[(m->pairs + pair) * groups + 2 * pair] = 1;
    }
    status = ocelot_append_dense(graph, input, weights, bias, groups, NULL, err);
done:
    free(weights);
    free(bias);
    return status;
}

static enum ocelot_status append_distance_classifier(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input,
                                                     struct ocelot_error *err)
{
    size_t groups = 2 * m->pairs, total = 0, distance, pools;
    double *weights = ocelot_size_multiply(groups, m->count, &total) ? ocelot_allocate(total, sizeof *weights) : NULL;
    double *row = ocelot_allocate(m->count, sizeof *row), *constants = ocelot_allocate(groups, sizeof *constants);
    enum ocelot_status status = OCELOT_OK;
    if (!weights || !row || !constants) {
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    fill_groups(m, row, weights, constants);
    status = append_distance(m, graph, input, &distance, err);
    if (status == OCELOT_OK)
        status = ocelot_append_softmin(graph, distance, weights, constants, groups, &pools, err);
    if (status == OCELOT_OK)
        status = append_join(m, graph, pools, err);
done:
    free(weights);
    free(row);
    free(constants);
    return status;
}

/* Dense: sign * (sum_j a_j k_j - rho) of every pair. */
static enum ocelot_status append_decisions(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t kernel_values, double sign,
                                           struct ocelot_error *err)
{
    size_t total = 0;
    double *weights = ocelot_size_multiply(m->pairs, m->count, &total) ? ocelot_allocate(total, sizeof *weights) : NULL;
    double *bias = ocelot_allocate(m->pairs, sizeof *bias);
    enum ocelot_status status = OCELOT_OK;
    if (!weights || !bias) {
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    for (size_t pair = 0; pair < m->pairs; pair++) {
        ocelot_machine_pair(m, pair, weights + pair * m->count);
        for (size_t j = 0; j < m->count; j++)
            weights[pair * m->count + j] *= sign;
        bias[pair] = -sign * m->rho[pair];
    }
    status = ocelot_append_dense(graph, kernel_values, weights, bias, m->pairs, NULL, err);
done:
    free(weights);
    free(bias);
    return status;
}

/* exp(-phi), then Dense. */
static enum ocelot_status append_distance_regressor(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input,
                                                    struct ocelot_error *err)
{
    size_t distance, values;
    enum ocelot_status status = append_distance(m, graph, input, &distance, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_exp_negative, &distance, 1, &values, err);
    return status == OCELOT_OK ? append_decisions(m, graph, values, 1, err) : status;
}

/* Dense z_j = u_j.x or gamma u_j.x + coef0, then the kernel's function of it, if it has one. */
static enum ocelot_status append_dot(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, size_t *index,
                                     struct ocelot_error *err)
{
    size_t values = m->count * m->width;
    double gamma = m->kernel->has_gamma ? m->parameters.gamma : 1, coef0 = m->kernel->has_coef0 ? m->parameters.coef0 : 0;
    double *weights = ocelot_allocate(values, sizeof *weights), *bias = ocelot_allocate(m->count, sizeof *bias);
    enum ocelot_status status = OCELOT_OK;
    if (!weights || !bias) {
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    for (size_t k = 0; k < values; k++)
        weights[k] = gamma * m->support[k];
    for (size_t j = 0; j < m->count; j++)
        bias[j] = coef0;
    status = ocelot_append_dense(graph, input, weights, bias, m->count, index, err);
    if (status == OCELOT_OK && m->kernel->append)
        status = m->kernel->append(&m->parameters, graph, *index, index, err);
done:
    free(weights);
    free(bias);
    return status;
}

static enum ocelot_status append_dot_signed(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, double sign,
                                            struct ocelot_error *err)
{
    size_t values = 0;
    enum ocelot_status status = append_dot(m, graph, input, &values, err);
    return status == OCELOT_OK ? append_decisions(m, graph, values, sign, err) : status;
}

/* rho - f: grows with abnormality. */
static enum ocelot_status append_dot_one_class(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    return append_dot_signed(m, graph, input, -1, err);
}

/* f - rho. */
static enum ocelot_status append_dot_positive(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    return append_dot_signed(m, graph, input, 1, err);
}

const struct ocelot_machine_family ocelot_family_distance = {
    .form = {[OCELOT_ROLE_ONE_CLASS] = {append_distance_one_class, &ocelot_reading_distance_one_class, "dtd"},
             [OCELOT_ROLE_CLASSIFIER] = {append_distance_classifier, &ocelot_reading_distance_classifier, "dtd"},
             [OCELOT_ROLE_REGRESSOR] = {append_distance_regressor, &ocelot_reading_regressor, NULL}},
};

const struct ocelot_machine_family ocelot_family_dot = {
    .form = {[OCELOT_ROLE_ONE_CLASS] = {append_dot_one_class, &ocelot_reading_dot_one_class, "taylor"},
             [OCELOT_ROLE_CLASSIFIER] = {append_dot_positive, &ocelot_reading_dot_classifier, "taylor"},
             [OCELOT_ROLE_REGRESSOR] = {append_dot_positive, &ocelot_reading_regressor, NULL}},
};

enum ocelot_status ocelot_machine_append(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    if (m->card.patch.height)
        return ocelot_patch_append(m, graph, input, err);
    if (m->card.center)
        status = ocelot_append_scale(graph, input, m->card.center, m->card.factor, &input, err);
    if (status == OCELOT_OK && m->next)
        return ocelot_ensemble_append(m, graph, input, err);
    return status == OCELOT_OK ? m->kernel->family->form[m->type->role].append(m, graph, input, err) : status;
}

enum ocelot_status ocelot_machine_lower(const struct ocelot_machine *m, struct ocelot_graph **out, struct ocelot_error *err)
{
    const size_t *image = m->card.patch.shape;
    struct ocelot_shape shape = ocelot_shape_vector(m->width);
    if (m->card.patch.height)
        shape = (struct ocelot_shape){.rank = 3, .extent = {image[0], image[1], image[2]}};
    struct ocelot_graph *graph = ocelot_graph_create();
    size_t node = 0;
    if (!graph)
        return ocelot_fail_memory(err, "the network");
    enum ocelot_status status = ocelot_append_input(graph, &shape, &node, err);
    if (status == OCELOT_OK)
        status = ocelot_machine_append(m, graph, node, err);
    if (status != OCELOT_OK) {
        ocelot_graph_free(graph);
        return status;
    }
    *out = graph;
    return OCELOT_OK;
}
