/* Part of a fast body (body.h): the functions that pass once or twice over the m values of a row. Plain loops over strips of STRIP values
 * that compilers turn into vector code; sums are kept per place in the strip, since a compiler may not reorder a single one.
 * reference.c derives the soft-min.
 *
 * expected: D'_j = D_j - (x_i - u_ji)^2 from the distance that is known costs one step instead of d. The subtraction magnifies the rounding
 * of D_j by D_j / D'_j, so wherever D'_j < D_j / 1024 it is summed again without feature i: phi(D') keeps a relative accuracy of about 1e-12.
 * For each j that happens for at most one feature, so the cost stays near that of one more row of distances. */
#ifndef OCELOT_KERNELS_ROWS_H
#define OCELOT_KERNELS_ROWS_H

#include <math.h>
#include <string.h>

#include "kernels/exponential.h"
#include "kernels/logarithm.h"
#include "kernels/tiles.h"

enum { STRIP = 32 };

static double strip_sum(const double *strip)
{
    double sum = 0;
    for (size_t l = 0; l < STRIP; l++)
        sum += strip[l];
    return sum;
}

/* The least phi of the units that have weight, infinity when there are none. */
static double least_phi(const double *phi, const double *log_weights, size_t m)
{
    double strip[STRIP];
    for (size_t l = 0; l < STRIP; l++)
        strip[l] = (double)INFINITY;
    for (size_t j = 0; j < m; j += STRIP) {
        size_t n = least_of(STRIP, m - j);
        for (size_t l = 0; l < n; l++) {
            double value = log_weights[j + l] > -(double)INFINITY ? phi[j + l] : (double)INFINITY;
            strip[l] = value < strip[l] ? value : strip[l];
        }
    }
    double least = strip[0];
    for (size_t l = 1; l < STRIP; l++)
        least = strip[l] < least ? strip[l] : least;
    return least;
}

static double softmin(const double *phi, const double *weights, const double *log_weights, size_t m, double constant)
{
    double least = least_phi(phi, log_weights, m);
    if (constant > 0 && least > 0)
        least = 0;
    if (isinf(least))
        return least;
    double exponentials[STRIP] = {0}, differences[STRIP] = {0};
    for (size_t j = 0; j < m; j += STRIP) {
        size_t n = least_of(STRIP, m - j);
        for (size_t l = 0; l < n; l++) {
            double scale, q = exponential_split(least - phi[j + l], &scale);
            exponentials[l] += weights[j + l] * (scale * q + scale);
            differences[l] += weights[j + l] * (scale * q + (scale - 1));
        }
    }
    double difference = strip_sum(differences);
    return difference > -0.5 ? least - log1p(difference) : least - log(strip_sum(exponentials) + constant);
}

static void softmin_weights(const double *phi, const double *log_weights, size_t m, double o, double *p)
{
    double sums[STRIP] = {0};
    for (size_t j = 0; j < m; j += STRIP) {
        size_t n = least_of(STRIP, m - j);
        double strip[STRIP]; /* p may be phi: reading and writing are kept apart so that the compiler need not ask */
        for (size_t l = 0; l < n; l++) {
            strip[l] = exponential(log_weights[j + l] + (o - phi[j + l]));
            sums[l] += strip[l];
        }
        memcpy(p + j, strip, n * sizeof *p);
    }
    double sum = strip_sum(sums);
    for (size_t j = 0; o > OCELOT_SOFTMIN_NORMALISE && j < m; j++)
        p[j] /= sum;
}

static double softmin_relevance(const double *phi, const double *p, size_t m, double o, double unit, double *back)
{
    double residuals[STRIP] = {0};
    for (size_t j = 0; j < m; j += STRIP) {
        size_t n = least_of(STRIP, m - j);
        double strip[STRIP];
        for (size_t l = 0; l < n; l++) {
            double within = phi[j + l] < o ? phi[j + l] : o;
            strip[l] = unit * p[j + l] * within;
            residuals[l] += p[j + l] * (o - within);
        }
        for (size_t l = 0; l < n; l++)
            back[j + l] += strip[l];
    }
    return strip_sum(residuals);
}

static void sums(const double *values, size_t n, double *sum, double *magnitude)
{
    double plain[STRIP] = {0}, absolute[STRIP] = {0};
    for (size_t k = 0; k < n; k += STRIP) {
        size_t length = least_of(STRIP, n - k);
        for (size_t l = 0; l < length; l++) {
            plain[l] += values[k + l];
            absolute[l] += fabs(values[k + l]);
        }
    }
    *sum = strip_sum(plain);
    *magnitude = strip_sum(absolute);
}

static double add(const double *from, size_t n, double *to)
{
    double sum[STRIP] = {0};
    for (size_t k = 0; k < n; k += STRIP) {
        size_t length = least_of(STRIP, n - k);
        for (size_t l = 0; l < length; l++)
            sum[l] += from[k + l];
        for (size_t l = 0; l < length; l++)
            to[k + l] += from[k + l];
    }
    return strip_sum(sum);
}

