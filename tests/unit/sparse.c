/* Points by their entries (kernels/sparse.h) against long double loops over all coordinates, for every body that takes them: sizes around the tiles,
 * rows that hold little and rows that hold all, and the places where |x|^2 + |u|^2 - 2 x u and W - W_i lose their digits. */
#include "kernels/sparse.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "points.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Distances and W - W_i may have lost 1024 roundings before they are summed anew, and are of sums of some hundred terms. */
static const double kept = 4096 * DBL_EPSILON;

/* Sets each coordinate to 0 but for a share of them. The first feature stays in every point, the last in none. */
static void thin(double *values, size_t rows, size_t d, double share, unsigned seed)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < rows * d; k++)
        if (k % d != 0 && ocelot_rng_uniform(&rng) > share)
            values[k] = 0;
    for (size_t j = 0; d > 1 && j < rows; j++)
        values[j * d + d - 1] = 0;
}

/* Both copies of the points, and room to write to. */
struct bench {
    struct points points;
    void *sparse;
    double *room;
    struct ocelot_packed dense, packed;
};

/* How many there are; listed, they are the coordinates that are not 0. */
static size_t entries_of(const double *points, size_t m, size_t d)
{
    struct ocelot_entries list;
    size_t found = 0;
    assert_true(ocelot_entries_list(points, m, d, &list));
    for (size_t j = 0; j < m; j++) {
        assert_int_equal(list.start[j], found);
        for (size_t i = 0; i < d; i++)
            if (points[j * d + i] != 0) {
                assert_true(found < list.start[j + 1]);
                assert_int_equal(list.feature[found], i);
                assert_true(list.value[found++] == points[j * d + i]);
            }
    }
    assert_int_equal(list.start[m], found);
    ocelot_entries_free(&list);
    return found;
}

static struct bench open_bench(size_t m, size_t d, size_t rows, double share, unsigned seed)
{
    struct bench bench = {.points = points_make(m, d, rows, 0, seed)};
    struct points *p = &bench.points;
    thin(p->u, m, d, share, seed + 1);
    thin(p->x, rows, d, share, seed + 2);
    size_t entries = entries_of(p->u, m, d), bytes = ocelot_sparse_bytes(entries, m, d);
    bench.sparse = aligned_alloc(64, (bytes + 63) / 64 * 64);
    bench.room = malloc((ocelot_sparse_room(m, d) + 1) * sizeof *bench.room);
    assert_true(bench.sparse && bench.room);
    bench.room[ocelot_sparse_room(m, d)] = (double)NAN; /* a guard */
    ocelot_sparse_make(p->u, NULL, entries, m, d, bench.sparse);
    bench.dense = (struct ocelot_packed){.points = p->u, .count = m, .size = d};
    bench.packed = (struct ocelot_packed){.points = NULL, .count = m, .size = d, .sparse = bench.sparse, .room = bench.room};
    return bench;
}

static void close_bench(struct bench *bench)
{
    assert_true(isnan(bench->room[ocelot_sparse_room(bench->points.m, bench->points.d)]));
    free(bench->sparse);
    free(bench->room);
    points_free(&bench->points);
}

static double *numbers(size_t n)
{
    double *values = malloc((n + 1) * sizeof *values);
    assert_non_null(values);
    for (size_t k = 0; k <= n; k++)
        values[k] = (double)NAN;
    return values;
}

static long double difference(const struct points *p, size_t b, size_t j, size_t i)
{
    return (long double)p->x[b * p->d + i] - (long double)p->u[j * p->d + i];
}

static void check_distances(const struct points *p, const double *out, const char *what)
{
    for (size_t b = 0; b < p->rows; b++)
        for (size_t j = 0; j < p->m; j++) {
            long double sum = 0;
            for (size_t i = 0; i < p->d; i++)
                sum += difference(p, b, j, i) * difference(p, b, j, i);
            assert_close(out[b * p->m + j], (double)sum, kept * (double)sum, what);
        }
}

enum sums { SQUARES, DIFFERENCES, POINTS };

