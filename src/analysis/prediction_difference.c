/* prediction-difference (Zintgraf 2017): R_i = f(x) - E[f | x without i], the expectation over values of player i that are drawn
 *   sampling=marginal      from the background rows by their weights; with at least as many samples as rows, over all of them exactly;
 *   sampling=conditional   given the other features, from the normal distribution that fits the background rows (conditional.h).
 * Every draw is made once, when the plan is: all rows and players meet the same ones. Standard error: of the mean of the draws. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "analysis/background.h"
#include "analysis/conditional.h"
#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"

enum { MOST_FEATURES = 1000 }; /* of conditional sampling, which inverts a features x features matrix */

static const char name[] = "prediction-difference";

struct difference_settings {
    const char *sampling;
    size_t samples, seed;
};

static const struct ocelot_option options[] = {
    {.name = "sampling",
     .type = OCELOT_OPTION_CHOICE,
     .offset = offsetof(struct difference_settings, sampling),
     .placeholder = "KIND",
     .fallback = "auto",
     .choices = "auto|conditional|marginal",
     .summary = "values of a feature given the others, or whatever the others are; auto: conditional up to 1000 features"},
    {.name = "samples",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct difference_settings, samples),
     .placeholder = "N",
     .fallback = "30",
     .low = 2,
     .high = 100000,
     .summary = "values drawn for each feature or group"},
    {.name = "seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct difference_settings, seed),
     .placeholder = "N",
     .fallback = "1",
     .low = 0,
     .high = 4294967295,
     .summary = "of the draws"},
    {.name = NULL},
};

struct difference {
    size_t features, samples;
    size_t *row;                            /* [samples], marginal: the background rows drawn */
    bool exact;                             /* they are all rows, each counting by its weight: no error */
    struct ocelot_conditional *conditional; /* or NULL */
};

static void forget(void *knowledge)
{
    struct difference *difference = knowledge;
    if (!difference)
        return;
    free(difference->row);
    ocelot_conditional_free(difference->conditional);
    free(difference);
}

static enum ocelot_status draw_rows(const struct ocelot_plan *plan, struct difference *difference, const gsl_rng *rng, struct ocelot_error *err)
{
    struct ocelot_background background = ocelot_view_background(plan);
    difference->exact = difference->samples >= background.count;
    if (difference->exact)
        difference->samples = background.count;
    difference->row = ocelot_allocate(difference->samples, sizeof *difference->row);
    double *urn = ocelot_background_urn(plan);
    if (!difference->row || !urn) {
        free(urn);
        return ocelot_fail_memory(err, "the drawn rows");
    }
    for (size_t k = 0; k < difference->samples; k++)
        difference->row[k] = difference->exact ? k : ocelot_background_draw(urn, background.count, gsl_rng_uniform(rng));
    free(urn);
    return OCELOT_OK;
}

static enum ocelot_status draw(const struct ocelot_plan *plan, struct difference *difference, gsl_rng *rng, struct ocelot_error *err)
{
    const struct difference_settings *settings = ocelot_view_settings(plan);
    bool marginal = strcmp(settings->sampling, "marginal") == 0;
    if (!marginal && difference->features > MOST_FEATURES) {
        if (strcmp(settings->sampling, "conditional") == 0)
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s draws given the other features up to %d of them, found %zu: use sampling=marginal",
                               name, (int)MOST_FEATURES, difference->features);
        marginal = true;
    }
    return marginal ? draw_rows(plan, difference, rng, err) : ocelot_conditional_learn(plan, difference->samples, rng, &difference->conditional, err);
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct difference_settings *settings = ocelot_view_settings(plan);
    enum ocelot_status status = ocelot_background_require(plan, name, 2, err);
    if (status != OCELOT_OK)
        return status;
    ocelot_analysis_quiet();
    struct difference *difference = ocelot_allocate(1, sizeof *difference);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (difference && rng) {
        gsl_rng_set(rng, settings->seed);
        difference->features = ocelot_background_features(plan);
        difference->samples = settings->samples;
        status = draw(plan, difference, rng, err);
    } else {
        status = ocelot_fail_memory(err, "the draws");
    }
    gsl_rng_free(rng);
    if (status != OCELOT_OK) {
        forget(difference);
        return status;
    }
    *knowledge = difference;
    return OCELOT_OK;
}

