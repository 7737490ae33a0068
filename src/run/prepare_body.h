/* A node's weights in one precision, taken from and filled into the plan's arena. Stamped by plan.c. */

/* The model's numbers as they are, or a copy in this precision. */
static const REAL *F(own_numbers)(struct ocelot_plan *plan, const struct ocelot_numbers *numbers)
{
    if (numbers->PRECISION || !ocelot_numbers_any(numbers))
        return numbers->PRECISION;
    REAL *copy = ocelot_arena_take(&plan->prepared, numbers->count, sizeof *copy);
    for (size_t n = 0; copy && n < numbers->count; n++)
        copy[n] = (REAL)ocelot_number(numbers, n);
    return copy;
}

static void F(prepare_node)(struct ocelot_plan *plan, const struct ocelot_node *node, struct ocelot_node_plan *own)
{
    const struct F(ocelot_arithmetic) *arithmetic = &node->op->PRECISION;
    size_t blocks[1 + OCELOT_NODE_INPUTS];
    struct ocelot_footing footing = {
        .kernels = plan->kernels, .blocks = blocks, .points = plan->points, .forward = true, .transpose = sends_own(plan, own)};
    ocelot_plan_blocks(plan, ocelot_node_number(node), blocks);
    size_t bytes = arithmetic->prepared_bytes ? arithmetic->prepared_bytes(node, &footing) : 0;
    struct ocelot_numbers numbers = {.count = 0}, biases = {.count = 0};
    if (node->op->weights)
        numbers = node->op->weights(node);
    if (ocelot_numbers_any(&numbers) && plan->randomise)
        numbers = permuted(plan, node, numbers);
    own->PRECISION.weights = F(own_numbers)(plan, &numbers);
    own->PRECISION.prepared = bytes ? ocelot_arena_take(&plan->prepared, bytes, 1) : NULL;
    if (own->PRECISION.prepared)
        arithmetic->prepare(node, &footing, own->PRECISION.weights, own->PRECISION.prepared);
    if (node->op->bias)
        biases.f64 = node->op->bias(node, &biases.count);
    own->PRECISION.bias = F(own_numbers)(plan, &biases);
    bool nonnegative = node->input_count > 0;
    for (size_t k = 0; k < node->input_count; k++)
        nonnegative &= plan->nodes[node->inputs[k]].nonnegative;
    footing.transpose = plan->backward;
    F(ocelot_parts_prepare)(node, &footing, &own->rule, nonnegative, rectified(plan, node, own), &numbers, &own->PRECISION.parts, &plan->prepared);
}

static void F(release_node)(const struct ocelot_node *node, struct ocelot_node_plan *own)
{
    void (*release)(void *prepared) = node->op->PRECISION.prepared_release;
    if (release && own->PRECISION.prepared)
        release(own->PRECISION.prepared);
    for (size_t n = 0; release && n < sizeof own->PRECISION.parts.part / sizeof *own->PRECISION.parts.part; n++)
        if (own->PRECISION.parts.part[n].prepared)
            release(own->PRECISION.parts.part[n].prepared);
    if (release && own->PRECISION.parts.magnitudes.prepared)
        release(own->PRECISION.parts.magnitudes.prepared);
    if (release && own->PRECISION.parts.split.prepared)
        release(own->PRECISION.parts.split.prepared);
}
