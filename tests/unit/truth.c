/* Judging by the truth: metrics against counting over all orders, aggregations by hand, incidents that open and close. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ocelot/truth.h"
#include "support/close.h"
#include "support/cmocka_include.h"

#define MISSING ((double)NAN)

/* Sums of at most 7! = 5040 orders of at most 7 terms near 1: their rounding stays below 5040 * 7 * 2^-53 = 4e-12. */
#define ORDERS 1e-11

enum { MOST = 7 };

static double metric(const double *relevance, const bool *blamed, size_t n, const char *name)
{
    double out[OCELOT_TRUTH_METRICS];
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_truth_measure(relevance, blamed, n, out, &err), OCELOT_OK);
    for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++)
        if (strcmp(ocelot_truth_metrics[m].name, name) == 0)
            return out[m];
    fail_msg("no metric is called %s", name);
    return MISSING;
}

/* --- by hand --------------------------------------------------------------------------------------------------------------------- */

static void by_hand(void **state)
{
    (void)state;
    /* Ranked: blamed, not, blamed, not, not. */
    static const double relevance[] = {0.1, 5, -2, 3, 4};
    static const bool blamed[] = {false, true, false, true, false};
    double best = 1 + 1 / log2(3);
    assert_close(metric(relevance, blamed, 5, "roc_auc"), 5.0 / 6, 1e-15, "AUC: 3 + 2 of 6 pairs");
    assert_close(metric(relevance, blamed, 5, "average_precision"), (1 + 2.0 / 3) / 2, 1e-15, "AP");
    assert_close(metric(relevance, blamed, 5, "hit_rate_100"), 0.5, 0, "one of the first 2");
    assert_close(metric(relevance, blamed, 5, "hit_rate_150"), 1, 0, "both among the first 3");
    assert_close(metric(relevance, blamed, 5, "ndcg"), (1 + 1 / log2(4)) / best, 1e-15, "NDCG");
    assert_close(metric(relevance, blamed, 5, "precision_1"), 1, 0, "P@1");
    assert_close(metric(relevance, blamed, 5, "precision_3"), 2.0 / 3, 1e-15, "P@3");
    assert_close(metric(relevance, blamed, 5, "precision_5"), 0.4, 1e-15, "P@5");
    assert_close(metric(relevance, blamed, 2, "precision_5"), 0.5, 0, "P@5 of two features is P@2");
}

/* With K = 1 half a feature more is none; with K = 3 it is one. */
static void half_a_feature(void **state)
{
    (void)state;
    static const double relevance[] = {5, 4, 3, 2, 1, 0};
    static const bool one[] = {false, true, false, false, false, false}, three[] = {false, true, true, true, false, false};
    assert_close(metric(relevance, one, 6, "hit_rate_150"), 0, 0, "floor(1.5) = 1");
    assert_close(metric(relevance, three, 6, "hit_rate_100"), 2.0 / 3, 1e-15, "two of three");
    assert_close(metric(relevance, three, 6, "hit_rate_150"), 1, 0, "floor(4.5) = 4");
}

static void nothing_to_tell_apart(void **state)
{
    (void)state;
    static const double relevance[] = {3, 1, 2};
    static const bool none[] = {false, false, false}, all[] = {true, true, true};
    for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++)
        assert_true(isnan(metric(relevance, none, 3, ocelot_truth_metrics[m].name)));
    assert_true(isnan(metric(relevance, all, 3, "roc_auc")));
    assert_close(metric(relevance, all, 3, "average_precision"), 1, 1e-15, "AP");
    assert_close(metric(relevance, all, 3, "ndcg"), 1, 1e-15, "NDCG");
    assert_close(metric(relevance, all, 3, "hit_rate_100"), 1, 1e-15, "HR");
}

static void refuses_what_has_no_rank(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY};
    static const bool blamed[] = {true, false};
    for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
        double relevance[] = {1, odd[k]}, out[OCELOT_TRUTH_METRICS] = {-7};
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_truth_measure(relevance, blamed, 2, out, &err), OCELOT_E_VALUE);
        assert_non_null(strstr(err.message, "feature 1"));
        assert_true(out[0] == -7);
    }
}

/* --- by counting over all orders ------------------------------------------------------------------------------------------------- */

