/* Laws of LIME: it recovers linear models, its errors tell how far draws scatter, and the ledger holds what the fit leaves. */
#include <math.h>
#include <string.h>

#include "law/games.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* Normal equations of ten unknowns lose four digits at the worst. */
static const double ROUNDING = 1e-10;

static double mean_of(const struct game_data *data, size_t i)
{
    double mean = 0;
    for (size_t r = 0; r < GAME_BACKGROUND; r++)
        mean += data->background[r][i] / GAME_BACKGROUND;
    return mean;
}

/* w_i (x_i - r_i) with weights read off by differences, r the mean or 0; returns f(r). */
static double linear_terms(const struct ocelot_model *model, const struct game_data *data, bool mean, double terms[GAME_ROWS][GAME_WIDTH])
{
    double points[GAME_WIDTH + 2][GAME_WIDTH] = {{0}}, outputs[GAME_WIDTH + 2];
    for (size_t i = 0; i < GAME_WIDTH; i++) {
        points[i + 1][i] = 1;
        points[GAME_WIDTH + 1][i] = mean ? mean_of(data, i) : 0;
    }
    game_outputs(model, &points[0][0], GAME_WIDTH + 2, outputs);
    for (size_t b = 0; b < GAME_ROWS; b++)
        for (size_t i = 0; i < GAME_WIDTH; i++)
            terms[b][i] = (outputs[i + 1] - outputs[0]) * (data->rows[b][i] - points[GAME_WIDTH + 1][i]);
    return outputs[GAME_WIDTH + 1];
}

/* Without ridge exactly. With a ridge of 1 a coefficient shrinks by 1 in sum_k pi_k, about 1000 (1 + 1 / 0.75^2 / 10)^(-10 / 2) = 440 points' worth.
 */
static void test_linear(void **state)
{
    static const char *const references[] = {"reference=auto", "reference=zero", "reference=background"};
    struct game_data data = game_data();
    struct ocelot_model *model = game_linear();
    double terms[GAME_ROWS][GAME_WIDTH], none[GAME_VALUES] = {0};
    (void)state;
    for (size_t k = 0; k < sizeof references / sizeof *references; k++) {
        double constant = linear_terms(model, &data, k != 1, terms);
        struct game_answer a =
            game_explain(&(struct game_ask){.model = model, .data = &data, .method = "lime", .settings = {references[k], "ridge=0", "rows=0"}});
        assert_close_all(&a.relevance[0][0], &terms[0][0], GAME_VALUES, ROUNDING, 1, references[k]);
        assert_close_all(&a.error[0][0], none, GAME_VALUES, ROUNDING, 1, "errors");
        for (size_t b = 0; b < GAME_ROWS; b++) {
            assert_close(a.constant[b], constant, ROUNDING, "f at the reference");
            assert_close(a.explained[b] + a.constant[b], a.output[b], ROUNDING, "nothing is left");
        }
        a = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "lime", .settings = {references[k], "rows=0"}});
        assert_close_all(&a.relevance[0][0], &terms[0][0], GAME_VALUES, 0.01, 0, "with ridge");
    }
    ocelot_model_free(model);
}

/* Groups present or absent: on a linear model a group's coefficient is the sum of its features' terms. */
static void test_linear_groups(void **state)
{
    static const size_t groups[GAME_WIDTH] = {0, 1, 1, 2, 3, 2, 0, 0, 3, 1};
    struct game_data data = game_data();
    struct ocelot_model *model = game_linear();
    double terms[GAME_ROWS][GAME_WIDTH];
    (void)state;
    double constant = linear_terms(model, &data, true, terms);
    struct game_answer a = game_explain(
        &(struct game_ask){.model = model, .data = &data, .method = "lime", .settings = {"ridge=0"}, .groups = groups, .group_count = 4});
    for (size_t b = 0; b < GAME_ROWS; b++) {
        double want[4] = {0}, found[4] = {0};
        for (size_t i = 0; i < GAME_WIDTH; i++) {
            want[groups[i]] += terms[b][i];
            found[groups[i]] += a.relevance[b][i];
        }
        assert_close_all(found, want, 4, ROUNDING, 1, "groups");
        assert_close(a.relevance[b][0], a.relevance[b][6], 0, "spread evenly");
        assert_close(a.constant[b], constant, ROUNDING, "f at the reference");
    }
    ocelot_model_free(model);
}

