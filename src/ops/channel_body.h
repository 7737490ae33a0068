/* Channel in one precision. Stamped by channel.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t channels = call->node->shape.extent[0], plane = call->node->size / channels;
    const REAL *in = call->in[0];
    for (size_t b = 0; b < call->rows; b++)
        for (size_t c = 0; c < channels; c++, in += plane, out += plane) {
            REAL factor = call->weights[c], offset = call->bias ? call->bias[c] : 0;
            for (size_t n = 0; n < plane; n++)
                out[n] = in[n] * factor + offset;
        }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    size_t channels = call->node->shape.extent[0], plane = call->node->size / channels;
    for (size_t b = 0; b < call->rows; b++)
        for (size_t c = 0; c < channels; c++, s += plane, back += plane)
            for (size_t n = 0; n < plane; n++)
                back[n] = s[n] * call->weights[c];
}

static void F(correlate)(const struct F(ocelot_call) * call, const REAL *s, double *sums)
{
    size_t channels = call->node->shape.extent[0], plane = call->node->size / channels;
    const REAL *in = call->in[0];
    for (size_t b = 0; b < call->rows; b++)
        for (size_t c = 0; c < channels; c++, s += plane, in += plane)
            for (size_t n = 0; n < plane; n++)
                sums[c] += (double)s[n] * (double)in[n];
}
