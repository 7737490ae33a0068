/* One pass over the data: every row is scored, outliers are explained, and little is kept. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/report.h"
#include "shell/command.h"
#include "shell/progress.h"
#include "stream/pool.h"
#include "stream/table.h"

/* A piece is a fixed number of rows, so that sums are added in the same order whatever the number of threads. */
enum { PIECE_ROWS = 64, PIECE_VALUES = 1 << 18, BATCH_PIECES = 16 };

struct worker {
    struct ocelot_workspace *workspace;
    struct ocelot_decision *decisions;
    double *rows, *relevance; /* [piece_rows][features] the outliers of a piece, next to each other */
};

struct piece {
    double *sum; /* [features] */
    enum ocelot_status status;
    struct ocelot_error err;
};

struct gathering {
    struct ocelot_report *report;
    struct ocelot_feed *feed;
    struct ocelot_pool *pool;
    struct worker *workers;
    size_t threads, piece_rows, features;
    struct piece pieces[BATCH_PIECES];
    const struct ocelot_row_batch *batch;
    size_t from, count;                /* the rows of it that are at hand: at most BATCH_PIECES pieces */
    struct ocelot_decision *decisions; /* [count] */
};

static bool usable(const struct gathering *g, size_t row)
{
    return !(g->batch->error && g->batch->error[row]) && g->decisions[row - g->from].status == OCELOT_OK;
}

static bool is_subject(const struct gathering *g, size_t row)
{
    return usable(g, row) && (g->report->classifier || g->decisions[row - g->from].is_outlier);
}

static enum ocelot_status work_piece(struct gathering *g, struct worker *worker, struct piece *piece, size_t start, size_t count,
                                     struct ocelot_error *err)
{
    const struct ocelot_plan *plan = g->report->view.plan;
    size_t d = g->features, subjects = 0;
    struct ocelot_explanation out = {.decision = worker->decisions, .relevance = worker->relevance};
    memset(piece->sum, 0, d * sizeof *piece->sum);
    enum ocelot_status status = ocelot_score(plan, worker->workspace, g->batch->values + start * d, count, g->decisions + (start - g->from), err);
    for (size_t r = start; r < start + count && !status; r++) {
        if (is_subject(g, r)) {
            memcpy(worker->rows + subjects++ * d, g->batch->values + r * d, d * sizeof(double));
        }
    }
    if (subjects && !status) {
        status = ocelot_explain(plan, worker->workspace, worker->rows, subjects, &out, err);
    }
    for (size_t r = start, subject = 0; subject < subjects && !status; r++) {
        if (!is_subject(g, r)) {
            continue;
        }
        double *relevance = worker->relevance + subject * d;
        g->decisions[r - g->from].status = worker->decisions[subject++].status; /* a relevance that overflows cannot be shown */
        if (g->decisions[r - g->from].status) {
            continue;
        }
        ocelot_view_fold(&g->report->view, relevance);
        for (size_t i = 0; i < g->report->view.context.features; i++) {
            piece->sum[i] += fabs(relevance[i]);
        }
    }
    return status;
}

static void work(void *context, size_t number_of_worker, size_t number)
{
    struct gathering *g = context;
    struct piece *piece = &g->pieces[number];
    size_t skip = number * g->piece_rows, left = g->count - skip, count = left < g->piece_rows ? left : g->piece_rows;
    piece->err = (struct ocelot_error){0};
    piece->status = work_piece(g, &g->workers[number_of_worker], piece, g->from + skip, count, &piece->err);
}

static void note_failure(struct gathering *g, size_t row)
{
    struct ocelot_report_data *data = &g->report->data;
    char trouble[256];
    const char *sentence = g->batch->error ? g->batch->error[row] : NULL;
    if (!sentence) {
        bool found = ocelot_row_trouble(g->batch->values + row * g->features, g->features, g->report->view.names, trouble, sizeof trouble);
        const struct ocelot_decision *decision = &g->decisions[row - g->from];
        sentence = found                        ? trouble
                   : isfinite(decision->output) ? "the method's relevance overflows, at the row or at what it is compared with"
                                                : ocelot_status_name(decision->status);
    }
    if (data->failed++ == 0) {
        snprintf(data->first_failure, sizeof data->first_failure, "row %zu: %.200s", g->batch->first_row + row, sentence);
    }
}

