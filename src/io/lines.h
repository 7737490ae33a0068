/* Lines of text out of a source, numbered; for CSV a line goes on while a quoted field is open. */
#ifndef OCELOT_IO_LINES_H
#define OCELOT_IO_LINES_H

#include "io/source.h"

/* What there is next. */
enum ocelot_next {
    OCELOT_NEXT_ROW,  /* it is there */
    OCELOT_NEXT_WAIT, /* not yet, and the caller did not want to wait */
    OCELOT_NEXT_FULL, /* it is there, but the batch has no room for it */
    OCELOT_NEXT_END
};

/* Set source, max and delimiter; the rest starts zeroed. */
struct ocelot_lines {
    struct ocelot_source *source; /* borrowed */
    size_t max;                   /* bytes a line may have */
    char delimiter;               /* between fields that may be quoted; 0 = quotes mean nothing */
    size_t passed;                /* lines that were taken */
};

/* Valid until the next peek. */
struct ocelot_line {
    const char *text; /* without its line end; not terminated */
    size_t length;
    size_t number; /* of its first line in the file, from 1 */
    bool quoted;   /* a quote occurs in it (only looked for with a delimiter) */
    size_t bytes;  /* with its line end */
    size_t lines;  /* line ends in it, at least 1 */
};

/* Shows the next line. A last line without a line end counts as a line. Fails on a line longer than max, on a quoted field that is never
 * closed, and as ocelot_source_peek. */
OCELOT_MUST_USE enum ocelot_status ocelot_lines_peek(struct ocelot_lines *lines, bool patient, struct ocelot_line *out, enum ocelot_next *next,
                                                     struct ocelot_error *err);

/* Steps over a line that was shown. */
void ocelot_lines_take(struct ocelot_lines *lines, const struct ocelot_line *line);

/* Shows and steps over lines that hold nothing but blanks, then shows the next other one. */
OCELOT_MUST_USE enum ocelot_status ocelot_lines_peek_filled(struct ocelot_lines *lines, bool patient, struct ocelot_line *out, enum ocelot_next *next,
                                                            struct ocelot_error *err);

#endif
