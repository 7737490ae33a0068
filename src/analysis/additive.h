/* A generalised additive model f(x) ~ intercept_k + sum_i g_ki(x_i) of every output k, g_ki cubic B-splines, linear beyond their knots. */
#ifndef OCELOT_ANALYSIS_ADDITIVE_H
#define OCELOT_ANALYSIS_ADDITIVE_H

#include <gsl/gsl_bspline.h>

#include "ocelot/explainer.h"

struct ocelot_additive_settings {
    size_t pieces, samples, seed;
    double widen, smoothing;
};

struct ocelot_additive {
    size_t features, outputs, terms; /* `terms` coefficients of each g_ki: pieces + 3 */
    double *low, *width;             /* [features]: where the knots are; width 0 = the feature has no term */
    double *coefficients;            /* [outputs][features][terms] */
    double *center;                  /* [outputs][features]: mean of the spline over the background rows */
    double *intercept;               /* [outputs]: the rest, mean of the fit over the background rows */
};

/* Fits it by penalised least squares: minimise sum_n (f(x_n) - fit(x_n))^2 + smoothing (N / terms) sum_i |D^2 c_i|^2 over N points, D^2 the second
 * divided differences of a spline's coefficients, so that straight lines cost nothing. The points are background rows drawn by their weights, in
 * which every feature by itself, with probability min(1/2, 2/features), is replaced by a uniform draw from its range: what normal rows span (1 to 99
 * %), widened at either end by `widen` times itself. So the fit covers rows of which a few features are out of place, as those of anomalies. On
 * failure *out is NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_additive_fit(const struct ocelot_plan *plan, const struct ocelot_additive_settings *settings,
                                                       struct ocelot_additive **out, struct ocelot_error *err);
void ocelot_additive_free(struct ocelot_additive *additive);

/* Cubic B-splines over `pieces` equal pieces of [0, 1]; NULL when out of memory. */
gsl_bspline_workspace *ocelot_additive_basis(size_t pieces);

/* The four basis functions that are not 0 at t, in value; returns which one is the first. Beyond [0, 1] linear. */
size_t ocelot_additive_splines(gsl_bspline_workspace *basis, double t, double value[4]);

/* g_ki(x), centred. */
double ocelot_additive_term(const struct ocelot_additive *additive, gsl_bspline_workspace *basis, size_t k, size_t i, double x);

#endif
