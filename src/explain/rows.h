/* The raw rows of a call, dense or by their entries, batch by batch before the walks. */
#ifndef OCELOT_EXPLAIN_ROWS_H
#define OCELOT_EXPLAIN_ROWS_H

#include "run/plan.h"

/* One of the two is not NULL. */
struct ocelot_given {
    const double *dense; /* [n][features] */
    const struct ocelot_sparse_rows *sparse;
};

/* Whether rows by entries are as ocelot/explain.h wants them. */
OCELOT_MUST_USE enum ocelot_status ocelot_given_check(const struct ocelot_plan *plan, const struct ocelot_sparse_rows *rows, size_t n,
                                                      struct ocelot_error *err);

/* A batch while it is computed: where its rows and relevances stand. */
struct ocelot_places {
    const double *x;               /* [rows][features] raw: the caller's, or workspace.rows */
    double *own_rows, *own_signal; /* the workspace's arrays of node 0, which may stand aside */
};

/* Copies `rows` rows from row `start` on into activation[0], zeros for those that hold NaN or infinity, and marks those in workspace.decision. Where
 * rows are wide and the walks only read them, which `once` says, node 0 is where the rows and `relevance` (NULL = not wanted) are instead. */
struct ocelot_places ocelot_places_open(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t start,
                                        size_t rows, bool once, double *relevance);
void ocelot_places_close(const struct ocelot_plan *plan, struct ocelot_workspace *w, const struct ocelot_given *given, size_t start, size_t rows,
                         struct ocelot_places places);

#endif
