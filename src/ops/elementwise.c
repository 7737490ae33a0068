/* Element-wise ops: one value a function and its slope, from the value before and after; relevance passes through all of them. */
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)node;
    (void)err;
    *out = *in;
    return OCELOT_OK;
}

/* Loops over a batch: `value` and `slope` are inlined constants of the op below. */
#define ELEMENTWISE(op, NAME, VALUE, SLOPE)                                                                                                          \
    static void op##_forward(const struct ocelot_call *call, double *out)                                                                            \
    {                                                                                                                                                \
        size_t count = call->rows * call->node->size;                                                                                                \
        for (size_t n = 0; n < count; n++) {                                                                                                         \
            double x = call->in[0][n];                                                                                                               \
            out[n] = (VALUE);                                                                                                                        \
        }                                                                                                                                            \
    }                                                                                                                                                \
    static void op##_transpose(const struct ocelot_call *call, size_t k, const double *s, double *back)                                              \
    {                                                                                                                                                \
        size_t count = call->rows * call->node->size;                                                                                                \
        (void)k;                                                                                                                                     \
        for (size_t n = 0; n < count; n++) {                                                                                                         \
            double x = call->in[0][n], y = call->out[n];                                                                                             \
            (void)x, (void)y;                                                                                                                        \
            back[n] = s[n] * (SLOPE);                                                                                                                \
        }                                                                                                                                            \
    }                                                                                                                                                \
    const struct ocelot_op ocelot_op_##op = {                                                                                                        \
        .name = (NAME), .traits = OCELOT_OP_ELEMENTWISE, .inputs = 1, .infer = infer, .forward = op##_forward, .transpose = op##_transpose}

ELEMENTWISE(tanh, "Tanh", tanh(x), 1 - y * y);
ELEMENTWISE(relu, "ReLU", x > 0 ? x : 0, x > 0 ? 1 : 0);
ELEMENTWISE(exp_negative, "ExpNegative", exp(-x), -y);

enum ocelot_status ocelot_append_plain(struct ocelot_graph *graph, const struct ocelot_op *op, const size_t *inputs, size_t input_count,
                                       size_t *index, struct ocelot_error *err)
{
    return ocelot_graph_append(graph, op, op->name, NULL, inputs, input_count, index, err);
}
