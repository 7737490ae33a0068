/* Cells of text on a terminal: padded, shortened and free of control characters. */
#ifndef OCELOT_IO_CELLS_H
#define OCELOT_IO_CELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Columns that `string` takes when ocelot_cell_plain writes it. */
size_t ocelot_cell_columns(const char *string, bool utf8);

/* The string with '?' for whatever a terminal might obey (control characters, marks that turn the direction of writing), for bytes that are
 * not UTF-8 and, unless `utf8`, for all beyond ASCII. */
void ocelot_cell_plain(struct ocelot_text *out, const char *string, bool utf8);

/* The same in exactly `columns` columns: filled with blanks, or shortened in the middle, where names differ least. */
void ocelot_cell_text(struct ocelot_text *out, const char *string, size_t columns, bool utf8);

void ocelot_cell_blanks(struct ocelot_text *out, size_t columns);

/* A number of five significant digits or fewer for people; "-" for NaN. */
struct ocelot_cell_number {
    char text[32];
};
struct ocelot_cell_number ocelot_cell_number(double value);

/* Aligned right in at least `columns` columns. */
void ocelot_cell_right(struct ocelot_text *out, const char *string, size_t columns);

/* A bar of `share` (0..1) of `columns`, without filling up: eighth blocks, or # and, when negative, shade or -. */
void ocelot_cell_bar(struct ocelot_text *out, double share, size_t columns, bool utf8, bool shaded);

#endif
