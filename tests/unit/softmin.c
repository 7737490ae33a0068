/* The row functions of src/kernels against long double: exponentials, soft-min, its weights, and expected values. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/exponential.h"
#include "kernels/kernels.h"
#include "kernels/logarithm.h"
#include "points.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* |a - b| in units of the last place of b, b normal. */
static double ulps(double a, long double b)
{
    int exponent;
    (void)frexpl(b, &exponent);
    return (double)fabsl(((long double)a - b) / ldexpl(1, exponent - DBL_MANT_DIG));
}

/* One unit in the last place everywhere, as the header promises. */
static void exponentials_are_accurate(void **state)
{
    (void)state;
    for (size_t k = 0; k < 37990; k++) {
        double x = -708.3 + 0.0373 * (double)k;
        assert_true(ulps(exponential(x), expl((long double)x)) <= 1);
        assert_true(ulps(exponential_less_one(x), expm1l((long double)x)) <= 1.5);
    }
    for (size_t k = 0; k < 2200; k++) {
        double x = pow(1.3777, -(double)k);
        assert_true(ulps(exponential(-x), expl(-(long double)x)) <= 1);
        assert_true(ulps(exponential_less_one(-x), expm1l(-(long double)x)) <= 1.5);
        assert_true(ulps(exponential_less_one(x), expm1l((long double)x)) <= 1.5);
    }
    assert_true(exponential(0) == 1 && exponential_less_one(0) == 0);
    assert_true(exponential(-709) == 0 && exponential(-1e308) == 0 && exponential(-(double)INFINITY) == 0);
    assert_true(exponential_less_one(-(double)INFINITY) == -1);
    assert_true(isnan(exponential((double)NAN)) && isnan(exponential_less_one((double)NAN)));
}

/* Within two units in the last place, from the least double that is not denormal to the largest. */
static void logarithms_are_accurate(void **state)
{
    (void)state;
    for (size_t k = 0; k < 40000; k++) {
        double y = pow(10, -307.5 + 615.7 * (double)k / 40000), near = 3.0 * (double)k / 40000;
        assert_true(ulps(logarithm_of_one_plus(y), log1pl((long double)y)) <= 2);
        assert_true(k == 0 || ulps(logarithm_of_one_plus(near), log1pl((long double)near)) <= 2);
    }
    assert_true(logarithm_of_one_plus(0) == 0);
    assert_true(isinf(logarithm_of_one_plus((double)INFINITY)) && isnan(logarithm_of_one_plus((double)NAN)));
}

/* Each body compiles its own: with log w = 0 and o = 0, softmin_weights is exp(-phi). */
static void every_body_has_that_exponential(void **state)
{
    (void)state;
    enum { COUNT = 20011 };
    double *phi = malloc(COUNT * sizeof *phi), *zero = calloc(COUNT, sizeof *zero), *p = malloc(COUNT * sizeof *p);
    assert_true(phi && zero && p);
    for (size_t j = 0; j < COUNT; j++)
        phi[j] = 708.3 * (double)j / COUNT;
    phi[COUNT - 1] = (double)INFINITY;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        if (!ocelot_kernel_bodies[k]->available())
            continue;
        ocelot_kernel_bodies[k]->softmin_weights(phi, zero, COUNT, 0, p);
        for (size_t j = 0; j + 1 < COUNT; j++)
            assert_true(ulps(p[j], expl(-(long double)phi[j])) <= 1);
        assert_true(p[COUNT - 1] == 0);
    }
    free(phi);
    free(zero);
    free(p);
}

/* o in long double: of the sum where every phi is small, shifted otherwise. */
static long double softmin_oracle(const double *phi, const double *weights, size_t m, double constant)
{
    long double least = constant > 0 ? 0 : (long double)INFINITY, most = 0, total = (long double)constant;
    for (size_t j = 0; j < m; j++) {
        if (weights[j] <= 0)
            continue;
        least = fminl(least, (long double)phi[j]);
        most = fmaxl(most, (long double)phi[j]);
        total += (long double)weights[j];
    }
    long double sum = most < 1 ? 0 : (long double)constant / total; /* least is 0 then */
    for (size_t j = 0; j < m; j++)
        if (weights[j] > 0)
            sum += (long double)weights[j] / total * (most < 1 ? expm1l(-(long double)phi[j]) : expl(least - (long double)phi[j]));
    return most < 1 ? -log1pl(sum) : least - logl(sum);
}

