#include "law/views.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ops/ops.h"
#include "support/cmocka_include.h"

static struct ocelot_plan_options options_of(const struct view_task *task)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = task->method;
    options.target = task->target;
    options.settings = task->settings;
    while (options.setting_count < sizeof task->settings / sizeof *task->settings && task->settings[options.setting_count])
        options.setting_count++;
    options.explainers = ocelot_analysis_explainers;
    options.background = task->background;
    options.background_rows = task->background_rows;
    options.groups = task->groups;
    options.group_count = task->group_count;
    options.batch = task->batch;
    return options;
}

enum ocelot_status view_refusal(const struct view_task *task, struct ocelot_error *err)
{
    struct ocelot_plan_options options = options_of(task);
    struct ocelot_plan *plan = NULL;
    enum ocelot_status status = ocelot_plan_create(task->model, &options, &plan, err);
    ocelot_plan_free(plan);
    return status;
}

void view_explain(const struct view_task *task, const double *rows, size_t n, struct view_answer *out)
{
    struct ocelot_plan_options options = options_of(task);
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_error error = {0};
    struct ocelot_decision decision[VIEW_ROWS];
    size_t layers = ocelot_model_layers(task->model);
    struct ocelot_ledger_entry *ledger = ocelot_allocate(VIEW_ROWS * layers, sizeof *ledger);
    assert_non_null(ledger);
    assert_true(n <= VIEW_ROWS && n * task->model->feature_count <= VIEW_MOST);
    if (ocelot_plan_create(task->model, &options, &plan, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &error), OCELOT_OK);
    struct ocelot_explanation explanation = {
        .decision = decision, .relevance = out->relevance, .standard_error = out->error, .explained = out->explained, .ledger = ledger};
    assert_int_equal(ocelot_explain(plan, workspace, rows, n, &explanation, &error), OCELOT_OK);
    for (size_t b = 0; b < n; b++) {
        const struct ocelot_ledger_entry *last = &ledger[(b + 1) * layers - 1];
        assert_int_equal(decision[b].status, OCELOT_OK);
        out->output[b] = decision[b].output;
        out->residual[b] = last->residual;
        out->constant[b] = last->absorbed;
    }
    free(ledger);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}

double view_output(const struct ocelot_model *model, const double *row)
{
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_decision decision;
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_score(plan, workspace, row, 1, &decision, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return decision.output;
}

static size_t input(struct ocelot_graph **graph, size_t d)
{
    struct ocelot_shape shape = ocelot_shape_vector(d);
    size_t at;
    *graph = ocelot_graph_create();
    assert_non_null(*graph);
    assert_int_equal(ocelot_append_input(*graph, &shape, &at, NULL), OCELOT_OK);
    return at;
}

struct ocelot_model *view_linear(const double *weights, size_t d, double bias)
{
    struct ocelot_graph *graph;
    size_t at = input(&graph, d);
    assert_int_equal(ocelot_append_dense(graph, at, weights, &bias, 1, &at, NULL), OCELOT_OK);
    return network_model(graph);
}

struct ocelot_model *view_additive(const double *weights, const double *slopes, size_t d, const struct ocelot_op *op)
{
    struct ocelot_graph *graph;
    double *diagonal = ocelot_allocate(d, d * sizeof *diagonal);
    size_t at = input(&graph, d);
    assert_non_null(diagonal);
    for (size_t i = 0; i < d; i++)
        diagonal[i * d + i] = slopes[i];
    assert_int_equal(ocelot_append_dense(graph, at, diagonal, NULL, d, &at, NULL), OCELOT_OK);
    if (op)
        assert_int_equal(ocelot_append_plain(graph, op, &at, 1, &at, NULL), OCELOT_OK);
    else
        assert_int_equal(ocelot_append_power(graph, at, 3, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, weights, NULL, 1, &at, NULL), OCELOT_OK);
    free(diagonal);
    return network_model(graph);
}

struct ocelot_model *view_blind(struct ocelot_rng *rng, size_t d, size_t width)
{
    struct ocelot_graph *graph;
    double *first = ocelot_allocate(d, width * sizeof *first), *bias = ocelot_allocate(width, sizeof *bias);
    double *second = ocelot_allocate(width, sizeof *second);
    size_t at = input(&graph, d);
    assert_true(first && bias && second);
    network_fill(rng, first, d * width, 1);
    network_fill(rng, bias, width, 0.5);
    network_fill(rng, second, width, 1);
    for (size_t n = 0; n < width; n++)
        first[n * d + d - 1] = 0;
    assert_int_equal(ocelot_append_dense(graph, at, first, bias, width, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, second, NULL, 1, &at, NULL), OCELOT_OK);
    free(first);
    free(bias);
    free(second);
    return network_model(graph);
}

struct ocelot_model *view_outputs(const double *weights, size_t d, size_t outputs)
{
    struct ocelot_graph *graph;
    size_t at = input(&graph, d);
    assert_int_equal(ocelot_append_dense(graph, at, weights, NULL, outputs, &at, NULL), OCELOT_OK);
    return network_model(graph);
}
