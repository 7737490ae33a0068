/* Power: out_i = in_i ^ degree, degree a whole number. */
#include <stdlib.h>

#include "base/size.h"
#include "ops/ops.h"

/* Repeated squaring in LIBSVM's order, so that both round alike. */
static double power(double base, size_t degree)
{
    double result = 1;
    for (; degree; degree /= 2) {
        if (degree % 2)
            result *= base;
        base *= base;
    }
    return result;
}

static size_t degree_of(const struct ocelot_node *node)
{
    return *(const size_t *)node->params;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)node;
    (void)err;
    *out = *in;
    return OCELOT_OK;
}

static void forward(const struct ocelot_call_f64 *call, double *out)
{
    size_t degree = degree_of(call->node);
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        out[n] = power(call->in[0][n], degree);
}

static void transpose(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    size_t degree = degree_of(call->node);
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = degree ? s[n] * (double)degree * power(call->in[0][n], degree - 1) : 0;
}

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    ocelot_text_format(out, "degree %zu", degree_of(node));
}

size_t ocelot_power_degree(const struct ocelot_node *node)
{
    return degree_of(node);
}

const struct ocelot_op ocelot_op_power = {.name = "Power",
                                          .traits = OCELOT_OP_ELEMENTWISE,
                                          .inputs = 1,
                                          .infer = infer,
                                          .f64 = {.forward = forward, .transpose = transpose},
                                          .describe = describe};

enum ocelot_status ocelot_append_power(struct ocelot_graph *graph, size_t input, size_t degree, size_t *index, struct ocelot_error *err)
{
    size_t *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = degree;
    return ocelot_graph_append(graph, &ocelot_op_power, "Power", params, &input, 1, index, err);
}
