/* log1p of y >= 0 as branch-free arithmetic on one number, so that loops over arrays of it become vector code. No table, no libm.
 *
 * u = 1 + y is rounded; what the rounding lost, c, is found by subtracting the smaller of 1 and y again and is exact (Dekker 1971).
 * u = 2^k m with m in [sqrt(1/2), sqrt(2)), so 1 + y = 2^k (1 + f), f = (m - 1) + c 2^-k, and log1p(y) = k ln 2 + log(1 + f). As in FDLIBM
 * (Sun Microsystems 1993; its coefficients), with s = f / (2 + f): log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)). Near 0, k is 0 and f is y
 * itself, so relative accuracy is kept: within two units in the last place everywhere. Infinity and NaN stay what they are.
 *
 * The same in float, with R of FDLIBM's logf, for finite y. */
#ifndef OCELOT_KERNELS_LOGARITHM_H
#define OCELOT_KERNELS_LOGARITHM_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline double bits_to_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* log(1 + y) for y >= 0 */
static inline double logarithm_of_one_plus(double y)
{
    const uint64_t root = 0x3fe6a09e00000000; /* a little below sqrt(1/2) */
    double u = 1 + y;
    double c = y < 1 ? y - (u - 1) : 1 - (u - y);

    uint64_t bits;
    memcpy(&bits, &u, sizeof bits);
    uint64_t exponent = (bits - root) >> 52;
    double m = bits_to_double(bits - (exponent << 52));
    double k = bits_to_double(exponent | 0x4330000000000000) - 0x1p52;
    double unit = y < 0x1p60 ? bits_to_double((1023 - exponent) << 52) : 0; /* 2^-k; beyond, c is nothing */
    double f = (m - 1) + c * unit;

    double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    double r = 1.479819860511658591e-01;
    r = r * z + 1.531383769920937332e-01;
    r = r * z + 1.818357216161805012e-01;
    r = r * z + 2.222219843214978396e-01;
    r = r * z + 2.857142874366239149e-01;
    r = r * z + 3.999999999940941908e-01;
    r = r * z + 6.666666666666735130e-01;
    double log = k * 0x1.62e42feep-1 - ((half - (s * (half + r * z) + k * 0x1.a39ef35793c76p-33)) - f);
    return y < (double)INFINITY ? log : y;
}

static inline float bits_to_single(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* u = 2^k m as above for a normal u > 0; returns m, and 2^-k for k < 127 where `unit` is not NULL. */
static inline float logarithm_parts_single(float u, float *k, float *unit)
{
    const uint32_t root = 0x3f3504f3, raise = 128; /* that no exponent is below 0 */
    uint32_t bits;
    memcpy(&bits, &u, sizeof bits);
    uint32_t raised = (bits - root + (raise << 23)) >> 23;
    *k = (float)(int32_t)raised - (float)raise;
    if (unit)
        *unit = bits_to_single((127 + raise - raised) << 23);
    return bits_to_single(bits - (raised << 23) + (raise << 23));
}

/* k ln 2 + log(1 + f) for f between sqrt(1/2) - 1 and sqrt(2) - 1 */
static inline float logarithm_single(float f, float k)
{
    float s = f / (2 + f), z = s * s, half = 0.5F * f * f;
    float r = 0xf89e26p-26F;
    r = r * z + 0x91e9eep-25F;
    r = r * z + 0xccce13p-25F;
    r = r * z + 0xaaaaaap-24F;
    return k * 0x1.62e3p-1F - ((half - (s * (half + r * z) + k * 0x1.2fefa2p-17F)) - f);
}

/* log(1 + y) for finite y >= 0 */
static inline float logarithm_of_one_plus_single(float y)
{
    float u = 1 + y, k, unit, m = logarithm_parts_single(u, &k, &unit);
    float c = y < 1 ? y - (u - 1) : 1 - (u - y);
    return logarithm_single((m - 1) + c * unit, k);
}

#endif
