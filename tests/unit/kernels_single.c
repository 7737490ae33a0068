/* The kernels in float (kernels/single.h, tiles_body.h) against the reference in double, for every body and profile. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "kernels/kernels.h"
#include "points.h"
#include "support/close.h"
#include "support/cmocka_include.h"

static float *to_single(const double *values, size_t n)
{
    float *copy = malloc(n * sizeof *copy);
    assert_non_null(copy);
    for (size_t k = 0; k < n; k++)
        copy[k] = (float)values[k];
    return copy;
}

/* One row's pooling in float against the reference in double, from the same distances: sums of m positive terms as below, of phi with a few
 * roundings. */
static void check_single_pooling(const struct ocelot_kernels *body, const struct ocelot_profile *profile, const struct points *points,
                                 const float *squared, const float *weights)
{
    const struct ocelot_kernels *plain = ocelot_kernel_bodies[0];
    const struct ocelot_profile_parameters p = {0.02, 1.3};
    const double ulps = 16 * (double)FLT_EPSILON;
    size_t m = points->m;
    double least, nearest = (double)INFINITY, *phi = calloc(m, sizeof *phi), *wide = calloc(m, sizeof *wide);
    float *shares = calloc(m, sizeof *shares);
    assert_true(phi && wide && shares && body->single->takes(profile));
    for (size_t j = 0; j < m; j++) {
        nearest = weights[j] > 0 ? fmin(nearest, (double)squared[j]) : nearest;
        phi[j] = profile->phi(p, (double)squared[j]);
    }
    double o = plain->softmin(phi, points->weights, points->log_weights, m, 0);
    assert_close(body->single->softmin(profile, p, squared, weights, m, &least), o, ulps * o, profile->name);
    assert_true(least == nearest);
    for (int conserving = 0; conserving < 2; conserving++) {
        double low = conserving ? o : 0;
        struct ocelot_pooled sums = plain->pooled_weights(profile, p, phi, points->weights, m, o, low, wide);
        struct ocelot_pooled found = body->single->pooled_weights(profile, p, squared, weights, m, o, low, shares);
        assert_close(found.shares, sums.shares, ulps, "shares");
        assert_close(found.passed, sums.passed, ulps * o, "passed");
        assert_close(found.residual, sums.residual, conserving ? 0 : ulps * o, "residual");
        for (size_t j = 0; j < m; j++)
            assert_close((double)shares[j], wide[j], 2 * ulps * wide[j] + 1e-30, "weights");
    }
    free(phi);
    free(wide);
    free(shares);
}

/* The kernels in float against those of the reference in double on the same numbers, rounded to float before. Sums of n positive terms with three
 * roundings each, in chunks: at most (n + 3) float epsilons, and far fewer; 16 is what they are held to. */
static void single_is_double_rounded(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 1, 1}, {7, 2, 6}, {25, 9, 9}, {48, 31, 8}, {97, 33, 13}, {521, 3, 2}, {769, 41, 11}, {130, 100, 17}};
    const double ulps = 16 * (double)FLT_EPSILON;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
            const struct ocelot_kernels_single *single = ocelot_kernel_bodies[k]->single;
            if (!ocelot_kernel_bodies[k]->available() || !single)
                continue;
            struct points points = points_make(sizes[s][0], sizes[s][1], sizes[s][2], 0, (unsigned)s);
            size_t m = points.m, d = points.d, rows = points.rows, bytes = single->packed_bytes(m, d);
            float *u = to_single(points.u, m * d), *x = to_single(points.x, rows * d), *w = to_single(points.row_weights, rows * m);
            float *weights = to_single(points.weights, m), *out = to_single(points.row_weights, rows * m), *back = to_single(points.x, rows * d);
            float *panels = aligned_alloc(64, (bytes + 63) / 64 * 64);
            double *expected = calloc(rows * m, sizeof *expected);
            assert_true(panels && expected);
            for (size_t n = 0; n < m * d; n++)
                points.u[n] = (double)u[n];
            for (size_t n = 0; n < rows * d; n++)
                points.x[n] = (double)x[n];
            for (size_t n = 0; n < rows * m; n++)
                points.row_weights[n] = (double)w[n];
            struct ocelot_packed packed = points_pack(&points, ocelot_kernel_bodies[0]);
            single->pack(u, m, d, panels);
            struct ocelot_packed_single narrow = {.count = m, .size = d, .panels = panels};
            ocelot_kernel_bodies[0]->squared_distance(&packed, points.x, rows, expected);
            single->squared_distance(&narrow, x, rows, out);
            for (size_t n = 0; n < rows * m; n++)
                assert_close((double)out[n], expected[n], ulps * expected[n], "squared_distance");
            ocelot_kernel_bodies[0]->weighted_square(&packed, points.x, points.row_weights, rows, points.relevance);
            single->weighted_square(&narrow, x, w, rows, back);
            for (size_t n = 0; n < rows * d; n++)
                assert_close((double)back[n], points.relevance[n], ulps * points.relevance[n], "weighted_square");
            for (size_t n = 0; n < rows * 4; n++)
                check_single_pooling(ocelot_kernel_bodies[k], ocelot_profiles[n % 4], &points, out + n / 4 * m, weights);
            void *blocks[] = {u, x, w, weights, out, back, panels, expected};
            for (size_t n = 0; n < sizeof blocks / sizeof *blocks; n++)
                free(blocks[n]);
            points_free(&points);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(single_is_double_rounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
