/* Clip: in kept within [low, high] (ReLU6 is [0, 6]); an infinite bound is none. Element-wise, so relevance passes. */
#include "base/size.h"
#include "ops/ops.h"

struct clip_params {
    double low, high;
};

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    const struct clip_params *p = node->params;
    *out = *in;
    if (!(p->low <= p->high))
        return ocelot_fail(err, OCELOT_E_VALUE, "layer %s clips to bounds that are in the wrong order, or not numbers", node->name);
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/clip_body.h"
#include "base/stamp.h"

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct clip_params *p = node->params;
    ocelot_text_string(out, "to [");
    ocelot_text_number(out, p->low);
    ocelot_text_string(out, ", ");
    ocelot_text_number(out, p->high);
    ocelot_text_string(out, "]");
}

void ocelot_clip_bounds(const struct ocelot_node *node, double *low, double *high)
{
    const struct clip_params *p = node->params;
    *low = p->low;
    *high = p->high;
}

const struct ocelot_op ocelot_op_clip = {.name = "Clip",
                                         .traits = OCELOT_OP_ELEMENTWISE | OCELOT_OP_RECTIFIER,
                                         .inputs = 1,
                                         .infer = infer,
                                         .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                         .f32 = {.forward = forward_f32, .transpose = transpose_f32, .blocks = OCELOT_BLOCKS_SAME},
                                         .describe = describe};

enum ocelot_status ocelot_append_clip(struct ocelot_graph *graph, size_t input, double low, double high, size_t *index, struct ocelot_error *err)
{
    struct clip_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = (struct clip_params){.low = low, .high = high};
    return ocelot_graph_append(graph, &ocelot_op_clip, ocelot_op_clip.name, params, &input, 1, index, err);
}
