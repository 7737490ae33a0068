/* Integrals of the gradient along the segment from a root x~ to the row,
 *   R_i = (x_i - x~_i) integral_0^1 df/dx_i(x~ + t (x - x~)) dt  (Sundararajan 2017),
 * by Gauss-Legendre quadrature, or by the gradient at the row alone (t = 1): gradient-x-input, taylor, integrated-gradients and additive are this one
 * formula with other roots and nodes. f(x~) is absorbed; what the quadrature misses is the residual. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "explain/explainer.h"
#include "ops/ops.h"

enum { AUTOMATIC_NODES = 64 };

struct path_settings {
    const char *root;
    size_t nodes;
};

#define ROOT_OPTION                                                                                                                                  \
    {                                                                                                                                                \
        .name = "root", .type = OCELOT_OPTION_TEXT, .offset = offsetof(struct path_settings, root), .placeholder = "ROOT", .fallback = "auto",       \
        .summary =                                                                                                                                   \
            "where the path begins: zero, mean (of the background), expected (what the other features lead one to expect), nearest (weighted "       \
            "nearest normal pattern), reference (the model's own), row:N (of the background, from 0)"                                                \
    }

static const struct ocelot_option root_options[] = {ROOT_OPTION, {.name = NULL}};

static const struct ocelot_option path_options[] = {
    ROOT_OPTION,
    {.name = "nodes",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct path_settings, nodes),
     .placeholder = "N",
     .low = 0,
     .high = 1000,
     .summary = "Gauss-Legendre nodes of the path integral; 0 = exact where the kernel is a polynomial, else 64"},
    {.name = NULL},
};

static enum ocelot_status allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct path_settings *s = settings;
    (void)model;
    return ocelot_root_check("root", s->root, err);
}

/* What a plan knows: where the path begins and where the gradient is taken. */
struct path {
    struct ocelot_root root;
    size_t count;
    double *nodes, *weights; /* [count]; weights follow the nodes */
};

static void forget(void *knowledge)
{
    struct path *path = knowledge;
    if (!path)
        return;
    ocelot_root_close(&path->root);
    free(path->nodes);
    free(path);
}

/* `nodes` 0 = the row itself, t = 1. */
static enum ocelot_status learn(const struct ocelot_plan *plan, const char *chain, size_t nodes, void **knowledge, struct ocelot_error *err)
{
    const struct path_settings *s = plan->settings;
    struct path *path = ocelot_allocate(1, sizeof *path);
    if (!path)
        return ocelot_fail_memory(err, "the path");
    *knowledge = path;
    path->count = nodes ? nodes : 1;
    path->nodes = ocelot_allocate(2 * path->count, sizeof *path->nodes);
    if (!path->nodes)
        return ocelot_fail_memory(err, "the path");
    path->weights = path->nodes + path->count;
    path->nodes[0] = path->weights[0] = 1;
    if (nodes)
        ocelot_quadrature(nodes, path->nodes, path->weights);
    return ocelot_root_open(plan, "root", s->root, chain, &path->root, err);
}

/* Roots and relevance [batch][features], f at the roots [batch]. */
static size_t extra(const struct ocelot_plan *plan)
{
    return plan->batch * (2 * plan->model->feature_count + 1);
}

/* One batch at work. */
struct task {
    const struct path *path;
    const double *x, *roots;
    double *relevance, *at_root;
    size_t d;
};

static void place_root(void *task, size_t b, size_t k, double *point)
{
    const struct task *t = task;
    (void)k;
    memcpy(point, t->roots + b * t->d, t->d * sizeof *point);
}

/* A root where f overflows sets nothing aside. */
static void take_root(void *task, size_t b, size_t k, double value, const double *gradient)
{
    struct task *t = task;
    (void)k;
    (void)gradient;
    t->at_root[b] = isfinite(value) ? value : 0;
}

static void place_node(void *task, size_t b, size_t k, double *point)
{
    const struct task *t = task;
    const double *x = t->x + b * t->d, *root = t->roots + b * t->d;
    for (size_t i = 0; i < t->d; i++)
        point[i] = root[i] + t->path->nodes[k] * (x[i] - root[i]);
}

static void take_node(void *task, size_t b, size_t k, double value, const double *gradient)
{
    struct task *t = task;
    const double *x = t->x + b * t->d, *root = t->roots + b * t->d;
    (void)value;
    for (size_t i = 0; i < t->d; i++)
        t->relevance[b * t->d + i] += t->path->weights[k] * (x[i] - root[i]) * gradient[i];
}

