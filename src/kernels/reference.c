/* The definition of every kernel as plain loops. Nothing here is tuned; the other bodies are tested against it.
 *
 * Soft-min without cancellation. With v = min_j phi_j over the units of positive weight (and 0 if there is a constant unit), and the
 * weights and the constant summing to 1,
 *     o = -log(sum_j w_j exp(-phi_j) + c) = v - log(1 + S),   S = sum_j w_j expm1(-(phi_j - v))
 * (the constant unit adds c expm1(0) = 0). v >= 0, every term of S has one sign, and -log1p(S) >= 0, so that nothing cancels however small
 * or large phi is; o is never negative. Only near S = -1, where the nearest units weigh little, 1 + S itself cancels, and is summed as
 * E = sum_j w_j exp(-(phi_j - v)) + c instead. */
#include <math.h>

#include "kernels/bodies.h"
#include "kernels/signals.h"

static size_t packed_bytes(size_t count, size_t size)
{
    (void)count;
    (void)size;
    return 0;
}

static double pack(const double *points, size_t count, size_t size, double *panels) /* NOLINT(readability-non-const-parameter): as the table has it */
{
    (void)points;
    (void)count;
    (void)size;
    (void)panels;
    return 0;
}

static double square(double t)
{
    return t * t;
}

static void squared_distance(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < u->count; j++) {
            double sum = 0;
            for (size_t i = 0; i < u->size; i++)
                sum += square(x[b * u->size + i] - u->points[j * u->size + i]);
            out[b * u->count + j] = sum;
        }
}

static void apply_profile(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = profile->phi(p, values[k]);
}

static void weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t i = 0; i < u->size; i++) {
            double sum = 0;
            for (size_t j = 0; j < u->count; j++)
                sum += w[b * u->count + j] * square(x[b * u->size + i] - u->points[j * u->size + i]);
            out[b * u->size + i] = sum;
        }
}

static void weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t i = 0; i < u->size; i++) {
            double sum = 0;
            for (size_t j = 0; j < u->count; j++)
                sum += w[b * u->count + j] * (x[b * u->size + i] - u->points[j * u->size + i]);
            out[b * u->size + i] = sum;
        }
}

static void weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t i = 0; i < u->size; i++) {
            double sum = 0;
            for (size_t j = 0; j < u->count; j++)
                sum += w[b * u->count + j] * u->points[j * u->size + i];
            out[b * u->size + i] = sum;
        }
}

static void product(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < u->count; j++) {
            double sum = 0;
            for (size_t i = 0; i < u->size; i++)
                sum += x[b * u->size + i] * u->points[j * u->size + i];
            out[b * u->count + j] = sum;
        }
}

static double softmin(const double *phi, const double *weights, const double *log_weights, size_t m, double constant)
{
    double least = constant > 0 ? 0 : (double)INFINITY;
    for (size_t j = 0; j < m; j++)
        if (log_weights[j] > -(double)INFINITY && phi[j] < least)
            least = phi[j];
    if (isinf(least))
        return least;
    double exponentials = constant, differences = 0;
    for (size_t j = 0; j < m; j++) {
        if (weights[j] <= 0)
            continue;
        exponentials += weights[j] * exp(least - phi[j]);
        differences += weights[j] * expm1(least - phi[j]);
    }
    return differences > -0.5 ? least - log1p(differences) : least - log(exponentials);
}

static void softmin_weights(const double *phi, const double *log_weights, size_t m, double o, double *p)
{
    double sum = 0;
    for (size_t j = 0; j < m; j++) {
        p[j] = exp(log_weights[j] + (o - phi[j]));
        sum += p[j];
    }
    for (size_t j = 0; o > OCELOT_SOFTMIN_NORMALISE && j < m; j++)
        p[j] /= sum;
}

static double softmin_relevance(const double *phi, const double *p, size_t m, double o, double unit, double *back)
{
    double residual = 0;
    for (size_t j = 0; j < m; j++) {
        back[j] += unit * p[j] * (phi[j] < o ? phi[j] : o);
        residual += phi[j] < o ? p[j] * (o - phi[j]) : 0;
    }
    return residual;
}

static double distance_weights(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi, const double *relevance,
                               size_t n, double *w)
{
    double lost = 0;
    for (size_t j = 0; j < n; j++) {
        double squared = profile->squared(p, phi[j]), r = relevance[j];
        lost += squared > 0 ? 0 : r;
        w[j] = squared > 0 ? r / squared : 0;
    }
    return lost;
}

static struct ocelot_pooled pooled_weights(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi,
                                           const double *weights, size_t m, double o, double low, double *w)
{
    struct ocelot_pooled pooled = {0};
    for (size_t j = 0; j < m; j++) {
        double share = weights[j] > 0 ? weights[j] * exp(o - phi[j]) : 0, squared = profile->squared(p, phi[j]);
        double within = fmax(low, fmin(o, phi[j])), relevance = share * within;
        pooled.shares += share;
        pooled.passed += relevance;
        pooled.residual += share * (o - within);
        pooled.leaked += squared > 0 ? 0 : relevance;
        w[j] = squared > 0 ? relevance / squared : 0;
    }
    return pooled;
}

