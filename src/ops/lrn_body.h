/* LRN in one precision. Stamped by lrn.c. */

/* t [C][plane] of one row. */
static void F(scales)(const struct ocelot_node *node, const REAL *in, REAL *t)
{
    const struct lrn_params *p = node->params;
    size_t channels = node->shape.extent[0], plane = node->size / channels;
    for (size_t c = 0; c < channels; c++) {
        size_t first, end;
        around(node, c, &first, &end);
        for (size_t n = 0; n < plane; n++) {
            double sum = 0;
            for (size_t i = first; i < end; i++)
                sum += (double)in[i * plane + n] * (double)in[i * plane + n];
            t[c * plane + n] = (REAL)(p->bias + p->alpha / (double)p->size * sum);
        }
    }
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    const struct lrn_params *p = call->node->params;
    size_t size = call->node->size;
    for (size_t b = 0; b < call->rows; b++) {
        F(scales)(call->node, call->in[0] + b * size, call->scratch);
        for (size_t n = 0; n < size; n++)
            out[b * size + n] = call->in[0][b * size + n] * (REAL)pow((double)call->scratch[n], -p->beta);
    }
}

/* back_i = s_i t_i^-beta - 2 alpha beta / size in_i sum_c s_c in_c t_c^(-beta-1) over the channels c that i is around. */
static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    const struct lrn_params *p = call->node->params;
    size_t size = call->node->size, channels = call->node->shape.extent[0], plane = size / channels;
    (void)k;
    for (size_t b = 0; b < call->rows; b++, s += size, back += size) {
        const REAL *in = call->in[0] + b * size;
        F(scales)(call->node, in, call->scratch);
        memset(back, 0, size * sizeof *back);
        for (size_t c = 0; c < channels; c++) {
            size_t first, end;
            around(call->node, c, &first, &end);
            for (size_t n = 0; n < plane; n++) {
                size_t at = c * plane + n;
                double t = (double)call->scratch[at], direct = (double)s[at] * pow(t, -p->beta);
                double shared = 2 * p->alpha * p->beta / (double)p->size * direct * (double)in[at] / t;
                back[at] += (REAL)direct;
                for (size_t i = first; i < end; i++)
                    back[i * plane + n] -= (REAL)(shared * (double)in[i * plane + n]);
            }
        }
    }
}

static void F(relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                         struct ocelot_ledger_entry *ledger)
{
    (void)rule;
    (void)ledger; /* nothing is lost */
    memcpy(back[0], relevance, call->rows * call->node->size * sizeof *relevance);
}

/* A product and a chain: out_c = in_c h_c with h = t^-beta, so out - out' = mean h (in - in') + mean in (h - h') by the rule of products, and
 * t - t' = alpha / size sum (in + in') (in - in'). */
static void F(difference)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    const struct lrn_params *p = call->node->params;
    size_t size = call->node->size, channels = call->node->shape.extent[0], plane = size / channels;
    REAL *t = call->scratch, *t0 = call->scratch + size;
    (void)k;
    for (size_t b = 0; b < call->rows; b++, s += size, back += size) {
        const REAL *in = call->in[0] + b * size, *in0 = in + call->rows * size;
        F(scales)(call->node, in, t);
        F(scales)(call->node, in0, t0);
        memset(back, 0, size * sizeof *back);
        for (size_t c = 0; c < channels; c++) {
            size_t first, end;
            around(call->node, c, &first, &end);
            for (size_t n = 0; n < plane; n++) {
                size_t at = c * plane + n;
                double h = pow((double)t[at], -p->beta), h0 = pow((double)t0[at], -p->beta), r = (double)s[at];
                double rate = ocelot_quotient_f64((double)t[at], (double)t0[at], h, h0, -p->beta * h / (double)t[at]);
                double shared = r * ((double)in[at] + (double)in0[at]) / 2 * rate * p->alpha / (double)p->size;
                back[at] += (REAL)(r * (h + h0) / 2);
                for (size_t i = first; i < end; i++)
                    back[i * plane + n] += (REAL)(shared * ((double)in[i * plane + n] + (double)in0[i * plane + n]));
            }
        }
    }
}
