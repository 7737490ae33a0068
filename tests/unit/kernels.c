/* src/kernels against long double loops: every body, every function that passes over coordinates, odd sizes, and the places where
 * expanded squares would lose their digits (distances.c sweeps them). */
#include "kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "points.h"
#include "support/close.h"
#include "support/cmocka_include.h"

typedef long double (*term_function)(long double x, long double u, long double w);

static long double square_term(long double x, long double u, long double w)
{
    (void)w;
    return (x - u) * (x - u);
}

static long double product_term(long double x, long double u, long double w)
{
    (void)w;
    return x * u;
}

static long double weighted_square_term(long double x, long double u, long double w)
{
    return w * (x - u) * (x - u);
}

static long double weighted_difference_term(long double x, long double u, long double w)
{
    return w * (x - u);
}

static long double weighted_term(long double x, long double u, long double w)
{
    (void)x;
    return w * u;
}

/* Compares out with the sum of `term` over the index that it lacks, within `ulps` rounding errors of the sum of |term|. A sum of n terms
 * with three roundings each is off by at most (n + 3) epsilon. (Distances from products are so of |x|^2 + |u|^2, which is about D here; distances.c
 * has the others.) */
static void check_sums(const struct points *points, const double *out, bool per_feature, term_function term, const char *what)
{
    size_t inner = per_feature ? points->m : points->d, outer = per_feature ? points->d : points->m;
    for (size_t b = 0; b < points->rows; b++)
        for (size_t k = 0; k < outer; k++) {
            long double sum = 0, magnitude = 0;
            for (size_t l = 0; l < inner; l++) {
                size_t i = per_feature ? k : l, j = per_feature ? l : k;
                long double value = term((long double)points->x[b * points->d + i], (long double)points->u[j * points->d + i],
                                         (long double)points->row_weights[b * points->m + j]);
                sum += value;
                magnitude += fabsl(value);
            }
            assert_close(out[b * outer + k], (double)sum, (double)(inner + 3) * DBL_EPSILON * (double)magnitude, what);
        }
}

/* Room for n results between two guards, all NaN, so that what is not written, or written outside, is seen. */
static double *guarded(size_t n)
{
    double *block = malloc((n + 2) * sizeof *block);
    assert_non_null(block);
    for (size_t k = 0; k < n + 2; k++)
        block[k] = (double)NAN;
    return block + 1;
}

static void guarded_free(double *block, size_t n)
{
    assert_true(isnan(block[-1]) && isnan(block[n]));
    free(block - 1);
}

static void check_body(const struct ocelot_kernels *body, struct points *points)
{
    struct ocelot_packed packed = points_pack(points, body);
    size_t m = points->rows * points->m, d = points->rows * points->d;
    double *per_unit = guarded(m), *per_feature = guarded(d);
    body->squared_distance(&packed, points->x, points->rows, per_unit);
    check_sums(points, per_unit, false, square_term, "squared_distance");
    body->product(&packed, points->x, points->rows, per_unit);
    check_sums(points, per_unit, false, product_term, "product");
    body->weighted_square(&packed, points->x, points->row_weights, points->rows, per_feature);
    check_sums(points, per_feature, true, weighted_square_term, "weighted_square");
    body->weighted_difference(&packed, points->x, points->row_weights, points->rows, per_feature);
    check_sums(points, per_feature, true, weighted_difference_term, "weighted_difference");
    body->weighted_sum(&packed, points->row_weights, points->rows, per_feature);
    check_sums(points, per_feature, true, weighted_term, "weighted_sum");
    guarded_free(per_unit, m);
    guarded_free(per_feature, d);
}

/* Sizes of one, primes, exact multiples of the tiles and one more or less, more than one chunk of support vectors, more than one block. */
static void sums_of_every_size(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{1, 1, 1},   {1, 7, 3},    {2, 1, 5},      {7, 2, 6},   {23, 5, 7},   {24, 8, 8},    {25, 9, 9},   {13, 16, 4},
                                      {48, 31, 8}, {97, 33, 13}, {101, 100, 17}, {521, 3, 2}, {256, 32, 1}, {257, 64, 12}, {769, 41, 11}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct points points = points_make(sizes[s][0], sizes[s][1], sizes[s][2], s % 2 ? 10 : 0, (unsigned)s);
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
            if (ocelot_kernel_bodies[k]->available())
                check_body(ocelot_kernel_bodies[k], &points);
        points_free(&points);
    }
}

