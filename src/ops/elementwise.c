/* Element-wise ops: one value a function and its slope, from the value before and after; relevance passes through all of them. */
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "kernels/stretches.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)node;
    (void)err;
    *out = *in;
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/elementwise_body.h"
#include "base/stamp.h"

#define ELEMENTWISE(op, NAME, TRAITS)                                                                                                                \
    const struct ocelot_op ocelot_op_##op = {.name = (NAME),                                                                                         \
                                             .traits = OCELOT_OP_ELEMENTWISE | (TRAITS),                                                             \
                                             .inputs = 1,                                                                                            \
                                             .infer = infer,                                                                                         \
                                             .f64 = {.forward = op##_forward_f64, .transpose = op##_transpose_f64},                                  \
                                             .f32 = {.forward = op##_forward_f32, .transpose = op##_transpose_f32, .blocks = OCELOT_BLOCKS_SAME}}

ELEMENTWISE(tanh, "Tanh", 0);
const struct ocelot_op ocelot_op_relu = {.name = "ReLU",
                                         .traits = OCELOT_OP_ELEMENTWISE | OCELOT_OP_RECTIFIER | OCELOT_OP_POSITIVE | OCELOT_OP_IN_PLACE,
                                         .inputs = 1,
                                         .infer = infer,
                                         .f64 = {.forward = rectify_f64, .transpose = relu_transpose_f64},
                                         .f32 = {.forward = rectify_f32, .transpose = relu_transpose_f32, .blocks = OCELOT_BLOCKS_SAME}};
ELEMENTWISE(exp_negative, "ExpNegative", OCELOT_OP_POSITIVE);

enum ocelot_status ocelot_append_plain(struct ocelot_graph *graph, const struct ocelot_op *op, const size_t *inputs, size_t input_count,
                                       size_t *index, struct ocelot_error *err)
{
    return ocelot_graph_append(graph, op, op->name, NULL, inputs, input_count, index, err);
}
