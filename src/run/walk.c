/* The three walks: forward through the nodes in order, gradient and relevance backwards. */
#include <math.h>
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

/* Everything behind the output starts at zero; consumers add to it. */
static void clear_signals(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    for (size_t i = 0; i + 1 < graph->count; i++)
        memset(w->signal[i], 0, rows * graph->nodes[i]->size * sizeof *w->signal[i]);
}

void ocelot_walk_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    clear_signals(plan, w, rows);
    for (size_t i = graph->count - 1; i > 0; i--) {
        const double *in[OCELOT_NODE_INPUTS];
        struct ocelot_call call = call_of(plan, w, i, rows, in);
        for (size_t k = 0; k < call.node->input_count; k++) {
            size_t input = call.node->inputs[k], count = rows * graph->nodes[input]->size;
            call.node->op->transpose(&call, k, w->signal[i], w->returned);
            for (size_t n = 0; n < count; n++)
                w->signal[input][n] += w->returned[n];
        }
    }
}

/* Sums of a node's relevance, row by row, into the ledger. */
static void enter_received(const struct ocelot_workspace *w, size_t i, size_t nodes, size_t rows, size_t size)
{
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_ledger_entry *entry = &w->ledger[b * nodes + i];
        for (size_t n = b * size; n < (b + 1) * size; n++) {
            entry->received += w->signal[i][n];
            entry->magnitude += fabs(w->signal[i][n]);
        }
    }
}

/* A node's relevance to its inputs, through the rule, the op's own relevance, or unchanged. */
static void send_back(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows, double *const *back,
                      struct ocelot_ledger_entry *entries)
{
    const double *in[OCELOT_NODE_INPUTS];
    struct ocelot_call call = call_of(plan, w, i, rows, in);
    const struct ocelot_node_rule *rule = &plan->nodes[i].rule;
    memset(entries, 0, rows * sizeof *entries);
    if (rule->rule.form)
        ocelot_rule_step(&call, rule, w->signal[i], back, entries);
    else if (call.node->op->relevance)
        call.node->op->relevance(&call, &rule->rule, w->signal[i], back, entries);
    else
        memcpy(back[0], w->signal[i], rows * call.node->size * sizeof *back[0]);
}

void ocelot_walk_relevance(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t nodes = graph->count;
    clear_signals(plan, w, rows);
    memset(w->ledger, 0, rows * nodes * sizeof *w->ledger);
    for (size_t i = nodes - 1; i > 0; i--) {
        const struct ocelot_node *node = graph->nodes[i];
        double *back[OCELOT_NODE_INPUTS];
        double *to = w->returned;
        for (size_t k = 0; k < node->input_count; k++) {
            back[k] = to;
            to += rows * graph->nodes[node->inputs[k]]->size;
        }
        enter_received(w, i, nodes, rows, node->size);
        send_back(plan, w, i, rows, back, w->entries);
        for (size_t b = 0; b < rows; b++) {
            struct ocelot_ledger_entry *entry = &w->ledger[b * nodes + i];
            entry->absorbed = w->entries[b].absorbed;
            entry->residual = w->entries[b].residual;
            entry->leaked = w->entries[b].leaked;
        }
        for (size_t k = 0; k < node->input_count; k++) {
            size_t input = node->inputs[k], size = graph->nodes[input]->size;
            for (size_t b = 0; b < rows; b++)
                for (size_t n = b * size; n < (b + 1) * size; n++) {
                    w->signal[input][n] += back[k][n];
                    w->ledger[b * nodes + i].passed += back[k][n];
                }
        }
    }
    enter_received(w, 0, nodes, rows, graph->nodes[0]->size);
    for (size_t b = 0; b < rows; b++)
        w->ledger[b * nodes].passed = w->ledger[b * nodes].received;
}
