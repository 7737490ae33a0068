#include "explain/patterns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/explainer.h"

/* Weighted sums over the cases that count, of one layer with `count` weights and `channels` outputs that have weights of their own. */
struct layer {
    double *xy, *x;    /* [count] of input times output, of input */
    double *y, *cases; /* [channels] of the output, of the weights of the cases */
    size_t count, channels;
    bool rectified;
    double *f64; /* [count] where the patterns go, in the node's precision */
    float *f32;
};

struct sums {
    struct ocelot_arena arena;
    struct layer *layer; /* [nodes], count 0 = no weights */
};

static bool has_weights(const struct ocelot_node *node, size_t *count, size_t *channels)
{
    *count = *channels = 0;
    if (!(node->op->traits & OCELOT_OP_AFFINE) || !node->op->weights || !node->op->f64.correlate || !node->op->bias)
        return false;
    *count = node->op->weights(node).count;
    node->op->bias(node, channels);
    return *count > 0 && *channels > 0;
}

/* Whether all that reads the node is rectifiers. */
static bool is_rectified(const struct ocelot_graph *graph, size_t number)
{
    bool any = false;
    for (size_t i = number + 1; i < graph->count; i++)
        for (size_t k = 0; k < graph->nodes[i]->input_count; k++) {
            if (graph->nodes[i]->inputs[k] != number)
                continue;
            if (!(graph->nodes[i]->op->traits & OCELOT_OP_RECTIFIER))
                return false;
            any = true;
        }
    return any;
}

/* Called twice, as arenas are. */
static void carve(const struct ocelot_graph *graph, struct sums *sums)
{
    sums->layer = ocelot_arena_take(&sums->arena, graph->count, sizeof *sums->layer);
    for (size_t i = 0; i < graph->count; i++) {
        struct layer layer = {0};
        if (!has_weights(graph->nodes[i], &layer.count, &layer.channels))
            continue;
        layer.rectified = is_rectified(graph, i);
        layer.xy = ocelot_arena_take(&sums->arena, layer.count, sizeof *layer.xy);
        layer.x = ocelot_arena_take(&sums->arena, layer.count, sizeof *layer.x);
        layer.y = ocelot_arena_take(&sums->arena, layer.channels, sizeof *layer.y);
        layer.cases = ocelot_arena_take(&sums->arena, layer.channels, sizeof *layer.cases);
        if (sums->layer)
            sums->layer[i] = layer;
    }
}

#define OCELOT_BODY "explain/patterns_body.h"
#include "base/stamp.h"

static void carve_patterns(const struct ocelot_plan *plan, struct sums *sums, struct ocelot_patterns *patterns)
{
    const struct ocelot_graph *graph = plan->model->graph;
    patterns->f64 = ocelot_arena_take(&patterns->arena, graph->count, sizeof *patterns->f64);
    patterns->f32 = ocelot_arena_take(&patterns->arena, graph->count, sizeof *patterns->f32);
    for (size_t i = 0; i < graph->count; i++) {
        if (sums->layer[i].count == 0)
            continue;
        if (plan->nodes[i].single)
            place_f32(plan, graph->nodes[i], &sums->layer[i], patterns->f32 ? &patterns->f32[i] : NULL, &patterns->arena);
        else
            place_f64(plan, graph->nodes[i], &sums->layer[i], patterns->f64 ? &patterns->f64[i] : NULL, &patterns->arena);
    }
}

/* All background rows, a batch at a time. */
static enum ocelot_status gather(const struct ocelot_plan *plan, struct sums *sums, struct ocelot_error *err)
{
    struct ocelot_workspace *w = NULL;
    size_t d = plan->model->feature_count;
    enum ocelot_status status = ocelot_workspace_create(plan, &w, err);
    for (size_t start = 0; status == OCELOT_OK && start < plan->background_rows; start += plan->batch) {
        size_t left = plan->background_rows - start, rows = left < plan->batch ? left : plan->batch;
        memcpy(w->f64.activation[0], plan->background + start * d, rows * d * sizeof *plan->background);
        ocelot_walk_forward(plan, w, rows);
        for (size_t i = 1; i < plan->model->graph->count; i++)
            if (sums->layer[i].count)
                (plan->nodes[i].single ? add_f32 : add_f64)(plan, w, i, rows, plan->weights + start, &sums->layer[i]);
    }
    ocelot_workspace_free(w);
    return status;
}

enum ocelot_status ocelot_patterns_learn(const struct ocelot_plan *plan, bool attribution, struct ocelot_patterns **out, struct ocelot_error *err)
{
    const struct ocelot_graph *graph = plan->model->graph;
    struct sums sums = {0};
    struct ocelot_patterns *patterns = *out = ocelot_allocate(1, sizeof *patterns);
    enum ocelot_status status = OCELOT_OK;
    if (!patterns)
        return ocelot_fail_memory(err, "the patterns");
    patterns->model = plan->model;
    carve(graph, &sums);
    if (!ocelot_arena_open(&sums.arena))
        return ocelot_fail_memory(err, "the patterns' sums");
    carve(graph, &sums);
    carve_patterns(plan, &sums, patterns);
    if (ocelot_arena_open(&patterns->arena))
        carve_patterns(plan, &sums, patterns);
    else
        status = ocelot_fail_memory(err, "the patterns");
    if (status == OCELOT_OK)
        status = gather(plan, &sums, err);
    for (size_t i = 1; status == OCELOT_OK && i < graph->count; i++)
        if (sums.layer[i].count && plan->nodes[i].single)
            finish_f32(plan, i, &sums.layer[i], attribution, &patterns->f32[i]);
        else if (sums.layer[i].count)
            finish_f64(plan, i, &sums.layer[i], attribution, &patterns->f64[i]);
    ocelot_arena_close(&sums.arena);
    return status;
}

void ocelot_patterns_free(struct ocelot_patterns *patterns)
{
    if (!patterns)
        return;
    for (size_t i = 0; patterns->arena.base && i < patterns->model->graph->count; i++) {
        release_f64(patterns->model->graph->nodes[i], &patterns->f64[i]);
        release_f32(patterns->model->graph->nodes[i], &patterns->f32[i]);
    }
    ocelot_arena_close(&patterns->arena);
    free(patterns);
}
