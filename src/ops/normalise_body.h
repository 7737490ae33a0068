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

/* d norm = sum_i g_i (x_i - x0_i): g_i, with the place of the largest magnitude of either row. */
static double F(norm_rate)(int kind, double x, double x0, double norm, double norm0, bool winner)
{
    if (kind == EUCLIDEAN)
        return (x + x0) / (norm + norm0);
    double slope = x > 0 ? 1 : x < 0 ? -1 : 0;
    if (kind == SUM)
        return ocelot_quotient_f64(x, x0, fabs(x), fabs(x0), slope);
    return winner ? ocelot_quotient_f64(x, x0, norm, norm0, slope) : 0;
}

/* A product: out = in h with h = 1 / norm, so out - out' = mean h (in - in') + mean in (h - h'), h - h' = -(norm - norm') / (norm norm'). Against a
 * row of zeros, which stays as it is, out - out' = h in. */
static void F(difference)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t size = call->node->size;
    (void)k;
    for (size_t b = 0; b < call->rows; b++, s += size, back += size) {
        const REAL *x = call->in[0] + b * size, *x0 = x + call->rows * size;
        size_t largest, largest0;
        double norm = F(norm)(call->node, x, &largest), norm0 = F(norm)(call->node, x0, &largest0), dot = 0;
        bool zero = !(x[largest] > 0 || x[largest] < 0), zero0 = !(x0[largest0] > 0 || x0[largest0] < 0);
        size_t winner = norm >= norm0 ? largest : largest0;
        for (size_t i = 0; i < size; i++)
            dot += (double)s[i] * ((double)x[i] + (double)x0[i]) / 2;
        for (size_t i = 0; i < size; i++) {
            double rate = F(norm_rate)(norm_of(call->node), (double)x[i], (double)x0[i], norm, norm0, i == winner);
            double whole = (double)s[i] * (1 / norm + 1 / norm0) / 2 - dot * rate / norm / norm0;
            back[i] = (REAL)(zero || zero0 ? (double)s[i] / (zero ? norm0 : norm) : whole);
        }
    }
}
