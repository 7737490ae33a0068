#include <string.h>

#include "explain/explainer.h"

const struct ocelot_explainer *const ocelot_explainers[] = {
    &ocelot_explainer_dtd,
    &ocelot_explainer_dtd_conserving,
    &ocelot_explainer_lrp,
    &ocelot_explainer_excitation_backprop,
    &ocelot_explainer_contribution_propagation,
    &ocelot_explainer_guided_backprop,
    &ocelot_explainer_deconvnet,
    &ocelot_explainer_deeplift,
    &ocelot_explainer_pattern_net,
    &ocelot_explainer_pattern_attribution,
    &ocelot_explainer_cam,
    &ocelot_explainer_grad_cam,
    &ocelot_explainer_gradient,
    &ocelot_explainer_smooth_grad,
    &ocelot_explainer_gradient_x_input,
    &ocelot_explainer_taylor,
    &ocelot_explainer_integrated_gradients,
    &ocelot_explainer_additive,
    &ocelot_explainer_occlusion,
    &ocelot_explainer_nearest_neighbour,
    &ocelot_explainer_deviation,
    &ocelot_explainer_random,
    NULL,
};

const struct ocelot_explainer *ocelot_explainer_find(const char *name, const struct ocelot_explainer *const *others)
{
    const struct ocelot_explainer *const *tables[] = {ocelot_explainers, others};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct ocelot_explainer *const *e = tables[t]; e && *e; e++)
            if (strcmp((*e)->method.name, name) == 0)
                return *e;
    return NULL;
}

const struct ocelot_method *ocelot_method_at(size_t k)
{
    return k < sizeof ocelot_explainers / sizeof *ocelot_explainers - 1 ? &ocelot_explainers[k]->method : NULL;
}
