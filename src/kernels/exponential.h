/* exp and expm1 as branch-free arithmetic on one double, so that loops over arrays of them become vector code. No table, no libm.
 *
 * x = k ln 2 + r with k the nearest whole number, so |r| <= ln(2)/2, and exp(x) = 2^k (1 + q), q = expm1(r). ln 2 stands as a head of 32 bits,
 * whose product with k is exact, and a tail (Cody and Waite 1980). q = r + r^2/2 + r^3 P(r) with P of degree 8 from Remez' algorithm for
 * the error relative to exp(r): 6e-18. k is rounded, and 2^k put together, in the integer bits of a double. Both functions are within one
 * unit in the last place; since 1 + q is only formed in the end, expm1 keeps its relative accuracy near 0.
 *
 * Below EXPONENT_LEAST, where the result would be denormal, exp is 0; above 709 it stays exp(709). NaN stays NaN, -infinity gives 0. */
#ifndef OCELOT_KERNELS_EXPONENTIAL_H
#define OCELOT_KERNELS_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

#define EXPONENT_LEAST (-708.39)

/* For |x| <= 709: exp(x) = *scale * (1 + q); returns q. */
static inline double exponential_parts(double x, double *scale)
{
    const double shift = 0x1.8p52; /* adding it rounds to a whole number, left in the low bits */
    double shifted = x * 0x1.71547652b82fep0 + shift;
    double k = shifted - shift;
    double r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;

    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(scale, &bits, sizeof bits);

    double p = 0x1.ad200321087e9p-26;
    p = p * r + 0x1.289f997374500p-22;
    p = p * r + 0x1.71df556a3c84ep-19;
    p = p * r + 0x1.a019ab1fad067p-16;
    p = p * r + 0x1.a01a011c05a26p-13;
    p = p * r + 0x1.6c16c17cc71b8p-10;
    p = p * r + 0x1.11111111288ebp-7;
    p = p * r + 0x1.55555555531fcp-5;
    p = p * r + 0x1.5555555555501p-3;
    p = p * r + 0.5;
    return p * r * r + r;
}

/* For every x: exp(x) = *scale * (1 + q); returns q. */
static inline double exponential_split(double x, double *scale)
{
    double within = x < EXPONENT_LEAST ? EXPONENT_LEAST : x;
    double power, q = exponential_parts(within > 709.0 ? 709.0 : within, &power);
    *scale = x < EXPONENT_LEAST ? 0.0 : power;
    return q;
}

/* x kept between two limits, as exponential_parts wants it: for sums in which exp(-700) is nothing. Products of it with weights are not denormal. The
 * limits stand in kernels.c, unknown to the compiler of a body: with constants it takes the exponential of both, and picks a result by comparisons.
 */
struct ocelot_exponent_limits {
    double least, most;
};

struct ocelot_exponent_limits_single {
    float least, most;
};

extern const struct ocelot_exponent_limits ocelot_exponent_limits;               /* -700, 709 */
extern const struct ocelot_exponent_limits_single ocelot_exponent_limits_single; /* -64, 88 */

static inline double exponent_within(struct ocelot_exponent_limits limits, double x)
{
    double within = limits.least > x ? limits.least : x;
    return limits.most < within ? limits.most : within;
}

/* exp(x) */
static inline double exponential(double x)
{
    double scale, q = exponential_split(x, &scale);
    return scale * q + scale;
}

/* expm1(x) */
static inline double exponential_less_one(double x)
{
    double scale, q = exponential_split(x, &scale);
    return scale * q + (scale - 1);
}

#endif