/* How far the rows are from support vectors, where the data lie, and the gamma d^2 that the nearest typical unit has. */
struct situation {
    const char *name;
    double offset, distance, gamma_distance;
};

/* Moves row b to `distance` from support vector b. */
static void approach(struct points *points, double distance)
{
    for (size_t b = 0; b < points->rows; b++)
        for (size_t i = 0; i < points->d; i++)
            points->x[b * points->d + i] = points->u[b * points->d + i] + distance / sqrt((double)points->d);
}

/* The relevance of one row, section by section as docs/mathematics.md has it, in long double. Returns o. */
static long double relevance_oracle(const struct points *points, size_t b, double gamma, long double *relevance)
{
    const double *x = points->x + b * points->d;
    long double *phi = malloc(points->m * sizeof *phi), least = (long double)INFINITY, sum = 0, total = 0;
    assert_non_null(phi);
    for (size_t j = 0; j < points->m; j++) {
        phi[j] = 0;
        for (size_t i = 0; i < points->d; i++)
            phi[j] += (long double)gamma * square_term((long double)x[i], (long double)points->u[j * points->d + i], 0);
        least = points->weights[j] > 0 ? fminl(least, phi[j]) : least;
        total += (long double)points->weights[j];
    }
    for (size_t j = 0; j < points->m; j++)
        sum += (long double)points->weights[j] / total * (points->weights[j] > 0 ? expm1l(least - phi[j]) : 0);
    long double o = least - log1pl(sum);
    memset(relevance, 0, points->d * sizeof *relevance);
    for (size_t j = 0; j < points->m; j++) {
        long double p = (long double)points->weights[j] * expl(o - phi[j]);
        for (size_t i = 0; i < points->d; i++)
            relevance[i] += p * (phi[j] > 0 ? fminl((long double)gamma, (long double)gamma * o / phi[j]) : (long double)gamma) *
                            square_term((long double)x[i], (long double)points->u[j * points->d + i], 0);
    }
    free(phi);
    return o;
}

/* The same by one body, as the distance and soft-min ops do it in one step. */
static void explain(const struct ocelot_kernels *body, struct points *points, double gamma, double *scores)
{
    struct ocelot_packed packed = points_pack(points, body);
    struct ocelot_profile_parameters parameters = {gamma, 2};
    double *squared = points->distance;
    body->squared_distance(&packed, points->x, points->rows, squared);
    body->profile(&ocelot_profile_rbf, parameters, squared, points->rows * points->m);
    for (size_t b = 0; b < points->rows; b++) {
        const double *phi = squared + b * points->m;
        double *w = points->row_weights + b * points->m;
        scores[b] = body->softmin(phi, points->weights, points->log_weights, points->m, 0);
        struct ocelot_pooled sums = body->pooled_weights(&ocelot_profile_rbf, parameters, phi, points->weights, points->m, scores[b], 0, w);
        body->scale(w, points->m, 1 / sums.shares);
    }
    body->weighted_square(&packed, points->x, points->row_weights, points->rows, points->relevance);
}

/* Scores and relevances keep 1e-11 of the row's relevance near and on support vectors, far from the origin, and for gamma d^2 from 1e-9
 * to 1e4, where p itself carries an error of epsilon gamma d^2, about 2e-12. No relevance is negative. */
