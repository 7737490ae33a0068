/* Small random convolutional networks for law tests, made of every op that networks know. */
#ifndef OCELOT_TESTS_CONVOLUTIONAL_H
#define OCELOT_TESTS_CONVOLUTIONAL_H

#include "base/rng.h"
#include "graph/graph.h"

/* Input 2x7x6; asymmetric pads, strides, Channel after a ReLU, MaxPool, groups with dilation, LeakyReLU, Dense of 3. */
struct ocelot_graph *network_convolutional(struct ocelot_rng *rng);

/* Input 3x6x5; a residual joint, a concatenation with a depthwise branch, AveragePool, LRN, Clip, a rearranging with constants, Dense of 2. */
struct ocelot_graph *network_joined(struct ocelot_rng *rng);

/* Input 2x1x23: convolution in one dimension, PowerPool, AveragePool over padding, Normalise, Dense of 2. */
struct ocelot_graph *network_pooled(struct ocelot_rng *rng);

/* Input 3x18x17, channels by sixteens, so that float activations stand in blocks: 3x3 convolutions large and small, 1x1, stride 2, MaxPool,
 * AveragePool, a concatenation, a residual joint, a layer of 20 channels that stays plain, Dense of 3. */
struct ocelot_graph *network_wide(struct ocelot_rng *rng);

#endif
