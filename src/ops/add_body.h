/* Add in one precision. Stamped by add.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    F(ocelot_stretches_total)
    (call->team, call->kernels->PRECISION, call->in, call->node->input_count, call->rows * call->node->size, out);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    F(ocelot_stretches_copy)(call->team, s, call->rows * call->node->size, back);
}
