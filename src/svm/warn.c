/* What a user should know about a machine before trusting its answers. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/size.h"
#include "svm/machine.h"

enum { PAIRS = 500, ROWS = 64 };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean of each feature, and sum of squared deviations from it; both 0 before. Coordinates that are 0 deviate by the mean. */
static void sum_squares(const struct ocelot_machine *m, double *means, double *sums, size_t *zeros)
{
    const struct ocelot_entries *u = &m->entries;
    for (size_t i = 0; i < m->width; i++)
        zeros[i] = m->count;
    for (size_t e = 0; e < u->start[m->count]; e++) {
        means[u->feature[e]] += u->value[e] / (double)m->count;
        zeros[u->feature[e]]--;
    }
    for (size_t e = 0; e < u->start[m->count]; e++) {
        double deviation = u->value[e] - means[u->feature[e]];
        sums[u->feature[e]] += deviation * deviation;
    }
    for (size_t i = 0; i < m->width; i++)
        sums[i] += (double)zeros[i] * means[i] * means[i];
}

/* Where the model does not scale, columns whose spreads differ a hundredfold were probably never scaled. */
static enum ocelot_status warn_unscaled(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    double least = INFINITY, most = 0;
    size_t narrow = 0, wide = 0;
    if (m->card.center || !ocelot_machine_plain(m)) /* features of one layer have one unit */
        return OCELOT_OK;
    double *means = ocelot_allocate(m->width, sizeof *means), *sums = ocelot_allocate(m->width, sizeof *sums);
    size_t *zeros = ocelot_allocate(m->width, sizeof *zeros);
    if (!means || !sums || !zeros) {
        free(means);
        free(sums);
        free(zeros);
        return ocelot_fail_memory(err, "the spreads of the features");
    }
    sum_squares(m, means, sums, zeros);
    for (size_t i = 0; i < m->width; i++) {
        double spread = sqrt(sums[i] / (double)m->count);
        if (!(spread > 1e-12 * fabs(means[i])))
            continue;
        if (spread < least) {
            least = spread;
            narrow = i;
        }
        if (spread > most) {
            most = spread;
            wide = i;
        }
    }
    free(means);
    free(sums);
    free(zeros);
    if (!(most > 100 * least))
        return OCELOT_OK;
    return ocelot_model_warn(model, err, "the data look unscaled: %s spreads over %.3g and %s over %.3g, so the kernel hardly sees the latter (%s)",
                             model->features[wide].name, most, model->features[narrow].name, least,
                             m->has_card ? "train with a scaling" : "if the model was trained on scaled data, give its range file");
}

static double squared_distance(const struct ocelot_entries *u, size_t j, size_t k)
{
    double sum = 0;
    size_t a = u->start[j], b = u->start[k], end_a = u->start[j + 1], end_b = u->start[k + 1];
    while (a < end_a || b < end_b) {
        bool first = a < end_a && (b == end_b || u->feature[a] <= u->feature[b]),
             second = b < end_b && (a == end_a || u->feature[b] <= u->feature[a]);
        double difference = (first ? u->value[a] : 0) - (second ? u->value[b] : 0);
        sum += difference * difference;
        a += first;
        b += second;
    }
    return sum;
}

/* phi between support vectors: where its median is beyond what exp can hold, or nothing, the kernel carries no information. */
static enum ocelot_status warn_gamma(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    double phi[PAIRS];
    struct ocelot_rng rng;
    struct ocelot_profile_parameters p = {m->parameters.gamma, m->parameters.power};
    if (!m->kernel->profile || m->count < 2)
        return OCELOT_OK;
    ocelot_rng_seed(&rng, 1);
    for (size_t k = 0; k < PAIRS; k++) {
        size_t i = ocelot_rng_below(&rng, m->count), j = ocelot_rng_below(&rng, m->count - 1);
        phi[k] = m->kernel->profile->phi(p, squared_distance(&m->entries, i, j + (j >= i)));
    }
    qsort(phi, PAIRS, sizeof *phi, ascending);
    double median = phi[PAIRS / 2];
    if (median > 700)
        return ocelot_model_warn(model, err,
                                 "gamma %.3g is so large that every kernel value vanishes (median exponent %.3g between support vectors): the "
                                 "decision only says whether a row repeats a training row",
                                 m->parameters.gamma, median);
    if (median < 1e-9)
        return ocelot_model_warn(model, err,
                                 "gamma %.3g is so small that every kernel value is 1 (median exponent %.3g between support vectors): the decision "
                                 "hangs on rounding",
                                 m->parameters.gamma, median);
    return OCELOT_OK;
}

