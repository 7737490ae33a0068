/* One row judged: its explanation, what becomes of f while features are replaced, and how explanations change with the row and with the model. */
#include "ocelot/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/evaluator.h"
#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"

/* Values that one step holds in memory at most, unless a single row is wider: 16 MiB. */
enum { ROOM_VALUES = 1 << 21 };

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

/* --- the destroyed model --------------------------------------------------------------------------------------------------------- */

/* Relevance over the sign of its sum: what adds up to f changes its sign with f, and that is not what is asked. */
static void orient(double *relevance, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += relevance[i];
    for (size_t i = 0; i < n && sum < 0; i++)
        relevance[i] = -relevance[i];
}

static enum ocelot_status measure_randomisation(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                                struct ocelot_error *err)
{
    struct ocelot_explanation result = {.decision = e->decision, .relevance = e->other};
    enum ocelot_status status = ocelot_explain(e->destroyed, e->destroyed_workspace, subject->row, 1, &result, err);
    if (status)
        return status;
    orient(e->relevance, e->features);
    orient(e->other, e->features);
    out->value[OCELOT_MEASURE_RANDOMISATION] = ocelot_measure_rank_correlation(e->relevance, e->other, e->features, e->scratch);
    return OCELOT_OK;
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
    ocelot_evaluator_keep(out->relevance, e->relevance, e->features);
    bool finite = true;
    for (size_t i = 0; i < e->features; i++)
        finite = finite && isfinite(e->relevance[i]);
    if (out->status || !finite)
        return OCELOT_OK;
    measure_explanation(e, e->decision[0].output, out->value);
    if (subject->replacement)
        status = ocelot_evaluator_replace(e, subject, out, err);
    if (!status && subject->scale && e->options.copies)
        status = ocelot_evaluator_approach(e, subject, out, err);
    if (!status && subject->path)
        status = ocelot_evaluator_walk(e, subject, out, err);
    if (!status && e->destroyed)
        status = measure_randomisation(e, subject, out, err);
    return status;
}
