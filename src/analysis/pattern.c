/* pattern (Haufe 2014): what a linear model's weights cannot show, since they also serve to cancel distractors, its activation pattern does,
 *   a_i = cov(x_i, y) / var(y)   over the background rows, with y = f(x).
 * With the features in their standard deviations, ~x_i = (x_i - mean_i) / sd_i and ~a_i = a_i / sd_i,
 *   form=match:   R_i = ~a_i ~x_i / sum_k ~a_k^2     the least-squares estimate of y - mean y from x = a (y - mean y) + noise, term by term;
 *   form=signal:  R_i = ~a_i (y - mean y)            what the signal puts into feature i, in its standard deviations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/background.h"
#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"

static const char name[] = "pattern";

struct pattern_settings {
    const char *form;
};

static const struct ocelot_option options[] = {
    {.name = "form",
     .type = OCELOT_OPTION_CHOICE,
     .offset = offsetof(struct pattern_settings, form),
     .placeholder = "FORM",
     .fallback = "match",
     .choices = "match|signal",
     .summary = "match: the pattern instead of the weights, times the row; signal: the pattern times the centred output, in standard deviations"},
    {.name = NULL},
};

struct pattern {
    size_t features;
    double *mean;    /* [features] */
    double *factor;  /* [outputs][features]: of x_i - mean_i (match), of y - mean y (signal) */
    double *center;  /* [outputs]: mean y */
    double *numbers; /* all of these, owned */
};

static void forget(void *knowledge)
{
    struct pattern *pattern = knowledge;
    if (pattern)
        free(pattern->numbers);
    free(pattern);
}

static struct pattern *make(size_t features, size_t outputs)
{
    size_t total;
    struct pattern *pattern = ocelot_allocate(1, sizeof *pattern);
    if (!pattern || !ocelot_size_multiply(features, outputs + 2, &total) || !ocelot_size_add(total, outputs, &total) ||
        !(pattern->numbers = ocelot_allocate(total, sizeof *pattern->numbers))) {
        forget(pattern);
        return NULL;
    }
    pattern->features = features;
    pattern->mean = pattern->numbers;
    pattern->factor = pattern->mean + 2 * features; /* behind the deviations, which are needed while learning only */
    pattern->center = pattern->factor + features * outputs;
    return pattern;
}

/* cov(x_i, y) of one output, into cov [features]; rows that could not be scored do not count. */
static void covariances(const struct ocelot_background *background, const struct pattern *pattern, const double *y, size_t outputs, double center,
                        double *cov)
{
    memset(cov, 0, pattern->features * sizeof *cov);
    for (size_t r = 0; r < background->count; r++) {
        const double *row = background->rows + r * pattern->features;
        double signal = background->weights[r] * (y[r * outputs] - center);
        for (size_t i = 0; i < pattern->features && isfinite(signal); i++)
            cov[i] += signal * (row[i] - pattern->mean[i]);
    }
}

/* From covariances to what the row is multiplied with. */
static void scale(const struct pattern *pattern, double variance, bool match, double *factor)
{
    const double *deviation = pattern->mean + pattern->features;
    double energy = 0;
    for (size_t i = 0; i < pattern->features; i++) {
        factor[i] = deviation[i] > 0 && variance > 0 ? factor[i] / (variance * deviation[i]) : 0;
        energy += factor[i] * factor[i];
    }
    for (size_t i = 0; match && i < pattern->features; i++)
        factor[i] = energy > 0 && deviation[i] > 0 ? factor[i] / (energy * deviation[i]) : 0;
}

/* The pattern of output k; false where the output is the same on all rows. */
static bool fit(const struct ocelot_background *background, const struct pattern *pattern, const double *y, size_t outputs, size_t k, bool match)
{
    double weight = 0, sum = 0, squares = 0;
    for (size_t r = 0; r < background->count; r++)
        if (isfinite(y[r * outputs + k])) {
            weight += background->weights[r];
            sum += background->weights[r] * y[r * outputs + k];
        }
    double center = pattern->center[k] = weight > 0 ? sum / weight : 0;
    for (size_t r = 0; r < background->count; r++)
        if (isfinite(y[r * outputs + k]))
            squares += background->weights[r] * (y[r * outputs + k] - center) * (y[r * outputs + k] - center);
    const double rounding = 1e-10; /* of equal outputs, against their mean */
    bool varies = sqrt(squares) > rounding * fabs(center);
    double *factor = pattern->factor + k * pattern->features;
    covariances(background, pattern, y + k, outputs, center, factor);
    scale(pattern, varies ? squares : 0, match, factor);
    return varies;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct pattern_settings *settings = ocelot_view_settings(plan);
    enum ocelot_status status = ocelot_background_require(plan, name, 2, err);
    if (status != OCELOT_OK)
        return status;
    ocelot_analysis_quiet();
    struct ocelot_background background = ocelot_view_background(plan);
    size_t outputs = ocelot_background_targets(plan);
    double *y = NULL;
    bool varies = false;
    struct pattern *pattern = make(ocelot_background_features(plan), outputs);
    status = pattern ? ocelot_background_outputs(plan, &y, err) : ocelot_fail_memory(err, "the pattern");
    if (status == OCELOT_OK) {
        ocelot_background_moments(plan, pattern->mean, pattern->mean + pattern->features);
        for (size_t k = 0; k < outputs; k++)
            varies |= fit(&background, pattern, y, outputs, k, strcmp(settings->form, "match") == 0);
        if (!varies)
            status = ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                                 "pattern: the model says the same of every background row, so nothing varies together with it; give other rows");
    }
    free(y);
    if (status != OCELOT_OK) {
        forget(pattern);
        return status;
    }
    *knowledge = pattern;
    return OCELOT_OK;
}

static size_t extra(const struct ocelot_plan *plan)
{
    return ocelot_background_features(plan);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct pattern_settings *settings = ocelot_view_settings(plan);
    const struct pattern *pattern = ocelot_view_knowledge(plan);
    double *relevance = ocelot_view_extra(w);
    bool match = strcmp(settings->form, "match") == 0;
    size_t d = pattern->features;
    for (size_t b = 0; b < rows; b++) {
        const struct ocelot_decision *decision = ocelot_view_decision(w, b);
        if (decision->status != OCELOT_OK)
            continue;
        const double *factor = pattern->factor + decision->target * d;
        double center = pattern->center[decision->target];
        for (size_t i = 0; i < d; i++)
            relevance[i] = factor[i] * (match ? x[b * d + i] - pattern->mean[i] : decision->output - center);
        ocelot_view_answer(plan, w, b, relevance, NULL, match ? center : 0);
    }
}

const struct ocelot_explainer ocelot_explainer_pattern = {
    .method = {name, "what varies together with the output over normal rows, instead of the weights, which also cancel distractors",
               "background rows", "none; once: 1 a background row", "Haufe 2014", options},
    .settings_size = sizeof(struct pattern_settings),
    .is_signed = true,
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .run = run,
};