/* Points of one step and f there; of every player the mean and the sum of squared deviations; conditional mean and its scratch. */
static size_t extra(const struct ocelot_plan *plan)
{
    size_t d = ocelot_background_features(plan), total;
    return ocelot_size_multiply(ocelot_plan_batch(plan), d + 1, &total) && ocelot_size_add(total, 4 * d, &total) ? total : SIZE_MAX;
}

struct scratch {
    double *points, *values, *mean, *squares, *expected, *unit;
};

/* Draw k of player p in place of the row's values. */
static void place(const struct ocelot_plan *plan, const struct scratch *scratch, const double *x, size_t p, size_t k, double *point)
{
    const struct difference *difference = ocelot_view_knowledge(plan);
    const struct ocelot_conditional *conditional = difference->conditional;
    const size_t *of = ocelot_view_players(plan).of, d = difference->features;
    const double *row = conditional ? conditional->noise + k * d : ocelot_view_background(plan).rows + difference->row[k] * d;
    for (size_t i = 0; i < d; i++)
        point[i] = of[i] != p ? x[i] : conditional ? scratch->expected[i] + row[i] : row[i];
}

/* Adds draw k to the mean of player p and to its squared deviations (Welford's recurrence). */
static void add(const struct scratch *scratch, size_t p, size_t k, double value)
{
    double before = value - scratch->mean[p];
    scratch->mean[p] += before / (double)(k + 1);
    scratch->squares[p] += before * (value - scratch->mean[p]);
}

static void explain(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *x, const struct scratch *scratch)
{
    const struct difference *difference = ocelot_view_knowledge(plan);
    size_t players = ocelot_view_players(plan).count, d = difference->features, samples = difference->samples, batch = ocelot_plan_batch(plan);
    const double *weights = ocelot_view_background(plan).weights;
    double f = ocelot_view_decision(w, b)->output, draws = (double)samples;
    memset(scratch->mean, 0, d * sizeof *scratch->mean);
    memset(scratch->squares, 0, d * sizeof *scratch->squares);
    if (difference->conditional)
        ocelot_conditional_mean(difference->conditional, x, scratch->unit, scratch->expected);
    for (size_t start = 0, count; start < players * samples; start += count) {
        count = players * samples - start < batch ? players * samples - start : batch;
        for (size_t n = 0; n < count; n++)
            place(plan, scratch, x, (start + n) / samples, (start + n) % samples, scratch->points + n * d);
        ocelot_view_evaluate(plan, w, b, scratch->points, count, scratch->values);
        for (size_t n = 0; n < count; n++) {
            size_t p = (start + n) / samples, k = (start + n) % samples;
            if (difference->exact)
                scratch->mean[p] += weights[k] * (f - scratch->values[n]);
            else
                add(scratch, p, k, f - scratch->values[n]);
        }
    }
    for (size_t p = 0; p < players; p++)
        scratch->squares[p] = sqrt(scratch->squares[p] / (draws * (draws - 1)));
    ocelot_view_answer_players(plan, w, b, scratch->mean, scratch->squares, 0);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct difference *difference = ocelot_view_knowledge(plan);
    size_t d = difference->features, batch = ocelot_plan_batch(plan);
    double *at = ocelot_view_extra(w);
    struct scratch scratch = {.points = at, .values = at + batch * d};
    scratch.mean = scratch.values + batch;
    scratch.squares = scratch.mean + d;
    scratch.expected = scratch.squares + d;
    scratch.unit = scratch.expected + d;
    for (size_t b = 0; b < rows; b++)
        if (ocelot_view_decision(w, b)->status == OCELOT_OK)
            explain(plan, w, b, x + b * d, &scratch);
}

const struct ocelot_explainer ocelot_explainer_prediction_difference = {
    .method = {name, "drop of the output when a feature becomes unknown: an average over what it might have been", "background rows",
               "30 a feature (samples)", "Zintgraf 2017", options},
    .settings_size = sizeof(struct difference_settings),
    .is_signed = true,
    .samples = true,
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .run = run,
};
