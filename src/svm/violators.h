/* The stopping rule of solver.h, and the rows that are farthest from it. */
#ifndef OCELOT_SVM_VIOLATORS_H
#define OCELOT_SVM_VIOLATORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rng.h"
#include "svm/select.h"

/* max{g: alpha > 0} - min{g: alpha < 1} */
double ocelot_gap(const double *alpha, const double *gradient, size_t n);

/* g of the rows on the border; where there is none, the middle of what separates alpha = 1 from alpha = 0. As LIBSVM. */
double ocelot_border(const double *alpha, const double *gradient, size_t n);

/* All of it the caller's. */
struct ocelot_violators {
    const double *alpha, *gradient; /* [n] */
    size_t n;
    size_t *index; /* [n] out: the rows chosen */
    /* scratch */
    struct ocelot_ranked *ranked; /* [n] */
    bool *taken;                  /* [n] */
    struct ocelot_rng *rng;
};

/* At most `most` rows into v->index, each once; returns how many. Half of them may grow, half may shrink. Of each half, `drawn` (at most most / 2)
 * are drawn from all that violate the stopping rule, the others violate it most or come nearest to it. Those that violate it most lie close to each
 * other, and solve the problem of one place only. */
size_t ocelot_violators_choose(const struct ocelot_violators *v, size_t most, size_t drawn);

#endif
