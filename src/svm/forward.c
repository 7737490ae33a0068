#include "svm/forward.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/size.h"

enum { TILE = 24 };

/* Activations of every node for one tile of rows, packed weights, and scratch: one allocation. */
struct pass {
    const struct ocelot_graph *graph;
    const struct ocelot_kernels *kernels;
    struct ocelot_arena arena;
    double **activation; /* [nodes] */
    void **prepared;     /* [nodes] */
    double *scratch;
    const double **in; /* [nodes] */
};

/* Called twice: to measure, and to hand out and pack. */
static void carve(struct pass *pass)
{
    size_t scratch = 0;
    struct ocelot_arena *arena = &pass->arena;
    for (size_t i = 0; i < pass->graph->count; i++) {
        const struct ocelot_node *node = pass->graph->nodes[i];
        const struct ocelot_footing footing = {.kernels = pass->kernels, .forward = true};
        size_t count = 0, bytes = node->op->f64.prepared_bytes ? node->op->f64.prepared_bytes(node, &footing) : 0;
        size_t own = node->op->f64.scratch ? node->op->f64.scratch(node, &footing, TILE) : 0;
        arena->overflow |= !ocelot_size_multiply(TILE, node->size, &count);
        pass->activation[i] = ocelot_arena_take(arena, count, sizeof(double));
        pass->prepared[i] = bytes ? ocelot_arena_take(arena, bytes, 1) : NULL;
        if (pass->prepared[i])
            node->op->f64.prepare(node, &footing, node->op->weights ? node->op->weights(node).f64 : NULL, pass->prepared[i]);
        scratch = own > scratch ? own : scratch;
    }
    pass->scratch = ocelot_arena_take(arena, scratch, sizeof(double));
}

static bool open_pass(struct pass *pass)
{
    size_t nodes = pass->graph->count;
    pass->activation = ocelot_allocate(nodes, sizeof(double *));
    pass->prepared = ocelot_allocate(nodes, sizeof(void *));
    pass->in = ocelot_allocate(nodes, sizeof(const double *));
    if (!pass->activation || !pass->prepared || !pass->in)
        return false;
    carve(pass);
    if (!ocelot_arena_open(&pass->arena))
        return false;
    carve(pass);
    return true;
}

static void close_pass(struct pass *pass)
{
    ocelot_arena_close(&pass->arena);
    free(pass->activation);
    free(pass->prepared);
    free(pass->in);
}

/* Every activation from activation[0]. */
static void run(const struct pass *pass, size_t rows)
{
    for (size_t i = 1; i < pass->graph->count; i++) {
        const struct ocelot_node *node = pass->graph->nodes[i];
        size_t count;
        for (size_t k = 0; k < node->input_count; k++)
            pass->in[k] = pass->activation[node->inputs[k]];
        struct ocelot_call_f64 call = {.node = node,
                                       .kernels = pass->kernels,
                                       .rows = rows,
                                       .in = pass->in,
                                       .out = pass->activation[i],
                                       .weights = node->op->weights ? node->op->weights(node).f64 : NULL,
                                       .bias = node->op->bias ? node->op->bias(node, &count) : NULL,
                                       .prepared = pass->prepared[i],
                                       .scratch = pass->scratch};
        node->op->f64.forward(&call, pass->activation[i]);
    }
}

enum ocelot_status ocelot_machine_scores(const struct ocelot_model *model, const double *rows, const size_t *order, size_t n, double *scores,
                                         struct ocelot_error *err)
{
    struct pass pass = {.graph = model->graph, .kernels = ocelot_kernels_find(NULL)};
    size_t d = model->feature_count, last = model->graph->count - 1, outputs = model->graph->nodes[last]->size;
    enum ocelot_status status = open_pass(&pass) ? OCELOT_OK : ocelot_fail_memory(err, "the scores of the held-out rows");
    for (size_t start = 0; status == OCELOT_OK && start < n; start += TILE) {
        size_t count = n - start < TILE ? n - start : TILE;
        for (size_t b = 0; b < count; b++)
            memcpy(pass.activation[0] + b * d, rows + order[start + b] * d, d * sizeof *rows);
        run(&pass, count);
        for (size_t b = 0; b < count; b++) {
            struct ocelot_decision decision;
            model->reading->decide(model, pass.activation[last] + b * outputs, SIZE_MAX, &decision);
            scores[start + b] = decision.outlier_score;
        }
    }
    close_pass(&pass);
    return status;
}
