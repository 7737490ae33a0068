/* The own solver where it is hard: few and many support vectors, kernels of ones and of nothing else than themselves, rows that repeat, columns
 * that say nothing, very few rows and many in a plane. Alpha must be feasible and the gap, computed anew by plain loops, below the tolerance. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/size.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/solver.h"
#include "svm/violators.h"

#define TOLERANCE 1e-3

static double normal(struct ocelot_rng *rng, size_t column)
{
    (void)column;
    return ocelot_rng_normal(rng);
}

static double repeated(struct ocelot_rng *rng, size_t column)
{
    (void)column;
    return (double)ocelot_rng_below(rng, 3);
}

static double one_column(struct ocelot_rng *rng, size_t column)
{
    return column ? 7 : ocelot_rng_normal(rng);
}

/* As a table that nobody scaled: far from 0, and columns of very different spreads. */
static double raw(struct ocelot_rng *rng, size_t column)
{
    return 1e4 + ocelot_rng_normal(rng) * pow(10, 2 * (double)column - 3);
}

/* Far from 0 beside what they are apart, as many as products in float are worth. */
static double many_raw(struct ocelot_rng *rng, size_t column)
{
    return 3 + 0.1 * ocelot_rng_normal(rng) + (double)(column % 5);
}

static double equal(struct ocelot_rng *rng, size_t column)
{
    (void)rng;
    (void)column;
    return 1.5;
}

static double heavy_tails(struct ocelot_rng *rng, size_t column)
{
    (void)column;
    return ocelot_rng_normal(rng) / ocelot_rng_normal(rng);
}

static const struct {
    const char *name;
    double (*value)(struct ocelot_rng *rng, size_t column);
    size_t n, d;
} tables[] = {{"normal", normal, 600, 4},  {"repeated", repeated, 600, 4},    {"one column", one_column, 600, 4},
              {"raw", raw, 600, 4},        {"equal", equal, 1000, 3},         {"heavy tails", heavy_tails, 600, 4},
              {"two rows", normal, 2, 3},  {"two equal rows", equal, 2, 3},   {"three rows", normal, 3, 1},
              {"plane", normal, 20000, 2}, {"many columns", normal, 600, 40}, {"many raw columns", many_raw, 600, 40}};

/* (K alpha)_k for all k. */
static void sum_up(const struct ocelot_solver *s, double *gradient)
{
    for (size_t k = 0; k < s->n; k++)
        gradient[k] = 0;
    for (size_t j = 0; j < s->n; j++)
        for (size_t k = 0; k < s->n && s->alpha[j] > 0; k++) {
            double squared = 0;
            for (size_t i = 0; i < s->d; i++) {
                double difference = s->points[k * s->d + i] - s->points[j * s->d + i];
                squared += difference * difference;
            }
            gradient[k] += s->alpha[j] * exp(-s->parameters.gamma * squared);
        }
}

static void check(const struct ocelot_solver *s, const char *what)
{
    double sum = 0, *gradient = ocelot_allocate(s->n, sizeof *gradient);
    assert_non_null(gradient);
    for (size_t k = 0; k < s->n; k++) {
        assert_true(s->alpha[k] >= 0 && s->alpha[k] <= 1);
        sum += s->alpha[k];
    }
    assert_close(sum, s->total, 1e-12 * s->total, what); /* as many roundings as steps */
    sum_up(s, gradient);
    double gap = ocelot_gap(s->alpha, gradient, s->n), rounding = 1e-12 * s->total; /* of sums of so many kernel values of at most 1 */
    if (!(gap < TOLERANCE + rounding && s->gap < TOLERANCE))
        fail_msg("%s: gap %g, told %g", what, gap, s->gap);
    assert_true(isfinite(s->rho));
    free(gradient);
}

static void solve(size_t table, double gamma, double nu)
{
    size_t n = tables[table].n, d = tables[table].d;
    char what[128];
    struct ocelot_rng rng;
    struct ocelot_error err = {0};
    double *rows = ocelot_allocate(n * d, sizeof *rows), *alpha = ocelot_allocate(n, sizeof *alpha), *gradient = ocelot_allocate(n, sizeof *gradient);
    assert_true(rows && alpha && gradient);
    ocelot_rng_seed(&rng, 3);
    for (size_t k = 0; k < n * d; k++)
        rows[k] = tables[table].value(&rng, k % d);
    struct ocelot_solver s = {.kernels = ocelot_kernels_find(NULL),
                              .profile = &ocelot_profile_rbf,
                              .parameters = {.gamma = gamma},
                              .points = rows,
                              .n = n,
                              .d = d,
                              .total = nu * (double)n,
                              .tolerance = TOLERANCE,
                              .cache_bytes = (size_t)20 << 20,
                              .seed = 1,
                              .alpha = alpha,
                              .gradient = gradient};
    snprintf(what, sizeof what, "%s, gamma %g, nu %g", tables[table].name, gamma, nu);
    if (ocelot_solver_run(&s, &err) != OCELOT_OK)
        fail_msg("%s: %s", what, err.message);
    check(&s, what);
    free(rows);
    free(alpha);
    free(gradient);
}

static void hard(void **state)
{
    static const double gammas[] = {1e-12, 1e-4, 0.5, 50, 1e8}, nus[] = {0.001, 0.3, 0.9};
    (void)state;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++)
            for (size_t v = 0; v < sizeof nus / sizeof *nus; v++)
                if (tables[t].n <= 600 || (v == 0 && g > 0 && g < 4)) /* the plain loops need support vectors times rows */
                    solve(t, gammas[g], nus[v]);
}

/* Chosen rows: each once, those that violate the rule most on either side always among them, drawn ones violate it; few and all rows. */
static void violators(void **state)
{
    enum { N = 400 };
    (void)state;
    struct ocelot_rng rng;
    struct ocelot_ranked ranked[N];
    double alpha[N], gradient[N];
    size_t index[N];
    bool taken[N];
    ocelot_rng_seed(&rng, 9);
    for (size_t k = 0; k < N; k++) {
        alpha[k] = k % 3 == 0 ? 0 : k % 3 == 1 ? 1 : 0.5;
        gradient[k] = (double)ocelot_rng_below(&rng, 1000);
    }
    const struct ocelot_violators v = {alpha, gradient, N, index, ranked, taken, &rng};
    for (size_t most = 8; most <= N; most += 28)
        for (size_t drawn = 0; drawn <= most / 2; drawn += 1 + most / 5) {
            size_t count = ocelot_violators_choose(&v, most, drawn), times[N] = {0}, lowest = N, highest = N;
            assert_true(count == most || (most > N / 2 && count < most)); /* the second half is short of rows */
            for (size_t k = 0; k < count; k++)
                assert_int_equal(++times[index[k]], 1);
            for (size_t k = 0; k < N; k++) {
                lowest = alpha[k] < 1 && (lowest == N || gradient[k] < gradient[lowest]) ? k : lowest;
                highest = alpha[k] > 0 && (highest == N || gradient[k] > gradient[highest]) ? k : highest;
            }
            if (drawn < most / 2)
                assert_true(times[lowest] == 1 && times[highest] == 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hard), cmocka_unit_test(violators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
