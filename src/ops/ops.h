/* The closed list of ops, their parameters, and how to append them. Parameter structs hold no input sizes: shapes do. */
#ifndef OCELOT_OPS_OPS_H
#define OCELOT_OPS_OPS_H

#include "graph/graph.h"

/* Input: the raw row. Source; shape given. */
extern const struct ocelot_op ocelot_op_input;
/* Scale: out_i = (in_i - center_i) * factor_i, element-wise. */
extern const struct ocelot_op ocelot_op_scale;
/* Distance: out_j = phi(||in - u_j||), u [m][d]. */
extern const struct ocelot_op ocelot_op_distance;
/* SoftMin: out_g = -log(sum_j W_gj exp(-in_j) + constant_g), W [groups][m], each row with its constant summing to 1. */
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

/* All ops, NULL-terminated. */
extern const struct ocelot_op *const ocelot_ops[];

/* Appending, one function an op. Arrays are copied. *index as ocelot_graph_append. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_input(struct ocelot_graph *graph, const struct ocelot_shape *shape, size_t *index,
                                                       struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_scale(struct ocelot_graph *graph, size_t input, const double *center, const double *factor,
                                                       size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_distance(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                                          struct ocelot_profile_parameters parameters, const double *points, size_t count,
                                                          size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_softmin(struct ocelot_graph *graph, size_t input, const double *weights, const double *constants,
                                                         size_t groups, size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_dense(struct ocelot_graph *graph, size_t input, const double *weights, const double *bias,
                                                       size_t outputs, size_t *index, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_append_power(struct ocelot_graph *graph, size_t input, size_t degree, size_t *index,
                                                       struct ocelot_error *err);
/* tanh, relu, exp_negative: ops without parameters. */
OCELOT_MUST_USE enum ocelot_status ocelot_append_plain(struct ocelot_graph *graph, const struct ocelot_op *op, const size_t *inputs,
                                                       size_t input_count, size_t *index, struct ocelot_error *err);

/* Parameters that explain (src/explain/normal.c) and tests read. */
struct ocelot_distance_params {
    const struct ocelot_profile *profile;
    struct ocelot_profile_parameters parameters;
    double *points; /* [m][d] */
    size_t count;   /* m */
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

#endif
