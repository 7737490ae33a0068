/* One row judged: its explanation, what becomes of f while features are replaced, and how explanations change with the row and with the model. */
#include "ocelot/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"

/* Values that one step holds in memory at most, unless a single row is wider: 16 MiB. */
enum { ROOM_VALUES = 1 << 21 };

/* A block in the order of replacement: by relevance, ties by lot. */
struct ranked {
    double relevance;
    size_t lot, block;
};

struct ocelot_evaluator {
    const struct ocelot_plan *plan, *destroyed;
    struct ocelot_evaluate_options options;
    struct ocelot_workspace *workspace, *destroyed_workspace;
    gsl_rng *rng;
    size_t features, layers, room; /* rows that `points` holds */
    bool propagates, decides;      /* decides: a change of the decision means something */
    double *relevance, *other, *points, *scratch;
    struct ocelot_decision *decision; /* [room] */
    struct ocelot_ledger_entry *ledger;
    struct ranked *ranked;  /* [features] */
    size_t *order, *place;  /* [features] blocks in their order, and where each stands in it */
    double *curve, *random; /* [points] of the curve */
    double *trail, *pooled; /* [trail_points][features] and [trail_points][trail_parts] relevance along the path, made when a path is longer */
    struct ocelot_decision *trail_decision;
    size_t trail_points, trail_parts;
};

struct ocelot_evaluate_options ocelot_evaluate_options_default(void)
{
    return (struct ocelot_evaluate_options){.points = 129, .orders = 8, .copies = 8, .radius = 0.01, .seed = 1};
}

size_t ocelot_evaluator_points(const struct ocelot_evaluate_options *options, size_t blocks)
{
    return blocks + 1 < options->points ? blocks + 1 : options->points;
}

static bool allocate(struct ocelot_evaluator *e)
{
    size_t d = e->features, wide = d;
    e->room = ROOM_VALUES / d;
    e->room = e->room < 1 ? 1 : e->room > e->options.points ? e->options.points : e->room;
    bool fits = ocelot_size_multiply(e->room, d, &wide);
    e->relevance = ocelot_allocate(d, sizeof *e->relevance);
    e->other = ocelot_allocate(d, sizeof *e->other);
    e->points = fits ? ocelot_allocate(wide, sizeof *e->points) : NULL;
    e->scratch = ocelot_allocate(d, 2 * sizeof *e->scratch);
    e->decision = ocelot_allocate(e->room, sizeof *e->decision);
    e->ledger = ocelot_allocate(e->layers, sizeof *e->ledger);
    e->ranked = ocelot_allocate(d, sizeof *e->ranked);
    e->order = ocelot_allocate(d, sizeof *e->order);
    e->place = ocelot_allocate(d, sizeof *e->place);
    e->curve = ocelot_allocate(e->options.points, sizeof *e->curve);
    e->random = ocelot_allocate(e->options.points, sizeof *e->random);
    e->rng = gsl_rng_alloc(gsl_rng_mt19937);
    return e->relevance && e->other && e->points && e->scratch && e->decision && e->ledger && e->ranked && e->order && e->place && e->curve &&
           e->random && e->rng;
}

/* Whether the method is one whose ledger tells by itself what it left where, rather than by subtraction. */
static bool propagates(const struct ocelot_plan *plan)
{
    const char *name = ocelot_plan_method(plan);
    for (size_t k = 0; name && ocelot_method_at(k); k++)
        if (strcmp(ocelot_method_at(k)->name, name) == 0)
            return ocelot_method_at(k)->needs && strcmp(ocelot_method_at(k)->needs, "relevance") == 0;
    return false;
}

enum ocelot_status ocelot_evaluator_create(const struct ocelot_plan *plan, const struct ocelot_plan *destroyed,
                                           const struct ocelot_evaluate_options *options, struct ocelot_evaluator **out, struct ocelot_error *err)
{
    const struct ocelot_model *model = ocelot_view_model(plan);
    struct ocelot_model_info info;
    ocelot_analysis_quiet();
    if (options->points < 2)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "a curve of replacement has at least 2 points");
    struct ocelot_evaluator *e = ocelot_allocate(1, sizeof *e);
    if (!e)
        return ocelot_fail_memory(err, "the measurements");
    ocelot_model_describe(model, &info);
    e->plan = plan;
    e->destroyed = destroyed;
    e->options = *options;
    e->features = info.features;
    e->layers = ocelot_model_layers(model);
    e->propagates = propagates(plan);
    e->decides = info.type && strcmp(info.type, "epsilon_svr") != 0 && strcmp(info.type, "nu_svr") != 0;
    enum ocelot_status status = allocate(e) ? OCELOT_OK : ocelot_fail_memory(err, "the measurements");
    status = status ? status : ocelot_workspace_create(plan, &e->workspace, err);
    status = status || !destroyed ? status : ocelot_workspace_create(destroyed, &e->destroyed_workspace, err);
    if (status)
        ocelot_evaluator_free(e);
    else
        *out = e;
    return status;
}

