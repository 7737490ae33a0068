/* Add in one precision. Stamped by add.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t count = call->rows * call->node->size;
    F(ocelot_stretches_copy)(call->team, call->in[0], count, out);
    for (size_t k = 1; k < call->node->input_count; k++)
        F(ocelot_stretches_add)(call->team, call->kernels->PRECISION, call->in[k], 1, count, out);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    F(ocelot_stretches_copy)(call->team, s, call->rows * call->node->size, back);
}