/* Counts and keeps, in the order of the data. */
static bool take_row(struct gathering *g, size_t r)
{
    struct ocelot_report_data *data = &g->report->data;
    const struct ocelot_row_batch *batch = g->batch;
    const struct ocelot_decision *decision = &g->decisions[r - g->from];
    data->rows++;
    if (!usable(g, r)) {
        note_failure(g, r);
        return true;
    }
    struct ocelot_report_row row = {.row = batch->first_row + r, .decision = *decision};
    char *id = NULL, *label = NULL;
    bool copied = true;
    if (batch->id && batch->id[r]) {
        id = ocelot_copy_text(batch->id[r], strlen(batch->id[r]));
        data->ids = true;
        copied = copied && id;
    }
    if (batch->label_text && batch->label_text[r]) {
        label = ocelot_copy_text(batch->label_text[r], strlen(batch->label_text[r]));
        data->labels = true;
        copied = copied && label;
    }
    double score = g->report->classifier ? decision->output : decision->outlier_score;
    row.id = id;
    row.label = label;
    row.rank = fabs(score) > 0 && g->report->classifier ? fabs(score) : score;
    data->outliers += decision->is_outlier && !g->report->classifier;
    bool kept = copied && ocelot_report_keep(data, &row, batch->values + r * g->features, g->features, is_subject(g, r));
    free(id);
    free(label);
    return kept && (!isfinite(score) || ocelot_report_keep_score(data, score));
}

static enum ocelot_status run_slice(struct gathering *g, struct ocelot_error *err)
{
    struct ocelot_report_data *data = &g->report->data;
    size_t pieces = (g->count + g->piece_rows - 1) / g->piece_rows;
    ocelot_pool_run(g->pool, pieces, work, g);
    for (size_t k = 0; k < pieces; k++) {
        if (g->pieces[k].status) {
            return ocelot_fail(err, g->pieces[k].status, "%s", g->pieces[k].err.message);
        }
        for (size_t i = 0; i < g->report->view.context.features; i++) {
            data->sum[i] += g->pieces[k].sum[i];
        }
    }
    for (size_t r = g->from; r < g->from + g->count; r++) {
        if (!take_row(g, r)) {
            return ocelot_fail_memory(err, "the rows of the report");
        }
    }
    return OCELOT_OK;
}

static enum ocelot_status run_batch(struct gathering *g, const struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    size_t most = g->piece_rows * BATCH_PIECES;
    enum ocelot_status status = OCELOT_OK;
    g->batch = batch;
    for (g->from = 0; g->from < batch->count && !status; g->from += most) {
        size_t left = batch->count - g->from;
        g->count = left < most ? left : most;
        status = run_slice(g, err);
    }
    g->batch = NULL;
    return status;
}

static double *numbers(size_t rows, size_t columns, bool *failed)
{
    size_t count = 0;
    double *block = ocelot_size_multiply(rows, columns, &count) ? ocelot_allocate(count, sizeof *block) : NULL;
    *failed = *failed || !block;
    return block;
}

static bool allocate(struct gathering *g)
{
    struct ocelot_report_data *data = &g->report->data;
    size_t d = g->features, sample = OCELOT_REPORT_VALUES / d;
    bool failed = false;
    g->piece_rows = PIECE_VALUES / d < 1 ? 1 : PIECE_VALUES / d > PIECE_ROWS ? PIECE_ROWS : PIECE_VALUES / d;
    g->decisions = ocelot_allocate(g->piece_rows * BATCH_PIECES, sizeof *g->decisions);
    g->workers = ocelot_allocate(g->threads, sizeof *g->workers);
    for (size_t k = 0; k < BATCH_PIECES; k++) {
        g->pieces[k].sum = numbers(d, 1, &failed);
    }
    for (size_t k = 0; g->workers && k < g->threads; k++) {
        g->workers[k].rows = numbers(g->piece_rows, d, &failed);
        g->workers[k].relevance = numbers(g->piece_rows, d, &failed);
        g->workers[k].decisions = ocelot_allocate(g->piece_rows, sizeof *g->workers[k].decisions);
        failed = failed || !g->workers[k].decisions;
    }
    data->sample_room = sample < 1 ? 1 : sample > OCELOT_REPORT_SAMPLE ? OCELOT_REPORT_SAMPLE : sample;
    data->best_room = g->report->settings->top_rows > OCELOT_REPORT_STRIP ? g->report->settings->top_rows : OCELOT_REPORT_STRIP;
    data->best = ocelot_allocate(data->best_room, sizeof(struct ocelot_report_row *));
    data->sample = ocelot_allocate(data->sample_room, sizeof(struct ocelot_report_row *));
    data->sum = numbers(d, 1, &failed);
    return !failed && g->decisions && g->workers && data->best && data->sample;
}

