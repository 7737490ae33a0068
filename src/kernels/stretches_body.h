/* One precision. Stamped by stretches.c. */
struct F(stretches) {
    const struct F(ocelot_signals) * signals;
    const REAL *from;
    REAL *to, sign;
    size_t n, length;
    double sum[MOST], magnitude[MOST];
};

static void F(share)(struct ocelot_team *team, struct F(stretches) * all, void (*work)(void *context, size_t part, size_t thread))
{
    all->length = length_of(all->n);
    ocelot_team_run(team, (all->n + all->length - 1) / all->length, work, all);
}

static size_t F(count_of)(const struct F(stretches) * all, size_t part)
{
    size_t left = all->n - part * all->length;
    return left < all->length ? left : all->length;
}

#define PART(name, CALL)                                                                                                                             \
    static void F(name##_part)(void *context, size_t part, size_t thread)                                                                            \
    {                                                                                                                                                \
        struct F(stretches) *all = context;                                                                                                          \
        const REAL *from = all->from + part * all->length;                                                                                           \
        REAL *to = all->to ? all->to + part * all->length : NULL;                                                                                    \
        size_t count = F(count_of)(all, part);                                                                                                       \
        (void)thread, (void)to;                                                                                                                      \
        CALL;                                                                                                                                        \
    }

PART(sum, all->sum[part] = all->signals->sum(from, count, &all->magnitude[part]))
PART(add, all->signals->add(from, count, to))
PART(rectify, all->signals->rectify(from, count, to))
PART(multiply, all->signals->multiply(from, all->sign, count, to))
PART(copy, memcpy(to, from, count * sizeof *to))
#undef PART

/* What is written goes through `all`. NOLINTBEGIN(readability-non-const-parameter) */
double F(ocelot_stretches_sum)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *values, size_t n, double *magnitude)
{
    struct F(stretches) all = {.signals = signals, .from = values, .n = n};
    double sum = 0;
    F(share)(team, &all, F(sum_part));
    *magnitude = 0;
    for (size_t k = 0; k * all.length < n; k++) {
        sum += all.sum[k];
        *magnitude += all.magnitude[k];
    }
    return sum;
}

void F(ocelot_stretches_add)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .n = n};
    F(share)(team, &all, F(add_part));
}

void F(ocelot_stretches_rectify)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .n = n};
    F(share)(team, &all, F(rectify_part));
}

void F(ocelot_stretches_multiply)(struct ocelot_team *team, const struct F(ocelot_signals) * signals, const REAL *from, REAL sign, size_t n, REAL *to)
{
    struct F(stretches) all = {.signals = signals, .from = from, .to = to, .sign = sign, .n = n};
    F(share)(team, &all, F(multiply_part));
}

void F(ocelot_stretches_copy)(struct ocelot_team *team, const REAL *from, size_t n, REAL *to)
{
    struct F(stretches) all = {.from = from, .to = to, .n = n};
    F(share)(team, &all, F(copy_part));
}
/* NOLINTEND(readability-non-const-parameter) */
