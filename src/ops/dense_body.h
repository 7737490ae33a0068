/* What Dense has in both precisions. Stamped by dense.c. */
static void F(correlate)(const struct F(ocelot_call) * call, const REAL *s, double *sums)
{
    size_t outputs = call->node->size, inputs = width(call->node);
    for (size_t b = 0; b < call->rows; b++)
        for (size_t j = 0; j < outputs; j++) {
            double factor = (double)s[b * outputs + j];
            for (size_t i = 0; factor != 0 && i < inputs; i++)
                sums[j * inputs + i] += factor * (double)call->in[0][b * inputs + i];
        }
}
