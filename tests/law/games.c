#include "law/games.h"

#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/cmocka_include.h"

struct ocelot_model *game_linear(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    return network_model(network_relu(&rng, (size_t[]){GAME_WIDTH, 1}, 1));
}

struct ocelot_model *game_relu(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 4);
    return network_model(network_relu(&rng, (size_t[]){GAME_WIDTH, 12, 1}, 2));
}

struct ocelot_model *game_kernel(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    return network_model(network_kernel(&rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.4, .power = 2}, GAME_WIDTH, 15));
}

/* Input, dense, ReLU and dense with these weights, without biases. */
static struct ocelot_model *two_layers(const double *first, size_t width, const double *second, size_t outputs)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(GAME_WIDTH);
    double zeros[32] = {0};
    size_t at;
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, first, zeros, width, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, second, zeros, outputs, &at, NULL), OCELOT_OK);
    return network_model(graph);
}

enum { HIDDEN = 10, FIRST = HIDDEN * GAME_WIDTH, TWO = 2 * HIDDEN };

struct ocelot_model *game_sum(void)
{
    struct ocelot_rng rng;
    double first[FIRST], second[3 * HIDDEN];
    ocelot_rng_seed(&rng, 6);
    network_fill(&rng, first, FIRST, 1);
    network_fill(&rng, second, TWO, 1);
    for (size_t k = 0; k < HIDDEN; k++)
        second[TWO + k] = second[k] + second[HIDDEN + k];
    return two_layers(first, HIDDEN, second, 3);
}

struct ocelot_model *game_symmetric(void)
{
    struct ocelot_rng rng;
    double first[FIRST], second[HIDDEN];
    ocelot_rng_seed(&rng, 7);
    network_fill(&rng, first, FIRST, 1);
    network_fill(&rng, second, HIDDEN, 1);
    for (size_t k = 0; k < HIDDEN; k++) {
        first[k * GAME_WIDTH + 1] = first[k * GAME_WIDTH];
        first[k * GAME_WIDTH + 2] = 0;
    }
    return two_layers(first, HIDDEN, second, 1);
}

const struct game_model game_models[] = {
    {"linear", game_linear}, {"ReLU network", game_relu}, {"kernel machine", game_kernel}, {"symmetric network", game_symmetric}, {NULL, NULL}};

struct game_data game_data(void)
{
    struct game_data data;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 8);
    network_fill(&rng, &data.rows[0][0], sizeof data.rows / sizeof(double), 1.5);
    network_fill(&rng, &data.background[0][0], sizeof data.background / sizeof(double), 1);
    return data;
}

struct game_answer game_explain(const struct game_ask *ask)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_decision decision[GAME_ROWS];
    struct game_answer answer;
    struct ocelot_error error = {0};
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    size_t layers = ocelot_model_layers(ask->model);
    struct ocelot_ledger_entry *ledger = calloc(GAME_ROWS * layers, sizeof *ledger);
    assert_non_null(ledger);
    options.method = ask->method;
    options.target = ask->target;
    options.settings = ask->settings;
    while (ask->settings[options.setting_count])
        options.setting_count++;
    options.explainers = ocelot_analysis_explainers;
    options.background = ask->no_background ? NULL : &ask->data->background[0][0];
    options.background_rows = ask->no_background ? 0 : GAME_BACKGROUND;
    options.groups = ask->groups;
    options.group_count = ask->group_count;
    options.batch = ask->batch;
    if (ocelot_plan_create(ask->model, &options, &plan, &error) != OCELOT_OK)
        fail_msg("%s: %s", ask->method, error.message);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    struct ocelot_explanation out = {.decision = decision,
                                     .relevance = &answer.relevance[0][0],
                                     .standard_error = &answer.error[0][0],
                                     .explained = answer.explained,
                                     .residual = answer.residual,
                                     .ledger = ledger};
    assert_int_equal(ocelot_explain(plan, workspace, &ask->data->rows[0][0], GAME_ROWS, &out, NULL), OCELOT_OK);
    for (size_t b = 0; b < GAME_ROWS; b++) {
        answer.output[b] = decision[b].output;
        answer.constant[b] = ledger[b * layers + layers - 1].absorbed;
    }
    free(ledger);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return answer;
}

void game_outputs(const struct ocelot_model *model, const double *points, size_t n, double *out)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_outputs(plan, workspace, points, n, out, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}
