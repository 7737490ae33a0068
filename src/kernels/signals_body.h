/* Element-wise work of the walks, in one precision; compiled for each instruction set (body.h), and plainly (reference.c). Loops over strips of
 * PLACES values that compilers turn into vector code; sums are kept per place, since a compiler may not reorder a single one, in this precision for
 * a block of strips and in double beyond it. */

/* Sums of a block, place by place, in this precision: it is short, so they lose little. */
static inline void F(add_brief)(const REAL *values, double *sums, double *sizes)
{
    for (size_t l = 0; l < PLACES; l++) {
        REAL sum = 0, size = 0;
        for (size_t k = 0; k < STRIPS; k++) {
            REAL value = values[k * PLACES + l];
            sum += value;
            size += value < 0 ? -value : value;
        }
        sums[l] += (double)sum;
        sizes[l] += (double)size;
    }
}

static double F(signal_sum)(const REAL *values, size_t n, double *magnitude)
{
    double sums[PLACES] = {0}, sizes[PLACES] = {0};
    size_t whole = n - n % BRIEF;
    for (size_t k = 0; k < whole; k += BRIEF)
        F(add_brief)(values + k, sums, sizes);
    for (size_t k = whole; k < n; k++) {
        sums[k % PLACES] += (double)values[k];
        sizes[k % PLACES] += fabs((double)values[k]);
    }
    *magnitude = total_of(sizes);
    return total_of(sums);
}

static void F(signal_add)(const REAL *from, REAL sign, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] += sign * from[k];
}

static void F(signal_halve)(const REAL *from, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++) {
        REAL least = from[k] > 0 ? from[k] : 0, half = (to[k] + from[k]) / 2;
        to[k] = half > least ? half : least;
    }
}

/* In place apart: whether pointers meet keeps compilers from vectors. */
static void F(signal_rectify)(const REAL *from, size_t n, REAL *to)
{
    if (from == to) {
        for (size_t k = 0; k < n; k++)
            to[k] = to[k] > 0 ? to[k] : 0;
        return;
    }
    for (size_t k = 0; k < n; k++)
        to[k] = from[k] > 0 ? from[k] : 0;
}

static bool F(signal_part)(const REAL *from, REAL positive, REAL negative, REAL constant, size_t n, REAL *to)
{
    int met = 0;
    for (size_t k = 0; k < n; k++) {
        REAL up = from[k] > 0 ? from[k] : 0, value = positive * up + negative * (from[k] - up) + constant;
        to[k] = value;
        met |= value != 0;
    }
    return met != 0;
}

static void F(signal_multiply)(const REAL *from, REAL sign, const REAL *by, size_t n, REAL *to)
{
    for (size_t k = 0; k < n; k++)
        to[k] = sign * from[k] * by[k] + 0; /* no -0: as if added to 0 */
}

static void F(signal_blend)(const REAL *from, const struct F(ocelot_blend) * blend, const REAL *above, const REAL *below, size_t n, REAL *to)
{
    const struct F(ocelot_blend) by = *blend;
    for (size_t k = 0; k < n; k++) {
        REAL x = from[k], up = x * (x > 0 ? by.positive[0] : by.negative[0]) + by.constant[0];
        REAL down = x * (x > 0 ? by.positive[1] : by.negative[1]) + by.constant[1];
        to[k] = up * above[k] + (down * below[k] + 0); /* no -0: as if added to 0 */
    }
}

/* Sums of a block, place by place: what biases and the stabiliser keep, and what is lost. */
struct F(kept) {
    REAL kept[PLACES], lost[PLACES];
};

/* One whole strip, written at the end, since s may be z. */
static inline void F(strip_quotients)(REAL coefficient, REAL epsilon, REAL gate, const REAL *bias, const REAL *relevance, const REAL *z_at,
                                      const REAL *out, REAL *s_at, struct F(kept) * block)
{
    REAL s[PLACES];
    for (size_t l = 0; l < PLACES; l++) {
        REAL r = coefficient * relevance[l], z = z_at[l], keeps = z < 0 ? -epsilon : epsilon, stabilised = z + keeps;
        /* a shut gate: the other group has this output, unless its z is zero and neither does */
        REAL gated = gate * out[l], lost = stabilised == 0 ? r : 0, quotient = stabilised == 0 ? 0 : r / stabilised;
        REAL neither = gate > 0 && out[l] == 0 ? r : 0;
        quotient = gate == 0 || gated > 0 ? quotient : 0;
        lost = gate == 0 || gated > 0 ? lost : neither;
        REAL absorbed = keeps * quotient;
        block->lost[l] += lost + (z == 0 ? absorbed : 0);
        block->kept[l] += (z == 0 ? 0 : absorbed) + bias[l] * quotient;
        s[l] = quotient;
    }
    memcpy(s_at, s, sizeof s);
}