struct soft_case {
    const char *name;
    size_t m;
    double least, spread; /* phi runs from `least` by factors to least * spread */
    double constant;
    double first; /* weight of the unit with the least phi, 0 = like the others */
};

static const struct soft_case soft_cases[] = {
    {"one unit", 1, 3, 1, 0, 0},
    {"one tiny unit", 1, 1e-12, 1, 0, 0},
    {"phi of 1e-300", 33, 1e-300, 10, 0, 0},
    {"phi of 1e-9", 129, 1e-9, 5, 0, 0},
    {"phi from 1e-9 to 1e4", 129, 1e-9, 1e13, 0, 0},
    {"nothing but the far end counts", 129, 1e-9, 1e13, 0, 1e-13},
    {"typical", 2036, 1.5, 3, 0, 0},
    {"the nearest weighs little", 64, 2, 100, 0, 1e-12},
    {"phi of 250", 31, 250, 2, 0, 0},
    {"phi of 1e4", 97, 1e4, 1.5, 0, 0},
    {"phi of 1e12", 97, 1e12, 1.0000000001, 0, 0},
    {"phi up to 1e308", 65, 1, 1.7e308, 0, 0},
    {"phi of 1e308", 65, 1e307, 10, 0, 0},
    {"with a constant unit", 65, 0.5, 100, 0.25, 0},
    {"nearly all constant", 65, 1e-3, 10, 0.999999, 0},
    {"a constant unit far away from all", 65, 1e3, 1e5, 0.01, 0},
};

static void soft_case_fill(const struct soft_case *c, double *phi, double *weights, double *log_weights)
{
    double rest = (1 - c->constant) / (double)c->m;
    for (size_t j = 0; j < c->m; j++) {
        double share = c->m > 1 ? (double)j / (double)(c->m - 1) : 0;
        phi[j] = c->least * pow(10, share * log10(c->spread));
        weights[j] = rest;
        if (c->first > 0)
            weights[j] = j == 0 ? c->first : (1 - c->constant - c->first) / (double)(c->m - 1);
    }
    for (size_t j = 0; j < c->m; j++)
        log_weights[j] = log(weights[j]);
}

/* 1e-14 covers the rounding of the weights' sum (m epsilon / 16 or so) beside a few units in the last place of o. */
static void softmin_never_cancels(void **state)
{
    (void)state;
    double phi[2036] = {0}, weights[2036] = {0}, log_weights[2036];
    for (size_t s = 0; s < sizeof soft_cases / sizeof *soft_cases; s++) {
        const struct soft_case *c = &soft_cases[s];
        soft_case_fill(c, phi, weights, log_weights);
        long double expected = softmin_oracle(phi, weights, c->m, c->constant);
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++)
            if (ocelot_kernel_bodies[k]->available())
                assert_close(ocelot_kernel_bodies[k]->softmin(phi, weights, log_weights, c->m, c->constant), (double)expected,
                             1e-14 * (double)expected, c->name);
    }
}

/* They sum to 1 less the constant unit's share, whatever the size of phi; in place or not; p_j = w_j exp(o - phi_j) where that can be told. */
static void softmin_weights_sum_to_one(void **state)
{
    (void)state;
    double phi[2036] = {0}, weights[2036] = {0}, log_weights[2036], p[2036];
    for (size_t s = 0; s < sizeof soft_cases / sizeof *soft_cases; s++)
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
            const struct soft_case *c = &soft_cases[s];
            if (!ocelot_kernel_bodies[k]->available())
                continue;
            soft_case_fill(c, phi, weights, log_weights);
            long double o = softmin_oracle(phi, weights, c->m, c->constant);
            ocelot_kernel_bodies[k]->softmin_weights(phi, log_weights, c->m, (double)o, p);
            double sum = c->constant > 0 ? c->constant * exp((double)o) : 0;
            for (size_t j = 0; j < c->m; j++) {
                sum += p[j];
                /* the exponent's rounding, epsilon * o at most 1e-12 below 1e4 */
                if (o < 2e4L)
                    assert_close(p[j], (double)((long double)weights[j] * expl(o - (long double)phi[j])), 1e-11 * p[j] + DBL_MIN, c->name);
            }
            assert_close(sum, 1, 1e-12, c->name);
            ocelot_kernel_bodies[k]->softmin_weights(phi, log_weights, c->m, (double)o, phi);
            assert_memory_equal(phi, p, c->m * sizeof *p);
        }
}

