#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"
#include "ocelot/explainer.h"
#include "run/sharing.h"

static size_t inputs_size(const struct ocelot_node *node)
{
    size_t total = 0;
    for (size_t k = 0; k < node->input_count; k++)
        total += ocelot_node_input(node, k)->size;
    return total;
}

static size_t most_inputs(const struct ocelot_graph *graph)
{
    size_t most = 0;
    for (size_t i = 0; i < graph->count; i++)
        most = graph->nodes[i]->input_count > most ? graph->nodes[i]->input_count : most;
    return most;
}

/* rows * size, or 0 and the arena marked as too large. */
static size_t numbers(struct ocelot_arena *arena, size_t rows, size_t size)
{
    size_t count = 0;
    arena->overflow |= !ocelot_size_multiply(rows, size, &count);
    return count;
}

static const bool is_single_f64 = false, is_single_f32 = true;

#define OCELOT_BODY "run/carve_body.h"
#include "base/stamp.h"

/* Called twice: to measure, and to hand out. */
static void carve(const struct ocelot_plan *plan, struct ocelot_workspace *w, bool shares)
{
    struct ocelot_arena *arena = &w->arena;
    w->decision = ocelot_arena_take(arena, plan->batch, sizeof *w->decision);
    size_t cells = numbers(arena, plan->batch, plan->model->feature_count);
    w->rows = ocelot_arena_take(arena, cells, sizeof *w->rows);
    w->features.list = plan->sparse ? ocelot_arena_take(arena, cells, sizeof *w->features.list) : NULL;
    w->features.start = plan->sparse ? ocelot_arena_take(arena, plan->batch + 1, sizeof *w->features.start) : NULL;
    carve_f64(plan, &w->f64, false, arena);
    carve_f32(plan, &w->f32, shares, arena);
    if (!plan->backward)
        return;
    w->entries = ocelot_arena_take(arena, plan->batch, sizeof *w->entries);
    w->sent = ocelot_arena_take(arena, numbers(arena, plan->batch, most_inputs(plan->model->graph)), sizeof *w->sent);
    w->entries_of_pair = ocelot_arena_take(arena, plan->batch, sizeof *w->entries_of_pair);
    w->sums = ocelot_arena_take(arena, plan->batch, sizeof *w->sums);
    w->ledger = ocelot_arena_take(arena, numbers(arena, plan->batch, plan->model->graph->count), sizeof *w->ledger);
    const struct ocelot_explainer *explainer = plan->explainer;
    size_t answers = explainer && !explainer->rule ? numbers(arena, plan->batch, plan->model->feature_count) : 0;
    w->answer = answers ? ocelot_arena_take(arena, answers, sizeof *w->answer) : NULL;
    w->error = answers && explainer->samples ? ocelot_arena_take(arena, answers, sizeof *w->error) : NULL;
    size_t units = plan->model->info.support_vectors;
    w->expected = units ? ocelot_arena_take(arena, plan->kernels->expected_room(plan->batch, units), 1) : NULL;
    w->extra = ocelot_arena_take(arena, plan->extra, sizeof *w->extra);
}

size_t ocelot_plan_workspace_bytes(const struct ocelot_plan *plan)
{
    struct ocelot_workspace measured = {0};
    carve(plan, &measured, ocelot_plan_shares(plan));
    return measured.arena.overflow ? (size_t)-1 : measured.arena.used;
}

static enum ocelot_status create(const struct ocelot_plan *plan, bool shares, struct ocelot_workspace **out, struct ocelot_error *err)
{
    struct ocelot_workspace *w = ocelot_allocate(1, sizeof *w);
    if (!w)
        return ocelot_fail_memory(err, "a workspace");
    w->plan = plan;
    carve(plan, w, shares);
    if (!ocelot_arena_open(&w->arena)) {
        free(w);
        return ocelot_fail_memory(err, "a workspace");
    }
    carve(plan, w, shares);
    if (!ocelot_team_create(plan->threads, &w->team)) {
        ocelot_workspace_free(w);
        return ocelot_fail_memory(err, "the threads of a workspace");
    }
    if (plan->explainer && plan->explainer->begin) {
        enum ocelot_status status = plan->explainer->begin(plan, &w->state, err);
        if (status != OCELOT_OK) {
            ocelot_workspace_free(w);
            return status;
        }
    }
    *out = w;
    return OCELOT_OK;
}

enum ocelot_status ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err)
{
    return create(plan, ocelot_plan_shares(plan), out, err);
}

enum ocelot_status ocelot_workspace_create_whole(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err)
{
    return create(plan, false, out, err);
}

void ocelot_workspace_free(struct ocelot_workspace *workspace)
{
    if (!workspace)
        return;
    if (workspace->plan->explainer && workspace->plan->explainer->end)
        workspace->plan->explainer->end(workspace->state);
    ocelot_team_free(workspace->team);
    ocelot_sharing_step(workspace->plan, workspace, SIZE_MAX);
    ocelot_arena_close(&workspace->arena);
    free(workspace);
}

void ocelot_workspace_walks(const struct ocelot_workspace *workspace, size_t *forward, size_t *backward)
{
    *forward = workspace->forwards;
    *backward = workspace->backwards;
}

void ocelot_workspace_use_threads(struct ocelot_workspace *workspace, size_t threads)
{
    ocelot_team_use(workspace->team, threads);
}
