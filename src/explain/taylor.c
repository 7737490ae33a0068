/* taylor: integrated gradients from the model's reference point u~ = sum |a_j| u_j / sum |a_j|,
 *   R_i = (x_i - u~_i) integral_0^1 df/dx_i (u~ + t (x - u~)) dt  (Sundararajan 2017),
 * by Gauss-Legendre quadrature. With ceil(degree/2) nodes it is exact for polynomial kernels; one node is the linear formula. */
#include <stdint.h>
#include <string.h>

#include "explain/explainer.h"

enum { AUTOMATIC_NODES = 64, CHUNK = 256 };

struct taylor_settings {
    size_t nodes;
};

static const struct ocelot_option options[] = {
    {.name = "nodes",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct taylor_settings, nodes),
     .placeholder = "N",
     .low = 0,
     .high = 1000,
     .summary = "Gauss-Legendre nodes of the path integral; 0 = exact where the kernel is a polynomial, else 64"},
    {.name = NULL},
};

static enum ocelot_status allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    if (!model->reference || !model->info.method)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "taylor has no reference point for this model (%s, %s kernel)%s%s", model->info.type,
                           model->info.kernel, model->info.method ? ": use --method " : "; it is only scored so far",
                           model->info.method ? model->info.method : "");
    return OCELOT_OK;
}

static size_t node_count(const struct ocelot_plan *plan)
{
    const struct taylor_settings *s = plan->settings;
    return s->nodes ? s->nodes : plan->model->reference_nodes ? plan->model->reference_nodes : AUTOMATIC_NODES;
}

/* Nodes, weights, relevance [batch][features], value of the reference at every output. */
static size_t extra(const struct ocelot_plan *plan)
{
    return 2 * node_count(plan) + plan->batch * plan->model->feature_count + ocelot_graph_output(plan->model->graph)->size;
}

/* Adds weight * gradient at `count` points, number `start` and on, of the rows * nodes points of the batch. */
static void add_points(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t start, size_t count, const double *nodes,
                       const double *weights, double *relevance)
{
    size_t d = plan->model->feature_count, per_row = node_count(plan), target[CHUNK] = {0};
    double value[CHUNK];
    const double *root = plan->model->reference;
    for (size_t n = 0; n < count; n++) {
        size_t b = (start + n) / per_row, k = (start + n) % per_row;
        bool good = w->decision[b].status == OCELOT_OK;
        target[n] = good ? w->decision[b].target : 0;
        for (size_t i = 0; i < d; i++)
            w->f64.activation[0][n * d + i] = good ? root[i] + nodes[k] * (x[b * d + i] - root[i]) : 0;
    }
    const double *gradient = ocelot_walk_slopes(plan, w, count, target, value);
    for (size_t n = 0; n < count; n++) {
        size_t b = (start + n) / per_row, k = (start + n) % per_row;
        for (size_t i = 0; i < d && w->decision[b].status == OCELOT_OK; i++)
            relevance[b * d + i] += weights[k] * (x[b * d + i] - root[i]) * gradient[n * d + i];
    }
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t count = node_count(plan), d = plan->model->feature_count, outputs = ocelot_graph_output(graph)->size;
    size_t chunk = plan->batch < CHUNK ? plan->batch : CHUNK;
    double *nodes = w->extra, *weights = nodes + count, *at_reference = weights + count, *relevance = at_reference + outputs;
    ocelot_quadrature(count, nodes, weights);
    memcpy(w->f64.activation[0], plan->model->reference, d * sizeof *relevance);
    ocelot_walk_forward(plan, w, 1);
    memcpy(at_reference, w->f64.activation[graph->count - 1], outputs * sizeof *at_reference);
    memset(relevance, 0, rows * d * sizeof *relevance);
    for (size_t start = 0; start < rows * count; start += chunk)
        add_points(plan, w, x, start, rows * count - start < chunk ? rows * count - start : chunk, nodes, weights, relevance);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            ocelot_view_answer(plan, w, b, relevance + b * d, NULL, at_reference[w->decision[b].target]);
}

const struct ocelot_explainer ocelot_explainer_taylor = {
    .method = {"taylor", "integrated gradients from the weighted mean of the support vectors; exact for linear and polynomial kernels", "gradient",
               "1 gradient a quadrature node", "Bazen 2013; Sundararajan 2017", options},
    .settings_size = sizeof(struct taylor_settings),
    .is_signed = true,
    .allows = allows,
    .extra = extra,
    .run = run,
};
