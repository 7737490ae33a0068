/* level: which values are off, for incidents. Deep Taylor decomposition of the same support vectors and weights, pooled so softly that nearly all of
 * them speak, with deviations in units in which features can be compared:
 *   R_i = R'_i (s_i / unit_i)^2,  R' = dtd at gamma / 1000, s_i the spread that the model scales by (1 / factor).
 * Near the data R' is gamma / 1000 sum_j w_j (x_i - u_ij)^2. It does not decompose the model's score, which stays what decides; the difference is
 * residual. How the two numbers were found: docs/truth.md. */
#include <math.h>
#include <stdlib.h>

#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"
#include "ocelot/svm.h"

/* Anything from 300 on ranks alike. */
static const double SOFTER = 1000;

/* What a plan learns. */
struct level {
    struct ocelot_model *view;
    struct ocelot_plan *plan;
    size_t features;
    double *factor; /* [features] (s_i / unit_i)^2 */
};

/* What a workspace holds. */
struct state {
    struct ocelot_workspace *workspace;
    struct ocelot_decision *decision; /* [batch] */
    double *relevance;                /* [batch][features] */
};

static void forget(void *knowledge)
{
    struct level *level = knowledge;
    if (!level)
        return;
    ocelot_plan_free(level->plan);
    ocelot_model_free(level->view);
    free(level->factor);
    free(level);
}

/* A feature that the scaling drops has no relevance to begin with. */
static enum ocelot_status find_factors(struct level *level, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    ocelot_model_describe(level->view, &info);
    level->features = info.features;
    level->factor = ocelot_allocate(level->features, sizeof *level->factor);
    if (!level->factor)
        return ocelot_fail_memory(err, "the level view");
    for (size_t i = 0; i < level->features; i++) {
        struct ocelot_feature feature = ocelot_model_feature(level->view, i);
        double ratio = feature.factor == 0 ? 1 : 1 / (feature.factor * feature.unit);
        level->factor[i] = ratio * ratio;
    }
    return OCELOT_OK;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct level *level = ocelot_allocate(1, sizeof *level);
    if (!level)
        return ocelot_fail_memory(err, "the level view");
    options.method = "dtd";
    ocelot_view_inherit(plan, &options);
    enum ocelot_status status = ocelot_svm_soften(ocelot_view_model(plan), 1 / SOFTER, &level->view, err);
    if (status == OCELOT_OK)
        status = find_factors(level, err);
    if (status == OCELOT_OK)
        status = ocelot_plan_create(level->view, &options, &level->plan, err);
    if (status != OCELOT_OK) {
        forget(level);
        return status;
    }
    *knowledge = level;
    return OCELOT_OK;
}

static void end(void *data)
{
    struct state *state = data;
    if (!state)
        return;
    ocelot_workspace_free(state->workspace);
    free(state->decision);
    free(state->relevance);
    free(state);
}

static enum ocelot_status begin(const struct ocelot_plan *plan, void **out, struct ocelot_error *err)
{
    const struct level *level = ocelot_view_knowledge(plan);
    size_t batch = ocelot_plan_batch(plan), total = 0;
    struct state *state = ocelot_allocate(1, sizeof *state);
    if (!state)
        return ocelot_fail_memory(err, "a workspace");
    state->decision = ocelot_allocate(batch, sizeof *state->decision);
    state->relevance = ocelot_size_multiply(batch, level->features, &total) ? ocelot_allocate(total, sizeof *state->relevance) : NULL;
    bool room = state->decision && state->relevance;
    enum ocelot_status status = room ? ocelot_workspace_create(level->plan, &state->workspace, err) : ocelot_fail_memory(err, "a workspace");
    if (status != OCELOT_OK) {
        end(state);
        return status;
    }
    *out = state;
    return OCELOT_OK;
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct level *level = ocelot_view_knowledge(plan);
    struct state *state = ocelot_view_state(w);
    struct ocelot_explanation out = {.decision = state->decision, .relevance = state->relevance};
    /* The workspace belongs to its plan, so the call cannot fail; rows that are no numbers come back as NaN. */
    if (ocelot_explain(level->plan, state->workspace, x, rows, &out, NULL) != OCELOT_OK)
        return;
    for (size_t b = 0; b < rows; b++) {
        double *relevance = state->relevance + b * level->features;
        for (size_t i = 0; i < level->features; i++)
            relevance[i] *= level->factor[i];
        if (ocelot_view_decision(w, b)->status == OCELOT_OK)
            ocelot_view_answer(plan, w, b, relevance, NULL, 0);
    }
}

static const struct ocelot_option no_options[] = {{.name = NULL}};

const struct ocelot_explainer ocelot_explainer_level = {
    .method = {"level",
               "how far each value is off, whatever the others are: dtd of the same support vectors pooled softly; ranks the features of incidents",
               "a one-class model on rows, with a kernel of a distance", "1 forward, 1 backward", "this project: docs/truth.md", no_options},
    .is_signed = true, /* shares are of its own sum: it does not decompose the model's score */
    .learn = learn,
    .forget = forget,
    .begin = begin,
    .end = end,
    .run = run,
};
