/* The rows that methods are judged on: the strangest of the data, or the first. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/evaluation.h"
#include "stream/table.h"

/* What reading works with. */
struct reading {
    struct ocelot_evaluation *evaluation;
    struct ocelot_evaluate_rows *rows;
    struct ocelot_workspace *workspace;
    struct ocelot_plan *plan;
    bool strangest;
    size_t least; /* of the rows kept: the one that goes first */
};

static bool make_room(struct ocelot_evaluate_rows *rows, size_t room, size_t features)
{
    size_t size = 0;
    if (!ocelot_size_multiply(room, features, &size)) {
        return false;
    }
    rows->values = ocelot_allocate(size, sizeof *rows->values);
    rows->number = ocelot_allocate(room, sizeof *rows->number);
    rows->target = ocelot_allocate(room, sizeof *rows->target);
    rows->decision = ocelot_allocate(room, sizeof *rows->decision);
    return rows->values && rows->number && rows->target && rows->decision;
}

static void find_least(struct reading *reading)
{
    const struct ocelot_evaluate_rows *rows = reading->rows;
    reading->least = 0;
    for (size_t k = 1; k < rows->count; k++) {
        double best = rows->decision[reading->least].outlier_score, score = rows->decision[k].outlier_score;
        reading->least = score < best || (score == best && rows->number[k] > rows->number[reading->least]) ? k : reading->least;
    }
}

static void keep(struct reading *reading, const double *row, const struct ocelot_decision *decision, size_t number)
{
    struct ocelot_evaluate_rows *rows = reading->rows;
    size_t features = reading->evaluation->info.features, room = reading->evaluation->settings->rows, k = rows->count;
    if (k == room) {
        if (!(decision->outlier_score > rows->decision[reading->least].outlier_score)) {
            return;
        }
        k = reading->least;
    } else {
        rows->count++;
    }
    memcpy(rows->values + k * features, row, features * sizeof *row);
    rows->decision[k] = *decision;
    rows->number[k] = number;
    rows->target[k] = decision->target;
    if (rows->count == room && reading->strangest) {
        find_least(reading);
    }
}

static void fail_row(struct ocelot_evaluate_rows *rows, const char *why)
{
    if (rows->failed++ == 0) {
        snprintf(rows->first_failure, sizeof rows->first_failure, "%s", why);
    }
}

static enum ocelot_status take_batch(struct reading *reading, const struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    struct ocelot_evaluate_rows *rows = reading->rows;
    size_t features = reading->evaluation->info.features;
    if (batch->width != features) {
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: rows have %zu values, expected %zu", reading->evaluation->data_paths[0], batch->width, features);
    }
    for (size_t r = 0; r < batch->count; r++) {
        const double *row = batch->values + r * features;
        struct ocelot_decision decision;
        char trouble[128];
        rows->read++;
        if (batch->error[r]) {
            fail_row(rows, batch->error[r]);
            continue;
        }
        enum ocelot_status status = ocelot_score(reading->plan, reading->workspace, row, 1, &decision, err);
        if (status) {
            return status;
        }
        if (decision.status) {
            bool found = ocelot_row_trouble(row, features, NULL, trouble, sizeof trouble);
            fail_row(rows, found ? trouble : "its score overflows");
        } else {
            keep(reading, row, &decision, batch->first_row + r);
        }
    }
    return OCELOT_OK;
}

/* What the rows are pictures of: as asked, else as the model or the file says. */
static enum ocelot_status choose_image(struct ocelot_evaluation *evaluation, const struct ocelot_feed *feed, struct ocelot_error *err)
{
    struct ocelot_evaluate_rows *rows = &evaluation->rows;
    const struct ocelot_model_info *info = &evaluation->info;
    const char *asked = evaluation->settings->image;
    rows->channels = 1;
    if (asked && strcmp(asked, "no") == 0) {
        return OCELOT_OK;
    }
    if (asked && !ocelot_gallery_extent(asked, &rows->height, &rows->width)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--image: found \"%s\", expected height x width such as 28x28, or no", asked);
    }
    if (!asked && info->input_rank == 3) {
        rows->channels = info->input_shape[0];
        rows->height = info->input_shape[1];
        rows->width = info->input_shape[2];
    } else if (!asked) {
        ocelot_rows_image(ocelot_feed_rows(feed), &rows->height, &rows->width);
    }
    size_t pixels = 0;
    if (!ocelot_size_multiply(rows->height, rows->width, &pixels) || pixels * rows->channels != info->features || pixels < 4) {
        rows->height = rows->width = 0;
        return asked ? ocelot_fail(err, OCELOT_E_SHAPE, "--image: %s is not the model's number of features, %zu", asked, info->features) : OCELOT_OK;
    }
    return OCELOT_OK;
}

