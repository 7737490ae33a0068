/* The closed list of ops, their parameters, and how to append them. Parameter structs hold no input sizes: shapes do. */
#ifndef OCELOT_OPS_OPS_H
#define OCELOT_OPS_OPS_H

#include <stdint.h>

#include "graph/graph.h"

/* Input: the raw row. Source; shape given. */
extern const struct ocelot_op ocelot_op_input;
/* Scale: out_i = (in_i - center_i) * factor_i, element-wise. */
extern const struct ocelot_op ocelot_op_scale;
/* Present: the features that a kernel machine takes from a network, unchanged. Relevance of features that are 0 stays here, as absent. */
extern const struct ocelot_op ocelot_op_present;
/* Distance: out_j = phi(||in - u_j||), u [m][d]. At several positions, in [positions][d] gives out [positions][m]. */
extern const struct ocelot_op ocelot_op_distance;
/* SoftMin: out_g = -log(sum_j W_gj exp(-in_j) + constant_g), W [groups][m], each row with its constant summing to 1. in
 * [positions][m] gives out [positions][groups]. */
extern const struct ocelot_op ocelot_op_softmin;
/* Dense: out = W in + b, W [outputs][inputs]. Affine. */
extern const struct ocelot_op ocelot_op_dense;
/* Power: out_i = in_i ^ degree, a whole number >= 0 by repeated squaring (as LIBSVM's powi). */
extern const struct ocelot_op ocelot_op_power;
/* Tanh, ReLU: element-wise. */
extern const struct ocelot_op ocelot_op_tanh;
extern const struct ocelot_op ocelot_op_relu;
/* Exp: out_i = exp(-in_i), element-wise (RBF regressors). */
extern const struct ocelot_op ocelot_op_exp_negative;
/* Add: the sum of its inputs, all of one shape. Affine in each. */
extern const struct ocelot_op ocelot_op_add;

/* Channel: out = in * weights[c] + bias[c], c the first dimension: batch normalisation that could not be folded, constants by channel. Affine. */
extern const struct ocelot_op ocelot_op_channel;
/* Conv: cross-correlation in one or two dimensions (one: height 1), groups, strides, dilations, asymmetric zero padding. Affine. */
extern const struct ocelot_op ocelot_op_conv;
/* MaxPool: winner takes all. AveragePool: affine, weights implied. PowerPool: (sum |in|^p)^(1/p), relevance as sum pooling times a ratio. */
extern const struct ocelot_op ocelot_op_max_pool;
extern const struct ocelot_op ocelot_op_average_pool;
extern const struct ocelot_op ocelot_op_power_pool;
/* LeakyReLU: in where positive, slope in elsewhere. Clip: to [low, high]. Element-wise. */
extern const struct ocelot_op ocelot_op_leaky_relu;
extern const struct ocelot_op ocelot_op_clip;
/* LRN: local response normalisation over channels; relevance passes as through the identity. */
extern const struct ocelot_op ocelot_op_lrn;
/* Arrange: out[n] = in_k[i], or a constant: reshape, transpose, concatenate, slice, pad, in one op. */
extern const struct ocelot_op ocelot_op_arrange;
/* SoftMax, LogSoftMax along the last dimension; explained before them, so without relevance. */
extern const struct ocelot_op ocelot_op_softmax;
extern const struct ocelot_op ocelot_op_log_softmax;
/* Normalise: in / norm(in) with the 1-, 2- or maximum norm of the row (ONNX-ML Normalizer). Relevance passes. */
extern const struct ocelot_op ocelot_op_normalise;

/* All ops, NULL-terminated. */
extern const struct ocelot_op *const ocelot_ops[];

/* Distance with the SoftMin that pools it (graph/pair.h). */
extern const struct ocelot_pair ocelot_pair_pooled_distance;

/* Appending, one function an op. Arrays are copied. *index as ocelot_graph_append. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_input(struct ocelot_graph *graph, const struct ocelot_shape *shape, size_t *index,
                                                       struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_scale(struct ocelot_graph *graph, size_t input, const double *center, const double *factor,
                                                       size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_distance(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                                          struct ocelot_profile_parameters parameters, const double *points, size_t count,
                                                          size_t *index, struct ocelot_error *err);
/* The same at `positions` >= 1 parts of the input, one after another. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_distances(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                                           struct ocelot_profile_parameters parameters, const double *points, size_t count,
                                                           size_t positions, size_t *index, struct ocelot_error *err);
/* The same with points that are not copied: they must outlive the graph, as the support vectors of a machine do. So must `entries` of them, or be
 * empty from when the graph is made on. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_referenced_distances(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                                                      struct ocelot_profile_parameters parameters, const double *points,
                                                                      const struct ocelot_entries *entries, size_t count, size_t positions,
                                                                      size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_softmin(struct ocelot_graph *graph, size_t input, const double *weights, const double *constants,
                                                         size_t groups, size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_dense(struct ocelot_graph *graph, size_t input, const double *weights, const double *bias,
                                                       size_t outputs, size_t *index, struct ocelot_error *err);
/* The same with weights that are taken over, in every case, also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_dense_stored(struct ocelot_graph *graph, size_t input, struct ocelot_store *weights,
                                                              const double *bias, size_t outputs, size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_power(struct ocelot_graph *graph, size_t input, size_t degree, size_t *index,
                                                       struct ocelot_error *err);
/* tanh, relu, exp_negative, present: ops without parameters. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_plain(struct ocelot_graph *graph, const struct ocelot_op *op, const size_t *inputs,
                                                       size_t input_count, size_t *index, struct ocelot_error *err);

/* A window sliding over the last two dimensions of [C][H][W]. */
struct ocelot_window {
    size_t kernel[2], stride[2], dilation[2];
    size_t pad_begin[2], pad_end[2]; /* zeros (minus infinity for max pooling) before and after each dimension */
};