/* What a metric is of blamed[order[0..n)], written down from its definition. */
static double count(const bool *blamed, const size_t *order, size_t n, const char *name)
{
    size_t total = 0, seen = 0, hits[MOST + 1] = {0};
    double right = 0, precision = 0, gain = 0, best = 0;
    for (size_t r = 0; r < n; r++)
        total += blamed[order[r]];
    for (size_t r = 0; r < n; r++) {
        if (blamed[order[r]]) {
            seen++;
            precision += (double)seen / (double)(r + 1);
            gain += 1 / log2((double)r + 2);
            for (size_t s = r + 1; s < n; s++)
                right += !blamed[order[s]];
        }
        hits[r + 1] = seen;
        best += r < total ? 1 / log2((double)r + 2) : 0;
    }
    double all = (double)total;
    size_t half_more = (size_t)floor(1.5 * all), three = n < 3 ? n : 3, five = n < 5 ? n : 5;
    const struct {
        const char *name;
        double value;
    } table[] = {{"roc_auc", total < n ? right / (all * (double)(n - total)) : MISSING},
                 {"average_precision", precision / all},
                 {"hit_rate_100", (double)hits[total] / all},
                 {"hit_rate_150", (double)hits[half_more < n ? half_more : n] / all},
                 {"ndcg", gain / best},
                 {"precision_1", (double)hits[1]},
                 {"precision_3", (double)hits[three] / (double)three},
                 {"precision_5", (double)hits[five] / (double)five}};
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        if (strcmp(table[k].name, name) == 0)
            return table[k].value;
    fail_msg("nobody counts %s", name);
    return MISSING;
}

struct orders {
    const double *relevance;
    const bool *blamed;
    size_t n, seen;
    const char *name;
    double sum;
};

/* Every order in which relevance descends. */
static void every_order(struct orders *orders, size_t *order, size_t placed)
{
    if (placed == orders->n) {
        orders->sum += count(orders->blamed, order, orders->n, orders->name);
        orders->seen++;
        return;
    }
    for (size_t k = placed; k < orders->n; k++) {
        bool largest = true;
        for (size_t l = placed; l < orders->n; l++)
            largest = largest && orders->relevance[order[l]] <= orders->relevance[order[k]];
        if (!largest)
            continue;
        size_t keep = order[placed];
        order[placed] = order[k];
        order[k] = keep;
        every_order(orders, order, placed + 1);
        order[k] = order[placed];
        order[placed] = keep;
    }
}

static void ties_are_the_mean_over_their_orders(void **state)
{
    (void)state;
    size_t tied = 0;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 11);
    for (size_t trial = 0; trial < 300; trial++) {
        size_t n = 1 + ocelot_rng_below(&rng, MOST), total = 0;
        double relevance[MOST];
        bool blamed[MOST];
        for (size_t i = 0; i < n; i++) {
            relevance[i] = (double)ocelot_rng_below(&rng, 3);
            blamed[i] = ocelot_rng_below(&rng, 2) > 0;
            total += blamed[i];
        }
        for (size_t m = 0; total && m < OCELOT_TRUTH_METRICS; m++) {
            struct orders orders = {.relevance = relevance, .blamed = blamed, .n = n, .name = ocelot_truth_metrics[m].name};
            size_t order[MOST] = {0, 1, 2, 3, 4, 5, 6};
            every_order(&orders, order, 0);
            tied += orders.seen > 1;
            assert_close(metric(relevance, blamed, n, orders.name), orders.sum / (double)orders.seen, ORDERS, orders.name);
        }
    }
    assert_true(tied > 500); /* else the trials would say little of ties */
}

/* --- aggregations ---------------------------------------------------------------------------------------------------------------- */

enum { ROWS = 3, FEATURES = 2 };
static const double rows[ROWS][FEATURES] = {{1, -3}, {-2, 2}, {4, 0}};
static const double scores[ROWS] = {2, 5, 1};

static void aggregate(const char *name, double *out)
{
    const struct ocelot_aggregation *aggregation = ocelot_aggregation_find(name);
    assert_non_null(aggregation);
    double *memory = calloc(ocelot_aggregation_doubles(aggregation, FEATURES), sizeof *memory);
    assert_non_null(memory);
    for (size_t r = 0; r < ROWS; r++) {
        struct ocelot_incident_row row = {.relevance = rows[r], .score = scores[r], .before = r};
        aggregation->add(memory, &row, FEATURES);
    }
    aggregation->finish(memory, ROWS, FEATURES, out);
    free(memory);
}

