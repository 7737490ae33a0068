/* The explainers of this room, one const struct each, listed once in table.c. */
#ifndef OCELOT_ANALYSIS_EXPLAINERS_H
#define OCELOT_ANALYSIS_EXPLAINERS_H

#include "ocelot/analysis.h"

extern const struct ocelot_explainer ocelot_explainer_shapley, ocelot_explainer_kernel_shap, ocelot_explainer_lime, ocelot_explainer_level;

extern const struct ocelot_explainer ocelot_explainer_fitted_additive, ocelot_explainer_meaningful_perturbation, ocelot_explainer_pattern,
    ocelot_explainer_prediction_difference;

/* Turns GSL's error handler off. Called by every `learn` (and public function) of this room before it uses GSL. */
void ocelot_analysis_quiet(void);

#endif
