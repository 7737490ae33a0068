#include "stream/lane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "stream/plates.h"
#include "stream/rank.h"
#include "stream/table.h"

enum { RESULT_BYTES = 1 << 24, TEXT_TOP = 10, BEST = 5 };

/* Only these formats say what would have been normal; asking for it costs m exponentials a feature. */
static bool shows_expected(const struct ocelot_format *format)
{
    return format == &ocelot_format_jsonl || format == &ocelot_format_text;
}

size_t ocelot_lane_room(const struct ocelot_view *view, const struct ocelot_stream_request *request)
{
    size_t room = ocelot_plan_batch(view->plan);
    room = room ? room : 1;
    if (request->explain) {
        size_t bytes = sizeof(double) * (2 * view->info.features + view->info.support_vectors + 8), most = RESULT_BYTES / bytes;
        room = room > most ? most : room;
    }
    return room ? room : 1;
}

static double *numbers(size_t rows, size_t columns, bool *failed)
{
    size_t count = 0;
    double *block = ocelot_size_multiply(rows, columns, &count) ? ocelot_allocate(count, sizeof *block) : NULL;
    *failed = *failed || !block;
    return block;
}

static bool allocate(struct ocelot_lane *lane)
{
    const struct ocelot_model_info *info = &lane->view->info;
    const struct ocelot_stream_request *request = lane->request;
    size_t room = lane->room, d = info->features;
    bool failed = false;
    lane->decisions = ocelot_allocate(room, sizeof *lane->decisions);
    if (lane->view->context.network && request->explain && shows_expected(request->format)) {
        lane->outputs = numbers(2, info->outputs, &failed);
        lane->best_output = numbers(1, BEST, &failed);
        lane->best = ocelot_allocate(info->outputs, sizeof *lane->best);
        failed = failed || !lane->best;
    }
    if (!request->explain) {
        return lane->decisions && !failed;
    }
    lane->relevance = numbers(room, d, &failed);
    lane->explained = numbers(room, 1, &failed);
    lane->residual = numbers(room, 1, &failed);
    lane->excess = numbers(room, 1, &failed);
    lane->lack = request->settings->map && strcmp(request->settings->map, "total") != 0 ? numbers(room, d, &failed) : NULL;
    lane->expected = numbers(1, d, &failed);
    lane->share = numbers(1, d, &failed);
    lane->order = ocelot_allocate(d, sizeof *lane->order);
    if (shows_expected(request->format)) {
        lane->nearest = numbers(room, d, &failed);
        if (request->settings->support && info->support_vectors) {
            lane->support = numbers(room, info->support_vectors, &failed);
            lane->support_weight = numbers(1, request->settings->support, &failed);
            lane->support_order = ocelot_allocate(info->support_vectors, sizeof *lane->support_order);
            failed = failed || !lane->support_order;
        }
    }
    lane->explanation = (struct ocelot_explanation){.decision = lane->decisions,
                                                    .relevance = lane->relevance,
                                                    .lack = lane->lack,
                                                    .explained = lane->explained,
                                                    .residual = lane->residual,
                                                    .excess = lane->excess,
                                                    .nearest = lane->nearest,
                                                    .support = lane->support};
    return !failed && lane->decisions && lane->order;
}

enum ocelot_status ocelot_lane_open(struct ocelot_lane *lane, const struct ocelot_view *view, const struct ocelot_stream_request *request,
                                    struct ocelot_error *err)
{
    lane->view = view;
    lane->request = request;
    lane->room = ocelot_lane_room(view, request);
    if (!allocate(lane)) {
        return ocelot_fail_memory(err, "the results of a few rows");
    }
    return ocelot_workspace_create(view->plan, &lane->workspace, err);
}

void ocelot_lane_close(struct ocelot_lane *lane)
{
    ocelot_workspace_free(lane->workspace);
    free(lane->decisions);
    free(lane->relevance);
    free(lane->explained);
    free(lane->residual);
    free(lane->excess);
    free(lane->lack);
    free(lane->nearest);
    free(lane->support);
    free(lane->order);
    free(lane->support_order);
    free(lane->expected);
    free(lane->share);
    free(lane->support_weight);
    free(lane->outputs);
    free(lane->best_output);
    free(lane->best);
    *lane = (struct ocelot_lane){0};
}

/* Which features are shown, in which order, with which shares. */
static void choose_features(struct ocelot_lane *lane, const double *relevance, struct ocelot_record *record)
{
    const struct ocelot_view *view = lane->view;
    size_t count = 0, top = lane->request->settings->top;
    double whole = 0;
    for (size_t i = 0; i < view->info.features; i++) {
        whole += fabs(relevance[i]);
        if ((i >= view->least && i < view->beyond) || relevance[i] != 0) {
            lane->order[count++] = i;
        }
    }
    if (top == 0) {
        top = lane->request->format == &ocelot_format_text || view->info.input_rank >= 2 ? TEXT_TOP : count; /* pixels are for pictures */
    }
    record->shown = top < count ? top : count;
    ocelot_rank(relevance, lane->order, count, record->shown);
    whole = view->decomposes ? record->decision.outlier_score : whole;
    for (size_t k = 0; k < record->shown; k++) {
        double part = relevance[lane->order[k]];
        lane->share[k] = part == 0 ? 0 : part / whole;
    }
    record->order = lane->order;
    record->share = lane->share;
}

static void choose_support(struct ocelot_lane *lane, const double *weights, struct ocelot_record *record)
{
    size_t m = lane->view->info.support_vectors, top = lane->request->settings->support;
    if (isnan(weights[0])) {
        return;
    }
    top = top < m ? top : m;
    for (size_t j = 0; j < m; j++) {
        lane->support_order[j] = j;
    }
    ocelot_rank(weights, lane->support_order, m, top);
    for (size_t k = 0; k < top; k++) {
        lane->support_weight[k] = weights[lane->support_order[k]];
    }
    record->support = lane->support_order;
    record->support_weight = lane->support_weight;
    record->support_count = top;
}

