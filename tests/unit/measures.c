/* Measures of explanations on numbers whose results are known. */
#include <math.h>
#include <stdlib.h>

#include "ocelot/evaluate.h"
#include "support/close.h"
#include "support/cmocka_include.h"

static void positivity_is_the_negative_share(void **state)
{
    const double mixed[] = {3, -1, 0, -2}, fine[] = {1, 0, 2}, none[] = {0, 0}, broken[] = {1, NAN};
    (void)state;
    assert_close(ocelot_measure_positivity(mixed, 4), 0.5, 0, "half of it");
    assert_close(ocelot_measure_positivity(fine, 3), 0, 0, "none of it");
    assert_close(ocelot_measure_positivity(none, 2), NAN, 0, "nothing to have a share of");
    assert_close(ocelot_measure_positivity(broken, 2), NAN, 0, "NaN");
}

static void concentration_has_its_ends(void **state)
{
    const double even[] = {2, -2, 2, 2}, single[] = {0, 0, -5, 0}, two[] = {0, 1, 0, 1}, none[] = {0, 0, 0, 0};
    double room[4];
    (void)state;
    /* the Gini coefficient of n values of which one has all is 1 - 1/n; rounding of a few additions */
    assert_close(ocelot_measure_sparseness(even, 4, room), 0, 1e-15, "even");
    assert_close(ocelot_measure_sparseness(single, 4, room), 0.75, 1e-15, "single");
    assert_close(ocelot_measure_sparseness(two, 4, room), 0.5, 1e-15, "two");
    assert_close(ocelot_measure_sparseness(none, 4, room), NAN, 0, "none");
    assert_close(ocelot_measure_entropy(even, 4), 1, 1e-15, "even");
    assert_close(ocelot_measure_entropy(single, 4), 0, 0, "single");
    assert_close(ocelot_measure_entropy(two, 4), 0.5, 1e-15, "log 2 / log 4");
    assert_close(ocelot_measure_entropy(none, 4), NAN, 0, "none");
}

static void rank_correlation_sees_order_only(void **state)
{
    const double a[] = {1, 2, 3, 4, 5}, same[] = {0, 0.1, 7, 100, 1e9}, against[] = {5, 4, 3, 2, 1}, flat[] = {2, 2, 2, 2, 2};
    const double tied[] = {1, 1, 2, 2, 3}, broken[] = {1, 2, INFINITY, 4, 5};
    double room[10];
    (void)state;
    assert_close(ocelot_measure_rank_correlation(a, same, 5, room), 1, 1e-15, "same order");
    assert_close(ocelot_measure_rank_correlation(a, against, 5, room), -1, 1e-15, "reversed");
    assert_close(ocelot_measure_rank_correlation(a, flat, 5, room), NAN, 0, "no order");
    assert_close(ocelot_measure_rank_correlation(a, broken, 5, room), NAN, 0, "infinite");
    /* ranks 1.5 1.5 3.5 3.5 5 against 1 to 5: covariance 9, variances 9 and 10 */
    assert_close(ocelot_measure_rank_correlation(a, tied, 5, room), 9 / sqrt(90), 1e-15, "ties");
}

/* Relevance along the path 0, 1, ..., 8 of a single feature. */
static double along(double (*relevance)(double x), double *jump)
{
    double path[9], found[9];
    for (int k = 0; k < 9; k++) {
        path[k] = k;
        found[k] = relevance(k);
    }
    return ocelot_measure_continuity(path, 1, found, 1, 9, jump);
}

static double constant(double x)
{
    (void)x;
    return 3;
}

static double straight(double x)
{
    return 2 * x;
}

static double jumping(double x)
{
    return x < 4.5 ? 1 : 3;
}

static double nothing(double x)
{
    (void)x;
    return 0;
}

static double torn(double x)
{
    return x > 6 ? (double)NAN : 1;
}

static void continuity_tells_jumps_from_slopes(void **state)
{
    double jump = 0;
    (void)state;
    assert_close(along(constant, &jump), 0, 0, "constant");
    assert_close(jump, 1, 0, "constant does not jump");
    assert_close(along(straight, &jump), 2, 1e-15, "slope 2, length 8, mean 8");
    assert_close(jump, 1, 1e-15, "straight does not jump");
    assert_close(along(jumping, &jump), 2 * 8 / (17.0 / 9), 1e-14, "a step of 2, length 8, mean 17/9");
    assert_close(jump, 2, 1e-15, "a step is half as steep over twice the length");
    assert_close(along(nothing, &jump), NAN, 0, "no relevance");
    assert_close(along(torn, &jump), NAN, 0, "NaN");
    assert_close(jump, NAN, 0, "NaN");
}

static void continuity_does_not_count_steps_that_stand_still(void **state)
{
    const double path[] = {0, 1, 1, 2}, relevance[] = {1, 1, 1, 2};
    double jump = 0;
    (void)state;
    assert_close(ocelot_measure_continuity(path, 1, relevance, 1, 4, &jump), 1 * 2 / 1.25, 1e-15, "standing still");
    assert_close(ocelot_measure_continuity(path, 1, relevance, 1, 2, &jump), NAN, 0, "two points are no path");
}

