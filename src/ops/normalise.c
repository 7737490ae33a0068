/* Normalise: in / norm(in) of the row; a row of zeros stays as it is (as scikit-learn's Normalizer). Relevance passes. */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "ops/difference.h"
#include "ops/ops.h"

enum { MAXIMUM = 0, SUM = 1, EUCLIDEAN = 2 };

static int norm_of(const struct ocelot_node *node)
{
    return *(const int *)node->params;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    *out = *in;
    if (norm_of(node) < MAXIMUM || norm_of(node) > EUCLIDEAN)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "layer %s has norm %d, expected 1, 2 or 0 for the maximum", node->name, norm_of(node));
    return OCELOT_OK;
}

#define OCELOT_BODY "ops/normalise_body.h"
#include "base/stamp.h"

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    static const char *const names[] = {[MAXIMUM] = "by the largest magnitude", [SUM] = "by the sum of magnitudes", [EUCLIDEAN] = "to length 1"};
    ocelot_text_string(out, names[norm_of(node)]);
}

int ocelot_normalise_norm(const struct ocelot_node *node)
{
    return norm_of(node);
}

const struct ocelot_op ocelot_op_normalise = {
    .name = "Normalise",
    .inputs = 1,
    .infer = infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = difference_f64},
    .f32 = {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = difference_f32},
    .describe = describe};

enum ocelot_status ocelot_append_normalise(struct ocelot_graph *graph, size_t input, int norm, size_t *index, struct ocelot_error *err)
{
    int *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = norm;
    return ocelot_graph_append(graph, &ocelot_op_normalise, ocelot_op_normalise.name, params, &input, 1, index, err);
}
