/* Present: where a kernel machine takes its features from a network. The identity, whose relevance passes where a feature is there. A support
 * vector that has a pattern which the image lacks gives relevance to a feature of 0: no pixel holds it, and z+ would paint whatever comes near.
 * It stays in the ledger as absent, unless rule->absent asks to pass it. */
#include <string.h>

#include "graph/rule.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)node;
    (void)err;
    *out = *in;
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/present_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_present = {
    .name = "Present",
    .traits = OCELOT_OP_ELEMENTWISE,
    .inputs = 1,
    .infer = infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = transpose_f64},
    .f32 = {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = transpose_f32}};
