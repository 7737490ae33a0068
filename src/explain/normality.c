/* What a plan keeps for methods that ask what is normal, and who plays: background rows and groups of features. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "explain/explainer.h"
#include "ops/ops.h"

/* Copies the rows of the options, which weigh the same. */
static enum ocelot_status take_rows(struct ocelot_plan *plan, const struct ocelot_plan_options *options, struct ocelot_error *err)
{
    size_t d = plan->model->feature_count, count = options->background_rows;
    for (size_t r = 0; r < count; r++)
        if (ocelot_row_finite(plan->model, options->background + r * d, err) != OCELOT_OK)
            return OCELOT_E_VALUE;
    memcpy(plan->background_copy, options->background, count * d * sizeof *plan->background_copy);
    for (size_t r = 0; r < count; r++)
        plan->weights[r] = 1 / (double)count;
    return OCELOT_OK;
}

/* The support vectors where they stand, if they are those of one member and not scaled, else NULL. */
static const double *raw_support(const struct ocelot_model *model)
{
    size_t distance = 0, softmin = 0;
    if (ocelot_normal_members(model) != 1)
        return NULL;
    ocelot_normal_member(model, 0, &distance, &softmin);
    const struct ocelot_distance_params *points = model->graph->nodes[distance]->params;
    return model->graph->nodes[distance]->inputs[0] == 0 ? points->points : NULL;
}

/* Support vectors of one member in raw units, unless they are where they stand, with w_j = a_j / A times `weight`, from number `at` on; returns the
 * number behind them. */
static size_t take_member(struct ocelot_plan *plan, size_t k, double weight, size_t at)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t d = plan->model->feature_count, distance = 0, softmin = 0;
    double sum = 0, magnitude = 0;
    ocelot_normal_member(plan->model, k, &distance, &softmin);
    const struct ocelot_distance_params *points = graph->nodes[distance]->params;
    const struct ocelot_softmin_params *pool = graph->nodes[softmin]->params;
    plan->kernels->sums(pool->weights, points->count, &sum, &magnitude);
    for (size_t j = 0; j < points->count; j++, at++) {
        plan->weights[at] = weight * pool->weights[j] / sum;
        for (size_t i = 0; plan->background_copy && i < d; i++) {
            const struct ocelot_feature *feature = &plan->model->features[i];
            /* a feature that the scaling drops has no value; the model does not see which stands there */
            plan->background_copy[at * d + i] =
                feature->factor == 0 ? feature->center : points->points[j * d + i] / feature->factor + feature->center;
        }
    }
    return at;
}

/* A kernel density of what is normal. */
static void take_support(struct ocelot_plan *plan)
{
    size_t members = ocelot_normal_members(plan->model), at = 0;
    for (size_t k = 0; k < members; k++)
        at = take_member(plan, k, 1 / (double)members, at);
}

enum ocelot_status ocelot_plan_take_background(struct ocelot_plan *plan, const struct ocelot_plan_options *options, struct ocelot_error *err)
{
    size_t count = options->background ? options->background_rows : 0, total;
    bool support = !options->background && ocelot_normal_members(plan->model) && !ocelot_model_stacked(plan->model);
    if (options->background && !count)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "background: found no row");
    if (support)
        count = plan->model->info.support_vectors;
    if (!count)
        return OCELOT_OK;
    if (!ocelot_size_multiply(count, plan->model->feature_count, &total))
        return ocelot_fail_memory(err, "the background rows");
    plan->background = support ? raw_support(plan->model) : NULL;
    if (!plan->background)
        plan->background = plan->background_copy = ocelot_allocate(total, sizeof *plan->background_copy);
    plan->weights = ocelot_allocate(count, sizeof *plan->weights);
    if (!plan->background || !plan->weights)
        return ocelot_fail_memory(err, "the background rows");
    plan->background_rows = count;
    plan->background_is_support = support;
    if (!support)
        return take_rows(plan, options, err);
    take_support(plan);
    return OCELOT_OK;
}

enum ocelot_status ocelot_plan_take_groups(struct ocelot_plan *plan, const struct ocelot_plan_options *options, struct ocelot_error *err)
{
    size_t d = plan->model->feature_count;
    plan->players = options->groups ? options->group_count : d;
    if (plan->players == 0 || plan->players > d)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "groups: found %zu of them, expected 1 to the number of features, %zu", plan->players, d);
    plan->player = ocelot_allocate(d, sizeof *plan->player);
    plan->player_size = ocelot_allocate(plan->players, sizeof *plan->player_size);
    if (!plan->player || !plan->player_size)
        return ocelot_fail_memory(err, "the groups");
    for (size_t i = 0; i < d; i++) {
        plan->player[i] = options->groups ? options->groups[i] : i;
        if (plan->player[i] >= plan->players)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "groups: feature %s is in group %zu of %zu", plan->model->features[i].name, plan->player[i],
                               plan->players);
        plan->player_size[plan->player[i]]++;
    }
    for (size_t k = 0; k < plan->players; k++)
        if (plan->player_size[k] == 0)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "groups: group %zu has no feature", k);
    return OCELOT_OK;
}
