/* meaningful-perturbation (Fong 2017): the smallest smooth mask m in [0, 1] that destroys f, where m = 1 keeps a feature and m = 0 puts a reference
 * in its place, x'(m) = r + m (x - r):
 *   minimise  (f(x'(m)) - f(r)) / |f(x) - f(r)|  +  l1 mean(1 - m)  +  tv TV(m)
 * on [0, 1]^cells (descent.h, mask.h), from m = 1/2. f is measured against its drop at the reference, so that the weights mean the same for every
 * model: with l1 = 1 a feature goes that bears more than its even share of the drop. The best mask seen is taken, and is never worse than m = 1.
 *   scale=drop:  R_i = (f(x) - f(x'(m))) (1 - m_i) / sum_k (1 - m_k), the constant is f(x'(m));     scale=mask:  R_i = 1 - m_i. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/deletion.h"
#include "analysis/descent.h"
#include "analysis/explainers.h"
#include "analysis/mask.h"
#include "base/error.h"
#include "base/size.h"

static const char name[] = "meaningful-perturbation";

struct perturbation_settings {
    const char *reference, *scale;
    double l1, tv, blur;
    size_t grid, iterations;
};

#define SETTING(field) offsetof(struct perturbation_settings, field)

static const struct ocelot_option options[] = {
    {.name = "reference",
     .type = OCELOT_OPTION_CHOICE,
     .offset = SETTING(reference),
     .placeholder = "KIND",
     .fallback = "auto",
     .choices = "auto|expected|blur|mean|zero",
     .summary = "what deleted features become; auto: the first of expected, blur, mean, zero that there is for the model and its background"},
    {.name = "l1",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(l1),
     .placeholder = "W",
     .fallback = "1",
     .low = 0,
     .high = 1e6,
     .summary = "price of deleting everything, against the drop that it brings"},
    {.name = "tv",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(tv),
     .placeholder = "W",
     .fallback = "1",
     .low = 0,
     .high = 1e6,
     .summary = "price of variation between neighbours of the grid, on images"},
    {.name = "grid",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(grid),
     .placeholder = "N",
     .fallback = "0",
     .low = 0,
     .high = 256,
     .summary = "nodes of the mask along the longer side of an image; 0 = one for four pixels, at most 28"},
    {.name = "blur",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(blur),
     .placeholder = "PIXELS",
     .fallback = "0",
     .low = 0,
     .high = 1000,
     .summary = "standard deviation of the blurred reference; 0 = an eighth of the longer side"},
    {.name = "iterations",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(iterations),
     .placeholder = "N",
     .fallback = "100",
     .low = 1,
     .high = 1000000,
     .summary = "gradients at most"},
    {.name = "scale",
     .type = OCELOT_OPTION_CHOICE,
     .offset = SETTING(scale),
     .placeholder = "KIND",
     .fallback = "drop",
     .choices = "drop|mask",
     .summary = "relevance adds up to the drop of the output, or is 1 - mask"},
    {.name = NULL},
};

struct perturbation {
    struct ocelot_mask mask;
    struct ocelot_deletion deletion;
    bool is_table; /* the cells are the plan's players */
};

static void forget(void *knowledge)
{
    struct perturbation *p = knowledge;
    if (p)
        ocelot_deletion_clear(&p->deletion);
    free(p);
}

/* `nodes` along the longer side, in proportion along the other. */
static size_t grid_nodes(size_t nodes, size_t pixels, size_t longer)
{
    enum { FEW = 2, MANY = 28, PIXELS = 4 };
    size_t automatic = (longer + PIXELS - 1) / PIXELS;
    nodes = nodes ? nodes : automatic < FEW ? FEW : automatic > MANY ? MANY : automatic;
    size_t own = (nodes * pixels + longer - 1) / longer;
    return own < pixels ? own : pixels;
}

/* Images have a grid, unless groups of pixels play. */
static void shape_mask(const struct ocelot_plan *plan, struct perturbation *p)
{
    const struct perturbation_settings *settings = ocelot_view_settings(plan);
    struct ocelot_players players = ocelot_view_players(plan);
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    p->mask = (struct ocelot_mask){.cells = players.count, .features = info.features, .of = players.of};
    p->is_table = info.input_rank != 3 || players.count < info.features;
    if (info.input_rank == 3) {
        p->mask.channels = info.input_shape[0];
        p->mask.height = info.input_shape[1];
        p->mask.width = info.input_shape[2];
    }
    if (p->is_table)
        return;
    size_t longer = p->mask.height > p->mask.width ? p->mask.height : p->mask.width;
    p->mask.of = NULL;
    p->mask.rows = grid_nodes(settings->grid, p->mask.height, longer);
    p->mask.columns = grid_nodes(settings->grid, p->mask.width, longer);
    p->mask.cells = p->mask.rows * p->mask.columns;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct perturbation_settings *settings = ocelot_view_settings(plan);
    ocelot_analysis_quiet();
    struct perturbation *p = ocelot_allocate(1, sizeof *p);
    if (!p)
        return ocelot_fail_memory(err, "the mask");
    shape_mask(plan, p);
    enum ocelot_status status = ocelot_deletion_choose(plan, settings->reference, &p->mask, settings->blur, &p->deletion, err);
    if (status != OCELOT_OK) {
        forget(p);
        return status;
    }
    *knowledge = p;
    return OCELOT_OK;
}

