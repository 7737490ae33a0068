/* What the held-out rows say: scores for p-values, and where outliers begin. */
#ifndef OCELOT_SVM_CALIBRATE_H
#define OCELOT_SVM_CALIBRATE_H

#include "graph/model.h"
#include "ocelot/svm.h"

/* Scores the rows held [count] of rows [][features] with *model, which holds a one-class machine. Under `options->threshold` "holdout", and
 * where (count + 1) nu >= 1, moves rho so that a row is an outlier when its p-value is at most nu, and replaces *model by the model of that
 * machine. The sorted scores go into the model and its card. On failure *model is still to be freed. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_calibrate(struct ocelot_model **model, const double *rows, const size_t *held, size_t count,
                                                            const struct ocelot_train_options *options, struct ocelot_error *err);

/* The same for the sums of an ensemble's scores, whose threshold is a number of its own: NaN with a warning where the held-out rows are too few. */
OCELOT_MUST_USE enum ocelot_status ocelot_ensemble_calibrate(struct ocelot_model *model, const double *rows, const size_t *held, size_t count,
                                                             const struct ocelot_train_options *options, struct ocelot_error *err);

/* Where outliers begin by n scores sorted ascending: beyond *border the p-value is at most nu. False where even the least p-value, 1/(n+1), is above
 * nu, or where no finite border is. */
bool ocelot_machine_border(const double *scores, size_t n, double nu, double *border);

/* Hands the sorted scores [n] to the model, which owns them after success, and a copy to its card. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_keep_scores(struct ocelot_model *model, double *scores, size_t n, struct ocelot_error *err);

#endif
