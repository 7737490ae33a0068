/* Weighted least squares on designs that many rows share: y_k ~ c + sum_i z_ki beta_i with weights w_k. What depends on the design alone is solved
 * once; then the coefficients of any y are one product. Points at or behind `paired` were drawn, in pairs (2k, 2k + 1), and give the errors. */
#ifndef OCELOT_ANALYSIS_REGRESSION_H
#define OCELOT_ANALYSIS_REGRESSION_H

#include <stdbool.h>
#include <stddef.h>

struct ocelot_regression {
    size_t points, unknowns;       /* at hand; the caller's */
    bool intercept;                /* as solved */
    size_t paired;                 /* the first drawn point, the caller's; = points where none is */
    size_t rooms, most;            /* points and unknowns there is memory for */
    double *z, *weight;            /* [points][unknowns], [points], the caller's to fill */
    double *solver;                /* [unknowns][unknowns]: beta = solver sum_k w_k (z_k - centre) (y_k - offset) + slope * total */
    double *slope;                 /* [unknowns]: with the constraint sum beta = total; 0 without it */
    double *centre;                /* [unknowns]: weighted mean of z where there is an intercept, else 0 */
    double *beta, *error;          /* [unknowns], of the last y */
    double *right, *mean, *square; /* [unknowns], scratch */
    double *residual;              /* [points], scratch */
};

/* Memory for at most so many. False where there is none left; ocelot_regression_close accepts what is there. */
bool ocelot_regression_open(struct ocelot_regression *r, size_t points, size_t unknowns);
void ocelot_regression_close(struct ocelot_regression *r);

/* Solves the design in z and weight. With `intercept`: minimises sum_k w_k (y_k - c - z_k.beta)^2 + ridge |beta|^2; without:
 * sum_k w_k (y_k - z_k.beta)^2 under sum beta = total. An unknown that no point varies gets 0. Where the system has no unique solution every beta
 * will be NaN. */
void ocelot_regression_solve(struct ocelot_regression *r, bool intercept, double ridge);

/* beta and error for y [points]. Errors are those of the weighted sum over the drawn pairs, whose spread it shows, propagated to beta (sandwich),
 * times n / (n - unknowns) for n drawn points where that is positive. Returns the intercept at z = 0 (0 without one). */
double ocelot_regression_fit(struct ocelot_regression *r, const double *y, double total);

#endif
