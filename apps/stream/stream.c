#include "stream/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "shell/command.h"
#include "shell/progress.h"
#include "stream/flow.h"
#include "stream/incidents.h"
#include "stream/lane.h"
#include "stream/plates.h"
#include "stream/pool.h"

enum { BATCH_VALUES = 1 << 20, BATCH_STEPS = 2 };

/* Rows that were read. */
struct stock {
    struct ocelot_row_batch batch;
    double before, after; /* shares of the data */
};

/* What the rows of a piece become. */
struct piece {
    struct ocelot_text text, frames;
    struct ocelot_stream_totals totals;
    double share; /* of the data, up to its end */
};

struct stream {
    const struct ocelot_stream_request *request;
    struct ocelot_output *output;
    struct ocelot_stream_totals *totals;
    struct ocelot_feed *feed;
    struct ocelot_view view;
    struct ocelot_pool *pool;
    struct ocelot_lane *lanes; /* one a thread */
    size_t threads;
    struct stock stocks[OCELOT_FLOW_BATCHES];
    double share;         /* of the data that is read */
    struct piece *pieces; /* a place of the flow each */
    struct ocelot_progress progress;
    bool begun; /* the header is written */
};

static void add_totals(struct ocelot_stream_totals *sum, const struct ocelot_stream_totals *part)
{
    if (sum->failed == 0 && part->failed) {
        memcpy(sum->first_failure, part->first_failure, sizeof sum->first_failure);
    }
    sum->rows += part->rows;
    sum->written += part->written;
    sum->failed += part->failed;
    sum->outliers += part->outliers;
    sum->opposed += part->opposed;
    sum->labelled += part->labelled;
    sum->correct += part->correct;
}

static void close_lanes(struct stream *stream)
{
    for (size_t k = 0; stream->lanes && k < stream->threads; k++) {
        ocelot_lane_close(&stream->lanes[k]);
    }
    free(stream->lanes);
    stream->lanes = NULL;
}

/* Makes plan and workspaces for rows with the feed's indices; called again when LIBSVM data get wider. */
static enum ocelot_status make_ready(struct stream *stream, struct ocelot_error *err)
{
    long first = 0, last = 0;
    ocelot_feed_indices(stream->feed, &first, &last);
    close_lanes(stream);
    ocelot_view_close(&stream->view);
    enum ocelot_status status = ocelot_view_open(&stream->view, stream->request, stream->request->model, first, last, err);
    if (status) {
        return status;
    }
    stream->lanes = ocelot_allocate(stream->threads, sizeof *stream->lanes);
    if (!stream->lanes) {
        return ocelot_fail_memory(err, "the worker threads");
    }
    for (size_t k = 0; k < stream->threads && !status; k++) {
        status = ocelot_lane_open(&stream->lanes[k], &stream->view, stream->request, err);
    }
    if (!status && stream->request->incidents) {
        status = ocelot_incidents_ready(stream->request->incidents, &stream->view, err);
    }
    return status;
}

/* What the data say of every record: whether rows have labels, and whether they are pictures, whose relevance is one too. */
static void describe_rows(struct ocelot_record_context *context, const struct ocelot_rows *rows, const struct ocelot_row_batch *batch)
{
    size_t height = 0, width = 0;
    context->labels = batch && batch->label_text;
    if (context->shape_rank || context->members) {
        return; /* the model's own; groups are no pixels */
    }
    if (ocelot_rows_image(rows, &height, &width) == 2 && height * width == context->features) {
        context->shape_rank = 2;
        context->shape[0] = height;
        context->shape[1] = width;
    }
}

/* The header, when the width of the first rows is known. */
static enum ocelot_status begin(struct stream *stream, struct ocelot_error *err)
{
    const struct ocelot_format *format = stream->request->format;
    struct ocelot_text text = {0};
    stream->begun = true;
    if (stream->request->incidents) {
        ocelot_incidents_begin(stream->request->incidents, &text);
    } else if (format->begin) {
        format->begin(&stream->view.context, 0, &text);
    }
    enum ocelot_status status = ocelot_output_write(stream->output, &text, err);
    ocelot_text_free(&text);
    return status;
}

/* What has a place for each feature must know them all before the first row is told: a file is looked through, a pipe has those of the model. Else
 * rows get wider when one of them asks for it, in a file as well, so that both give the same bytes. */
