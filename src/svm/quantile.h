/* Quantiles of one feature, without sorting it. */
#ifndef OCELOT_SVM_QUANTILE_H
#define OCELOT_SVM_QUANTILE_H

#include <stddef.h>

/* The most that are arranged at a time. */
enum { OCELOT_QUANTILES = 8 };

/* Quantile q in [0, 1] of n > 0 values sorted ascending, or arranged for q, with linear interpolation (R's type 7). */
double ocelot_quantile(const double *sorted, size_t n, double q);

/* Brings to the places that ocelot_quantile reads, for each of the ascending `q` [count], what would stand there if values [n] were sorted; all
 * others stand between them in some order, which depends on the values alone. n > 0, no NaN, at most OCELOT_QUANTILES. Linear time on the average. */
void ocelot_quantile_arrange(double *values, size_t n, const double *q, size_t count);

#endif
