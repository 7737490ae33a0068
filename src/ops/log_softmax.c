/* LogSoftMax: out_k = in_k - log sum exp(in) along the last dimension. Explained before it, so without relevance. */
#include <math.h>

#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    *out = *in;
    if (in->rank == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s runs along the last dimension, and its input has none", node->name);
    return OCELOT_OK;
}

static size_t length(const struct ocelot_node *node)
{
    return node->shape.extent[node->shape.rank - 1];
}

#define OCELOT_BODY "ops/log_softmax_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_log_softmax = {.name = "LogSoftMax",
                                                .inputs = 1,
                                                .infer = infer,
                                                .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                                .f32 = {.forward = forward_f32, .transpose = transpose_f32}};
