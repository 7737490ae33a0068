/* Planted anomalies: exactly the cells that are told change, and each kind changes them as it says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/plant.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 400, FEATURES = 12 };
static const size_t all = (size_t)ROWS * FEATURES;
static const char spec[] = "blocks:12x4x0.9";

static struct ocelot_plant_options usual(const char *kinds)
{
    struct ocelot_plant_options options;
    ocelot_options_default(ocelot_plant_option_table, &options);
    options.kinds = kinds;
    return options;
}

/* Two blocks' worth of features are as generated, f10 is constant, f11 has two values, f12 is huge. */
static double *make_rows(void)
{
    double *rows = calloc(all, sizeof *rows);
    struct ocelot_error err = {0};
    assert_non_null(rows);
    assert_int_equal(ocelot_plant_generate(spec, ROWS, 3, rows, &err), OCELOT_OK);
    for (size_t r = 0; r < ROWS; r++) {
        double *row = rows + r * FEATURES;
        row[9] = 7;
        row[10] = row[10] > 1;
        row[11] = 1e9 + 1e3 * row[11];
    }
    return rows;
}

static struct ocelot_planting *plant(double *rows, const struct ocelot_plant_options *options)
{
    struct ocelot_planting *planting = NULL;
    struct ocelot_error err = {0};
    if (ocelot_plant(rows, ROWS, FEATURES, options, &planting, &err))
        fail_msg("%s: %s", options->kinds, err.message);
    return planting;
}

static void is_told(const double *before, const double *after, const struct ocelot_planting *planting)
{
    bool told[ROWS][FEATURES] = {{false}};
    size_t last = 0;
    for (size_t k = 0; k < ocelot_planting_count(planting); k++) {
        struct ocelot_planted planted = ocelot_planting_at(planting, k);
        assert_true(planted.count > 0 && planted.first < planted.end && planted.end <= ROWS);
        assert_true(k == 0 || planted.first >= last);
        last = planted.end;
        for (size_t r = planted.first; r < planted.end; r++)
            for (size_t n = 0; n < planted.count; n++) {
                assert_true(n == 0 || planted.features[n] > planted.features[n - 1]);
                told[r][planted.features[n]] = true;
            }
    }
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < FEATURES; i++)
            assert_int_equal(before[r * FEATURES + i] != after[r * FEATURES + i], told[r][i]);
}

static void exactly_what_is_told_changes(void **state)
{
    (void)state;
    double *before = make_rows(), *after = make_rows();
    for (size_t k = 0; ocelot_plant_kind_at(k); k++)
        for (size_t length = 1; length < 6; length += 2) {
            struct ocelot_plant_options options = usual(ocelot_plant_kind_at(k)->name);
            options.length = length;
            options.share = 0.3;
            options.seed = 10 * k + length;
            memcpy(after, before, all * sizeof *after);
            struct ocelot_planting *planting = plant(after, &options);
            assert_int_equal(ocelot_planting_count(planting), (size_t)(0.3 * ROWS / (double)length + 0.5));
            is_told(before, after, planting);
            for (size_t n = 0; n < ocelot_planting_count(planting); n++) {
                struct ocelot_planted planted = ocelot_planting_at(planting, n);
                assert_int_equal(planted.end - planted.first, length);
                assert_string_equal(planted.kind, options.kinds);
                assert_true(n == 0 || length == 1 || planted.first > ocelot_planting_at(planting, n - 1).end);
                for (size_t f = 0; f < planted.count; f++)
                    assert_int_not_equal(planted.features[f], 9); /* what is constant cannot be to blame */
            }
            ocelot_planting_free(planting);
        }
    free(before);
    free(after);
}

