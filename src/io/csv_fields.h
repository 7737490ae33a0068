/* The fields of one CSV line (RFC 4180), and what they say as numbers. */
#ifndef OCELOT_IO_CSV_FIELDS_H
#define OCELOT_IO_CSV_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "io/lines.h"

/* Points into the line. */
struct ocelot_csv_field {
    const char *text; /* without surrounding blanks and quotes */
    size_t length;
    bool quoted;  /* it stood in quotes */
    bool doubled; /* it holds doubled quotes, each of which means one */
    bool broken;  /* something stands between the closing quote and the delimiter */
};

/* Walks over a line; start with ocelot_csv_begin. */
struct ocelot_csv_cursor {
    const char *at, *end;
    char delimiter;
    bool quoted, done;
};
struct ocelot_csv_cursor ocelot_csv_begin(const struct ocelot_line *line, char delimiter);

/* The next field; false past the last. An empty line has one empty field. */
bool ocelot_csv_next(struct ocelot_csv_cursor *cursor, struct ocelot_csv_field *out);

/* Puts the field's text, doubled quotes made single, behind what `out` holds. */
void ocelot_csv_text(const struct ocelot_csv_field *field, struct ocelot_text *out);

/* Writes a text as a field: in quotes where a reader could misunderstand it, also with blanks at an end, which some strip. */
void ocelot_csv_write(const char *text, struct ocelot_text *out);

/* What a field is as a number. */
enum ocelot_csv_kind { OCELOT_CSV_NUMBER, OCELOT_CSV_MISSING, OCELOT_CSV_WORD };

/* Missing: empty, NA, N/A, nan, null, None or ?. *value is NaN then and for words. */
enum ocelot_csv_kind ocelot_csv_number(const struct ocelot_csv_field *field, double *value);

/* True for digits, one comma, digits: a decimal comma, which is not read. */
bool ocelot_csv_decimal_comma(const struct ocelot_csv_field *field);

/* The delimiter among , ; tab | that the first lines agree on; `line` is the first of them, as ocelot_lines_peek showed it, and `window`
 * what can be seen from there on. A comma when there is none. */
char ocelot_csv_delimiter(const struct ocelot_line *line, const struct ocelot_window *window);

#endif
