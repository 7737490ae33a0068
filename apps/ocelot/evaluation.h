/* The parts of `ocelot evaluate`: rows and what they are disturbed with, methods judged one after another, and the table as text, JSON and page. */
#ifndef OCELOT_OCELOT_EVALUATION_H
#define OCELOT_OCELOT_EVALUATION_H

#include "ocelot/analysis.h"
#include "shell/command.h"
#include "stream/background.h"
#include "stream/groups.h"
#include "stream/opening.h"
#include "stream/planning.h"
#include "stream/stream.h"

enum {
    OCELOT_EVALUATE_PARTS = 5,    /* parts of a row whose relevance is drawn along a path: four features and the rest, or four quadrants */
    OCELOT_EVALUATE_PICTURES = 4, /* rows whose explanations are shown */
    OCELOT_EVALUATE_AXIOMS = 4    /* columns of the tick table */
};

struct ocelot_evaluate_settings {
    struct ocelot_stream_settings stream;
    struct ocelot_reader_settings reader;
    struct ocelot_opening_settings opening;
    bool product_structure, json, no_times;
    double noise, radius;
    size_t copies, rows, seed, disturbed, steps, small_copies, orders, points, draws, block;
    const char *pick, *replace, *image, *report, *truth, *truth_column, *aggregate;
    struct ocelot_option_list methods;
};

/* The rows that methods are judged on. Arrays are [count] or [count][features]. */
struct ocelot_evaluate_rows {
    size_t count, disturbed; /* paths and small copies are tried on the first `disturbed` of them */
    double *values, *replacement, *scale;
    size_t *number, *target; /* row of the data; output that is explained */
    struct ocelot_decision *decision;
    size_t read, failed;
    char first_failure[256];
    const char *pick, *replace;         /* what was done, by the words of the options */
    size_t channels, height, width;     /* of an image, height 0 = rows are no images */
    size_t *block, blocks;              /* [features] */
    size_t points;                      /* of a path */
    size_t part[OCELOT_EVALUATE_PARTS]; /* tables: the features that are drawn along the first row's path */
    size_t parts;
    double score_seconds; /* to score a row */
};

/* The rows of the data that lie in incidents whose culprits are known. */
struct ocelot_evaluate_truth {
    struct ocelot_truth *truth; /* NULL = not asked for */
    double *values;             /* [count][features] */
    size_t *number;             /* [count] rows of the data, ascending */
    size_t count, room;
    size_t beyond; /* incidents that end behind the last row of the data */
};

enum ocelot_tick { OCELOT_TICK_NONE, OCELOT_TICK_NO, OCELOT_TICK_PARTLY, OCELOT_TICK_YES };

/* One method and its figures. */
struct ocelot_contender {
    const struct ocelot_method *method;
    char *name;    /* as asked for: "dtd", "lrp:composite=epsilon" */
    bool control;  /* nobody asked for it */
    char *refused; /* the sentence of a method that does not apply, else NULL */
    double *value; /* [rows][OCELOT_MEASURE_COUNT] */
    struct ocelot_interval interval[OCELOT_MEASURE_COUNT];
    struct ocelot_interval gain; /* area of random orders minus its own, row by row */
    double forward, backward;    /* walks through the model a row */
    double seconds;              /* a row, NaN where not taken */
    double *curve;               /* [3][curve points] means: most relevant first, least relevant first, random */
    double *trace, *output;      /* [path points][parts], [path points] of the first row */
    double *relevance;           /* [OCELOT_EVALUATE_PICTURES][features] */
    enum ocelot_tick tick[OCELOT_EVALUATE_AXIOMS];
    struct ocelot_judge *judge; /* by the truth, or NULL */
};

struct ocelot_evaluation {
    const struct ocelot_program *program;
    const struct ocelot_evaluate_settings *settings;
    const char *model_path;
    const char *const *data_paths;
    size_t data_count;
    struct ocelot_model *model;
    struct ocelot_model_info info;
    bool one_class;
    struct ocelot_evaluate_rows rows;
    struct ocelot_evaluate_truth truth;
    struct ocelot_background_rows background;
    struct ocelot_groups groups;
    struct ocelot_contender *contenders;
    size_t contender_count;
    size_t points; /* of a curve */
};

/* A column of the tick table. */
struct ocelot_axiom {
    const char *name;
    const char *yes, *partly; /* when, in words */
    enum ocelot_tick (*tick)(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender);
};
extern const struct ocelot_axiom ocelot_axioms[OCELOT_EVALUATE_AXIOMS];

/* --product-structure (evaluate_product.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_product(struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err);

/* Rows (evaluate_rows.c, evaluate_disturb.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_read(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_prepare(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
void ocelot_evaluate_rows_free(struct ocelot_evaluate_rows *rows);
/* The path of row r: from it to the next of the rows, or of an image moved from left to right; out [points][features]. */
void ocelot_evaluate_path(const struct ocelot_evaluate_rows *rows, size_t features, size_t r, double *out);
/* The part that feature i is drawn with. */
size_t ocelot_evaluate_part(const struct ocelot_evaluate_rows *rows, size_t i);

/* Methods (evaluate_methods.c, evaluate_run.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_choose(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
/* Plan of a contender with its target fixed (SIZE_MAX: as the options say). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_plan(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender,
                                                        size_t target, size_t randomise, struct ocelot_plan **out, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_run(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
void ocelot_evaluate_contenders_free(struct ocelot_evaluation *evaluation);

/* The truth (evaluate_truth.c, evaluate_truth_text.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_truth_read(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_truth_run(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
void ocelot_evaluate_truth_free(struct ocelot_evaluate_truth *truth);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_truth_interval(const struct ocelot_evaluation *evaluation,
                                                                  const struct ocelot_contender *contender, size_t aggregation, size_t metric,
                                                                  struct ocelot_interval *out, struct ocelot_error *err);
/* Number of the aggregation that --aggregate names. */
size_t ocelot_evaluate_aggregation(const struct ocelot_evaluation *evaluation);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_truth_text(const struct ocelot_evaluation *evaluation, int width, struct ocelot_text *out,
                                                              struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_truth_json(const struct ocelot_evaluation *evaluation, struct ocelot_text *out,
                                                              struct ocelot_error *err);

/* Means and ticks (evaluate_sum.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_sum(struct ocelot_evaluation *evaluation, struct ocelot_error *err);
const char *ocelot_tick_word(enum ocelot_tick tick);

/* What is written. */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_text(const struct ocelot_evaluation *evaluation, struct ocelot_text *out,
                                                        struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_json(const struct ocelot_evaluation *evaluation, struct ocelot_text *out,
                                                        struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_page(const struct ocelot_evaluation *evaluation, struct ocelot_text *out,
                                                        struct ocelot_error *err);
/* Its parts (evaluate_pictures.c). */
void ocelot_evaluate_page_curves(const struct ocelot_evaluation *evaluation, struct ocelot_text *text);
void ocelot_evaluate_page_paths(const struct ocelot_evaluation *evaluation, struct ocelot_text *text);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluate_page_pictures(const struct ocelot_evaluation *evaluation, struct ocelot_text *text,
                                                                 struct ocelot_error *err);

#endif
