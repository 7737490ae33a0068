/* Superpixels: an image cut into connected pieces of like colour, as groups of features (ocelot_plan_options.groups). */
#ifndef OCELOT_SUPERPIXELS_H
#define OCELOT_SUPERPIXELS_H

#include <stddef.h>

#include "ocelot/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Cuts an image [channels][height][width] into about `count` connected segments (1..height*width) by clustering position and colour, as SLIC does
 * (Achanta 2012): the squared distance of a pixel to a centre is |colour difference|^2 / (channels * range^2) + (0.1 |place difference| / S)^2, with
 * range the span of the image's values and S = sqrt(height * width / count); pieces smaller than a quarter of S^2 join a neighbour.
 * groups [channels * height * width] receives the segment of every value, 0..*found-1, which all channels of a pixel share; segments are numbered in
 * the order of their first pixels. Equal images give equal segments. Fails with OCELOT_E_VALUE where a value is not finite, OCELOT_E_ARGUMENT for
 * sizes of 0 or a count out of range. Any thread. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_superpixels(const double *image, size_t channels, size_t height, size_t width, size_t count,
                                                                 size_t *groups, size_t *found, struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
