/* Deep Taylor decomposition's premise, measured: relevance is a product R_j = a_j c_j with c_j nearly constant around the row (Montavon 2017). One
 * batch holds the row and noisy copies of it; every layer's c_j are compared across its rows. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "explain/explainer.h"
#include "run/sharing.h"

/* Activation and relevance of neuron n of a node, in whichever precision the node has. */
static double activation(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t n)
{
    return plan->nodes[i].single ? (double)w->f32.activation[i][ocelot_plan_place(plan, i, n)] : w->f64.activation[i][n];
}

static double relevance(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t n)
{
    return plan->nodes[i].single ? (double)w->f32.signal[i][ocelot_plan_place(plan, i, n)] : w->f64.signal[i][n];
}

/* sum_j |R_j| spread(c_j) / sum_j |R_j| over the neurons of a node that are active in all rows; spread = root mean square deviation of the
 * copies' c_j from the row's, relative to it. */
static struct ocelot_product_structure measure(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t i, size_t rows)
{
    struct ocelot_product_structure out = {.neurons = 0, .variation = NAN, .activation_variation = NAN};
    size_t size = plan->model->graph->nodes[i]->size;
    double weight = 0, varied = 0, active = 0;
    for (size_t j = 0; j < size; j++) {
        double a = activation(plan, w, i, j), r = relevance(plan, w, i, j), c = r / a, squares = 0, changes = 0;
        bool everywhere = a > 0 && r != 0;
        for (size_t b = 1; b < rows && everywhere; b++) {
            double other = activation(plan, w, i, b * size + j), change = relevance(plan, w, i, b * size + j) / other - c;
            everywhere = other > 0;
            squares += change * change;
            changes += (other - a) * (other - a);
        }
        if (!everywhere)
            continue;
        out.neurons++;
        weight += fabs(r);
        varied += fabs(r) * sqrt(squares / (double)(rows - 1)) / fabs(c);
        active += fabs(r) * sqrt(changes / (double)(rows - 1)) / a;
    }
    if (weight > 0) {
        out.variation = varied / weight;
        out.activation_variation = active / weight;
    }
    return out;
}

/* Walks the row and its copies, and measures every layer. */
static enum ocelot_status compare(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *row, const double *noise, size_t rows,
                                  size_t seed, struct ocelot_product_structure *out, struct ocelot_error *err)
{
    size_t d = plan->model->feature_count;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t b = 0; b < rows; b++)
        for (size_t i = 0; i < d; i++)
            w->f64.activation[0][b * d + i] = row[i] + (b ? noise[i] * ocelot_rng_normal(&rng) : 0);
    for (size_t b = 0; b < rows; b++)
        w->decision[b].status = OCELOT_OK;
    ocelot_decide(plan, w, rows);
    for (size_t b = 0; b < rows; b++) {
        if (w->decision[b].status != OCELOT_OK)
            return ocelot_fail(err, OCELOT_E_VALUE, "the row is too far to score");
        w->decision[b].target = w->decision[0].target;
    }
    ocelot_seed(plan, w, rows);
    w->apart = true;
    ocelot_walk_relevance(plan, w, rows);
    w->apart = false;
    for (size_t i = 0; i < plan->model->graph->count; i++)
        out[i] = measure(plan, w, i, rows);
    return OCELOT_OK;
}

enum ocelot_status ocelot_measure_product_structure(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *row,
                                                    const double *noise, size_t copies, size_t seed, struct ocelot_product_structure *out,
                                                    struct ocelot_error *err)
{
    size_t rows = copies + 1;
    struct ocelot_workspace *whole = NULL;
    if (w->plan != plan)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "the workspace belongs to another plan");
    if (!plan->explainer || plan->explainer->run != ocelot_propagate)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the product structure is a property of methods that propagate relevance: dtd, lrp");
    if (copies == 0 || rows > plan->batch)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%zu noisy copies and the row need a plan with a batch of %zu; this one has %zu", copies, rows,
                           plan->batch);
    for (size_t i = 0; i < plan->model->graph->count; i++)
        if (plan->nodes[i].narrow)
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the product structure of a kernel machine is measured in float64");
    enum ocelot_status status = ocelot_row_finite(plan->model, row, err);
    if (status != OCELOT_OK)
        return status;
    if (ocelot_plan_shares(plan)) /* every layer's activations and relevance are wanted at once */
        status = ocelot_workspace_create_whole(plan, &whole, err);
    if (status == OCELOT_OK)
        status = compare(plan, whole ? whole : w, row, noise, rows, seed, out, err);
    ocelot_workspace_free(whole);
    return status;
}
