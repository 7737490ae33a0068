/* A small seeded generator (xoshiro256**, Blackman and Vigna 2018) for samples and splits; an object, never a global. */
#ifndef OCELOT_BASE_RNG_H
#define OCELOT_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct ocelot_rng {
    uint64_t state[4];
};

/* Starts the generator; equal seeds give equal streams on every machine. */
void ocelot_rng_seed(struct ocelot_rng *rng, uint64_t seed);

uint64_t ocelot_rng_next(struct ocelot_rng *rng);

/* Uniform in [0, 1). */
double ocelot_rng_uniform(struct ocelot_rng *rng);

/* Uniform whole number in [0, bound), bound > 0, without modulo bias. */
size_t ocelot_rng_below(struct ocelot_rng *rng, size_t bound);

/* Standard normal. */
double ocelot_rng_normal(struct ocelot_rng *rng);

/* Shuffles `order` (Fisher-Yates) so that every permutation is equally likely. */
void ocelot_rng_shuffle(struct ocelot_rng *rng, size_t *order, size_t count);

#endif
