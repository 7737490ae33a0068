#include "stream/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "shell/command.h"
#include "shell/progress.h"
#include "stream/incidents.h"
#include "stream/lane.h"
#include "stream/plates.h"
#include "stream/pool.h"

enum { BATCH_VALUES = 1 << 20, BATCH_ROWS = 1024 };
static const double round_seconds = 0.5; /* slow methods: so long between two looks of the progress bar */

/* Consecutive rows of a batch: explained by one worker, written in their place. */
struct piece {
    struct ocelot_text text, frames;
    struct ocelot_stream_totals totals;
    enum ocelot_status status;
    struct ocelot_error err;
    bool done; /* under the stream's lock */
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
    struct piece *pieces;
    size_t piece_capacity;
    pthread_mutex_t lock; /* for what is written while others are still explained */
    size_t count, told;   /* pieces of the round at hand, and how many of them are written */
    bool telling;         /* one worker writes */
    const struct ocelot_row_batch *batch;
    size_t from, rows;  /* the round at hand: rows of the batch that are explained before something is written */
    size_t piece_rows;  /* of the round at hand */
    double row_seconds; /* what the last round took a row, all threads together; 0 = not known */
    struct ocelot_progress progress;
    double share; /* of the data that is explained */
    bool begun;   /* the header is written */
    bool wider;   /* and rows got wider after it */
};

/* Writes the pieces that are ready, in order, as far as they go: whoever completes one does it, unless somebody is at it already and will come to it.
 */
static void tell(struct stream *stream, struct piece *piece)
{
    pthread_mutex_lock(&stream->lock);
    piece->done = true;
    while (!stream->telling && stream->told < stream->count && stream->pieces[stream->told].done && !stream->pieces[stream->told].status) {
        struct piece *next = &stream->pieces[stream->told];
        stream->telling = true;
        pthread_mutex_unlock(&stream->lock);
        enum ocelot_status status = ocelot_output_write(stream->output, &next->text, &next->err);
        pthread_mutex_lock(&stream->lock);
        next->status = status;
        stream->told += !status; /* what cannot be written ends it, as a piece that failed does */
        stream->telling = false;
    }
    pthread_mutex_unlock(&stream->lock);
}

static void work(void *context, size_t worker, size_t number)
{
    struct stream *stream = context;
    struct piece *piece = &stream->pieces[number];
    size_t skip = number * stream->piece_rows, start = stream->from + skip, left = stream->rows - skip;
    size_t count = left < stream->piece_rows ? left : stream->piece_rows;
    piece->totals = (struct ocelot_stream_totals){0};
    piece->err = (struct ocelot_error){0};
    ocelot_text_clear(&piece->text);
    ocelot_text_clear(&piece->frames);
    struct ocelot_lane_results results = {.records = &piece->text, .frames = &piece->frames, .totals = &piece->totals};
    piece->status = ocelot_lane_step(&stream->lanes[worker], stream->batch, start, count, &results, &piece->err);
    tell(stream, piece);
}

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

/* The header, once, when the width of the first rows is known; formats with columns cannot take rows that got wider after it. */
static enum ocelot_status begin(struct stream *stream, const struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    const struct ocelot_format *format = stream->request->format;
    struct ocelot_text text = {0};
    if (stream->wider && (format == &ocelot_format_csv || format == &ocelot_format_npy || stream->request->incidents)) {
        return ocelot_fail(err, OCELOT_E_SHAPE,
                           "%s: a row has an index that no row before it had, after the %s %s; give the data as a file, or use --format jsonl%s",
                           strcmp(stream->request->data[0], "-") == 0 ? "standard input" : stream->request->data[0], format->name,
                           stream->request->incidents ? "incidents began" : "columns were written",
                           stream->request->incidents ? " without --incidents" : "");
    }
    if (stream->begun) {
        return OCELOT_OK;
    }
    stream->begun = true;
    if (stream->request->incidents) {
        ocelot_incidents_begin(stream->request->incidents, &text);
    } else if (format->begin) {
        describe_rows(&stream->view.context, ocelot_feed_rows(stream->feed), batch);
        format->begin(&stream->view.context, 0, &text);
    }
    enum ocelot_status status = ocelot_output_write(stream->output, &text, err);
    ocelot_text_free(&text);
    return status;
}

static enum ocelot_status reserve_pieces(struct stream *stream, size_t count, struct ocelot_error *err)
{
    if (count > stream->piece_capacity) {
        struct piece *more = ocelot_reallocate(stream->pieces, count, sizeof *more);
        if (!more) {
            return ocelot_fail_memory(err, "the records of a batch");
        }
        memset(more + stream->piece_capacity, 0, (count - stream->piece_capacity) * sizeof *more);
        stream->pieces = more;
        stream->piece_capacity = count;
    }
    return OCELOT_OK;
}

/* The records of incidents that the frames end, or (NULL) of the one that is open at the end of the data. */
static enum ocelot_status write_incidents(struct stream *stream, const struct ocelot_text *frames, struct ocelot_error *err)
{
    struct ocelot_text text = {0};
    struct ocelot_workspace *workspace = stream->lanes[0].workspace; /* nobody works meanwhile */
    enum ocelot_status status = frames ? ocelot_incidents_take(stream->request->incidents, frames, workspace, &text, err)
                                       : ocelot_incidents_finish(stream->request->incidents, workspace, &text, err);
    status = status ? status : ocelot_output_write(stream->output, &text, err);
    ocelot_text_free(&text);
    stream->totals->written = ocelot_incidents_count(stream->request->incidents);
    return status;
}

