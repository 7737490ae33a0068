/* The three walks: forward through the nodes in order, gradient and relevance backwards. */
#include <string.h>

#include "run/plan.h"

/* One node's call: its activations, its own weights, the shared scratch. `in` receives the inputs' activations. */
static struct ocelot_call call_of(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows, const double **in)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    size_t count;
    for (size_t k = 0; k < node->input_count; k++)
        in[k] = w->activation[node->inputs[k]];
    return (struct ocelot_call){.node = node,
                                .kernels = plan->kernels,
                                .rows = rows,
                                .in = in,
                                .out = w->activation[i],
                                .weights = node->op->weights ? node->op->weights(node, &count) : NULL,
                                .bias = node->op->bias ? node->op->bias(node, &count) : NULL,
                                .prepared = plan->nodes[i].prepared,
                                .scratch = w->scratch};
}

void ocelot_walk_node(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    const double *in[OCELOT_NODE_INPUTS];
    struct ocelot_call call = call_of(plan, w, i, rows, in);
    call.node->op->forward(&call, w->activation[i]);
}

void ocelot_walk_forward(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t i = 1; i < graph->count; i++)
        ocelot_walk_node(plan, w, i, rows);
}

/* Where what node i sends to its inputs goes: straight into the signal of an input that nothing has been sent to yet, else into
 * `returned`, to be added by `join`. */
static void place(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_node *node, size_t rows, double **back)
{
    double *to = w->returned;
    for (size_t k = 0; k < node->input_count; k++) {
        size_t input = node->inputs[k];
        back[k] = w->reached[input] ? to : w->signal[input];
        to += w->reached[input] ? rows * plan->model->graph->nodes[input]->size : 0;
        w->reached[input] = true;
    }
}

/* Adds what `place` sent aside; an input that is given twice is not sent to directly twice, so the order does not matter. */
static void join(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_node *node, size_t rows, double *const *back)
{
    for (size_t k = 0; k < node->input_count; k++) {
        size_t input = node->inputs[k];
        if (back[k] != w->signal[input])
            plan->kernels->add(back[k], rows * plan->model->graph->nodes[input]->size, w->signal[input]);
    }
}

/* Nothing has been sent to any node but the last. A node that nothing is ever sent to has a signal of zero. */
static void begin(const struct ocelot_plan *plan, struct ocelot_workspace *w)
{
    memset(w->reached, 0, plan->model->graph->count * sizeof *w->reached);
    w->reached[plan->model->graph->count - 1] = true;
}

static void clear_unreached(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    if (!w->reached[i])
        memset(w->signal[i], 0, rows * plan->model->graph->nodes[i]->size * sizeof *w->signal[i]);
}

void ocelot_walk_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    begin(plan, w);
    for (size_t i = plan->model->graph->count - 1; i > 0; i--) {
        const double *in[OCELOT_NODE_INPUTS];
        double *back[OCELOT_NODE_INPUTS] = {0};
        struct ocelot_call call = call_of(plan, w, i, rows, in);
        clear_unreached(plan, w, i, rows);
        place(plan, w, call.node, rows, back);
        for (size_t k = 0; k < call.node->input_count; k++)
            call.node->op->transpose(&call, k, w->signal[i], back[k]);
        join(plan, w, call.node, rows, back);
    }
    clear_unreached(plan, w, 0, rows);
}

/* Sums of a node's relevance, row by row, into the ledger. */
static void enter_received(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows)
{
    size_t nodes = plan->model->graph->count, size = plan->model->graph->nodes[i]->size;
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_ledger_entry *entry = &w->ledger[b * nodes + i];
        plan->kernels->sums(w->signal[i] + b * size, size, &entry->received, &entry->magnitude);
    }
}

/* A node's relevance to its inputs, through the rule, the op's own relevance, or unchanged. */
static void send_back(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, double *const *back)
{
    const double *in[OCELOT_NODE_INPUTS];
    struct ocelot_call call = call_of(plan, w, i, rows, in);
    const struct ocelot_node_rule *rule = &plan->nodes[i].rule;
    memset(w->entries, 0, rows * sizeof *w->entries);
    if (rule->rule.form)
        ocelot_rule_step(&call, rule, w->signal[i], back, w->entries);
    else if (call.node->op->relevance)
        call.node->op->relevance(&call, &rule->rule, w->signal[i], back, w->entries);
    else if (back[0]) /* a source sends nothing */
        memcpy(back[0], w->signal[i], rows * call.node->size * sizeof *back[0]);
}

/* What the node kept, and what it sent to its inputs, into the ledger. */
static void enter_sent(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, double *const *back)
{
    const struct ocelot_graph *graph = plan->model->graph;
    const struct ocelot_node *node = graph->nodes[i];
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_ledger_entry *entry = &w->ledger[b * graph->count + i];
        entry->absorbed = w->entries[b].absorbed;
        entry->residual = w->entries[b].residual;
        entry->leaked = w->entries[b].leaked;
        entry->passed = 0;
        for (size_t k = 0; k < node->input_count; k++) {
            size_t size = graph->nodes[node->inputs[k]]->size;
            double sum, magnitude;
            plan->kernels->sums(back[k] + b * size, size, &sum, &magnitude);
            entry->passed += sum;
        }
    }
}

void ocelot_walk_relevance(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    begin(plan, w);
    memset(w->ledger, 0, rows * graph->count * sizeof *w->ledger);
    for (size_t i = graph->count - 1; i > 0; i--) {
        double *back[OCELOT_NODE_INPUTS] = {0};
        clear_unreached(plan, w, i, rows);
        enter_received(plan, w, i, rows);
        place(plan, w, graph->nodes[i], rows, back);
        send_back(plan, w, i, rows, back);
        enter_sent(plan, w, i, rows, back);
        join(plan, w, graph->nodes[i], rows, back);
    }
    clear_unreached(plan, w, 0, rows);
    enter_received(plan, w, 0, rows);
    for (size_t b = 0; b < rows; b++)
        w->ledger[b * graph->count].passed = w->ledger[b * graph->count].received;
}
