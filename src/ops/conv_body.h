/* Conv in one precision, row by row. Stamped by conv.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    for (size_t b = 0; b < call->rows; b++)
        F(convolve)(call, call->in[0] + b * ocelot_node_input(call->node, 0)->size, out + b * call->node->size);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    for (size_t b = 0; b < call->rows; b++)
        F(deconvolve)(call, s + b * call->node->size, back + b * ocelot_node_input(call->node, 0)->size);
}

/* One weight's sum over the outputs of a row: its tap of the input, times s; zeros of the padding add nothing. */
static double F(correlate_tap)(const struct ocelot_convolution *c, size_t v, size_t u, const REAL *s, const REAL *in)
{
    double sum = 0;
    for (size_t y = 0; y < c->out[0]; y++) {
        size_t down = y * c->stride[0] + v * c->dilation[0];
        if (down < c->pad[0] || down - c->pad[0] >= c->in[0])
            continue;
        const REAL *line = in + (down - c->pad[0]) * c->in[1];
        for (size_t x = 0; x < c->out[1]; x++) {
            size_t across = x * c->stride[1] + u * c->dilation[1];
            if (across >= c->pad[1] && across - c->pad[1] < c->in[1])
                sum += (double)s[y * c->out[1] + x] * (double)line[across - c->pad[1]];
        }
    }
    return sum;
}

static void F(correlate)(const struct F(ocelot_call) * call, const REAL *s, double *sums)
{
    struct ocelot_convolution c = sizes(call->node);
    size_t from = ocelot_node_input(call->node, 0)->size, plane = c.in[0] * c.in[1], to = c.out[0] * c.out[1];
    for (size_t b = 0; b < call->rows; b++) {
        double *sum = sums;
        for (size_t o = 0; o < c.groups * c.outputs; o++, s += to)
            for (size_t i = 0; i < c.inputs; i++)
                for (size_t v = 0; v < c.kernel[0]; v++)
                    for (size_t u = 0; u < c.kernel[1]; u++)
                        *sum++ += F(correlate_tap)(&c, v, u, s, call->in[0] + b * from + (o / c.outputs * c.inputs + i) * plane);
    }
}
