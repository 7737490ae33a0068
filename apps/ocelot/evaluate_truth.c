/* Methods judged by the truth: every row of the data that lies in an incident is explained, and the judge ranks. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/evaluation.h"
#include "shell/progress.h"
#include "stream/names.h"
#include "stream/pool.h"
#include "stream/truth_file.h"

/* Rows explained between two calls of the judge, and rows of one piece of a thread's work. */
enum { BLOCK_VALUES = 1 << 20, PIECE = 8 };

static enum ocelot_status keep(struct ocelot_evaluate_truth *truth, const double *row, size_t features, size_t number, struct ocelot_error *err)
{
    if (truth->count == truth->room) {
        size_t room = truth->room ? 2 * truth->room : 64, size = 0;
        double *values = ocelot_size_multiply(room, features, &size) ? ocelot_reallocate(truth->values, size, sizeof *values) : NULL;
        truth->values = values ? values : truth->values;
        size_t *numbers = ocelot_reallocate(truth->number, room, sizeof *numbers);
        truth->number = numbers ? numbers : truth->number;
        if (!values || !numbers) {
            return ocelot_fail_memory(err, "the rows of incidents");
        }
        truth->room = room;
    }
    memcpy(truth->values + truth->count * features, row, features * sizeof *row);
    truth->number[truth->count++] = number;
    return OCELOT_OK;
}

static enum ocelot_status read_rows(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    struct ocelot_evaluate_truth *truth = &evaluation->truth;
    struct ocelot_feed *feed = NULL;
    struct ocelot_row_batch batch = {.count = 1};
    size_t features = evaluation->info.features, from = 0, rows = 0;
    enum ocelot_status status =
        ocelot_feed_open_all(evaluation->data_paths, evaluation->data_count, &evaluation->settings->reader, evaluation->model, &feed, err);
    if (!status) {
        ocelot_feed_bound(feed, OCELOT_ROW_HOLD);
    }
    while (!status && batch.count) {
        status = ocelot_feed_read(feed, 1024, &batch, err);
        rows = batch.count ? batch.first_row + batch.count : rows;
        for (size_t r = 0; r < batch.count && !status; r++) {
            if (!batch.error[r] && batch.width == features && ocelot_truth_covers(truth->truth, batch.first_row + r, &from)) {
                status = keep(truth, batch.values + r * features, features, batch.first_row + r, err);
            }
        }
    }
    ocelot_feed_close(feed);
    for (size_t k = 0; k < ocelot_truth_incidents(truth->truth); k++) {
        truth->beyond += ocelot_truth_incident_at(truth->truth, k).end > rows;
    }
    return status;
}

enum ocelot_status ocelot_evaluate_truth_read(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    struct ocelot_names names = {0};
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < evaluation->data_count && !status; k++) {
        if (strcmp(evaluation->data_paths[k], "-") == 0) {
            status = ocelot_fail(err, OCELOT_E_ARGUMENT, "--truth reads the data twice, which standard input cannot do: give a file");
        }
    }
    if (settings->aggregate && !ocelot_aggregation_find(settings->aggregate)) {
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "--aggregate: no aggregation is called %.60s", settings->aggregate);
    }
    status = status ? status : ocelot_names_features(&names, evaluation->model, err);
    struct ocelot_truth_subject subject = {
        .names = (const char *const *)names.names, .features = evaluation->info.features, .column = settings->truth_column};
    status = status ? status : ocelot_truth_file_read(settings->truth, &subject, &evaluation->truth.truth, err);
    status = status ? status : read_rows(evaluation, err);
    if (!status && evaluation->truth.count == 0) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "%s: none of its rows is in the data", settings->truth);
    }
    ocelot_names_free(&names);
    return status;
}

void ocelot_evaluate_truth_free(struct ocelot_evaluate_truth *truth)
{
    ocelot_truth_free(truth->truth);
    free(truth->values);
    free(truth->number);
    *truth = (struct ocelot_evaluate_truth){.truth = NULL};
}

/* One method at work on a block of rows. */
struct work {
    const struct ocelot_evaluation *evaluation;
    struct ocelot_plan *plan;
    struct ocelot_workspace **workspace; /* [threads] */
    struct ocelot_decision *decision;    /* [block] */
    double *relevance, *score;           /* [block][features], [block] */
    size_t start, count;                 /* the block at hand */
};

