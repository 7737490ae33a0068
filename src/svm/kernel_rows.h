/* Kernel values between training rows, by the tiles of src/kernels, in blocks small enough for the second-level cache; no n x n matrix.
 *
 * Distances are |x|^2 + |u|^2 - 2 x.u where that is good enough, since a product costs half of a sum of squared differences: it is off by a few
 * epsilon (|x|^2 + |u|^2), and K, whose slope in D is at most gamma for the Gaussian and Student's kernel, by a few epsilon gamma times that. Up
 * to gamma |x|^2 = OCELOT_KERNEL_ROWS_REACH these are about 1e-13, less than a solver can see. All else is summed by direct differences.
 *
 * Where that is accurate enough, x.u is summed in float, twice as fast, with x and u counted from the middle of the points; norms, and all that
 * follows, are double also then. Rounding of d terms moves K by about epsilon gamma |x||u| sqrt(d) of itself, and each pair's on its own account. */
#ifndef OCELOT_SVM_KERNEL_ROWS_H
#define OCELOT_SVM_KERNEL_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kernels/kernels.h"
#include "svm/pace.h"

/* Rows that share one pass over the packed columns. */
enum { OCELOT_KERNEL_ROWS_BATCH = 256 };

#define OCELOT_KERNEL_ROWS_REACH 100.0

struct ocelot_kernel_rows {
    const struct ocelot_kernels *kernels;
    const struct ocelot_profile *profile;
    struct ocelot_profile_parameters parameters;
    const double *points; /* [n][d] on the scale of the kernel, the caller's */
    size_t n, d;
    const double *queries;    /* [any][d]: the rows that `index` counts; the points themselves as a rule */
    bool direct;              /* always by direct differences; else found out in the start */
    bool single;              /* products in float: only where a start without has found that they need not be direct */
    struct ocelot_pace *pace; /* told by ocelot_kernel_rows_add; NULL = nobody watches */
    /* scratch, owned */
    double *block;  /* what the pointers below are aligned in */
    double *packed; /* one packed piece, or all of them */
    double *tile;   /* [tile rows][piece] */
    void *x;        /* [gathered][d] in float or double */
    float *rounded; /* [piece][d], and behind them products [tile rows][piece]; of floats only */
    double *center; /* [d] what points are counted from: 0 but in float */
    double *norms;  /* [n] |x|^2 of the points, and [gathered] of those rows behind them */
    size_t stride;  /* doubles of a packed piece */
    size_t gathered;
    bool kept;
};

/* The members down to `pace` are set. With `keep` all points are packed once, in 2 n d doubles, as ocelot_kernel_rows_fetch needs; else piece by
 * piece whenever they are used. To be released also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_kernel_rows_start(struct ocelot_kernel_rows *rows, bool keep, struct ocelot_error *err);

/* How much products in float would move K, relative to it, where they are worth it, or infinity. For rows that were started without them. */
double ocelot_kernel_rows_single_error(const struct ocelot_kernel_rows *rows);

void ocelot_kernel_rows_release(struct ocelot_kernel_rows *rows);

/* out[b][j] = K(q_index[b], x_j), rounded to float, for all j, for at most OCELOT_KERNEL_ROWS_BATCH rows. */
void ocelot_kernel_rows_fetch(const struct ocelot_kernel_rows *rows, const size_t *index, size_t count, float *const *out);

/* sum[j] += sum_b weights[b] K(q_index[b], x_j) for all j < n, in the order of b, for any count. False when it was told to end and left
 * sums unfinished. */
bool ocelot_kernel_rows_add(const struct ocelot_kernel_rows *rows, const size_t *index, const double *weights, size_t count, double *sum);

#endif
