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

#include "kernels/bodies.h"
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

/* The strip at `from`; the last one, of n < STRIP values, is copied and filled up, so that every loop over a strip has the same length. */
static const double *strip_at(const double *from, size_t n, double filler, double *copy)
{
    if (n >= STRIP)
        return from;
    for (size_t l = 0; l < STRIP; l++)
        copy[l] = l < n ? from[l] : filler;
    return copy;
}

static void put_strip(double *to, const double *strip, size_t n)
{
    if (n >= STRIP)
        memcpy(to, strip, STRIP * sizeof *to);
    else
        memcpy(to, strip, n * sizeof *to);
}

/* The least phi of the units that have weight, infinity when there are none. */
static double least_phi(const double *phi, const double *log_weights, size_t m)
{
    double strip[STRIP], phi_copy[STRIP], weights_copy[STRIP];
    for (size_t l = 0; l < STRIP; l++)
        strip[l] = (double)INFINITY;
    for (size_t j = 0; j < m; j += STRIP) {
        const double *v = strip_at(phi + j, m - j, (double)INFINITY, phi_copy);
        const double *w = strip_at(log_weights + j, m - j, -(double)INFINITY, weights_copy);
        for (size_t l = 0; l < STRIP; l++) {
            double value = w[l] > -(double)INFINITY ? v[l] : (double)INFINITY;
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
    const struct ocelot_exponent_limits limits = ocelot_exponent_limits;
    double exponentials[STRIP] = {0}, differences[STRIP] = {0}, phi_copy[STRIP], weights_copy[STRIP];
    for (size_t j = 0; j < m; j += STRIP) {
        const double *v = strip_at(phi + j, m - j, (double)INFINITY, phi_copy), *w = strip_at(weights + j, m - j, 0, weights_copy);
        for (size_t l = 0; l < STRIP; l++) {
            double scale, q = exponential_parts(exponent_within(limits, least - v[l]), &scale);
            exponentials[l] += w[l] * (scale * q + scale);
            differences[l] += w[l] * (scale * q + (scale - 1));
        }
    }
    double difference = strip_sum(differences);
    return difference > -0.5 ? least - log1p(difference) : least - log(strip_sum(exponentials) + constant);
}

static void softmin_weights(const double *phi, const double *log_weights, size_t m, double o, double *p)
{
    double sums[STRIP] = {0}, phi_copy[STRIP], weights_copy[STRIP];
    for (size_t j = 0; j < m; j += STRIP) {
        const double *v = strip_at(phi + j, m - j, (double)INFINITY, phi_copy);
        const double *w = strip_at(log_weights + j, m - j, -(double)INFINITY, weights_copy);
        double strip[STRIP]; /* p may be phi: reading and writing are kept apart so that the compiler need not ask */
        for (size_t l = 0; l < STRIP; l++) {
            strip[l] = exponential(w[l] + (o - v[l]));
            sums[l] += strip[l];
        }
        put_strip(p + j, strip, m - j);
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
    double plain[STRIP] = {0}, absolute[STRIP] = {0}, copy[STRIP];
    for (size_t k = 0; k < n; k += STRIP) {
        const double *v = strip_at(values + k, n - k, 0, copy);
        for (size_t l = 0; l < STRIP; l++) {
            plain[l] += v[l];
            absolute[l] += fabs(v[l]);
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

/* --- profiles ----------------------------------------------------------------------------------------------------------------------
 * A profile with a vector form is two functions of one value, phi and D = phi^-1, from which the loops below are stamped by inlining. `inverse` is
 * 1 / gamma. */

INLINE double rbf_phi(double gamma, double squared)
{
    return gamma * squared;
}

INLINE double rbf_squared(double inverse, double phi)
{
    return phi * inverse;
}

INLINE double laplace_phi(double gamma, double squared)
{
    return gamma * sqrt(squared);
}

INLINE double laplace_squared(double inverse, double phi)
{
    return phi * inverse * (phi * inverse);
}

INLINE double student_phi(double gamma, double squared)
{
    return logarithm_of_one_plus(gamma * squared);
}

/* Beyond 700 the 1 of expm1 is nothing, and exp(v) = exp(v / 2)^2 reaches the largest double. */
INLINE double student_squared(double inverse, double phi)
{
    double root = exponential(phi / 2), value = exponential_less_one(phi);
    return (phi > 700 ? root * root : value) * inverse;
}

INLINE void phi_of(double (*one)(double, double), double gamma, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = one(gamma, values[k]);
}

/* w = R / D of a strip. Returns nothing for R at D = 0: `lost` [STRIP] sums it. */
INLINE void share_strip(double (*squared_of)(double, double), double inverse, const double *phi, const double *relevance, double *w, double *lost)
{
    for (size_t l = 0; l < STRIP; l++) {
        double squared = squared_of(inverse, phi[l]), r = relevance[l];
        lost[l] += squared > 0 ? 0 : r;
        w[l] = squared > 0 ? r / squared : 0;
    }
}

INLINE double share_all(double (*squared_of)(double, double), double gamma, const double *phi, const double *relevance, size_t n, double *w)
{
    double lost[STRIP] = {0}, strip[STRIP], phi_copy[STRIP], relevance_copy[STRIP];
    for (size_t j = 0; j < n; j += STRIP) {
        share_strip(squared_of, 1 / gamma, strip_at(phi + j, n - j, 1, phi_copy), strip_at(relevance + j, n - j, 0, relevance_copy), strip, lost);
        put_strip(w + j, strip, n - j);
    }
    return strip_sum(lost);
}

INLINE struct ocelot_pooled pool_all(double (*squared_of)(double, double), double gamma, const double *phi, const double *weights, size_t m, double o,
                                     double low, double *w)
{
    const struct ocelot_exponent_limits limits = ocelot_exponent_limits;
    double shares[STRIP] = {0}, passed[STRIP] = {0}, residuals[STRIP] = {0}, leaked[STRIP] = {0}, phi_copy[STRIP], weights_copy[STRIP];
    const double inverse = 1 / gamma;
    for (size_t j = 0; j < m; j += STRIP) {
        const double *v = strip_at(phi + j, m - j, (double)INFINITY, phi_copy), *a = strip_at(weights + j, m - j, 0, weights_copy);
        double strip[STRIP];
        for (size_t l = 0; l < STRIP; l++) {
            double scale, q = exponential_parts(exponent_within(limits, o - v[l]), &scale);
            double share = a[l] * (scale * q + scale), most = v[l] < o ? v[l] : o, within = low > most ? low : most;
            double squared = squared_of(inverse, v[l]);
            shares[l] += share;
            residuals[l] += share * (o - within);
            passed[l] += share * within;
            leaked[l] += squared > 0 ? 0 : share * within;
            strip[l] = squared > 0 ? share * within / squared : 0;
        }
        put_strip(w + j, strip, m - j);
    }
    return (struct ocelot_pooled){strip_sum(shares), strip_sum(passed), strip_sum(residuals), strip_sum(leaked)};
}

/* The loops of one profile. */
#define VECTOR_PROFILE(name)                                                                                                                         \
    static void name(double gamma, double *values, size_t n)                                                                                         \
    {                                                                                                                                                \
        phi_of(name##_phi, gamma, values, n);                                                                                                        \
    }                                                                                                                                                \
    static double name##_share(double gamma, const double *phi, const double *relevance, size_t n, double *w)                                        \
    {                                                                                                                                                \
        return share_all(name##_squared, gamma, phi, relevance, n, w);                                                                               \
    }                                                                                                                                                \
    static struct ocelot_pooled name##_pool(double gamma, const double *phi, const double *weights, size_t m, double o, double low, double *w)       \
    {                                                                                                                                                \
        return pool_all(name##_squared, gamma, phi, weights, m, o, low, w);                                                                          \
    }

VECTOR_PROFILE(rbf)
VECTOR_PROFILE(laplace)
VECTOR_PROFILE(student)

static const struct vector_profile {
    const struct ocelot_profile *profile;
    void (*phi)(double gamma, double *values, size_t n);
    double (*share)(double gamma, const double *phi, const double *relevance, size_t n, double *w);
    struct ocelot_pooled (*pool)(double gamma, const double *phi, const double *weights, size_t m, double o, double low, double *w);
} vector_profiles[] = {{&ocelot_profile_rbf, rbf, rbf_share, rbf_pool},
                       {&ocelot_profile_laplace, laplace, laplace_share, laplace_pool},
                       {&ocelot_profile_student, student, student_share, student_pool}};

/* The profile's vector form; without one, values go through its own functions one by one, as in the reference. */
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
    if (form)
        form->phi(p.gamma, values, n);
    else
        ocelot_kernels_reference.profile(profile, p, values, n);
}

static double distance_weights(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi, const double *relevance,
                               size_t n, double *w)
{
    const struct vector_profile *form = vector_form(profile);
    return form ? form->share(p.gamma, phi, relevance, n, w) : ocelot_kernels_reference.distance_weights(profile, p, phi, relevance, n, w);
}

static struct ocelot_pooled pooled_weights(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi,
                                           const double *weights, size_t m, double o, double low, double *w)
{
    const struct vector_profile *form = vector_form(profile);
    return form ? form->pool(p.gamma, phi, weights, m, o, low, w) : ocelot_kernels_reference.pooled_weights(profile, p, phi, weights, m, o, low, w);
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