/* The view for rows as wide as the feed says, and everything that is as wide as a row. */
static enum ocelot_status make_ready(struct gathering *g, struct ocelot_error *err)
{
    struct ocelot_report *report = g->report;
    long first = 0, last = 0;
    struct ocelot_stream_request request = {.program = report->program,
                                            .model = report->model,
                                            .data = report->data_paths,
                                            .data_count = report->data_count,
                                            .explain = true,
                                            .settings = &report->settings->stream,
                                            .reader = &report->settings->reader};
    ocelot_feed_indices(g->feed, &first, &last);
    enum ocelot_status status = ocelot_view_open(&report->view, &request, report->model, first, last, err);
    if (status) {
        return status;
    }
    report->classifier = report->view.context.classifier;
    report->with_sign = ocelot_plan_signed(report->view.plan);
    g->features = report->view.info.features;
    if (!allocate(g)) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    status = ocelot_workspace_create(report->view.plan, &report->workspace, err);
    for (size_t k = 0; k < g->threads && !status; k++) {
        status = ocelot_workspace_create(report->view.plan, &g->workers[k].workspace, err);
    }
    return status;
}

static enum ocelot_status run_all(struct gathering *g, struct ocelot_error *err)
{
    struct ocelot_progress progress;
    struct ocelot_row_batch batch = {0};
    ocelot_progress_start(&progress, g->report->settings->stream.quiet);
    enum ocelot_status status = OCELOT_OK;
    do {
        status = ocelot_feed_read(g->feed, (g->features ? g->piece_rows : (size_t)PIECE_ROWS) * BATCH_PIECES, &batch, err);
        if (!status && !g->features) { /* not before: a view takes time */
            status = make_ready(g, err);
        }
        status = status ? status : run_batch(g, &batch, err);
        ocelot_progress_show(&progress, ocelot_rows_progress(ocelot_feed_rows(g->feed)), g->report->data.rows);
    } while (!status && batch.count);
    ocelot_progress_end(&progress);
    return status;
}

static void close_gathering(struct gathering *g)
{
    for (size_t k = 0; g->workers && k < g->threads; k++) {
        ocelot_workspace_free(g->workers[k].workspace);
        free(g->workers[k].decisions);
        free(g->workers[k].rows);
        free(g->workers[k].relevance);
    }
    for (size_t k = 0; k < BATCH_PIECES; k++) {
        free(g->pieces[k].sum);
    }
    free(g->workers);
    free(g->decisions);
    ocelot_pool_free(g->pool);
    ocelot_feed_close(g->feed);
}

/* What rows are pictures of: what the model takes, else what the file holds. */
static void see_shape(struct ocelot_report *report, const struct ocelot_rows *rows)
{
    struct ocelot_report_data *data = &report->data;
    const size_t *extents = NULL;
    size_t shape[3];
    ocelot_gallery_shape(report->model, shape);
    size_t rank = ocelot_rows_shape(rows, &extents);
    if (shape[1]) {
        extents = shape;
        rank = 3;
    }
    if (rank == 2 || (rank == 3 && (extents[0] == 1 || extents[0] == 3))) {
        data->channels = rank == 3 ? extents[0] : 1;
        data->height = extents[rank - 2];
        data->width = extents[rank - 1];
    }
}

enum ocelot_status ocelot_report_gather(struct ocelot_report *report, struct ocelot_error *err)
{
    const struct ocelot_report_settings *settings = report->settings;
    struct gathering g = {.report = report};
    enum ocelot_status status = ocelot_feed_open_all(report->data_paths, report->data_count, &settings->reader, report->model, &g.feed, err);
    status = status ? status : ocelot_pool_create(settings->stream.threads ? settings->stream.threads : ocelot_processors(), &g.pool, err);
    if (!status) {
        g.threads = ocelot_pool_threads(g.pool);
        if (!settings->stream.quiet) {
            ocelot_feed_remark(g.feed, report->program);
        }
        see_shape(report, ocelot_feed_rows(g.feed));
        status = ocelot_feed_look_ahead(g.feed, err);
        if (!status) {
            ocelot_feed_bound(g.feed, OCELOT_ROW_HOLD);
            status = run_all(&g, err);
        }
        ocelot_report_sort(&report->data);
    }
    close_gathering(&g);
    return status;
}
