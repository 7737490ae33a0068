/* What a format of rows is: one const struct each, listed in rows.c. Private to src/io. */
#ifndef OCELOT_IO_ROW_FORMAT_H
#define OCELOT_IO_ROW_FORMAT_H

#include "io/batch.h"
#include "io/lines.h"
#include "io/rows.h"
#include "io/source.h"

enum {
    OCELOT_ROW_FEATURES = 1 << 24,       /* values that a row may have */
    OCELOT_ROW_RECOGNISE_BYTES = 1 << 16 /* what recognition may look at */
};

struct ocelot_rows {
    const struct ocelot_row_format *format;
    struct ocelot_source *source;    /* NULL for pictures, which are files of their own */
    struct ocelot_lines lines;       /* text formats */
    void *state;                     /* the format's own; released by its close */
    struct ocelot_batch batch, last; /* being read; what the last read handed out */

    /* Set by the format's open, and for LIBSVM kept up to date by read. */
    size_t width;                 /* values a row; 0 = not known */
    size_t rank, height, breadth; /* dimensions of a row, and the last two of them where there are two */
    size_t shape[OCELOT_ROW_RANK];
    long first_index, last_index;
    enum ocelot_row_bounds bounds; /* LIBSVM; `settled` is the last index they began with */
    long settled;
    long long total;           /* rows, -1 = not known */
    const char *const *column; /* [width] or NULL */
    const char *const *ignored;
    size_t ignored_count;

    size_t passed;               /* rows handed out */
    struct ocelot_error pending; /* trouble met behind complete rows: returned by the next read */
};

struct ocelot_row_format {
    const char *name;
    const char *summary;
    char delimiter; /* CSV and its kin: the delimiter, 0 = detect */
    /* Whether the data may be of this format; looks at its first bytes only (`whole`: they are all of it). NULL = only by name. */
    bool (*recognise)(const char *bytes, size_t length, bool whole);
    /* Reads the header, if there is one, and fills in the members of `rows` above. */
    enum ocelot_status (*open)(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err);
    /* Appends one row to rows->batch and steps over it (OCELOT_NEXT_ROW), or says why not. A broken row is a row with an error. */
    enum ocelot_status (*read)(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err);
    /* Formats whose rows are lists of entries: as ocelot_rows_reach, from an empty reach on. NULL = they are not. */
    enum ocelot_status (*reach)(struct ocelot_rows *rows, long *first, long *last, struct ocelot_error *err);
    void (*close)(struct ocelot_rows *rows); /* after a failed open too; rows->state may be NULL */
};

extern const struct ocelot_row_format ocelot_row_format_csv, ocelot_row_format_tsv, ocelot_row_format_libsvm, ocelot_row_format_npy,
    ocelot_row_format_idx;

#endif
