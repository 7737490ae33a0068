/* Ensembles: several one-class machines on the same scaled features, whose outlier scores and relevances add up (docs/mathematics.md, section 1). As
 * machines they are a list through `next`, as a network one branch a member that an Add joins, as a file one model after another. */
#ifndef OCELOT_SVM_ENSEMBLE_H
#define OCELOT_SVM_ENSEMBLE_H

#include "graph/model.h"
#include "svm/machine.h"

/* Most members: as many as one layer can add. */
enum { OCELOT_ENSEMBLE_MEMBERS = OCELOT_NODE_INPUTS };

/* OCELOT_E_FORMAT with `name:line:` unless `member` may follow `first`: one-class machines of a distance, with the same features and scaling, on rows
 * and not on a network's features or patches. */
OCELOT_MUST_USE enum ocelot_status ocelot_ensemble_check(const struct ocelot_machine *first, const struct ocelot_machine *member, const char *name,
                                                         size_t line, struct ocelot_error *err);

/* The branches of all members onto node `input`, the scaled features, and their sum. */
OCELOT_MUST_USE enum ocelot_status ocelot_ensemble_append(const struct ocelot_machine *first, struct ocelot_graph *graph, size_t input,
                                                          struct ocelot_error *err);

/* What the description of the model of `first` alone says differently of all members. */
void ocelot_ensemble_describe(const struct ocelot_machine *first, struct ocelot_model_info *info);

/* The member that support vector *j of all belongs to; *j becomes its number there. */
const struct ocelot_machine *ocelot_ensemble_member(const struct ocelot_machine *first, size_t *j);

#endif