static enum ocelot_status settle_width(struct stream *stream, struct ocelot_error *err)
{
    const struct ocelot_stream_request *request = stream->request;
    const struct ocelot_format *format = request->format;
    bool columns = format == &ocelot_format_csv || format == &ocelot_format_npy || format == &ocelot_format_png;
    bool hold = request->explain && (columns || request->incidents);
    bool ahead = hold || (request->explain && request->settings->comparison.background); /* whose rows are as wide */
    enum ocelot_status status = ahead ? ocelot_feed_look_ahead(stream->feed, err) : OCELOT_OK;
    if (!status) {
        ocelot_feed_list(stream->feed);
        ocelot_feed_bound(stream->feed, hold ? OCELOT_ROW_HOLD : OCELOT_ROW_GROW);
    }
    return status;
}

/* --- the stages of the flow ------------------------------------------------------------------------------------------------------- */

static bool waits(const void *context)
{
    const struct stream *stream = context;
    return ocelot_rows_waits(ocelot_feed_rows(stream->feed));
}

/* Rows that are read at once: what was asked for, else a few steps for every lane, and so many that a batch of all values stays small. */
static size_t batch_rows(const struct stream *stream)
{
    size_t asked = stream->request->settings->batch, rows = BATCH_STEPS * stream->lanes[0].room * stream->threads;
    size_t most = BATCH_VALUES / (stream->view.info.features + 1);
    return asked ? asked : rows < most || ocelot_feed_sparse(stream->feed) ? rows : most ? most : 1;
}

static enum ocelot_status read_batch(void *context, size_t number, size_t *rows, struct ocelot_error *err)
{
    struct stream *stream = context;
    struct stock *stock = &stream->stocks[number];
    enum ocelot_status status = ocelot_feed_read(stream->feed, batch_rows(stream), &stock->batch, err);
    stock->before = stream->share;
    stock->after = stream->share = ocelot_rows_progress(ocelot_feed_rows(stream->feed));
    *rows = status ? 0 : stock->batch.count;
    return status;
}

static bool is_same(const void *context, size_t number)
{
    const struct stream *stream = context;
    return stream->begun && stream->stocks[number].batch.width == stream->view.info.features;
}

static enum ocelot_status open_batch(void *context, size_t number, struct ocelot_error *err)
{
    struct stream *stream = context;
    const struct ocelot_row_batch *batch = &stream->stocks[number].batch;
    enum ocelot_status status = batch->width != stream->view.info.features ? make_ready(stream, err) : OCELOT_OK;
    if (!status && !stream->request->incidents) {
        describe_rows(&stream->view.context, ocelot_feed_rows(stream->feed), batch);
    }
    status = status || stream->begun ? status : begin(stream, err);
    if (stream->request->plates) {
        const size_t *shape = NULL;
        size_t rank = ocelot_rows_shape(ocelot_feed_rows(stream->feed), &shape);
        ocelot_plates_shape(stream->request->plates, shape, rank, stream->view.info.features);
    }
    return status;
}

static size_t room(const void *context)
{
    const struct stream *stream = context;
    return stream->lanes[0].room;
}

static enum ocelot_status explain(void *context, size_t worker, const struct ocelot_flow_piece *at, struct ocelot_error *err)
{
    struct stream *stream = context;
    struct piece *piece = &stream->pieces[at->place];
    const struct stock *stock = &stream->stocks[at->batch];
    struct ocelot_lane_results results = {.records = &piece->text, .frames = &piece->frames, .totals = &piece->totals};
    piece->totals = (struct ocelot_stream_totals){0};
    piece->share = stock->before + (stock->after - stock->before) * (double)(at->start + at->count) / (double)stock->batch.count;
    ocelot_text_clear(&piece->text);
    ocelot_text_clear(&piece->frames);
    ocelot_workspace_use_threads(stream->lanes[worker].workspace, at->threads);
    return ocelot_lane_step(&stream->lanes[worker], &stock->batch, at->start, at->count, &results, err);
}

