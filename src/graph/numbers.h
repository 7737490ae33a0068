/* Weights of a layer in the precision that holds them exactly: what a file gave as float is kept as float, so that a float plan uses it where it
 * stands, and a double plan widens it. */
#ifndef OCELOT_GRAPH_NUMBERS_H
#define OCELOT_GRAPH_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* One of the two, or neither where there are none. */
struct ocelot_numbers {
    const double *f64;
    const float *f32;
    size_t count;
};

/* The same, owned: free() both. */
struct ocelot_store {
    double *f64;
    float *f32;
    size_t count;
};

static inline struct ocelot_numbers ocelot_store_numbers(const struct ocelot_store *store)
{
    return (struct ocelot_numbers){store->f64, store->f32, store->count};
}

static inline void ocelot_store_free(struct ocelot_store *store)
{
    free(store->f64);
    free(store->f32);
    *store = (struct ocelot_store){.count = 0};
}

static inline bool ocelot_numbers_any(const struct ocelot_numbers *numbers)
{
    return numbers->f64 || numbers->f32;
}

static inline double ocelot_number(const struct ocelot_numbers *numbers, size_t n)
{
    return numbers->f64 ? numbers->f64[n] : (double)numbers->f32[n];
}

#endif
