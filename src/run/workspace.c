#include <stdlib.h>

#include "base/size.h"
#include "run/plan.h"

/* Doubles of scratch for one node in any walk. */
static size_t scratch_of(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    size_t own = node->op->scratch ? node->op->scratch(node, plan->batch) : 0;
    size_t step = plan->nodes[i].rule.rule.form ? ocelot_rule_scratch(node, plan->batch) : 0;
    return own > step ? own : step;
}

static size_t inputs_size(const struct ocelot_node *node)
{
    size_t total = 0;
    for (size_t k = 0; k < node->input_count; k++)
        total += ocelot_node_input(node, k)->size;
    return total;
}

/* Called twice: to measure, and to hand out. The pointer arrays come first so that the second pass can fill them. */
static void carve(const struct ocelot_plan *plan, struct ocelot_workspace *w)
{
    const struct ocelot_graph *graph = plan->model->graph;
    struct ocelot_arena *arena = &w->arena;
    size_t scratch = 0, widest = 0;
    w->activation = ocelot_arena_take(arena, graph->count, sizeof *w->activation);
    w->signal = ocelot_arena_take(arena, graph->count, sizeof *w->signal);
    w->decision = ocelot_arena_take(arena, plan->batch, sizeof *w->decision);
    for (size_t i = 0; i < graph->count; i++) {
        size_t size = graph->nodes[i]->size, own = scratch_of(plan, i), count = 0;
        arena->overflow |= !ocelot_size_multiply(plan->batch, size, &count);
        double *activation = ocelot_arena_take(arena, count, sizeof(double));
        double *signal = plan->backward ? ocelot_arena_take(arena, count, sizeof(double)) : NULL;
        if (arena->base) {
            w->activation[i] = activation;
            w->signal[i] = signal;
        }
        scratch = own > scratch ? own : scratch;
        widest = inputs_size(graph->nodes[i]) > widest ? inputs_size(graph->nodes[i]) : widest;
    }
    w->scratch = ocelot_arena_take(arena, scratch, sizeof *w->scratch);
    if (!plan->backward)
        return;
    w->reached = ocelot_arena_take(arena, graph->count, sizeof *w->reached);
    w->returned = ocelot_arena_take(arena, plan->batch * widest, sizeof *w->returned);
    w->entries = ocelot_arena_take(arena, plan->batch, sizeof *w->entries);
    w->ledger = ocelot_arena_take(arena, plan->batch * graph->count, sizeof *w->ledger);
    w->extra = ocelot_arena_take(arena, plan->extra, sizeof *w->extra);
}

size_t ocelot_plan_workspace_bytes(const struct ocelot_plan *plan)
{
    struct ocelot_workspace measured = {0};
    carve(plan, &measured);
    return measured.arena.overflow ? (size_t)-1 : measured.arena.used;
}

enum ocelot_status ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err)
{
    struct ocelot_workspace *w = ocelot_allocate(1, sizeof *w);
    if (!w)
        return ocelot_fail_memory(err, "a workspace");
    w->plan = plan;
    carve(plan, w);
    if (!ocelot_arena_open(&w->arena)) {
        free(w);
        return ocelot_fail_memory(err, "a workspace");
    }
    carve(plan, w);
    *out = w;
    return OCELOT_OK;
}

void ocelot_workspace_free(struct ocelot_workspace *workspace)
{
    if (!workspace)
        return;
    ocelot_arena_close(&workspace->arena);
    free(workspace);
}