static void area_is_between_first_and_last(void **state)
{
    const double straight_down[] = {4, 3, 2, 1, 0}, at_once[] = {5, 1, 1, 1, 1}, late[] = {5, 5, 5, 5, 1}, up[] = {1, 2}, flat[] = {1, 0, 1};
    const double broken[] = {3, NAN, 1};
    (void)state;
    assert_close(ocelot_measure_area(straight_down, 5), 0.5, 1e-15, "straight");
    assert_close(ocelot_measure_area(at_once, 5), 0.125, 1e-15, "at once");
    assert_close(ocelot_measure_area(late, 5), 0.875, 1e-15, "late");
    assert_close(ocelot_measure_area(up, 2), NAN, 0, "nothing is lost");
    assert_close(ocelot_measure_area(flat, 3), NAN, 0, "nothing is lost in the end");
    assert_close(ocelot_measure_area(broken, 3), NAN, 0, "NaN");
}

static void bootstrap_holds_the_mean(void **state)
{
    double values[200];
    struct ocelot_interval interval = {.count = 0}, again = {.count = 0}, other = {.count = 0};
    (void)state;
    for (int k = 0; k < 200; k++) {
        values[k] = k % 10 == 9 ? (double)NAN : k % 2; /* 180 numbers: 100 zeros, 80 ones */
    }
    assert_int_equal(ocelot_bootstrap(values, 200, 4000, 1, &interval, NULL), OCELOT_OK);
    assert_int_equal(interval.count, 180);
    assert_close(interval.mean, 80.0 / 180, 1e-15, "mean");
    /* the standard error is sqrt(p (1 - p) / 180) = .037; percentiles of 4000 draws lie within a tenth of it */
    assert_close(interval.low, 80.0 / 180 - 1.96 * 0.03704, 0.008, "low");
    assert_close(interval.high, 80.0 / 180 + 1.96 * 0.03704, 0.008, "high");
    assert_int_equal(ocelot_bootstrap(values, 200, 4000, 1, &again, NULL), OCELOT_OK);
    assert_int_equal(ocelot_bootstrap(values, 200, 50, 2, &other, NULL), OCELOT_OK);
    assert_close(again.low, interval.low, 0, "same seed, same interval");
    assert_true(other.low != interval.low || other.high != interval.high);
}

/* Of 200 samples about 190 intervals hold the true mean, by the binomial distribution between 180 and 198 in all but a few cases in 1000; those of
 * so small samples are a little too narrow. */
static void bootstrap_covers(void **state)
{
    int covered = 0;
    (void)state;
    srand(4);
    for (int trial = 0; trial < 200; trial++) {
        double values[40];
        struct ocelot_interval interval = {.count = 0};
        for (int k = 0; k < 40; k++) {
            values[k] = (double)rand() / RAND_MAX;
        }
        assert_int_equal(ocelot_bootstrap(values, 40, 500, 1, &interval, NULL), OCELOT_OK);
        covered += interval.low <= 0.5 && interval.high >= 0.5;
    }
    assert_in_range(covered, 176, 199);
}

static void bootstrap_of_little_has_no_interval(void **state)
{
    const double single[] = {NAN, 7}, none[] = {NAN};
    struct ocelot_interval interval = {.count = 9};
    (void)state;
    assert_int_equal(ocelot_bootstrap(single, 2, 100, 1, &interval, NULL), OCELOT_OK);
    assert_int_equal(interval.count, 1);
    assert_close(interval.mean, 7, 0, "one number");
    assert_close(interval.low, NAN, 0, "no interval");
    assert_int_equal(ocelot_bootstrap(none, 1, 100, 1, &interval, NULL), OCELOT_OK);
    assert_close(interval.mean, NAN, 0, "no number");
    assert_int_equal(ocelot_bootstrap(NULL, 0, 100, 1, &interval, NULL), OCELOT_OK);
    assert_int_equal(interval.count, 0);
}

static void every_measure_is_listed(void **state)
{
    (void)state;
    for (size_t k = 0; k < OCELOT_MEASURE_COUNT; k++) {
        assert_non_null(ocelot_measure_at(k));
        assert_non_null(ocelot_measure_at(k)->name);
        assert_non_null(ocelot_measure_at(k)->summary);
    }
    assert_null(ocelot_measure_at(OCELOT_MEASURE_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positivity_is_the_negative_share),
        cmocka_unit_test(concentration_has_its_ends),
        cmocka_unit_test(rank_correlation_sees_order_only),
        cmocka_unit_test(continuity_tells_jumps_from_slopes),
        cmocka_unit_test(continuity_does_not_count_steps_that_stand_still),
        cmocka_unit_test(area_is_between_first_and_last),
        cmocka_unit_test(bootstrap_holds_the_mean),
        cmocka_unit_test(bootstrap_covers),
        cmocka_unit_test(bootstrap_of_little_has_no_interval),
        cmocka_unit_test(every_measure_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
