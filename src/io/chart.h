/* Pictures of explanations as HTML with inline SVG: pure functions from plain structs to text.
 * Labels are HTML, so that they wrap and stay readable on a narrow screen; marks are SVG in per cent of their width. Colours are classes
 * that the style sheet of the page (io/page.h) defines for light and dark. No text of a chart is ever NaN or unescaped. */
#ifndef OCELOT_IO_CHART_H
#define OCELOT_IO_CHART_H

#include "base/text.h"

/* A linear scale; positions are per cent of the width. */
struct ocelot_axis {
    double low, high;
};

/* An axis over [low, high]; never empty, never infinite. */
struct ocelot_axis ocelot_axis_over(double low, double high);
double ocelot_axis_place(const struct ocelot_axis *axis, double value);
/* A round step such that about `wanted` of them make the axis. */
double ocelot_axis_step(const struct ocelot_axis *axis, int wanted);
/* Grid lines (class grid) over `height` pixels, then labels under them when `labels`. */
void ocelot_axis_draw(struct ocelot_text *text, const struct ocelot_axis *axis, int wanted, double height, bool labels);

/* One feature of one row. NaN = not known. */
struct ocelot_waterfall_bar {
    const char *name;
    double value, expected;
    double low, high; /* normal range */
    double relevance, share;
    double error;   /* standard error of the relevance; 0 or NaN = none */
    size_t members; /* above 1: a group of so many features, which has no value */
};

/* How one row came to its score. Bars are drawn in the order given, the first beginning at 0. */
struct ocelot_waterfall {
    const struct ocelot_waterfall_bar *bars;
    size_t count;
    size_t others; /* features that have no bar of their own */
    double others_relevance, others_share;
    double residual, residual_share; /* NaN or 0: no bar */
    double score;                    /* where the bars end */
    double threshold;                /* NaN = none */
    const char *caption;             /* of the table, as plain text */
    const char *ends;                /* what the score is called: "outlier score" */
    const char *threshold_name;      /* "threshold" */
    const char *residual_name;       /* what the residual is, in words */
    bool groups;                     /* bars are of groups of features */
};
void ocelot_chart_waterfall(struct ocelot_text *text, const struct ocelot_waterfall *waterfall);

/* Distribution of scores. Bars are shares of `rows`; the outline is shares of `held` (may be 0). */
struct ocelot_histogram {
    const double *rows, *held; /* finite, any order */
    size_t row_count, held_count;
    double threshold; /* NaN = none; else a bar begins there and bars above it are drawn as outliers */
    const char *unit; /* what is on the axis: "outlier score" */
    const char *rows_name, *held_name, *threshold_name;
};
/* Fails silently into text->failed when out of memory. */
void ocelot_chart_histogram(struct ocelot_text *text, const struct ocelot_histogram *histogram);

/* Shares of the score, rows by columns: the heat strip. */
struct ocelot_strip {
    const char *const *columns;   /* [column_count] feature names */
    const char *const *row_names; /* [row_count] */
    const char *const *row_links; /* [row_count] ids of elements of the page, or NULL */
    const double *share;          /* [row_count][column_count], negative = away from the outcome */
    const double *score;          /* [row_count] */
    size_t row_count, column_count;
    const char *caption, *score_name;
};
void ocelot_chart_strip(struct ocelot_text *text, const struct ocelot_strip *strip);

/* One feature over many rows. */
struct ocelot_feature_summary {
    const char *name;
    double mean;         /* of relevance (|relevance| where signed) */
    double low, high;    /* what the colours run over: the normal range */
    const double *share; /* [dots] */
    const double *value; /* [dots] */
};
struct ocelot_features {
    const struct ocelot_feature_summary *features;
    size_t count, dots;
    size_t others;
    double others_mean;
    const char *caption, *mean_name, *dots_name;
    bool groups; /* they are groups of features */
};
/* Bars of the means with a beeswarm beside each. */
void ocelot_chart_features(struct ocelot_text *text, const struct ocelot_features *features);

/* A line over equal steps from 0 to 1. `kind` is its class: "usual", "push", "pull", "held", or "v0" to "v6" for lines of equal rank. */
struct ocelot_line {
    const char *name, *kind;
    const double *values; /* [points], `stride` apart; where they are not finite the line is broken */
    size_t stride;
};
struct ocelot_lines {
    const struct ocelot_line *lines;
    size_t count, points;
    double low, high;         /* of the vertical axis: panels that are compared share it */
    double threshold;         /* a horizontal line; NaN = none */
    const char *caption;      /* plain text under the picture */
    const char *left, *right; /* ends of the horizontal axis in words */
};
/* A small picture, one of several side by side (class panels). */
void ocelot_chart_lines(struct ocelot_text *text, const struct ocelot_lines *lines);
/* What the lines are called, once for all panels. */
void ocelot_chart_lines_legend(struct ocelot_text *text, const struct ocelot_lines *lines);

#endif
