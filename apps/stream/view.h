/* A model made ready for a run: its plan, and what every record says of it. */
#ifndef OCELOT_STREAM_VIEW_H
#define OCELOT_STREAM_VIEW_H

#include "stream/groups.h"
#include "stream/stream.h"

struct ocelot_view {
    const struct ocelot_model *model;
    struct ocelot_model *widened; /* owned, when the data named indices that the model file does not; `model` then is this one */
    struct ocelot_plan *plan;
    struct ocelot_model_info info;
    struct ocelot_record_context context; /* of what is told: features, or groups in their place */
    const char **names, **outputs;        /* [features] */
    double *low, *high;                   /* [context.features] */
    long *indices;
    struct ocelot_groups groups; /* count 0 = none: every feature is told by itself */
    bool samples;                /* relevance has standard errors */
    bool decomposes;             /* relevance is a share of the outlier score: not signed */
    size_t least, beyond;        /* features (not groups) that always are shown: [least, beyond); the others only where they have relevance */
};

/* Makes a view of `model`, with LIBSVM indices first..last where these reach beyond it. Start zeroed; close also after failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_view_open(struct ocelot_view *view, const struct ocelot_stream_request *request,
                                                    const struct ocelot_model *model, long first, long last, struct ocelot_error *err);
/* Whether what is told at place k (a feature or a group) is told even where it has no relevance. */
static inline bool ocelot_view_always(const struct ocelot_view *view, size_t k)
{
    size_t feature = view->groups.count ? view->groups.first[k] : k;
    return (view->groups.count && view->groups.size[k] > 1) || (feature >= view->least && feature < view->beyond);
}

/* Relevance, or its standard errors, of features [features] into that of what is told [context.features]; nothing without groups. In place. */
void ocelot_view_fold(const struct ocelot_view *view, double *values);

/* The value of what is told at place k, of a raw row [features]; NaN for a group of more than one. */
double ocelot_view_value(const struct ocelot_view *view, const double *row, size_t k);

/* Expected values of what is told at `order` [shown]; of groups of more than one NaN. `room` [shown]; `support` of the row, or NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_view_expected(const struct ocelot_view *view, struct ocelot_workspace *workspace, const double *row,
                                                        const double *support, const size_t *order, size_t shown, size_t *room, double *out,
                                                        struct ocelot_error *err);

void ocelot_view_close(struct ocelot_view *view);

#endif
