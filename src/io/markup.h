/* Words and numbers inside HTML and SVG: escaped, short, never NaN. Everything here is well-formed XML too, so a page can be checked. */
#ifndef OCELOT_IO_MARKUP_H
#define OCELOT_IO_MARKUP_H

#include "base/text.h"

/* Characters of a name that a label shows; longer ones end in an ellipsis. */
enum { OCELOT_MARKUP_LABEL = 60 };

/* `string` as text or attribute value: & < > " ' become references; what is not UTF-8, controls and what XML forbids become U+FFFD. */
void ocelot_markup_escape(struct ocelot_text *text, const char *string);

/* The same, at most `most` characters of it. */
void ocelot_markup_clip(struct ocelot_text *text, const char *string, size_t most);

/* A name from the data in an element that keeps its writing direction to itself: <bdi>, clipped, whole in a tooltip where it was. */
void ocelot_markup_name(struct ocelot_text *text, const char *name);

/* A coordinate, at most two decimals, within +-1e6; 0 for NaN. */
void ocelot_markup_coordinate(struct ocelot_text *text, double value);

/* A number for people: `digits` significant ones at most, a real minus sign, no trailing zeros; a dash for NaN, an infinity sign. */
void ocelot_markup_number(struct ocelot_text *text, double value, int digits);

/* A measured value: as it is where that is short, else five digits. */
void ocelot_markup_value(struct ocelot_text *text, double value);

/* A value to be compared with `other`: four digits, more where these would not tell the two apart. */
void ocelot_markup_beside(struct ocelot_text *text, double value, double other);

/* A share as a percentage, such as "53 %"; "<1 %" where it would round to nothing. */
void ocelot_markup_percent(struct ocelot_text *text, double share);

/* A whole number with thin spaces between thousands. */
void ocelot_markup_count(struct ocelot_text *text, size_t count);

#endif
