#include "analysis/conditional.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>

#include "analysis/background.h"
#include "base/error.h"
#include "base/size.h"

static const double least_shrinkage = 1e-4; /* copies of a feature predict each other to 1 % of a standard deviation, not exactly */

void ocelot_conditional_free(struct ocelot_conditional *c)
{
    if (!c)
        return;
    free(c->mean);
    free(c->scale);
    free(c->low);
    free(c->high);
    free(c->regression);
    free(c->noise);
    free(c);
}

static struct ocelot_conditional *make(size_t d, size_t samples)
{
    size_t square, draws;
    struct ocelot_conditional *c = ocelot_allocate(1, sizeof *c);
    if (!c)
        return NULL;
    c->features = d;
    c->mean = ocelot_allocate(d, sizeof *c->mean);
    c->scale = ocelot_allocate(d, sizeof *c->scale);
    c->low = ocelot_allocate(d, sizeof *c->low);
    c->high = ocelot_allocate(d, sizeof *c->high);
    c->regression = ocelot_size_multiply(d, d, &square) ? ocelot_allocate(square, sizeof *c->regression) : NULL;
    c->noise = ocelot_size_multiply(samples, d, &draws) ? ocelot_allocate(draws, sizeof *c->noise) : NULL;
    if (c->mean && c->scale && c->low && c->high && c->regression && c->noise)
        return c;
    ocelot_conditional_free(c);
    return NULL;
}

/* A row, moved into the range of the background, in units of standard deviations. */
static void standardise(const struct ocelot_conditional *c, const double *row, double *unit)
{
    for (size_t i = 0; i < c->features; i++)
        unit[i] = c->scale[i] > 0 ? (fmin(c->high[i], fmax(c->low[i], row[i])) - c->mean[i]) / c->scale[i] : 0;
}

static void set_ranges(struct ocelot_conditional *c, const struct ocelot_background *background)
{
    for (size_t i = 0; i < c->features; i++)
        gsl_stats_minmax(&c->low[i], &c->high[i], background->rows + i, c->features, background->count);
}

/* r_ij = sum_r w_r u_ri u_rj, below the diagonal. */
static void correlate(const struct ocelot_conditional *c, const struct ocelot_background *background, double *unit, gsl_matrix *correlation)
{
    for (size_t r = 0; r < background->count; r++) {
        standardise(c, background->rows + r * c->features, unit);
        for (size_t i = 0; i < c->features; i++)
            for (size_t j = 0; j < i; j++)
                *gsl_matrix_ptr(correlation, i, j) += background->weights[r] * unit[i] * unit[j];
    }
}

/* sum Var(r_ij) / sum r_ij^2, with Var(r_ij) = sum_r w_r^2 (u_ri u_rj - r_ij)^2. */
static double shrinkage_of(const struct ocelot_conditional *c, const struct ocelot_background *background, double *unit,
                           const gsl_matrix *correlation)
{
    double variance = 0, squares = 0;
    for (size_t r = 0; r < background->count; r++) {
        double weight = background->weights[r] * background->weights[r];
        standardise(c, background->rows + r * c->features, unit);
        for (size_t i = 0; i < c->features; i++)
            for (size_t j = 0; j < i; j++) {
                double difference = unit[i] * unit[j] - gsl_matrix_get(correlation, i, j);
                variance += weight * difference * difference;
            }
    }
    for (size_t i = 0; i < c->features; i++)
        for (size_t j = 0; j < i; j++)
            squares += gsl_matrix_get(correlation, i, j) * gsl_matrix_get(correlation, i, j);
    return squares > 0 ? fmin(1, fmax(least_shrinkage, variance / squares)) : 1;
}

/* The inverse of the shrunk correlations, in place. */
static enum ocelot_status invert(struct ocelot_conditional *c, const struct ocelot_background *background, double *unit, gsl_matrix *correlation,
                                 struct ocelot_error *err)
{
    correlate(c, background, unit, correlation);
    c->shrinkage = shrinkage_of(c, background, unit, correlation);
    for (size_t i = 0; i < c->features; i++) {
        gsl_matrix_set(correlation, i, i, 1);
        for (size_t j = 0; j < i; j++) {
            double shrunk = (1 - c->shrinkage) * gsl_matrix_get(correlation, i, j);
            gsl_matrix_set(correlation, i, j, shrunk);
            gsl_matrix_set(correlation, j, i, shrunk);
        }
    }
    if (gsl_linalg_cholesky_decomp1(correlation) || gsl_linalg_cholesky_invert(correlation))
        return ocelot_fail(err, OCELOT_E_VALUE, "the background's correlations cannot be inverted: use sampling=marginal");
    return OCELOT_OK;
}

