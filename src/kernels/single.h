/* Part of a fast body (body.h): what the pair of distance and soft-min (ops/pooled_distance.c) passes over the m values of a row, in float, for
 * phi = gamma D. The same formulas as in rows.h; sums are kept in STRIP places of float, each of m / STRIP terms, and joined in double.
 *
 * exp(x) = 2^k (1 + q) as in exponential.h, ln 2 with a head of 16 bits; q = r + r^2 P(r) with P of degree 4, least-squares weights after Lawson:
 * 4e-9 relative to exp(r). Exponents are kept above -64, where the exponential is nothing in a sum of floats and its products are not denormal. */
#ifndef OCELOT_KERNELS_SINGLE_H
#define OCELOT_KERNELS_SINGLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/exponential.h"
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

static double softmin_single(const float *squared, const float *weights, size_t m, double gamma, double *least)
{
    const struct ocelot_exponent_limits_single limits = ocelot_exponent_limits_single;
    const float nearest = least_single(squared, weights, m), factor = (float)gamma;
    float exponentials[STRIP_SINGLE] = {0}, differences[STRIP_SINGLE] = {0}, squared_copy[STRIP_SINGLE], weights_copy[STRIP_SINGLE];
    *least = (double)nearest;
    if (isinf(nearest))
        return (double)INFINITY;
    for (size_t j = 0; j < m; j += STRIP_SINGLE) {
        const float *v = strip_at_single(squared + j, m - j, INFINITY, squared_copy), *w = strip_at_single(weights + j, m - j, 0, weights_copy);
        for (size_t l = 0; l < STRIP_SINGLE; l++) {
            float scale, q = exponential_parts_single(limits, factor * (nearest - v[l]), &scale);
            exponentials[l] += w[l] * (scale * q + scale);
            differences[l] += w[l] * (scale * q + (scale - 1));
        }
    }
    double difference = strip_sum_single(differences), phi = gamma * (double)nearest;
    return difference > -0.5 ? phi - log1p(difference) : phi - log(strip_sum_single(exponentials));
}

static struct ocelot_pooled pooled_weights_single(const float *squared, const float *weights, size_t m, double gamma, double o, float *w)
{
    const struct ocelot_exponent_limits_single limits = ocelot_exponent_limits_single;
    const float factor = (float)gamma, score = (float)o;
    float shares[STRIP_SINGLE] = {0}, passed[STRIP_SINGLE] = {0}, residuals[STRIP_SINGLE] = {0}, squared_copy[STRIP_SINGLE],
          weights_copy[STRIP_SINGLE];
    for (size_t j = 0; j < m; j += STRIP_SINGLE) {
        const float *v = strip_at_single(squared + j, m - j, INFINITY, squared_copy), *a = strip_at_single(weights + j, m - j, 0, weights_copy);
        float strip[STRIP_SINGLE];
        for (size_t l = 0; l < STRIP_SINGLE; l++) {
            float scale, q = exponential_parts_single(limits, score - factor * v[l], &scale);
            float share = a[l] * (scale * q + scale), phi = factor * v[l], within = phi < score ? phi : score;
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
    return (struct ocelot_pooled){strip_sum_single(shares), strip_sum_single(passed), strip_sum_single(residuals)};
}

static const struct ocelot_kernels_single in_single = {.packed_bytes = packed_bytes_single,
                                                       .pack = pack_single,
                                                       .squared_distance = squared_distance_single,
                                                       .weighted_square = weighted_square_single,
                                                       .product = product_single,
                                                       .distances_of_products = distances_of_products_single,
                                                       .softmin = softmin_single,
                                                       .pooled_weights = pooled_weights_single};

#endif
