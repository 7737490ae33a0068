/* From a network to one that ends in features. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ops/ops.h"
#include "run/plan.h"
#include "stack/stack.h"

/* What the last dense layer reads. */
static enum ocelot_status choose(const struct ocelot_graph *graph, size_t *index, struct ocelot_error *err)
{
    size_t i = graph->count;
    while (i > 0 && graph->nodes[i - 1]->op != &ocelot_op_dense)
        i--;
    if (i == 0)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "the network has no dense layer whose input would be the features: name a layer (`ocelot inspect` lists them)");
    *index = graph->nodes[i - 1]->inputs[0];
    return OCELOT_OK;
}

static enum ocelot_status find(const struct ocelot_graph *graph, const char *name, size_t *index, struct ocelot_error *err)
{
    for (size_t i = 0; i < graph->count; i++)
        if (strcmp(graph->nodes[i]->name, name) == 0) {
            *index = i;
            return OCELOT_OK;
        }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "the network has no layer '%.60s': `ocelot inspect` lists its layers", name);
}

enum ocelot_status ocelot_stack_cut(struct ocelot_model *network, const char *node, const char **name, struct ocelot_error *err)
{
    struct ocelot_graph *graph;
    size_t index = 0, present;
    if (strcmp(network->info.type, "network") != 0)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "features come from a network, and this model is a kernel machine (%s)", network->info.type);
    enum ocelot_status status = node ? find(network->graph, node, &index, err) : choose(network->graph, &index, err);
    if (status == OCELOT_OK && index == 0)
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "layer %s is the input itself: train without a network", network->graph->nodes[0]->name);
    if (status == OCELOT_OK)
        status = ocelot_graph_take(network->graph, index, &graph, err);
    if (status != OCELOT_OK)
        return status;
    ocelot_graph_free(network->graph);
    network->graph = graph;
    index = graph->count - 1;
    *name = graph->nodes[index]->name;
    return ocelot_append_plain(graph, &ocelot_op_present, &index, 1, &present, err);
}

static enum ocelot_status check(const struct ocelot_model *network, const double *rows, size_t n, struct ocelot_error *err)
{
    size_t d = network->feature_count;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            if (!isfinite(rows[i * d + k]))
                return ocelot_fail(err, OCELOT_E_VALUE, "row %zu, column %zu: found a value that is missing or infinite, expected a number", i + 1,
                                   k + 1);
    return OCELOT_OK;
}

enum ocelot_status ocelot_stack_features(const struct ocelot_model *network, const double *rows, size_t n, double **out, struct ocelot_error *err)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    size_t d = network->feature_count, last = network->graph->count - 1, size = network->graph->nodes[last]->size, total;
    double *features = ocelot_size_multiply(n, size, &total) ? ocelot_allocate(total, sizeof *features) : NULL;
    if (!features)
        return ocelot_fail_memory(err, "the features");
    enum ocelot_status status = check(network, rows, n, err);
    if (status == OCELOT_OK)
        status = ocelot_plan_build(network, &options, NULL, OCELOT_WALKS_FORWARD, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &w, err);
    for (size_t start = 0; status == OCELOT_OK && start < n; start += plan->batch) {
        size_t count = n - start < plan->batch ? n - start : plan->batch;
        memcpy(w->f64.activation[0], rows + start * d, count * d * sizeof *rows);
        ocelot_walk_forward(plan, w, count);
        memcpy(features + start * size, w->f64.activation[last], count * size * sizeof *features);
    }
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    if (status != OCELOT_OK) {
        free(features);
        return status;
    }
    *out = features;
    return OCELOT_OK;
}
