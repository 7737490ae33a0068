/* Every rule against its textbook formula, element by element, on one dense layer with inputs and outputs of both signs
 * (formulas as in docs/mathematics.md; bias conventions of the composites that carry the field's names). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { INPUTS = 7, OUTPUTS = 5, ROWS = 6 };

/* One layer with what the formulas name. */
struct layer {
    double w[OUTPUTS][INPUTS], b[OUTPUTS], x[INPUTS], z[OUTPUTS], r[OUTPUTS];
};

static double up(double v)
{
    return v > 0 ? v : 0;
}

static double down(double v)
{
    return v < 0 ? v : 0;
}

static double stab(double z, double epsilon)
{
    return z + (z < 0 ? -epsilon : epsilon);
}

/* The share of output j that input i gets, straight from the formula. `bias` says whether b stands in the denominators. */
typedef double share_function(const struct layer *l, size_t i, size_t j, bool bias);

static double epsilon_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    return l->x[i] * l->w[j][i] / stab(l->z[j] - (bias ? 0 : l->b[j]), 1e-6);
}

static double zplus_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    double z = bias ? up(l->b[j]) : 0;
    for (size_t k = 0; k < INPUTS; k++)
        z += up(l->x[k] * l->w[j][k]);
    return up(l->x[i] * l->w[j][i]) / stab(z, 1e-6);
}

static double negative_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    double z = bias ? down(l->b[j]) : 0;
    for (size_t k = 0; k < INPUTS; k++)
        z += down(l->x[k] * l->w[j][k]);
    return down(l->x[i] * l->w[j][i]) / stab(z, 1e-6);
}

static double alpha_beta_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    return 2 * zplus_share(l, i, j, bias) - negative_share(l, i, j, bias);
}

static double gamma_contribution(const struct layer *l, size_t i, size_t j)
{
    double c = l->x[i] * l->w[j][i];
    return c + 0.25 * (l->z[j] > 0 ? up(c) : down(c));
}

static double gamma_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    double b = l->b[j], z = bias ? b + 0.25 * (l->z[j] > 0 ? up(b) : down(b)) : 0;
    for (size_t k = 0; k < INPUTS; k++)
        z += gamma_contribution(l, k, j);
    return l->z[j] == 0 ? 0 : gamma_contribution(l, i, j) / stab(z, 1e-6);
}

static double box_contribution(const struct layer *l, size_t i, size_t j)
{
    return l->x[i] * l->w[j][i] + 3 * up(l->w[j][i]) - 2 * down(l->w[j][i]);
}

static double box_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    double z = 0;
    (void)bias;
    for (size_t k = 0; k < INPUTS; k++)
        z += box_contribution(l, k, j);
    return box_contribution(l, i, j) / stab(z, 1e-6);
}

static double wsquare_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    double z = bias ? l->b[j] * l->b[j] : 0;
    for (size_t k = 0; k < INPUTS; k++)
        z += l->w[j][k] * l->w[j][k];
    return l->w[j][i] * l->w[j][i] / stab(z, 1e-6);
}

static double flat_share(const struct layer *l, size_t i, size_t j, bool bias)
{
    (void)l, (void)i, (void)j, (void)bias;
    return 1 / stab(INPUTS, 1e-6);
}

static const struct {
    const char *rule;
    share_function *share;
} textbook[] = {
    {"epsilon", epsilon_share},      {"zplus", zplus_share},      {"alpha-beta:2,1", alpha_beta_share},
    {"alpha-beta:1,0", zplus_share}, {"gamma:0.25", gamma_share}, {"box:-3,2", box_share},
    {"wsquare", wsquare_share},      {"flat", flat_share},        {"gamma:0", epsilon_share},
};

static void random_layer(struct ocelot_rng *rng, struct layer *l)
{
    network_fill(rng, &l->w[0][0], OUTPUTS * INPUTS, 1);
    network_fill(rng, l->b, OUTPUTS, 0.5);
    network_fill(rng, l->x, INPUTS, 1);
    network_fill(rng, l->r, OUTPUTS, 1);
    l->x[2] = 0; /* a dead input */
    for (size_t j = 0; j < OUTPUTS; j++) {
        l->z[j] = l->b[j];
        for (size_t i = 0; i < INPUTS; i++)
            l->z[j] += l->w[j][i] * l->x[i];
    }
}

