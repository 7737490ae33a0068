/* Add: out = in_1 + in_2 + ..., affine in each with weights 1: rules see it as a layer without weights of its own. */
#include <stdint.h>
#include <string.h>

#include "kernels/stretches.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    for (size_t k = 1; k < node->input_count; k++)
        if (!ocelot_shape_equal(&in[0], &in[k]))
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s adds activations of different shapes", node->name);
    *out = in[0];
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/add_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_add = {.name = "Add",
                                        .traits = OCELOT_OP_AFFINE | OCELOT_OP_KEEPS_SIGN | OCELOT_OP_SAME,
                                        .inputs = SIZE_MAX,
                                        .infer = infer,
                                        .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                        .f32 = {.forward = forward_f32, .transpose = transpose_f32, .blocks = OCELOT_BLOCKS_SAME}};
