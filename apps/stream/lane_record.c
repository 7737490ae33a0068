/* What explaining adds to a record: features or groups in order, what would have been normal, support vectors, outputs. */
#include <math.h>
#include <stddef.h>

#include "stream/lane.h"
#include "stream/rank.h"

enum { TEXT_TOP = 10 };

bool ocelot_lane_tells(const struct ocelot_format *format)
{
    return format == &ocelot_format_jsonl || format == &ocelot_format_text;
}

size_t ocelot_lane_top(const struct ocelot_lane *lane)
{
    const struct ocelot_view *view = lane->view;
    bool pixels = view->info.input_rank >= 2 && !view->groups.count; /* which are for pictures */
    size_t top = lane->request->settings->top;
    return top == 0 && (lane->request->format == &ocelot_format_text || pixels) ? TEXT_TOP : top;
}

/* Which features are shown, in which order, with which shares. */
static void choose_features(struct ocelot_lane *lane, const double *relevance, struct ocelot_record *record)
{
    const struct ocelot_view *view = lane->view;
    size_t count = 0, top = ocelot_lane_top(lane), d = view->context.features;
    double whole = view->decomposes ? record->decision.outlier_score : 0;
    if (top && top < d && !view->groups.count && view->least == 0 && view->beyond >= d) { /* as in most runs with a top: all may be shown */
        record->shown = top;
        record->told = d;
        ocelot_rank_first(relevance, d, top, lane->order);
    } else {
        for (size_t i = 0; i < d; i++) {
            lane->order[count] = i;
            count += (relevance[i] != 0) | ocelot_view_always(view, i); /* a branch could not be foreseen */
        }
        record->shown = top && top < count ? top : count;
        record->told = count;
        ocelot_rank(relevance, lane->order, count, record->shown);
    }
    for (size_t i = 0; !view->decomposes && i < d; i++) {
        whole += fabs(relevance[i]);
    }
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
    if (!weights || isnan(weights[0])) {
        return;
    }
    top = top < m ? top : m;
    ocelot_rank_first(weights, m, top, lane->support_order);
    for (size_t k = 0; k < top; k++) {
        lane->support_weight[k] = weights[lane->support_order[k]];
    }
    record->support = lane->support_order;
    record->support_weight = lane->support_weight;
    record->support_count = top;
}

/* The largest outputs, not in size but in value. */
static enum ocelot_status choose_best(struct ocelot_lane *lane, const double *row, struct ocelot_record *record, struct ocelot_error *err)
{
    size_t count = lane->view->info.outputs, top = count < OCELOT_LANE_BEST ? count : OCELOT_LANE_BEST;
    enum ocelot_status status = ocelot_outputs(lane->view->plan, lane->workspace, row, 1, lane->outputs, err);
    if (status) {
        return status;
    }
    double least = lane->outputs[0], *above = lane->outputs + count;
    for (size_t k = 0; k < count; k++) {
        least = fmin(least, lane->outputs[k]);
    }
    for (size_t k = 0; k < count; k++) {
        above[k] = lane->outputs[k] - least; /* ranking goes by size */
    }
    ocelot_rank_first(above, count, top, lane->best);
    for (size_t k = 0; k < top; k++) {
        lane->best_output[k] = lane->outputs[lane->best[k]];
    }
    record->best = lane->best;
    record->best_output = lane->best_output;
    record->best_count = top;
    return OCELOT_OK;
}

/* Expected values of what is shown: those that came with the explanation, and the others. */
static enum ocelot_status expect(struct ocelot_lane *lane, const double *row, const double *support, size_t r, const struct ocelot_record *record,
                                 struct ocelot_error *err)
{
    const struct ocelot_view *view = lane->view;
    if (!lane->all_expected) {
        return ocelot_view_expected(view, lane->workspace, row, support, record->order, record->shown, lane->lone, lane->expected, err);
    }
    const double *all = lane->all_expected + r * view->info.features;
    size_t rest = 0;
    for (size_t k = 0; k < record->shown; k++) {
        lane->expected[k] = ocelot_view_value(view, all, record->order[k]);
        if (isnan(lane->expected[k])) {
            lane->rest[rest++] = record->order[k];
        }
    }
    enum ocelot_status status =
        rest ? ocelot_view_expected(view, lane->workspace, row, support, lane->rest, rest, lane->lone, lane->rest_expected, err) : OCELOT_OK;
    for (size_t k = record->shown; k-- > 0 && rest > 0 && !status;) {
        if (lane->rest[rest - 1] == record->order[k]) {
            lane->expected[k] = lane->rest_expected[--rest];
        }
    }
    return status;
}

enum ocelot_status ocelot_lane_complete(struct ocelot_lane *lane, size_t r, struct ocelot_record *record, struct ocelot_error *err)
{
    const struct ocelot_view *view = lane->view;
    size_t d = view->info.features;
    const double *row = record->values;
    record->explained = lane->explained[r];
    record->residual = lane->residual[r];
    record->excess = lane->excess[r];
    record->relevance = lane->relevance + r * d;
    record->error_bar = lane->error ? lane->error + r * d : NULL;
    ocelot_view_fold(view, lane->relevance + r * d);
    if (lane->error) {
        ocelot_view_fold(view, lane->error + r * d); /* errors within a group move together: they add up */
    }
    if (ocelot_lane_tells(lane->request->format)) {
        choose_features(lane, record->relevance, record);
    }
    if (view->groups.count) {
        ocelot_groups_pick(&view->groups, row, lane->group_values);
        record->values = lane->group_values;
    }
    if (!ocelot_lane_tells(lane->request->format)) {
        return OCELOT_OK;
    }
    record->nearest = lane->nearest + r * d;
    if (view->groups.count) {
        ocelot_groups_pick(&view->groups, record->nearest, lane->nearest + r * d);
    }
    const double *support = lane->support ? lane->support + r * view->info.support_vectors : NULL;
    if (lane->support_weight) {
        choose_support(lane, support, record);
    }
    record->expected = lane->expected;
    enum ocelot_status status = lane->outputs ? choose_best(lane, row, record, err) : OCELOT_OK;
    return status ? status : expect(lane, row, support, r, record, err);
}
