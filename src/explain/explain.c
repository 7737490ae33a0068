/* Scoring and explaining rows, batch by batch, into the caller's arrays. */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "explain/rows.h"

/* Conformal p-value (1 + #{held-out scores >= s}) / (n + 1); NaN without held-out scores. */
static double p_value(const struct ocelot_model *model, double score)
{
    size_t low = 0, high = model->calibration_count;
    if (high == 0 || isnan(score))
        return NAN;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (model->calibration[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(1 + model->calibration_count - low) / (double)(model->calibration_count + 1);
}

static struct ocelot_decision no_decision(enum ocelot_status status)
{
    const double none = NAN;
    return (struct ocelot_decision){
        .status = status, .outlier_score = none, .threshold = none, .decision_value = none, .p_value = none, .output = none, .predicted = none};
}

void ocelot_decide(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    const struct ocelot_model *model = plan->model;
    size_t last = model->graph->count - 1, outputs = model->graph->nodes[last]->size;
    ocelot_walk_forward(plan, w, rows);
    for (size_t b = 0; b < rows; b++) {
        const double *out = w->f64.activation[last] + b * outputs;
        struct ocelot_decision *decision = &w->decision[b];
        enum ocelot_status status = decision->status;
        for (size_t k = 0; k < outputs; k++)
            if (!isfinite(out[k]))
                status = OCELOT_E_VALUE;
        *decision = no_decision(status);
        if (status != OCELOT_OK)
            continue;
        model->reading->decide(model, out, plan->target, decision);
        if (plan->log_ratio)
            decision->output = ocelot_log_ratio(out, outputs, decision->target);
        decision->status = OCELOT_OK;
        decision->p_value = p_value(model, decision->outlier_score);
        if (plan->alpha > 0)
            decision->is_outlier = decision->p_value <= plan->alpha;
    }
}

/* Relevance walks: the input's signal is the answer, and the ledger has its sum. */
static bool walks_once(const struct ocelot_plan *plan)
{
    return plan->explainer->run == ocelot_propagate && !plan->extra;
}

static enum ocelot_status score(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t n,
                                struct ocelot_decision *out, struct ocelot_error *err)
{
    if (w->plan != plan)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "the workspace belongs to another plan");
    for (size_t start = 0; start < n; start += plan->batch) {
        size_t count = n - start < plan->batch ? n - start : plan->batch;
        struct ocelot_places places = ocelot_places_open(plan, w, given, start, count, true, NULL);
        ocelot_decide(plan, w, count);
        ocelot_places_close(plan, w, given, start, count, places);
        memcpy(out + start, w->decision, count * sizeof *out);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_score(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows, size_t n,
                                struct ocelot_decision *out, struct ocelot_error *err)
{
    return score(plan, workspace, &(struct ocelot_given){.dense = rows}, n, out, err);
}

enum ocelot_status ocelot_score_sparse(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const struct ocelot_sparse_rows *rows,
                                       size_t n, struct ocelot_decision *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_given_check(plan, rows, n, err);
    return status != OCELOT_OK ? status : score(plan, workspace, &(struct ocelot_given){.sparse = rows}, n, out, err);
}

static void fill_nan(double *values, size_t count)
{
    for (size_t n = 0; values && n < count; n++)
        values[n] = NAN;
}

enum ocelot_status ocelot_outputs(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows, size_t n, double *out,
                                  struct ocelot_error *err)
{
    const struct ocelot_given given = {.dense = rows};
    size_t last = plan->model->graph->count - 1, size = plan->model->graph->nodes[last]->size, outputs = plan->model->info.outputs;
    if (workspace->plan != plan)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "the workspace belongs to another plan");
    for (size_t start = 0; start < n; start += plan->batch) {
        size_t count = n - start < plan->batch ? n - start : plan->batch;
        struct ocelot_places places = ocelot_places_open(plan, workspace, &given, start, count, false, NULL);
        ocelot_decide(plan, workspace, count);
        ocelot_places_close(plan, workspace, &given, start, count, places);
        for (size_t b = 0; b < count; b++) {
            memcpy(out + (start + b) * outputs, workspace->f64.activation[last] + b * size, outputs * sizeof *out);
            if (workspace->decision[b].status != OCELOT_OK)
                fill_nan(out + (start + b) * outputs, outputs);
        }
    }
    return OCELOT_OK;
}

/* By-products of the forward walk: before the explainer overwrites the activations. */
static void write_normal(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, size_t row, struct ocelot_explanation *out)
{
    size_t d = plan->model->feature_count, m = plan->model->info.support_vectors;
    double *support = out->support ? out->support + row * m : NULL, *nearest = out->nearest ? out->nearest + row * d : NULL;
    if (!support && !nearest)
        return;
    if (w->decision[b].status == OCELOT_OK && ocelot_normal_members(plan->model)) {
        ocelot_normal_nearest(plan, w, b, support, nearest);
    } else {
        fill_nan(support, m);
        fill_nan(nearest, d);
    }
}

/* Of a single machine's batch at once, where there is room for its shares: the products share what they read. */
static void write_patterns(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t count, size_t row, struct ocelot_explanation *out)
{
    size_t d = plan->model->feature_count, m = plan->model->info.support_vectors;
    if (out->expected)
        fill_nan(out->expected + row * d, count * d);
    if (!out->support || !out->nearest || ocelot_normal_members(plan->model) != 1 || ocelot_model_stacked(plan->model)) {
        for (size_t b = 0; b < count; b++)
            write_normal(plan, w, b, row + b, out);
        return;
    }
    double *support = out->support + row * m, *nearest = out->nearest + row * d;
    for (size_t b = 0; b < count; b++)
        if (w->decision[b].status == OCELOT_OK)
            ocelot_normal_nearest(plan, w, b, support + b * m, NULL);
        else
            memset(support + b * m, 0, m * sizeof *support);
    ocelot_normal_patterns(plan, w, support, count, nearest);
    if (out->expected)
        ocelot_normal_expected(plan, w, support, count, out->expected + row * d);
    for (size_t b = 0; b < count; b++)
        if (w->decision[b].status != OCELOT_OK) {
            fill_nan(support + b * m, m);
            fill_nan(nearest + b * d, d);
            fill_nan(out->expected ? out->expected + (row + b) * d : NULL, d);
        }
}

/* Sums and copies of one row's relevance and ledger. */
static void write_row(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, size_t row, struct ocelot_explanation *out)
{
    size_t d = plan->model->feature_count, nodes = plan->model->graph->count;
    bool good = w->decision[b].status == OCELOT_OK;
    double explained = 0, residual = 0;
    const double *relevance = (w->answer ? w->answer : w->f64.signal[0]) + b * d;
    if (walks_once(plan))
        explained = w->ledger[b * nodes].received;
    for (size_t i = 0; !walks_once(plan) && i < d; i++)
        explained += relevance[i];
    for (size_t k = 1; k < nodes; k++) {
        const struct ocelot_ledger_entry *entry = &w->ledger[b * nodes + k];
        residual += entry->absorbed + entry->residual + entry->leaked + entry->absent;
    }
    out->decision[row] = w->decision[b];
    if (good && !(isfinite(explained) && isfinite(residual))) {
        out->decision[row].status = OCELOT_E_VALUE;
        good = false;
    }
    if (out->explained)
        out->explained[row] = good ? explained : NAN;
    if (out->residual)
        out->residual[row] = good ? residual : NAN;
    if (out->excess)
        out->excess[row] = w->decision[b].outlier_score - w->decision[b].threshold;
    if (out->relevance && good && relevance != out->relevance + row * d)
        memcpy(out->relevance + row * d, relevance, d * sizeof *out->relevance);
    else if (out->relevance && !good)
        fill_nan(out->relevance + row * d, d);
    if (out->standard_error && good && w->error)
        memcpy(out->standard_error + row * d, w->error + b * d, d * sizeof *out->standard_error);
    else if (out->standard_error)
        fill_nan(out->standard_error + row * d, d);
    for (size_t i = 0; out->lack && i < d; i++)
        out->lack[row * d + i] = !good ? (double)NAN : w->lack ? w->lack[b * d + i] : ocelot_model_stacked(plan->model) ? (double)NAN : 0;
    if (out->ledger)
        memcpy(out->ledger + row * nodes, w->ledger + b * nodes, nodes * sizeof *out->ledger);
}

static enum ocelot_status explain(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t n,
                                  struct ocelot_explanation *out, struct ocelot_error *err)
{
    if (w->plan != plan)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "the workspace belongs to another plan");
    if (!plan->explainer)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "this plan only scores; make one with ocelot_plan_create to explain");
    if (!out->decision)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "explanation.decision must point to n decisions");
    for (size_t start = 0; start < n; start += plan->batch) {
        size_t count = n - start < plan->batch ? n - start : plan->batch;
        double *relevance = out->relevance ? out->relevance + start * plan->model->feature_count : NULL;
        struct ocelot_places places = ocelot_places_open(plan, w, given, start, count, walks_once(plan), relevance);
        ocelot_decide(plan, w, count);
        write_patterns(plan, w, count, start, out);
        memset(w->ledger, 0, count * plan->model->graph->count * sizeof *w->ledger);
        plan->explainer->run(plan, w, places.x, count);
        for (size_t b = 0; b < count; b++)
            write_row(plan, w, b, start + b, out);
        ocelot_places_close(plan, w, given, start, count, places);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_explain(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *rows, size_t n,
                                  struct ocelot_explanation *out, struct ocelot_error *err)
{
    return explain(plan, workspace, &(struct ocelot_given){.dense = rows}, n, out, err);
}

enum ocelot_status ocelot_explain_sparse(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const struct ocelot_sparse_rows *rows,
                                         size_t n, struct ocelot_explanation *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_given_check(plan, rows, n, err);
    return status != OCELOT_OK ? status : explain(plan, workspace, &(struct ocelot_given){.sparse = rows}, n, out, err);
}
