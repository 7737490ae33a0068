/* LIBSVM as a guest: it trains, on sizes that were checked before, and never sees a user's file. */
#ifndef OCELOT_SVM_LIBSVM_H
#define OCELOT_SVM_LIBSVM_H

#include "svm/machine.h"

/* A one-class problem on scaled rows [n][d]. */
struct ocelot_libsvm_problem {
    const double *scaled;
    size_t n, d;
    const struct ocelot_machine_kernel *kernel;
    struct ocelot_kernel_parameters parameters;
    const struct ocelot_train_options *options; /* nu, tolerance, cache_mb, memory_mb, no_shrinking */
};

/* OCELOT_E_LIMIT when LIBSVM's int counters or options->memory_mb do not hold the problem; the sentence names --sample. Needs only n, d, kernel
 * and options, so it can be asked before anything of that size is allocated. */
OCELOT_MUST_USE enum ocelot_status ocelot_libsvm_fits(const struct ocelot_libsvm_problem *problem, struct ocelot_error *err);

/* Trains and builds the machine from LIBSVM's memory at full precision: type, kernel, parameters, coefficients, support vectors, rho; first
 * is 1. Kernels that LIBSVM does not know are trained through its precomputed kernel. LIBSVM's print hook, which is one for the whole process,
 * is silenced and stays so. The machine is to be freed by the caller also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_libsvm_train(const struct ocelot_libsvm_problem *problem, struct ocelot_machine *machine,
                                                       struct ocelot_error *err);

#endif
