/* What a format of pictures is: one const struct each, listed in image.c. Private to src/io. */
#ifndef OCELOT_IO_IMAGE_FORMAT_H
#define OCELOT_IO_IMAGE_FORMAT_H

#include "io/image.h"

struct ocelot_image_format {
    const char *name;
    bool (*recognise)(const unsigned char *bytes, size_t length);
    enum ocelot_status (*read)(const unsigned char *bytes, size_t size, const char *name, struct ocelot_image *out, struct ocelot_error *err);
};

extern const struct ocelot_image_format ocelot_image_format_png, ocelot_image_format_jpeg, ocelot_image_format_pnm;

/* Checks the size and asks for the memory. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_allocate(struct ocelot_image *image, size_t width, size_t height, size_t channels, const char *name,
                                                         struct ocelot_error *err);

/* One sample over white: `opacity` 0..255. */
unsigned char ocelot_image_over_white(unsigned sample, unsigned opacity);

#endif
