/* Explanations as records, and the formats they are written in: one table of formats, each a const struct. */
#ifndef OCELOT_IO_RECORD_H
#define OCELOT_IO_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "ocelot/explain.h"

/* What every record of a run shares. */
struct ocelot_record_context {
    const char *method;       /* NULL when rows are only scored */
    const char *explains;     /* "outlier_score" or "output" */
    const char *const *names; /* [features], model order */
    size_t features;
    const size_t *members;      /* [features] where groups stand in the features' place: how many each has; NULL = they are features */
    bool samples;               /* relevance has standard errors */
    bool classifier;            /* writes target, output, predicted in place of outlier_score, threshold, is_outlier */
    const char *const *outputs; /* [outputs] names of the targets */
    bool network;               /* with classifier: decision.predicted is one of the outputs, and written as its name */
    const double *low, *high;   /* [features] 5 and 95 % quantiles (normal range) or NULL */
    const long *indices;        /* [features] LIBSVM indices for the libsvm format, ascending; NULL = position + 1 */
    bool labels;                /* csv: the records carry labels, so write a column for them */
    size_t shape_rank;          /* npy: shape of a row, 0 = flat */
    size_t shape[4];
    bool colour;    /* text: ANSI colours */
    bool utf8;      /* text: block characters for bars */
    size_t columns; /* text: width of the terminal */
};

/* One row of results; arrays are in model order unless `order` says otherwise. NULL = not there. */
struct ocelot_record {
    size_t row;
    const char *id;
    const char *label; /* the data's own label, shown as is; NULL = none */
    const char *error; /* when set, only row, id and error are written */
    struct ocelot_decision decision;
    double explained, residual, excess;
    const double *values;    /* [features] raw; of a group of more than one, here and below, NaN */
    const double *relevance; /* [features] */
    const double *error_bar; /* [features] standard errors of relevance, or NULL */
    const double *nearest;   /* [features] or NULL */
    const size_t *order;     /* [shown] features by decreasing relevance (|relevance| for signed maps) */
    const double *expected;  /* [shown], parallel to order, or NULL */
    const double *share;     /* [shown], parallel to order */
    size_t shown, told;      /* told: that could have been shown */
    const size_t *best;      /* [best_count] networks: outputs in descending order, or NULL; best_output parallel to it */
    const double *best_output;
    size_t best_count;
    const size_t *support; /* [support_count] indices of the heaviest support vectors */
    const double *support_weight;
    size_t support_count;
};

/* What the formats write:
 * jsonl   one object a line, keys in the order of the table in record_fields.c; `id` and `label` are left out where there is none, what else
 *         does not exist is null; rows that are only scored (method NULL) end after p_value
 *         networks: `best`, the largest outputs by name, before the features
 * csv     RFC 4180 with LF line ends: the same fields (id always; empty = null), relevance:NAME in model order when there is a method,
 *         standard_error:NAME when it samples, error
 * npy     float64 [rows][shape of a row]: relevance, NaN for errors; without a method [rows]: outlier_score, or output
 * text    for a terminal; control characters of names and ids are replaced
 * libsvm  `label index:relevance ... # outlier_score S threshold T residual D`, zeros left out; label = predicted; errors: `nan # sentence`
 *
 * A format appends text (or bytes) to `out`; nothing is printed here. Records may be formatted by several threads into texts of their own
 * and written out in order. */
struct ocelot_format {
    const char *name; /* jsonl, csv, npy, text, libsvm */
    const char *summary;
    bool needs_seek; /* npy: `begin` is written again over the start once the number of rows is known */
    void (*begin)(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out); /* header; rows = 0 while unknown */
    void (*record)(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out);
    void (*end)(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out); /* may be NULL */
};

extern const struct ocelot_format ocelot_format_jsonl, ocelot_format_csv, ocelot_format_npy, ocelot_format_text, ocelot_format_libsvm;

/* All formats, NULL-terminated. */
extern const struct ocelot_format *const ocelot_formats[];
const struct ocelot_format *ocelot_format_find(const char *name);

#endif
