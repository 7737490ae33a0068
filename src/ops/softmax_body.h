/* SoftMax in one precision, sums in double. Stamped by softmax.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t n = ocelot_line_length(call->node);
    const REAL *in = call->in[0];
    for (size_t line = 0; line < call->rows * call->node->size / n; line++, in += n, out += n) {
        double most = (double)in[0], sum = 0;
        for (size_t k = 1; k < n; k++)
            most = fmax(most, (double)in[k]);
        for (size_t k = 0; k < n; k++)
            sum += exp((double)in[k] - most);
        for (size_t k = 0; k < n; k++)
            out[k] = (REAL)(exp((double)in[k] - most) / sum);
    }
}

/* back_k = p_k (s_k - sum_l p_l s_l) */
static void F(transpose)(const struct F(ocelot_call) * call, size_t i, const REAL *s, REAL *back)
{
    size_t n = ocelot_line_length(call->node);
    const REAL *p = call->out;
    (void)i;
    for (size_t line = 0; line < call->rows * call->node->size / n; line++, p += n, s += n, back += n) {
        double mean = 0;
        for (size_t k = 0; k < n; k++)
            mean += (double)p[k] * (double)s[k];
        for (size_t k = 0; k < n; k++)
            back[k] = (REAL)((double)p[k] * ((double)s[k] - mean));
    }
}
