/* explain --incidents: consecutive outliers become one incident, row by row and in constant memory. */
#ifndef OCELOT_STREAM_INCIDENTS_H
#define OCELOT_STREAM_INCIDENTS_H

#include "stream/view.h"

struct ocelot_incidents;

/* By the request's settings and format. Fails with OCELOT_E_ARGUMENT for an aggregation that does not exist and formats that have no incidents, with
 * OCELOT_E_UNSUPPORTED for models without outliers. The request must outlive it. */
OCELOT_MUST_USE enum ocelot_status ocelot_incidents_open(const struct ocelot_stream_request *request, struct ocelot_incidents **out,
                                                         struct ocelot_error *err);

/* The method that explains: as asked for, else for incidents of a model that has it `level`, else NULL, the model's own. */
const char *ocelot_incidents_method(const struct ocelot_stream_settings *settings, const struct ocelot_model *model);

/* Makes it ready for rows of the view, which must outlive what follows. No incident may be open. */
OCELOT_MUST_USE enum ocelot_status ocelot_incidents_ready(struct ocelot_incidents *incidents, const struct ocelot_view *view,
                                                          struct ocelot_error *err);

/* The header of the format. */
void ocelot_incidents_begin(const struct ocelot_incidents *incidents, struct ocelot_text *out);

/* Appends what an incident needs of a row, in any thread: of rows that are no outliers little. `relevance` is that of what is told
 * [context.features], `record->values` the raw row [features]; record->error: the row failed. */
OCELOT_MUST_USE enum ocelot_status ocelot_incidents_frame(const struct ocelot_view *view, const struct ocelot_record *record, const double *relevance,
                                                          struct ocelot_text *out, struct ocelot_error *err);

/* Takes frames in the order of the rows, and appends the records of the incidents that are over. The workspace is one of the view's plan. */
OCELOT_MUST_USE enum ocelot_status ocelot_incidents_take(struct ocelot_incidents *incidents, const struct ocelot_text *frames,
                                                         struct ocelot_workspace *workspace, struct ocelot_text *out, struct ocelot_error *err);

/* Ends the incident that is open, if one is. */
OCELOT_MUST_USE enum ocelot_status ocelot_incidents_finish(struct ocelot_incidents *incidents, struct ocelot_workspace *workspace,
                                                           struct ocelot_text *out, struct ocelot_error *err);
size_t ocelot_incidents_count(const struct ocelot_incidents *incidents); /* records written */
void ocelot_incidents_close(struct ocelot_incidents *incidents);

/* Name k of what --aggregate takes, or NULL: for completion. */
const char *ocelot_incidents_aggregation(size_t k);

#endif