/* No weight, no say: a unit of weight 0 that is nearest changes nothing. Where there is no unit at all, o is infinite, not NaN. */
static void softmin_edges(void **state)
{
    (void)state;
    static const double phi[] = {0.25, 1, 4}, weights[] = {0, 0.5, 0.5}, ones[] = {0, 0, 0}, halves[] = {0.5, 0.25, 0.25};
    const double none[] = {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY}, logs[] = {-(double)INFINITY, log(0.5), log(0.5)};
    const double half_logs[] = {log(0.5), log(0.25), log(0.25)}, far[] = {(double)INFINITY, (double)INFINITY, (double)INFINITY};
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
        if (!body->available())
            continue;
        double p[3], o = body->softmin(phi, weights, logs, 3, 0);
        assert_close(o, (double)softmin_oracle(phi, weights, 3, 0), 1e-15, "a unit without weight");
        body->softmin_weights(phi, logs, 3, o, p);
        assert_true(p[0] == 0);
        assert_true(body->softmin(ones, halves, half_logs, 3, 0) == 0);
        assert_true(body->softmin(phi, ones, none, 3, 1) == 0);
        assert_true(isinf(body->softmin(phi, ones, none, 3, 0)) && isinf(body->softmin(far, halves, half_logs, 3, 0)));
    }
}

/* What the walks do to whole activations: every body as the reference, to the rounding of a sum of m terms. */
static void walk_functions(void **state)
{
    (void)state;
    enum { COUNT = 777 };
    const struct ocelot_kernels *reference = ocelot_kernel_bodies[0];
    const struct ocelot_profile_parameters parameters = {0.37, 1.3};
    struct points points = points_make(COUNT, 2, 1, 0, 3);
    double phi[COUNT], back[2][COUNT] = {{0}}, sum[2], magnitude[2];
    const double *r = points.row_weights, *p = points.weights;
    for (size_t j = 0; j < COUNT; j++)
        phi[j] = j % 50 ? 10 * points.u[j] * points.u[j] : 0;
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
        for (size_t n = 1; body->available() && n <= COUNT; n = 2 * n + 5) {
            assert_close(body->softmin_relevance(phi, p, n, 3, 0.7, back[1]), reference->softmin_relevance(phi, p, n, 3, 0.7, back[0]), 1e-13,
                         "residual");
            assert_close_all(back[1], back[0], n, 4 * DBL_EPSILON, 0, "softmin_relevance");
            for (size_t l = 0; ocelot_profiles[l]; l++) {
                assert_close(body->distance_weights(ocelot_profiles[l], parameters, phi, r, n, back[1]),
                             reference->distance_weights(ocelot_profiles[l], parameters, phi, r, n, back[0]), 1e-13, "left out");
                for (size_t j = 0; j < n; j++)
                    assert_true(close_relative(back[1][j], back[0][j], 4 * DBL_EPSILON));
                assert_true(back[1][0] == 0);
            }
            body->sums(points.u, n, &sum[1], &magnitude[1]);
            reference->sums(points.u, n, &sum[0], &magnitude[0]);
            assert_close(sum[1], sum[0], 1e-12, "sum");
            assert_close(magnitude[1], magnitude[0], 1e-12, "magnitude");
            assert_close(body->add(points.u, n, back[1]), sum[0], 1e-12, "sum of what was added");
            reference->add(points.u, n, back[0]);
            body->scale(back[1], n, 0.3);
            reference->scale(back[0], n, 0.3);
            assert_close_all(back[1], back[0], n, 4 * DBL_EPSILON, 0, "add and scale");
        }
    }
    points_free(&points);
}