/* A donor's value: every value of a column was there before. */
static void broken_correlations_keep_the_columns(void **state)
{
    (void)state;
    double *before = make_rows(), *after = make_rows();
    struct ocelot_plant_options options = usual("correlation");
    options.share = 1;
    struct ocelot_planting *planting = plant(after, &options);
    size_t pairs = 0;
    assert_int_equal(ocelot_planting_count(planting), ROWS);
    for (size_t k = 0; k < ROWS; k++) {
        struct ocelot_planted planted = ocelot_planting_at(planting, k);
        size_t i = planted.features[0], donors = 0;
        assert_true(planted.count <= 2);
        pairs += planted.count == 2;
        for (size_t r = 0; r < ROWS; r++) {
            bool donor = true;
            for (size_t n = 0; n < planted.count; n++)
                donor = donor && before[r * FEATURES + planted.features[n]] == after[k * FEATURES + planted.features[n]];
            donors += donor;
        }
        assert_true(donors > 0);
        /* Every feature here has a partner, so that all may be chosen: the two-valued one is only moderately correlated. */
        assert_true(i < FEATURES);
    }
    assert_in_range(pairs, ROWS / 3, 2 * ROWS / 3); /* 1..2, drawn evenly: 200 give or take 10 */
    ocelot_planting_free(planting);
    free(before);
    free(after);
}

static void deviations(const double *rows, double *mean, double *deviation)
{
    for (size_t i = 0; i < FEATURES; i++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < ROWS; r++)
            sum += rows[r * FEATURES + i];
        mean[i] = sum / ROWS;
        for (size_t r = 0; r < ROWS; r++)
            squares += (rows[r * FEATURES + i] - mean[i]) * (rows[r * FEATURES + i] - mean[i]);
        deviation[i] = sqrt(squares / ROWS);
    }
}

/* shift and several: the vector of moves, in deviations, has the length `strength`. */
static void moves_are_as_long_as_asked(void **state)
{
    (void)state;
    static const char *const kinds[] = {"shift", "several"};
    double *before = make_rows(), *after = make_rows(), mean[FEATURES], deviation[FEATURES];
    deviations(before, mean, deviation);
    for (size_t kind = 0; kind < 2; kind++) {
        struct ocelot_plant_options options = usual(kinds[kind]);
        options.strength = 3;
        options.length = kind == 1 ? 3 : 1; /* rows of one anomaly move the same way */
        memcpy(after, before, all * sizeof *after);
        struct ocelot_planting *planting = plant(after, &options);
        size_t up = 0, total = 0;
        for (size_t k = 0; k < ocelot_planting_count(planting); k++) {
            struct ocelot_planted planted = ocelot_planting_at(planting, k);
            double squares = 0;
            for (size_t n = 0; n < planted.count; n++) {
                size_t at = planted.first * FEATURES + planted.features[n];
                double move = (after[at] - before[at]) / deviation[planted.features[n]];
                squares += move * move;
                up += move > 0;
                total++;
                for (size_t r = planted.first + 1; r < planted.end; r++)
                    assert_close((after[at + (r - planted.first) * FEATURES] - before[at + (r - planted.first) * FEATURES]) /
                                     deviation[planted.features[n]],
                                 move, 1e-9, "the same move");
            }
            assert_int_equal(planted.count > 1, kind == 1);
            assert_close(sqrt(squares), 3, 1e-9, "length"); /* f12: 1e9 + 1e3 x keeps 1e-16 * 1e9 / 1e3 of a deviation */
        }
        assert_in_range(up, total / 4, 3 * total / 4);
        ocelot_planting_free(planting);
    }
    free(before);
    free(after);
}

/* In a block of correlation .9 the difference of two features has a variance of .2: six deviations of that are 6 * sqrt(.1) = 1.9 each. The margins
 * move by less than two deviations, the difference by six of its own and further. */
