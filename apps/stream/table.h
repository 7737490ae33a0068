/* A whole data file in memory, as training and precomputed kernels need it. */
#ifndef OCELOT_STREAM_TABLE_H
#define OCELOT_STREAM_TABLE_H

#include "stream/feed.h"

struct ocelot_table {
    double *values; /* [count][width], all finite */
    size_t count, width;
    long first_index;        /* LIBSVM data: index of the first column (0 or 1) */
    char **names;            /* [width], or NULL where the format has none */
    size_t read;             /* rows of the file */
    size_t skipped;          /* rows with missing or unreadable values, not taken */
    size_t other;            /* rows whose label is not the one asked for, not taken */
    char first_skipped[512]; /* why the first skipped row was skipped */
    size_t capacity;         /* rows that `values` has room for */
    size_t image[3];         /* channels, height, width of rows that are pictures; zeros where they are not */
};

/* Reads `path`. With `normal`, takes only rows with that label (compared as numbers where both are). Start zeroed; free also after failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_table_read(struct ocelot_table *table, const char *path, const struct ocelot_reader_settings *settings,
                                                     const char *normal, struct ocelot_error *err);

/* The same from several pictures, folders or lists of them, or one file, as rows of `model` (NULL = any). */
OCELOT_MUST_USE enum ocelot_status ocelot_table_read_all(struct ocelot_table *table, const char *const *paths, size_t count,
                                                         const struct ocelot_reader_settings *settings, const char *normal,
                                                         const struct ocelot_model *model, struct ocelot_error *err);
void ocelot_table_free(struct ocelot_table *table);

/* "row 7: the value of pressure is missing": the first value of a row that is not finite, into text; false when all are. Names may be NULL. */
bool ocelot_row_trouble(const double *row, size_t width, const char *const *names, char *text, size_t room);

#endif
