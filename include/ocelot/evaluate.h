/* Judging explanations by axioms (math.md, section 4): measures of one row's explanation, and their means with bootstrap intervals over many rows.
 * Part of ocelot-analysis. Every measure is NaN where it does not exist, such as the number of features to replace in a row that is normal, and all
 * are where relevance is not finite. */
#ifndef OCELOT_EVALUATE_H
#define OCELOT_EVALUATE_H

#include <stdbool.h>

#include "ocelot/explain.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is measured, by column of a result. R is the explanation of the row x, f(x) the output that it explains. */
enum ocelot_measure_id {
    OCELOT_MEASURE_CONSERVATION, /* |sum R - f| / |f| */
    OCELOT_MEASURE_COUNTED, /* the same with what the ledger sets aside counted: constants and biases; of propagation also residual, leaked, absent */
    OCELOT_MEASURE_POSITIVITY,    /* sum (-R)+ / sum |R| */
    OCELOT_MEASURE_CONTINUITY,    /* max ||R_k+1 - R_k||_1 / ||x_k+1 - x_k||_2 along the path, times the path's length over the mean of ||R_k||_1 */
    OCELOT_MEASURE_JUMP,          /* the same over steps of two: their quotient, 1 for what is smooth, 2 where relevance jumps */
    OCELOT_MEASURE_STEEPNESS,     /* continuity over that of f(x) |x_i - r_i| / sum |x_i - r_i|, r the replacement: f handed out by what is unusual */
    OCELOT_MEASURE_SELECTIVITY,   /* area under (f_k - f_end) / (f_0 - f_end), k / blocks in 0..1, most relevant block replaced first */
    OCELOT_MEASURE_REVERSED,      /* control: the same, least relevant block first */
    OCELOT_MEASURE_RANDOM,        /* control: the same, mean over random orders */
    OCELOT_MEASURE_NEEDED,        /* share of the blocks to replace until the row is no outlier; classifiers: until another class is predicted */
    OCELOT_MEASURE_SENSITIVITY,   /* max over copies of ||R(x + e) - R(x)||_2 / ||R(x)||_2, e uniform in a small box (Yeh 2019) */
    OCELOT_MEASURE_SPARSENESS,    /* Gini coefficient of |R|: 0 = all alike, near 1 = one feature has everything */
    OCELOT_MEASURE_ENTROPY,       /* of the shares |R| / sum |R|, over log features: 1 = all alike */
    OCELOT_MEASURE_RANDOMISATION, /* rank correlation (Spearman) of R / sign(sum R) with that of a model whose weights are permuted: near 0 is good */
    OCELOT_MEASURE_COUNT
};

/* For listings. Static storage. */
struct ocelot_measure {
    const char *name;    /* "conservation" */
    const char *heading; /* of a narrow column: "conserv." */
    const char *summary; /* formula in words */
    int better;          /* -1 = low is good, +1 = high is good, 0 = neither */
};
/* Measure k, or NULL past the last. */
OCELOT_API const struct ocelot_measure *ocelot_measure_at(size_t k);

/* --- on one explanation [n] ------------------------------------------------------------------------------------------------------ */

OCELOT_API double ocelot_measure_positivity(const double *relevance, size_t n);
/* `room` [n] is written to. */
OCELOT_API double ocelot_measure_sparseness(const double *relevance, size_t n, double *room);
OCELOT_API double ocelot_measure_entropy(const double *relevance, size_t n);
/* Spearman's, ties get their mean rank; `room` [2 n]. NaN where either is constant. */
OCELOT_API double ocelot_measure_rank_correlation(const double *a, const double *b, size_t n, double *room);
/* Largest slope of relevance [points][m] along path [points][n], as above; *jump receives its quotient over steps of two. Both NaN without relevance
 * or with fewer than 3 points; steps of length 0 do not count. */
OCELOT_API double ocelot_measure_continuity(const double *path, size_t n, const double *relevance, size_t m, size_t points, double *jump);
/* Area under (curve_k - end) / (start - end) by trapezoids over k / (points - 1), end being the last of the curve; NaN unless start > end. */
OCELOT_API double ocelot_measure_area(const double *curve, size_t points);

/* --- on one row ------------------------------------------------------------------------------------------------------------------ */

/* Start from ocelot_evaluate_options_default(). */
struct ocelot_evaluate_options {
    size_t points; /* most points of the replacement curve (blocks are replaced several at once where there are more), 2..100001 */
    size_t orders; /* random orders of the control */
    size_t copies; /* of max-sensitivity; 0 = not measured */
    double radius; /* its box, in units of subject.scale */
    size_t seed;   /* of orders and copies, which are the same for every row */
};
OCELOT_API struct ocelot_evaluate_options ocelot_evaluate_options_default(void);

/* A row and what it is disturbed with. Arrays are read only. */
struct ocelot_subject {
    const double *row;         /* [features] raw */
    const double *replacement; /* [features] what stands for normal; NULL = nothing is replaced */
    const size_t *block;       /* [features] which block a feature is replaced with, 0..blocks-1 */
    size_t blocks;
    const double *scale; /* [features] what max-sensitivity calls one; NULL = not measured */
    const double *path;  /* [points][features] small steps; NULL = not measured */
    size_t points;
    const size_t *part; /* [features] in which of `parts` a feature's relevance is summed along the path; NULL = none */
    size_t parts;
    bool pool; /* continuity is that of the sums over parts: of an object that moves relevance should move along, not stay at its pixels */
};

/* What came of it. The arrays are the caller's; NULL = not wanted. */
struct ocelot_measured {
    enum ocelot_status status; /* of the row: with OCELOT_E_VALUE every measure is NaN */
    double value[OCELOT_MEASURE_COUNT];
    double *relevance; /* [features] */
    double *curve;     /* [ocelot_evaluator_points] f while blocks are replaced, most relevant first */
    double *reversed;  /* likewise, least relevant first */
    double *random;    /* likewise, mean over the random orders */
    double *trace;     /* [points of the path][parts] relevance of the parts over the mean of ||R_k||_1 */
    double *output;    /* [points of the path] f */
};

/* Memory and workspaces of one thread. `plan` should name its target where a model has several outputs, so that what is explained stays the same
 * while rows are disturbed; `destroyed`, the same plan with `randomise`, may be NULL. Both must outlive it. */
struct ocelot_evaluator;
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_evaluator_create(const struct ocelot_plan *plan, const struct ocelot_plan *destroyed,
                                                                      const struct ocelot_evaluate_options *options, struct ocelot_evaluator **out,
                                                                      struct ocelot_error *err);
OCELOT_API void ocelot_evaluator_free(struct ocelot_evaluator *evaluator);

/* Points of the curve of a row with so many blocks. */
OCELOT_API size_t ocelot_evaluator_points(const struct ocelot_evaluate_options *options, size_t blocks);

/* Measures a row. The result depends on plans, options and subject alone. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_evaluator_measure(struct ocelot_evaluator *evaluator, const struct ocelot_subject *subject,
                                                                       struct ocelot_measured *out, struct ocelot_error *err);

/* --- over many rows -------------------------------------------------------------------------------------------------------------- */

/* A mean with its 95 % interval by bootstrap over the values that are not NaN. All NaN without values; the interval is NaN with fewer than 2. */
struct ocelot_interval {
    double mean, low, high;
    size_t count;
};
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_bootstrap(const double *values, size_t n, size_t draws, size_t seed, struct ocelot_interval *out,
                                                               struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
