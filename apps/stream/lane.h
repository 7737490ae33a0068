/* What one worker thread owns: a workspace, the results of a few rows, and the making of their records. */
#ifndef OCELOT_STREAM_LANE_H
#define OCELOT_STREAM_LANE_H

#include "stream/view.h"

struct ocelot_lane {
    const struct ocelot_view *view;
    const struct ocelot_stream_request *request;
    struct ocelot_workspace *workspace;
    size_t room; /* rows of one step */
    struct ocelot_decision *decisions;
    struct ocelot_explanation explanation;
    double *row;                                                                          /* values of one row by its entries; 0 in between */
    double *relevance, *error, *explained, *residual, *excess, *lack, *nearest, *support; /* of `room` rows */
    double *all_expected;                                                                 /* of `room` rows, where all features are told */
    double *rest_expected;                                                                /* of one row: those that are asked for one by one */
    size_t *rest;
    size_t *order, *support_order; /* of one row */
    double *group_values;          /* with groups: of one row; `lone`: those told that are features */
    size_t *lone;
    double *expected, *share, *support_weight;
    double *outputs, *best_output; /* networks: of one row (twice), and the largest of them */
    size_t *best;
};

enum { OCELOT_LANE_BEST = 5 }; /* outputs of a network that are told */

/* Rows that a lane handles in one step: the plan's own batch, or fewer where results of that many would be large. */
size_t ocelot_lane_room(const struct ocelot_view *view, const struct ocelot_stream_request *request);

/* Start zeroed; close also after failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_lane_open(struct ocelot_lane *lane, const struct ocelot_view *view,
                                                    const struct ocelot_stream_request *request, struct ocelot_error *err);
void ocelot_lane_close(struct ocelot_lane *lane);

/* What a step appends and adds to. */
struct ocelot_lane_results {
    struct ocelot_text *records, *frames; /* frames: what the request's heat maps or incidents are made from */
    struct ocelot_stream_totals *totals;
};

/* Explains rows [start, start + count) of the batch, count <= room. */
OCELOT_MUST_USE enum ocelot_status ocelot_lane_step(struct ocelot_lane *lane, const struct ocelot_row_batch *batch, size_t start, size_t count,
                                                    const struct ocelot_lane_results *results, struct ocelot_error *err);

/* Whether a format says what would have been normal; asking for it costs m exponentials a feature. */
bool ocelot_lane_tells(const struct ocelot_format *format);

/* The features that are told at most; 0 = all that have relevance. */
size_t ocelot_lane_top(const struct ocelot_lane *lane);

/* Fills what explaining adds to the record of row r of the step, whose relevance then is that of what is told (lane_record.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_lane_complete(struct ocelot_lane *lane, size_t r, struct ocelot_record *record, struct ocelot_error *err);

#endif
