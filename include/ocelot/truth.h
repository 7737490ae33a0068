/* Judging explanations by the truth (link ocelot-analysis): how well relevance ranks the features that were to blame, row by row or incident by
 * incident. An incident is a run of rows [first, end) with one set of blamed features; a row that is blamed by itself is an incident of one row.
 *
 *     ocelot_truth_create(features, &truth, &err);
 *     ocelot_truth_add(truth, first, end, blamed, count, &err);      ... for every incident
 *     ocelot_judge_create(truth, NULL, &judge, &err);
 *     ocelot_judge_take(judge, first_row, n, relevance, scores, &err); ... for all rows of the data, in order
 *     ocelot_judge_finish(judge, &err);
 *     ocelot_judge_figure(judge, aggregation, metric)
 *
 * Larger relevance means more to blame; who ranks by size passes |relevance|. Features of equal relevance are taken as in random order: every
 * figure is its expected value over all orders of them, so that it depends neither on the order of the columns nor on chance. Constant relevance
 * therefore gives exactly what random explanations give on average. */
#ifndef OCELOT_TRUTH_H
#define OCELOT_TRUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- metrics of one ranking ------------------------------------------------------------------------------------------------------- */

/* Features of equal relevance, and how many of them are to blame. */
struct ocelot_truth_tie {
    size_t features, blamed;
};

/* A ranking: ties in descending order of relevance, each with at least one feature. */
struct ocelot_truth_ranking {
    const struct ocelot_truth_tie *ties;
    size_t tie_count, features, blamed;
};

/* One metric. With K blamed features of d, ranked 1 to d:
 * roc_auc            share of pairs (blamed, not blamed) in the right order, ties half
 * average_precision  mean over the blamed features of (blamed features down to its rank) / rank
 * hit_rate_100       blamed features among the first K, divided by K
 * hit_rate_150       blamed features among the first floor(1.5 K), divided by K
 * ndcg               sum over the blamed features of 1 / log2(rank + 1), divided by its largest value
 * precision_1, 3, 5  blamed features among the first min(k, d), divided by min(k, d) */
struct ocelot_truth_metric {
    const char *name;                                                        /* for programs: "roc_auc" */
    const char *title;                                                       /* for people: "ROC-AUC" */
    const char *summary;                                                     /* one line */
    size_t k;                                                                /* what `measure` gets as k */
    double (*measure)(const struct ocelot_truth_ranking *ranking, size_t k); /* NaN where it does not exist; blamed > 0 */
};

/* The table of them, OCELOT_TRUTH_METRICS and a last row whose name is NULL. */
enum { OCELOT_TRUTH_METRICS = 8 };
OCELOT_API extern const struct ocelot_truth_metric ocelot_truth_metrics[];

/* All metrics of one relevance vector [features] into out [OCELOT_TRUTH_METRICS]. Where no feature is to blame all are NaN, where all are, roc_auc
 * is. Fails with OCELOT_E_VALUE for a relevance that is NaN or infinite, and with OCELOT_E_MEMORY. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_truth_measure(const double *relevance, const bool *blamed, size_t features, double *out,
                                                                   struct ocelot_error *err);

/* --- from the rows of an incident to one relevance vector -------------------------------------------------------------------------- */

/* One row of an incident. */
struct ocelot_incident_row {
    const double *relevance; /* [features], all finite */
    double score;            /* how anomalous the row is: outlier_score; finite */
    size_t before;           /* rows of the incident that were added before */
};

/* One way to aggregate, in constant memory. State is [lines][features] and `numbers` more, zeroed before the first row. */
struct ocelot_aggregation {
    const char *name;    /* "max" */
    const char *summary; /* one line: what becomes of feature i */
    size_t lines, numbers;
    void (*add)(double *state, const struct ocelot_incident_row *row, size_t features); /* NULL: rows are judged one by one ("point") */
    void (*finish)(const double *state, size_t rows, size_t features, double *out);     /* rows >= 1; out [features] */
};

/* The table, NULL-terminated: one list, to which one row adds an aggregation. */
OCELOT_API extern const struct ocelot_aggregation *const ocelot_aggregations[];

