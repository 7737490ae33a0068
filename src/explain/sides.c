/* Models stacked on a network: what features above those of the support vectors bring (excess) and what those below bring (lack) are different
 * findings, so each is propagated in a walk of its own. */
#include <string.h>

#include "explain/explainer.h"
#include "ops/ops.h"

enum { ENTRY = sizeof(struct ocelot_ledger_entry) / sizeof(double) };

bool ocelot_model_stacked(const struct ocelot_model *model)
{
    for (size_t i = 0; i < model->graph->count; i++)
        if (model->graph->nodes[i]->op == &ocelot_op_present)
            return true;
    return false;
}

/* The number of the distance, 0 where there is none. */
static size_t find_distance(const struct ocelot_graph *graph)
{
    size_t i = graph->count - 1;
    while (i > 0 && graph->nodes[i]->op != &ocelot_op_distance)
        i--;
    return i;
}

size_t ocelot_sides_extra(const struct ocelot_plan *plan)
{
    if (!ocelot_model_stacked(plan->model) || !find_distance(plan->model->graph))
        return 0;
    return plan->batch * (plan->model->feature_count + plan->model->graph->count * ENTRY);
}

/* Below the distance the two walks are two parts of one; the distance itself and what follows it were walked twice alike. */
static void join_ledgers(const struct ocelot_graph *graph, const struct ocelot_ledger_entry *part, size_t rows, struct ocelot_ledger_entry *whole)
{
    size_t distance = find_distance(graph);
    for (size_t b = 0; b < rows; b++) {
        const struct ocelot_ledger_entry *from = part + b * graph->count;
        struct ocelot_ledger_entry *to = whole + b * graph->count;
        for (size_t i = 0; i < distance; i++) {
            to[i].received += from[i].received;
            to[i].passed += from[i].passed;
            to[i].absorbed += from[i].absorbed;
            to[i].residual += from[i].residual;
            to[i].leaked += from[i].leaked;
            to[i].absent += from[i].absent;
            to[i].magnitude += from[i].magnitude;
        }
        to[distance].passed += from[distance].passed;
    }
}

void ocelot_sides_walk(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    size_t d = plan->model->feature_count, nodes = plan->model->graph->count;
    struct ocelot_ledger_entry *ledger = (void *)(w->extra + plan->batch * d);
    w->lack = w->extra;
    w->side = -1;
    ocelot_walk_relevance(plan, w, rows);
    memcpy(w->lack, w->f64.signal[0], rows * d * sizeof *w->lack);
    memcpy(ledger, w->ledger, rows * nodes * sizeof *ledger);
    w->side = 1;
    ocelot_walk_relevance(plan, w, rows);
    w->side = 0;
    for (size_t n = 0; n < rows * d; n++)
        w->f64.signal[0][n] += w->lack[n];
    join_ledgers(plan->model->graph, ledger, rows, w->ledger);
}
