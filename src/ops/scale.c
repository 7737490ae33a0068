/* Scale: out_i = (in_i - center_i) * factor_i. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)node;
    (void)err;
    *out = *in;
    return OCELOT_OK;
}

static void forward(const struct ocelot_call_f64 *call, double *out)
{
    const struct ocelot_scale_params *p = call->node->params;
    size_t d = call->node->size;
    for (size_t b = 0; b < call->rows; b++)
        for (size_t i = 0; i < d; i++)
            out[b * d + i] = (call->in[0][b * d + i] - p->center[i]) * p->factor[i];
}

static void transpose(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    const struct ocelot_scale_params *p = call->node->params;
    size_t d = call->node->size;
    for (size_t b = 0; b < call->rows; b++)
        for (size_t i = 0; i < d; i++)
            back[b * d + i] = s[b * d + i] * p->factor[i];
}

static size_t parameters(const struct ocelot_node *node)
{
    return 2 * node->size;
}

static void release(void *params)
{
    struct ocelot_scale_params *p = params;
    free(p->center);
    free(p->factor);
}

const struct ocelot_op ocelot_op_scale = {.name = "Scale",
                                          .traits = OCELOT_OP_ELEMENTWISE,
                                          .inputs = 1,
                                          .infer = infer,
                                          .f64 = {.forward = forward, .transpose = transpose, .difference = transpose},
                                          .parameters = parameters,
                                          .release = release};

enum ocelot_status ocelot_append_scale(struct ocelot_graph *graph, size_t input, const double *center, const double *factor, size_t *index,
                                       struct ocelot_error *err)
{
    size_t d = graph->nodes[input]->size;
    struct ocelot_scale_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the scaling");
    params->center = ocelot_allocate(d, sizeof *params->center);
    params->factor = ocelot_allocate(d, sizeof *params->factor);
    if (!params->center || !params->factor) {
        release(params);
        free(params);
        return ocelot_fail_memory(err, "the scaling");
    }
    memcpy(params->center, center, d * sizeof *center);
    memcpy(params->factor, factor, d * sizeof *factor);
    return ocelot_graph_append(graph, &ocelot_op_scale, "Scale", params, &input, 1, index, err);
}
