/* Minimising over the box [0, 1]^n: spectral projected gradients (Birgin, Martinez, Raydan 2000), whose steps are those of Barzilai and Borwein and
 * which accept what is no worse than the worst of the last ten values. Bounds are met exactly, unlike by a sigmoid; GSL's minimisers know none. */
#ifndef OCELOT_ANALYSIS_DESCENT_H
#define OCELOT_ANALYSIS_DESCENT_H

#include <stddef.h>

struct ocelot_descent {
    size_t n;
    size_t evaluations;                                                 /* at most so many calls of `value` */
    double tolerance;                                                   /* done when no step of length 1 moves any coordinate so far */
    double (*value)(void *context, const double *at, double *gradient); /* and its gradient; NaN or infinity where there is none */
    void *context;
    double *scratch; /* [ocelot_descent_scratch(n)] */
};

size_t ocelot_descent_scratch(size_t n);

/* From the start in at [n], which is in the box, to the best point seen, left there; returns its value. Infinity where none was finite. */
double ocelot_descent_run(const struct ocelot_descent *descent, double *at);

#endif