static void scale(double *values, size_t n, double factor)
{
    for (size_t k = 0; k < n; k++)
        values[k] *= factor;
}

static void rbf(struct ocelot_profile_parameters p, double *values, size_t n)
{
    scale(values, n, p.gamma);
}

static void rbf_squared(struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] /= p.gamma;
}

static void laplace(struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = p.gamma * sqrt(values[k]);
}

static void laplace_squared(struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = values[k] / p.gamma * (values[k] / p.gamma);
}

static void student(struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = logarithm_of_one_plus(p.gamma * values[k]);
}

/* Beyond 700 the 1 of expm1 is nothing, and exp(v) = exp(v / 2)^2 reaches the largest double. */
static void student_squared(struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double root = exponential(values[k] / 2), value = exponential_less_one(values[k]);
        values[k] = (values[k] > 700 ? root * root : value) / p.gamma;
    }
}

/* Profiles with a vector form; the others go through their own functions value by value. */
static const struct vector_profile {
    const struct ocelot_profile *profile;
    void (*phi)(struct ocelot_profile_parameters p, double *values, size_t n);
    void (*squared)(struct ocelot_profile_parameters p, double *values, size_t n);
} vector_profiles[] = {{&ocelot_profile_rbf, rbf, rbf_squared},
                       {&ocelot_profile_laplace, laplace, laplace_squared},
                       {&ocelot_profile_student, student, student_squared}};

static const struct vector_profile *vector_form(const struct ocelot_profile *profile)
{
    for (size_t k = 0; k < sizeof vector_profiles / sizeof *vector_profiles; k++)
        if (vector_profiles[k].profile == profile)
            return &vector_profiles[k];
    return NULL;
}

static void apply_profile(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, double *values, size_t n)
{
    const struct vector_profile *form = vector_form(profile);
    if (form) {
        form->phi(p, values, n);
        return;
    }
    for (size_t k = 0; k < n; k++)
        values[k] = profile->phi(p, values[k]);
}

static double distance_weights(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi, const double *relevance,
                               size_t n, double *w)
{
    const struct vector_profile *form = vector_form(profile);
    double lost[STRIP] = {0};
    for (size_t j = 0; j < n; j += STRIP) {
        size_t length = least_of(STRIP, n - j);
        double squared[STRIP];
        memcpy(squared, phi + j, length * sizeof *squared);
        if (form)
            form->squared(p, squared, length);
        for (size_t l = 0; !form && l < length; l++)
            squared[l] = profile->squared(p, squared[l]);
        for (size_t l = 0; l < length; l++) {
            double r = relevance[j + l], d = squared[l];
            lost[l] += d > 0 ? 0 : r;
            squared[l] = d > 0 ? r / d : 0;
        }
        memcpy(w + j, squared, length * sizeof *squared);
    }
    return strip_sum(lost);
}

/* D' of one panel of n support vectors, summed without feature i. */
static void distance_without(const double *panel, size_t size, const double *x, size_t i, size_t n, double *out)
{
    double sum[PANEL] = {0};
    for (size_t k = 0; k < size; k++)
        for (size_t l = 0; k != i && l < PANEL; l++) {
            double t = x[k] - panel[k * PANEL + l];
            sum[l] += t * t;
        }
    memcpy(out, sum, n * sizeof *out);
}

static void distances_without(const struct ocelot_packed *u, const double *x, const double *squared, size_t i, double *out)
{
    for (size_t j = 0; j < u->count; j += PANEL) {
        const double *panel = u->panels + j * u->size;
        size_t n = least_of(PANEL, u->count - j);
        double low = 0;
        for (size_t l = 0; l < n; l++) {
            double t = x[i] - panel[i * PANEL + l], rest = squared[j + l] - t * t;
            out[j + l] = rest;
            low = rest < squared[j + l] / 1024 ? 1 : low;
        }
        if (low > 0)
            distance_without(panel, u->size, x, i, n, out + j);
    }
}

static double expected_value(const struct ocelot_packed *u, const double *log_weights, size_t i, const double *phi)
{
    double least = least_phi(phi, log_weights, u->count);
    double weights[PANEL] = {0}, weighted[PANEL] = {0};
    for (size_t j = 0; j < u->count; j += PANEL) {
        const double *column = u->panels + j * u->size + i * PANEL;
        size_t n = least_of(PANEL, u->count - j);
        for (size_t l = 0; l < n; l++) {
            double weight = exponential(log_weights[j + l] + (least - phi[j + l]));
            weights[l] += weight;
            weighted[l] += weight * column[l];
        }
    }
    double sum = 0, value = 0;
    for (size_t l = 0; l < PANEL; l++) {
        sum += weights[l];
        value += weighted[l];
    }
    return value / sum;
}

static void expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                     const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count, double *scratch,
                     double *out)
{
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        distances_without(u, x, squared, i, scratch);
        apply_profile(profile, p, scratch, u->count);
        out[k] = expected_value(u, log_weights, i, scratch);
    }
}

#endif