static void check_sums(const struct points *p, enum sums sums, const double *w, const double *out, const char *what)
{
    for (size_t b = 0; b < p->rows; b++)
        for (size_t i = 0; i < p->d; i++) {
            long double sum = 0, magnitude = 0;
            bool positive = true;
            for (size_t j = 0; j < p->m; j++) {
                long double t = difference(p, b, j, i), weight = (long double)w[b * p->m + j];
                long double term = weight * (sums == SQUARES ? t * t : sums == DIFFERENCES ? t : (long double)p->u[j * p->d + i]);
                sum += term;
                magnitude += fabsl(term);
                positive = positive && weight >= 0;
            }
            assert_close(out[b * p->d + i], (double)sum, kept * (double)magnitude, what);
            assert_true(sums != SQUARES || !positive || out[b * p->d + i] >= 0);
        }
}

static void check_body(const struct ocelot_kernels *body, const struct bench *bench)
{
    const struct points *p = &bench->points;
    double *per_unit = numbers(p->rows * p->m), *per_feature = numbers(p->rows * p->d);
    body->squared_distance(&bench->packed, p->x, p->rows, per_unit);
    check_distances(p, per_unit, body->name);
    body->weighted_square(&bench->packed, p->x, p->row_weights, p->rows, per_feature);
    check_sums(p, SQUARES, p->row_weights, per_feature, "weighted_square");
    body->weighted_difference(&bench->packed, p->x, p->row_weights, p->rows, per_feature);
    check_sums(p, DIFFERENCES, p->row_weights, per_feature, "weighted_difference");
    body->weighted_sum(&bench->packed, p->row_weights, p->rows, per_feature);
    check_sums(p, POINTS, p->row_weights, per_feature, "weighted_sum");
    assert_true(isnan(per_unit[p->rows * p->m]) && isnan(per_feature[p->rows * p->d]));
    free(per_unit);
    free(per_feature);
}

static bool takes(const struct ocelot_kernels *body)
{
    return body->sparse && body->available();
}

static void check_bodies(const struct bench *bench)
{
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
        if (takes(ocelot_kernel_bodies[k]))
            check_body(ocelot_kernel_bodies[k], bench);
}

static const size_t sizes[][3] = {{1, 1, 1}, {1, 7, 3}, {2, 1, 5}, {7, 2, 9}, {25, 9, 8}, {48, 63, 7}, {97, 64, 16}, {101, 300, 17}, {256, 257, 1}};

static void sums_of_every_size(void **state)
{
    (void)state;
    static const double shares[] = {0.02, 0.3, 1};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t h = 0; h < sizeof shares / sizeof *shares; h++) {
            struct bench bench = open_bench(sizes[s][0], sizes[s][1], sizes[s][2], shares[h], (unsigned)(s * 10 + h));
            check_bodies(&bench);
            for (size_t n = 0; n < bench.points.rows * bench.points.m; n++) /* of both signs, as gradients and classifiers have them */
                bench.points.row_weights[n] = (n % 3 ? 1 : -2) * bench.points.row_weights[n];
            check_bodies(&bench);
            close_bench(&bench);
        }
}

/* Row b at `distance` from point b, in the features that the point has; numbers of `size`. */
static void approach(struct points *p, double distance, double size)
{
    for (size_t k = 0; k < p->m * p->d; k++)
        p->u[k] *= size;
    for (size_t b = 0; b < p->rows; b++)
        for (size_t i = 0; i < p->d; i++) {
            double u = p->u[b * p->d + i];
            p->x[b * p->d + i] = u == 0 ? 0 : u + distance / sqrt((double)p->d);
        }
}

/* The nearest point has nearly all of the weight, as soft-min pooling gives it: what the others add to features that it has must not drown. */
static void near_points(void **state)
{
    (void)state;
    static const struct {
        double distance, size;
    } cases[] = {{1e-3, 1}, {1e-6, 1}, {0, 1}, {1e-3, 1e4}, {1e-6, 1e4}, {1e-3, 1e-100}, {1, 1e100}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct bench bench = open_bench(60, 130, 11, 0.1, 5);
        struct points *p = &bench.points;
        approach(p, cases[c].distance * (cases[c].size < 1 || cases[c].size > 1e50 ? cases[c].size : 1), cases[c].size);
        ocelot_sparse_make(p->u, NULL, entries_of(p->u, p->m, p->d), p->m, p->d, bench.sparse);
        for (size_t b = 0; b < p->rows; b++)
            for (size_t j = 0; j < p->m; j++)
                p->row_weights[b * p->m + j] *= j == b ? 1 : 1e-14;
        check_bodies(&bench);
        close_bench(&bench);
    }
}

