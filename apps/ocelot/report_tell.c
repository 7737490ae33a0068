/* Explaining the rows that a report shows: bars in order, what would have been expected, shares for the strip and the swarm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "io/heat_map.h"
#include "ocelot/report.h"
#include "shell/progress.h"
#include "stream/rank.h"

/* Working room of one row. */
struct room {
    double *pixels;    /* [features] relevance */
    double *relevance; /* the same of what is told: features, or groups in their place */
    double *error;     /* standard errors of that */
    size_t *order, *lone;
    double *expected;
    double residual;
    struct ocelot_progress progress;
};

static double score_of(const struct ocelot_report *report, const struct ocelot_decision *decision)
{
    return report->classifier ? decision->output : decision->outlier_score;
}

/* What shares are of: the outlier score where relevance decomposes it, else the sum of |R|. */
static double whole_of(const struct ocelot_report *report, const struct ocelot_decision *decision, const double *relevance)
{
    double sum = 0;
    for (size_t i = 0; i < report->view.context.features; i++) {
        sum += fabs(relevance[i]);
    }
    return report->view.decomposes ? decision->outlier_score : sum;
}

static double share(double part, double whole)
{
    return part == 0 ? 0 : part / whole;
}

static enum ocelot_status explain_row(const struct ocelot_report *report, const double *values, struct room *room, struct ocelot_error *err)
{
    struct ocelot_decision decision;
    struct ocelot_explanation out = {.decision = &decision, .relevance = room->pixels, .standard_error = room->error, .residual = &room->residual};
    enum ocelot_status status = ocelot_explain(report->view.plan, report->workspace, values, 1, &out, err);
    if (!status) {
        memcpy(room->relevance, room->pixels, report->view.info.features * sizeof *room->relevance);
        ocelot_view_fold(&report->view, room->relevance);
        ocelot_view_fold(&report->view, room->error);
    }
    return status;
}

/* Without outliers nothing was summed up while gathering: the rows shown stand in. */
static enum ocelot_status sum_up(struct ocelot_report *report, struct room *room, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < report->story_count && report->data.subjects == 0 && !status; k++) {
        status = explain_row(report, report->stories[k].row->values, room, err);
        for (size_t i = 0; i < report->view.context.features && !status; i++) {
            report->data.sum[i] += fabs(room->relevance[i]);
        }
    }
    return status;
}

static enum ocelot_status name_features(struct ocelot_report *report, struct ocelot_report_story *story, struct room *room, double whole,
                                        struct ocelot_error *err)
{
    const struct ocelot_view *view = &report->view;
    size_t count = 0;
    for (size_t i = 0; i < view->context.features; i++) {
        if (ocelot_view_always(view, i) || room->relevance[i] != 0) {
            room->order[count++] = i;
        }
    }
    story->count = count < report->top ? count : report->top;
    story->others = count - story->count;
    ocelot_rank(room->relevance, room->order, count, story->count);
    story->bars = ocelot_allocate(story->count, sizeof *story->bars);
    if (!story->bars) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    enum ocelot_status status =
        ocelot_view_expected(view, report->workspace, story->row->values, NULL, room->order, story->count, room->lone, room->expected, err);
    for (size_t k = 0; k < story->count; k++) {
        size_t i = room->order[k];
        story->bars[k] = (struct ocelot_waterfall_bar){.name = view->context.names[i],
                                                       .value = ocelot_view_value(view, story->row->values, i),
                                                       .expected = room->expected[k],
                                                       .low = view->low[i],
                                                       .high = view->high[i],
                                                       .relevance = room->relevance[i],
                                                       .share = share(room->relevance[i], whole),
                                                       .error = room->error[i],
                                                       .members = view->groups.count ? view->groups.size[i] : 1};
    }
    for (size_t k = story->count; k < count; k++) {
        story->others_relevance += room->relevance[room->order[k]];
    }
    story->others_share = share(story->others_relevance, whole);
    return status;
}

