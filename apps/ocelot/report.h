/* The parts of `ocelot report`: gather (one pass over the data), tell (explain the rows that are shown), write (the page). */
#ifndef OCELOT_OCELOT_REPORT_H
#define OCELOT_OCELOT_REPORT_H

#include <stdint.h>

#include "io/chart.h"
#include "stream/opening.h"
#include "stream/view.h"

/* Bounds of what is kept and shown; the rest of the data only leaves counts and sums behind. */
enum {
    OCELOT_REPORT_SCORES = 1 << 18, /* scores of the histogram, drawn evenly when there are more: 2 MiB */
    OCELOT_REPORT_SAMPLE = 400,     /* dots of the beeswarm: outliers drawn evenly when there are more */
    OCELOT_REPORT_VALUES = 1 << 22, /* numbers in these outliers altogether, which lowers their count where rows are wide */
    OCELOT_REPORT_TABLE = 30,       /* rows of the ranking */
    OCELOT_REPORT_STRIP = 60,       /* rows and columns of the heat strip */
    OCELOT_REPORT_BEST = 5,         /* outputs of a network that are shown */
    OCELOT_REPORT_STRIP_FEATURES = 24
};

struct ocelot_report_settings {
    struct ocelot_stream_settings stream;
    struct ocelot_reader_settings reader;
    struct ocelot_opening_settings opening;
    const char *title, *image;
    size_t top_rows;
};

/* One row that is kept. */
struct ocelot_report_row {
    size_t row;
    char *id, *label; /* NULL = none */
    double rank;      /* outlier score; classifiers: size of the output */
    struct ocelot_decision decision;
    double values[]; /* [features] */
};

/* What one pass over the data leaves. */
struct ocelot_report_data {
    size_t rows, failed, outliers;
    char first_failure[256];
    bool labels, ids;
    size_t channels, height, width;  /* of an image, height 0 = rows are no images */
    struct ocelot_report_row **best; /* a heap while gathering (the least of the best on top), then in descending order */
    size_t best_count, best_room;
    struct ocelot_report_row **sample; /* of the rows whose features are summed up, in the order of the data */
    size_t sample_count, sample_room;
    double *scores;
    size_t score_count, seen;
    size_t subjects; /* rows whose relevance was summed up: outliers; of classifiers all */
    double *sum;     /* [features] of |relevance| over the subjects; with groups, of what they have */
    uint64_t random; /* state of the generator that draws; begins at 0, so that a page is the same every time */
};

/* A row of the page, explained. */
struct ocelot_report_story {
    const struct ocelot_report_row *row;
    struct ocelot_waterfall_bar *bars; /* [count] the features of most relevance first */
    size_t count, others;
    double whole; /* what shares are of */
    double others_relevance, others_share, residual, residual_share, score, excess;
    double *strip;                   /* [strip columns] shares */
    double *relevance;               /* images: [height][width], summed over the channels, else NULL */
    double *expected;                /* images: [features] */
    size_t best[OCELOT_REPORT_BEST]; /* networks: the largest outputs */
    double best_output[OCELOT_REPORT_BEST];
    size_t best_count;
};

struct ocelot_report {
    const struct ocelot_program *program;
    const struct ocelot_report_settings *settings;
    const char *model_path, *data_path;
    const char *const *data_paths; /* [data_count], data_path is the first */
    size_t data_count;
    struct ocelot_model *model;
    struct ocelot_view view;
    struct ocelot_workspace *workspace;
    struct ocelot_report_data data;
    bool classifier, with_sign;
    double line;      /* a row is an outlier above it: the model's threshold, or the score at which p_value is alpha; NaN = none */
    const char *noun; /* "outlier score" or "output" */
    const char *line_name;
    bool calm;                           /* no outliers: the page shows the most unusual rows */
    size_t top;                          /* features of a row that are named */
    size_t *order;                       /* [features] or groups, by mean relevance */
    size_t columns;                      /* of the strip and the overall bars: order[0..columns) */
    struct ocelot_report_story *stories; /* [story_count], most unusual first */
    size_t story_count, cards;           /* the first `cards` get a picture of their own */
    double *dot_share, *dot_value;       /* [columns][dots] */
    size_t dots;
    double heat_scale, grey_low, grey_high; /* images: one scale for all pictures */
    struct ocelot_preprocess preprocess;    /* images: what rows went through, */
    bool undo;                              /* when they did */
};

/* Keeping rows (report_keep.c). `values` are copied. False when out of memory. */
bool ocelot_report_keep(struct ocelot_report_data *data, const struct ocelot_report_row *row, const double *values, size_t width, bool subject);
bool ocelot_report_keep_score(struct ocelot_report_data *data, double score);
void ocelot_report_sort(struct ocelot_report_data *data); /* ends the gathering */
void ocelot_report_data_free(struct ocelot_report_data *data);

/* Reads the data once (report_gather.c): opens the view, fills data. */
OCELOT_MUST_USE enum ocelot_status ocelot_report_gather(struct ocelot_report *report, struct ocelot_error *err);

/* Explains what will be shown (report_tell.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_report_tell(struct ocelot_report *report, struct ocelot_error *err);
void ocelot_report_untell(struct ocelot_report *report);

/* Writes (report_page.c, report_rows.c, report_images.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_report_write(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err);
void ocelot_report_write_ranking(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err);
void ocelot_report_write_cards(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err);
void ocelot_report_write_strip(const struct ocelot_report *report, struct ocelot_text *text);
void ocelot_report_write_features(const struct ocelot_report *report, struct ocelot_text *text);
/* Pictures of a story: the row, its heat map, what was expected; small ones for the ranking. */
void ocelot_report_write_pictures(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text,
                                  struct ocelot_error *err);
void ocelot_report_write_thumbs(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text,
                                struct ocelot_error *err);
void ocelot_report_write_mean_picture(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err);
void ocelot_report_write_scale(const struct ocelot_report *report, struct ocelot_text *text);
/* "pump-3" or "row 17", as plain text into `text`. */
void ocelot_report_row_name(const struct ocelot_report_row *row, struct ocelot_text *text);

#endif
