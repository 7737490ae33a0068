/* One precision. Stamped by stretches.c. */
struct F(stretches) {
    const struct F(ocelot_signals) * signals;
    const struct F(ocelot_blend) * blend;
    const REAL *from, *by, *below, *const *in;
    REAL *to, sign, positive, negative, constant;
    size_t n, length, inputs;
    double sum[OCELOT_STRETCHES], magnitude[OCELOT_STRETCHES];
};

static void F(share)(struct ocelot_team *team, struct F(stretches) * all, void (*work)(void *context, size_t part, size_t thread))
{
    all->length = ocelot_stretch_length(all->n);
    ocelot_team_run(team, ocelot_stretch_count(all->n, all->length), work, all);
}

/* The sums of all stretches, in order. */
static double F(shared_sum)(const struct F(stretches) * all, double *magnitude)
{
    double sum = 0;
    *magnitude = 0;
    for (size_t k = 0; k * all->length < all->n; k++) {
        sum += all->sum[k];
        *magnitude += all->magnitude[k];
    }
    return sum;
}

/* CALL on what fits into the first-level cache at a time, from `at` on; its `sum`, if it has one, into the stretch's. */
#define PART(name, CALL)                                                                                                                             \
    static void F(name##_part)(void *context, size_t part, size_t thread)                                                                            \
    {                                                                                                                                                \
        struct F(stretches) *all = context;                                                                                                          \
        size_t begin = part * all->length, end = all->n - begin < all->length ? all->n : begin + all->length;                                        \
        double magnitude = 0;                                                                                                                        \
        (void)thread;                                                                                                                                \
        all->sum[part] = all->magnitude[part] = 0;                                                                                                   \
        for (size_t at = begin; at < end; at += CACHED) {                                                                                            \
            size_t count = end - at < CACHED ? end - at : CACHED;                                                                                    \
            CALL;                                                                                                                                    \
            all->magnitude[part] += magnitude;                                                                                                       \
        }                                                                                                                                            \
    }

/* One piece of a total. */
static void F(add_all)(const struct F(stretches) * all, size_t at, size_t count)
{
    memcpy(all->to + at, all->in[0] + at, count * sizeof *all->to);
    for (size_t k = 1; k < all->inputs; k++)
        all->signals->add(all->in[k] + at, 1, count, all->to + at);
}

#define ADD_SUM_OF(values) all->sum[part] += all->signals->sum((values) + at, count, &magnitude)
PART(sum, ADD_SUM_OF(all->from))
PART(add, all->signals->add(all->from + at, all->sign, count, all->to + at))
PART(add_up, all->signals->add(all->from + at, 1, count, all->to + at); ADD_SUM_OF(all->to))
PART(rectify, all->signals->rectify(all->from + at, count, all->to + at))
PART(part, all->sum[part] += all->signals->part(all->from + at, all->positive, all->negative, all->constant, count, all->to + at))
PART(multiply, all->signals->multiply(all->from + at, all->sign, all->by + at, count, all->to + at); ADD_SUM_OF(all->to))
PART(blend, all->signals->blend(all->from + at, all->blend, all->by + at, all->below + at, count, all->to + at); ADD_SUM_OF(all->to))
PART(total, F(add_all)(all, at, count))
PART(copy, memcpy(all->to + at, all->from + at, count * sizeof *all->to))
#undef ADD_SUM_OF
#undef PART

/* What is written goes through `all`. NOLINTBEGIN(readability-non-const-parameter) */
double F(ocelot_stretches_sum)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *values, size_t n, double *magnitude)
{
    struct F(stretches) all = {.signals = signals, .from = values, .n = n};
    F(share)(team, &all, F(sum_part));
    return F(shared_sum)(&all, magnitude);
}

void F(ocelot_stretches_add)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .sign = sign, .n = n};
    F(share)(team, &all, F(add_part));
}

double F(ocelot_stretches_add_up)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to,
                                  double *magnitude)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .n = n};
    F(share)(team, &all, F(add_up_part));
    return F(shared_sum)(&all, magnitude);
}

void F(ocelot_stretches_rectify)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .n = n};
    F(share)(team, &all, F(rectify_part));
}

