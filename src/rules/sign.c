/* Which activations are never below zero: what the rules' terms for inputs below zero need not look at. */
#include "ops/ops.h"
#include "rules/rule.h"

/* Below zero by a parameter of its own. */
static bool sinks(const struct ocelot_node *node)
{
    double constant = 0;
    if (node->op == &ocelot_op_arrange)
        ocelot_arrange_map(node, &constant);
    return constant < 0;
}

/* A Clip from zero or more. */
static bool clips(const struct ocelot_node *node)
{
    double low = -1, high = 0;
    if (node->op == &ocelot_op_clip)
        ocelot_clip_bounds(node, &low, &high);
    return low >= 0;
}

void ocelot_graph_signs(const struct ocelot_graph *graph, bool *nonnegative)
{
    for (size_t i = 0; i < graph->count; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        bool all = (node->op->traits & OCELOT_OP_KEEPS_SIGN) && node->input_count > 0 && !sinks(node);
        for (size_t k = 0; k < node->input_count; k++)
            all &= nonnegative[node->inputs[k]];
        nonnegative[i] = all || (node->op->traits & OCELOT_OP_POSITIVE) || clips(node);
    }
}
