/* Add in one precision. Stamped by add.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t count = call->rows * call->node->size;
    memcpy(out, call->in[0], count * sizeof *out);
    for (size_t k = 1; k < call->node->input_count; k++)
        for (size_t n = 0; n < count; n++)
            out[n] += call->in[k][n];
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    memcpy(back, s, call->rows * call->node->size * sizeof *back);
}
