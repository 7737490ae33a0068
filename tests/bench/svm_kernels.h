/* What ocelot-bench-svm prints of the other kernels of a distance, which LIBSVM knows only as precomputed: both precisions beside each other. */
#ifndef OCELOT_BENCH_SVM_KERNELS_H
#define OCELOT_BENCH_SVM_KERNELS_H

#include "svm_case.h"

/* The case's support vectors, weights and rows under every kernel of a distance, scored and explained, taking turns: prints a table, and writes
 * ,"kernels":[...] to `json` unless NULL. False when something fails, or a promise is broken: 1e-9 in float64, 1e-5 in float32. */
bool svm_kernels(const struct svm_case *c, size_t turns, FILE *json);

#endif
