/* Picture files made in memory, for tests of what reads them. */
#ifndef OCELOT_TESTS_SUPPORT_PICTURES_H
#define OCELOT_TESTS_SUPPORT_PICTURES_H

#include <stdbool.h>

#include "base/text.h"

/* What goes into a PNG file: libpng's colour type and bit depth, rows as the file packs them; `opacity` [colours] for palettes. */
struct picture_png {
    unsigned width, height;
    int depth, type;
    bool interlaced;
    const unsigned char *rows; /* [height][row_bytes] */
    size_t row_bytes;
    const unsigned char *colours; /* [colour_count][3] */
    int colour_count;
    const unsigned char *opacity;
    int opacity_count;
};
void picture_make_png(const struct picture_png *picture, struct ocelot_text *out);

/* JPEG of grey (channels 1), RGB (3) or CMYK (4) pixels. */
void picture_make_jpeg(const unsigned char *pixels, unsigned width, unsigned height, int channels, bool progressive, struct ocelot_text *out);

#endif