void ocelot_evaluator_free(struct ocelot_evaluator *e)
{
    if (!e)
        return;
    void *const blocks[] = {e->relevance, e->other, e->points, e->scratch,        e->decision, e->ledger, e->ranked,
                            e->order,     e->curve, e->random, e->trail_decision, e->trail,    e->place,  e->pooled};
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
        free(blocks[k]);
    if (e->rng)
        gsl_rng_free(e->rng);
    ocelot_workspace_free(e->workspace);
    ocelot_workspace_free(e->destroyed_workspace);
    free(e);
}

/* --- conservation ---------------------------------------------------------------------------------------------------------------- */

/* What the ledger counts beside sum R. Of methods that do not propagate the residual is what is missing, by subtraction: no merit of theirs. */
static double set_aside(const struct ocelot_evaluator *e)
{
    double sum = 0;
    for (size_t k = 1; k < e->layers; k++) {
        const struct ocelot_ledger_entry *entry = &e->ledger[k];
        sum += entry->absorbed + (e->propagates ? entry->residual + entry->leaked + entry->absent : 0);
    }
    return sum;
}

static void measure_explanation(struct ocelot_evaluator *e, double f, double *value)
{
    double sum = 0;
    for (size_t i = 0; i < e->features; i++)
        sum += e->relevance[i];
    value[OCELOT_MEASURE_CONSERVATION] = fabs(sum - f) / fabs(f);
    value[OCELOT_MEASURE_COUNTED] = fabs(sum + set_aside(e) - f) / fabs(f);
    value[OCELOT_MEASURE_POSITIVITY] = ocelot_measure_positivity(e->relevance, e->features);
    value[OCELOT_MEASURE_SPARSENESS] = ocelot_measure_sparseness(e->relevance, e->features, e->scratch);
    value[OCELOT_MEASURE_ENTROPY] = ocelot_measure_entropy(e->relevance, e->features);
}

/* --- selectivity ----------------------------------------------------------------------------------------------------------------- */

static int most_relevant(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->relevance != y->relevance)
        return x->relevance > y->relevance ? -1 : 1;
    return (x->lot > y->lot) - (x->lot < y->lot);
}

static void shuffle(struct ocelot_evaluator *e, size_t blocks)
{
    for (size_t k = 0; k < blocks; k++)
        e->order[k] = k;
    gsl_ran_shuffle(e->rng, e->order, blocks, sizeof *e->order);
}

/* Blocks into `order`, by the sum of their relevance. */
static void rank_blocks(struct ocelot_evaluator *e, const struct ocelot_subject *subject)
{
    gsl_rng_set(e->rng, (unsigned long)e->options.seed);
    shuffle(e, subject->blocks);
    for (size_t k = 0; k < subject->blocks; k++)
        e->ranked[k] = (struct ranked){.relevance = 0, .lot = e->order[k], .block = k};
    for (size_t i = 0; i < e->features; i++)
        e->ranked[subject->block[i]].relevance += e->relevance[i];
    qsort(e->ranked, subject->blocks, sizeof *e->ranked, most_relevant);
    for (size_t k = 0; k < subject->blocks; k++)
        e->order[k] = e->ranked[k].block;
}

/* f while blocks are replaced in `order` into curve [points]; *needed receives the share of blocks after which the decision is another. */
static enum ocelot_status replace(struct ocelot_evaluator *e, const struct ocelot_subject *subject, size_t points, double *curve, double *needed,
                                  struct ocelot_error *err)
{
    size_t d = e->features, done = 0;
    struct ocelot_decision first = {.status = OCELOT_OK};
    *needed = NAN;
    for (size_t k = 0; k < subject->blocks; k++)
        e->place[e->order[k]] = k;
    while (done < points) {
        size_t count = points - done < e->room ? points - done : e->room;
        for (size_t k = 0; k < count; k++) {
            size_t gone = (done + k) * subject->blocks / (points - 1);
            for (size_t i = 0; i < d; i++)
                e->points[k * d + i] = e->place[subject->block[i]] < gone ? subject->replacement[i] : subject->row[i];
        }
        enum ocelot_status status = ocelot_score(e->plan, e->workspace, e->points, count, e->decision, err);
        if (status)
            return status;
        first = done == 0 ? e->decision[0] : first;
        bool outlier = !isnan(first.outlier_score), asks = e->decides && (!outlier || first.is_outlier);
        for (size_t k = 0; k < count; k++) {
            const struct ocelot_decision *now = &e->decision[k];
            curve[done + k] = now->output;
            if (asks && isnan(*needed) && now->status == OCELOT_OK && (outlier ? !now->is_outlier : now->predicted != first.predicted))
                *needed = (double)((done + k) * subject->blocks / (points - 1)) / (double)subject->blocks;
        }
        done += count;
    }
    return OCELOT_OK;
}

