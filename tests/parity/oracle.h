/* What the parity tests ask LIBSVM and us, and the scale by which the two answers may differ. */
#ifndef OCELOT_TESTS_ORACLE_H
#define OCELOT_TESTS_ORACLE_H

#include <libsvm/svm.h>
#include <stddef.h>

#include "ocelot/explain.h"
#include "ocelot/svm.h"

/* Decision values may differ by this share of oracle_scale. Relative to f - rho alone, LIBSVM's own rounding would be far larger where the terms
 * cancel. */
#define ORACLE_BOUND 1e-12

/* LIBSVM prints nothing from now on, in the whole process. */
void oracle_silence(void);

/* K(a, b) as LIBSVM defines it, in the plainest way, of two of its rows; `a` is the new row where K was precomputed. */
double oracle_kernel_value(const struct svm_parameter *p, const struct svm_node *a, const struct svm_node *b);

/* max(sum_j |a_j k_j|, |rho|) of decision function `pair` between classes i < j; all support vectors where there are no classes. */
double oracle_scale(const struct svm_model *model, const struct svm_node *x, int i, int j, int pair);

/* Our model of a file; fails the test when it cannot be read. */
struct ocelot_model *oracle_read(const char *path, const struct ocelot_svm_read_options *options);

/* Our decisions on rows [n][features], of the pair `target` (NULL = the model's choice), with the vector kernels of that name (NULL = the best). */
void oracle_decide(const struct ocelot_model *model, const char *target, const char *kernels, const double *rows, size_t n,
                   struct ocelot_decision *out);

#endif
