/* Small pictures inside a page: PNG as data URI, so that the page stays one file. */
#ifndef OCELOT_IO_PICTURE_H
#define OCELOT_IO_PICTURE_H

#include <stddef.h>

#include "base/text.h"
#include "io/image.h"

/* Pixels as red, green, blue, opacity. */
struct ocelot_picture {
    unsigned char *pixels; /* [height][width][4] */
    size_t width, height;
};

/* A picture whose pixels are all 0. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_make(size_t height, size_t width, struct ocelot_picture *out, struct ocelot_error *err);

/* An image as it is, opaque. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_of(const struct ocelot_image *image, struct ocelot_picture *out, struct ocelot_error *err);

/* `values` [height][width] in grey, `low` black, `high` white; NaN transparent. Free with ocelot_picture_free.
 * Fails with OCELOT_E_LIMIT beyond 2^24 pixels. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_grey(const double *values, size_t height, size_t width, double low, double high,
                                                       struct ocelot_picture *out, struct ocelot_error *err);

/* Relevance as heat: nothing is transparent, `scale` and more is full colour, red for positive, blue for negative, so that the map
 * can lie on any background. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_heat(const double *relevance, size_t height, size_t width, double scale, struct ocelot_picture *out,
                                                       struct ocelot_error *err);
void ocelot_picture_free(struct ocelot_picture *picture);

/* The PNG file, appended to `out`. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_png(const struct ocelot_picture *picture, struct ocelot_text *out, struct ocelot_error *err);

/* <img> of the picture with a PNG as its data URI; `kind` is its class, `description` its alternative text. */
OCELOT_MUST_USE enum ocelot_status ocelot_picture_tag(const struct ocelot_picture *picture, const char *kind, const char *description,
                                                      struct ocelot_text *out, struct ocelot_error *err);

/* Bytes in base64. */
void ocelot_base64(struct ocelot_text *text, const void *bytes, size_t count);

#endif
