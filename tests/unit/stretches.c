/* Totals of inputs and their way back, piece by piece (kernels/stretches.h), against whole arrays step by step: the same bits, whatever the team;
 * sums of what is kept are added in another order. */
#include "kernels/stretches.h"

#include <float.h>
#include <stdlib.h>

#include "base/rng.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { MOST_INPUTS = 3, LARGEST = 70001, MOST_THREADS = 3 };

static const size_t sizes[] = {1, 15, 17, 4096, 4097, 8193, LARGEST};

/* Relevance, inputs, what comes back to them, the total, quotients. */
struct bench {
    float *relevance, *in[MOST_INPUTS], *back[MOST_INPUTS], *total, *s;
    float *block;
};

/* With totals of nothing, half of them without relevance, as behind a ReLU. */
static struct bench open_bench(void)
{
    struct bench bench;
    struct ocelot_rng rng;
    size_t arrays = 3 + 2 * MOST_INPUTS;
    bench.block = malloc(arrays * LARGEST * sizeof *bench.block);
    assert_non_null(bench.block);
    ocelot_rng_seed(&rng, 3);
    for (size_t n = 0; n < arrays * LARGEST; n++)
        bench.block[n] = (float)ocelot_rng_normal(&rng);
    bench.relevance = bench.block;
    bench.total = bench.block + LARGEST;
    bench.s = bench.block + 2 * (size_t)LARGEST;
    for (size_t k = 0; k < MOST_INPUTS; k++) {
        bench.in[k] = bench.block + (3 + k) * LARGEST;
        bench.back[k] = bench.block + (3 + MOST_INPUTS + k) * LARGEST;
        for (size_t n = 0; n < LARGEST; n += 5)
            bench.in[k][n] = 0;
    }
    for (size_t n = 0; n < LARGEST; n += 10)
        bench.relevance[n] = 0;
    return bench;
}

static void check(const struct bench *bench, const struct ocelot_kernels *kernels, struct ocelot_team *team, size_t n, size_t inputs, float epsilon)
{
    struct ocelot_quotients_f32 q = {.coefficient = 2, .epsilon = epsilon, .relevance = bench->relevance, .count = n, .period = OCELOT_SIGNAL_PERIOD};
    const float *in[MOST_INPUTS];
    struct ocelot_share_f32 shares[MOST_INPUTS];
    double absorbed = 0, leaked = 0, whole_absorbed = 0, whole_leaked = 0, sum = 0, magnitude = 0;
    for (size_t k = 0; k < MOST_INPUTS; k++) {
        in[k] = shares[k].in = bench->in[k];
        shares[k].back = bench->back[k];
    }
    ocelot_stretches_total_f32(team, kernels->f32, in, inputs, n, bench->total);
    for (size_t i = 0; i < n; i++) {
        float total = in[0][i];
        for (size_t k = 1; k < inputs; k++)
            total += in[k][i];
        assert_true(bench->total[i] == total);
    }
    ocelot_stretches_divide_f32(team, kernels->f32, &q, shares, inputs, &absorbed, &leaked);
    q.z = q.out = bench->total;
    kernels->f32->quotients(&q, bench->s, &whole_absorbed, &whole_leaked);
    kernels->f32->quotients(&q, bench->total, &sum, &magnitude); /* over z */
    assert_memory_equal(bench->total, bench->s, n * sizeof *bench->s);
    /* 16 numbers below 10 are added in float, in other groups, and beyond them in double: 16 roundings of 160 for each 16 */
    assert_true(close_absolute(absorbed, whole_absorbed, 160 * FLT_EPSILON * (double)(n + 16)));
    assert_true(close_absolute(leaked, whole_leaked, 160 * FLT_EPSILON * (double)(n + 16)));
    assert_true(leaked != 0 || n < 6);
    for (size_t k = 0; k < inputs; k++) {
        for (size_t i = 0; i < n; i++)
            assert_true(shares[k].back[i] == in[k][i] * bench->s[i]);
        sum = kernels->f32->sum(shares[k].back, n, &magnitude);
        assert_true(close_absolute(shares[k].sum[0], sum, 1e-6 * magnitude)); /* sums of 16 numbers in float */
        assert_true(close_relative(shares[k].magnitude[0], magnitude, 1e-6));
    }
}

static void totals_are_divided_as_whole_arrays_are(void **state)
{
    (void)state;
    struct bench bench = open_bench();
    for (size_t threads = 1; threads <= MOST_THREADS; threads++) {
        struct ocelot_team *team = NULL;
        assert_true(ocelot_team_create(threads, &team));
        for (const struct ocelot_kernels *const *body = ocelot_kernel_bodies; *body; body++) {
            const struct ocelot_kernels *kernels = ocelot_kernels_find((*body)->name);
            for (size_t n = 0; kernels && n < sizeof sizes / sizeof *sizes; n++)
                for (size_t inputs = 1; inputs <= MOST_INPUTS; inputs++) {
                    check(&bench, kernels, team, sizes[n], inputs, 1e-6F);
                    check(&bench, kernels, team, sizes[n], inputs, 0);
                }
        }
        ocelot_team_free(team);
    }
    free(bench.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(totals_are_divided_as_whole_arrays_are)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
