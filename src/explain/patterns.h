/* Patterns of a network's layers of weights, estimated from rows of data (Kindermans 2017): what the input of a neuron looks like where the neuron
 * sees its signal, as against the weights, which also cancel what is no signal. With E and cov over the rows (and positions of a convolution),
 *   linear:    a = cov(x, y) / w.cov(x, y)
 *   rectified: the same over the cases with y > 0 alone (the two-component estimator), for layers that a rectifier follows
 * so that w.a = 1. A neuron that never varies, or never fires, has the pattern 0. */
#ifndef OCELOT_EXPLAIN_PATTERNS_H
#define OCELOT_EXPLAIN_PATTERNS_H

#include "run/plan.h"

/* What the gradient walk takes in place of the weights: workspace.f64.instead and workspace.f32.instead. */
struct ocelot_patterns {
    const struct ocelot_model *model;
    struct ocelot_arena arena;
    struct ocelot_node_weights_f64 *f64; /* [nodes], weights NULL where the node keeps its own */
    struct ocelot_node_weights_f32 *f32;
};

/* Estimates the patterns a, or where `attribution` w a, from the plan's background. Holds a copy of the weights, and three more in double while it
 * learns. The caller owns *out, also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_patterns_learn(const struct ocelot_plan *plan, bool attribution, struct ocelot_patterns **out,
                                                         struct ocelot_error *err);
void ocelot_patterns_free(struct ocelot_patterns *patterns);

#endif
