/* A model made ready for a run: its plan, and what every record says of it. */
#ifndef OCELOT_STREAM_VIEW_H
#define OCELOT_STREAM_VIEW_H

#include "stream/stream.h"

struct ocelot_view {
    const struct ocelot_model *model;
    struct ocelot_model *widened; /* owned, when the data named indices that the model file does not; `model` then is this one */
    struct ocelot_plan *plan;
    struct ocelot_model_info info;
    struct ocelot_record_context context;
    const char **names, **outputs;
    double *low, *high;
    long *indices;
    bool decomposes;      /* relevance is a share of the outlier score: not signed */
    size_t least, beyond; /* features that always are shown: [least, beyond); the others only where they have relevance */
};

/* Makes a view of `model`, with LIBSVM indices first..last where these reach beyond it. Start zeroed; close also after failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_view_open(struct ocelot_view *view, const struct ocelot_stream_request *request,
                                                    const struct ocelot_model *model, long first, long last, struct ocelot_error *err);
void ocelot_view_close(struct ocelot_view *view);

#endif