/* Explains one round with all threads; they write its records in order. */
static enum ocelot_status run_round(struct stream *stream, struct ocelot_error *err)
{
    /* As many pieces for each thread, of equal size, so that all end together. */
    size_t each = (stream->rows + stream->lanes[0].room * stream->threads - 1) / (stream->lanes[0].room * stream->threads);
    stream->piece_rows = (stream->rows + each * stream->threads - 1) / (each * stream->threads);
    size_t count = (stream->rows + stream->piece_rows - 1) / stream->piece_rows;
    enum ocelot_status status = reserve_pieces(stream, count, err);
    if (status) {
        return status;
    }
    for (size_t k = 0; k < count; k++) {
        stream->pieces[k].done = false;
    }
    for (size_t k = 0; k < stream->threads; k++) { /* what is not needed for other pieces shares one */
        ocelot_workspace_use_threads(stream->lanes[k].workspace, count ? stream->threads / count : 1);
    }
    stream->count = count;
    stream->told = 0;
    double began = ocelot_progress_seconds(&stream->progress);
    ocelot_pool_run(stream->pool, count, work, stream);
    stream->row_seconds = (ocelot_progress_seconds(&stream->progress) - began) / (double)stream->rows;
    for (size_t k = 0; k < count && !status; k++) {
        struct piece *piece = &stream->pieces[k];
        status = piece->status ? ocelot_fail(err, piece->status, "%s", piece->err.message) : OCELOT_OK;
        if (!status && stream->request->plates) {
            status = ocelot_plates_take(stream->request->plates, &piece->frames, err);
        }
        if (!status && stream->request->incidents) {
            status = write_incidents(stream, &piece->frames, err);
        }
        add_totals(stream->totals, &piece->totals);
    }
    return status || stream->request->format == &ocelot_format_png ? status : ocelot_output_flush(stream->output, err);
}

/* A batch in rounds: of a few rows while nobody knows how long a row takes, of all that are left where they are fast. */
static enum ocelot_status run_batch(struct stream *stream, const struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    double before = stream->share, whole = ocelot_rows_progress(ocelot_feed_rows(stream->feed));
    enum ocelot_status status = OCELOT_OK;
    stream->batch = batch;
    for (stream->from = 0; stream->from < batch->count && !status; stream->from += stream->rows) {
        size_t left = batch->count - stream->from, few = stream->threads;
        double fast = stream->row_seconds > 0 ? round_seconds / stream->row_seconds : 0;
        few = fast > (double)few ? (fast < (double)left ? (size_t)fast : left) : few;
        stream->rows = few < left ? few : left;
        status = run_round(stream, err);
        stream->share = before + (whole - before) * (double)(stream->from + stream->rows) / (double)batch->count;
        ocelot_progress_show(&stream->progress, stream->share, stream->totals->rows);
    }
    stream->batch = NULL;
    return status;
}

/* Rows that are read at once: what was asked for, else so many that a batch stays small. */
static size_t batch_rows(const struct stream *stream)
{
    size_t asked = stream->request->settings->batch;
    if (asked) {
        return asked;
    }
    size_t rows = BATCH_VALUES / (stream->view.info.features + 1);
    return rows > BATCH_ROWS ? BATCH_ROWS : rows ? rows : 1;
}

static enum ocelot_status run_all(struct stream *stream, struct ocelot_error *err)
{
    struct ocelot_row_batch batch = {0};
    enum ocelot_status status = OCELOT_OK;
    ocelot_progress_start(&stream->progress, stream->request->settings->quiet);
    while (!status) {
        status = ocelot_feed_read(stream->feed, batch_rows(stream), &batch, err);
        if (status || batch.count == 0) {
            break;
        }
        if (batch.width != stream->view.info.features) {
            status = make_ready(stream, err);
            stream->wider = stream->begun;
        }
        status = status ? status : begin(stream, &batch, err);
        if (stream->request->plates) {
            const size_t *shape = NULL;
            size_t rank = ocelot_rows_shape(ocelot_feed_rows(stream->feed), &shape);
            ocelot_plates_shape(stream->request->plates, shape, rank, stream->view.info.features);
        }
        status = status ? status : run_batch(stream, &batch, err);
    }
    ocelot_progress_end(&stream->progress);
    return status ? status : begin(stream, NULL, err);
}

static enum ocelot_status end(struct stream *stream, struct ocelot_error *err)
{
    const struct ocelot_format *format = stream->request->format;
    struct ocelot_text text = {0};
    if (stream->request->incidents) {
        return write_incidents(stream, NULL, err);
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
    pthread_mutex_init(&stream.lock, NULL);
    enum ocelot_status status = ocelot_feed_open_all(request->data, request->data_count, request->reader, request->model, &stream.feed, err);
    status = status ? status : ocelot_pool_create(threads, &stream.pool, err);
    if (status) {
        goto done;
    }
    stream.threads = ocelot_pool_threads(stream.pool);
    if (!request->settings->quiet) {
        ocelot_feed_remark(stream.feed, request->program);
    }
    status = make_ready(&stream, err);
    status = status ? status : run_all(&stream, err);
    status = status ? status : end(&stream, err);
done:
    ocelot_pool_free(stream.pool);
    close_lanes(&stream);
    ocelot_view_close(&stream.view);
    ocelot_feed_close(stream.feed);
    for (size_t k = 0; k < stream.piece_capacity; k++) {
        ocelot_text_free(&stream.pieces[k].text);
        ocelot_text_free(&stream.pieces[k].frames);
    }
    free(stream.pieces);
    pthread_mutex_destroy(&stream.lock);
    return status;
}
