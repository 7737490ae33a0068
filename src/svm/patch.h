/* Support vectors smaller than the image: they slide over it, and the outlier scores of all positions add up. */
#ifndef OCELOT_SVM_PATCH_H
#define OCELOT_SVM_PATCH_H

#include "svm/machine.h"

/* Positions down and across; false where a patch does not fit, or the numbers are too large. */
bool ocelot_patch_positions(const struct ocelot_machine_patch *patch, size_t *down, size_t *across);

/* Numbers of the image, and of a patch: all channels of its window. Only for patches that fit. */
size_t ocelot_patch_image(const struct ocelot_machine_patch *patch);
size_t ocelot_patch_width(const struct ocelot_machine_patch *patch);

/* Where the values of the patch at a position lie in the image, in order [channels][height][width], into map [patch width]. Positions are counted row
 * by row. */
void ocelot_patch_map(const struct ocelot_machine_patch *patch, size_t position, uint32_t *map);

/* Arrange -> Scale -> Distance -> SoftMin at every position -> sum onto node `input`, which holds the image. */
OCELOT_MUST_USE enum ocelot_status ocelot_patch_append(const struct ocelot_machine *machine, struct ocelot_graph *graph, size_t input,
                                                       struct ocelot_error *err);

#endif
