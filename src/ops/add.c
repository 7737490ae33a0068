/* Add: out = in_1 + in_2 + ..., affine in each with weights 1: rules see it as a layer without weights of its own. */
#include <stdint.h>
#include <string.h>

#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    for (size_t k = 1; k < node->input_count; k++)
        if (!ocelot_shape_equal(&in[0], &in[k]))
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s adds activations of different shapes", node->name);
    *out = in[0];
    return OCELOT_OK;
}

static void forward(const struct ocelot_call *call, double *out)
{
    size_t count = call->rows * call->node->size;
    memcpy(out, call->in[0], count * sizeof *out);
    for (size_t k = 1; k < call->node->input_count; k++)
        for (size_t n = 0; n < count; n++)
            out[n] += call->in[k][n];
}

static void transpose(const struct ocelot_call *call, size_t k, const double *s, double *back)
{
    (void)k;
    memcpy(back, s, call->rows * call->node->size * sizeof *back);
}

const struct ocelot_op ocelot_op_add = {
    .name = "Add", .traits = OCELOT_OP_AFFINE, .inputs = SIZE_MAX, .infer = infer, .forward = forward, .transpose = transpose};
