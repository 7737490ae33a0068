/* The columns of a CSV file against what was asked for: which are features, in which order, which are label, id or nothing. */
#ifndef OCELOT_IO_CSV_COLUMNS_H
#define OCELOT_IO_CSV_COLUMNS_H

#include <stdint.h>

#include "base/text.h"
#include "io/rows.h"

#define OCELOT_CSV_NONE SIZE_MAX

/* Start it zeroed. */
struct ocelot_csv_columns {
    size_t count;         /* columns of the file */
    bool named;           /* by a header; otherwise they are called f1, f2, ... */
    char **name;          /* [count] */
    size_t *place;        /* [count] feature number, or OCELOT_CSV_NONE */
    size_t label, id;     /* columns, or OCELOT_CSV_NONE */
    size_t width;         /* features */
    const char **feature; /* [width] their names */
    const char **ignored; /* [ignored_count] */
    size_t ignored_count;
};

/* Appends a column called `name` (`length` bytes; none or an empty name: f1, f2, ... by position). False when out of memory. */
bool ocelot_csv_columns_add(struct ocelot_csv_columns *columns, const char *name, size_t length);

/* Fills in everything but count, named and name. Messages begin with `where` ("file:line"). */
OCELOT_MUST_USE enum ocelot_status ocelot_csv_columns_match(struct ocelot_csv_columns *columns, const struct ocelot_rows_options *options,
                                                            const char *where, struct ocelot_error *err);
void ocelot_csv_columns_free(struct ocelot_csv_columns *columns);

#endif