static int stranger(const void *a, const void *b)
{
    const struct ocelot_decision *const *x = a, *const *y = b;
    double s = (*x)->outlier_score, t = (*y)->outlier_score;
    return s != t ? (s > t ? -1 : 1) : (*x > *y) - (*x < *y);
}

/* The strangest first. */
static enum ocelot_status sort(struct ocelot_evaluate_rows *rows, size_t features, struct ocelot_error *err)
{
    struct ocelot_evaluate_rows sorted = {.count = 0};
    const struct ocelot_decision **order = ocelot_allocate(rows->count, sizeof *order);
    if (!order || !make_room(&sorted, rows->count, features)) {
        free(order);
        ocelot_evaluate_rows_free(&sorted);
        return ocelot_fail_memory(err, "the rows");
    }
    for (size_t k = 0; k < rows->count; k++) {
        order[k] = &rows->decision[k];
    }
    qsort(order, rows->count, sizeof *order, stranger);
    for (size_t k = 0; k < rows->count; k++) {
        size_t from = (size_t)(order[k] - rows->decision);
        memcpy(sorted.values + k * features, rows->values + from * features, features * sizeof *rows->values);
        sorted.number[k] = rows->number[from];
        sorted.target[k] = rows->target[from];
        sorted.decision[k] = rows->decision[from];
    }
    free(order);
    free(rows->values);
    free(rows->number);
    free(rows->target);
    free(rows->decision);
    rows->values = sorted.values;
    rows->number = sorted.number;
    rows->target = sorted.target;
    rows->decision = sorted.decision;
    return OCELOT_OK;
}

static enum ocelot_status read_all(struct reading *reading, struct ocelot_error *err)
{
    struct ocelot_evaluation *evaluation = reading->evaluation;
    struct ocelot_evaluate_rows *rows = reading->rows;
    struct ocelot_feed *feed = NULL;
    struct ocelot_row_batch batch = {.count = 1};
    enum ocelot_status status =
        ocelot_feed_open_all(evaluation->data_paths, evaluation->data_count, &evaluation->settings->reader, evaluation->model, &feed, err);
    if (!status) {
        ocelot_feed_bound(feed, OCELOT_ROW_HOLD);
    }
    while (!status && batch.count && (reading->strangest || rows->count < evaluation->settings->rows)) {
        size_t most = reading->strangest ? 1024 : evaluation->settings->rows - rows->count;
        status = ocelot_feed_read(feed, most, &batch, err);
        status = status || batch.count == 0 ? status : take_batch(reading, &batch, err);
    }
    status = status ? status : choose_image(evaluation, feed, err);
    ocelot_feed_close(feed);
    return status;
}

enum ocelot_status ocelot_evaluate_read(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    struct ocelot_evaluate_rows *rows = &evaluation->rows;
    struct ocelot_planning planning = {0};
    struct ocelot_stream_settings scoring = settings->stream;
    struct reading reading = {.evaluation = evaluation, .rows = rows};
    scoring.method = scoring.composite = scoring.box = NULL;
    scoring.set.count = scoring.rule.count = 0;
    rows->pick = settings->pick ? settings->pick : evaluation->one_class && !settings->product_structure ? "strangest" : "first";
    reading.strangest = strcmp(rows->pick, "strangest") == 0;
    enum ocelot_status status = OCELOT_OK;
    if (reading.strangest && !evaluation->one_class) {
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "--pick strangest needs outlier scores, which this model does not give: take --pick first");
    }
    status = status ? status : ocelot_planning_make(&planning, evaluation->model, &scoring, &settings->reader, err);
    status = status ? status : ocelot_plan_create_score(evaluation->model, &planning.options, &reading.plan, err);
    status = status ? status : ocelot_workspace_create(reading.plan, &reading.workspace, err);
    if (!status && !make_room(rows, settings->rows, evaluation->info.features)) {
        status = ocelot_fail_memory(err, "the rows");
    }
    status = status ? status : read_all(&reading, err);
    if (!status && rows->count == 0) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "%s: found no row that can be used%s%s", evaluation->data_paths[0], rows->failed ? ": " : "",
                             rows->first_failure);
    }
    status = status || !reading.strangest ? status : sort(rows, evaluation->info.features, err);
    ocelot_workspace_free(reading.workspace);
    ocelot_plan_free(reading.plan);
    ocelot_planning_free(&planning);
    return status;
}

void ocelot_evaluate_rows_free(struct ocelot_evaluate_rows *rows)
{
    free(rows->values);
    free(rows->replacement);
    free(rows->scale);
    free(rows->number);
    free(rows->target);
    free(rows->decision);
    free(rows->block);
    *rows = (struct ocelot_evaluate_rows){.count = 0};
}
