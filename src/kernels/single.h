/* Part of a fast body (body.h): what the pair of distance and soft-min (ops/pooled_distance.c) passes over the m values of a row, in float. The same
 * formulas as in rows.h, but that D is given and phi made of it; sums are kept in STRIP places of float, each of m / STRIP terms, and joined in
 * double.
 *
 * exp(x) = 2^k (1 + q) as in exponential.h, ln 2 with a head of 16 bits; q = r + r^2 P(r) with P of degree 4, least-squares weights after Lawson:
 * 4e-9 relative to exp(r). Exponents are kept above -64, where the exponential is nothing in a sum of floats and its products are not denormal. */
#ifndef OCELOT_KERNELS_SINGLE_H
#define OCELOT_KERNELS_SINGLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/exponential.h"
#include "kernels/logarithm.h"
#include "kernels/solve.h"
#include "kernels/tiles.h"

enum { STRIP_SINGLE = 64 };

/* exp(x) = *scale * (1 + q) for x between the limits; returns q. */
INLINE float exponential_parts_single(struct ocelot_exponent_limits_single limits, float x, float *scale)
{
    const float shift = 0x1.8p23F;
    float above = limits.least > x ? limits.least : x, within = limits.most < above ? limits.most : above;
    float shifted = within * 0x1.715476p0F + shift;
    float k = shifted - shift;
    float r = (within - k * 0x1.62e4p-1F) - k * 0x1.7f7d1cp-20F;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23;
    memcpy(scale, &bits, sizeof bits);
    float p = 0x1.6a244cp-10F;
    p = p * r + 0x1.1239d4p-7F;
    p = p * r + 0x1.5558f2p-5F;
    p = p * r + 0x1.555492p-3F;
    p = p * r + 0x1.fffffcp-2F;
    return p * r * r + r;
}

static double strip_sum_single(const float *strip)
{
    double sum = 0;
    for (size_t l = 0; l < STRIP_SINGLE; l++)
        sum += (double)strip[l];
    return sum;
}

/* As strip_at in rows.h. */
static const float *strip_at_single(const float *from, size_t n, float filler, float *copy)
{
    if (n >= STRIP_SINGLE)
        return from;
    for (size_t l = 0; l < STRIP_SINGLE; l++)
        copy[l] = l < n ? from[l] : filler;
    return copy;
}

static float least_single(const float *squared, const float *weights, size_t m)
{
    float strip[STRIP_SINGLE], squared_copy[STRIP_SINGLE], weights_copy[STRIP_SINGLE], least = INFINITY;
    for (size_t l = 0; l < STRIP_SINGLE; l++)
        strip[l] = INFINITY;
    for (size_t j = 0; j < m; j += STRIP_SINGLE) {
        const float *v = strip_at_single(squared + j, m - j, INFINITY, squared_copy), *w = strip_at_single(weights + j, m - j, 0, weights_copy);
        for (size_t l = 0; l < STRIP_SINGLE; l++) {
            float value = w[l] > 0 ? v[l] : INFINITY;
            strip[l] = value < strip[l] ? value : strip[l];
        }
    }
    for (size_t l = 0; l < STRIP_SINGLE; l++)
        least = strip[l] < least ? strip[l] : least;
    return least;
}

/* --- profiles ----------------------------------------------------------------------------------------------------------------------
 * One function of one squared distance each, from which the loops below are stamped by inlining. */

/* power / 2 is `half`, and also the sum of a head of 16 bits and a tail. */
struct profile_single {
    float gamma, half, head, tail;
};

static struct profile_single profile_single_of(struct ocelot_profile_parameters p)
{
    struct profile_single single = {.gamma = (float)p.gamma, .half = (float)(p.power / 2)};
    uint32_t bits;
    memcpy(&bits, &single.half, sizeof bits);
    single.head = bits_to_single(bits & 0xffffff00);
    single.tail = (float)(p.power / 2 - (double)single.head);
    return single;
}

INLINE float rbf_phi_single(struct profile_single p, float squared)
{
    return p.gamma * squared;
}

INLINE float laplace_phi_single(struct profile_single p, float squared)
{
    return p.gamma * sqrtf(squared);
}

/* gamma D^half: with D = 2^k m, half k = n + f for the nearest whole number n, of which head k is exact; then 2^n exp(f ln 2 + half log(m)). */
INLINE float gaussian_phi_single(struct profile_single p, float squared)
{
    const struct ocelot_exponent_limits_single limits = ocelot_exponent_limits_single;
    const float shift = 0x1.8p23F;
    float k, m = logarithm_parts_single(squared, &k, NULL), head = p.head * k, shifted = head + shift, n = shifted - shift;
    float rest = ((head - n) + p.tail * k) * 0x1.62e43p-1F + p.half * logarithm_single(m - 1, 0);
    float scale, q = exponential_parts_single(limits, rest, &scale);
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return p.gamma * bits_to_single((bits + 127) << 23) * (scale * q + scale);
}

INLINE float student_phi_single(struct profile_single p, float squared)
{
    return logarithm_of_one_plus_single(p.gamma * squared);
}