static void keep(double *to, const double *from, size_t n)
{
    if (to)
        memcpy(to, from, n * sizeof *to);
}

static enum ocelot_status measure_selectivity(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                              struct ocelot_error *err)
{
    size_t points = ocelot_evaluator_points(&e->options, subject->blocks), blocks = subject->blocks;
    double unused = 0;
    rank_blocks(e, subject);
    enum ocelot_status status = replace(e, subject, points, e->curve, &out->value[OCELOT_MEASURE_NEEDED], err);
    if (status)
        return status;
    out->value[OCELOT_MEASURE_SELECTIVITY] = ocelot_measure_area(e->curve, points);
    keep(out->curve, e->curve, points);
    for (size_t k = 0; k < blocks / 2; k++) {
        size_t swapped = e->order[k];
        e->order[k] = e->order[blocks - 1 - k];
        e->order[blocks - 1 - k] = swapped;
    }
    status = replace(e, subject, points, e->curve, &unused, err);
    if (status)
        return status;
    out->value[OCELOT_MEASURE_REVERSED] = ocelot_measure_area(e->curve, points);
    keep(out->reversed, e->curve, points);
    memset(e->random, 0, points * sizeof *e->random);
    gsl_rng_set(e->rng, (unsigned long)e->options.seed + 1);
    for (size_t n = 0; n < e->options.orders && !status; n++) {
        shuffle(e, blocks);
        status = replace(e, subject, points, e->curve, &unused, err);
        for (size_t k = 0; k < points; k++)
            e->random[k] += e->curve[k] / (double)e->options.orders;
    }
    out->value[OCELOT_MEASURE_RANDOM] = e->options.orders ? ocelot_measure_area(e->random, points) : (double)NAN;
    keep(out->random, e->random, points);
    return status;
}

/* --- continuity and sensitivity -------------------------------------------------------------------------------------------------- */

static double distance(const double *a, const double *b, size_t n)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

static enum ocelot_status measure_sensitivity(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
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

static enum ocelot_status measure_continuity(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
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

/* By size: relevance that adds up to f changes its sign with f, and that is not what is asked. */
static enum ocelot_status measure_randomisation(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                                struct ocelot_error *err)
{
    struct ocelot_explanation result = {.decision = e->decision, .relevance = e->other};
    enum ocelot_status status = ocelot_explain(e->destroyed, e->destroyed_workspace, subject->row, 1, &result, err);
    for (size_t i = 0; i < e->features && !status; i++) {
        e->relevance[i] = fabs(e->relevance[i]);
        e->other[i] = fabs(e->other[i]);
    }
    if (!status)
        out->value[OCELOT_MEASURE_RANDOMISATION] = ocelot_measure_rank_correlation(e->relevance, e->other, e->features, e->scratch);
    return status;
}

enum ocelot_status ocelot_evaluator_measure(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                            struct ocelot_error *err)
{
    struct ocelot_explanation result = {.decision = e->decision, .relevance = e->relevance, .ledger = e->ledger};
    enum ocelot_status status = ocelot_explain(e->plan, e->workspace, subject->row, 1, &result, err);
    for (size_t k = 0; k < OCELOT_MEASURE_COUNT; k++)
        out->value[k] = NAN;
    if (status)
        return status;
    out->status = e->decision[0].status;
    keep(out->relevance, e->relevance, e->features);
    bool finite = true;
    for (size_t i = 0; i < e->features; i++)
        finite = finite && isfinite(e->relevance[i]);
    if (out->status || !finite)
        return OCELOT_OK;
    measure_explanation(e, e->decision[0].output, out->value);
    if (subject->replacement)
        status = measure_selectivity(e, subject, out, err);
    if (!status && subject->scale && e->options.copies)
        status = measure_sensitivity(e, subject, out, err);
    if (!status && subject->path)
        status = measure_continuity(e, subject, out, err);
    if (!status && e->destroyed)
        status = measure_randomisation(e, subject, out, err);
    return status;
}