static void F(signal_quotients)(const struct F(ocelot_quotients) * q, REAL *s, double *absorbed, double *leaked)
{
    REAL relevance[PLACES] = {0}, z[PLACES], out[PLACES], last[PLACES], bias[PLACES] = {0}, gate = (REAL)q->gate;
    double kept[PLACES] = {0}, lost[PLACES] = {0};
    size_t whole = q->count - q->count % PLACES, left = q->count - whole;
    for (size_t l = 0; q->bias && l < PLACES; l++)
        bias[l] = l % q->period < q->count ? q->bias[l % q->period] : 0;
    for (size_t l = 0; l < PLACES; l++)
        z[l] = out[l] = 1;
    memcpy(relevance, q->relevance + whole, left * sizeof *s);
    memcpy(z, q->z + whole, left * sizeof *s);
    memcpy(out, q->out + whole, left * sizeof *s);
    for (size_t begin = 0; begin <= whole; begin += BRIEF) {
        struct F(kept) block = {{0}, {0}};
        size_t end = whole - begin < BRIEF ? whole : begin + BRIEF;
        for (size_t n = begin; gate == 0 && n < end; n += PLACES)
            F(strip_quotients)(q->coefficient, q->epsilon, 0, bias, q->relevance + n, q->z + n, q->z + n, s + n, &block);
        for (size_t n = begin; gate != 0 && n < end; n += PLACES)
            F(strip_quotients)(q->coefficient, q->epsilon, gate, bias, q->relevance + n, q->z + n, q->out + n, s + n, &block);
        if (end == whole && left > 0)
            F(strip_quotients)(q->coefficient, q->epsilon, gate, bias, relevance, z, out, last, &block);
        for (size_t l = 0; l < PLACES; l++) {
            kept[l] += (double)block.kept[l];
            lost[l] += (double)block.lost[l];
        }
    }
    memcpy(s + whole, last, left * sizeof *s);
    *absorbed += total_of(kept);
    *leaked += total_of(lost);
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

static void F(signal_most)(const REAL *in, const struct ocelot_seen *seen, size_t block, REAL *most)
{
    if (F(most_wide)(in, seen, block, most))
        return;
    memcpy(most, in, block * sizeof *most);
    for (size_t y = 0; y < seen->rows; y++)
        for (size_t x = 0; x < seen->columns; x++)
            for (size_t l = 0; l < block; l++) {
                REAL value = in[y * seen->down + x * seen->across + l];
                most[l] = value > most[l] ? value : most[l];
            }
}

static void F(signal_won)(const REAL *in, const struct ocelot_seen *seen, size_t block, const REAL *most, const REAL *s, REAL *back)
{
    REAL pending[PLACES];
    if (F(won_wide)(in, seen, block, most, s, back))
        return;
    memcpy(pending, s, block * sizeof *s);
    for (size_t y = 0; y < seen->rows; y++)
        for (size_t x = 0; x < seen->columns; x++)
            for (size_t l = 0; l < block; l++) {
                size_t at = y * seen->down + x * seen->across + l;
                bool won = in[at] == most[l];
                back[at] += won ? pending[l] : 0;
                pending[l] = won ? 0 : pending[l];
            }
}

static const struct F(ocelot_signals) F(signals) = {.sum = F(signal_sum),
                                                    .add = F(signal_add),
                                                    .halve = F(signal_halve),
                                                    .rectify = F(signal_rectify),
                                                    .part = F(signal_part),
                                                    .multiply = F(signal_multiply),
                                                    .blend = F(signal_blend),
                                                    .quotients = F(signal_quotients),
                                                    .most = F(signal_most),
                                                    .won = F(signal_won),
                                                    .meets = F(signal_meets)};
