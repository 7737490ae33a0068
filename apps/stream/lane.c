#include "stream/lane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "stream/incidents.h"
#include "stream/plates.h"
#include "stream/table.h"

enum { RESULT_BYTES = 1 << 24 };

size_t ocelot_lane_room(const struct ocelot_view *view, const struct ocelot_stream_request *request)
{
    size_t room = ocelot_plan_batch(view->plan);
    room = room ? room : 1;
    if (request->explain) {
        size_t bytes = sizeof(double) * ((view->samples ? 4 : 3) * view->info.features + view->info.support_vectors + 8), most = RESULT_BYTES / bytes;
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
    lane->row = numbers(1, d, &failed);
    if (lane->view->context.network && request->explain && ocelot_lane_tells(request->format)) {
        lane->outputs = numbers(2, info->outputs, &failed);
        lane->best_output = numbers(1, OCELOT_LANE_BEST, &failed);
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
    lane->error = lane->view->samples ? numbers(room, d, &failed) : NULL;
    lane->lack = request->settings->map && strcmp(request->settings->map, "total") != 0 ? numbers(room, d, &failed) : NULL;
    lane->expected = numbers(1, d, &failed);
    lane->share = numbers(1, d, &failed);
    lane->order = ocelot_allocate(d, sizeof *lane->order);
    if (lane->view->groups.count) {
        lane->group_values = numbers(1, d, &failed);
        lane->lone = ocelot_allocate(d, sizeof *lane->lone);
        failed = failed || !lane->lone;
    }
    if (ocelot_lane_tells(request->format)) {
        lane->nearest = numbers(room, d, &failed);
        if (!ocelot_lane_top(lane)) {
            lane->all_expected = numbers(room, d, &failed);
            lane->rest_expected = numbers(1, d, &failed);
            lane->rest = ocelot_allocate(d, sizeof *lane->rest);
            failed = failed || !lane->rest;
        }
        if (info->support_vectors) {
            lane->support = numbers(room, info->support_vectors, &failed);
        }
        if (request->settings->support && info->support_vectors) {
            lane->support_weight = numbers(1, info->support_vectors, &failed);
            lane->support_order = ocelot_allocate(info->support_vectors, sizeof *lane->support_order);
            failed = failed || !lane->support_order;
        }
    }
    lane->explanation = (struct ocelot_explanation){.decision = lane->decisions,
                                                    .relevance = lane->relevance,
                                                    .lack = lane->lack,
                                                    .standard_error = lane->error,
                                                    .explained = lane->explained,
                                                    .residual = lane->residual,
                                                    .excess = lane->excess,
                                                    .nearest = lane->nearest,
                                                    .support = lane->support,
                                                    .expected = lane->all_expected};
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
    enum ocelot_status status = ocelot_workspace_create(view->plan, &lane->workspace, err);
    if (!status) {
        ocelot_workspace_use_threads(lane->workspace, 1); /* lanes work side by side */
    }
    return status;
}

void ocelot_lane_close(struct ocelot_lane *lane)
{
    ocelot_workspace_free(lane->workspace);
    free(lane->decisions);
    free(lane->row);
    free(lane->relevance);
    free(lane->explained);
    free(lane->residual);
    free(lane->excess);
    free(lane->lack);
    free(lane->error);
    free(lane->group_values);
    free(lane->lone);
    free(lane->nearest);
    free(lane->all_expected);
    free(lane->rest_expected);
    free(lane->rest);
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

static void count_label(const struct ocelot_row_batch *batch, size_t row, const struct ocelot_decision *decision, struct ocelot_stream_totals *totals)
{
    if (batch->label && isfinite(batch->label[row])) {
        totals->labelled++;
        totals->correct += batch->label[row] == decision->predicted;
    }
}

/* The frame is drawn of features; with groups each has its part of the group's relevance. */
static enum ocelot_status draw_frame(struct ocelot_lane *lane, size_t r, struct ocelot_record *record, struct ocelot_text *out,
                                     struct ocelot_error *err)
{
    record->relevance = record->error ? NULL : lane->relevance + r * lane->view->info.features;
    if (lane->view->groups.count && !record->error) {
        ocelot_groups_level(&lane->view->groups, lane->relevance + r * lane->view->info.features, lane->share);
    }
    return ocelot_plates_frame(lane->request->plates, record, out, err);
}

/* Why a row that was read could not be scored, or explained. */
static const char *trouble_of(const struct ocelot_lane *lane, const struct ocelot_row_batch *batch, const struct ocelot_record *record, char *text,
                              size_t room)
{
    if (ocelot_row_trouble(record->values, batch->width, lane->view->names, text, room)) {
        return text;
    }
    if (record->decision.status != OCELOT_E_VALUE) {
        return ocelot_status_name(record->decision.status);
    }
    return isfinite(record->decision.output) ? "the method's relevance overflows, at the row or at what it is compared with"
                                             : "the row lies so far from the model that its score overflows";
}

/* The values of a row of the batch, until put_away. */
static const double *lay_out(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t row)
{
    if (batch->values) {
        return batch->values + row * batch->width;
    }
    for (size_t e = batch->entries.start[row]; e < batch->entries.start[row + 1]; e++) {
        lane->row[batch->entries.feature[e]] = batch->entries.value[e];
    }
    return lane->row;
}

static void put_away(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t row)
{
    for (size_t e = batch->values ? 0 : batch->entries.start[row]; !batch->values && e < batch->entries.start[row + 1]; e++) {
        lane->row[batch->entries.feature[e]] = 0;
    }
}

/* One row of the step, with its values: its record, unless it is not wanted. */
static enum ocelot_status write_row(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, const double *values, size_t start, size_t r,
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
                                   .values = values};
    totals->rows++;
    if (!record.error && record.decision.status) {
        record.error = trouble_of(lane, batch, &record, trouble, sizeof trouble);
    }
    if (record.error) {
        if (totals->failed++ == 0) {
            snprintf(totals->first_failure, sizeof totals->first_failure, "row %zu: %.200s", record.row, record.error);
        }
    } else {
        count_label(batch, row, &record.decision, totals);
        totals->outliers += record.decision.is_outlier;
    }
    if (lane->request->incidents) {
        double *relevance = lane->relevance + r * lane->view->info.features;
        ocelot_view_fold(lane->view, relevance);
        return ocelot_incidents_frame(lane->view, &record, relevance, results->frames, err);
    }
    if (!record.error) {
        if (lane->request->settings->only_outliers && !record.decision.is_outlier) {
            return OCELOT_OK;
        }
    }
    totals->written++;
    enum ocelot_status status = lane->request->plates ? draw_frame(lane, r, &record, results->frames, err) : OCELOT_OK;
    if (!status && !record.error && lane->request->explain) {
        status = ocelot_lane_complete(lane, r, &record, err);
        totals->opposed += lane->view->context.classifier && record.explained * record.decision.output < 0;
    }
    if (!status) {
        lane->request->format->record(&lane->view->context, &record, results->records);
    }
    return status;
}

/* --map: one side of the relevance in its place. */
static void choose_side(struct ocelot_lane *lane, size_t count)
{
    bool excess = lane->lack && strcmp(lane->request->settings->map, "excess") == 0;
    for (size_t n = 0; lane->lack && n < count * lane->view->info.features; n++) {
        lane->relevance[n] = excess ? lane->relevance[n] - lane->lack[n] : lane->lack[n];
    }
}

static double *from(double *values, size_t offset)
{
    return values ? values + offset : NULL;
}

static struct ocelot_sparse_rows entries_from(const struct ocelot_row_batch *batch, size_t start)
{
    struct ocelot_sparse_rows entries = batch->entries;
    entries.start = batch->values ? NULL : entries.start + start;
    return entries;
}

static enum ocelot_status score(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count, struct ocelot_error *err)
{
    struct ocelot_sparse_rows entries = entries_from(batch, start);
    return batch->values ? ocelot_score(lane->view->plan, lane->workspace, batch->values + start * batch->width, count, lane->decisions, err)
                         : ocelot_score_sparse(lane->view->plan, lane->workspace, &entries, count, lane->decisions, err);
}

static enum ocelot_status explain(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                  struct ocelot_explanation *out, struct ocelot_error *err)
{
    struct ocelot_sparse_rows entries = entries_from(batch, start);
    return batch->values ? ocelot_explain(lane->view->plan, lane->workspace, batch->values + start * batch->width, count, out, err)
                         : ocelot_explain_sparse(lane->view->plan, lane->workspace, &entries, count, out, err);
}

/* Where only outliers are told only they are explained, in runs: scoring the others costs a fraction of explaining them. */
static enum ocelot_status explain_outliers(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                           struct ocelot_error *err)
{
    size_t d = lane->view->info.features, m = lane->view->info.support_vectors;
    enum ocelot_status status = score(lane, batch, start, count, err);
    for (size_t r = 0, end = 0; r < count && !status; r = end + 1) {
        for (end = r; end < count && !lane->decisions[end].status && lane->decisions[end].is_outlier;) {
            end++;
        }
        struct ocelot_explanation part = {.decision = lane->decisions + r,
                                          .relevance = lane->relevance + r * d,
                                          .lack = from(lane->lack, r * d),
                                          .standard_error = from(lane->error, r * d),
                                          .explained = lane->explained + r,
                                          .residual = lane->residual + r,
                                          .excess = lane->excess + r,
                                          .nearest = from(lane->nearest, r * d),
                                          .support = from(lane->support, r * m),
                                          .expected = from(lane->all_expected, r * d)};
        status = end > r ? explain(lane, batch, start + r, end - r, &part, err) : OCELOT_OK;
    }
    return status;
}

static enum ocelot_status compute(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                  struct ocelot_error *err)
{
    if (!lane->request->explain) {
        return score(lane, batch, start, count, err);
    }
    if (lane->request->settings->only_outliers || lane->request->incidents) {
        return explain_outliers(lane, batch, start, count, err);
    }
    return explain(lane, batch, start, count, &lane->explanation, err);
}

/* Where neither the model nor the row has a feature there is nothing to tell: rows have more room than features, and methods that draw reach there.
 * What is left out is not explained. */
static void pass_over(struct ocelot_lane *lane, const double *row, size_t r)
{
    const struct ocelot_view *view = lane->view;
    size_t d = view->info.features;
    double *relevance = lane->relevance + r * d, *error = from(lane->error, r * d), lost = 0;
    for (size_t i = 0; view->beyond - view->least < d && i < d; i++) {
        if ((i < view->least || i >= view->beyond) && row[i] == 0) {
            lost += relevance[i];
            relevance[i] = 0;
            if (error) {
                error[i] = 0;
            }
        }
    }
    lane->explained[r] -= lost;
    lane->residual[r] += lost;
}

enum ocelot_status ocelot_lane_step(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                    const struct ocelot_lane_results *results, struct ocelot_error *err)
{
    enum ocelot_status status = compute(lane, batch, start, count, err);
    if (!status && lane->request->explain) {
        choose_side(lane, count);
    }
    for (size_t r = 0; r < count && !status; r++) {
        const double *row = lay_out(lane, batch, start + r);
        if (lane->request->explain && lane->decisions[r].status == OCELOT_OK) {
            pass_over(lane, row, r);
        }
        status = write_row(lane, batch, row, start, r, results, err);
        put_away(lane, batch, start + r);
    }
    return status ? status : results->records->failed ? ocelot_fail_memory(err, "the records of a batch") : OCELOT_OK;
}
