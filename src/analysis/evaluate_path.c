/* How much an explanation changes when the row changes a little: in a small box around it, and along a path. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/evaluator.h"
#include "base/error.h"
#include "base/size.h"

static double distance(const double *a, const double *b, size_t n)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

enum ocelot_status ocelot_evaluator_approach(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                             struct ocelot_error *err)
{
    size_t d = e->features;
    double size = 0, most = 0;
    for (size_t i = 0; i < d; i++)
        size += e->relevance[i] * e->relevance[i];
    gsl_rng_set(e->rng, (unsigned long)e->options.seed + 2);
    for (size_t k = 0; k < e->options.copies; k++) {
        struct ocelot_explanation result = {.decision = e->decision, .relevance = e->other};
        for (size_t i = 0; i < d; i++)
            e->scratch[i] = subject->row[i] + e->options.radius * subject->scale[i] * (2 * gsl_rng_uniform(e->rng) - 1);
        enum ocelot_status status = ocelot_explain(e->plan, e->workspace, e->scratch, 1, &result, err);
        if (status)
            return status;
        double change = distance(e->other, e->relevance, d);
        most = isnan(change) || change > most ? change : most;
        if (isnan(most))
            break;
    }
    out->value[OCELOT_MEASURE_SENSITIVITY] = size > 0 ? most / sqrt(size) : (double)NAN;
    return OCELOT_OK;
}

static enum ocelot_status grow(struct ocelot_evaluator *e, size_t points, size_t parts, struct ocelot_error *err)
{
    size_t size = 0, pooled = 0;
    if (points <= e->trail_points && parts <= e->trail_parts)
        return OCELOT_OK;
    bool fits = ocelot_size_multiply(points, e->features, &size) && ocelot_size_multiply(points, parts, &pooled);
    double *trail = fits ? ocelot_reallocate(e->trail, size, sizeof *trail) : NULL;
    e->trail = trail ? trail : e->trail;
    double *sums = fits ? ocelot_reallocate(e->pooled, pooled, sizeof *sums) : NULL;
    e->pooled = sums ? sums : e->pooled;
    struct ocelot_decision *decision = ocelot_reallocate(e->trail_decision, points, sizeof *decision);
    e->trail_decision = decision ? decision : e->trail_decision;
    if (!trail || !sums || !decision)
        return ocelot_fail_memory(err, "the path");
    e->trail_points = points;
    e->trail_parts = parts;
    return OCELOT_OK;
}

/* Relevance of the parts at every point of the path into `pooled`. */
static void pool(const struct ocelot_evaluator *e, const struct ocelot_subject *subject)
{
    size_t d = e->features, parts = subject->parts;
    memset(e->pooled, 0, subject->points * parts * sizeof *e->pooled);
    for (size_t k = 0; k < subject->points; k++)
        for (size_t i = 0; i < d; i++)
            e->pooled[k * parts + subject->part[i]] += e->trail[k * d + i];
}

/* What is drawn: over the mean of sum |R|. */
static void draw(const struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out)
{
    double size = 0;
    for (size_t n = 0; n < subject->points * e->features; n++)
        size += fabs(e->trail[n]) / (double)subject->points;
    for (size_t n = 0; out->trace && n < subject->points * subject->parts; n++)
        out->trace[n] = e->pooled[n] / size;
    for (size_t k = 0; k < subject->points && out->output; k++)
        out->output[k] = e->trail_decision[k].output;
}

/* The explanation that continuity is compared with: f, handed out by what is unusual; in place of the relevance along the path. */
static void refer(struct ocelot_evaluator *e, const struct ocelot_subject *subject)
{
    size_t d = e->features;
    for (size_t k = 0; k < subject->points; k++) {
        double sum = 0, *share = e->trail + k * d;
        for (size_t i = 0; i < d; i++) {
            share[i] = fabs(subject->path[k * d + i] - subject->replacement[i]);
            sum += share[i];
        }
        for (size_t i = 0; i < d; i++)
            share[i] = sum > 0 ? e->trail_decision[k].output * share[i] / sum : 0;
    }
}

static double slope(struct ocelot_evaluator *e, const struct ocelot_subject *subject, bool pooled, double *jump)
{
    return ocelot_measure_continuity(subject->path, e->features, pooled ? e->pooled : e->trail, pooled ? subject->parts : e->features,
                                     subject->points, jump);
}

enum ocelot_status ocelot_evaluator_walk(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                         struct ocelot_error *err)
{
    bool parts = subject->part && subject->parts, pooled = subject->pool && parts;
    double unused = 0;
    enum ocelot_status status = grow(e, subject->points, subject->parts, err);
    struct ocelot_explanation result = {.decision = e->trail_decision, .relevance = e->trail};
    status = status ? status : ocelot_explain(e->plan, e->workspace, subject->path, subject->points, &result, err);
    if (status)
        return status;
    if (parts) {
        pool(e, subject);
        draw(e, subject, out);
    }
    out->value[OCELOT_MEASURE_CONTINUITY] = slope(e, subject, pooled, &out->value[OCELOT_MEASURE_JUMP]);
    if (subject->replacement) {
        refer(e, subject);
        if (pooled)
            pool(e, subject);
        out->value[OCELOT_MEASURE_STEEPNESS] = out->value[OCELOT_MEASURE_CONTINUITY] / slope(e, subject, pooled, &unused);
    }
    return OCELOT_OK;
}
