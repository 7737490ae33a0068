/* Methods judged one after another, each with its rows shared among threads; what is found does not depend on their number. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/size.h"
#include "ocelot/evaluation.h"
#include "shell/progress.h"
#include "stream/pool.h"

/* One method with one target at work. */
struct work {
    const struct ocelot_evaluation *evaluation;
    struct ocelot_contender *contender;
    struct ocelot_plan *plan, *destroyed;
    const size_t *part;                  /* [features] */
    size_t *member, members;             /* rows with this target */
    double *curve;                       /* [rows][3][points] */
    struct ocelot_evaluator **evaluator; /* [threads] */
    double **path;                       /* [threads] */
    enum ocelot_status *status;          /* [threads] */
    struct ocelot_error *err;            /* [threads] */
    struct ocelot_evaluate_options options;
};

/* Processor time, which does not mind what else the machine does. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void judge_row(void *context, size_t worker, size_t piece)
{
    struct work *work = context;
    const struct ocelot_evaluation *evaluation = work->evaluation;
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    struct ocelot_contender *contender = work->contender;
    size_t features = evaluation->info.features, r = work->member[piece], points = evaluation->points;
    if (work->status[worker]) {
        return;
    }
    bool disturbed = r < rows->disturbed;
    struct ocelot_subject subject = {.row = rows->values + r * features,
                                     .replacement = rows->replacement + r * features,
                                     .block = rows->block,
                                     .blocks = rows->blocks,
                                     .scale = disturbed ? rows->scale + r * features : NULL};
    struct ocelot_measured measured = {.curve = work->curve + (3 * r) * points,
                                       .reversed = work->curve + (3 * r + 1) * points,
                                       .random = work->curve + (3 * r + 2) * points,
                                       .relevance = r < OCELOT_EVALUATE_PICTURES ? contender->relevance + r * features : NULL};
    if (disturbed && rows->points) {
        ocelot_evaluate_path(rows, features, r, work->path[worker]);
        subject.path = work->path[worker];
        subject.points = rows->points;
        subject.part = work->part;
        subject.parts = rows->parts;
        subject.pool = rows->height > 0;
        measured.trace = r == 0 ? contender->trace : NULL;
        measured.output = r == 0 ? contender->output : NULL;
    }
    work->status[worker] = ocelot_evaluator_measure(work->evaluator[worker], &subject, &measured, &work->err[worker]);
    memcpy(contender->value + r * OCELOT_MEASURE_COUNT, measured.value, sizeof measured.value);
}

/* One explanation of every row, serially: what it costs. Quick ones are repeated, and the shortest time counts. */
static enum ocelot_status take_time(struct work *work, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &work->evaluation->rows;
    size_t features = work->evaluation->info.features, size = 0, forward = 0, backward = 0, count = work->members;
    struct ocelot_workspace *workspace = NULL;
    double *packed = ocelot_size_multiply(count, features, &size) ? ocelot_allocate(size, sizeof *packed) : NULL;
    double *relevance = packed ? ocelot_allocate(size, sizeof *relevance) : NULL;
    struct ocelot_decision *decision = ocelot_allocate(count, sizeof *decision);
    struct ocelot_explanation result = {.decision = decision, .relevance = relevance};
    enum ocelot_status status =
        packed && relevance && decision ? ocelot_workspace_create(work->plan, &workspace, err) : ocelot_fail_memory(err, "the rows");
    for (size_t k = 0; k < count && !status && packed; k++) {
        memcpy(packed + k * features, rows->values + work->member[k] * features, features * sizeof *packed);
    }
    double best = INFINITY, begun = now();
    for (size_t n = 0; n < 50 && !status && (n == 0 || (!work->evaluation->settings->no_times && now() - begun < 0.02)); n++) {
        double start = now();
        status = ocelot_explain(work->plan, workspace, packed, count, &result, err);
        best = fmin(best, now() - start);
        if (n == 0) {
            ocelot_workspace_walks(workspace, &forward, &backward);
        }
    }
    work->contender->seconds += best / (double)rows->count;
    work->contender->forward += (double)forward / (double)rows->count;
    work->contender->backward += (double)backward / (double)rows->count;
    ocelot_workspace_free(workspace);
    free(decision);
    free(relevance);
    free(packed);
    return status;
}