/* All pixels of a row. */
static enum ocelot_status keep_picture(struct ocelot_report *report, struct ocelot_report_story *story, const struct room *room,
                                       struct ocelot_error *err)
{
    size_t d = report->view.info.features, shape[3] = {report->data.channels, report->data.height, report->data.width};
    story->relevance = ocelot_allocate(shape[1] * shape[2], sizeof *story->relevance);
    story->expected = ocelot_allocate(d, sizeof *story->expected);
    if (!story->relevance || !story->expected) {
        return ocelot_fail_memory(err, "the pictures of the report");
    }
    if (report->view.groups.count) {
        ocelot_groups_level(&report->view.groups, room->pixels, room->expected);
    }
    ocelot_heat_sum(room->pixels, shape, story->relevance);
    return ocelot_expected(report->view.plan, report->workspace, story->row->values, NULL, d, story->expected, err);
}

/* The largest outputs of a network. */
static enum ocelot_status find_best(struct ocelot_report *report, struct ocelot_report_story *story, struct ocelot_error *err)
{
    size_t outputs = report->view.info.outputs;
    double *all = ocelot_allocate(outputs, sizeof *all);
    if (!all) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    enum ocelot_status status = ocelot_outputs(report->view.plan, report->workspace, story->row->values, 1, all, err);
    for (size_t k = 0; k < outputs && !status; k++) {
        size_t at = story->best_count < OCELOT_REPORT_BEST ? story->best_count++ : OCELOT_REPORT_BEST;
        for (; at > 0 && all[k] > story->best_output[at - 1]; at--) { /* the few stay sorted */
            if (at < OCELOT_REPORT_BEST) {
                story->best[at] = story->best[at - 1];
                story->best_output[at] = story->best_output[at - 1];
            }
        }
        if (at < OCELOT_REPORT_BEST) {
            story->best[at] = k;
            story->best_output[at] = all[k];
        }
    }
    free(all);
    return status;
}

static enum ocelot_status tell_story(struct ocelot_report *report, struct ocelot_report_story *story, bool pictures, struct room *room,
                                     struct ocelot_error *err)
{
    const struct ocelot_decision *decision = &story->row->decision;
    enum ocelot_status status = explain_row(report, story->row->values, room, err);
    if (status) {
        return status;
    }
    double whole = whole_of(report, decision, room->relevance);
    story->whole = whole;
    story->residual = room->residual;
    story->score = score_of(report, decision);
    story->excess = story->score - report->line;
    story->residual_share = report->view.decomposes ? share(story->residual, whole) : (double)NAN;
    story->strip = ocelot_allocate(report->columns, sizeof *story->strip);
    if (!story->strip) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    for (size_t k = 0; k < report->columns; k++) {
        story->strip[k] = share(room->relevance[report->order[k]], whole);
    }
    status = name_features(report, story, room, whole, err);
    status = status || !report->view.context.network ? status : find_best(report, story, err);
    return status || !pictures ? status : keep_picture(report, story, room, err);
}

