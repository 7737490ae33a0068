/* Element-wise work of the walks in one precision. Stamped by kernels.h. */

/* One stretch of the quotients that every rule shares: s = coefficient R / (z + epsilon sign z), zero where that is 0 / 0 or a gate is shut. */
struct F(ocelot_quotients) {
    REAL coefficient, epsilon;
    int gate;                        /* +1: only where out > 0; -1: only where out < 0; 0: everywhere */
    const REAL *relevance, *z, *out; /* [count] */
    const REAL *bias;                /* what z holds of the bias: element n has bias[n % period]; NULL = none */
    size_t count, period;            /* period: 1, 2, 4, 8 or 16 */
};

/* What an input x sends of two signals that come back to it: (x (x > 0 ? positive : negative) + constant) signal of each. */
struct F(ocelot_blend) {
    REAL positive[2], negative[2], constant[2];
};

struct F(ocelot_signals) {
    /* Sum of values [n]; *magnitude receives that of their magnitudes. */
    double (*sum)(const REAL *values, size_t n, double *magnitude);

    /* to += sign * from [n], distinct. */
    void (*add)(const REAL *from, REAL sign, size_t n, REAL *to);

    /* to = max((to + from) / 2, from, 0) [n]. */
    void (*halve)(const REAL *from, size_t n, REAL *to);

    /* to = max(from, 0) [n], which may be `to`. */
    void (*rectify)(const REAL *from, size_t n, REAL *to);

    /* to = positive max(from, 0) + negative min(from, 0) + constant [n]; whether any of it is not 0. */
    bool (*part)(const REAL *from, REAL positive, REAL negative, REAL constant, size_t n, REAL *to);

    /* to = sign * from * by [n], which may be `to`. */
    void (*multiply)(const REAL *from, REAL sign, const REAL *by, size_t n, REAL *to);

    /* to = what inputs `from` [n] send of `above` and `below`, one of which may be `to`. */
    void (*blend)(const REAL *from, const struct F(ocelot_blend) * blend, const REAL *above, const REAL *below, size_t n, REAL *to);

    /* Writes s [count], which may be z; adds what biases and the stabiliser keep to *absorbed, what an empty z or a shut gate loses to *leaked. */
    void (*quotients)(const struct F(ocelot_quotients) * q, REAL *s, double *absorbed, double *leaked);

    /* Pooling of channels in blocks of `block` numbers, at most OCELOT_SIGNAL_PERIOD: most [block] is the largest of a window of `in`, channel by
     * channel; won adds s [block] to `back`, laid out as `in`, where a channel's first position equals the largest. */
    void (*most)(const REAL *in, const struct ocelot_seen *seen, size_t block, REAL *most);
    void (*won)(const REAL *in, const struct ocelot_seen *seen, size_t block, const REAL *most, const REAL *s, REAL *back);

    /* Whether any of R is not 0 where sign * out > 0. */
    bool (*meets)(const REAL *relevance, const REAL *out, int sign, size_t n);
};
