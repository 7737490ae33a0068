/* What judges a row, for the files that measure: evaluate.c, evaluate_replace.c (selectivity), evaluate_path.c (continuity and max-sensitivity). */
#ifndef OCELOT_ANALYSIS_EVALUATOR_H
#define OCELOT_ANALYSIS_EVALUATOR_H

#include <gsl/gsl_rng.h>

#include "ocelot/evaluate.h"

/* A block in the order of replacement: by relevance, ties by lot. */
struct ocelot_ranked_block {
    double relevance;
    size_t lot, block;
};

struct ocelot_evaluator {
    const struct ocelot_plan *plan, *destroyed;
    struct ocelot_evaluate_options options;
    struct ocelot_workspace *workspace, *destroyed_workspace;
    gsl_rng *rng;
    size_t features, layers, room; /* rows that `points` holds */
    bool propagates, decides;      /* decides: a change of the decision means something */
    double *relevance, *other, *points, *scratch;
    struct ocelot_decision *decision; /* [room] */
    struct ocelot_ledger_entry *ledger;
    struct ocelot_ranked_block *ranked; /* [features] */
    size_t *order, *place;              /* [features] blocks in their order, and where each stands in it */
    double *curve, *random;             /* [points] of the curve */
    double *trail, *pooled; /* [trail_points][features] and [trail_points][trail_parts] relevance along the path, made when a path is longer */
    struct ocelot_decision *trail_decision;
    size_t trail_points, trail_parts;
};

/* Fill their part of out->value and out's arrays, from e->relevance. */
OCELOT_MUST_USE enum ocelot_status ocelot_evaluator_replace(struct ocelot_evaluator *e, const struct ocelot_subject *subject,
                                                            struct ocelot_measured *out, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluator_approach(struct ocelot_evaluator *e, const struct ocelot_subject *subject,
                                                             struct ocelot_measured *out, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_evaluator_walk(struct ocelot_evaluator *e, const struct ocelot_subject *subject,
                                                         struct ocelot_measured *out, struct ocelot_error *err);

/* Copies unless `to` is NULL. */
void ocelot_evaluator_keep(double *to, const double *from, size_t n);

#endif
