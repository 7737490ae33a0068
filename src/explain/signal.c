/* Guided backprop and the deconvolutional network: the gradient walk with another way back through rectifiers (rules/pass.h). What comes out is a
 * signal, not shares of f: the ledger enters f less its sum as residual. */
#include <string.h>

#include "explain/explainer.h"
#include "rules/pass.h"

void ocelot_seed_signal(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, bool output)
{
    size_t last = plan->model->graph->count - 1, size = plan->model->graph->nodes[last]->size;
    memset(w->f64.signal[last], 0, rows * size * sizeof *w->f64.signal[last]);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            w->f64.signal[last][b * size + w->decision[b].target] = output ? w->decision[b].output : 1;
}

/* A model without rectifiers would get the plain gradient under another name. */
static enum ocelot_status allows(const struct ocelot_model *model, const char *name, struct ocelot_error *err)
{
    for (size_t i = 0; i < model->graph->count; i++)
        if (model->graph->nodes[i]->op->traits & OCELOT_OP_RECTIFIER)
            return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                       "%s is defined at the ReLUs of a network, and this model (%s, kernel %s) has none, so it would be the gradient: use --method "
                       "gradient",
                       name, model->info.type, model->info.kernel);
}

static enum ocelot_status guided_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "guided-backprop", err);
}

static enum ocelot_status deconvnet_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "deconvnet", err);
}

static enum ocelot_status guided_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    (void)err;
    *rule = (struct ocelot_rule){.pass = ocelot_pass_guided.takes(node) ? &ocelot_pass_guided : NULL};
    return OCELOT_OK;
}

static enum ocelot_status deconvnet_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    (void)err;
    *rule = (struct ocelot_rule){.pass = ocelot_pass_deconvnet.takes(node) ? &ocelot_pass_deconvnet : NULL};
    return OCELOT_OK;
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    (void)x;
    ocelot_seed_signal(plan, w, rows, false);
    ocelot_walk_gradient(plan, w, rows);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            ocelot_answer_signal(plan, w, b, 0);
}

const struct ocelot_explainer ocelot_explainer_guided_backprop = {
    .method = {"guided-backprop", "gradient whose way back through a ReLU keeps positive signals at positive activations alone", "a ReLU",
               "1 forward, 1 backward", "Springenberg 2014", NULL},
    .is_signed = true,
    .allows = guided_allows,
    .rule = guided_rule,
    .run = run,
};

const struct ocelot_explainer ocelot_explainer_deconvnet = {
    .method = {"deconvnet", "gradient whose way back through a ReLU keeps positive signals, whatever the activation", "a ReLU",
               "1 forward, 1 backward", "Zeiler, Fergus 2014", NULL},
    .is_signed = true,
    .allows = deconvnet_allows,
    .rule = deconvnet_rule,
    .run = run,
};
