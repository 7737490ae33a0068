/* Propagation methods of the field that are relevance walks with one rule for all layers. */
#include "explain/explainer.h"

/* Both share out what a layer of weights gives: without one there is nothing that they would do. */
static enum ocelot_status allows(const struct ocelot_model *model, const char *name, struct ocelot_error *err)
{
    for (size_t i = 0; i < model->graph->count; i++)
        if (model->graph->nodes[i]->op->traits & OCELOT_OP_AFFINE)
            return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s is defined on layers of weights, and this model (%s, kernel %s) has none: use --method %s",
                       name, model->info.type, model->info.kernel, model->info.method ? model->info.method : "gradient");
}

static enum ocelot_status excitation_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "excitation-backprop", err);
}

static enum ocelot_status contribution_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "contribution-propagation", err);
}

static enum ocelot_status excitation_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    return ocelot_composite_rule(ocelot_composite_find("excitation-backprop"), node, rule, err);
}

static enum ocelot_status contribution_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    return ocelot_composite_rule(ocelot_composite_find("lrp-0"), node, rule, err);
}

const struct ocelot_explainer ocelot_explainer_excitation_backprop = {
    .method = {"excitation-backprop", "marginal winning probabilities, times the output: shares by positive weights alone, biases left out",
               "relevance", "1 forward, 2 to 4 products a layer", "Zhang 2016", NULL},
    .is_signed = true,
    .allows = excitation_allows,
    .rule = excitation_rule,
    .extra = ocelot_sides_extra,
    .run = ocelot_propagate,
};

const struct ocelot_explainer ocelot_explainer_contribution_propagation = {
    .method = {"contribution-propagation", "signed shares of the pre-activations, layer by layer, without a stabiliser", "relevance",
               "1 forward, 2 products a layer", "Landecker 2013", NULL},
    .is_signed = true,
    .allows = contribution_allows,
    .rule = contribution_rule,
    .extra = ocelot_sides_extra,
    .run = ocelot_propagate,
};
