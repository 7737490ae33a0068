/* Normalise in one precision, norms in double. Stamped by normalise.c. */

/* The norm, 1 for a row of zeros; *largest is where the largest magnitude stands first. */
static double F(norm)(const struct ocelot_node *node, const REAL *x, size_t *largest)
{
    double sum = 0, most = 0;
    *largest = 0;
    for (size_t i = 0; i < node->size; i++) {
        if (fabs((double)x[i]) > most) {
            most = fabs((double)x[i]);
            *largest = i;
        }
    }
    if (!(most > 0))
        return 1;
    for (size_t i = 0; i < node->size; i++) {
        double part = fabs((double)x[i]) / most; /* at most 1: no square overflows */
        sum += norm_of(node) == EUCLIDEAN ? part * part : part;
    }
    return norm_of(node) == MAXIMUM ? most : norm_of(node) == SUM ? most * sum : most * sqrt(sum);
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t size = call->node->size, largest;
    for (size_t b = 0; b < call->rows; b++) {
        const REAL *x = call->in[0] + b * size;
        double norm = F(norm)(call->node, x, &largest);
        for (size_t i = 0; i < size; i++)
            out[b * size + i] = (REAL)((double)x[i] / norm);
    }
}

/* back_i = (s_i - (s . out) d norm / d in_i) / norm */
static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t size = call->node->size;
    (void)k;
    for (size_t b = 0; b < call->rows; b++, s += size, back += size) {
        const REAL *x = call->in[0] + b * size, *y = call->out + b * size;
        size_t largest;
        double norm = F(norm)(call->node, x, &largest), dot = 0;
        for (size_t i = 0; i < size; i++)
            dot += (double)s[i] * (double)y[i];
        for (size_t i = 0; i < size; i++) {
            double sign = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0, slope = sign;
            if (norm_of(call->node) == EUCLIDEAN)
                slope = (double)y[i];
            else if (norm_of(call->node) == MAXIMUM)
                slope = i == largest ? sign : 0;
            back[i] = (REAL)(((double)s[i] - dot * slope) / norm);
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
