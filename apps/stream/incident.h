/* One incident as a record, and the formats it is written in. */
#ifndef OCELOT_STREAM_INCIDENT_H
#define OCELOT_STREAM_INCIDENT_H

#include "io/record.h"

/* Consecutive outliers; arrays are of what is told: features, or groups. */
struct ocelot_incident {
    size_t number;                            /* from 0 */
    size_t first_row, last_row;               /* outliers both */
    const char *first_id, *last_id, *peak_id; /* NULL = none */
    size_t rows, failed;                      /* outliers in it; rows between them that could not be explained */
    size_t peak_row;                          /* the row of the largest score, the first of equal ones */
    struct ocelot_decision peak;
    const char *aggregate;   /* name of the aggregation */
    const double *values;    /* [features] in the peak row */
    const double *relevance; /* [features] aggregated */
    const size_t *order;     /* [shown] by decreasing |relevance| */
    const double *expected;  /* [shown], in the peak row; parallel to order */
    const double *share;     /* [shown], of the sum of |relevance| */
    size_t shown, told;      /* told: that could have been shown */
};

/* jsonl: one object an incident; csv: scalar fields, then relevance:NAME in model order; text: for a terminal. */
struct ocelot_incident_format {
    const struct ocelot_format *rows;                                                    /* the format of single rows that this one stands for */
    void (*begin)(const struct ocelot_record_context *context, struct ocelot_text *out); /* may be NULL */
    void (*record)(const struct ocelot_record_context *context, const struct ocelot_incident *incident, struct ocelot_text *out);
};

/* The one that stands for a format of single rows, or NULL. */
const struct ocelot_incident_format *ocelot_incident_format_find(const struct ocelot_format *rows);

#endif
