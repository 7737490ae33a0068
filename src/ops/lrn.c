/* LRN: out_c = in_c / t_c^beta, t_c = bias + alpha / size sum of in^2 over `size` channels around c (the larger half after it where size is
 * even, as ONNX has it). Relevance passes as through the identity. */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "ops/difference.h"
#include "ops/ops.h"

struct lrn_params {
    size_t size;
    double alpha, beta, bias;
};

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    const struct lrn_params *p = node->params;
    *out = *in;
    if (in->rank == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s normalises channels, and its input has none", node->name);
    if (p->size == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s normalises over 0 channels, expected at least 1", node->name);
    if (!(p->alpha >= 0) || !isfinite(p->alpha) || !isfinite(p->beta) || !(p->bias > 0) || !isfinite(p->bias))
        return ocelot_fail(err, OCELOT_E_VALUE, "layer %s (LRN) has alpha, beta or bias out of range, expected alpha >= 0 and bias > 0", node->name);
    return OCELOT_OK;
}

/* Channels around c: from *first to below *end. */
static void around(const struct ocelot_node *node, size_t c, size_t *first, size_t *end)
{
    const struct lrn_params *p = node->params;
    size_t before = (p->size - 1) / 2, after = p->size - 1 - before, channels = node->shape.extent[0];
    *first = c > before ? c - before : 0;
    *end = after < channels - c ? c + after + 1 : channels;
}

#define OCELOT_BODY "ops/lrn_body.h"
#include "base/stamp.h"

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct lrn_params *p = node->params;
    ocelot_text_format(out, "over %zu channels, alpha ", p->size);
    ocelot_text_number(out, p->alpha);
    ocelot_text_string(out, ", beta ");
    ocelot_text_number(out, p->beta);
    ocelot_text_string(out, ", bias ");
    ocelot_text_number(out, p->bias);
}

/* t of one row, and of its reference. */
static size_t scratch(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows)
{
    (void)footing;
    (void)rows;
    return 2 * node->size;
}

void ocelot_lrn_parameters(const struct ocelot_node *node, size_t *size, double *alpha, double *beta, double *bias)
{
    const struct lrn_params *p = node->params;
    *size = p->size;
    *alpha = p->alpha;
    *beta = p->beta;
    *bias = p->bias;
}

const struct ocelot_op ocelot_op_lrn = {
    .name = "LRN",
    .traits = OCELOT_OP_KEEPS_SIGN,
    .inputs = 1,
    .infer = infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = difference_f64, .scratch = scratch},
    .f32 = {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = difference_f32, .scratch = scratch},
    .describe = describe};

enum ocelot_status ocelot_append_lrn(struct ocelot_graph *graph, size_t input, size_t size, double alpha, double beta, double bias, size_t *index,
                                     struct ocelot_error *err)
{
    struct lrn_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = (struct lrn_params){.size = size, .alpha = alpha, .beta = beta, .bias = bias};
    return ocelot_graph_append(graph, &ocelot_op_lrn, ocelot_op_lrn.name, params, &input, 1, index, err);
}
