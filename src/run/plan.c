#include "run/plan.h"

#include "ocelot/explainer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "ops/distance.h"
#include "ops/ops.h"
#include "rules/pass.h"
#include "run/sharing.h"

/* Whether the points of a distance are kept by their entries. */
static bool has_sparse(const struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct ocelot_footing footing = {.kernels = plan->kernels, .points = plan->points};
    bool sparse = false;
    for (size_t i = 0; i < graph->count; i++)
        sparse |= graph->nodes[i]->op == &ocelot_op_distance && ocelot_distance_sparse(graph->nodes[i], &footing);
    return sparse;
}

/* Rows of one step so that the largest activation of a batch stays in the second-level cache; a multiple of the kernels' row tiles. */
static size_t choose_batch(const struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const size_t cache = 786432, most = 192, tile = 24;
    size_t largest = 1;
    for (size_t i = 0; i < graph->count; i++)
        largest = graph->nodes[i]->size > largest ? graph->nodes[i]->size : largest;
    size_t rows = cache / sizeof(double) / largest;
    if (plan->sparse && rows < tile) /* entries are read once for so many rows */
        return OCELOT_SPARSE_ROWS;
    return rows >= most ? most : rows >= tile ? rows - rows % tile : rows ? rows : 1;
}

static enum ocelot_status choose(const struct ocelot_model *model, const struct ocelot_plan_options *options, struct ocelot_plan *plan,
                                 struct ocelot_error *err)
{
    if (options->batch > 4096)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "batch: found %zu, expected 1 to 4096", options->batch);
    if (!(options->alpha >= 0 && options->alpha < 1))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "alpha: found %g, expected a probability from 0 to below 1", options->alpha);
    if (options->alpha > 0 && model->calibration_count == 0)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "alpha needs p-values, and this model has no held-out scores: train it with a hold-out share, or decide by the threshold");
    if (options->threads > OCELOT_MOST_THREADS)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "threads: found %zu, expected 1 to %d", options->threads, OCELOT_MOST_THREADS);
    plan->threads = options->threads ? options->threads : 1;
    plan->kernels = ocelot_kernels_find(options->kernels);
    if (!plan->kernels)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "kernels: '%s' is unknown or not available on this processor",
                           options->kernels ? options->kernels : "");
    if (options->points && strcmp(options->points, "dense") != 0 && strcmp(options->points, "sparse") != 0)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "points: found '%.40s', expected dense or sparse", options->points);
    plan->points = !options->points ? OCELOT_POINTS_CHOSEN : options->points[0] == 'd' ? OCELOT_POINTS_DENSE : OCELOT_POINTS_SPARSE;
    plan->model = model;
    plan->alpha = options->alpha;
    plan->randomise = options->randomise;
    plan->sparse = has_sparse(plan);
    plan->batch = options->batch ? options->batch : choose_batch(plan);
    plan->capacity = plan->batch;
    for (size_t i = 0; i < model->graph->count; i++)
        if (plan->nodes[i].rule.pass && plan->nodes[i].rule.pass->reference)
            plan->capacity = 2 * plan->batch;
    return OCELOT_OK;
}

static void exchange(void *a, void *b, size_t size)
{
    unsigned char kept[sizeof(double)];
    memcpy(kept, a, size);
    memcpy(a, b, size);
    memcpy(b, kept, size);
}

/* A node's weights in an order of the plan's seed. */
static struct ocelot_numbers permuted(struct ocelot_plan *plan, const struct ocelot_node *node, struct ocelot_numbers numbers)
{
    struct ocelot_rng rng;
    size_t size = numbers.f64 ? sizeof *numbers.f64 : sizeof *numbers.f32;
    unsigned char *copy = ocelot_arena_take(&plan->prepared, numbers.count, size);
    if (!copy)
        return numbers;
    memcpy(copy, numbers.f64 ? (const void *)numbers.f64 : numbers.f32, numbers.count * size);
    ocelot_rng_seed(&rng, plan->randomise + ocelot_node_number(node));
    for (size_t n = numbers.count; n > 1; n--) {
        size_t other = ocelot_rng_below(&rng, n);
        if (other != n - 1)
            exchange(copy + (n - 1) * size, copy + other * size, size);
    }
    return (struct ocelot_numbers){.f64 = numbers.f64 ? (const double *)(const void *)copy : NULL,
                                   .f32 = numbers.f32 ? (const float *)(const void *)copy : NULL,
                                   .count = numbers.count};
}

/* Whether anything goes back through the node's own weights: a gradient, or a rule with a part that leaves them as they are. */
static bool sends_own(const struct ocelot_plan *plan, const struct ocelot_node_plan *own)
{
    return plan->backward && (plan->gradients || !own->rule.form || ocelot_rule_keeps_weights(&own->rule));
}

/* Whether relevance comes to a node in float from layers that pass none below zero alone. */
static bool rectified(const struct ocelot_plan *plan, const struct ocelot_node *node, const struct ocelot_node_plan *own)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t i = ocelot_node_number(node);
    bool all = own->single && i + 1 < graph->count;
    for (size_t n = i + 1; n < graph->count; n++)
        for (size_t k = 0; k < graph->nodes[n]->input_count; k++)
            all &= graph->nodes[n]->inputs[k] != i || graph->nodes[n]->op == &ocelot_op_relu;
    return all;
}

#define OCELOT_BODY "run/prepare_body.h"
#include "base/stamp.h"

