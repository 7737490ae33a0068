/* Loops of the element-wise ops in one precision: out = VALUE(x), back = s * SLOPE(x, y). Stamped by elementwise.c. */
#define LOOPS(op, VALUE, SLOPE)                                                                                                                      \
    static void F(op##_forward)(const struct F(ocelot_call) * call, REAL * out)                                                                      \
    {                                                                                                                                                \
        size_t count = call->rows * call->node->size;                                                                                                \
        for (size_t n = 0; n < count; n++) {                                                                                                         \
            REAL x = call->in[0][n];                                                                                                                 \
            out[n] = (REAL)(VALUE);                                                                                                                  \
        }                                                                                                                                            \
    }                                                                                                                                                \
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

LOOPS(tanh, tanh((double)x), 1 - y * y)
LOOPS(relu, x > 0 ? x : 0, x > 0 ? 1 : 0)
LOOPS(exp_negative, exp(-(double)x), -y)
#undef LOOPS
