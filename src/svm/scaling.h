/* Feature scalings fitted to training rows: scaled = (raw - center) * factor. */
#ifndef OCELOT_SVM_SCALING_H
#define OCELOT_SVM_SCALING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ocelot_scaling {
    const char *name; /* standard, robust, minmax, even, none */
    /* Center and spread of one feature from its values, arranged for the quantiles that are wanted (quantile.h), the least first and the greatest
     * last; factor = 1 / spread. NULL = nothing is scaled. */
    void (*fit)(const double *arranged, size_t n, double *center, double *spread);
    bool even; /* no spread is less than the median of all */
};
extern const struct ocelot_scaling ocelot_scalings[]; /* ends with a NULL name */

/* The scaling of that name, or NULL. */
const struct ocelot_scaling *ocelot_scaling_find(const char *name);

/* What is known of each of d features after fitting. The caller frees every array. */
struct ocelot_fit {
    double *center, *factor;     /* [d]; NULL when the scaling is none */
    double *low, *median, *high; /* [d] 5, 50 and 95 % quantiles, raw */
    double *unit;                /* [d] units for comparing deviations between features, raw */
};

/* Fits the rows listed in order [n] of rows [][d]. A feature that does not vary (spread below 1e-12 of its size) gets a floor instead of a
 * division by zero: a tenth of its value; where that is 0, the median spread of the features that vary; else 1. So a constant that moves by
 * tens of percent later counts as one that moves by standard deviations. OCELOT_E_VALUE when values are too large to scale; names [d] (or NULL)
 * are for that message. */
OCELOT_MUST_USE enum ocelot_status ocelot_scaling_fit(const struct ocelot_scaling *scaling, const double *rows, size_t d, const size_t *order,
                                                      size_t n, const char *const *names, struct ocelot_fit *fit, struct ocelot_error *err);

void ocelot_fit_release(struct ocelot_fit *fit);

#endif
