/* Resizing pictures: bilinear with anti-aliasing, to the byte as Pillow's BILINEAR does it, which most networks were trained behind. */
#ifndef OCELOT_IO_RESIZE_H
#define OCELOT_IO_RESIZE_H

#include "io/image.h"

/* Output sample x is the mean of the input samples around c = (x + 1/2) s - 1/2, s = size in / size out, weighted by the tent
 * max(0, 1 - |i - c| / max(s, 1)), weights divided by their sum and rounded to 22 bits; first along rows, then along columns, a byte in between.
 * On success free *out with ocelot_image_free. `name` begins messages. */
OCELOT_MUST_USE enum ocelot_status ocelot_image_resize(const struct ocelot_image *image, size_t width, size_t height, const char *name,
                                                       struct ocelot_image *out, struct ocelot_error *err);

#endif
