/* The function view: what explainers that do not propagate see of a model, and where they put their answers. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "explain/explainer.h"

const struct ocelot_model *ocelot_view_model(const struct ocelot_plan *plan)
{
    return plan->model;
}

const void *ocelot_view_settings(const struct ocelot_plan *plan)
{
    return plan->settings;
}

const void *ocelot_view_knowledge(const struct ocelot_plan *plan)
{
    return plan->knowledge;
}

double *ocelot_view_extra(struct ocelot_workspace *workspace)
{
    return workspace->extra;
}

void *ocelot_view_state(struct ocelot_workspace *workspace)
{
    return workspace->state;
}

void ocelot_view_inherit(const struct ocelot_plan *plan, struct ocelot_plan_options *options)
{
    options->kernels = plan->kernels->name;
    options->batch = plan->batch;
    options->randomise = plan->randomise;
}

const struct ocelot_decision *ocelot_view_decision(const struct ocelot_workspace *workspace, size_t b)
{
    return &workspace->decision[b];
}

struct ocelot_background ocelot_view_background(const struct ocelot_plan *plan)
{
    return (struct ocelot_background){
        .rows = plan->background, .weights = plan->weights, .count = plan->background_rows, .is_support = plan->background_is_support};
}

struct ocelot_players ocelot_view_players(const struct ocelot_plan *plan)
{
    return (struct ocelot_players){.of = plan->player, .size = plan->player_size, .count = plan->players};
}

/* The output explained for row b: of a decision that could not be made, the first. */
static size_t target_of(const struct ocelot_workspace *w, size_t b)
{
    return w->decision[b].status == OCELOT_OK ? w->decision[b].target : 0;
}

/* The next points into the workspace: as many as a batch holds. */
static size_t place(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *points, size_t left)
{
    size_t count = left < plan->batch ? left : plan->batch, d = plan->model->feature_count;
    memcpy(w->f64.activation[0], points, count * d * sizeof *points);
    return count;
}

void ocelot_view_evaluate(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *points, size_t n, double *out)
{
    size_t last = plan->model->graph->count - 1, size = plan->model->graph->nodes[last]->size, target = target_of(w, b);
    for (size_t start = 0, count; start < n; start += count) {
        count = place(plan, w, points + start * plan->model->feature_count, n - start);
        ocelot_walk_forward(plan, w, count);
        for (size_t k = 0; k < count; k++)
            out[start + k] = w->f64.activation[last][k * size + target];
    }
}

/* Gradient of one output at the points in the workspace, into signal. */
static void slopes(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t count, size_t target, double *out)
{
    size_t last = plan->model->graph->count - 1, size = plan->model->graph->nodes[last]->size;
    ocelot_walk_forward(plan, w, count);
    memset(w->f64.signal[last], 0, count * size * sizeof *w->f64.signal[last]);
    for (size_t k = 0; k < count; k++) {
        w->f64.signal[last][k * size + target] = 1;
        if (out)
            out[k] = w->f64.activation[last][k * size + target];
    }
    ocelot_walk_gradient(plan, w, count);
}

void ocelot_view_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *points, size_t n, double *out,
                          double *gradient)
{
    size_t d = plan->model->feature_count;
    for (size_t start = 0, count; start < n; start += count) {
        count = place(plan, w, points + start * d, n - start);
        slopes(plan, w, count, target_of(w, b), out ? out + start : NULL);
        memcpy(gradient + start * d, w->f64.signal[0], count * d * sizeof *gradient);
    }
}

void ocelot_view_tap(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *point, size_t layer, double *activation,
                     double *gradient)
{
    size_t size = plan->model->graph->nodes[layer]->size;
    bool single = plan->nodes[layer].single;
    place(plan, w, point, 1);
    slopes(plan, w, 1, target_of(w, b), NULL);
    for (size_t n = 0; activation && n < size; n++)
        activation[n] = single ? (double)w->f32.activation[layer][ocelot_plan_place(plan, layer, n)] : w->f64.activation[layer][n];
    for (size_t n = 0; gradient && n < size; n++)
        gradient[n] = single ? (double)w->f32.signal[layer][ocelot_plan_place(plan, layer, n)] : w->f64.signal[layer][n];
}

/* One entry at the output and one at the input: f = sum R + constant (absorbed) + residual. */
static void enter(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *relevance, double constant)
{
    size_t nodes = plan->model->graph->count, d = plan->model->feature_count;
    double sum = 0, magnitude = 0, output = w->decision[b].output;
    plan->kernels->sums(relevance, d, &sum, &magnitude);
    memset(&w->ledger[b * nodes], 0, nodes * sizeof *w->ledger);
    w->ledger[b * nodes] = (struct ocelot_ledger_entry){.received = sum, .passed = sum, .magnitude = magnitude};
    w->ledger[b * nodes + nodes - 1] = (struct ocelot_ledger_entry){
        .received = output, .passed = sum, .absorbed = constant, .residual = output - constant - sum, .magnitude = fabs(output)};
}

void ocelot_view_answer(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *relevance, const double *error,
                        double constant)
{
    size_t d = plan->model->feature_count;
    memcpy(w->answer + b * d, relevance, d * sizeof *relevance);
    if (w->error && error)
        memcpy(w->error + b * d, error, d * sizeof *error);
    enter(plan, w, b, w->answer + b * d, constant);
}

void ocelot_view_answer_players(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *relevance, const double *error,
                                double constant)
{
    size_t d = plan->model->feature_count;
    for (size_t i = 0; i < d; i++) {
        size_t player = plan->player[i];
        w->answer[b * d + i] = relevance[player] / (double)plan->player_size[player];
        if (w->error && error)
            w->error[b * d + i] = error[player] / (double)plan->player_size[player];
    }
    enter(plan, w, b, w->answer + b * d, constant);
}

void ocelot_answer_signal(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, double constant)
{
    enter(plan, w, b, w->f64.signal[0] + b * plan->model->feature_count, constant);
}
