/* LeakyReLU in one precision. Stamped by leaky_relu.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    REAL slope = (REAL)slope_of(call->node);
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        out[n] = call->in[0][n] > 0 ? call->in[0][n] : slope * call->in[0][n];
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    REAL slope = (REAL)slope_of(call->node);
    (void)k;
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = call->in[0][n] > 0 ? s[n] : slope * s[n];
}