static enum ocelot_status judge_rows(struct work *work, struct ocelot_pool *pool, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &work->evaluation->rows;
    size_t threads = ocelot_pool_threads(pool), size = 0;
    enum ocelot_status status = OCELOT_OK;
    for (size_t t = 0; t < threads && !status; t++) {
        work->status[t] = OCELOT_OK;
        work->err[t] = (struct ocelot_error){.status = OCELOT_OK};
        status = ocelot_evaluator_create(work->plan, work->destroyed, &work->options, &work->evaluator[t], err);
        bool fits = ocelot_size_multiply(rows->points, work->evaluation->info.features, &size);
        work->path[t] = status || !fits ? NULL : ocelot_allocate(size, sizeof *work->path[t]);
        status = status || work->path[t] ? status : ocelot_fail_memory(err, "the paths");
    }
    if (!status) {
        ocelot_pool_run(pool, work->members, judge_row, work);
    }
    for (size_t t = 0; t < threads; t++) {
        if (!status && work->status[t]) {
            status = ocelot_fail(err, work->status[t], "%s", work->err[t].message);
        }
        ocelot_evaluator_free(work->evaluator[t]);
        free(work->path[t]);
        work->evaluator[t] = NULL;
        work->path[t] = NULL;
    }
    return status;
}

/* The rows whose target is that of row `first`; none where an earlier row had it. */
static void gather(struct work *work, size_t first)
{
    const struct ocelot_evaluate_rows *rows = &work->evaluation->rows;
    work->members = 0;
    for (size_t r = 0; r < first; r++) {
        if (rows->target[r] == rows->target[first]) {
            return;
        }
    }
    for (size_t r = first; r < rows->count; r++) {
        if (rows->target[r] == rows->target[first]) {
            work->member[work->members++] = r;
        }
    }
}

/* Mean curves, of the rows whose curves are whole. */
static void average(const struct work *work)
{
    const struct ocelot_evaluation *evaluation = work->evaluation;
    size_t points = evaluation->points, whole = 0;
    double *mean = work->contender->curve;
    for (size_t r = 0; r < evaluation->rows.count; r++) {
        const double *curve = work->curve + 3 * r * points;
        bool finite = true;
        for (size_t k = 0; k < 3 * points; k++) {
            finite = finite && isfinite(curve[k]);
        }
        for (size_t k = 0; k < 3 * points && finite; k++) {
            mean[k] += curve[k];
        }
        whole += finite;
    }
    for (size_t k = 0; k < 3 * points; k++) {
        mean[k] = whole ? mean[k] / (double)whole : (double)NAN;
    }
}

static bool make_room(const struct ocelot_evaluation *evaluation, struct ocelot_contender *contender)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    size_t values = rows->count * OCELOT_MEASURE_COUNT, points = rows->points ? rows->points : 1;
    contender->value = ocelot_allocate(values, sizeof *contender->value);
    contender->curve = ocelot_allocate(3 * evaluation->points, sizeof *contender->curve);
    contender->trace = ocelot_allocate(points * OCELOT_EVALUATE_PARTS, sizeof *contender->trace);
    contender->output = ocelot_allocate(points, sizeof *contender->output);
    contender->relevance = ocelot_allocate(evaluation->info.features, OCELOT_EVALUATE_PICTURES * sizeof *contender->relevance);
    return contender->value && contender->curve && contender->trace && contender->output && contender->relevance;
}

/* A method that cannot be had for this model is no failure of the run. */
static enum ocelot_status refuse(struct ocelot_contender *contender, enum ocelot_status status, const struct ocelot_error *why,
                                 struct ocelot_error *err)
{
    if (status == OCELOT_E_MEMORY) {
        return ocelot_fail(err, status, "%s", why->message);
    }
    contender->refused = ocelot_copy_text(why->message, strlen(why->message));
    return contender->refused ? OCELOT_OK : ocelot_fail_memory(err, "the methods");
}

