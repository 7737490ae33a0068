/* Choosing gamma from the scaled training rows. */
#ifndef OCELOT_SVM_GAMMA_H
#define OCELOT_SVM_GAMMA_H

#include <stddef.h>

#include "base/error.h"
#include "svm/kernel.h"

/* gamma from `text`: scale = 1 / (d Var of all entries), auto = 1 / d, median = 1 / median squared distance of pairs, each of g d^2 and to the
 * power q/2 for kernels of g d^q, then times the factor behind it if there is one ("scale*3"); or a number, taken as it is. `scaled` [n][d];
 * pairs for the median are drawn with `seed` when there are many. OCELOT_E_ARGUMENT for any other text. */
OCELOT_MUST_USE enum ocelot_status ocelot_gamma_choose(const char *text, const struct ocelot_machine_kernel *kernel, double power,
                                                       const double *scaled, size_t n, size_t d, size_t seed, double *gamma,
                                                       struct ocelot_error *err);

#endif
