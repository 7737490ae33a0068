/* How float activations stand: in blocks of channels wherever both sides of them take that. */
#include "kernels/engine.h"
#include "ops/ops.h"
#include "run/plan.h"

/* Whether the plan only walks forward or by rules. */
static bool walks_no_gradient(const struct ocelot_plan *plan)
{
    bool rules = !plan->backward;
    for (size_t i = 0; i < plan->model->graph->count; i++) {
        rules |= plan->nodes[i].rule.form != NULL;
        if (plan->nodes[i].rule.pass)
            return false;
    }
    return rules;
}

/* Blocks are understood by these walks, and worth their while with an engine that takes them. */
static bool may_block(const struct ocelot_plan *plan)
{
    return walks_no_gradient(plan) && plan->kernels->block && ocelot_engine_blocks();
}

static bool passes(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    const struct ocelot_node_plan *own = &plan->nodes[i];
    return own->single && !own->in_f64 && !own->rule.form && !node->op->f32.relevance && node->input_count == 1;
}

/* Marks nodes whose signals are their inputs', too. */
static void choose_signals(struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t i = 1; i < graph->count; i++) {
        size_t input = graph->nodes[i]->input_count ? graph->nodes[i]->inputs[0] : 0;
        plan->nodes[i].handed_on =
            passes(plan, i) && ocelot_graph_readers(graph, input) == 1 && plan->nodes[input].single && !plan->nodes[input].in_f64;
    }
}

static bool fits(const struct ocelot_plan *plan, size_t i, size_t block)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    return plan->nodes[i].single && node->op->f32.blocks != OCELOT_BLOCKS_NONE && node->shape.rank == 3 && node->shape.extent[0] % block == 0;
}

/* Makes the inputs of a node plain, and the node itself where it is not to differ; whether that changed anything. */
static bool flatten(struct ocelot_plan *plan, size_t i, bool own)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    bool changed = own && plan->nodes[i].block != 1;
    plan->nodes[i].block = own ? 1 : plan->nodes[i].block;
    for (size_t k = 0; k < node->input_count; k++) {
        changed |= plan->nodes[node->inputs[k]].block != 1;
        plan->nodes[node->inputs[k]].block = 1;
    }
    return changed;
}

static bool agrees(const struct ocelot_plan *plan, size_t i)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    if (node->op->f32.blocks != OCELOT_BLOCKS_SAME)
        return node->op->f32.blocks == OCELOT_BLOCKS_ANY;
    for (size_t k = 0; k < node->input_count; k++)
        if (plan->nodes[node->inputs[k]].block != plan->nodes[i].block)
            return false;
    return true;
}

/* A rule that tells channels of its inputs apart sees them plain. */
static bool tells_channels(const struct ocelot_rule *rule)
{
    return rule->form && rule->channels > 1;
}

void ocelot_plan_choose_blocks(struct ocelot_plan *plan)
{
    const struct ocelot_graph *graph = plan->model->graph;
    bool may = may_block(plan), changed = may;
    if (walks_no_gradient(plan))
        choose_signals(plan);
    for (size_t i = 0; i < graph->count; i++)
        plan->nodes[i].block = may && fits(plan, i, plan->kernels->block) ? plan->kernels->block : 1;
    while (changed) {
        changed = false;
        for (size_t i = graph->count; i-- > 0;)
            if (plan->nodes[i].single && (!agrees(plan, i) || tells_channels(&plan->nodes[i].rule)))
                changed |= flatten(plan, i, !agrees(plan, i));
    }
}

void ocelot_plan_blocks(const struct ocelot_plan *plan, size_t i, size_t *blocks)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    blocks[0] = plan->nodes[i].block;
    for (size_t k = 0; k < node->input_count; k++)
        blocks[1 + k] = plan->nodes[node->inputs[k]].block;
}

size_t ocelot_plan_place(const struct ocelot_plan *plan, size_t i, size_t n)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    return n / node->size * node->size + ocelot_node_place(node, plan->nodes[i].block, n % node->size);
}
