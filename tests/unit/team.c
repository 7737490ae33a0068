/* Threads that share the work of one row: every part is done once, and no bit of a network's relevance depends on their number. The `thread` preset
 * (cmake --preset thread && cmake --build --preset thread && ctest --preset thread -R team) runs this under ThreadSanitizer. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/team.h"
#include "ocelot/ocelot.h"
#include "ops/ops.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"

enum { PARTS = 23, TURNS = 3000, MOST = 3, ROWS = 3 };

struct tally {
    size_t parts[PARTS], threads[MOST], sum;
};

static void count(void *context, size_t part, size_t thread)
{
    struct tally *tally = context;
    tally->parts[part]++; /* its own: no lock */
    tally->threads[thread]++;
}

static void every_part_is_done_once(void **state)
{
    (void)state;
    for (size_t threads = 0; threads <= MOST; threads++) {
        struct ocelot_team *team;
        struct tally tally = {{0}, {0}, 0};
        size_t all = 0, turns = 0;
        assert_true(ocelot_team_create(threads, &team));
        assert_int_equal(team != NULL, threads > 1);
        assert_int_equal(ocelot_team_threads(team), threads > 1 ? threads : 1);
        for (size_t turn = 0; turn < TURNS; turn++) {
            size_t parts = turn % (PARTS + 1);
            turns += parts;
            ocelot_team_use(team, turn % 7);
            ocelot_team_run(team, parts, count, &tally);
            for (size_t k = 0; k < PARTS; k++) /* what others have done is seen at once */
                all += tally.parts[k];
            assert_int_equal(all, turns);
            all = 0;
        }
        for (size_t k = 0; k < MOST; k++)
            all += tally.threads[k];
        assert_int_equal(all, turns);
        ocelot_team_free(team);
    }
    ocelot_team_free(NULL);
}

static void *alone(void *context)
{
    struct ocelot_team *team;
    struct tally *tally = context;
    bool made = ocelot_team_create(2, &team);
    for (size_t turn = 0; made && turn < TURNS; turn++)
        ocelot_team_run(team, PARTS, count, tally);
    ocelot_team_free(team);
    return NULL;
}

/* Workspaces side by side, each with a team. */
static void teams_do_not_meet(void **state)
{
    (void)state;
    struct tally tally[2] = {{{0}, {0}, 0}, {{0}, {0}, 0}};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, alone, &tally[0]), 0);
    alone(&tally[1]);
    pthread_join(thread, NULL);
    for (size_t n = 0; n < 2; n++)
        for (size_t k = 0; k < PARTS; k++)
            assert_int_equal(tally[n].parts[k], TURNS);
}

#define OK(call) assert_int_equal(call, OCELOT_OK)

static size_t convolve(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t input, size_t outputs, size_t kernel, size_t stride)
{
    size_t inputs = graph->nodes[input]->shape.extent[0], count = inputs * outputs * kernel * kernel, pad = kernel / 2;
    struct ocelot_window window = {{kernel, kernel}, {stride, stride}, {1, 1}, {pad, pad}, {pad, pad}};
    double *weights = calloc(count, sizeof *weights), *bias = calloc(outputs, sizeof *bias);
    assert_true(weights && bias);
    network_fill(rng, weights, count, 1.0 / (double)(kernel * kernel));
    network_fill(rng, bias, outputs, 0.1);
    OK(ocelot_append_conv(graph, input, weights, bias, outputs, 1, &window, &input, NULL));
    OK(ocelot_append_plain(graph, &ocelot_op_relu, &input, 1, &input, NULL));
    free(weights);
    free(bias);
    return input;
}