/* The reference itself, by hand. */
static void walk_functions_by_hand(void **state)
{
    (void)state;
    const struct ocelot_kernels *reference = ocelot_kernel_bodies[0];
    const double phi[] = {0, 1, 4}, p[] = {0.25, 0.25, 0.5}, r[] = {1, 2, 3};
    double back[] = {10, 10, 10}, sum, magnitude;
    const struct ocelot_profile_parameters parameters = {0.5, 2};
    assert_close(reference->softmin_relevance(phi, p, 3, 2, 3, back), 0.25 * 2 + 0.25 * 1, 1e-15, "residual");
    assert_true(back[0] == 10 && back[1] == 10.75 && back[2] == 13);
    assert_true(reference->distance_weights(&ocelot_profile_rbf, parameters, phi, r, 3, back) == 1);
    assert_true(back[0] == 0 && back[1] == 1 && back[2] == 3.0 / 8);
    back[0] = -2;
    reference->sums(back, 3, &sum, &magnitude);
    assert_true(sum == -0.625 && magnitude == 3.375);
    assert_true(reference->add(r, 3, back) == 6 && back[0] == -1 && back[2] == 3.375);
    reference->scale(back, 3, 2);
    assert_true(back[0] == -2 && back[1] == 6 && back[2] == 6.75);
}

/* expected_i by its definition in long double. */
static double expected_oracle(const struct points *points, const struct ocelot_profile *profile, struct ocelot_profile_parameters parameters,
                              size_t i)
{
    long double sum = 0, weighted = 0, least = (long double)INFINITY, *phi = malloc(points->m * sizeof *phi);
    assert_non_null(phi);
    for (size_t j = 0; j < points->m; j++) {
        long double squared = 0;
        for (size_t k = 0; k < points->d; k++) {
            long double t = (long double)points->x[k] - (long double)points->u[j * points->d + k];
            squared += k == i ? 0 : t * t;
        }
        phi[j] = (long double)profile->phi(parameters, (double)squared);
        least = points->weights[j] > 0 ? fminl(least, phi[j]) : least;
    }
    for (size_t j = 0; j < points->m; j++) {
        long double weight = points->weights[j] > 0 ? (long double)points->weights[j] * expl(least - phi[j]) : 0;
        sum += weight;
        weighted += weight * (long double)points->u[j * points->d + i];
    }
    free(phi);
    return (double)(weighted / sum);
}

static void check_expectation(struct points *points, struct ocelot_profile_parameters parameters, const char *what)
{
    double *out = malloc(points->d * sizeof *out), *scratch = malloc(points->m * sizeof *scratch);
    assert_true(out && scratch);
    for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
        const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
        for (size_t l = 0; body->available() && ocelot_profiles[l]; l++) {
            struct ocelot_packed packed = points_pack(points, body);
            body->squared_distance(&packed, points->x, 1, points->distance);
            body->expected(&packed, points->x, points->distance, points->log_weights, ocelot_profiles[l], parameters, NULL, points->d, scratch, out);
            for (size_t i = 0; i < points->d; i++)
                assert_close(out[i], expected_oracle(points, ocelot_profiles[l], parameters, i), 1e-9, what);
            size_t last = points->d - 1;
            double value = out[last];
            body->expected(&packed, points->x, points->distance, points->log_weights, ocelot_profiles[l], parameters, &last, 1, scratch, out);
            assert_true(out[0] == value);
        }
    }
    free(out);
    free(scratch);
}

/* Coordinates are of order 1. The distance without feature i is exact to about 1e-12 of phi, also where that feature is all of the
 * distance; phi up to 100 then gives weights to 1e-10. */
static void expected_values(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{1, 1}, {5, 1}, {37, 2}, {101, 13}, {300, 40}};
    static const double outlying[] = {0, 1, 30, 1e3, 1e6};
    const struct ocelot_profile_parameters parameters = {0.5, 1.4};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t k = 0; k < sizeof outlying / sizeof *outlying; k++) {
            struct points points = points_make(sizes[s][0], sizes[s][1], 1, 0, (unsigned)s);
            points.x[points.d / 2] += outlying[k];
            check_expectation(&points, parameters, "expected");
            memcpy(points.x, points.u + points.m / 2 * points.d, points.d * sizeof *points.x);
            points.x[0] += outlying[k];
            check_expectation(&points, parameters, "expected on a support vector but for one feature");
            points_free(&points);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_accurate),
        cmocka_unit_test(logarithms_are_accurate),
        cmocka_unit_test(every_body_has_that_exponential),
        cmocka_unit_test(softmin_never_cancels),
        cmocka_unit_test(softmin_weights_sum_to_one),
        cmocka_unit_test(softmin_edges),
        cmocka_unit_test(walk_functions),
        cmocka_unit_test(walk_functions_by_hand),
        cmocka_unit_test(expected_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
