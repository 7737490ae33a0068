/* The three walks: forward through the nodes in order, gradient and relevance backwards. Each node works in its own precision; where
 * neighbours differ, activations are kept in both, and signals meet in the node's own before it sends them on. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/stretches.h"
#include "rules/pass.h"
#include "run/sharing.h"

#define OCELOT_BODY "run/walk_body.h"
#include "base/stamp.h"

void ocelot_walk_node(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    if (i > 0)
        (plan->nodes[i].single ? forward_f32 : forward_f64)(plan, w, i, rows);
    const struct ocelot_node_plan *own = &plan->nodes[i];
    size_t count = rows * plan->model->graph->nodes[i]->size;
    double *f64 = w->f64.activation[i];
    float *f32 = w->f32.activation[i];
    for (size_t n = 0; own->single && own->in_f64 && own->block > 1 && n < count; n++)
        f64[n] = (double)f32[ocelot_plan_place(plan, i, n)];
    if (own->single && own->in_f64 && own->block <= 1)
        ocelot_stretches_widen(w->team, f32, count, f64);
    if (!own->single && own->in_f32)
        ocelot_stretches_round(w->team, f64, count, f32);
}

static void tell(const struct ocelot_workspace *w, size_t i, bool backward)
{
    if (w->watch)
        w->watch(w->watch_context, i, backward);
}

/* The pair whose second node is i. Pairs stand in double between others. */
static struct ocelot_pair_call pair_of(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows)
{
    const struct ocelot_node *node = plan->model->graph->nodes[i];
    size_t first = node->inputs[0];
    const struct ocelot_node *below = plan->model->graph->nodes[first];
    return (struct ocelot_pair_call){.first = below,
                                     .second = node,
                                     .rule = &plan->nodes[i].rule,
                                     .kernels = plan->kernels,
                                     .rows = rows,
                                     .in = w->f64.activation[below->inputs[0]],
                                     .held = below->inputs[0] == 0 ? w->held : NULL,
                                     .middle = w->f64.activation[first],
                                     .out = w->f64.activation[i],
                                     .weights = plan->nodes[first].f64.weights,
                                     .prepared = plan->nodes[first].f64.prepared,
                                     .narrow = plan->nodes[i].narrow_prepared,
                                     .shares = plan->backward ? w->f64.signal[first] : NULL,
                                     .scratch = w->f64.scratch};
}

static bool begins_narrow(const struct ocelot_plan *plan, size_t i)
{
    for (size_t n = i + 1; plan->nodes[i].within && n < plan->model->graph->count; n++)
        if (plan->nodes[n].narrow && plan->model->graph->nodes[n]->inputs[0] == i)
            return true;
    return false;
}

void ocelot_walk_forward(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    w->forwards += rows;
    for (size_t i = 0; i < plan->model->graph->count; i++) {
        struct ocelot_pair_call call;
        ocelot_sharing_step(plan, w, i);
        if (begins_narrow(plan, i))
            continue;
        if (!plan->nodes[i].narrow) {
            ocelot_walk_node(plan, w, i, rows);
            tell(w, i, false);
            continue;
        }
        call = pair_of(plan, w, i, rows);
        call.second->op->pair->forward_narrow(&call, w->f64.activation[i]);
    }
}

const double *ocelot_walk_activation(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t b, double *room)
{
    const struct ocelot_graph *graph = plan->model->graph;
    size_t size = graph->nodes[i]->size, next = i + 1;
    if (!begins_narrow(plan, i))
        return w->f64.activation[i] + b * size;
    while (!plan->nodes[next].narrow || graph->nodes[next]->inputs[0] != i)
        next++;
    struct ocelot_pair_call call = pair_of(plan, w, next, plan->batch);
    call.second->op->pair->widen(&call, b, room);
    return room;
}

/* Nothing has been sent to any node but the last. */
static void begin(const struct ocelot_plan *plan, struct ocelot_workspace *w)
{
    size_t nodes = plan->model->graph->count;
    memset(w->f64.reached, 0, nodes * sizeof *w->f64.reached);
    memset(w->f32.reached, 0, nodes * sizeof *w->f32.reached);
    memset(w->f64.summed, 0, nodes * sizeof *w->f64.summed);
    memset(w->f32.summed, 0, nodes * sizeof *w->f32.summed);
    w->f64.reached[nodes - 1] = true;
}

/* What was sent to node i in double, to what was sent to it in float. */
static void gather_f32(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t count)
{
    const double *f64 = w->f64.signal[i];
    float *f32 = w->f32.signal[i];
    if (!w->f32.reached[i])
        memset(f32, 0, count * sizeof *f32);
    bool plain = plan->nodes[i].block <= 1, reached = w->f64.reached[i];
    for (size_t n = 0; reached && !plain && n < count; n++)
        f32[ocelot_plan_place(plan, i, n)] += (float)f64[n];
    for (size_t n = 0; reached && plain && n < count; n++)
        f32[n] += (float)f64[n];
}

