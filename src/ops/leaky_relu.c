/* LeakyReLU: in where positive, slope in elsewhere. Element-wise, so relevance passes. */
#include <math.h>

#include "base/size.h"
#include "ops/ops.h"

static double slope_of(const struct ocelot_node *node)
{
    return *(const double *)node->params;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    *out = *in;
    if (!isfinite(slope_of(node)))
        return ocelot_fail(err, OCELOT_E_VALUE, "layer %s has a slope that is not finite", node->name);
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/leaky_relu_body.h"
#include "base/stamp.h"

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    ocelot_text_string(out, "slope ");
    ocelot_text_number(out, slope_of(node));
}

double ocelot_leaky_relu_slope(const struct ocelot_node *node)
{
    return slope_of(node);
}

const struct ocelot_op ocelot_op_leaky_relu = {.name = "LeakyReLU",
                                               .traits = OCELOT_OP_ELEMENTWISE | OCELOT_OP_RECTIFIER,
                                               .inputs = 1,
                                               .infer = infer,
                                               .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                               .f32 = {.forward = forward_f32, .transpose = transpose_f32, .blocks = OCELOT_BLOCKS_SAME},
                                               .describe = describe};

enum ocelot_status ocelot_append_leaky_relu(struct ocelot_graph *graph, size_t input, double slope, size_t *index, struct ocelot_error *err)
{
    double *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = slope;
    return ocelot_graph_append(graph, &ocelot_op_leaky_relu, ocelot_op_leaky_relu.name, params, &input, 1, index, err);
}
