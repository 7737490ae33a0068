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

#endif
