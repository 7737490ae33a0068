/* What is timed: a one-class RBF model of random support vectors that LIBSVM and Ocelot both read from one file, and random rows. */
#ifndef OCELOT_BENCH_SVM_CASE_H
#define OCELOT_BENCH_SVM_CASE_H

#include <libsvm/svm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "ocelot/ocelot.h"

struct svm_case {
    size_t units, features, rows; /* m, d, n */
    double gamma;
    double *u, *alpha; /* [m][d], [m] */
    double *x;         /* [n][d] */
    struct svm_model *libsvm;
    struct svm_node *nodes; /* [n][d + 1]: the rows as LIBSVM wants them */
    struct ocelot_model *model;
};

/* Equal sizes give equal cases. False (with a sentence on stderr) when memory, the temporary file or a reader fails. */
bool svm_case_make(struct svm_case *c, size_t units, size_t features, size_t rows, double gamma);
/* The same far from the origin, and with every row at a distance from some support vector (0: anywhere). */
bool svm_case_make_at(struct svm_case *c, size_t units, size_t features, size_t rows, double gamma, double offset, double distance);
void svm_case_free(struct svm_case *c);

/* The model as LIBSVM's file; 17 digits, so that both readers see the same doubles. rho puts about half of the rows outside. */
bool svm_case_write(const struct svm_case *c, FILE *out);

/* A kernel of a distance (power: of the generalised Gaussian alone). */
struct svm_kernel {
    const char *name;
    double gamma, power;
};
#define SVM_RBF(c) (&(const struct svm_kernel){"rbf", (c)->gamma, 2})

/* The same support vectors and weights under another kernel. NULL (with a sentence on stderr) when that fails; to be freed by the caller. */
struct ocelot_model *svm_case_model(const struct svm_case *c, const struct svm_kernel *kernel);

/* Outlier score and relevance [features] of row b by the formulas of docs/mathematics.md in long double. */
long double svm_case_oracle(const struct svm_case *c, const struct svm_kernel *kernel, size_t b, long double *relevance);

#endif
