#include "base/rng.h"

#include <math.h>

/* splitmix64 spreads a small seed over the whole state (Steele, Lea, Flood 2014). */
void ocelot_rng_seed(struct ocelot_rng *rng, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        rng->state[i] = z ^ (z >> 31);
    }
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t ocelot_rng_next(struct ocelot_rng *rng)
{
    uint64_t *s = rng->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double ocelot_rng_uniform(struct ocelot_rng *rng)
{
    return (double)(ocelot_rng_next(rng) >> 11) * 0x1p-53;
}

size_t ocelot_rng_below(struct ocelot_rng *rng, size_t bound)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound, draw;
    do
        draw = ocelot_rng_next(rng);
    while (draw >= limit);
    return (size_t)(draw % bound);
}

double ocelot_rng_normal(struct ocelot_rng *rng)
{
    const double two_pi = 6.283185307179586;
    double radius = sqrt(-2 * log1p(-ocelot_rng_uniform(rng)));
    return radius * cos(two_pi * ocelot_rng_uniform(rng));
}

void ocelot_rng_shuffle(struct ocelot_rng *rng, size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = ocelot_rng_below(rng, i), keep = order[i - 1];
        order[i - 1] = order[j];
        order[j] = keep;
    }
}
