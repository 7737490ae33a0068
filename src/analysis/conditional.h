/* What the other features lead one to expect of a player: the conditional of a normal distribution fitted to the background rows. */
#ifndef OCELOT_ANALYSIS_CONDITIONAL_H
#define OCELOT_ANALYSIS_CONDITIONAL_H

#include <gsl/gsl_rng.h>

#include "ocelot/explainer.h"

/* With u = (x - mean) / scale and P the inverse of the regularised correlations, the features S of a player given all others are normal with
 *   mean u_S - P_SS^-1 (P u)_S   and covariance P_SS^-1.
 * The correlations are shrunk to the identity as far as their own variance demands (Schaefer and Strimmer 2005), at least by 1e-4. A feature
 * that is constant has scale 0: it tells nothing of others and is always expected at its mean. What a row is conditioned on is first moved into the
 * range [low, high] of the background rows: a value far beyond tells no more of the others than the farthest that was seen with them. */
struct ocelot_conditional {
    size_t features;
    double shrinkage;
    double *mean, *scale; /* [features] */
    double *low, *high;   /* [features], raw */
    double *regression;   /* [features][features]: row i of P_SS^-1 P, S the player of i */
    double *noise;        /* [samples][features], raw units: draws around the conditional mean, the same for every row */
};

/* Learns it from the plan's background rows and draws `samples` times from rng. On failure *out is NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_conditional_learn(const struct ocelot_plan *plan, size_t samples, gsl_rng *rng,
                                                            struct ocelot_conditional **out, struct ocelot_error *err);
void ocelot_conditional_free(struct ocelot_conditional *conditional);

/* The conditional mean of every feature given the features that are not of its player, raw, into out [features]; unit [features] is scratch. */
void ocelot_conditional_mean(const struct ocelot_conditional *conditional, const double *row, double *unit, double *out);

#endif
