/* Loops of the element-wise ops in one precision: out = VALUE(x), back = s * SLOPE(x, y). Stamped by elementwise.c. */
#define FORWARD(op, VALUE)                                                                                                                           \
    static void F(op##_forward)(const struct F(ocelot_call) * call, REAL * out)                                                                      \
    {                                                                                                                                                \
        size_t count = call->rows * call->node->size;                                                                                                \
        for (size_t n = 0; n < count; n++) {                                                                                                         \
            REAL x = call->in[0][n];                                                                                                                 \
            out[n] = (REAL)(VALUE);                                                                                                                  \
        }                                                                                                                                            \
    }

#define BACKWARD(op, SLOPE)                                                                                                                          \
    static void F(op##_transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)                                           \
    {                                                                                                                                                \
        size_t count = call->rows * call->node->size;                                                                                                \
        (void)k;                                                                                                                                     \
        for (size_t n = 0; n < count; n++) {                                                                                                         \
            REAL x = call->in[0][n], y = call->out[n];                                                                                               \
            (void)x, (void)y;                                                                                                                        \
            back[n] = s[n] * (REAL)(SLOPE);                                                                                                          \
        }                                                                                                                                            \
    }

FORWARD(tanh, tanh((double)x))
BACKWARD(tanh, 1 - y * y)
BACKWARD(relu, x > 0 ? 1 : 0)
FORWARD(exp_negative, exp(-(double)x))
BACKWARD(exp_negative, -y)
#undef FORWARD
#undef BACKWARD

/* ReLU, the commonest layer of all: by the kernels. */
static void F(rectify)(const struct F(ocelot_call) * call, REAL *out)
{
    F(ocelot_stretches_rectify)(call->team, call->kernels->PRECISION, call->in[0], call->rows * call->node->size, out);
}