/* weights [outputs][inputs / groups][kernel[0]][kernel[1]], bias [outputs] or NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_conv(struct ocelot_graph *graph, size_t input, const double *weights, const double *bias,
                                                      size_t outputs, size_t groups, const struct ocelot_window *window, size_t *index,
                                                      struct ocelot_error *err);
/* The same with weights that are taken over, in every case, also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_conv_stored(struct ocelot_graph *graph, size_t input, struct ocelot_store *weights,
                                                             const double *bias, size_t outputs, size_t groups, const struct ocelot_window *window,
                                                             size_t *index, struct ocelot_error *err);
/* weights, bias [C]; bias may be NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_channel(struct ocelot_graph *graph, size_t input, const double *weights, const double *bias,
                                                         size_t *index, struct ocelot_error *err);
/* Pools: `op` is one of the three; `outputs` is the size of the result (H, W), which ONNX's ceil_mode may make larger than floor does; `power` of
 * PowerPool; `count_padding` of AveragePool: whether zeros of the padding count in the divisor. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_pool(struct ocelot_graph *graph, const struct ocelot_op *op, size_t input,
                                                      const struct ocelot_window *window, const size_t outputs[2], double power, bool count_padding,
                                                      size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_leaky_relu(struct ocelot_graph *graph, size_t input, double slope, size_t *index,
                                                            struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_clip(struct ocelot_graph *graph, size_t input, double low, double high, size_t *index,
                                                      struct ocelot_error *err);
/* out_c = in_c / (bias + alpha / size sum of in^2 over `size` channels around c)^beta */
OCELOT_MUST_USE enum ocelot_status ocelot_append_lrn(struct ocelot_graph *graph, size_t input, size_t size, double alpha, double beta, double bias,
                                                     size_t *index, struct ocelot_error *err);
/* map [size of `shape`]: where each value comes from, counted through all inputs one after another; OCELOT_ARRANGE_CONSTANT = `constant`.
 * NULL = in order (reshape, or concatenation along the first dimension). */
#define OCELOT_ARRANGE_CONSTANT UINT32_MAX
OCELOT_MUST_USE enum ocelot_status ocelot_append_arrange(struct ocelot_graph *graph, const size_t *inputs, size_t input_count,
                                                         const struct ocelot_shape *shape, const uint32_t *map, double constant, size_t *index,
                                                         struct ocelot_error *err);
/* norm: 1, 2, or 0 for the maximum */
OCELOT_MUST_USE enum ocelot_status ocelot_append_normalise(struct ocelot_graph *graph, size_t input, int norm, size_t *index,
                                                           struct ocelot_error *err);

/* Parameters of the other ops, for writing a network to a file. The pools' are in ops/pool.h; weights and biases come from the ops themselves. */
size_t ocelot_power_degree(const struct ocelot_node *node);
double ocelot_leaky_relu_slope(const struct ocelot_node *node);
void ocelot_clip_bounds(const struct ocelot_node *node, double *low, double *high);
void ocelot_lrn_parameters(const struct ocelot_node *node, size_t *size, double *alpha, double *beta, double *bias);
int ocelot_normalise_norm(const struct ocelot_node *node);
const struct ocelot_window *ocelot_conv_window(const struct ocelot_node *node, size_t *groups);
const uint32_t *ocelot_arrange_map(const struct ocelot_node *node, double *constant);

/* Parameters that explain (src/explain/normal.c) and tests read. */
struct ocelot_distance_params {
    const struct ocelot_profile *profile;
    struct ocelot_profile_parameters parameters;
    const double *points;                /* [m][d] */
    double *copy;                        /* them, where they are the node's own */
    double *range;                       /* [2][d]: least and largest value of each feature among the points */
    size_t count;                        /* m */
    size_t entries;                      /* of the m d coordinates are not 0 */
    const struct ocelot_entries *listed; /* these of `points`; NULL, or empty, where nobody keeps them */
    size_t positions;                    /* where the input is compared with the points; 1 = as a whole */
};
struct ocelot_softmin_params {
    double *weights, *log_weights; /* [groups][m] */
    double *constants;             /* [groups] */
    size_t groups;
};
/* p_j = W_gj exp(o - phi_j) of one row and group, scaled so that they and the constant unit sum to one. phi [m] -> shares [m].
 * Returns the constant unit's share. */
double ocelot_softmin_shares(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const double *phi, size_t group, double o,
                             double *shares);
struct ocelot_scale_params {
    double *center, *factor; /* [size of the input] */
};

/* Who does a Conv in float whose activations stand in `blocks` (ocelot_footing), as ocelot_convolver_implementation says it. */
const char *ocelot_conv_implementation(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const size_t *blocks, bool transpose);

#endif
