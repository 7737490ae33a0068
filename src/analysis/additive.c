/* fitted-additive (Caruana 2015): a generalised additive model of splines, fitted to f around the background rows (additive.h); its terms, each with
 * mean 0 over these rows, are the relevance: R_i = g_i(x_i). The constant is the intercept, the residual f - fit: what features do together. */
#include <stdlib.h>

#include "analysis/additive.h"
#include "analysis/background.h"
#include "analysis/explainers.h"
#include "base/error.h"

enum { MOST_FEATURES = 256 }; /* a fit solves (features * terms)^2 equations */

static const char name[] = "fitted-additive";

#define SETTING(field) offsetof(struct ocelot_additive_settings, field)

static const struct ocelot_option options[] = {
    {.name = "pieces",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(pieces),
     .placeholder = "N",
     .fallback = "8",
     .low = 1,
     .high = 100,
     .summary = "polynomial pieces of each spline"},
    {.name = "samples",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(samples),
     .placeholder = "N",
     .fallback = "0",
     .low = 0,
     .high = 10000000,
     .summary = "points that the model is asked for once; 0 = 10 a coefficient, at least 5000"},
    {.name = "widen",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(widen),
     .placeholder = "W",
     .fallback = "2",
     .low = 0,
     .high = 100,
     .summary = "how far beyond the normal range of a feature the splines reach, in such ranges; beyond they are straight"},
    {.name = "smoothing",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(smoothing),
     .placeholder = "S",
     .fallback = "0.01",
     .low = 0,
     .high = 1e12,
     .summary = "price of curvature"},
    {.name = "seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(seed),
     .placeholder = "N",
     .fallback = "1",
     .low = 0,
     .high = 4294967295,
     .summary = "of the points"},
    {.name = NULL},
};

static enum ocelot_status allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    (void)settings;
    ocelot_model_describe(model, &info);
    if (info.features > MOST_FEATURES)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s fits up to %d features, found %zu: use shapley or occlusion", name, (int)MOST_FEATURES,
                           info.features);
    return OCELOT_OK;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    struct ocelot_additive *additive = NULL;
    enum ocelot_status status = ocelot_background_require(plan, name, 2, err);
    ocelot_analysis_quiet();
    if (status == OCELOT_OK)
        status = ocelot_additive_fit(plan, ocelot_view_settings(plan), &additive, err);
    *knowledge = additive;
    return status;
}

static void forget(void *knowledge)
{
    ocelot_additive_free(knowledge);
}

static enum ocelot_status begin(const struct ocelot_plan *plan, void **state, struct ocelot_error *err)
{
    const struct ocelot_additive_settings *settings = ocelot_view_settings(plan);
    *state = ocelot_additive_basis(settings->pieces);
    return *state ? OCELOT_OK : ocelot_fail_memory(err, "the splines");
}

static void end(void *state)
{
    gsl_bspline_free(state);
}

static size_t extra(const struct ocelot_plan *plan)
{
    return ocelot_background_features(plan);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct ocelot_additive *additive = ocelot_view_knowledge(plan);
    gsl_bspline_workspace *basis = ocelot_view_state(w);
    double *relevance = ocelot_view_extra(w);
    size_t d = additive->features;
    for (size_t b = 0; b < rows; b++) {
        const struct ocelot_decision *decision = ocelot_view_decision(w, b);
        if (decision->status != OCELOT_OK)
            continue;
        for (size_t i = 0; i < d; i++)
            relevance[i] = ocelot_additive_term(additive, basis, decision->target, i, x[b * d + i]);
        ocelot_view_answer(plan, w, b, relevance, NULL, additive->intercept[decision->target]);
    }
}

const struct ocelot_explainer ocelot_explainer_fitted_additive = {
    .method = {name, "terms of an additive model of splines that is fitted to the output around normal rows", "background rows",
               "none; once: 110 a feature (samples)", "Caruana 2015", options},
    .settings_size = sizeof(struct ocelot_additive_settings),
    .is_signed = true,
    .allows = allows,
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .begin = begin,
    .end = end,
    .run = run,
};