/* Each stretch counts the pieces where something is not 0. */
bool F(ocelot_stretches_part)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL positive, REAL negative,
                              REAL constant, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .positive = positive, .negative = negative, .constant = constant, .n = n};
    double magnitude;
    F(share)(team, &all, F(part_part));
    return F(shared_sum)(&all, &magnitude) != 0;
}

double F(ocelot_stretches_multiply)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, const REAL *by,
                                    size_t n, REAL *to, double *magnitude)
{
    struct F(stretches) all = {.signals = signals, .from = from, .by = by, .to = to, .sign = sign, .n = n};
    F(share)(team, &all, F(multiply_part));
    return F(shared_sum)(&all, magnitude);
}

double F(ocelot_stretches_blend)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from,
                                 const struct F(ocelot_blend) * blend, const REAL *above, const REAL *below, size_t n, REAL *to, double *magnitude)
{
    struct F(stretches) all = {.signals = signals, .from = from, .blend = blend, .by = above, .below = below, .to = to, .n = n};
    F(share)(team, &all, F(blend_part));
    return F(shared_sum)(&all, magnitude);
}

void F(ocelot_stretches_copy)(struct ocelot_team *team, const REAL *from, size_t n, REAL *to)
{
    struct F(stretches) all = {.from = from, .to = to, .n = n};
    F(share)(team, &all, F(copy_part));
}

void F(ocelot_stretches_total)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *const *in, size_t inputs, size_t n,
                               REAL *to)
{
    struct F(stretches) all = {.signals = signals, .in = in, .inputs = inputs, .to = to, .n = n};
    F(share)(team, &all, F(total_part));
}
/* NOLINTEND(readability-non-const-parameter) */

/* The way back of a total. */
struct F(division) {
    const struct F(ocelot_signals) * signals;
    const struct F(ocelot_quotients) * q;
    struct F(ocelot_share) * shares;
    size_t inputs, length;
    double absorbed[OCELOT_STRETCHES], leaked[OCELOT_STRETCHES];
};

/* The total of a piece waits where the first input's share will stand. */
static void F(divide_piece)(struct F(division) * all, size_t part, size_t at, size_t count)
{
    REAL s[CACHED], *z = all->shares->back + at;
    struct F(ocelot_quotients) q = *all->q;
    memcpy(z, all->shares->in + at, count * sizeof *z);
    for (size_t k = 1; k < all->inputs; k++)
        all->signals->add(all->shares[k].in + at, 1, count, z);
    q.relevance += at;
    q.z = q.out = z;
    q.count = count;
    all->signals->quotients(&q, s, &all->absorbed[part], &all->leaked[part]);
    for (size_t k = 0; k < all->inputs; k++) {
        struct F(ocelot_share) *share = &all->shares[k];
        double magnitude = 0;
        all->signals->multiply(share->in + at, 1, s, count, share->back + at);
        share->sum[part] += all->signals->sum(share->back + at, count, &magnitude);
        share->magnitude[part] += magnitude;
    }
}

static void F(divide_part)(void *context, size_t part, size_t thread)
{
    struct F(division) *all = context;
    size_t n = all->q->count, begin = part * all->length, end = n - begin < all->length ? n : begin + all->length;
    (void)thread;
    all->absorbed[part] = all->leaked[part] = 0;
    for (size_t k = 0; k < all->inputs; k++)
        all->shares[k].sum[part] = all->shares[k].magnitude[part] = 0;
    for (size_t at = begin; at < end; at += CACHED)
        F(divide_piece)(all, part, at, end - at < CACHED ? end - at : CACHED);
}

void F(ocelot_stretches_divide)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const struct F(ocelot_quotients) * q,
                                struct F(ocelot_share) * shares, size_t inputs, double *absorbed, double *leaked)
{
    struct F(division) all = {.signals = signals, .q = q, .inputs = inputs, .length = ocelot_stretch_length(q->count)};
    size_t parts = ocelot_stretch_count(q->count, all.length);
    all.shares = shares;
    ocelot_team_run(team, parts, F(divide_part), &all);
    for (size_t part = 0; part < parts; part++) {
        *absorbed += all.absorbed[part];
        *leaked += all.leaked[part];
        for (size_t k = 0; part > 0 && k < inputs; k++) {
            shares[k].sum[0] += shares[k].sum[part];
            shares[k].magnitude[0] += shares[k].magnitude[part];
        }
    }
}