static void accuracy_where_it_is_hard(void **state)
{
    (void)state;
    static const struct situation situations[] = {
        {"plain", 0, 0, 2},
        {"offset 1e4", 1e4, 0, 2},
        {"1e-3 from a support vector", 0, 1e-3, 200},
        {"1e-6 from one", 0, 1e-6, 200},
        {"offset and 1e-3", 1e4, 1e-3, 200},
        {"on a support vector", 0, DBL_MIN, 200},
        {"phi 1e-9", 0, 0, 1e-9},
        {"phi 250", 0, 0, 250},
        {"phi 1e4", 0, 0, 1e4},
    };
    enum { UNITS = 211, FEATURES = 19, ROWS = 9 };
    for (size_t s = 0; s < sizeof situations / sizeof *situations; s++)
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
            if (!ocelot_kernel_bodies[k]->available())
                continue;
            struct points points = points_make(UNITS, FEATURES, ROWS, situations[s].offset, 7);
            if (situations[s].distance > 0)
                approach(&points, situations[s].distance);
            double gamma = situations[s].gamma_distance / (2 * FEATURES), scores[ROWS] = {0};
            explain(ocelot_kernel_bodies[k], &points, gamma, scores);
            for (size_t b = 0; b < ROWS; b++) {
                long double relevance[FEATURES] = {0}, o = relevance_oracle(&points, b, gamma, relevance), sum = 0;
                assert_close(scores[b], (double)o, 1e-13 * (double)o, situations[s].name);
                for (size_t i = 0; i < FEATURES; i++)
                    sum += relevance[i];
                for (size_t i = 0; i < FEATURES; i++) {
                    assert_true(points.relevance[b * FEATURES + i] >= 0);
                    assert_close(points.relevance[b * FEATURES + i], (double)relevance[i], 1e-11 * (double)sum, situations[s].name);
                }
            }
            points_free(&points);
        }
}

static const struct ocelot_profile_parameters parameters = {0.37, 1.3};

/* phi and its inverse undo one another, and the slope is phi's: a central difference in long double arithmetic of the double function
 * is good to about (epsilon / step) + step^2, that is 1e-10 with a step of 1e-5. */
static void profiles_invert_and_differentiate(void **state)
{
    (void)state;
    static const double values[] = {1e-12, 1e-3, 0.5, 3, 250, 1e4};
    for (size_t k = 0; ocelot_profiles[k]; k++) {
        const struct ocelot_profile *profile = ocelot_profiles[k];
        assert_ptr_equal(ocelot_profile_find(profile->name), profile);
        assert_true(profile->phi(parameters, 0) == 0 && profile->squared(parameters, 0) == 0);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            double squared = values[v], step = 1e-5 * squared;
            double slope = (profile->phi(parameters, squared + step) - profile->phi(parameters, squared - step)) / (2 * step);
            assert_true(close_relative(profile->squared(parameters, profile->phi(parameters, squared)), squared, 1e-12));
            assert_true(close_relative(profile->slope(parameters, squared), slope, 1e-9));
        }
    }
    assert_null(ocelot_profile_find("cosine"));
    assert_true(ocelot_profile_rbf.slope(parameters, 0) == parameters.gamma);
    assert_true(ocelot_profile_laplace.slope(parameters, 0) == 0);
    assert_true(ocelot_profile_generalised_gaussian.slope(parameters, 0) == 0);
    assert_true(ocelot_profile_student.slope(parameters, 0) == parameters.gamma);
}

/* Every body applies every profile, and undoes it, as the profile's own functions do, to a few roundings; from 0 over all sizes that occur
 * to the largest. */
static void profiles_on_arrays(void **state)
{
    (void)state;
    enum { COUNT = 613 };
    double ones[COUNT], values[COUNT], phi[COUNT], inverse[COUNT];
    for (size_t v = 0; v < COUNT; v++)
        ones[v] = 1;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
        for (size_t l = 0; ocelot_kernel_bodies[k]->available() && ocelot_profiles[l]; l++) {
            for (size_t v = 0; v < COUNT; v++) {
                values[v] = v == 0 ? 0 : pow(10, (double)v - 305);
                phi[v] = ocelot_profiles[l]->phi(parameters, values[v]);
                inverse[v] = ocelot_profiles[l]->squared(parameters, phi[v]);
            }
            ocelot_kernel_bodies[k]->profile(ocelot_profiles[l], parameters, values, COUNT);
            for (size_t v = 0; v < COUNT; v++)
                assert_true(close_relative(values[v], phi[v], 4 * DBL_EPSILON));
            double lost = ocelot_kernel_bodies[k]->distance_weights(ocelot_profiles[l], parameters, phi, ones, COUNT, values);
            for (size_t v = 0; v < COUNT; v++) {
                lost -= inverse[v] > 0 ? 0 : 1;
                assert_true(close_relative(values[v], inverse[v] > 0 ? 1 / inverse[v] : 0, 8 * DBL_EPSILON));
            }
            assert_true(lost == 0);
        }
}

