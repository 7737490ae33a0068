/* Float activations in blocks of channels: the same relevance as in double, by every body of arithmetic; the same bits in batches; and no blocks
 * where gradients may be walked. */
#include <math.h>
#include <stdlib.h>

#include "explain/explainer.h"
#include "kernels/engine.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"

enum { ROWS = 3 };

static const char *const settings[] = {"composite=epsilon-plus",        "composite=epsilon-gamma-box", "composite=epsilon-alpha2-beta1",
                                       "composite=epsilon-plus-flat",   "composite=deep-taylor",       "composite=excitation-backprop",
                                       "rule=first=box:-4,4;-4,4;-5,5", "rule=first=gamma:0.5"};
enum { SETTINGS = sizeof settings / sizeof *settings };

struct answer {
    double *relevance;
    struct ocelot_ledger_entry *ledger;
    size_t blocked; /* nodes that stand in blocks */
    size_t halved;  /* nodes whose z is made of halves */
    size_t split;   /* nodes that send back through W+ and W- at once */
};

static struct ocelot_model *wide_model(double **x)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    struct ocelot_model *model = network_model(network_wide(&rng));
    *x = malloc(ROWS * model->feature_count * sizeof **x);
    assert_non_null(*x);
    network_fill(&rng, *x, ROWS * model->feature_count, 1);
    return model;
}

static struct answer ask(const struct ocelot_model *model, const char *method, const char *setting, const char *kernels, const char *precision,
                         size_t batch, const double *x)
{
    struct ocelot_error error = {0};
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_decision decision[ROWS];
    size_t d = model->feature_count, nodes = model->graph->count;
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = method;
    options.settings = &setting;
    options.setting_count = setting ? 1 : 0;
    options.kernels = kernels;
    options.precision = precision;
    options.batch = batch;
    struct answer a = {.relevance = malloc(ROWS * d * sizeof *a.relevance), .ledger = malloc(ROWS * nodes * sizeof *a.ledger)};
    assert_true(a.relevance && a.ledger);
    if (ocelot_plan_create(model, &options, &plan, &error) != OCELOT_OK || ocelot_workspace_create(plan, &w, &error) != OCELOT_OK)
        fail_msg("%s: %s", setting ? setting : method, error.message);
    struct ocelot_explanation out = {.decision = decision, .relevance = a.relevance, .ledger = a.ledger};
    assert_int_equal(ocelot_explain(plan, w, x, ROWS, &out, &error), OCELOT_OK);
    for (size_t i = 0; i < nodes; i++)
        a.blocked += plan->nodes[i].block > 1, a.halved += plan->nodes[i].f32.parts.magnitudes.weights != NULL,
            a.split += plan->nodes[i].f32.parts.split.prepared != NULL;
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return a;
}

static void drop(struct answer *a)
{
    free(a->relevance);
    free(a->ledger);
}

static void single_in_blocks_follows_double(void **state)
{
    (void)state;
    double *x;
    struct ocelot_model *model = wide_model(&x);
    for (size_t s = 0; s < SETTINGS; s++) {
        struct answer truth = ask(model, "lrp", settings[s], NULL, "float64", ROWS, x);
        assert_int_equal(truth.halved, 0);
        for (size_t k = 0; ocelot_kernel_bodies[k]; k++) {
            const struct ocelot_kernels *body = ocelot_kernel_bodies[k];
            if (!body->available())
                continue;
            struct answer got = ask(model, "lrp", settings[s], body->name, "float32", ROWS, x);
            assert_int_equal(got.blocked > 10, body->block && ocelot_engine_blocks());
            assert_int_equal(got.halved, s == 0);                                                    /* epsilon-plus has z+ on the first layer */
            assert_int_equal(got.split, body->narrow && ocelot_engine_blocks() && s != 3 && s != 4); /* flat and w^2 have one term */
            /* 6e-8 a number, through seven layers of up to 800 terms that cancel in part */
            assert_close_all(got.relevance, truth.relevance, ROWS * model->feature_count, 1e-4, 0, settings[s]);
            for (size_t n = 0; n < ROWS * model->graph->count; n++) {
                const struct ocelot_ledger_entry *e = &got.ledger[n];
                assert_close(e->received, e->passed + e->absorbed + e->residual + e->leaked + e->absent, 1e-4 * (e->magnitude + 1e-300), settings[s]);
            }
            drop(&got);
        }
        drop(&truth);
    }
    free(x);
    ocelot_model_free(model);
}

static void batches_change_no_bit(void **state)
{
    (void)state;
    double *x;
    struct ocelot_model *model = wide_model(&x);
    for (size_t s = 0; s < SETTINGS; s++) {
        struct answer one = ask(model, "lrp", settings[s], NULL, "float32", 1, x), all = ask(model, "lrp", settings[s], NULL, "float32", ROWS, x);
        assert_memory_equal(one.relevance, all.relevance, ROWS * model->feature_count * sizeof *one.relevance);
        drop(&one);
        drop(&all);
    }
    free(x);
    ocelot_model_free(model);
}

static void gradients_are_plain(void **state)
{
    /* DeepLIFT divides differences of floats: where an activation moves by a thousandth of itself, three of its digits are gone, and which ones
     * depends on the order in which BLAS sums (seen: 2e-4 with one thread of OpenBLAS, below 1e-4 with two). */
    static const struct {
        const char *name, *setting;
        double bound;
    } methods[] = {{"gradient-x-input", NULL, 1e-4}, {"guided-backprop", NULL, 1e-4}, {"deeplift", "root=zero", 1e-3}, {"grad-cam", NULL, 1e-4}};
    (void)state;
    double *x;
    struct ocelot_model *model = wide_model(&x);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        struct answer got = ask(model, methods[m].name, methods[m].setting, NULL, "float32", ROWS, x),
                      truth = ask(model, methods[m].name, methods[m].setting, NULL, "float64", ROWS, x);
        assert_int_equal(got.blocked, 0);
        assert_close_all(got.relevance, truth.relevance, ROWS * model->feature_count, methods[m].bound, 0, methods[m].name);
        drop(&got);
        drop(&truth);
    }
    free(x);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_in_blocks_follows_double),
        cmocka_unit_test(batches_change_no_bit),
        cmocka_unit_test(gradients_are_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
