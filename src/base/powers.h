/* Powers of ten to 128 bits, from which decimal numbers are read (number.c) and printed (number_print.c). */
#ifndef OCELOT_BASE_POWERS_H
#define OCELOT_BASE_POWERS_H

#include <stdint.h>

/* high * 2^64 + low */
struct ocelot_wide {
    uint64_t high, low;
};

/* a * b, in pieces of 32 bits. */
static inline struct ocelot_wide ocelot_wide_product_plain(uint64_t a, uint64_t b)
{
    uint64_t low = (a & 0xffffffff) * (b & 0xffffffff), high = (a >> 32) * (b >> 32);
    uint64_t one = (a >> 32) * (b & 0xffffffff), other = (a & 0xffffffff) * (b >> 32);
    uint64_t middle = (low >> 32) + (one & 0xffffffff) + (other & 0xffffffff);
    return (struct ocelot_wide){high + (one >> 32) + (other >> 32) + (middle >> 32), middle << 32 | (low & 0xffffffff)};
}

/* The same by the one instruction that most processors have for it. */
static inline struct ocelot_wide ocelot_wide_product(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (struct ocelot_wide){(uint64_t)(product >> 64), (uint64_t)product};
#else
    return ocelot_wide_product_plain(a, b);
#endif
}

/* 10^0 to 10^26, shifted left until the highest bit is set: these have no more bits. */
enum { OCELOT_SHORT_POWERS = 27 };
extern const uint64_t ocelot_short_powers[OCELOT_SHORT_POWERS];

enum { OCELOT_POWER_LEAST = -351, OCELOT_POWER_MOST = 350 };

/* The first 128 bits of 10^exponent, cut off, the highest bit set; exponent from OCELOT_POWER_LEAST to OCELOT_POWER_MOST. Exact from 0 to 55. */
struct ocelot_wide ocelot_power_of_ten(int exponent);

#endif
