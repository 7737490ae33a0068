/* Points of many rows, a few each, laid out in batches: what methods that evaluate f elsewhere than at the row have in common. */
#include <string.h>

#include "explain/explainer.h"

enum { CHUNK = 256 };

/* Points number `start` to start + count - 1 of the rows * per_row points, evaluated and handed over. */
static void walk_chunk(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t start, size_t count, const struct ocelot_points *points)
{
    size_t d = plan->model->feature_count, target[CHUNK] = {0};
    double value[CHUNK];
    const double *gradient = NULL;
    for (size_t n = 0; n < count; n++) {
        size_t b = (start + n) / points->per_row, k = (start + n) % points->per_row;
        double *point = w->f64.activation[0] + n * d;
        bool good = w->decision[b].status == OCELOT_OK;
        target[n] = good ? w->decision[b].target : 0;
        if (good)
            points->place(points->task, b, k, point);
        else
            memset(point, 0, d * sizeof *point);
    }
    if (points->slopes)
        gradient = ocelot_walk_slopes(plan, w, count, target, value);
    else
        ocelot_walk_values(plan, w, count, target, value);
    for (size_t n = 0; n < count; n++) {
        size_t b = (start + n) / points->per_row, k = (start + n) % points->per_row;
        if (w->decision[b].status == OCELOT_OK)
            points->take(points->task, b, k, value[n], gradient ? gradient + n * d : NULL);
    }
}

void ocelot_points_walk(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const struct ocelot_points *points)
{
    size_t total = rows * points->per_row, chunk = plan->batch < CHUNK ? plan->batch : CHUNK;
    for (size_t start = 0; start < total; start += chunk)
        walk_chunk(plan, w, start, total - start < chunk ? total - start : chunk, points);
}