/* Relevance of the layer's inputs through the generic step. */
static void by_the_step(const struct layer *l, const struct ocelot_rule *rule, double *out, struct ocelot_ledger_entry *ledger)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(INPUTS);
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, 0, &l->w[0][0], l->b, OUTPUTS, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    struct ocelot_rule rules[2] = {{0}, *rule};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    assert_int_equal(ocelot_plan_build(model, &options, rules, OCELOT_WALKS_ALL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    memcpy(w->f64.activation[0], l->x, sizeof l->x);
    ocelot_walk_forward(plan, w, 1);
    memcpy(w->f64.signal[1], l->r, sizeof l->r);
    ocelot_walk_relevance(plan, w, 1);
    memcpy(out, w->f64.signal[0], sizeof l->x);
    *ledger = w->ledger[1];
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
}

static void rules_are_the_textbook(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    for (size_t k = 0; k < sizeof textbook / sizeof *textbook; k++)
        for (size_t row = 0; row < ROWS; row++)
            for (int bias = 0; bias <= 1; bias++) {
                struct layer l;
                struct ocelot_rule rule;
                struct ocelot_ledger_entry ledger;
                double got[INPUTS], expected[INPUTS] = {0};
                random_layer(&rng, &l);
                char text[64];
                snprintf(text, sizeof text, "%s%s", textbook[k].rule, bias ? "" : "/no-bias");
                assert_int_equal(ocelot_rule_parse(text, &rule, NULL), OCELOT_OK);
                assert_int_equal(rule.bias, bias);
                for (size_t i = 0; i < INPUTS; i++)
                    for (size_t j = 0; j < OUTPUTS; j++)
                        expected[i] += textbook[k].share(&l, i, j, bias) * l.r[j];
                by_the_step(&l, &rule, got, &ledger);
                /* a denominator may be as small as 1e-3: rounding grows by that */
                assert_close_all(got, expected, INPUTS, 1e-11, 0, textbook[k].rule);
                assert_close(ledger.received, ledger.passed + ledger.absorbed + ledger.leaked, 1e-10 * (1 + fabs(ledger.passed)), textbook[k].rule);
            }
}

/* An output without any positive contribution leaks all of it under z+, and the ledger says how much. */
static void empty_group_is_leaked(void **state)
{
    (void)state;
    struct layer l = {.r = {1, 2, 3, 4, 5}};
    struct ocelot_rule rule;
    struct ocelot_ledger_entry ledger;
    double got[INPUTS];
    for (size_t i = 0; i < INPUTS; i++) {
        l.x[i] = 1;
        for (size_t j = 0; j < OUTPUTS; j++)
            l.w[j][i] = j == 2 ? -1 : 1;
    }
    assert_int_equal(ocelot_rule_parse("zplus", &rule, NULL), OCELOT_OK);
    by_the_step(&l, &rule, got, &ledger);
    assert_close(ledger.leaked, 3, 1e-12, "leaked");
    assert_close(ledger.passed + ledger.absorbed, 12, 1e-12, "passed");
}

static void rule_texts_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "zminus",    "epsilon:",    "epsilon:-1",     "epsilon:nan",  "epsilon:1x",          "gamma:-0.5",
                                      "box:1",   "box:2,1",   "box:0,1,2",   "alpha-beta:2,2", "alpha-beta:2", "alpha-beta:0,-1",     "flat:1",
                                      "zplus:0", "gamma:inf", "epsilon:1,2", "zplus/",         "zplus/bias",   "epsilon:0/no-biases", "box:,",
                                      "box:0;1"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct ocelot_rule rule;
        struct ocelot_error error = {0};
        if (ocelot_rule_parse(bad[k], &rule, &error) != OCELOT_E_ARGUMENT || !error.message[0])
            fail_msg("'%s' was taken for a rule", bad[k]);
    }
    for (size_t k = 0; ocelot_rule_at(k); k++) {
        struct ocelot_rule rule;
        assert_int_equal(ocelot_rule_parse(ocelot_rule_at(k)->name, &rule, NULL), OCELOT_OK);
    }
}

/* Every composite names only rules that exist. */
static void composites_are_made_of_rules(void **state)
{
    (void)state;
    for (size_t k = 0; ocelot_composites[k]; k++) {
        assert_string_equal(ocelot_composite_at(k), ocelot_composites[k]->name);
        for (size_t e = 0; e < ocelot_composites[k]->entries; e++) {
            struct ocelot_rule rule;
            assert_int_equal(ocelot_rule_parse(ocelot_composites[k]->entry[e].rule, &rule, NULL), OCELOT_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_the_textbook),
        cmocka_unit_test(empty_group_is_leaked),
        cmocka_unit_test(rule_texts_are_checked),
        cmocka_unit_test(composites_are_made_of_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
