/* Conv in one precision, row by row. Stamped by conv.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    struct ocelot_convolution c = sizes(call->node);
    size_t from = ocelot_node_input(call->node, 0)->size, to = call->node->size;
    for (size_t b = 0; b < call->rows; b++)
        if (!F(engine_forward)(&c, call->prepared, call->bias, call->in[0] + b * from, call->scratch, out + b * to))
            F(ocelot_convolution_forward)(&c, call->weights, call->bias, call->in[0] + b * from, call->scratch, out + b * to);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    struct ocelot_convolution c = sizes(call->node);
    size_t from = ocelot_node_input(call->node, 0)->size, to = call->node->size;
    for (size_t b = 0; b < call->rows; b++)
        if (!F(engine_transpose)(&c, call->prepared, s + b * to, call->scratch, back + b * from))
            F(ocelot_convolution_transpose)(&c, call->weights, s + b * to, call->scratch, back + b * from);
}
