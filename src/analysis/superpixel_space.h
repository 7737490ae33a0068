/* Superpixels in memory that is there already: what a workspace may do. */
#ifndef OCELOT_ANALYSIS_SUPERPIXEL_SPACE_H
#define OCELOT_ANALYSIS_SUPERPIXEL_SPACE_H

#include "ocelot/superpixels.h"

struct ocelot_superpixel_space;

/* Memory for images of this shape. NULL where there is none left. Free accepts NULL. */
struct ocelot_superpixel_space *ocelot_superpixel_space_create(size_t channels, size_t height, size_t width, size_t count);
void ocelot_superpixel_space_free(struct ocelot_superpixel_space *space);

/* No image of that many pixels has more segments. */
size_t ocelot_superpixel_limit(size_t pixels, size_t count);

/* As ocelot_superpixels, of a finite image; returns the number of segments. */
size_t ocelot_superpixel_cut(struct ocelot_superpixel_space *space, const double *image, size_t *groups);

#endif
