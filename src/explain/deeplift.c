/* deeplift: contributions of differences to a reference row x', by the rescale rule,
 *   R_i = m_i (x_i - x'_i),   sum_i R_i = f(x) - f(x')  on every model
 * with multipliers m that go back through a layer as (y - y') / (x - x') in place of the slope (rules/pass.h, and `difference` of the ops that join
 * inputs). The reference of each row is forwarded in the same batch, behind the rows. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "explain/explainer.h"
#include "rules/pass.h"

struct deeplift_settings {
    const char *root;
};

static const struct ocelot_option options[] = {
    {.name = "root",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct deeplift_settings, root),
     .placeholder = "ROOT",
     .fallback = "auto",
     .summary = "the reference row: zero, mean (of the background), expected, nearest, reference, or row:N of the background; auto = expected, else "
                "reference, mean, zero"},
    {.name = NULL},
};

static enum ocelot_status allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct deeplift_settings *s = settings;
    (void)model;
    return ocelot_root_check("root", s->root, err);
}

static enum ocelot_status rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *out, struct ocelot_error *err)
{
    (void)settings;
    /* at the input the pass is never asked, but it is what makes room for the references, also where no other layer takes it */
    bool input = node->op->traits & OCELOT_OP_SOURCE;
    *out = (struct ocelot_rule){.pass = input || ocelot_pass_rescale.takes(node) ? &ocelot_pass_rescale : NULL};
    if (ocelot_node_has_difference(node))
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "deeplift has no multipliers for layer %s (%s): networks are explained before it", node->name,
                       node->op->name);
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct deeplift_settings *s = plan->settings;
    struct ocelot_root *root = ocelot_allocate(1, sizeof *root);
    *knowledge = root;
    if (!root)
        return ocelot_fail_memory(err, "the reference");
    return ocelot_root_open(plan, "root", s->root, "expected reference mean zero", root, err);
}

static void forget(void *knowledge)
{
    if (knowledge)
        ocelot_root_close(knowledge);
    free(knowledge);
}

/* References of the batch. */
static size_t extra(const struct ocelot_plan *plan)
{
    return plan->batch * plan->model->feature_count;
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    size_t d = plan->model->feature_count, last = plan->model->graph->count - 1, size = plan->model->graph->nodes[last]->size;
    double *roots = w->extra, *multipliers = w->f64.signal[0];
    ocelot_root_rows(plan->knowledge, plan, w, x, rows, roots);
    for (size_t b = 0; b < rows; b++) /* a row that cannot be scored must not be read: its reference stands for it */
        memcpy(w->f64.activation[0] + b * d, (w->decision[b].status == OCELOT_OK ? x : roots) + b * d, d * sizeof *x);
    memcpy(w->f64.activation[0] + rows * d, roots, rows * d * sizeof *x);
    ocelot_walk_forward(plan, w, 2 * rows);
    ocelot_seed_signal(plan, w, rows, false);
    ocelot_walk_gradient(plan, w, rows);
    for (size_t b = 0; b < rows; b++) {
        if (w->decision[b].status != OCELOT_OK)
            continue;
        for (size_t i = 0; i < d; i++)
            multipliers[b * d + i] *= x[b * d + i] - roots[b * d + i];
        ocelot_answer_signal(plan, w, b, w->f64.activation[last][(rows + b) * size + w->decision[b].target]);
    }
}

const struct ocelot_explainer ocelot_explainer_deeplift = {
    .method = {"deeplift", "differences to a reference row, sent back by quotients of differences (rescale rule); they sum to f(x) - f(x')",
               "nothing", "2 forward, 1 backward", "Shrikumar 2017", options},
    .settings_size = sizeof(struct deeplift_settings),
    .is_signed = true,
    .allows = allows,
    .rule = rule,
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .run = run,
};
