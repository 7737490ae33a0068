/* Small random networks and models in memory for law tests. */
#ifndef OCELOT_TESTS_NETWORK_H
#define OCELOT_TESTS_NETWORK_H

#include "base/rng.h"
#include "graph/model.h"
#include "run/plan.h"

/* A model around a graph (owned): features f1.., one output per activation of the last node, output[target] is explained. */
struct ocelot_model *network_model(struct ocelot_graph *graph);

/* n values from a normal distribution times `spread`. */
void network_fill(struct ocelot_rng *rng, double *values, size_t n, double spread);

/* Dense ReLU network: sizes [layers + 1], ReLU between and not after the last; biases of random sign. */
struct ocelot_graph *network_relu(struct ocelot_rng *rng, const size_t *sizes, size_t layers);

/* Two branches of a ReLU network joined by Add, then Dense: sizes input, width, outputs. */
struct ocelot_graph *network_residual(struct ocelot_rng *rng, size_t input, size_t width, size_t outputs);

/* Scale -> Distance -> SoftMin with m random support vectors around the origin. */
struct ocelot_graph *network_kernel(struct ocelot_rng *rng, const struct ocelot_profile *profile, struct ocelot_profile_parameters parameters,
                                    size_t d, size_t m);

/* A kernel machine on features of a network: Dense -> ReLU -> Dense -> ReLU -> Present -> Distance -> SoftMin, m support vectors, half of their
 * values 0. */
struct ocelot_graph *network_stacked(struct ocelot_rng *rng, size_t d, size_t width, size_t m);

/* m support vectors of patch x patch pixels that slide over a side x side image: Arrange -> Distance -> SoftMin at every position -> sum. */
struct ocelot_graph *network_patches(struct ocelot_rng *rng, size_t side, size_t patch, size_t stride, size_t m);

#endif