/* The one sweep gives what the three single functions of the reference give, of every profile, with units that have no weight, at distance 0, and at
 * distances whose exponential is nothing. The sums differ by the rounding of o in p, which softmin_weights divides out, and of 300 terms. */
static void pooled_weights_are_the_single_steps(void **state)
{
    (void)state;
    enum { COUNT = 301 };
    const struct ocelot_kernels *plain = ocelot_kernel_bodies[0];
    double squared[COUNT], phi[COUNT], weights[COUNT], log_weights[COUNT], p[COUNT], relevance[COUNT], expected[COUNT], w[COUNT + 1];
    for (size_t l = 0; ocelot_profiles[l]; l++)
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
            if (!ocelot_kernel_bodies[k]->available())
                continue;
            for (size_t j = 0; j < COUNT; j++) {
                squared[j] = j % 50 == 7 ? 1e6 : j == 11 ? 0 : 0.05 * (double)j;
                weights[j] = j % 7 == 3 ? 0 : (1 + (double)(j % 5)) / 773; /* their sum */
                log_weights[j] = log(weights[j]);
                phi[j] = ocelot_profiles[l]->phi(parameters, squared[j]);
            }
            double o = plain->softmin(phi, weights, log_weights, COUNT, 0), passed, magnitude;
            plain->softmin_weights(phi, log_weights, COUNT, o, p);
            for (int conserving = 0; conserving < 2; conserving++) {
                double residual = 0;
                memset(relevance, 0, sizeof relevance);
                if (conserving)
                    plain->add_scaled(p, &o, 1, COUNT, relevance);
                else
                    residual = plain->softmin_relevance(phi, p, COUNT, o, 1, relevance);
                plain->sums(relevance, COUNT, &passed, &magnitude);
                double leaked = plain->distance_weights(ocelot_profiles[l], parameters, phi, relevance, COUNT, expected);
                w[COUNT] = (double)NAN;
                struct ocelot_pooled sums =
                    ocelot_kernel_bodies[k]->pooled_weights(ocelot_profiles[l], parameters, phi, weights, COUNT, o, conserving ? o : 0, w);
                assert_close(sums.residual, residual, 1e-13 * o, ocelot_profiles[l]->name);
                assert_close(sums.passed, passed, 1e-13 * o, ocelot_profiles[l]->name);
                assert_close(sums.leaked, leaked, 1e-13 * o, ocelot_profiles[l]->name);
                assert_true(isnan(w[COUNT]) && (leaked > 0) == conserving);
                for (size_t j = 0; j < COUNT; j++)
                    assert_close(w[j], expected[j], 1e-13 * expected[j] + 1e-300, ocelot_profiles[l]->name);
            }
        }
}

static void bodies_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(ocelot_kernel_bodies[0]->name, "reference");
    assert_true(ocelot_kernel_bodies[0]->available());
    assert_null(ocelot_kernels_find("abacus"));
    const struct ocelot_kernels *fastest = NULL;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        bool available = ocelot_kernel_bodies[k]->available();
        assert_ptr_equal(ocelot_kernels_find(ocelot_kernel_bodies[k]->name), available ? ocelot_kernel_bodies[k] : NULL);
        fastest = available ? ocelot_kernel_bodies[k] : fastest;
    }
    assert_ptr_equal(ocelot_kernels_find(NULL), fastest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_every_size),
        cmocka_unit_test(accuracy_where_it_is_hard),
        cmocka_unit_test(profiles_invert_and_differentiate),
        cmocka_unit_test(profiles_on_arrays),
        cmocka_unit_test(pooled_weights_are_the_single_steps),
        cmocka_unit_test(bodies_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