/* f at the root of every row: a root that is the same for all is evaluated once. */
static void evaluate_roots(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, struct task *task)
{
    struct ocelot_points ends = {.per_row = 1, .place = place_root, .take = take_root, .task = task};
    if (!task->path->root.point) {
        ocelot_points_walk(plan, w, rows, &ends);
        return;
    }
    memcpy(w->f64.activation[0], task->path->root.point, task->d * sizeof *task->roots);
    ocelot_walk_forward(plan, w, 1);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            take_root(task, b, 0, w->f64.activation[plan->model->graph->count - 1][w->decision[b].target], NULL);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct path *path = plan->knowledge;
    size_t d = plan->model->feature_count;
    double *roots = w->extra, *relevance = roots + plan->batch * d, *at_root = relevance + plan->batch * d;
    struct task task = {.path = path, .x = x, .roots = roots, .relevance = relevance, .at_root = at_root, .d = d};
    struct ocelot_points nodes = {.per_row = path->count, .place = place_node, .take = take_node, .slopes = true, .task = &task};
    ocelot_root_rows(&path->root, plan, w, x, rows, roots);
    memset(relevance, 0, rows * d * sizeof *relevance);
    evaluate_roots(plan, w, rows, &task);
    ocelot_points_walk(plan, w, rows, &nodes);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            ocelot_view_answer(plan, w, b, relevance + b * d, NULL, at_root[b]);
}

/* --- the four methods: which roots suit each, best first, and how many nodes ------------------------------------------------------- */

/* As many nodes as asked for, or as make the integral exact, or 64. */
static size_t node_count(const struct ocelot_plan *plan)
{
    const struct path_settings *s = plan->settings;
    return s->nodes ? s->nodes : plan->model->reference_nodes ? plan->model->reference_nodes : AUTOMATIC_NODES;
}

static enum ocelot_status learn_input(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, "zero", 0, knowledge, err);
}

static enum ocelot_status learn_taylor(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, "reference nearest mean", node_count(plan), knowledge, err);
}

static enum ocelot_status learn_integrated(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, "mean reference zero", node_count(plan), knowledge, err);
}

static enum ocelot_status learn_additive(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, "mean reference zero", 0, knowledge, err);
}

/* Ops that are affine maps of their input besides those of that trait. */
static const struct ocelot_op *const plain[] = {&ocelot_op_scale, &ocelot_op_present, &ocelot_op_arrange};

static bool is_affine(const struct ocelot_node *node)
{
    bool affine = node->op->traits & (OCELOT_OP_AFFINE | OCELOT_OP_SOURCE);
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
        affine |= node->op == plain[k];
    return affine || (node->op == &ocelot_op_power && ocelot_power_degree(node) < 2);
}

static enum ocelot_status additive_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    for (size_t i = 0; i < model->graph->count; i++)
        if (!is_affine(model->graph->nodes[i]))
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                               "additive explains models that are sums of terms of single features, and layer %s (%s) of this model joins them: use "
                               "--method fitted-additive, which fits such a sum",
                               model->graph->nodes[i]->name, model->graph->nodes[i]->op->name);
    return allows(model, settings, err);
}

const struct ocelot_explainer ocelot_explainer_gradient_x_input = {
    .method = {"gradient-x-input", "gradient times the difference from a root (zero): Taylor's first term at the row, R_i = (x_i - x~_i) df/dx_i",
               "gradient", "1 gradient, 1 forward", "Bazen 2013; Shrikumar 2017", root_options},
    .settings_size = sizeof(struct path_settings),
    .is_signed = true,
    .allows = allows,
    .learn = learn_input,
    .forget = forget,
    .extra = extra,
    .run = run,
};

const struct ocelot_explainer ocelot_explainer_taylor = {
    .method = {"taylor",
               "integrated gradients from a root near the row: the model's reference point (kernels of dot products; exact for polynomials), or the "
               "nearest normal pattern",
               "gradient", "1 gradient a quadrature node", "Bazen 2013; Sundararajan 2017", path_options},
    .settings_size = sizeof(struct path_settings),
    .is_signed = true,
    .allows = allows,
    .learn = learn_taylor,
    .forget = forget,
    .extra = extra,
    .run = run,
};

const struct ocelot_explainer ocelot_explainer_integrated_gradients = {
    .method = {"integrated-gradients", "integral of the gradient along the way from a root (the mean of the background): sums to f(x) - f(root)",
               "gradient", "1 gradient a quadrature node (64)", "Sundararajan 2017", path_options},
    .settings_size = sizeof(struct path_settings),
    .is_signed = true,
    .allows = allows,
    .learn = learn_integrated,
    .forget = forget,
    .extra = extra,
    .run = run,
};

const struct ocelot_explainer ocelot_explainer_additive = {
    .method = {"additive", "exact terms of a model that is a sum of terms of single features, around the mean: R_i = w_i (x_i - mean_i)",
               "a linear model", "1 gradient, 1 forward", "Poulin 2006", root_options},
    .settings_size = sizeof(struct path_settings),
    .is_signed = true,
    .allows = additive_allows,
    .learn = learn_additive,
    .forget = forget,
    .extra = extra,
    .run = run,
};