static enum ocelot_status tell_dots(struct ocelot_report *report, struct room *room, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    report->dots = report->calm ? report->story_count : report->data.sample_count;
    size_t count = 0;
    if (!ocelot_size_multiply(report->columns, report->dots, &count)) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    report->dot_share = ocelot_allocate(count, sizeof *report->dot_share);
    report->dot_value = ocelot_allocate(count, sizeof *report->dot_value);
    if (!report->dot_share || !report->dot_value) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    for (size_t j = 0; j < report->dots && !status; j++) {
        const struct ocelot_report_row *row = report->calm ? report->stories[j].row : report->data.sample[j];
        ocelot_progress_show(&room->progress, (double)(report->story_count + j) / (double)(report->story_count + report->dots),
                             report->story_count + j);
        status = explain_row(report, row->values, room, err);
        double whole = status ? 1 : whole_of(report, &row->decision, room->relevance);
        for (size_t k = 0; k < report->columns; k++) {
            report->dot_share[k * report->dots + j] = share(room->relevance[report->order[k]], whole);
            report->dot_value[k * report->dots + j] = ocelot_view_value(&report->view, row->values, report->order[k]);
        }
    }
    return status;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One scale for every picture. A pixel counts by its share of the row's score, so that an extreme row does not pale the others;
 * the 99.5th percentile of all that are shown is full colour, so that one pixel does not either. */
static enum ocelot_status fit_scales(struct ocelot_report *report, struct ocelot_error *err)
{
    size_t d = report->view.info.features, pixels = report->data.height * report->data.width, count = 0;
    double *all = ocelot_size_multiply(pixels, report->cards, &count) ? ocelot_allocate(count, sizeof *all) : NULL;
    if (!all) {
        return ocelot_fail_memory(err, "the pictures of the report");
    }
    report->grey_low = INFINITY;
    report->grey_high = -INFINITY;
    for (size_t k = 0; k < report->cards; k++) {
        const struct ocelot_report_story *story = &report->stories[k];
        double whole = story->whole;
        for (size_t i = 0; i < d; i++) {
            report->grey_low = fmin(report->grey_low, story->row->values[i]);
            report->grey_high = fmax(report->grey_high, story->row->values[i]);
        }
        for (size_t i = 0; i < pixels; i++) {
            story->relevance[i] = share(story->relevance[i], whole);
            all[k * pixels + i] = isfinite(story->relevance[i]) ? fabs(story->relevance[i]) : 0;
        }
    }
    qsort(all, count, sizeof *all, ascending);
    report->heat_scale = count ? all[(size_t)(0.995 * (double)(count - 1))] : 0;
    free(all);
    return OCELOT_OK;
}

static enum ocelot_status choose_rows(struct ocelot_report *report, struct ocelot_error *err)
{
    struct ocelot_report_data *data = &report->data;
    report->calm = !report->classifier && data->outliers == 0;
    size_t outliers = report->classifier || report->calm ? data->best_count : data->outliers;
    size_t most = report->calm ? report->settings->top_rows : data->best_room;
    report->story_count = data->best_count < outliers ? data->best_count : outliers;
    report->story_count = report->story_count < most ? report->story_count : most;
    report->cards = report->story_count < report->settings->top_rows ? report->story_count : report->settings->top_rows;
    report->stories = ocelot_allocate(report->story_count, sizeof *report->stories);
    report->order = ocelot_allocate(report->view.info.features, sizeof *report->order);
    if (!report->stories || !report->order) {
        return ocelot_fail_memory(err, "the rows of the report");
    }
    for (size_t k = 0; k < report->story_count; k++) {
        report->stories[k].row = data->best[k];
    }
    return OCELOT_OK;
}

static enum ocelot_status tell(struct ocelot_report *report, struct room *room, struct ocelot_error *err)
{
    size_t d = report->view.context.features;
    enum ocelot_status status = sum_up(report, room, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < d; i++) {
        report->order[i] = i;
    }
    report->columns = d < OCELOT_REPORT_STRIP_FEATURES ? d : OCELOT_REPORT_STRIP_FEATURES;
    ocelot_rank(report->data.sum, report->order, d, report->columns);
    for (size_t k = 0; k < report->story_count && !status; k++) {
        ocelot_progress_show(&room->progress, (double)NAN, k);
        status = tell_story(report, &report->stories[k], report->data.height && k < report->cards, room, err);
    }
    status = status ? status : tell_dots(report, room, err);
    return status || !report->data.height ? status : fit_scales(report, err);
}

enum ocelot_status ocelot_report_tell(struct ocelot_report *report, struct ocelot_error *err)
{
    size_t d = report->view.info.features;
    struct room room = {.pixels = ocelot_allocate(d, sizeof(double)),
                        .relevance = ocelot_allocate(d, sizeof(double)),
                        .error = ocelot_allocate(d, sizeof(double)),
                        .order = ocelot_allocate(d, sizeof(size_t)),
                        .lone = ocelot_allocate(d, sizeof(size_t)),
                        .expected = ocelot_allocate(d, sizeof(double))};
    enum ocelot_status status = OCELOT_E_MEMORY;
    ocelot_progress_start(&room.progress, report->settings->stream.quiet);
    if (room.pixels && room.relevance && room.error && room.order && room.lone && room.expected) {
        status = choose_rows(report, err);
        status = status ? status : tell(report, &room, err);
    } else {
        ocelot_fail_memory(err, "a row");
    }
    ocelot_progress_end(&room.progress);
    free(room.pixels);
    free(room.relevance);
    free(room.error);
    free(room.order);
    free(room.lone);
    free(room.expected);
    return status;
}

void ocelot_report_untell(struct ocelot_report *report)
{
    for (size_t k = 0; report->stories && k < report->story_count; k++) {
        free(report->stories[k].bars);
        free(report->stories[k].strip);
        free(report->stories[k].relevance);
        free(report->stories[k].expected);
    }
    free(report->stories);
    free(report->order);
    free(report->dot_share);
    free(report->dot_value);
}