/* Wide enough that convolutions are shared out: Winograd's tiles by chunks and by points, slices of the engine, and what stands between. */
static struct ocelot_graph *network_broad(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    const struct ocelot_shape image = {3, {3, 70, 70}};
    const struct ocelot_window pool = {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}};
    size_t at = 0, joint[2];
    assert_non_null(graph);
    OK(ocelot_append_input(graph, &image, NULL, NULL));
    at = convolve(rng, graph, at, 32, 7, 2);
    at = convolve(rng, graph, at, 64, 3, 1);
    OK(ocelot_append_pool(graph, &ocelot_op_max_pool, at, &pool, (size_t[]){18, 18}, 2, true, &at, NULL));
    joint[0] = convolve(rng, graph, at, 64, 3, 1);
    joint[1] = convolve(rng, graph, at, 64, 1, 1);
    OK(ocelot_append_plain(graph, &ocelot_op_add, joint, 2, &at, NULL));
    joint[0] = convolve(rng, graph, at, 256, 1, 2);
    joint[1] = convolve(rng, graph, at, 32, 3, 2);
    OK(ocelot_append_arrange(graph, joint, 2, &(struct ocelot_shape){3, {288, 9, 9}}, NULL, 0, &at, NULL));
    at = convolve(rng, graph, at, 40, 1, 1);
    size_t count_of_weights = graph->nodes[at]->size * 4;
    double *weights = calloc(count_of_weights, sizeof *weights);
    assert_non_null(weights);
    network_fill(rng, weights, count_of_weights, 0.1);
    OK(ocelot_append_dense(graph, at, weights, NULL, 4, &at, NULL));
    free(weights);
    return graph;
}

/* Everything that an explanation tells, of `threads`. */
struct results {
    struct ocelot_decision decision[ROWS];
    double *relevance;
    struct ocelot_ledger_entry *ledger;
};

static struct results explain(const struct ocelot_model *model, const char *composite, size_t threads, const double *rows)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct results r;
    memset(&r, 0, sizeof r);
    options.method = "lrp";
    options.settings = &composite;
    options.setting_count = 1;
    options.precision = "float32";
    options.batch = 2;
    options.threads = threads;
    OK(ocelot_plan_create(model, &options, &plan, NULL));
    OK(ocelot_workspace_create(plan, &workspace, NULL));
    r.relevance = calloc(ROWS * model->feature_count, sizeof *r.relevance);
    r.ledger = calloc(ROWS * model->graph->count, sizeof *r.ledger);
    assert_true(r.relevance && r.ledger);
    struct ocelot_explanation out = {.decision = r.decision, .relevance = r.relevance, .ledger = r.ledger};
    OK(ocelot_explain(plan, workspace, rows, ROWS, &out, NULL));
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return r;
}

static void no_bit_depends_on_threads(void **state)
{
    (void)state;
    static struct ocelot_graph *(*const networks[])(struct ocelot_rng *) = {network_broad, network_wide, network_joined, network_pooled,
                                                                            network_convolutional};
    static const char *const composites[] = {"composite=epsilon-plus", "composite=epsilon-gamma-box"};
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (size_t k = 0; k < 2; k++) {
            struct ocelot_rng rng;
            ocelot_rng_seed(&rng, n);
            struct ocelot_model *model = network_model(networks[n](&rng));
            double *rows = calloc(ROWS * model->feature_count, sizeof *rows);
            assert_non_null(rows);
            network_fill(&rng, rows, ROWS * model->feature_count, 1);
            struct results one = explain(model, composites[k], 1, rows);
            assert_int_equal(one.decision[0].status, OCELOT_OK);
            for (size_t threads = 0; threads <= MOST; threads++) {
                struct results some = explain(model, composites[k], threads, rows);
                assert_memory_equal(one.decision, some.decision, sizeof one.decision);
                assert_memory_equal(one.relevance, some.relevance, ROWS * model->feature_count * sizeof *one.relevance);
                assert_memory_equal(one.ledger, some.ledger, ROWS * model->graph->count * sizeof *one.ledger);
                free(some.relevance);
                free(some.ledger);
            }
            free(one.relevance);
            free(one.ledger);
            free(rows);
            ocelot_model_free(model);
        }
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 1);
    struct ocelot_model *model = network_model(network_relu(&rng, (const size_t[]){3, 2, 1}, 2));
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_error error = {0};
    options.method = "lrp";
    options.threads = OCELOT_MOST_THREADS + 1;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, &error), OCELOT_E_ARGUMENT);
    assert_non_null(strstr(error.message, "threads: found 65, expected 1 to 64"));
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_is_done_once), cmocka_unit_test(teams_do_not_meet),
                                       cmocka_unit_test(no_bit_depends_on_threads), cmocka_unit_test(too_many_are_refused)};
    return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