static void aggregations_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double wanted[FEATURES];
    } table[] = {{"max", {4, 2}},
                 {"mean", {1, -1.0 / 3}},
                 {"rms", {0, 0}}, /* below */
                 {"mean-share", {(0.25 - 0.5 + 1) / 3, (-0.75 + 0.5) / 3}},
                 {"max-share", {1, 0.5}},
                 {"weighted", {(2 - 10 + 4) / 8.0, (-6 + 10) / 8.0}},
                 {"loudest", {4, 0}}, /* below */
                 {"peak", {-2, 2}},
                 {"first", {1, -3}}};
    size_t listed = 0;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        double wanted[FEATURES] = {table[k].wanted[0], table[k].wanted[1]}, out[FEATURES];
        if (strcmp(table[k].name, "rms") == 0) {
            wanted[0] = sqrt((1 - 4 + 16) / 3.0);
            wanted[1] = -sqrt((9 - 4) / 3.0);
        }
        if (strcmp(table[k].name, "loudest") == 0)
            wanted[1] = cbrt(2 * 4 * 4); /* every row's sum of sizes is 4 */
        aggregate(table[k].name, out);
        assert_close_all(out, wanted, FEATURES, 1e-15, 1, table[k].name);
    }
    for (const struct ocelot_aggregation *const *a = ocelot_aggregations; *a; a++)
        listed += (*a)->add != NULL;
    assert_int_equal(listed, sizeof table / sizeof *table);
    assert_null(ocelot_aggregation_find("nothing"));
    assert_null(ocelot_aggregation_find("point")->add);
}

/* --- truth and judge ------------------------------------------------------------------------------------------------------------- */