/* The largest outputs, not in size but in value. */
static enum ocelot_status choose_best(struct ocelot_lane *lane, struct ocelot_record *record, struct ocelot_error *err)
{
    size_t count = lane->view->info.outputs, top = count < BEST ? count : BEST;
    enum ocelot_status status = ocelot_outputs(lane->view->plan, lane->workspace, record->values, 1, lane->outputs, err);
    if (status) {
        return status;
    }
    double least = lane->outputs[0], *above = lane->outputs + count;
    for (size_t k = 0; k < count; k++) {
        lane->best[k] = k;
        least = fmin(least, lane->outputs[k]);
    }
    for (size_t k = 0; k < count; k++) {
        above[k] = lane->outputs[k] - least; /* ranking goes by size */
    }
    ocelot_rank(above, lane->best, count, top);
    for (size_t k = 0; k < top; k++) {
        lane->best_output[k] = lane->outputs[lane->best[k]];
    }
    record->best = lane->best;
    record->best_output = lane->best_output;
    record->best_count = top;
    return OCELOT_OK;
}

/* Fills what explaining adds to row r of the step. */
static enum ocelot_status complete(struct ocelot_lane *lane, size_t r, struct ocelot_record *record, struct ocelot_error *err)
{
    size_t d = lane->view->info.features;
    record->explained = lane->explained[r];
    record->residual = lane->residual[r];
    record->excess = lane->excess[r];
    record->relevance = lane->relevance + r * d;
    choose_features(lane, record->relevance, record);
    if (!shows_expected(lane->request->format)) {
        return OCELOT_OK;
    }
    record->nearest = lane->nearest + r * d;
    if (lane->support) {
        choose_support(lane, lane->support + r * lane->view->info.support_vectors, record);
    }
    record->expected = lane->expected;
    if (lane->outputs) {
        enum ocelot_status status = choose_best(lane, record, err);
        if (status) {
            return status;
        }
    }
    return ocelot_expected(lane->view->plan, lane->workspace, record->values, record->order, record->shown, lane->expected, err);
}

static void count_label(const struct ocelot_row_batch *batch, size_t row, const struct ocelot_decision *decision, struct ocelot_stream_totals *totals)
{
    if (batch->label && isfinite(batch->label[row])) {
        totals->labelled++;
        totals->correct += batch->label[row] == decision->predicted;
    }
}

/* One row of the step: its record, unless it is not wanted. */
static enum ocelot_status write_row(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t r,
                                    const struct ocelot_lane_results *results, struct ocelot_error *err)
{
    struct ocelot_stream_totals *totals = results->totals;
    size_t row = start + r;
    char trouble[256];
    struct ocelot_record record = {.row = batch->first_row + row,
                                   .id = batch->id ? batch->id[row] : NULL,
                                   .label = batch->label_text ? batch->label_text[row] : NULL,
                                   .error = batch->error ? batch->error[row] : NULL,
                                   .decision = lane->decisions[r],
                                   .values = batch->values + row * batch->width};
    totals->rows++;
    if (!record.error && record.decision.status) {
        record.error = ocelot_row_trouble(record.values, batch->width, lane->view->names, trouble, sizeof trouble) ? trouble
                       : record.decision.status == OCELOT_E_VALUE ? "the row lies so far from the model that its score overflows"
                                                                  : ocelot_status_name(record.decision.status);
    }
    if (record.error) {
        if (totals->failed++ == 0) {
            snprintf(totals->first_failure, sizeof totals->first_failure, "row %zu: %.200s", record.row, record.error);
        }
    } else {
        count_label(batch, row, &record.decision, totals);
        totals->outliers += record.decision.is_outlier;
        if (lane->request->settings->only_outliers && !record.decision.is_outlier) {
            return OCELOT_OK;
        }
        if (lane->request->explain) {
            enum ocelot_status status = complete(lane, r, &record, err);
            if (status) {
                return status;
            }
            totals->opposed += lane->view->context.classifier && record.explained * record.decision.output < 0;
        }
    }
    totals->written++;
    lane->request->format->record(&lane->view->context, &record, results->records);
    return lane->request->plates ? ocelot_plates_frame(lane->request->plates, &record, results->frames, err) : OCELOT_OK;
}

/* --map: one side of the relevance in its place. */
static void choose_side(struct ocelot_lane *lane, size_t count)
{
    bool excess = lane->lack && strcmp(lane->request->settings->map, "excess") == 0;
    for (size_t n = 0; lane->lack && n < count * lane->view->info.features; n++) {
        lane->relevance[n] = excess ? lane->relevance[n] - lane->lack[n] : lane->lack[n];
    }
}

enum ocelot_status ocelot_lane_step(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                    const struct ocelot_lane_results *results, struct ocelot_error *err)
{
    const double *rows = batch->values + start * batch->width;
    const struct ocelot_plan *plan = lane->view->plan;
    enum ocelot_status status = lane->request->explain ? ocelot_explain(plan, lane->workspace, rows, count, &lane->explanation, err)
                                                       : ocelot_score(plan, lane->workspace, rows, count, lane->decisions, err);
    if (!status && lane->request->explain) {
        choose_side(lane, count);
    }
    for (size_t r = 0; r < count && !status; r++) {
        status = write_row(lane, batch, start, r, results, err);
    }
    return status ? status : results->records->failed ? ocelot_fail_memory(err, "the records of a batch") : OCELOT_OK;
}
