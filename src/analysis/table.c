#include "analysis/explainers.h"

#include <gsl/gsl_errno.h>

const struct ocelot_explainer *const ocelot_analysis_explainers[] = {
    &ocelot_explainer_level,
    &ocelot_explainer_shapley,
    &ocelot_explainer_kernel_shap,
    &ocelot_explainer_lime,
    &ocelot_explainer_prediction_difference,
    &ocelot_explainer_meaningful_perturbation,
    &ocelot_explainer_fitted_additive,
    &ocelot_explainer_pattern,
    NULL,
};

const struct ocelot_method *ocelot_analysis_method_at(size_t k)
{
    size_t core = 0;
    while (ocelot_method_at(core))
        core++;
    for (const struct ocelot_explainer *const *e = ocelot_analysis_explainers; k >= core && *e; e++)
        if (k == core++)
            return &(*e)->method;
    return ocelot_method_at(k);
}

void ocelot_analysis_quiet(void)
{
    gsl_set_error_handler_off();
}
