/* The one-class dual for kernels of a distance, without LIBSVM and without an n x n matrix (docs/design.md, "Training"). */
#ifndef OCELOT_SVM_SOLVER_H
#define OCELOT_SVM_SOLVER_H

#include "base/error.h"
#include "kernels/kernels.h"
#include "svm/pace.h"

/* A problem and its solution. */
struct ocelot_solver {
    const struct ocelot_kernels *kernels;
    const struct ocelot_profile *profile;
    struct ocelot_profile_parameters parameters;
    const double *points; /* [n][d], on the scale of the kernel */
    size_t n, d;
    double total;             /* sum of alpha, nu n: greater than 0 and less than n */
    double tolerance;         /* of the gradient, as LIBSVM's */
    size_t cache_bytes;       /* of kernel rows */
    size_t seed;              /* of the sample that the first guess comes from */
    struct ocelot_pace *pace; /* NULL = nobody watches */
    /* out; the arrays are the caller's */
    double *alpha, *gradient; /* [n] */
    double rho;
    double gap; /* max{g: alpha > 0} - min{g: alpha < 1}, where g of the rows that decide it is computed anew */
    size_t iterations;
};

/* Solves, or OCELOT_E_STOPPED. Needs memory for a few values a row beside the cache. Deterministic in `seed`. */
OCELOT_MUST_USE enum ocelot_status ocelot_solver_run(struct ocelot_solver *solver, struct ocelot_error *err);

#endif