static void sums(const double *values, size_t n, double *sum, double *magnitude)
{
    *sum = *magnitude = 0;
    for (size_t k = 0; k < n; k++) {
        *sum += values[k];
        *magnitude += fabs(values[k]);
    }
}

static double add(const double *from, size_t n, double *to)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        to[k] += from[k];
        sum += from[k];
    }
    return sum;
}

static void scale(double *values, size_t n, double factor)
{
    for (size_t k = 0; k < n; k++)
        values[k] *= factor;
}

/* The distance without feature i is summed without it: this is the definition, and costs d per unit and feature. */
static double expected_value(const struct ocelot_packed *u, const double *x, const double *log_weights, const struct ocelot_profile *profile,
                             struct ocelot_profile_parameters p, size_t i, double *phi)
{
    double least = (double)INFINITY;
    for (size_t j = 0; j < u->count; j++) {
        double squared = 0;
        for (size_t k = 0; k < u->size; k++)
            squared += k == i ? 0 : square(x[k] - u->points[j * u->size + k]);
        phi[j] = profile->phi(p, squared);
        if (log_weights[j] > -(double)INFINITY && phi[j] < least)
            least = phi[j];
    }
    double sum = 0, weighted = 0;
    for (size_t j = 0; j < u->count; j++) {
        double weight = exp(log_weights[j] + (least - phi[j]));
        sum += weight;
        weighted += weight * u->points[j * u->size + i];
    }
    return weighted / sum;
}

static void expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                     const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count, double *scratch,
                     double *out)
{
    (void)squared;
    for (size_t k = 0; k < count; k++)
        out[k] = expected_value(u, x, log_weights, profile, p, features ? features[k] : k, scratch);
}

static void expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma, const double *low,
                                 const double *high, const size_t *features, size_t count, double *out)
{
    (void)total;
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        double reach = ocelot_expected_reach(x[i], gamma, low[i], high[i]), sum = 0, weighted = 0;
        for (size_t j = 0; reach <= OCELOT_EXPECTED_REACH && j < u->count; j++) {
            double weight = p[j] * exp(gamma * square(x[i] - u->points[j * u->size + i]));
            sum += weight;
            weighted += weight * u->points[j * u->size + i];
        }
        out[k] = reach <= OCELOT_EXPECTED_REACH ? weighted / sum : (double)NAN;
    }
}

static size_t expected_room(size_t rows, size_t m)
{
    (void)rows;
    (void)m;
    return 0;
}

static void expected_of_rows(const struct ocelot_packed *u, const double *x, const double *p, size_t rows, double gamma, const double *low,
                             const double *high, void *room, double *out)
{
    (void)room;
    for (size_t b = 0; b < rows; b++)
        expected_from_shares(u, x + b * u->size, p + b * u->count, 1, gamma, low, high, NULL, u->size, out + b * u->size);
}

static void decay(double *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        values[k] = exp(-values[k]);
}

static void distances_of_products(double *values, const double *x_norms, size_t rows, const double *u_norms, size_t n)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < n; j++)
            values[b * n + j] = fmax(x_norms[b] + u_norms[j] - 2 * values[b * n + j], 0);
}

static void add_scaled(const double *rows, const double *factors, size_t count, size_t n, double *to)
{
    for (size_t r = 0; r < count; r++)
        for (size_t k = 0; k < n; k++)
            to[k] += factors[r] * rows[r * n + k];
}

static size_t descend(double *g, const double *alpha, const float *u, double a, const float *v, double b, size_t n, double *least, double *greatest)
{
    size_t found = n;
    *least = (double)INFINITY;
    *greatest = -(double)INFINITY;
    for (size_t k = 0; k < n; k++) {
        g[k] += a * (double)u[k] + b * (double)v[k];
        if (alpha[k] > 0 && g[k] > *greatest)
            *greatest = g[k];
        if (alpha[k] < 1 && g[k] < *least) {
            *least = g[k];
            found = k;
        }
    }
    return found;
}

static size_t partner(const double *g, const double *alpha, const float *u, double least, size_t n)
{
    size_t found = n;
    double most = 0;
    for (size_t k = 0; k < n; k++) {
        double slope = g[k] - least, gain = slope * slope / fmax(2 - 2 * (double)u[k], OCELOT_LEAST_CURVATURE);
        if (alpha[k] > 0 && slope > 0 && gain > most) {
            most = gain;
            found = k;
        }
    }
    return found;
}

const struct ocelot_kernels ocelot_kernels_reference = {
    .name = "reference",
    .available = ocelot_cpu_any,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .squared_distance = squared_distance,
    .profile = apply_profile,
    .weighted_square = weighted_square,
    .weighted_difference = weighted_difference,
    .weighted_sum = weighted_sum,
    .product = product,
    .softmin = softmin,
    .softmin_weights = softmin_weights,
    .softmin_relevance = softmin_relevance,
    .distance_weights = distance_weights,
    .pooled_weights = pooled_weights,
    .sums = sums,
    .add = add,
    .scale = scale,
    .expected = expected,
    .expected_from_shares = expected_from_shares,
    .expected_room = expected_room,
    .expected_of_rows = expected_of_rows,
    .f64 = &signals_f64,
    .f32 = &signals_f32,
    .decay = decay,
    .distances_of_products = distances_of_products,
    .add_scaled = add_scaled,
    .descend = descend,
    .partner = partner,
};
