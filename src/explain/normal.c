/* What would have been normal: the nearest normal pattern, and what the other features lead one to expect (docs/mathematics.md). */
#include <math.h>

#include "explain/explainer.h"
#include "ops/ops.h"

bool ocelot_normal_nodes(const struct ocelot_model *model, size_t *distance, size_t *softmin)
{
    const struct ocelot_graph *graph = model->graph;
    size_t last = graph->count - 1;
    if (graph->nodes[last]->op != &ocelot_op_softmin || graph->nodes[last]->size != 1)
        return false;
    *softmin = last;
    *distance = graph->nodes[last]->inputs[0];
    return graph->nodes[*distance]->op == &ocelot_op_distance;
}

/* A scaled value in the user's units; NaN for a feature that the scaling drops. */
static double raw(const struct ocelot_model *model, size_t i, double scaled)
{
    const struct ocelot_feature *feature = &model->features[i];
    return feature->factor == 0 ? NAN : scaled / feature->factor + feature->center;
}

/* The support vectors as the kernels want them. */
static struct ocelot_packed points(const struct ocelot_plan *plan, size_t distance)
{
    const struct ocelot_node *node = plan->model->graph->nodes[distance];
    const struct ocelot_distance_params *p = node->params;
    return (struct ocelot_packed){.points = plan->nodes[distance].f64.weights,
                                  .count = p->count,
                                  .size = ocelot_node_input(node, 0)->size,
                                  .panels = plan->nodes[distance].f64.prepared};
}

void ocelot_normal_nearest(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, double *shares, double *nearest)
{
    const struct ocelot_model *model = plan->model;
    size_t distance, softmin;
    if (!ocelot_normal_nodes(model, &distance, &softmin))
        return;
    struct ocelot_packed u = points(plan, distance);
    double *p = shares ? shares : w->f64.scratch;
    ocelot_softmin_shares(model->graph->nodes[softmin], plan->kernels, w->f64.activation[distance] + b * u.count, 0, w->f64.activation[softmin][b],
                          p);
    if (!nearest)
        return;
    if (ocelot_model_stacked(model)) { /* a pattern of features is no image */
        for (size_t i = 0; i < model->feature_count; i++)
            nearest[i] = NAN;
        return;
    }
    plan->kernels->weighted_sum(&u, p, 1, nearest);
    for (size_t i = 0; i < u.size; i++)
        nearest[i] = raw(model, i, nearest[i]);
}

/* expected_i = sum_j p_j^(-i) u_ij with p_j^(-i) from the distances without feature i. */
static void expect_by_distance(const struct ocelot_plan *plan, struct ocelot_workspace *w, const size_t *features, size_t count, double *out)
{
    const struct ocelot_model *model = plan->model;
    size_t distance, softmin;
    if (!ocelot_normal_nodes(model, &distance, &softmin))
        return;
    struct ocelot_packed u = points(plan, distance);
    const struct ocelot_distance_params *p = model->graph->nodes[distance]->params;
    const struct ocelot_softmin_params *pool = model->graph->nodes[softmin]->params;
    const double *x = w->f64.activation[model->graph->nodes[distance]->inputs[0]];
    double *squared = w->f64.signal[distance];
    plan->kernels->squared_distance(&u, x, 1, squared);
    plan->kernels->expected(&u, x, squared, pool->log_weights, p->profile, p->parameters, features, count, w->f64.returned, out);
    for (size_t k = 0; k < count; k++)
        out[k] = raw(model, features ? features[k] : k, out[k]);
}

enum ocelot_status ocelot_expected(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *row, const size_t *features,
                                   size_t count, double *out, struct ocelot_error *err)
{
    const struct ocelot_model *model = plan->model;
    size_t distance, softmin;
    if (!plan->backward)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "expected values need a plan that explains, not one that only scores");
    enum ocelot_status status = ocelot_row_finite(model, row, err);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        if (i >= model->feature_count)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "feature %zu was asked for, the model has %zu", i, model->feature_count);
        out[k] = model->reference ? model->reference[i] : NAN;
    }
    if (!ocelot_normal_nodes(model, &distance, &softmin) || ocelot_model_stacked(model))
        return OCELOT_OK;
    for (size_t i = 0; i < model->feature_count; i++)
        workspace->f64.activation[0][i] = row[i];
    for (size_t n = 0; n < distance; n++)
        ocelot_walk_node(plan, workspace, n, 1);
    expect_by_distance(plan, workspace, features, count, out);
    return OCELOT_OK;
}