/* Called twice: to measure, and to fill once the arena is open. */
static void prepare(struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t i = 0; i < graph->count; i++)
        (plan->nodes[i].single ? prepare_node_f32 : prepare_node_f64)(plan, graph->nodes[i], &plan->nodes[i]);
    for (size_t i = 0; i < graph->count; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        struct ocelot_node_plan *own = &plan->nodes[i];
        if (!own->narrow)
            continue;
        own->narrow_prepared = ocelot_arena_take(&plan->prepared, node->op->pair->narrow_bytes(node, plan->kernels), 1);
        if (own->narrow_prepared)
            node->op->pair->prepare_narrow(node, plan->kernels, plan->nodes[node->inputs[0]].f64.weights, own->narrow_prepared);
    }
}

/* Which nodes are computed in float, and in which precisions each is kept: its own and that of whoever reads it. */
static void choose_precision(struct ocelot_plan *plan, bool single)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t i = 0; i < graph->count; i++) {
        struct ocelot_node_plan *own = &plan->nodes[i];
        const struct ocelot_node *node = graph->nodes[i];
        own->single = single && node->op->f32.forward && i > 0 && i + 1 < graph->count;
        own->in_f32 = own->single;
        own->in_f64 = !own->single;
        for (size_t k = 0; k < node->input_count; k++) {
            struct ocelot_node_plan *input = &plan->nodes[node->inputs[k]];
            input->in_f32 |= own->single;
            input->in_f64 |= !own->single;
        }
    }
}

/* Which nodes relevance passes together with their input. */
static void choose_pairs(struct ocelot_plan *plan, bool narrow)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct ocelot_footing footing = {.kernels = plan->kernels, .points = plan->points};
    for (size_t i = 0; i < graph->count; i++) /* the two sides of features of a network are walked node by node */
        narrow = narrow && graph->nodes[i]->op != &ocelot_op_present;
    for (size_t i = 1; i < graph->count; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        const struct ocelot_pair *pair = node->op->pair;
        size_t first = pair ? node->inputs[0] : 0;
        struct ocelot_node_plan *own = &plan->nodes[i], *input = &plan->nodes[first];
        if (!pair || graph->nodes[first]->op != pair->first || own->rule.form || input->rule.form || ocelot_graph_readers(graph, first) != 1)
            continue;
        own->paired = input->within = pair->allows(node, &own->rule);
        own->narrow = narrow && own->paired && pair->narrows && pair->narrows(node, &footing);
    }
}

enum ocelot_status ocelot_plan_build(const struct ocelot_model *model, const struct ocelot_plan_options *options, const struct ocelot_rule *rules,
                                     enum ocelot_walks walks, struct ocelot_plan **out, struct ocelot_error *err)
{
    const struct ocelot_graph *graph = model->graph;
    bool single = options->precision ? strcmp(options->precision, "float32") == 0 : model->info.single;
    *out = NULL;
    if (options->precision && !single && strcmp(options->precision, "float64") != 0)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "precision: found '%.40s', expected float64 or float32", options->precision);
    struct ocelot_plan *plan = ocelot_allocate(1, sizeof *plan);
    if (!plan)
        return ocelot_fail_memory(err, "the plan");
    plan->backward = walks != OCELOT_WALKS_FORWARD;
    plan->gradients = walks == OCELOT_WALKS_ALL;
    plan->target = SIZE_MAX;
    plan->nodes = ocelot_allocate(graph->count, sizeof *plan->nodes);
    if (!plan->nodes) {
        ocelot_plan_free(plan);
        return ocelot_fail_memory(err, "the plan");
    }
    bool *nonnegative = ocelot_allocate(graph->count, sizeof *nonnegative);
    if (!nonnegative) {
        ocelot_plan_free(plan);
        return ocelot_fail_memory(err, "the plan");
    }
    ocelot_graph_signs(graph, nonnegative);
    for (size_t i = 0; i < graph->count; i++) {
        plan->nodes[i].nonnegative = nonnegative[i];
        if (rules)
            plan->nodes[i].rule = rules[i];
    }
    free(nonnegative);
    enum ocelot_status status = choose(model, options, plan, err);
    if (status == OCELOT_OK) {
        choose_precision(plan, single);
        choose_pairs(plan, options->precision && single && walks != OCELOT_WALKS_ALL);
        ocelot_plan_choose_blocks(plan);
        prepare(plan);
        status = ocelot_arena_open(&plan->prepared) ? OCELOT_OK : ocelot_fail_memory(err, "the plan's weights");
    }
    if (status == OCELOT_OK) {
        prepare(plan);
        status = ocelot_plan_share(plan, err);
    }
    if (status != OCELOT_OK) {
        ocelot_plan_free(plan);
        return status;
    }
    *out = plan;
    return OCELOT_OK;
}

void ocelot_plan_free(struct ocelot_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; plan->model && plan->nodes && plan->prepared.base && i < plan->model->graph->count; i++)
        (plan->nodes[i].single ? release_node_f32 : release_node_f64)(plan->model->graph->nodes[i], &plan->nodes[i]);
    ocelot_arena_close(&plan->prepared);
    free(plan->nodes);
    if (plan->explainer && plan->explainer->forget)
        plan->explainer->forget(plan->knowledge);
    free(plan->background_copy);
    free(plan->weights);
    free(plan->player);
    free(plan->player_size);
    free(plan->settings);
    free(plan->settings_text);
    free(plan);
}

const char *ocelot_plan_kernels(const struct ocelot_plan *plan)
{
    return plan->kernels->name;
}

size_t ocelot_plan_batch(const struct ocelot_plan *plan)
{
    return plan->batch;
}
