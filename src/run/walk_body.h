/* One node's part in the walks, in one precision. Stamped by walk.c. */

struct F(inputs) {
    const REAL *in[OCELOT_NODE_INPUTS];
    size_t blocks[1 + OCELOT_NODE_INPUTS];
};

/* One node's call: its activations, its own weights, the shared scratch. `at` receives where the inputs' activations are, and how they stand. */
static struct F(ocelot_call)
    F(call_of)(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows, struct F(inputs) * at)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    const struct F(ocelot_node_weights) *weights = &plan->nodes[i].PRECISION;
    for (size_t k = 0; k < node->input_count; k++)
        at->in[k] = w->PRECISION.activation[node->inputs[k]];
    ocelot_plan_blocks(plan, i, at->blocks);
    return (struct F(ocelot_call)){.node = node,
                                   .kernels = plan->kernels,
                                   .team = w->team,
                                   .rows = rows,
                                   .in = at->in,
                                   .held = node->input_count == 1 && node->inputs[0] == 0 ? w->held : NULL,
                                   .blocks = plan->nodes[i].single ? at->blocks : NULL,
                                   .out = w->PRECISION.activation[i],
                                   .weights = weights->weights,
                                   .bias = weights->bias,
                                   .prepared = weights->prepared,
                                   .scratch = w->PRECISION.scratch};
}

static void F(forward)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    struct F(inputs) at;
    struct F(ocelot_call) call = F(call_of)(plan, w, i, rows, &at);
    call.node->op->PRECISION.forward(&call, w->PRECISION.activation[i]);
}

/* Where what a node sends to its inputs goes: straight into the signal of an input that nothing has been sent to yet, else into `returned`, to be
 * added by `join`. */
static void F(place)(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_node *node, size_t rows, REAL **back)
{
    struct F(ocelot_values) *values = &w->PRECISION;
    REAL *to = values->returned;
    for (size_t k = 0; k < node->input_count; k++) {
        size_t input = node->inputs[k];
        back[k] = values->reached[input] ? to : values->signal[input];
        to += values->reached[input] ? rows * plan->model->graph->nodes[input]->size : 0;
        values->reached[input] = true;
    }
}

/* Adds what `place` sent aside; a ledger has what the inputs have received then. */
static void F(join)(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_node *node, size_t rows, REAL *const *back,
                    struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t k = 0; k < node->input_count; k++) {
        size_t input = node->inputs[k], size = graph->nodes[input]->size;
        REAL *signal = w->PRECISION.signal[input];
        if (back[k] == signal)
            continue;
        if (!ledger)
            F(ocelot_stretches_add)(w->team, plan->kernels->PRECISION, back[k], 1, rows * size, signal);
        for (size_t b = 0; ledger && b < rows; b++) {
            struct ocelot_ledger_entry *entry = &ledger[b * graph->count + input];
            entry->received =
                F(ocelot_stretches_add_up)(w->team, plan->kernels->PRECISION, back[k] + b * size, size, signal + b * size, &entry->magnitude);
        }
        w->PRECISION.summed[input] = ledger != NULL;
    }
}

/* A node's signal to its inputs: through the rule's pass, else by the gradient, with the weights that the workspace may hold instead of the node's.
 */
static void F(send_gradient)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    struct F(inputs) at;
    REAL *back[OCELOT_NODE_INPUTS];
    struct F(ocelot_call) call = F(call_of)(plan, w, i, rows, &at);
    const struct F(ocelot_node_weights) *instead = w->PRECISION.instead ? &w->PRECISION.instead[i] : NULL;
    const struct ocelot_pass *pass = plan->nodes[i].rule.pass;
    if (instead && instead->weights) {
        call.weights = instead->weights;
        call.prepared = instead->prepared;
    }
    F(place)(plan, w, call.node, rows, back);
    for (size_t k = 0; k < call.node->input_count; k++)
        (pass ? pass->PRECISION : call.node->op->PRECISION.transpose)(&call, k, w->PRECISION.signal[i], back[k]);
    F(join)(plan, w, call.node, rows, back, NULL);
}

/* Sums of a node's relevance, row by row, into the ledger. */
static void F(enter_received)(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows)
{
    size_t nodes = plan->model->graph->count, size = plan->model->graph->nodes[i]->size;
    for (size_t b = 0; !w->PRECISION.summed[i] && b < rows; b++) {
        struct ocelot_ledger_entry *entry = &w->ledger[b * nodes + i];
        entry->received = F(ocelot_stretches_sum)(w->team, plan->kernels->PRECISION, w->PRECISION.signal[i] + b * size, size, &entry->magnitude);
    }
}

/* A node's relevance to its inputs, through the rule, which leaves its sums, the op's own relevance, or unchanged. */
static void F(send_back)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, REAL *const *back)
{
    struct F(inputs) at;
    struct F(ocelot_call) call = F(call_of)(plan, w, i, rows, &at);
    const struct ocelot_node_plan *own = &plan->nodes[i];
    const REAL *signal = w->PRECISION.signal[i];
    memset(w->entries, 0, rows * sizeof *w->entries);
    if (own->rule.form) {
        F(ocelot_rule_step)(&call, &own->rule, &own->PRECISION.parts, signal, back, w->sent, w->entries);
    } else if (call.node->op->PRECISION.relevance) {
        struct ocelot_rule rule = own->rule;
        rule.side = w->side;
        call.node->op->PRECISION.relevance(&call, &rule, signal, back, w->entries);
    } else if (back[0] && back[0] != signal) {
        F(ocelot_stretches_copy)(w->team, signal, rows * call.node->size, back[0]);
    }
}

/* What the node kept, and what it sent to its inputs, into the ledger. */
static void F(enter_sent)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, REAL *const *back)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct ocelot_node *node = graph->nodes[i];
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_ledger_entry *entry = &w->ledger[b * graph->count + i];
        entry->absorbed = w->entries[b].absorbed;
        entry->residual = w->entries[b].residual;
        entry->leaked = w->entries[b].leaked;
        entry->absent = w->entries[b].absent;
        entry->passed = 0;
        for (size_t k = 0; k < node->input_count && back[k]; k++) {
            size_t input = node->inputs[k], size = graph->nodes[input]->size;
            double magnitude = entry->magnitude, sum = entry->received;
            if (plan->nodes[i].rule.form) {
                sum = w->sent[b * node->input_count + k].sum;
                magnitude = w->sent[b * node->input_count + k].magnitude;
            } else if (!plan->nodes[i].handed_on) {
                sum = F(ocelot_stretches_sum)(w->team, plan->kernels->PRECISION, back[k] + b * size, size, &magnitude);
            }
            entry->passed += sum;
            if (back[k] != w->PRECISION.signal[input])
                continue;
            w->ledger[b * graph->count + input].received = sum; /* unless more is added to it */
            w->ledger[b * graph->count + input].magnitude = magnitude;
            w->PRECISION.summed[input] = true;
        }
    }
}

static void F(send_relevance)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    REAL *back[OCELOT_NODE_INPUTS] = {NULL};
    F(enter_received)(plan, w, i, rows);
    F(place)(plan, w, node, rows, back);
    F(send_back)(plan, w, i, rows, back);
    F(enter_sent)(plan, w, i, rows, back);
    F(join)(plan, w, node, rows, back, w->ledger);
}
