/* The arrays of a workspace in one precision. Stamped by workspace.c. */
static void F(carve)(const struct ocelot_plan *plan, struct F(ocelot_values) * values, bool shares, struct ocelot_arena *arena)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t scratch = 0, widest = 0;
    values->activation = ocelot_arena_take(arena, graph->count, sizeof *values->activation);
    values->signal = ocelot_arena_take(arena, graph->count, sizeof *values->signal);
    values->summed = ocelot_arena_take(arena, graph->count, sizeof *values->summed);
    values->reached = ocelot_arena_take(arena, graph->count, sizeof *values->reached);
    values->shared = shares ? ocelot_arena_take(arena, plan->shared, 1) : NULL;
    for (size_t i = 0; i < graph->count; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        const struct ocelot_node_plan *own = &plan->nodes[i];
        bool here = own->F(in);
        bool computed = own->single == F(is_single);
        size_t count = here ? numbers(arena, plan->capacity, node->size) : 0;
        bool back = here && plan->backward && !own->handed_on;
        REAL *activation = here && !shares ? ocelot_arena_take(arena, count, sizeof *activation) : NULL;
        REAL *signal = back && !shares ? ocelot_arena_take(arena, count, sizeof *signal) : NULL;
        if (here && shares && values->shared)
            activation = values->shared + own->activation.at / sizeof *activation;
        if (back && shares && values->shared)
            signal = values->shared + own->signal.at / sizeof *signal;
        if (arena->base) {
            values->activation[i] = shares && own->in_place ? values->activation[node->inputs[0]] : activation;
            values->signal[i] = own->handed_on && here ? values->signal[node->inputs[0]] : signal;
        }
        if (!computed)
            continue;
        size_t blocks[1 + OCELOT_NODE_INPUTS];
        const struct ocelot_footing footing = {.kernels = plan->kernels,
                                               .blocks = blocks,
                                               .points = plan->points,
                                               .forward = true,
                                               .transpose = plan->backward,
                                               .threads = plan->threads};
        ocelot_plan_blocks(plan, i, blocks);
        size_t need = node->op->PRECISION.scratch ? node->op->PRECISION.scratch(node, &footing, plan->capacity) : 0, all = inputs_size(node);
        need += own->rule.form ? ocelot_rule_scratch(node, &own->rule, plan->capacity) : 0;
        size_t narrow = own->narrow ? node->op->pair->narrow_scratch(node, plan->capacity) : 0;
        need = narrow > need ? narrow : need;
        scratch = need > scratch ? need : scratch;
        widest = all > widest ? all : widest;
    }
    values->scratch = ocelot_arena_take(arena, scratch, sizeof *values->scratch);
    values->returned = plan->backward ? ocelot_arena_take(arena, numbers(arena, plan->capacity, widest), sizeof *values->returned) : NULL;
}
