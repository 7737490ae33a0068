#include "explain/rows.h"

#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "kernels/stretches.h"

enum ocelot_status ocelot_row_finite(const struct ocelot_model *model, const double *row, struct ocelot_error *err)
{
    if (ocelot_stretches_finite(NULL, row, model->feature_count))
        return OCELOT_OK;
    size_t i = 0;
    while (isfinite(row[i]))
        i++;
    return ocelot_fail(err, OCELOT_E_VALUE, "feature %s is missing or not a finite number", model->features[i].name);
}

enum ocelot_status ocelot_given_check(const struct ocelot_plan *plan, const struct ocelot_sparse_rows *rows, size_t n, struct ocelot_error *err)
{
    size_t d = plan->model->feature_count;
    for (size_t r = 0; r < n; r++) {
        if (rows->start[r + 1] < rows->start[r])
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "row %zu ends before it starts: found start %zu behind %zu", r, rows->start[r + 1],
                               rows->start[r]);
        for (size_t e = rows->start[r]; e < rows->start[r + 1]; e++) {
            size_t i = rows->feature[e];
            if (i >= d)
                return ocelot_fail(err, OCELOT_E_SHAPE, "row %zu: found feature %zu, and the model has %zu, counted from 0", r, i, d);
            if (e > rows->start[r] && i <= rows->feature[e - 1])
                return ocelot_fail(err, OCELOT_E_ARGUMENT, "row %zu: feature %zu follows feature %zu; features must ascend", r, i,
                                   (size_t)rows->feature[e - 1]);
        }
    }
    return OCELOT_OK;
}

/* Rows by their entries into workspace.rows; what they hold is then known, too. */
static const double *spread(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_sparse_rows *from, size_t start,
                            size_t rows)
{
    size_t d = plan->model->feature_count, listed = 0;
    for (size_t b = 0; b < rows; b++) {
        if (plan->sparse)
            w->features.start[b] = listed;
        for (size_t e = from->start[start + b]; e < from->start[start + b + 1]; e++) {
            w->rows[b * d + from->feature[e]] = from->value[e];
            if (plan->sparse)
                w->features.list[listed++] = from->feature[e];
        }
    }
    if (plan->sparse)
        w->features.start[rows] = listed;
    return w->rows;
}

/* workspace.rows are 0 between calls. */
static void clear(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_sparse_rows *from, size_t start, size_t rows)
{
    size_t d = plan->model->feature_count;
    for (size_t b = 0; b < rows; b++)
        for (size_t e = from->start[start + b]; e < from->start[start + b + 1]; e++)
            w->rows[b * d + from->feature[e]] = 0;
}

/* Features of a row that is not copied where it need not be. */
enum { WIDE_ROW = 4096 };

/* Whether all that rows hold is finite, so that they can be read where they stand. */
static bool all_finite(const struct ocelot_plan *plan, const struct ocelot_workspace *w, const double *x, size_t rows)
{
    bool finite = true;
    if (!plan->sparse)
        return ocelot_stretches_finite(w->team, x, rows * plan->model->feature_count);
    for (size_t b = 0; b < rows; b++)
        for (size_t k = w->features.start[b]; k < w->features.start[b + 1]; k++)
            finite &= (bool)isfinite(x[b * plan->model->feature_count + w->features.list[k]]);
    return finite;
}

static void load(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    size_t d = plan->model->feature_count;
    for (size_t b = 0; b < rows; b++) {
        bool finite = ocelot_stretches_finite(w->team, x + b * d, d);
        if (finite)
            memcpy(w->f64.activation[0] + b * d, x + b * d, d * sizeof *x);
        else
            memset(w->f64.activation[0] + b * d, 0, d * sizeof *x);
        w->decision[b].status = finite ? OCELOT_OK : OCELOT_E_VALUE;
    }
}

struct ocelot_places ocelot_places_open(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t start,
                                        size_t rows, bool once, double *relevance)
{
    size_t d = plan->model->feature_count;
    bool aside = once && (plan->sparse || d >= WIDE_ROW) && plan->capacity == plan->batch;
    struct ocelot_places places = {.x = given->sparse ? spread(plan, w, given->sparse, start, rows) : given->dense + start * d,
                                   .own_rows = w->f64.activation[0],
                                   .own_signal = plan->backward ? w->f64.signal[0] : NULL};
    if (aside && plan->sparse && !given->sparse)
        plan->kernels->hold(places.x, d, rows, &w->features);
    if (aside && all_finite(plan, w, places.x, rows)) {
        memcpy(&w->f64.activation[0], &places.x, sizeof places.x); /* no walk writes to them */
        w->held = plan->sparse ? &w->features : NULL;
        for (size_t b = 0; b < rows; b++)
            w->decision[b].status = OCELOT_OK;
    } else {
        load(plan, w, places.x, rows);
    }
    if (aside && relevance)
        w->f64.signal[0] = relevance;
    return places;
}

void ocelot_places_close(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t start, size_t rows,
                         struct ocelot_places places)
{
    w->f64.activation[0] = places.own_rows;
    w->held = NULL;
    if (plan->backward)
        w->f64.signal[0] = places.own_signal;
    if (given->sparse)
        clear(plan, w, given->sparse, start, rows);
}