/* sum_j |a_j k_j| at a support vector. */
static double magnitude(const struct ocelot_machine *m, size_t row)
{
    double sum = 0;
    for (size_t j = 0; j < m->count; j++)
        sum += fabs(m->coefficients[j] * ocelot_machine_kernel_value(m, m->support + row * m->width, j));
    return sum;
}

/* What no magnitude exceeds, rounding included: a kernel with a profile has no value above 1, and terms are added in the same order. */
static double bound(const struct ocelot_machine *m)
{
    double sum = 0;
    for (size_t j = 0; j < m->count; j++)
        sum += fabs(m->coefficients[j]);
    return m->kernel->profile ? sum : (double)INFINITY;
}

/* |rho| far below the terms that are summed up: the sign of the difference is noise. Looks at as many support vectors as a bounded effort allows. */
static enum ocelot_status warn_rho(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    double sums[ROWS], cost = (double)m->count * (double)m->width;
    size_t rows = cost * ROWS > 2e7 ? (size_t)(2e7 / cost) + 1 : ROWS;
    if (m->type->role != OCELOT_ROLE_ONE_CLASS || fabs(m->rho[0]) >= 1e-3 * bound(m))
        return OCELOT_OK;
    if (rows > m->count)
        rows = m->count;
    for (size_t k = 0; k < rows; k++)
        sums[k] = magnitude(m, k * (m->count / rows));
    qsort(sums, rows, sizeof *sums, ascending);
    double typical = sums[rows / 2];
    if (!(fabs(m->rho[0]) < 1e-3 * typical))
        return OCELOT_OK;
    return ocelot_model_warn(
        model, err, "rho is %.3g where the kernel terms add up to about %.3g: which rows are outliers is decided by rounding (%s)", m->rho[0],
        typical, m->kernel->profile ? "usual where gamma is too large" : "usual for this kernel on centred data; an rbf kernel does not have this");
}

static enum ocelot_status warn_origin(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    if (m->has_card)
        return OCELOT_OK;
    if (m->card.center)
        return ocelot_model_warn(model, err, "no card: features are unnamed, and there are no held-out scores for p-values");
    return ocelot_model_warn(model, err,
                             "no card, unscaled: rows are taken as they are, features are unnamed, and there are no held-out scores for "
                             "p-values");
}

/* Said, since what is short of the optimum looks like any other model. */
static enum ocelot_status warn_gap(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    const struct ocelot_training *t = &m->card.training;
    if (t->rows == 0 || !(t->gap >= t->tolerance))
        return OCELOT_OK;
    return ocelot_model_warn(model, err,
                             "the solver stopped after %zu iterations with a gap of %.2g, more than the tolerance of %.2g: the model is not the "
                             "optimum that was asked for (train on fewer rows, with another gamma, or a larger tolerance)",
                             t->iterations, t->gap, t->tolerance);
}

static enum ocelot_status warn_training(struct ocelot_model *model, const struct ocelot_machine *m, struct ocelot_error *err)
{
    size_t rows = m->card.training.rows;
    if (m->type->role == OCELOT_ROLE_ONE_CLASS && m->kernel->profile && !(m->rho[0] > 0)) {
        enum ocelot_status status =
            ocelot_model_warn(model, err, "rho is %.3g, not positive: the model calls no row an outlier, and there is no threshold", m->rho[0]);
        if (status != OCELOT_OK)
            return status;
    }
    if (rows == 0 || m->count < rows)
        return OCELOT_OK;
    return ocelot_model_warn(model, err,
                             "all %zu training rows are support vectors (nu is %.3g): the model has learnt nothing that its rows have in common",
                             rows, m->card.training.nu);
}

enum ocelot_status ocelot_machine_warn(struct ocelot_model *model, const struct ocelot_machine *machine, struct ocelot_error *err)
{
    enum ocelot_status status = warn_origin(model, machine, err);
    if (status == OCELOT_OK)
        status = warn_unscaled(model, machine, err);
    if (status == OCELOT_OK)
        status = warn_gamma(model, machine, err);
    if (status == OCELOT_OK)
        status = warn_rho(model, machine, err);
    if (status == OCELOT_OK)
        status = warn_gap(model, machine, err);
    return status == OCELOT_OK ? warn_training(model, machine, err) : status;
}
