/* Which rows train and which are held out. */
#ifndef OCELOT_SVM_SPLIT_H
#define OCELOT_SVM_SPLIT_H

#include <stddef.h>

#include "base/error.h"

/* Row numbers, each list ascending. */
struct ocelot_split {
    size_t *train, *held; /* one block; free(train) */
    size_t train_count, held_count;
};

/* Holds floor(holdout n) random rows out, and keeps at most `sample` (0 = all) random ones of the rest for training. Deterministic in `seed`. */
OCELOT_MUST_USE enum ocelot_status ocelot_split_rows(size_t n, double holdout, size_t sample, size_t seed, struct ocelot_split *split,
                                                     struct ocelot_error *err);

#endif
