/* The analysis library (link ocelot-analysis, which uses GSL and is thereby distributable under the GPL): explainers that sample, fit and minimise,
 * beside those of the core. Measures of explanations are in ocelot/evaluate.h, known culprits in ocelot/truth.h. */
#ifndef OCELOT_ANALYSIS_H
#define OCELOT_ANALYSIS_H

#include "ocelot/evaluate.h"
#include "ocelot/explainer.h"
#include "ocelot/plant.h"
#include "ocelot/superpixels.h"
#include "ocelot/truth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Its methods, NULL-terminated: give them to ocelot_plan_options.explainers. Making a plan with one of them turns GSL's error handler, which is one
 * for the whole process, off: it would abort. */
OCELOT_API extern const struct ocelot_explainer *const ocelot_analysis_explainers[];

/* Method k of both libraries, the core's first, or NULL past the last. */
OCELOT_API const struct ocelot_method *ocelot_analysis_method_at(size_t k);

#ifdef __cplusplus
}
#endif

#endif
