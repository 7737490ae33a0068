/* What the explainers of this room ask of background rows: that they are there, their moments, the outputs of the model on them. */
#ifndef OCELOT_ANALYSIS_BACKGROUND_H
#define OCELOT_ANALYSIS_BACKGROUND_H

#include "ocelot/explainer.h"

/* OCELOT_E_UNSUPPORTED with a sentence that names the method, unless the plan has at least `least` background rows. */
OCELOT_MUST_USE enum ocelot_status ocelot_background_require(const struct ocelot_plan *plan, const char *method, size_t least,
                                                             struct ocelot_error *err);

/* Weighted mean and standard deviation (of the population that the weights are) of every feature over the background rows, [features] each.
 * Of a constant feature the mean is its value, the deviation 0. `deviation` may be NULL. */
void ocelot_background_moments(const struct ocelot_plan *plan, double *mean, double *deviation);

/* Standard deviation around `mean` of n numbers `stride` apart under weights that sum to 1. */
double ocelot_background_deviation(const double *values, size_t stride, const double *weights, size_t n, double mean);

/* All outputs of the model on the background rows, [rows][outputs], which the caller frees with free(); rows that cannot be scored are NaN. */
OCELOT_MUST_USE enum ocelot_status ocelot_background_outputs(const struct ocelot_plan *plan, double **out, struct ocelot_error *err);

/* An urn of the background rows by their weights: their running sums, which the caller frees with free(), or NULL without memory (GSL's own
 * gsl_ran_discrete_preproc does not look whether it got any). */
double *ocelot_background_urn(const struct ocelot_plan *plan);

/* The row [0, count) that a uniform number in [0, 1) draws from an urn. */
size_t ocelot_background_draw(const double *urn, size_t count, double uniform);

/* Features, and outputs, of the plan's model. */
size_t ocelot_background_features(const struct ocelot_plan *plan);
size_t ocelot_background_targets(const struct ocelot_plan *plan);

#endif
