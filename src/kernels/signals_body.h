/* Element-wise work of the walks, in one precision; compiled for each instruction set (body.h), and plainly (reference.c). Loops over strips of
 * PLACES values that compilers turn into vector code; sums are kept per place, since a compiler may not reorder a single one. */

static double F(signal_sum)(const REAL *values, size_t n, double *magnitude)
{
    double sum[PLACES] = {0}, size[PLACES] = {0}, total = 0;
    *magnitude = 0;
    for (size_t k = 0; k < n; k += PLACES) {
        size_t left = n - k < PLACES ? n - k : PLACES;
        REAL line[PLACES] = {0};
        memcpy(line, values + k, left * sizeof *line);
        for (size_t l = 0; l < PLACES; l++) {
            double value = (double)line[l];
            sum[l] += value;
            size[l] += value < 0 ? -value : value;
        }
    }
    for (size_t l = 0; l < PLACES; l++) {
        total += sum[l];
        *magnitude += size[l];
    }
    return total;
}

static void F(signal_add)(const REAL *from, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] += from[k];
}

static void F(signal_rectify)(const REAL *from, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] = from[k] > 0 ? from[k] : 0;
}

static void F(signal_multiply)(const REAL *from, REAL sign, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] = sign * from[k] * to[k] + 0; /* no -0: as if added to 0 */
}

/* A strip's places, and what they have kept and lost so far. */
struct F(strip) {
    REAL r[PLACES], z[PLACES], out[PLACES], s[PLACES], bias[PLACES];
    double absorbed[PLACES], leaked[PLACES];
};

static inline void F(strip_quotients)(struct F(strip) * strip, REAL epsilon, REAL gate)
{
    for (size_t l = 0; l < PLACES; l++) {
        REAL r = strip->r[l], z = strip->z[l], out = strip->out[l], keeps = z < 0 ? -epsilon : epsilon, stabilised = z + keeps;
        /* a shut gate: the other group has this output, unless its z is zero and neither does */
        int shut = gate * out <= 0 && gate != 0, empty = stabilised == 0;
        REAL s = r / (empty ? (REAL)1 : stabilised);
        s = shut | empty ? 0 : s;
        double kept = (double)keeps * (double)s, none = z == 0 ? kept : 0, open = empty ? (double)r : none;
        double neither = out == 0 && gate > 0 ? (double)r : 0;
        strip->leaked[l] += shut ? neither : open;
        strip->absorbed[l] += kept - none + (double)strip->bias[l] * (double)s;
        strip->s[l] = s;
    }
}

static void F(signal_quotients)(const struct F(ocelot_quotients) * q, REAL *s, double *absorbed, double *leaked)
{
    struct F(strip) strip;
    memset(&strip, 0, sizeof strip);
    for (size_t l = 0; q->bias && l < PLACES; l++)
        strip.bias[l] = l % q->period < q->count ? q->bias[l % q->period] : 0;
    for (size_t n = 0; n < q->count; n += PLACES) {
        size_t left = q->count - n < PLACES ? q->count - n : PLACES;
        if (left < PLACES) {
            memset(strip.r, 0, sizeof strip.r);
            for (size_t l = left; l < PLACES; l++)
                strip.z[l] = strip.out[l] = 1;
        }
        memcpy(strip.z, q->z + n, left * sizeof *s);
        memcpy(strip.out, q->out + n, left * sizeof *s);
        for (size_t l = 0; l < left; l++)
            strip.r[l] = q->coefficient * q->relevance[n + l];
        F(strip_quotients)(&strip, q->epsilon, (REAL)q->gate);
        memcpy(s + n, strip.s, left * sizeof *s);
    }
    for (size_t l = 0; l < PLACES; l++) {
        *absorbed += strip.absorbed[l];
        *leaked += strip.leaked[l];
    }
}

static bool F(signal_meets)(const REAL *relevance, const REAL *out, int sign, size_t n)
{
    for (size_t k = 0; k < n; k += STRETCH) {
        size_t left = n - k < STRETCH ? n - k : STRETCH;
        int met = 0;
        for (size_t l = 0; l < left; l++)
            met |= (relevance[k + l] != 0) & ((REAL)sign * out[k + l] > 0);
        if (met)
            return true;
    }
    return false;
}

static const struct F(ocelot_signals) F(signals) = {.sum = F(signal_sum),
                                                    .add = F(signal_add),
                                                    .rectify = F(signal_rectify),
                                                    .multiply = F(signal_multiply),
                                                    .quotients = F(signal_quotients),
                                                    .meets = F(signal_meets)};
