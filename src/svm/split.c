#include "svm/split.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/size.h"

/* Puts both lists into the order of the rows. False when out of memory. */
static bool sort(const struct ocelot_split *split, size_t n)
{
    enum { LEFT_OUT, TRAIN, HELD };
    unsigned char *kind = ocelot_allocate(n, 1);
    size_t trained = 0, held = 0;
    for (size_t k = 0; kind && k < split->train_count; k++)
        kind[split->train[k]] = TRAIN;
    for (size_t k = 0; kind && k < split->held_count; k++)
        kind[split->held[k]] = HELD;
    for (size_t i = 0; kind && i < n; i++)
        if (kind[i] == TRAIN)
            split->train[trained++] = i;
        else if (kind[i] == HELD)
            split->held[held++] = i;
    free(kind);
    return kind != NULL;
}

enum ocelot_status ocelot_split_rows(size_t n, double holdout, size_t sample, size_t seed, struct ocelot_split *split, struct ocelot_error *err)
{
    struct ocelot_rng rng;
    size_t *order = ocelot_allocate(n, sizeof *order);
    if (!order)
        return ocelot_fail_memory(err, "the sample of rows");
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    ocelot_rng_seed(&rng, seed);
    ocelot_rng_shuffle(&rng, order, n);
    split->held_count = (size_t)floor(holdout * (double)n);
    split->train_count = n - split->held_count;
    /* the held-out rows stand last, so that the sample is drawn from the same rest whatever its size */
    split->train = order;
    split->held = order + split->train_count;
    if (sample > 0 && sample < split->train_count)
        split->train_count = sample;
    if (sort(split, n))
        return OCELOT_OK;
    free(order);
    *split = (struct ocelot_split){0};
    return ocelot_fail_memory(err, "the sample of rows");
}
