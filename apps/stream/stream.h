/* Scoring and explaining a file of rows of any length: read in batches, explained by several threads, written in order. */
#ifndef OCELOT_STREAM_STREAM_H
#define OCELOT_STREAM_STREAM_H

#include "io/record.h"
#include "ocelot/explain.h"
#include "shell/output.h"
#include "stream/background.h"
#include "stream/feed.h"

struct ocelot_incidents;
struct ocelot_plates;
struct ocelot_program;

/* How heat maps are drawn. */
struct ocelot_plate_settings {
    const char *colour_map, *scale, *sheet;
    bool overlay;
    double percentile;
};

/* Consecutive outliers as one. */
struct ocelot_incident_settings {
    bool wanted;
    size_t gap;
    const char *aggregate; /* NULL = the usual one */
};

/* What the option tables below fill. */
struct ocelot_stream_settings {
    const char *format, *output;
    const char *method, *target, *arithmetic, *precision, *composite, *box, *map;
    struct ocelot_option_list set, rule;
    size_t top, support, batch, threads;
    double alpha;
    bool only_outliers, quiet, log_ratio;
    struct ocelot_plate_settings plates;
    struct ocelot_comparison_settings comparison;
    struct ocelot_incident_settings incidents;
};
extern const struct ocelot_option ocelot_result_option_table[];   /* what is written, and where */
extern const struct ocelot_option ocelot_explain_option_table[];  /* how rows are explained */
extern const struct ocelot_option ocelot_rules_option_table[];    /* by which rules */
extern const struct ocelot_option ocelot_plate_option_table[];    /* heat maps */
extern const struct ocelot_option ocelot_incident_option_table[]; /* consecutive outliers */
extern const struct ocelot_option ocelot_work_option_table[];     /* threads and the like */

struct ocelot_stream_request {
    const struct ocelot_program *program;
    const struct ocelot_model *model;
    const char *const *data; /* [data_count] one file, or pictures */
    size_t data_count;
    bool explain; /* false: score only */
    const struct ocelot_stream_settings *settings;
    const struct ocelot_reader_settings *reader;
    const struct ocelot_format *format;
    struct ocelot_plates *plates;       /* where heat maps go, or NULL */
    struct ocelot_incidents *incidents; /* takes the rows in place of `format`, or NULL */
};

struct ocelot_stream_totals {
    size_t rows;              /* read */
    size_t written;           /* records */
    size_t failed;            /* error records among them */
    size_t outliers;          /* by the model or --alpha */
    size_t opposed;           /* classifiers: relevance whose sum has the sign opposite to the output */
    size_t labelled, correct; /* rows with a number for a label, and those predicted like it */
    char first_failure[256];
};

/* Runs the request; records go to `output` (open). */
OCELOT_MUST_USE enum ocelot_status ocelot_stream_run(const struct ocelot_stream_request *request, struct ocelot_output *output,
                                                     struct ocelot_stream_totals *totals, struct ocelot_error *err);

/* The format that is meant: by name, by the ending of the output's name, text on a terminal, else jsonl. NULL for an unknown name. */
const struct ocelot_format *ocelot_stream_format(const struct ocelot_stream_settings *settings);

#endif