/* The other way round; the input's own signal is as large as a picture. */
static void gather_f64(struct ocelot_workspace *w, size_t i, size_t count)
{
    double *f64 = w->f64.signal[i];
    const float *f32 = w->f32.signal[i];
    if (!w->f64.reached[i] && w->f32.reached[i]) {
        ocelot_stretches_widen(w->team, f32, count, f64);
        w->f64.summed[i] = w->f32.summed[i];
        return;
    }
    if (!w->f64.reached[i])
        memset(f64, 0, count * sizeof *f64);
    for (size_t n = 0; w->f32.reached[i] && n < count; n++)
        f64[n] += (double)f32[n];
}

/* All that was sent to node i, in its own precision; zero where nothing was. */
static void gather(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    if (w->f64.reached[i] && w->f32.reached[i])
        w->f64.summed[i] = w->f32.summed[i] = false;
    size_t count = rows * plan->model->graph->nodes[i]->size;
    if (plan->nodes[i].single)
        gather_f32(plan, w, i, count);
    else
        gather_f64(w, i, count);
}

void ocelot_walk_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    w->backwards += rows;
    begin(plan, w);
    for (size_t i = plan->model->graph->count - 1; i > 0; i--) {
        gather(plan, w, i, rows);
        (plan->nodes[i].single ? send_gradient_f32 : send_gradient_f64)(plan, w, i, rows);
    }
    gather(plan, w, 0, rows);
}

/* A pair's relevance to the input of its first node. */
static void send_pair(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows)
{
    struct ocelot_pair_call call = pair_of(plan, w, i, rows);
    const struct ocelot_node *below = call.first;
    const struct ocelot_pair *pair = call.second->op->pair;
    size_t first = call.second->inputs[0], nodes = plan->model->graph->count;
    double *back[OCELOT_NODE_INPUTS] = {NULL};
    enter_received_f64(plan, w, i, rows);
    place_f64(plan, w, below, rows, back);
    memset(w->entries, 0, rows * sizeof *w->entries);
    memset(w->entries_of_pair, 0, rows * sizeof *w->entries_of_pair);
    bool summed = false;
    if (plan->nodes[i].narrow)
        pair->relevance_narrow(&call, w->f64.signal[i], back[0], w->entries_of_pair, w->entries);
    else
        summed = pair->relevance(&call, w->f64.signal[i], back[0], w->entries_of_pair, w->entries, w->sums);
    bool only = back[0] == w->f64.signal[below->inputs[0]];
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_ledger_entry *ledger = w->ledger + b * nodes, received = ledger[i];
        ledger[i] = w->entries[b];
        ledger[i].received = received.received;
        ledger[i].magnitude = received.magnitude;
        ledger[first] = w->entries_of_pair[b];
        size_t size = plan->model->graph->nodes[below->inputs[0]]->size;
        double sum = w->sums[b], magnitude = fabs(sum);
        if (!summed)
            sum = plan->kernels->f64->sum(back[0] + b * size, size, &magnitude);
        ledger[first].passed = sum;
        if (only) { /* unless more is added to it */
            ledger[below->inputs[0]].received = sum;
            ledger[below->inputs[0]].magnitude = magnitude;
        }
    }
    w->f64.summed[below->inputs[0]] |= only;
    join_f64(plan, w, below, rows, back, w->ledger);
}

void ocelot_walk_relevance(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    size_t nodes = plan->model->graph->count;
    w->backwards += rows;
    begin(plan, w);
    memset(w->ledger, 0, rows * nodes * sizeof *w->ledger);
    for (size_t i = nodes - 1; i > 0; i--) {
        bool pairs = !w->apart && !w->side;
        ocelot_sharing_step(plan, w, 2 * nodes - 1 - i);
        if (pairs && plan->nodes[i].within)
            continue;
        gather(plan, w, i, rows);
        if (pairs && plan->nodes[i].paired)
            send_pair(plan, w, i, rows);
        else
            (plan->nodes[i].single ? send_relevance_f32 : send_relevance_f64)(plan, w, i, rows);
        tell(w, i, true);
    }
    ocelot_sharing_step(plan, w, 2 * nodes - 1);
    gather(plan, w, 0, rows);
    ocelot_sharing_step(plan, w, SIZE_MAX);
    enter_received_f64(plan, w, 0, rows);
    for (size_t b = 0; b < rows; b++)
        w->ledger[b * nodes].passed = w->ledger[b * nodes].received;
}
