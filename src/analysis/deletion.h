/* What the features that meaningful perturbation deletes become. */
#ifndef OCELOT_ANALYSIS_DELETION_H
#define OCELOT_ANALYSIS_DELETION_H

#include "analysis/mask.h"
#include "ocelot/explainer.h"

struct ocelot_deletion_kind;

struct ocelot_deletion {
    const struct ocelot_deletion_kind *kind;
    double *mean;     /* [features], of the background; NULL where it has no rows. Owned */
    double blur;      /* standard deviation in pixels */
    bool is_expected; /* the model has expected values */
};

/* Chooses it by name, or for "auto" the first there is of expected, blur, mean and zero; `mask` says what the features are, `blur` 0 = an eighth of
 * the longer side. Fails with OCELOT_E_UNSUPPORTED and a sentence where the plan has no such thing. */
OCELOT_MUST_USE enum ocelot_status ocelot_deletion_choose(const struct ocelot_plan *plan, const char *name, const struct ocelot_mask *mask,
                                                          double blur, struct ocelot_deletion *out, struct ocelot_error *err);
void ocelot_deletion_clear(struct ocelot_deletion *deletion);

/* The reference of a raw row that is finite, into out [features]; scratch [features]. */
void ocelot_deletion_reference(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask, const struct ocelot_plan *plan,
                               struct ocelot_workspace *workspace, const double *row, double *scratch, double *out);

#endif