static struct ocelot_truth *make_truth(void)
{
    struct ocelot_truth *truth = NULL;
    struct ocelot_error err = {0};
    static const size_t first[] = {0}, both[] = {1, 0}, second[] = {1};
    assert_int_equal(ocelot_truth_create(FEATURES, &truth, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_add(truth, 7, 8, both, 2, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_add(truth, 4, 5, second, 1, &err), OCELOT_OK); /* inside the next */
    assert_int_equal(ocelot_truth_add(truth, 2, 5, first, 1, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_add(truth, 9, 12, first, 1, &err), OCELOT_OK); /* all of its rows fail */
    return truth;
}

static void truth_refuses(void **state)
{
    (void)state;
    struct ocelot_truth *truth = make_truth();
    static const size_t beyond[] = {2}, twice[] = {1, 1};
    const struct {
        size_t first, end;
        const size_t *blamed;
        size_t count;
        const char *sentence;
    } table[] = {{20, 20, NULL, 0, "has no rows"},
                 {20, 21, beyond, 1, "feature 2 is blamed: there are only 0 to 1"},
                 {20, 21, twice, 2, "feature 1 is blamed twice"}};
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_truth_add(truth, table[k].first, table[k].end, table[k].blamed, table[k].count, &err), OCELOT_E_ARGUMENT);
        assert_non_null(strstr(err.message, table[k].sentence));
    }
    assert_int_equal(ocelot_truth_incidents(truth), 4);
    size_t from = 0;
    static const bool covered[] = {false, false, true, true, true, false, false, true, false, true, true, true, false};
    for (size_t row = 0; row < sizeof covered / sizeof *covered; row++)
        assert_int_equal(ocelot_truth_covers(truth, row, &from), covered[row]);
    ocelot_truth_free(truth);
    ocelot_truth_free(NULL);
}

static size_t place(const char *name)
{
    size_t a = 0;
    while (strcmp(ocelot_aggregations[a]->name, name) != 0)
        a++;
    return a;
}

/* Rows 0 to 11, two features. Incident 0 (rows 2..4, feature 0), 1 (row 4, feature 1), 2 (row 7, both), 3 (rows 9..11, feature 0, not explained). */
static const double course[12][FEATURES] = {{9, 0}, {9, 0}, {1, 2}, {5, 1}, {0, 3}, {9, 0}, {9, 0}, {1, 1}, {9, 0}, {NAN, NAN}, {NAN, 1}, {1, 0}};
static const double course_scores[12] = {9, 9, 3, 6, 3, 9, 9, 2, 9, NAN, 1, INFINITY};

static void check_course(const struct ocelot_judge *judge)
{
    size_t point = place("point"), max = place("max"), mean = place("mean"), last = place("first");
    const double *auc = ocelot_judge_values(judge, point, 0);
    assert_close(auc[0], 1.0 / 3, 1e-15, "rows say wrong, right, wrong");
    assert_close(auc[1], 1, 0, "row 4 is right of feature 1");
    assert_true(isnan(auc[2]) && isnan(auc[3]));
    assert_close(ocelot_judge_values(judge, max, 0)[0], 1, 0, "the largest is right: 5 > 3");
    assert_close(ocelot_judge_values(judge, mean, 0)[0], 0.5, 0, "6/3 = 6/3 is a tie");
    assert_close(ocelot_judge_values(judge, last, 0)[0], 0, 0, "the first row is wrong");
    struct ocelot_truth_figure figure = ocelot_judge_figure(judge, max, 0);
    assert_close(figure.mean, 1, 0, "mean over incidents 0 and 1");
    assert_int_equal(figure.count, 2);
    assert_int_equal(figure.without, 2);
    figure = ocelot_judge_figure(judge, max, 2); /* hit rate: incident 2 has one */
    assert_int_equal(figure.count, 3);
    assert_int_equal(figure.without, 1);
    assert_int_equal(ocelot_judge_rows(judge), 4);
    assert_int_equal(ocelot_judge_failed(judge), 3);
}

/* All at once, in pieces of any size, and without the rows that lie in no incident: the same figures. */
static void rows_in_pieces(void **state)
{
    (void)state;
    struct ocelot_truth *truth = make_truth();
    for (size_t piece = 1; piece <= 12; piece++) {
        struct ocelot_judge *judge = NULL;
        struct ocelot_error err = {0};
        size_t from = 0;
        assert_int_equal(ocelot_judge_create(truth, NULL, &judge, &err), OCELOT_OK);
        for (size_t r = 0; r < 12; r += piece) {
            size_t n = 12 - r < piece ? 12 - r : piece;
            if (piece > 1 || ocelot_truth_covers(truth, r, &from))
                assert_int_equal(ocelot_judge_take(judge, r, n, course[r], course_scores + r, &err), OCELOT_OK);
        }
        assert_int_equal(ocelot_judge_finish(judge, &err), OCELOT_OK);
        check_course(judge);
        assert_int_equal(ocelot_judge_take(judge, 3, 1, course[3], NULL, &err), OCELOT_E_ARGUMENT);
        assert_non_null(strstr(err.message, "row 3 comes after row 11"));
        ocelot_judge_free(judge);
    }
    ocelot_judge_free(NULL);
    ocelot_truth_free(truth);
}

/* Rows that never come count as an incident without figures, and constant relevance is what chance gives. */
static void what_is_missing_and_chance(void **state)
{
    (void)state;
    enum { MANY = 5 };
    static const size_t blamed[] = {0, 3};
    static const double constant[MANY] = {2, 2, 2, 2, 2};
    struct ocelot_truth *truth = NULL;
    struct ocelot_judge *judge = NULL;
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_truth_create(MANY, &truth, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_add(truth, 0, 1, blamed, 2, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_add(truth, 5, 9, blamed, 2, &err), OCELOT_OK);
    assert_int_equal(ocelot_judge_create(truth, NULL, &judge, &err), OCELOT_OK);
    assert_int_equal(ocelot_judge_take(judge, 0, 1, constant, NULL, &err), OCELOT_OK);
    assert_int_equal(ocelot_judge_finish(judge, &err), OCELOT_OK);
    for (size_t a = 0; ocelot_aggregations[a]; a++) {
        static const double chance[] = {0.5, MISSING, 0.4, 0.6, MISSING, 0.4, 0.4, 0.4}; /* 1.5 K = 3 of 5 places hold 3 * 2/5 of 2 */
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++) {
            struct ocelot_truth_figure figure = ocelot_judge_figure(judge, a, m);
            assert_int_equal(figure.count, 1);
            assert_int_equal(figure.without, 1);
            assert_true(figure.mean > 0);
            if (!isnan(chance[m]))
                assert_close(figure.mean, chance[m], 1e-15, ocelot_truth_metrics[m].name);
        }
    }
    ocelot_judge_free(judge);
    ocelot_truth_free(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(half_a_feature),
        cmocka_unit_test(nothing_to_tell_apart),
        cmocka_unit_test(refuses_what_has_no_rank),
        cmocka_unit_test(ties_are_the_mean_over_their_orders),
        cmocka_unit_test(aggregations_by_hand),
        cmocka_unit_test(truth_refuses),
        cmocka_unit_test(rows_in_pieces),
        cmocka_unit_test(what_is_missing_and_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
