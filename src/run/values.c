/* Values and slopes of the explained output: forward and gradient walks with a value a row. */
#include <string.h>

#include "run/plan.h"

void ocelot_walk_values(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const size_t *target, double *out)
{
    const struct ocelot_node *last = ocelot_graph_output(plan->model->graph);
    const double *outputs = w->f64.activation[plan->model->graph->count - 1];
    ocelot_walk_forward(plan, w, rows);
    for (size_t b = 0; b < rows; b++)
        out[b] = outputs[b * last->size + (target ? target[b] : w->decision[b].target)];
}

const double *ocelot_walk_slopes(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const size_t *target, double *out)
{
    const struct ocelot_node *last = ocelot_graph_output(plan->model->graph);
    double *seed = w->f64.signal[plan->model->graph->count - 1];
    ocelot_walk_values(plan, w, rows, target, out);
    memset(seed, 0, rows * last->size * sizeof *seed);
    for (size_t b = 0; b < rows; b++)
        seed[b * last->size + (target ? target[b] : w->decision[b].target)] = 1;
    ocelot_walk_gradient(plan, w, rows);
    return w->f64.signal[0];
}