static void subspaces_break_what_is_correlated(void **state)
{
    (void)state;
    double *before = make_rows(), *after = make_rows();
    struct ocelot_plant_options options = usual("subspace");
    options.features = "2";
    struct ocelot_planting *planting = plant(after, &options);
    for (size_t k = 0; k < ocelot_planting_count(planting); k++) {
        struct ocelot_planted planted = ocelot_planting_at(planting, k);
        assert_int_equal(planted.count, 2);
        if (planted.features[1] >= 10)
            continue; /* not as generated */
        size_t a = planted.first * FEATURES + planted.features[0], b = planted.first * FEATURES + planted.features[1];
        assert_int_equal(planted.features[0] / 4, planted.features[1] / 4); /* of one block */
        assert_true(fabs(after[a] - before[a]) < 2.5 && fabs(after[b] - before[b]) < 2.5);
        assert_true(fabs(after[a] - after[b]) > 5 * sqrt(0.2)); /* six, estimated from 400 rows */
    }
    ocelot_planting_free(planting);
    free(before);
    free(after);
}

/* Density moves by the neighbourhood's spread: less than the table's. */
static void density_stays_in_the_table(void **state)
{
    (void)state;
    double *before = make_rows(), *after = make_rows(), mean[FEATURES], deviation[FEATURES];
    struct ocelot_plant_options options = usual("density");
    deviations(before, mean, deviation);
    struct ocelot_planting *planting = plant(after, &options);
    double moved = 0;
    size_t cells = 0;
    for (size_t k = 0; k < ocelot_planting_count(planting); k++) {
        struct ocelot_planted planted = ocelot_planting_at(planting, k);
        for (size_t n = 0; n < planted.count; n++, cells++) {
            size_t i = planted.features[n], at = planted.first * FEATURES + i;
            moved += fabs(after[at] - before[at]) / deviation[i];
        }
    }
    assert_true(moved / (double)cells < 5 && moved / (double)cells > 0.5);
    ocelot_planting_free(planting);
    free(before);
    free(after);
}

static void seeds(void **state)
{
    (void)state;
    double *one = make_rows(), *two = make_rows(), *three = make_rows();
    struct ocelot_plant_options options = usual("all");
    ocelot_planting_free(plant(one, &options));
    ocelot_planting_free(plant(two, &options));
    options.seed = 2;
    ocelot_planting_free(plant(three, &options));
    assert_memory_equal(one, two, all * sizeof *one);
    assert_memory_not_equal(one, three, all * sizeof *one);
    free(one);
    free(two);
    free(three);
}

static void kinds_take_turns(void **state)
{
    (void)state;
    double *rows = make_rows();
    struct ocelot_plant_options options = usual("density,shift");
    options.count = 5;
    struct ocelot_planting *planting = plant(rows, &options);
    assert_int_equal(ocelot_planting_count(planting), 5);
    for (size_t k = 0; k < 5; k++)
        assert_string_equal(ocelot_planting_at(planting, k).kind, k % 2 ? "shift" : "density");
    ocelot_planting_free(planting);
    free(rows);
}

