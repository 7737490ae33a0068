/* Channel: out = in * weights[c] + bias[c], c the first dimension. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ops/ops.h"

struct channel_params {
    double *weights, *bias; /* bias NULL = none */
};

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    *out = *in;
    if (in->rank == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s weighs channels, and its input has none", node->name);
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/channel_body.h"
#include "base/stamp.h"

static struct ocelot_numbers weights(const struct ocelot_node *node)
{
    const struct channel_params *p = node->params;
    return (struct ocelot_numbers){.f64 = p->weights, .count = node->shape.extent[0]};
}

static const double *bias(const struct ocelot_node *node, size_t *count)
{
    const struct channel_params *p = node->params;
    *count = node->shape.extent[0];
    return p->bias;
}

static size_t parameters(const struct ocelot_node *node)
{
    const struct channel_params *p = node->params;
    return node->shape.extent[0] * (p->bias ? 2 : 1);
}

static void release(void *params)
{
    struct channel_params *p = params;
    free(p->weights);
    free(p->bias);
}

const struct ocelot_op ocelot_op_channel = {.name = "Channel",
                                            .traits = OCELOT_OP_AFFINE | OCELOT_OP_ELEMENTWISE,
                                            .inputs = 1,
                                            .infer = infer,
                                            .f64 = {.forward = forward_f64, .transpose = transpose_f64, .correlate = correlate_f64},
                                            .f32 = {.forward = forward_f32, .transpose = transpose_f32, .correlate = correlate_f32},
                                            .weights = weights,
                                            .bias = bias,
                                            .parameters = parameters,
                                            .release = release};

enum ocelot_status ocelot_append_channel(struct ocelot_graph *graph, size_t input, const double *factor, const double *offset, size_t *index,
                                         struct ocelot_error *err)
{
    const struct ocelot_shape *shape = &graph->nodes[input]->shape;
    size_t channels = shape->rank ? shape->extent[0] : 0;
    struct channel_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the weights");
    params->weights = ocelot_allocate(channels, sizeof *factor);
    params->bias = offset ? ocelot_allocate(channels, sizeof *offset) : NULL;
    if (!params->weights || (offset && !params->bias)) {
        release(params);
        free(params);
        return ocelot_fail_memory(err, "the weights");
    }
    memcpy(params->weights, factor, channels * sizeof *factor);
    if (offset)
        memcpy(params->bias, offset, channels * sizeof *offset);
    return ocelot_graph_append(graph, &ocelot_op_channel, ocelot_op_channel.name, params, &input, 1, index, err);
}