/* The one of that name, or NULL. */
OCELOT_API const struct ocelot_aggregation *ocelot_aggregation_find(const char *name);

/* Doubles of its state: lines * features + numbers; 0 on overflow. */
OCELOT_API size_t ocelot_aggregation_doubles(const struct ocelot_aggregation *aggregation, size_t features);

/* --- the truth ------------------------------------------------------------------------------------------------------------------- */

/* Who was to blame, and when. Immutable once judges use it. */
struct ocelot_truth;

OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_truth_create(size_t features, struct ocelot_truth **out, struct ocelot_error *err);

/* Rows [first, end), counted from 0, with blamed features [count]: numbers from 0, each once; count may be 0. Incidents may overlap and come in any
 * order; they are kept in the order of `first`, equal ones as they came. Fails with OCELOT_E_ARGUMENT. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_truth_add(struct ocelot_truth *truth, size_t first, size_t end, const size_t *blamed,
                                                               size_t count, struct ocelot_error *err);
OCELOT_API void ocelot_truth_free(struct ocelot_truth *truth);

OCELOT_API size_t ocelot_truth_features(const struct ocelot_truth *truth);
OCELOT_API size_t ocelot_truth_incidents(const struct ocelot_truth *truth);

/* Incident k in the order of `first`. `blamed` belongs to the truth. */
struct ocelot_truth_incident {
    size_t first, end, count;
    const size_t *blamed;
};
OCELOT_API struct ocelot_truth_incident ocelot_truth_incident_at(const struct ocelot_truth *truth, size_t k);

/* Whether row `row` lies in an incident: rows that need not be explained when only the truth is asked for. `from` is where the search begins, an
 * incident's number that a caller who goes through the rows in order keeps (start it at 0). */
OCELOT_API bool ocelot_truth_covers(const struct ocelot_truth *truth, size_t row, size_t *from);

/* --- the judge ------------------------------------------------------------------------------------------------------------------- */

/* Figures of one method, gathered row by row. One thread at a time; the truth must outlive it. Keeps one number for every incident, aggregation and
 * metric; of the rows only what the aggregations of incidents that are not over need. */
struct ocelot_judge;

/* `aggregations` is NULL-terminated; NULL = ocelot_aggregations. It must outlive the judge. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_judge_create(const struct ocelot_truth *truth,
                                                                  const struct ocelot_aggregation *const *aggregations, struct ocelot_judge **out,
                                                                  struct ocelot_error *err);
OCELOT_API void ocelot_judge_free(struct ocelot_judge *judge);

/* Rows first_row .. first_row + n - 1 of the data: relevance [n][features], scores [n] (NULL = the sum of |relevance|). Rows come in ascending order;
 * those that lie in no incident may be left out. A row with a number that is NaN or infinite, as failed explanations have, is left out and counted
 * where it lies in an incident. Fails with OCELOT_E_ARGUMENT for rows out of order, and with OCELOT_E_MEMORY. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_judge_take(struct ocelot_judge *judge, size_t first_row, size_t n, const double *relevance,
                                                                const double *scores, struct ocelot_error *err);

/* Ends the incidents that are still open. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_judge_finish(struct ocelot_judge *judge, struct ocelot_error *err);

/* The mean over the incidents that have the metric. */
struct ocelot_truth_figure {
    double mean;    /* NaN when count is 0 */
    size_t count;   /* incidents that are in the mean */
    size_t without; /* incidents that are not: no row explained, or the metric does not exist for them (roc_auc: all or no features to blame) */
};
OCELOT_API struct ocelot_truth_figure ocelot_judge_figure(const struct ocelot_judge *judge, size_t aggregation, size_t metric);

/* The metric of every incident, [incidents], NaN where it does not exist: what bootstrap intervals are drawn from. Belongs to the judge. */
OCELOT_API const double *ocelot_judge_values(const struct ocelot_judge *judge, size_t aggregation, size_t metric);

OCELOT_API size_t ocelot_judge_rows(const struct ocelot_judge *judge);   /* rows in incidents that counted */
OCELOT_API size_t ocelot_judge_failed(const struct ocelot_judge *judge); /* rows in incidents that were left out */

#ifdef __cplusplus
}
#endif

#endif
