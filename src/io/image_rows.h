/* Pictures as rows of data: each file one row, preprocessed, its id the file's name. */
#ifndef OCELOT_IO_IMAGE_ROWS_H
#define OCELOT_IO_IMAGE_ROWS_H

#include "io/image_list.h"
#include "io/preprocess.h"
#include "io/rows.h"

/* Opens the pictures of `list`, which must outlive the rows, for ocelot_rows_read. `shape` [channels][height][width] is what a row must be; where its
 * height is 0, all pictures become what the first one is (after resize and crop by numbers of their own), with `shape[0]` channels, or 1 or 3 as it
 * has. A picture that cannot be read is a row with an error. Close with ocelot_rows_close. */
OCELOT_MUST_USE enum ocelot_status ocelot_rows_open_images(const struct ocelot_image_list *list, const struct ocelot_preprocess *preprocess,
                                                           const size_t shape[3], struct ocelot_rows **out, struct ocelot_error *err);

#endif
