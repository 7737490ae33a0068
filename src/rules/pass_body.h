/* Passes in one precision. Stamped by pass.c. */
static void F(deconvnet)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = s[n] > 0 ? s[n] : 0;
}

static void F(guided)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    call->node->op->PRECISION.transpose(call, k, s, back);
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = s[n] > 0 ? back[n] : 0;
}

static void F(through)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    memcpy(back, s, call->rows * call->node->size * sizeof *s);
}

static void F(inverse)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    call->node->op->PRECISION.transpose(call, k, s, back);
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = back[n] > 0 || back[n] < 0 ? s[n] / back[n] * s[n] : 0;
}

static void F(rescale)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t count = call->rows * call->node->size;
    const REAL *x = call->in[k], *y = call->out;
    if (call->node->op->PRECISION.difference) {
        call->node->op->PRECISION.difference(call, k, s, back);
        return;
    }
    call->node->op->PRECISION.transpose(call, k, s, back);
    for (size_t n = 0; n < count; n++)
        if (!F(ocelot_close)(x[n], x[count + n]))
            back[n] = s[n] * ((y[n] - y[count + n]) / (x[n] - x[count + n]));
}