/* P_SS of one player, its regression rows and its share of the noise. members [size]; block, column: scratch of size^2 and size. */
static void condition(struct ocelot_conditional *c, const gsl_matrix *precision, const size_t *members, size_t size, size_t samples, gsl_rng *rng,
                      double *block, double *column)
{
    gsl_matrix_view own = gsl_matrix_view_array(block, size, size);
    gsl_vector_view solution = gsl_vector_view_array(column, size);
    for (size_t a = 0; a < size; a++)
        for (size_t b = 0; b < size; b++)
            block[a * size + b] = gsl_matrix_get(precision, members[a], members[b]);
    gsl_linalg_cholesky_decomp1(&own.matrix); /* a block of a positive definite matrix is one */
    for (size_t i = 0; i < c->features; i++) {
        for (size_t a = 0; a < size; a++)
            column[a] = gsl_matrix_get(precision, members[a], i);
        gsl_linalg_cholesky_svx(&own.matrix, &solution.vector);
        for (size_t a = 0; a < size; a++)
            c->regression[members[a] * c->features + i] = column[a];
    }
    for (size_t k = 0; k < samples; k++) { /* L^-T z has the covariance P_SS^-1 */
        for (size_t a = 0; a < size; a++)
            column[a] = gsl_ran_gaussian_ziggurat(rng, 1);
        gsl_blas_dtrsv(CblasLower, CblasTrans, CblasNonUnit, &own.matrix, &solution.vector);
        for (size_t a = 0; a < size; a++)
            c->noise[k * c->features + members[a]] = column[a] * c->scale[members[a]];
    }
}

static enum ocelot_status fit(struct ocelot_conditional *c, const struct ocelot_plan *plan, size_t samples, gsl_rng *rng, struct ocelot_error *err)
{
    struct ocelot_background background = ocelot_view_background(plan);
    struct ocelot_players players = ocelot_view_players(plan);
    size_t d = c->features, largest = 0, square = 0;
    for (size_t p = 0; p < players.count; p++)
        largest = players.size[p] > largest ? players.size[p] : largest;
    gsl_matrix *precision = gsl_matrix_calloc(d, d);
    double *block = ocelot_size_multiply(largest, largest, &square) ? ocelot_allocate(square, sizeof *block) : NULL;
    double *column = ocelot_allocate(d, sizeof *column);
    size_t *members = ocelot_allocate(d, sizeof *members);
    enum ocelot_status status = OCELOT_OK;
    ocelot_background_moments(plan, c->mean, c->scale);
    set_ranges(c, &background);
    if (!precision || !block || !column || !members)
        status = ocelot_fail_memory(err, "the background's correlations");
    else
        status = invert(c, &background, column, precision, err);
    for (size_t p = 0; members && p < players.count && status == OCELOT_OK; p++) {
        size_t size = 0;
        for (size_t i = 0; i < d; i++)
            if (players.of[i] == p)
                members[size++] = i;
        condition(c, precision, members, size, samples, rng, block, column);
    }
    gsl_matrix_free(precision);
    free(block);
    free(column);
    free(members);
    return status;
}

enum ocelot_status ocelot_conditional_learn(const struct ocelot_plan *plan, size_t samples, gsl_rng *rng, struct ocelot_conditional **out,
                                            struct ocelot_error *err)
{
    struct ocelot_conditional *c = make(ocelot_background_features(plan), samples);
    enum ocelot_status status = c ? fit(c, plan, samples, rng, err) : ocelot_fail_memory(err, "the conditional distributions");
    if (status != OCELOT_OK) {
        ocelot_conditional_free(c);
        c = NULL;
    }
    *out = c;
    return status;
}

void ocelot_conditional_mean(const struct ocelot_conditional *c, const double *row, double *unit, double *out)
{
    standardise(c, row, unit);
    for (size_t i = 0; i < c->features; i++) {
        double shift = 0;
        for (size_t j = 0; j < c->features; j++)
            shift += c->regression[i * c->features + j] * unit[j];
        out[i] = c->mean[i] + c->scale[i] * (unit[i] - shift);
    }
}