static void explain_piece(void *context, size_t worker, size_t piece)
{
    struct work *work = context;
    size_t features = work->evaluation->info.features, first = piece * PIECE, count = work->count - first < PIECE ? work->count - first : PIECE;
    struct ocelot_explanation result = {.decision = work->decision + first, .relevance = work->relevance + first * features};
    const double *rows = work->evaluation->truth.values + (work->start + first) * features;
    if (ocelot_explain(work->plan, work->workspace[worker], rows, count, &result, NULL)) {
        for (size_t r = 0; r < count; r++) {
            work->decision[first + r].status = OCELOT_E_VALUE; /* the judge leaves such rows out */
        }
    }
}

/* What ranks rows of an incident: the outlier score; where there is none the size of what is explained. */
static void hand_over(struct work *work)
{
    size_t features = work->evaluation->info.features;
    for (size_t r = 0; r < work->count; r++) {
        const struct ocelot_decision *decision = &work->decision[r];
        bool good = decision->status == OCELOT_OK;
        work->score[r] = good ? isnan(decision->outlier_score) ? fabs(decision->output) : decision->outlier_score : (double)NAN;
        if (!good) {
            work->relevance[r * features] = NAN;
        }
    }
}

static enum ocelot_status judge_blocks(struct work *work, struct ocelot_judge *judge, struct ocelot_pool *pool, size_t block,
                                       struct ocelot_error *err)
{
    const struct ocelot_evaluate_truth *truth = &work->evaluation->truth;
    size_t features = work->evaluation->info.features;
    enum ocelot_status status = OCELOT_OK;
    for (work->start = 0; work->start < truth->count && !status; work->start += work->count) {
        work->count = truth->count - work->start < block ? truth->count - work->start : block;
        ocelot_pool_run(pool, (work->count + PIECE - 1) / PIECE, explain_piece, work);
        hand_over(work);
        for (size_t r = 0; r < work->count && !status; r++) {
            status = ocelot_judge_take(judge, truth->number[work->start + r], 1, work->relevance + r * features, work->score + r, err);
        }
    }
    return status ? status : ocelot_judge_finish(judge, err);
}

static enum ocelot_status judge(struct work *work, struct ocelot_contender *contender, struct ocelot_pool *pool, size_t block,
                                struct ocelot_error *err)
{
    size_t threads = ocelot_pool_threads(pool);
    enum ocelot_status status = ocelot_evaluate_plan(work->evaluation, contender, SIZE_MAX, 0, &work->plan, err);
    for (size_t t = 0; t < threads && !status; t++) {
        status = ocelot_workspace_create(work->plan, &work->workspace[t], err);
    }
    status = status ? status : ocelot_judge_create(work->evaluation->truth.truth, NULL, &contender->judge, err);
    status = status ? status : judge_blocks(work, contender->judge, pool, block, err);
    for (size_t t = 0; t < threads; t++) {
        ocelot_workspace_free(work->workspace[t]);
        work->workspace[t] = NULL;
    }
    ocelot_plan_free(work->plan);
    work->plan = NULL;
    return status;
}

enum ocelot_status ocelot_evaluate_truth_run(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    size_t features = evaluation->info.features, wanted = evaluation->settings->stream.threads, block = BLOCK_VALUES / features;
    struct ocelot_progress progress;
    struct ocelot_pool *pool = NULL;
    struct work work = {.evaluation = evaluation};
    enum ocelot_status status = ocelot_pool_create(wanted ? wanted : ocelot_processors(), &pool, err);
    if (status) {
        return status;
    }
    block = block < PIECE ? PIECE : block < evaluation->truth.count ? block : evaluation->truth.count;
    work.workspace = ocelot_allocate(ocelot_pool_threads(pool), sizeof *work.workspace);
    work.decision = ocelot_allocate(block, sizeof *work.decision);
    work.score = ocelot_allocate(block, sizeof *work.score);
    work.relevance = ocelot_allocate(block * features, sizeof *work.relevance);
    if (!work.workspace || !work.decision || !work.score || !work.relevance) {
        status = ocelot_fail_memory(err, "the rows of incidents");
    }
    ocelot_progress_start(&progress, evaluation->settings->stream.quiet);
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        if (!evaluation->contenders[k].refused) {
            ocelot_progress_show(&progress, (double)k / (double)evaluation->contender_count, k);
            status = judge(&work, &evaluation->contenders[k], pool, block, err);
        }
    }
    ocelot_progress_end(&progress);
    ocelot_pool_free(pool);
    free(work.workspace);
    free(work.decision);
    free(work.score);
    free(work.relevance);
    return status;
}
