/* Patches to train on, and what held-out images say of a model of patches. */
#ifndef OCELOT_STACK_PATCHES_H
#define OCELOT_STACK_PATCHES_H

#include "svm/machine.h"
#include "svm/split.h"

/* Patches that train when no number is asked for. */
enum { OCELOT_PATCHES = 2000 };

/* At most *count random patches, without replacement, of the training images of `images` [][image] into *out [*count][patch], which the caller frees.
 * Values must be finite: OCELOT_E_VALUE names row and column. */
OCELOT_MUST_USE enum ocelot_status ocelot_patches_draw(const struct ocelot_machine_patch *patch, const double *images,
                                                       const struct ocelot_split *split, size_t seed, size_t *count, double **out,
                                                       struct ocelot_error *err);

/* Scores the held-out rows [][features of the model]: their sorted scores and the threshold go into the model and its card. Too few of them for
 * options->nu leave it without a threshold, and with a warning. */
OCELOT_MUST_USE enum ocelot_status ocelot_patches_calibrate(struct ocelot_model *model, const double *rows, const struct ocelot_split *split,
                                                            const struct ocelot_train_options *options, struct ocelot_error *err);

#endif
