/* Clip in one precision. Stamped by clip.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    const struct clip_params *p = call->node->params;
    REAL low = (REAL)p->low, high = (REAL)p->high;
    for (size_t n = 0; n < call->rows * call->node->size; n++) {
        REAL x = call->in[0][n];
        out[n] = x < low ? low : x > high ? high : x;
    }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    const struct clip_params *p = call->node->params;
    REAL low = (REAL)p->low, high = (REAL)p->high;
    (void)k;
    for (size_t n = 0; n < call->rows * call->node->size; n++)
        back[n] = call->in[0][n] > low && call->in[0][n] < high ? s[n] : 0;
}
