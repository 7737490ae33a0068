#include "analysis/regression.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

bool ocelot_regression_open(struct ocelot_regression *r, size_t points, size_t unknowns)
{
    size_t cells, squares;
    *r = (struct ocelot_regression){.rooms = points, .most = unknowns};
    if (!unknowns || !ocelot_size_multiply(points, unknowns, &cells) || !ocelot_size_multiply(unknowns, unknowns, &squares))
        return false;
    r->z = ocelot_allocate(cells, sizeof *r->z);
    r->weight = ocelot_allocate(points, sizeof *r->weight);
    r->residual = ocelot_allocate(points, sizeof *r->residual);
    r->solver = ocelot_allocate(squares, sizeof *r->solver);
    r->slope = ocelot_allocate(unknowns, 7 * sizeof *r->slope);
    if (!r->z || !r->weight || !r->residual || !r->solver || !r->slope)
        return false;
    r->centre = r->slope + unknowns;
    r->beta = r->centre + unknowns;
    r->error = r->beta + unknowns;
    r->right = r->error + unknowns;
    r->mean = r->right + unknowns;
    r->square = r->mean + unknowns;
    return true;
}

void ocelot_regression_close(struct ocelot_regression *r)
{
    free(r->z);
    free(r->weight);
    free(r->residual);
    free(r->solver);
    free(r->slope);
}

/* Weighted mean of z. */
static void centre(struct ocelot_regression *r)
{
    double total = 0;
    memset(r->centre, 0, r->unknowns * sizeof *r->centre);
    for (size_t k = 0; k < r->points; k++) {
        total += r->weight[k];
        for (size_t i = 0; i < r->unknowns; i++)
            r->centre[i] += r->weight[k] * r->z[k * r->unknowns + i];
    }
    for (size_t i = 0; i < r->unknowns; i++)
        r->centre[i] /= total;
}

/* The matrix of the normal equations, into solver. */
static void square(struct ocelot_regression *r, double ridge)
{
    size_t n = r->unknowns;
    double *a = r->solver;
    memset(a, 0, n * n * sizeof *a);
    for (size_t k = 0; k < r->points; k++) {
        const double *z = r->z + k * n;
        for (size_t i = 0; i < n; i++) {
            double wz = r->weight[k] * (z[i] - r->centre[i]);
            for (size_t j = 0; j <= i && wz != 0; j++)
                a[i * n + j] += wz * (z[j] - r->centre[j]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        a[i * n + i] += ridge;
        if (!(a[i * n + i] > 0))
            a[i * n + i] = 1;
        for (size_t j = 0; j < i; j++)
            a[j * n + i] = a[i * n + j];
    }
}

/* From the inverse A^-1 to A^-1 - s s' / (1's) and slope s / (1's), with s = A^-1 1. */
static void constrain(struct ocelot_regression *r)
{
    size_t n = r->unknowns;
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        r->slope[i] = 0;
        for (size_t j = 0; j < n; j++)
            r->slope[i] += r->solver[i * n + j];
        total += r->slope[i];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            r->solver[i * n + j] -= r->slope[i] * r->slope[j] / total;
    for (size_t i = 0; i < n; i++)
        r->slope[i] /= total;
}

void ocelot_regression_solve(struct ocelot_regression *r, bool intercept, double ridge)
{
    r->intercept = intercept;
    memset(r->slope, 0, r->unknowns * sizeof *r->slope);
    memset(r->centre, 0, r->unknowns * sizeof *r->centre);
    if (intercept)
        centre(r);
    square(r, ridge);
    gsl_matrix_view matrix = gsl_matrix_view_array(r->solver, r->unknowns, r->unknowns);
    if (gsl_linalg_cholesky_decomp1(&matrix.matrix) != GSL_SUCCESS || gsl_linalg_cholesky_invert(&matrix.matrix) != GSL_SUCCESS)
        for (size_t k = 0; k < r->unknowns * r->unknowns; k++)
            r->solver[k] = NAN;
    if (!intercept)
        constrain(r);
}

/* out = solver . in */
static void apply(const struct ocelot_regression *r, const double *in, double *out)
{
    size_t n = r->unknowns;
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        for (size_t j = 0; j < n; j++)
            out[i] += r->solver[i * n + j] * in[j];
    }
}

/* What drawn pair k adds to the right-hand side beyond the fit. */
static void pair_of(const struct ocelot_regression *r, size_t k, double *out)
{
    const double *first = r->z + k * r->unknowns, *second = first + r->unknowns;
    double one = r->weight[k] * r->residual[k], two = r->weight[k + 1] * r->residual[k + 1];
    for (size_t i = 0; i < r->unknowns; i++)
        out[i] = one * (first[i] - r->centre[i]) + two * (second[i] - r->centre[i]);
}

static void find_errors(struct ocelot_regression *r)
{
    size_t n = r->unknowns, drawn = r->points - r->paired, pairs = drawn / 2;
    double *deviation = r->right, *moved = r->square;
    memset(r->error, 0, n * sizeof *r->error);
    if (pairs < 2)
        return;
    memset(r->mean, 0, n * sizeof *r->mean);
    for (size_t k = r->paired; k < r->points; k += 2) {
        pair_of(r, k, deviation);
        for (size_t i = 0; i < n; i++)
            r->mean[i] += deviation[i] / (double)pairs;
    }
    for (size_t k = r->paired; k < r->points; k += 2) {
        pair_of(r, k, deviation);
        for (size_t i = 0; i < n; i++)
            deviation[i] -= r->mean[i];
        apply(r, deviation, moved);
        for (size_t i = 0; i < n; i++)
            r->error[i] += moved[i] * moved[i];
    }
    double factor = (double)pairs / (double)(pairs - 1) * (drawn > n ? (double)drawn / (double)(drawn - n) : 1);
    for (size_t i = 0; i < n; i++)
        r->error[i] = sqrt(factor * r->error[i]);
}

double ocelot_regression_fit(struct ocelot_regression *r, const double *y, double total)
{
    size_t n = r->unknowns;
    double offset = 0, weights = 0, constant;
    for (size_t k = 0; k < r->points && r->intercept; k++) {
        offset += r->weight[k] * y[k];
        weights += r->weight[k];
    }
    offset = r->intercept ? offset / weights : 0;
    memset(r->right, 0, n * sizeof *r->right);
    for (size_t k = 0; k < r->points; k++) {
        double wy = r->weight[k] * (y[k] - offset);
        for (size_t i = 0; i < n; i++)
            r->right[i] += wy * (r->z[k * n + i] - r->centre[i]);
    }
    apply(r, r->right, r->beta);
    constant = offset;
    for (size_t i = 0; i < n; i++) {
        r->beta[i] += r->slope[i] * total;
        constant -= r->beta[i] * r->centre[i];
    }
    for (size_t k = 0; k < r->points; k++) {
        r->residual[k] = y[k] - offset;
        for (size_t i = 0; i < n; i++)
            r->residual[k] -= (r->z[k * n + i] - r->centre[i]) * r->beta[i];
    }
    find_errors(r);
    return constant;
}
