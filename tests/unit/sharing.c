/* Float activations and signals that share memory: nobody sees it. With AddressSanitizer, what is not in use may not even be touched. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ocelot/ocelot.h"
#include "ops/ops.h"
#include "run/sharing.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"

enum { ROWS = 3 };

static struct ocelot_graph *(*const makers[])(struct ocelot_rng *rng) = {network_convolutional, network_joined, network_pooled, network_wide};
enum { NETWORKS = sizeof makers / sizeof *makers };

/* The last gives relevance to what a ReLU has cut off. */
static const char *const composites[][2] = {{"composite=epsilon", NULL},
                                            {"composite=epsilon-plus", NULL},
                                            {"composite=deep-taylor", NULL},
                                            {"composite=epsilon-alpha2-beta1-flat", NULL},
                                            {"composite=epsilon-gamma-box", "box=-3,3"},
                                            {"composite=lrp-0", NULL},
                                            {"rule=first=epsilon", "rule=Conv*=flat"}};
enum { COMPOSITES = sizeof composites / sizeof *composites };

static struct ocelot_model *model_of(size_t network)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 11 + network);
    return network_model(makers[network](&rng));
}

/* NULL where the composite is not for the network. */
static struct ocelot_plan *plan_of(const struct ocelot_model *model, const char *const *settings)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    options.method = "lrp";
    options.settings = settings;
    options.setting_count = settings[1] ? 2 : 1;
    options.batch = 2;
    options.precision = "float32";
    if (ocelot_plan_create(model, &options, &plan, NULL) != OCELOT_OK)
        return NULL;
    return plan;
}

static void explain(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, double *relevance,
                    struct ocelot_ledger_entry *ledger)
{
    struct ocelot_decision decision[ROWS];
    struct ocelot_error error = {0};
    if (ocelot_explain(plan, w, x, ROWS, &(struct ocelot_explanation){.decision = decision, .relevance = relevance, .ledger = ledger}, &error) !=
        OCELOT_OK)
        fail_msg("%s", error.message);
    ocelot_workspace_free(w);
}

static void explanations_are_those_of_arrays_that_stand_for_themselves(void **state)
{
    (void)state;
    size_t compared = 0;
    for (size_t n = 0; n < NETWORKS; n++) {
        struct ocelot_model *model = model_of(n);
        size_t d = model->feature_count, nodes = model->graph->count;
        double *x = calloc(3 * (size_t)ROWS * d, sizeof *x), *shared = x + (size_t)ROWS * d, *whole = x + 2 * (size_t)ROWS * d;
        struct ocelot_ledger_entry *ledger = calloc(2 * (size_t)ROWS * nodes, sizeof *ledger);
        struct ocelot_rng rng;
        assert_non_null(x);
        assert_non_null(ledger);
        ocelot_rng_seed(&rng, 5);
        network_fill(&rng, x, ROWS * d, 1);
        for (size_t c = 0; c < COMPOSITES; c++) {
            struct ocelot_plan *plan = plan_of(model, composites[c]);
            struct ocelot_workspace *own = NULL, *apart = NULL;
            if (!plan)
                continue;
            assert_true(ocelot_plan_shares(plan));
            assert_int_equal(ocelot_workspace_create(plan, &own, NULL), OCELOT_OK);
            assert_int_equal(ocelot_workspace_create_whole(plan, &apart, NULL), OCELOT_OK);
            assert_true(own->arena.used < apart->arena.used);
            explain(plan, own, x, shared, ledger);
            explain(plan, apart, x, whole, ledger + (size_t)ROWS * nodes);
            assert_memory_equal(shared, whole, ROWS * d * sizeof *x);
            assert_memory_equal(ledger, ledger + (size_t)ROWS * nodes, ROWS * nodes * sizeof *ledger);
            ocelot_plan_free(plan);
            compared++;
        }
        free(x);
        free(ledger);
        ocelot_model_free(model);
    }
    assert_int_equal(compared, NETWORKS * COMPOSITES);
}

static bool overlap(const struct ocelot_stay *a, const struct ocelot_stay *b)
{
    return a->at < b->at + b->bytes && b->at < a->at + a->bytes && a->from <= b->to && b->from <= a->to;
}

static size_t in_place(const struct ocelot_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->model->graph->count; i++)
        count += plan->nodes[i].in_place;
    return count;
}

/* What is cut off is kept where relevance comes to it and the way back reads it: in front of a convolution by the flat rule, not by z+. */
static void relus_take_the_place_of_what_they_are_given(void **state)
{
    (void)state;
    struct ocelot_model *model = model_of(NETWORKS - 1);
    const struct ocelot_graph *graph = model->graph;
    struct ocelot_plan *plus = plan_of(model, composites[1]), *flat = plan_of(model, composites[COMPOSITES - 1]);
    size_t relus = 0;
    assert_non_null(plus);
    assert_non_null(flat);
    for (size_t i = 0; i < graph->count; i++)
        relus += graph->nodes[i]->op == &ocelot_op_relu;
    assert_int_equal(in_place(plus), relus);
    assert_int_equal(in_place(flat), relus - 1);
    assert_false(flat->nodes[2].in_place);
    assert_true(flat->nodes[2].handed_on);
    ocelot_plan_free(plus);
    ocelot_plan_free(flat);
    ocelot_model_free(model);
}

/* The table itself: no two arrays that are in use at the same step overlap, an activation is there from its node's step to its readers', a signal
 * from its readers' to its node's. */
static void no_two_arrays_in_use_overlap(void **state)
{
    (void)state;
    for (size_t n = 0; n < NETWORKS; n++) {
        struct ocelot_model *model = model_of(n);
        struct ocelot_plan *plan = plan_of(model, composites[1]);
        size_t nodes = model->graph->count, last = 2 * nodes - 1, arrays = 0;
        struct ocelot_stay *stays = calloc(2 * nodes, sizeof *stays);
        assert_non_null(plan);
        assert_non_null(stays);
        for (size_t i = 0; i < nodes; i++) {
            const struct ocelot_node_plan *own = &plan->nodes[i];
            for (size_t k = 0; own->single && k < model->graph->nodes[i]->input_count; k++) {
                const struct ocelot_node_plan *input = &plan->nodes[model->graph->nodes[i]->inputs[k]];
                assert_true(input->activation.to >= i);
                assert_true(input->signal.from <= last - i);
                if (own->rule.form)
                    assert_true(input->activation.to >= last - i);
            }
            if (!own->in_f32)
                continue;
            assert_true(own->activation.from == i && own->signal.to >= last - i);
            assert_true(own->activation.bytes >= plan->capacity * model->graph->nodes[i]->size * sizeof(float));
            if (!own->in_place)
                stays[arrays++] = own->activation;
            if (!own->handed_on)
                stays[arrays++] = own->signal;
        }
        for (size_t a = 0; a < arrays; a++) {
            assert_true(stays[a].at + stays[a].bytes <= plan->shared);
            for (size_t b = 0; b < a; b++)
                assert_false(overlap(&stays[a], &stays[b]));
        }
        free(stays);
        ocelot_plan_free(plan);
        ocelot_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explanations_are_those_of_arrays_that_stand_for_themselves),
        cmocka_unit_test(relus_take_the_place_of_what_they_are_given),
        cmocka_unit_test(no_two_arrays_in_use_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
