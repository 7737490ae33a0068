/* Sequential minimal optimisation of the one-class dual
 *
 *     min 1/2 sum_kl alpha_k alpha_l K_kl    with 0 <= alpha <= 1 and the sum of alpha as it is
 *
 * on a few thousand rows: the pairs that LIBSVM takes (Fan, Chen, Lin 2005: the row of least gradient that may grow, and the partner that
 * promises most to second order) until its rule stops, max{g: alpha > 0} - min{g: alpha < 1} < tolerance, with g = K alpha. Kernel rows are
 * computed in batches, the row that is wanted beside those that violate the rule most, and the least recently used make room. They are held in
 * float, as LIBSVM does, and summed in double: a gradient is off by 6e-8 of what alpha changes by, and solver.h computes anew what decides. */
#ifndef OCELOT_SVM_SMO_H
#define OCELOT_SVM_SMO_H

#include "svm/kernel_rows.h"

struct ocelot_smo {
    const struct ocelot_kernel_rows *rows; /* kept; K(x,x) = 1 */
    double *alpha, *gradient;              /* [n], in and out */
    double tolerance;                      /* greater than 0 */
    size_t cache_bytes;                    /* of kernel rows; a few are held in any case */
    size_t most;                           /* iterations allowed */
    size_t iterations;                     /* added up */
    size_t computed;                       /* kernel rows computed, added up */
};

/* Tells rows->pace; OCELOT_E_STOPPED when that says so. */
OCELOT_MUST_USE enum ocelot_status ocelot_smo_solve(struct ocelot_smo *smo, struct ocelot_error *err);

#endif
