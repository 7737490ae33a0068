/* Expected values from shares: of one row, and of many at once, against the definition in long double. */
#include "kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Expected values from shares, which may be scaled, against the definition in long double: a reach for every degree of the polynomials, for the whole
 * exponential, and none; shares of which most are nothing; features in any order. */
static void check_shares(const struct ocelot_kernels *kernels, size_t m, size_t d, double gamma, double steep)
{
    double *u = calloc(m * d, sizeof *u), *x = calloc(d, sizeof *x), *p = calloc(m, sizeof *p), *range = calloc(2 * d, sizeof *range);
    double *out = calloc(d, sizeof *out), *panels = aligned_alloc(64, (kernels->packed_bytes(m, d) + 127) / 64 * 64);
    size_t *features = calloc(d, sizeof *features);
    struct ocelot_rng rng;
    assert_true(u && x && p && range && out && panels && features);
    ocelot_rng_seed(&rng, m + d);
    for (size_t i = 0; i < d; i++) {
        double center = i % 3 == 2 ? 1e4 : 0;
        for (size_t j = 0; j < m; j++)
            u[j * d + i] = center + ocelot_rng_normal(&rng);
        x[i] = center + (i % 7 == 3 ? 40 : 1) * ocelot_rng_normal(&rng);
        range[i] = range[d + i] = u[i];
        for (size_t j = 0; j < m; j++) {
            range[i] = fmin(range[i], u[j * d + i]);
            range[d + i] = fmax(range[d + i], u[j * d + i]);
        }
        features[i] = d - 1 - i;
    }
    double total = 0;
    for (size_t j = 0; j < m; j++)
        total += p[j] = 0.3 * exp(-steep * ocelot_rng_uniform(&rng));
    struct ocelot_packed packed = {.points = u, .count = m, .size = d, .panels = panels};
    kernels->pack(u, m, d, panels);
    kernels->expected_from_shares(&packed, x, p, total, gamma, range, range + d, features, d, out);
    for (size_t k = 0; k < d; k++) {
        size_t i = features[k];
        long double sum = 0, weighted = 0, furthest = 0;
        for (size_t j = 0; j < m; j++) {
            long double t = (long double)x[i] - (long double)u[j * d + i], value = (long double)p[j] * expl((long double)gamma * t * t);
            furthest = fmaxl(furthest, (long double)gamma * t * t);
            sum += value;
            weighted += value * (long double)u[j * d + i];
        }
        if (furthest > (long double)OCELOT_EXPECTED_REACH)
            assert_true(isnan(out[k]));
        else /* polynomials are right to 1e-13, the exponent of at most 30 to 30 epsilon; and the sum is rounded beside an offset of 1e4 */
            assert_close(out[k], (double)(weighted / sum), 1e-12 * (1 + range[d + i] - range[i]) + 1e-15 * fabs(u[i]) * (double)m, kernels->name);
    }
    free(u);
    free(x);
    free(p);
    free(range);
    free(out);
    free(panels);
    free(features);
}

static void expected_from_shares(void **state)
{
    (void)state;
    static const double gammas[] = {1e-20, 1e-12, 3e-4, 1e-3, 2e-3, 4e-3, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 1, 3};
    static const size_t sizes[][2] = {{1, 1}, {2, 5}, {23, 3}, {24, 33}, {25, 17}, {203, 40}};
    for (size_t body = 0; ocelot_kernel_bodies[body]; body++)
        for (size_t s = 0; ocelot_kernel_bodies[body]->available() && s < sizeof sizes / sizeof *sizes; s++)
            for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++)
                for (int steep = 0; steep <= 600; steep += 200)
                    check_shares(ocelot_kernel_bodies[body], sizes[s][0], sizes[s][1], gammas[g], steep);
}

/* Expected values of all features of several rows, against the definition in long double. What is not told must be far from the range, or of a range
 * that is wide for gamma. Returns how many were told. */