/* Fits to 500 points and to 64000 differ by less than five of their standard errors (of 90 values, 10 of them independent; the sandwich of 250 pairs
 * runs a little small: 1 in 1e5), and errors shrink to 1 / sqrt(128), a quarter allowed for their own scatter. */
static void test_errors(void **state)
{
    static const char *const points[] = {"points=normal", "points=players"};
    struct game_data data = game_data();
    (void)state;
    for (const struct game_model *m = game_models; m->name; m++) {
        struct ocelot_model *model = m->make();
        for (size_t k = 0; k < 2; k++) {
            double few = 0, many = 0, squares = 0;
            struct game_ask ask = {.model = model, .data = &data, .method = "lime", .settings = {points[k], "samples=500", "ridge=0"}};
            struct game_answer a = game_explain(&ask), b;
            ask.settings[1] = "samples=64000";
            ask.settings[3] = "seed=99";
            b = game_explain(&ask);
            for (size_t n = 0; n < GAME_VALUES; n++) {
                double distance = fabs((&a.relevance[0][0])[n] - (&b.relevance[0][0])[n]), error = (&a.error[0][0])[n];
                if (!(distance <= 5 * hypot(error, (&b.error[0][0])[n]) + ROUNDING))
                    fail_msg("%s, %s, value %zu: found a distance of %g with an error of %g", m->name, points[k], n, distance, error);
                squares += error > ROUNDING ? distance * distance / (error * error) / GAME_VALUES : 0;
                few += error * error;
                many += (&b.error[0][0])[n] * (&b.error[0][0])[n];
            }
            if (few < ROUNDING)
                continue;
            assert_close(sqrt(128 * many / few), 1, 0.25, m->name);
            assert_close(sqrt(squares), 1, 0.6, m->name); /* of honest errors 1; a chi-square of about 10 degrees of freedom by these */
        }
        ocelot_model_free(model);
    }
}

/* f = sum R + g(reference) + what g misses at the row, and a smaller kernel misses less of a curved f. */
static void test_ledger(void **state)
{
    struct game_data data = game_data();
    struct ocelot_model *model = game_kernel();
    double missed[2] = {0};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct game_answer a = game_explain(&(struct game_ask){
            .model = model, .data = &data, .method = "lime", .settings = {k ? "width=0.8" : "width=5", "samples=20000", "ridge=0"}});
        for (size_t b = 0; b < GAME_ROWS; b++) {
            assert_close(a.explained[b] + a.residual[b], a.output[b], ROUNDING, "ledger");
            missed[k] += fabs(a.output[b] - a.explained[b] - a.constant[b]);
        }
    }
    assert_true(missed[1] < 0.5 * missed[0]);
    ocelot_model_free(model);
}

/* A background that does not vary a feature: one unit of the model's stands in, and a linear model is still recovered. */
static void test_constant_feature(void **state)
{
    struct game_data data = game_data();
    struct ocelot_model *model = game_linear();
    double terms[GAME_ROWS][GAME_WIDTH];
    (void)state;
    for (size_t r = 0; r < GAME_BACKGROUND; r++)
        data.background[r][3] = 0.7;
    linear_terms(model, &data, true, terms);
    struct game_answer a = game_explain(&(struct game_ask){.model = model, .data = &data, .method = "lime", .settings = {"ridge=0"}});
    assert_close_all(&a.relevance[0][0], &terms[0][0], GAME_VALUES, ROUNDING, 1, "terms");
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear), cmocka_unit_test(test_linear_groups),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_ledger), cmocka_unit_test(test_constant_feature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