/* Expected values against the reference, which goes through all coordinates: of ordinary rows, of rows at a point, and of rows whose distances are
 * one feature's, which most points do not have. */
static void expected_values(void **state)
{
    (void)state;
    enum { UNITS = 60, FEATURES = 140, ROWS = 9 };
    const struct ocelot_profile_parameters parameters = {0.05, 1.3};
    for (unsigned c = 0; c < 3; c++) {
        struct bench bench = open_bench(UNITS, FEATURES, ROWS, 0.1, c);
        struct points *p = &bench.points;
        double low[FEATURES] = {0}, high[FEATURES] = {0}, scratch[UNITS], squared[UNITS], expected[FEATURES], out[FEATURES + 1], shares[UNITS];
        if (c == 1)
            approach(p, 1e-6, 1);
        ocelot_sparse_make(p->u, NULL, entries_of(p->u, UNITS, FEATURES), UNITS, FEATURES, bench.sparse);
        for (size_t k = 0; k < (size_t)UNITS * FEATURES; k++) {
            low[k % FEATURES] = fmin(low[k % FEATURES], p->u[k]);
            high[k % FEATURES] = fmax(high[k % FEATURES], p->u[k]);
        }
        for (size_t b = 0; b < ROWS; b++) {
            double *x = p->x + b * FEATURES, total = 0;
            x[b + 1] = c == 2 ? 1e3 : x[b + 1];
            const struct ocelot_kernels *plain = ocelot_kernel_bodies[0];
            plain->squared_distance(&bench.dense, x, 1, squared);
            for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
                const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
                if (!takes(body))
                    continue;
                for (size_t l = 0; ocelot_profiles[l]; l++) {
                    plain->expected(&bench.dense, x, squared, p->log_weights, ocelot_profiles[l], parameters, NULL, FEATURES, scratch, expected);
                    out[FEATURES] = (double)NAN;
                    body->expected(&bench.packed, x, squared, p->log_weights, ocelot_profiles[l], parameters, NULL, FEATURES, scratch, out);
                    /* phi is right to some 1e-13, and as large as 10 */
                    for (size_t i = 0; i < FEATURES; i++)
                        assert_close(out[i], expected[i], 1e-11 * (high[i] - low[i]), body->name);
                    assert_true(isnan(out[FEATURES]));
                }
                total = 0;
                for (size_t j = 0; j < UNITS; j++)
                    total += shares[j] = p->weights[j] * exp(-parameters.gamma * squared[j]);
                plain->expected_from_shares(&bench.dense, x, shares, total, parameters.gamma, low, high, NULL, FEATURES, expected);
                body->expected_from_shares(&bench.packed, x, shares, total, parameters.gamma, low, high, NULL, FEATURES, out);
                for (size_t i = 0; i < FEATURES && total > 0; i++)
                    assert_true(isnan(expected[i]) ? isnan(out[i]) : fabs(out[i] - expected[i]) <= 1e-11 * (high[i] - low[i]));
            }
        }
        close_bench(&bench);
    }
}

/* A row's numbers are the same bits alone, in a tile, and behind rows that hold other features. */
static void rows_do_not_touch(void **state)
{
    (void)state;
    enum { UNITS = 77, FEATURES = 300, ROWS = 19 };
    struct bench bench = open_bench(UNITS, FEATURES, ROWS, 0.05, 3);
    struct points *p = &bench.points;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
        if (!takes(body))
            continue;
        double *together = numbers((size_t)ROWS * FEATURES), alone[FEATURES], distances[UNITS];
        body->squared_distance(&bench.packed, p->x, ROWS, p->distance);
        body->weighted_square(&bench.packed, p->x, p->row_weights, ROWS, together);
        for (size_t b = 0; b < ROWS; b++) {
            body->squared_distance(&bench.packed, p->x + b * FEATURES, 1, distances);
            body->weighted_square(&bench.packed, p->x + b * FEATURES, p->row_weights + b * UNITS, 1, alone);
            assert_memory_equal(distances, p->distance + b * UNITS, sizeof distances);
            assert_memory_equal(alone, together + b * FEATURES, sizeof alone);
        }
        free(together);
    }
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_of_every_size), cmocka_unit_test(near_points), cmocka_unit_test(expected_values),
                                       cmocka_unit_test(rows_do_not_touch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