static void refuses(void **state)
{
    (void)state;
    double *rows = make_rows();
    static const struct {
        struct ocelot_plant_options options;
        const char *sentence;
        enum ocelot_status status;
    } table[] = {
        {{.kinds = "drift", .count = 1}, "--kind: found \"drift\", expected shift, several", OCELOT_E_ARGUMENT},
        {{.kinds = "shift,", .count = 1}, "--kind: found \"\", expected", OCELOT_E_ARGUMENT},
        {{.kinds = "shift", .count = 1, .features = "2"}, "--features 2: the kind shift changes at most 1", OCELOT_E_ARGUMENT},
        {{.kinds = "several", .count = 1, .features = "1"}, "--features 1: the kind several changes at least 2", OCELOT_E_ARGUMENT},
        {{.kinds = "correlation", .count = 1, .features = "2..1"}, "--features: found \"2..1\", expected a number", OCELOT_E_ARGUMENT},
        {{.kinds = "correlation", .count = 1, .features = "2.."}, "--features: found \"2..\"", OCELOT_E_ARGUMENT},
        {{.kinds = "correlation", .count = 1, .features = "30"}, "only 11 of the table's are not constant", OCELOT_E_VALUE},
        {{.kinds = "shift", .count = ROWS + 1}, "401 anomalies of 1 rows do not fit", OCELOT_E_ARGUMENT},
        {{.kinds = "shift", .count = 2, .length = 200}, "2 anomalies of 200 rows do not fit", OCELOT_E_ARGUMENT},
        {{.kinds = "shift", .count = 400, .strength = 1e-14}, "cannot be moved by", OCELOT_E_VALUE},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct ocelot_planting *planting = NULL;
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_plant(rows, ROWS, FEATURES, &table[k].options, &planting, &err), table[k].status);
        if (!strstr(err.message, table[k].sentence))
            fail_msg("expected '%s', found '%s'", table[k].sentence, err.message);
        assert_null(planting);
    }
    double constant[6] = {1, 2, 1, 2, 1, 2};
    struct ocelot_plant_options options = usual("shift");
    struct ocelot_planting *planting = NULL;
    struct ocelot_error err = {0};
    options.count = 1;
    assert_int_equal(ocelot_plant(constant, 3, 2, &options, &planting, &err), OCELOT_E_VALUE);
    assert_non_null(strstr(err.message, "every feature of the table is constant"));
    free(rows);
}

static void fits_exactly(void **state)
{
    (void)state;
    double *rows = make_rows();
    struct ocelot_plant_options options = usual("shift");
    options.count = 4;
    options.length = 99; /* 4 * 99 and three rows between are 399 of 400 */
    struct ocelot_planting *planting = plant(rows, &options);
    assert_int_equal(ocelot_planting_count(planting), 4);
    assert_true(ocelot_planting_at(planting, 3).end <= ROWS);
    ocelot_planting_free(planting);
    free(rows);
}

/* Correlations of 4000 rows lie within 4 / sqrt(4000) = .063 of the true ones. */
static void blocks_are_correlated_as_asked(void **state)
{
    (void)state;
    enum { MANY = 4000, WIDE = 7 };
    static double rows[MANY][WIDE];
    struct ocelot_error err = {0};
    size_t features = 0;
    assert_int_equal(ocelot_plant_parse("blocks:7x3x.8", &features, &err), OCELOT_OK);
    assert_int_equal(features, WIDE);
    assert_int_equal(ocelot_plant_generate("blocks:7x3x.8", MANY, 1, &rows[0][0], &err), OCELOT_OK);
    for (size_t i = 0; i < WIDE; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t r = 0; r < MANY; r++)
                sum += rows[r][i] * rows[r][j];
            assert_close(sum / MANY, i == j ? 1 : i / 3 == j / 3 ? 0.8 : 0, i == j ? 0.09 : 0.064, "covariance");
        }
    static const char *const bad[] = {"",
                                      "blocks:",
                                      "blocks:7",
                                      "blocks:7x3",
                                      "blocks:7x3x1",
                                      "blocks:7x8x0.5",
                                      "blocks:0x0x0.5",
                                      "blocks:7x3x0.5x",
                                      "blocks:7x3xnan",
                                      "rings:7x3x0.5"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct ocelot_error trouble = {0};
        assert_int_equal(ocelot_plant_parse(bad[k], &features, &trouble), OCELOT_E_ARGUMENT);
        assert_non_null(strstr(trouble.message, "expected blocks:"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_what_is_told_changes),
        cmocka_unit_test(broken_correlations_keep_the_columns),
        cmocka_unit_test(moves_are_as_long_as_asked),
        cmocka_unit_test(subspaces_break_what_is_correlated),
        cmocka_unit_test(density_stays_in_the_table),
        cmocka_unit_test(seeds),
        cmocka_unit_test(kinds_take_turns),
        cmocka_unit_test(refuses),
        cmocka_unit_test(fits_exactly),
        cmocka_unit_test(blocks_are_correlated_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
