/* Scoring rows with a model's network from inside this room, by the arithmetic that scores them later. */
#ifndef OCELOT_SVM_FORWARD_H
#define OCELOT_SVM_FORWARD_H

#include "graph/model.h"

/* The outlier score of rows order [n] of rows [][features] into scores [n]. One-class models only. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_scores(const struct ocelot_model *model, const double *rows, const size_t *order, size_t n,
                                                         double *scores, struct ocelot_error *err);

#endif