/* The records of incidents that the frames end, or (NULL) of the one that is open at the end of the data. */
static enum ocelot_status write_incidents(struct stream *stream, size_t worker, const struct ocelot_text *frames, struct ocelot_error *err)
{
    struct ocelot_text text = {0};
    struct ocelot_workspace *workspace = stream->lanes[worker].workspace;
    enum ocelot_status status = frames ? ocelot_incidents_take(stream->request->incidents, frames, workspace, &text, err)
                                       : ocelot_incidents_finish(stream->request->incidents, workspace, &text, err);
    status = status ? status : ocelot_output_write(stream->output, &text, err);
    ocelot_text_free(&text);
    stream->totals->written = ocelot_incidents_count(stream->request->incidents);
    return status;
}

static enum ocelot_status tell(void *context, size_t worker, const struct ocelot_flow_piece *at, struct ocelot_error *err)
{
    struct stream *stream = context;
    const struct piece *piece = &stream->pieces[at->place];
    enum ocelot_status status = ocelot_output_write(stream->output, &piece->text, err);
    if (!status && stream->request->plates) {
        status = ocelot_plates_take(stream->request->plates, &piece->frames, err);
    }
    add_totals(stream->totals, &piece->totals);
    if (!status && stream->request->incidents) {
        status = write_incidents(stream, worker, &piece->frames, err);
    }
    if (!status && stream->request->format != &ocelot_format_png) {
        status = ocelot_output_flush(stream->output, err);
    }
    ocelot_progress_show(&stream->progress, piece->share, stream->totals->rows);
    return status;
}

static const struct ocelot_flow_stages stages = {
    .waits = waits, .read = read_batch, .same = is_same, .open = open_batch, .room = room, .explain = explain, .tell = tell};

static enum ocelot_status run_all(struct stream *stream, struct ocelot_error *err)
{
    stream->pieces = ocelot_allocate(ocelot_flow_places(stream->threads), sizeof *stream->pieces);
    if (!stream->pieces) {
        return ocelot_fail_memory(err, "the records of a batch");
    }
    ocelot_progress_start(&stream->progress, stream->request->settings->quiet);
    enum ocelot_status status = ocelot_flow_run(&stages, stream, stream->pool, err);
    ocelot_progress_end(&stream->progress);
    if (!status && !stream->begun && !stream->request->incidents) { /* no rows */
        describe_rows(&stream->view.context, ocelot_feed_rows(stream->feed), NULL);
    }
    return status || stream->begun ? status : begin(stream, err);
}

static enum ocelot_status end(struct stream *stream, struct ocelot_error *err)
{
    const struct ocelot_format *format = stream->request->format;
    struct ocelot_text text = {0};
    if (stream->request->incidents) {
        return write_incidents(stream, 0, NULL, err);
    }
    enum ocelot_status status = OCELOT_OK;
    if (format->end) {
        format->end(&stream->view.context, stream->totals->written, &text);
        status = ocelot_output_write(stream->output, &text, err);
    }
    ocelot_text_clear(&text);
    if (!status && format->needs_seek) {
        format->begin(&stream->view.context, stream->totals->written, &text);
        status = ocelot_output_rewrite(stream->output, &text, err);
    }
    ocelot_text_free(&text);
    return status;
}

enum ocelot_status ocelot_stream_run(const struct ocelot_stream_request *request, struct ocelot_output *output, struct ocelot_stream_totals *totals,
                                     struct ocelot_error *err)
{
    struct stream stream = {.request = request, .output = output, .totals = totals};
    size_t threads = request->settings->threads ? request->settings->threads : ocelot_processors();
    *totals = (struct ocelot_stream_totals){0};
    enum ocelot_status status = ocelot_feed_open_all(request->data, request->data_count, request->reader, request->model, &stream.feed, err);
    status = status ? status : ocelot_pool_create(threads, &stream.pool, err);
    if (status) {
        goto done;
    }
    stream.threads = ocelot_pool_threads(stream.pool);
    if (!request->settings->quiet) {
        ocelot_feed_remark(stream.feed, request->program);
    }
    status = settle_width(&stream, err);
    status = status ? status : make_ready(&stream, err);
    status = status ? status : run_all(&stream, err);
    status = status ? status : end(&stream, err);
done:
    ocelot_pool_free(stream.pool);
    close_lanes(&stream);
    ocelot_view_close(&stream.view);
    ocelot_feed_close(stream.feed);
    for (size_t k = 0; stream.pieces && k < ocelot_flow_places(stream.threads); k++) {
        ocelot_text_free(&stream.pieces[k].text);
        ocelot_text_free(&stream.pieces[k].frames);
    }
    free(stream.pieces);
    return status;
}