INLINE double softmin_by_single(float (*one)(struct profile_single, float), struct profile_single p, const float *squared, const float *weights,
                                size_t m, double *least)
{
    const struct ocelot_exponent_limits_single limits = ocelot_exponent_limits_single;
    const float nearest = least_single(squared, weights, m), phi = one(p, nearest);
    float exponentials[STRIP_SINGLE] = {0}, differences[STRIP_SINGLE] = {0}, squared_copy[STRIP_SINGLE], weights_copy[STRIP_SINGLE];
    *least = (double)nearest;
    if (isinf(nearest))
        return (double)INFINITY;
    for (size_t j = 0; j < m; j += STRIP_SINGLE) {
        const float *v = strip_at_single(squared + j, m - j, nearest, squared_copy), *w = strip_at_single(weights + j, m - j, 0, weights_copy);
        for (size_t l = 0; l < STRIP_SINGLE; l++) {
            float scale, q = exponential_parts_single(limits, phi - one(p, v[l]), &scale);
            exponentials[l] += w[l] * (scale * q + scale);
            differences[l] += w[l] * (scale * q + (scale - 1));
        }
    }
    double difference = strip_sum_single(differences);
    return difference > -0.5 ? (double)phi - log1p(difference) : (double)phi - log(strip_sum_single(exponentials));
}

INLINE struct ocelot_pooled pool_by_single(float (*one)(struct profile_single, float), struct profile_single p, const float *squared,
                                           const float *weights, size_t m, double o, double low, float *w)
{
    const struct ocelot_exponent_limits_single limits = ocelot_exponent_limits_single;
    const float score = (float)o, floor = (float)low;
    float shares[STRIP_SINGLE] = {0}, passed[STRIP_SINGLE] = {0}, residuals[STRIP_SINGLE] = {0}, squared_copy[STRIP_SINGLE],
          weights_copy[STRIP_SINGLE];
    for (size_t j = 0; j < m; j += STRIP_SINGLE) {
        const float *v = strip_at_single(squared + j, m - j, 1, squared_copy), *a = strip_at_single(weights + j, m - j, 0, weights_copy);
        float strip[STRIP_SINGLE];
        for (size_t l = 0; l < STRIP_SINGLE; l++) {
            float phi = one(p, v[l]), scale, q = exponential_parts_single(limits, score - phi, &scale);
            float share = a[l] * (scale * q + scale), most = phi < score ? phi : score, within = floor > most ? floor : most;
            shares[l] += share;
            residuals[l] += share * (score - within);
            passed[l] += share * within;
            strip[l] = v[l] > 0 ? share * within / v[l] : 0;
        }
        if (m - j >= STRIP_SINGLE)
            memcpy(w + j, strip, sizeof strip);
        else
            memcpy(w + j, strip, (m - j) * sizeof *w);
    }
    return (struct ocelot_pooled){.shares = strip_sum_single(shares), .passed = strip_sum_single(passed), .residual = strip_sum_single(residuals)};
}

/* The loops of one profile. */
#define SINGLE_PROFILE(name)                                                                                                                         \
    static double name##_softmin_single(struct profile_single p, const float *squared, const float *weights, size_t m, double *least)                \
    {                                                                                                                                                \
        return softmin_by_single(name##_phi_single, p, squared, weights, m, least);                                                                  \
    }                                                                                                                                                \
    static struct ocelot_pooled name##_pool_single(struct profile_single p, const float *squared, const float *weights, size_t m, double o,          \
                                                   double low, float *w)                                                                             \
    {                                                                                                                                                \
        return pool_by_single(name##_phi_single, p, squared, weights, m, o, low, w);                                                                 \
    }

SINGLE_PROFILE(rbf)
SINGLE_PROFILE(laplace)
SINGLE_PROFILE(gaussian)
SINGLE_PROFILE(student)

static const struct single_profile {
    const struct ocelot_profile *profile;
    double (*softmin)(struct profile_single p, const float *squared, const float *weights, size_t m, double *least);
    struct ocelot_pooled (*pool)(struct profile_single p, const float *squared, const float *weights, size_t m, double o, double low, float *w);
} single_profiles[] = {{&ocelot_profile_rbf, rbf_softmin_single, rbf_pool_single},
                       {&ocelot_profile_laplace, laplace_softmin_single, laplace_pool_single},
                       {&ocelot_profile_generalised_gaussian, gaussian_softmin_single, gaussian_pool_single},
                       {&ocelot_profile_student, student_softmin_single, student_pool_single}};

static const struct single_profile *single_form(const struct ocelot_profile *profile)
{
    for (size_t k = 0; k < sizeof single_profiles / sizeof *single_profiles; k++)
        if (single_profiles[k].profile == profile)
            return &single_profiles[k];
    return NULL;
}

static bool takes_single(const struct ocelot_profile *profile)
{
    return single_form(profile);
}

static double softmin_single(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const float *squared, const float *weights,
                             size_t m, double *least)
{
    return single_form(profile)->softmin(profile_single_of(p), squared, weights, m, least);
}

static struct ocelot_pooled pooled_weights_single(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const float *squared,
                                                  const float *weights, size_t m, double o, double low, float *w)
{
    return single_form(profile)->pool(profile_single_of(p), squared, weights, m, o, low, w);
}

static const struct ocelot_kernels_single in_single = {.packed_bytes = packed_bytes_single,
                                                       .pack = pack_single,
                                                       .squared_distance = squared_distance_single,
                                                       .weighted_square = weighted_square_single,
                                                       .product = product_single,
                                                       .distances_of_products = distances_of_products_single,
                                                       .takes = takes_single,
                                                       .softmin = softmin_single,
                                                       .pooled_weights = pooled_weights_single};

#endif
