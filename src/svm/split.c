#include "svm/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/size.h"

static int ascending(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
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
    qsort(split->train, split->train_count, sizeof *order, ascending);
    qsort(split->held, split->held_count, sizeof *order, ascending);
    return OCELOT_OK;
}