static size_t check_rows(const struct ocelot_kernels *kernels, size_t m, size_t d, size_t rows, double gamma)
{
    double *u = calloc(m * d, sizeof *u), *x = calloc(rows * d, sizeof *x), *p = calloc(rows * m, sizeof *p), *range = calloc(2 * d, sizeof *range);
    double *out = calloc(rows * d, sizeof *out);
    void *scratch = aligned_alloc(64, (kernels->expected_room(rows, m) + 127) / 64 * 64);
    double *panels = aligned_alloc(64, (kernels->packed_bytes(m, d) + 127) / 64 * 64);
    struct ocelot_rng rng;
    size_t told = 0;
    assert_true(u && x && p && range && scratch && out && panels);
    ocelot_rng_seed(&rng, m + d + rows);
    for (size_t i = 0; i < d; i++) {
        double center = i % 3 == 2 ? 1e4 : 0, width = i % 5 == 4 ? 0 : 1;
        for (size_t j = 0; j < m; j++)
            u[j * d + i] = center + width * (ocelot_rng_uniform(&rng) - 0.5);
        for (size_t b = 0; b < rows; b++)
            x[b * d + i] = center + ((b + i) % 7 == 3 ? 40 : 0.5) * (2 * ocelot_rng_uniform(&rng) - 1);
        range[i] = range[d + i] = u[i];
        for (size_t j = 0; j < m; j++) {
            range[i] = fmin(range[i], u[j * d + i]);
            range[d + i] = fmax(range[d + i], u[j * d + i]);
        }
    }
    for (size_t b = 0; b < rows; b++) {
        double total = 0;
        for (size_t j = 0; j < m; j++)
            total += p[b * m + j] = exp(-(double)(b % 4) * 5 * ocelot_rng_uniform(&rng));
        for (size_t j = 0; j < m; j++)
            p[b * m + j] /= total;
    }
    struct ocelot_packed packed = {.points = u, .count = m, .size = d, .panels = panels};
    kernels->pack(u, m, d, panels);
    kernels->expected_of_rows(&packed, x, p, rows, gamma, range, range + d, scratch, out);
    for (size_t n = 0; n < rows * d; n++) {
        size_t b = n / d, i = n % d;
        double width = range[d + i] - range[i], away = fabs(x[n] - (range[i] + range[d + i]) / 2);
        long double sum = 0, weighted = 0;
        for (size_t j = 0; j < m; j++) {
            long double t = (long double)x[n] - (long double)u[j * d + i],
                        value = (long double)p[b * m + j] * expl((long double)gamma * (t * t - (long double)away * away));
            sum += value;
            weighted += value * (long double)u[j * d + i];
        }
        told += !isnan(out[n]);
        if (isnan(out[n]))
            assert_true(gamma * width * width > 3 || gamma * (away + width) * (away + width) > OCELOT_EXPECTED_REACH ||
                        (away > 0.5 * width && gamma * away * width > 0.01));
        else /* the promise; and the sum is rounded beside an offset of 1e4 */
            assert_close(out[n], (double)(weighted / sum), 1e-10 * width + 1e-15 * fabs(u[i]) * (double)m + 4 * DBL_EPSILON * fabs(u[i]),
                         kernels->name);
    }
    free(u);
    free(x);
    free(p);
    free(range);
    free(scratch);
    free(out);
    free(panels);
    return told;
}

/* For every length of the series, and rows of every number beside the tiles. */
static void expected_of_rows(void **state)
{
    (void)state;
    static const double gammas[] = {1e-20, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 20};
    static const size_t sizes[][3] = {{1, 1, 1}, {15, 7, 2}, {16, 7, 3}, {23, 6, 5}, {48, 5, 7}, {203, 40, 4}, {1000, 5, 53}};
    for (size_t body = 0; ocelot_kernel_bodies[body]; body++)
        for (size_t s = 0; ocelot_kernel_bodies[body]->available() && s < sizeof sizes / sizeof *sizes; s++)
            for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++) {
                size_t told = check_rows(ocelot_kernel_bodies[body], sizes[s][0], sizes[s][1], sizes[s][2], gammas[g]);
                assert_true(told || gammas[g] > 2);
            }
}

/* A row's expected values do not depend on the rows beside it. */
static void expected_of_rows_apart(void **state)
{
    (void)state;
    enum { M = 101, D = 3, ROWS = 51 };
    for (size_t body = 0; ocelot_kernel_bodies[body]; body++) {
        const struct ocelot_kernels *kernels = ocelot_kernel_bodies[body];
        static double u[M * D], x[ROWS * D], p[ROWS * M], together[ROWS * D], alone[D], low[D] = {-1, -1, -1}, high[D] = {1, 1, 1};
        struct ocelot_rng rng;
        void *scratch = aligned_alloc(64, (kernels->expected_room(ROWS, M) + 127) / 64 * 64);
        double *panels = kernels->available() ? aligned_alloc(64, (kernels->packed_bytes(M, D) + 127) / 64 * 64) : NULL;
        assert_non_null(scratch);
        ocelot_rng_seed(&rng, 7);
        if (!panels) {
            free(scratch);
            continue;
        }
        for (size_t n = 0; n < M * D; n++)
            u[n] = 2 * ocelot_rng_uniform(&rng) - 1;
        for (size_t n = 0; n < ROWS * D; n++)
            x[n] = 2 * ocelot_rng_uniform(&rng) - 1;
        for (size_t n = 0; n < ROWS * M; n++)
            p[n] = ocelot_rng_uniform(&rng) / M;
        struct ocelot_packed packed = {.points = u, .count = M, .size = D, .panels = panels};
        kernels->pack(u, M, D, panels);
        kernels->expected_of_rows(&packed, x, p, ROWS, 0.05, low, high, scratch, together);
        for (size_t b = 0; b < ROWS; b++) {
            kernels->expected_of_rows(&packed, x + b * D, p + b * M, 1, 0.05, low, high, scratch, alone);
            assert_memory_equal(alone, together + b * D, sizeof alone);
        }
        free(scratch);
        free(panels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expected_from_shares),
        cmocka_unit_test(expected_of_rows),
        cmocka_unit_test(expected_of_rows_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
