/* Training as the solvers see it: rows on the scale of the kernel, and what becomes of their coefficients. */
#ifndef OCELOT_SVM_PROBLEM_H
#define OCELOT_SVM_PROBLEM_H

#include "svm/machine.h"
#include "svm/pace.h"

/* A one-class problem on scaled rows [n][d]. */
struct ocelot_problem {
    const double *scaled;
    size_t n, d;
    const struct ocelot_machine_kernel *kernel;
    struct ocelot_kernel_parameters parameters;
    const struct ocelot_train_options *options; /* nu, tolerance, cache_mb, memory_mb, no_shrinking, seed, first_index */
    struct ocelot_pace *pace;                   /* NULL = nobody watches */
};

/* One way to solve it. */
struct ocelot_trainer {
    const char *name;
    bool distances_only; /* kernels of a distance only */
    /* OCELOT_E_LIMIT when options->memory_mb does not hold the problem; the sentence names --sample. Needs only n, d, kernel and options, so
     * it can be asked before anything of that size is allocated. */
    enum ocelot_status (*fits)(const struct ocelot_problem *problem, struct ocelot_error *err);
    /* Trains and builds the machine, with what the card tells of it. The machine is to be freed by the caller also on failure. */
    enum ocelot_status (*train)(const struct ocelot_problem *problem, struct ocelot_machine *machine, struct ocelot_error *err);
};
extern const struct ocelot_trainer ocelot_trainer_own, ocelot_trainer_libsvm;

/* The one of that name, NULL = the first that suits the kernel. OCELOT_E_ARGUMENT or OCELOT_E_UNSUPPORTED. */
OCELOT_MUST_USE enum ocelot_status ocelot_trainer_choose(const char *name, const struct ocelot_machine_kernel *kernel,
                                                         const struct ocelot_trainer **trainer, struct ocelot_error *err);

/* Fails with OCELOT_E_LIMIT when n rows of `row` bytes, n^2 pairs of `pair` bytes and the cache, of at most n^2 values of `value` bytes, exceed
 * options->memory_mb. */
OCELOT_MUST_USE enum ocelot_status ocelot_problem_limit(const struct ocelot_problem *problem, double row, double pair, double value,
                                                        struct ocelot_error *err);

/* The machine of coefficients alpha [n]: the rows whose own is not 0. */
OCELOT_MUST_USE enum ocelot_status ocelot_problem_machine(const struct ocelot_problem *problem, const double *alpha, double rho,
                                                          struct ocelot_machine *machine, struct ocelot_error *err);

#endif