/* Reference, mask at the features, point, gradient; the cells; what the descent wants. */
static size_t extra(const struct ocelot_plan *plan)
{
    const struct perturbation *p = ocelot_view_knowledge(plan);
    size_t total;
    return ocelot_size_multiply(p->mask.features, 4, &total) && ocelot_size_add(total, p->mask.cells + ocelot_descent_scratch(p->mask.cells), &total)
               ? total
               : SIZE_MAX;
}

/* One row's minimisation. */
struct task {
    const struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    const struct perturbation *p;
    size_t b;
    const double *x;
    double at_reference, drop; /* f(r) and |f(x) - f(r)| */
    double *reference, *spread, *point, *gradient, *cells, *scratch;
};

/* x'(m) of the mask in `spread`. */
static void perturb(const struct task *task)
{
    for (size_t i = 0; i < task->p->mask.features; i++)
        task->point[i] = task->reference[i] + task->spread[i] * (task->x[i] - task->reference[i]);
}

static double objective(void *context, const double *cells, double *gradient)
{
    const struct task *task = context;
    const struct ocelot_mask *mask = &task->p->mask;
    const struct perturbation_settings *settings = ocelot_view_settings(task->plan);
    double f, deleted = 0, count = (double)mask->cells;
    ocelot_mask_spread(mask, cells, task->spread);
    perturb(task);
    ocelot_view_gradient(task->plan, task->workspace, task->b, task->point, 1, &f, task->gradient);
    for (size_t i = 0; i < mask->features; i++)
        task->gradient[i] *= (task->x[i] - task->reference[i]) / task->drop;
    ocelot_mask_gather(mask, task->gradient, gradient);
    for (size_t n = 0; n < mask->cells; n++) {
        gradient[n] -= settings->l1 / count;
        deleted += 1 - cells[n];
    }
    double variation = ocelot_mask_variation(mask, cells, settings->tv, gradient);
    return (f - task->at_reference) / task->drop + settings->l1 * deleted / count + settings->tv * variation;
}

/* The best mask, into cells: that of the descent, or 1 everywhere if it is no better. */
static void minimise(struct task *task)
{
    const struct perturbation_settings *settings = ocelot_view_settings(task->plan);
    size_t cells = task->p->mask.cells;
    double f = ocelot_view_decision(task->workspace, task->b)->output, best = INFINITY;
    const double rounding = 1e-12;
    task->drop = fabs(f - task->at_reference);
    for (size_t n = 0; n < cells; n++)
        task->cells[n] = 0.5;
    struct ocelot_descent descent = {cells, settings->iterations, 1e-6, objective, task, task->scratch};
    if (isfinite(task->drop) && task->drop > rounding * fmax(fabs(f), fabs(task->at_reference)))
        best = ocelot_descent_run(&descent, task->cells);
    if (!(best < (f - task->at_reference) / task->drop))
        for (size_t n = 0; n < cells; n++)
            task->cells[n] = 1;
}

static void answer(const struct task *task)
{
    const struct perturbation_settings *settings = ocelot_view_settings(task->plan);
    const struct ocelot_mask *mask = &task->p->mask;
    double f = ocelot_view_decision(task->workspace, task->b)->output, left = f, sum = 0, *relevance = task->gradient;
    size_t count = task->p->is_table ? mask->cells : mask->features;
    ocelot_mask_spread(mask, task->cells, task->spread);
    for (size_t n = 0; n < count; n++)
        sum += relevance[n] = 1 - (task->p->is_table ? task->cells[n] : task->spread[n]);
    if (strcmp(settings->scale, "drop") == 0 && sum > 0) {
        perturb(task);
        ocelot_view_evaluate(task->plan, task->workspace, task->b, task->point, 1, &left);
        for (size_t n = 0; n < count; n++)
            relevance[n] *= (f - left) / sum;
    }
    left = strcmp(settings->scale, "drop") == 0 ? left : 0;
    (task->p->is_table ? ocelot_view_answer_players : ocelot_view_answer)(task->plan, task->workspace, task->b, relevance, NULL, left);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct perturbation *p = ocelot_view_knowledge(plan);
    size_t d = p->mask.features;
    struct task task = {.plan = plan, .workspace = w, .p = p, .reference = ocelot_view_extra(w)};
    task.spread = task.reference + d;
    task.point = task.spread + d;
    task.gradient = task.point + d;
    task.cells = task.gradient + d;
    task.scratch = task.cells + p->mask.cells;
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(w, b)->status != OCELOT_OK)
            continue;
        task.b = b;
        task.x = x + b * d;
        ocelot_deletion_reference(&p->deletion, &p->mask, plan, w, task.x, task.spread, task.reference);
        ocelot_view_evaluate(plan, w, b, task.reference, 1, &task.at_reference);
        minimise(&task);
        answer(&task);
    }
}

const struct ocelot_explainer ocelot_explainer_meaningful_perturbation = {
    .method = {name, "the smallest smooth mask whose deletion destroys the output, found by minimisation", "gradient", "100 gradients (iterations)",
               "Fong 2017", options},
    .settings_size = sizeof(struct perturbation_settings),
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .run = run,
};
