/* Pictures out of files: PNG, JPEG and PNM (P1 to P6), as 8-bit grey or RGB. The format is known by content.
 *
 * Pixels come out as other tools give them: 16-bit samples are scaled to 8, palettes and 1, 2 and 4 bits are expanded, what is transparent lies
 * over white, CMYK becomes RGB. Gamma, colour profiles and the EXIF orientation are left alone. */
#ifndef OCELOT_IO_IMAGE_H
#define OCELOT_IO_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/status.h"

enum {
    OCELOT_IMAGE_PIXELS = 100 * 1000 * 1000, /* that a picture may have: checked before its memory is asked for */
    OCELOT_IMAGE_HEAD = 16                   /* bytes that recognition wants to see */
};

struct ocelot_image {
    unsigned char *pixels; /* [height][width][channels] */
    size_t width, height;
    size_t channels; /* 1 = grey, 3 = red, green, blue */
};

/* Reads the picture file `path` (also gzipped). Messages begin `path: `. OCELOT_E_FORMAT for what is broken or cut off, OCELOT_E_LIMIT for too many
 * pixels. On success free *out with ocelot_image_free; on failure it is untouched. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_read(const char *path, struct ocelot_image *out, struct ocelot_error *err);

/* The same from `size` bytes in memory; `name` stands for the path in messages. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_read_memory(const void *bytes, size_t size, const char *name, struct ocelot_image *out,
                                                            struct ocelot_error *err);

/* Whether the first bytes of a file are those of a picture that can be read. */
bool ocelot_image_recognise(const void *bytes, size_t length);

void ocelot_image_free(struct ocelot_image *image);

#endif