static enum ocelot_status judge(struct work *work, struct ocelot_pool *pool, struct ocelot_error *err)
{
    const struct ocelot_evaluation *evaluation = work->evaluation;
    struct ocelot_contender *contender = work->contender;
    enum ocelot_status status = make_room(evaluation, contender) ? OCELOT_OK : ocelot_fail_memory(err, "the measurements");
    for (size_t r = 0; r < evaluation->rows.count && !status && !contender->refused; r++) {
        struct ocelot_error why = {.status = OCELOT_OK}, unused = {.status = OCELOT_OK};
        gather(work, r);
        if (work->members == 0) {
            continue;
        }
        status = ocelot_evaluate_plan(evaluation, contender, evaluation->rows.target[r], 0, &work->plan, &why);
        if (status) {
            status = refuse(contender, status, &why, err);
            continue;
        }
        if (ocelot_evaluate_plan(evaluation, contender, evaluation->rows.target[r], evaluation->settings->seed + 1, &work->destroyed, &unused)) {
            work->destroyed = NULL; /* a method that the destroyed model does not have: not measured */
        }
        status = take_time(work, err);
        status = status ? status : judge_rows(work, pool, err);
        ocelot_plan_free(work->destroyed);
        ocelot_plan_free(work->plan);
        work->plan = work->destroyed = NULL;
    }
    if (!status && !contender->refused) {
        average(work);
    }
    return status;
}

/* What scoring a row costs, to compare with. */
static enum ocelot_status time_scoring(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_contender own = {.name = NULL};
    struct ocelot_evaluate_rows *rows = &evaluation->rows;
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    double best = INFINITY, begun = now();
    enum ocelot_status status = ocelot_evaluate_plan(evaluation, &own, SIZE_MAX, 0, &plan, err);
    status = status ? status : ocelot_workspace_create(plan, &workspace, err);
    for (size_t n = 0; n < 50 && !status && (n == 0 || now() - begun < 0.02); n++) {
        double start = now();
        status = ocelot_score(plan, workspace, rows->values, rows->count, rows->decision, err);
        best = fmin(best, now() - start);
    }
    rows->score_seconds = best / (double)rows->count;
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return status;
}

static enum ocelot_status judge_all(struct ocelot_evaluation *evaluation, struct work *work, struct ocelot_pool *pool, struct ocelot_error *err)
{
    struct ocelot_progress progress;
    size_t curves = 3 * evaluation->rows.count * evaluation->points;
    enum ocelot_status status = OCELOT_OK;
    ocelot_progress_start(&progress, evaluation->settings->stream.quiet);
    for (size_t k = 0; k < evaluation->contender_count && !status && work->curve; k++) {
        work->contender = &evaluation->contenders[k];
        memset(work->curve, 0, curves * sizeof *work->curve);
        ocelot_progress_show(&progress, (double)k / (double)evaluation->contender_count, k);
        status = judge(work, pool, err);
    }
    ocelot_progress_end(&progress);
    return status;
}

enum ocelot_status ocelot_evaluate_run(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    size_t features = evaluation->info.features, rows = evaluation->rows.count, wanted = settings->stream.threads;
    struct ocelot_pool *pool = NULL;
    struct work work = {.evaluation = evaluation};
    work.options = (struct ocelot_evaluate_options){.points = settings->points + 1,
                                                    .orders = settings->orders,
                                                    .copies = settings->small_copies,
                                                    .radius = settings->radius,
                                                    .seed = settings->seed};
    evaluation->points = ocelot_evaluator_points(&work.options, evaluation->rows.blocks);
    enum ocelot_status status = ocelot_pool_create(wanted ? wanted : ocelot_processors(), &pool, err);
    if (status) {
        return status;
    }
    size_t threads = ocelot_pool_threads(pool), *part = ocelot_allocate(features, sizeof *part);
    work.part = part;
    work.member = ocelot_allocate(rows, sizeof *work.member);
    work.curve = ocelot_allocate(rows * evaluation->points, 3 * sizeof *work.curve);
    work.evaluator = ocelot_allocate(threads, sizeof *work.evaluator);
    work.path = ocelot_allocate(threads, sizeof *work.path);
    work.status = ocelot_allocate(threads, sizeof *work.status);
    work.err = ocelot_allocate(threads, sizeof *work.err);
    if (!part || !work.member || !work.curve || !work.evaluator || !work.path || !work.status || !work.err) {
        status = ocelot_fail_memory(err, "the measurements");
    }
    for (size_t i = 0; i < features && !status && part; i++) {
        part[i] = ocelot_evaluate_part(&evaluation->rows, i);
    }
    status = status ? status : time_scoring(evaluation, err);
    status = status ? status : judge_all(evaluation, &work, pool, err);
    ocelot_pool_free(pool);
    void *const blocks[] = {part, work.member, work.curve, work.evaluator, work.path, work.status, work.err};
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) {
        free(blocks[k]);
    }
    return status;
}
