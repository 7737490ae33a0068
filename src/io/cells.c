#include "io/cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/excerpt.h"

/* What stands at a place of a string, as it is shown. */
struct glyph {
    const char *text;
    size_t bytes; /* shown */
    size_t step;  /* passed in the string */
    size_t columns;
};

static bool obeyed(unsigned long code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static struct glyph glyph_at(const char *string, size_t length, bool utf8)
{
    unsigned long code = 0;
    size_t n = ocelot_utf8_next(string, length, &code);
    if (n == 0 || obeyed(code) || (!utf8 && code >= 0x80))
        return (struct glyph){.text = "?", .bytes = 1, .step = n > 0 ? n : 1, .columns = 1};
    return (struct glyph){.text = string, .bytes = n, .step = n, .columns = ocelot_utf8_columns(code)};
}

size_t ocelot_cell_columns(const char *string, bool utf8)
{
    size_t columns = 0, length = strlen(string);
    for (size_t at = 0; at < length;) {
        struct glyph glyph = glyph_at(string + at, length - at, utf8);
        columns += glyph.columns;
        at += glyph.step;
    }
    return columns;
}

/* The glyphs that lie wholly in columns [from, to) of the string. Returns the columns written. */
static size_t write_between(struct ocelot_text *out, const char *string, size_t from, size_t to, bool utf8)
{
    size_t column = 0, written = 0, length = strlen(string);
    for (size_t at = 0; at < length && column < to;) {
        struct glyph glyph = glyph_at(string + at, length - at, utf8);
        if (column >= from && column + glyph.columns <= to && !(written == 0 && glyph.columns == 0)) {
            ocelot_text_append(out, glyph.text, glyph.bytes);
            written += glyph.columns;
        }
        column += glyph.columns;
        at += glyph.step;
    }
    return written;
}

void ocelot_cell_plain(struct ocelot_text *out, const char *string, bool utf8)
{
    size_t length = strlen(string);
    for (size_t at = 0; at < length;) {
        struct glyph glyph = glyph_at(string + at, length - at, utf8);
        ocelot_text_append(out, glyph.text, glyph.bytes);
        at += glyph.step;
    }
}

void ocelot_cell_blanks(struct ocelot_text *out, size_t columns)
{
    static const char blanks[] = "                                ";
    for (; columns > 0; columns -= columns < sizeof blanks - 1 ? columns : sizeof blanks - 1)
        ocelot_text_append(out, blanks, columns < sizeof blanks - 1 ? columns : sizeof blanks - 1);
}

void ocelot_cell_text(struct ocelot_text *out, const char *string, size_t columns, bool utf8)
{
    size_t all = ocelot_cell_columns(string, utf8), written = 0;
    const char *gap = utf8 ? "\342\200\246" : "..";
    size_t gap_columns = utf8 ? 1 : 2;
    if (all <= columns) {
        ocelot_cell_plain(out, string, utf8);
        written = all;
    } else if (columns > gap_columns + 1) {
        size_t tail = (columns - gap_columns) / 3, head = columns - gap_columns - tail;
        written = write_between(out, string, 0, head, utf8) + gap_columns;
        ocelot_text_string(out, gap);
        written += write_between(out, string, all - tail, all, utf8);
    } else {
        written = write_between(out, string, 0, columns, utf8);
    }
    ocelot_cell_blanks(out, columns - written);
}

struct ocelot_cell_number ocelot_cell_number(double value)
{
    struct ocelot_cell_number number = {"-"};
    double size = fabs(value);
    if (isnan(value))
        return number;
    (void)snprintf(number.text, sizeof number.text, size >= 1e5 && size < 1e9 ? "%.0f" : "%.5g", value);
    char *comma = strchr(number.text, ','); /* whatever the locale's decimal sign: the program may have set one */
    if (comma != NULL)
        *comma = '.';
    return number;
}

void ocelot_cell_right(struct ocelot_text *out, const char *string, size_t columns)
{
    size_t length = strlen(string);
    ocelot_cell_blanks(out, length < columns ? columns - length : 0);
    ocelot_text_string(out, string);
}

void ocelot_cell_bar(struct ocelot_text *out, double share, size_t columns, bool utf8, bool shaded)
{
    static const char *const eighths[] = {
        "", "\342\226\217", "\342\226\216", "\342\226\215", "\342\226\214", "\342\226\213", "\342\226\212", "\342\226\211"};
    if (!(share > 0))
        return;
    double length = (share < 1 ? share : 1) * (double)columns;
    size_t steps = utf8 && !shaded ? 8 : 1;
    size_t units = (size_t)(length * (double)steps + 0.5);
    if (units == 0)
        units = 1; /* something is there */
    for (size_t i = 0; i < units / steps; i++)
        ocelot_text_string(out, utf8 ? (shaded ? "\342\226\221" : "\342\226\210") : (shaded ? "-" : "#"));
    if (steps == 8)
        ocelot_text_string(out, eighths[units % steps]);
}
