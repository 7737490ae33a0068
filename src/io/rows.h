/* Rows of data from any format, streamed: CSV/TSV, LIBSVM sparse text, NumPy .npy, IDX, each also gzipped, from a path or "-" (stdin).
 * The format is known by content; memory is constant in the number of rows. */
#ifndef OCELOT_IO_ROWS_H
#define OCELOT_IO_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/explain.h"

enum { OCELOT_ROW_RANK = 4 }; /* dimensions of a row that are told */

/* Zeroed = guess everything. Strings and arrays are read during ocelot_rows_open only, except where noted. */
struct ocelot_rows_options {
    const char *format;       /* csv, tsv, libsvm, npy, idx; NULL = by content */
    char delimiter;           /* CSV: 0 = detect among , ; tab | */
    bool columns_by_position; /* with `columns`: where the file has no header, take columns in order if their number fits */
    const char *header;       /* CSV: "yes", "no"; NULL or "auto" = a first line with any non-number is a header */
    const char *label;        /* CSV: column by name (or 1-based number) that is a label, not a feature; NULL = none. Numeric or text */
    const char *id;           /* CSV: column by name that identifies the row; NULL = none */
    const char *const *drop;  /* CSV: columns by name that are ignored */
    size_t drop_count;
    const char *const *columns; /* CSV: take only these columns, in this order (features of a model or the user's choice); NULL = all left */
    size_t column_count;
    long first_index, last_index; /* LIBSVM: width of the rows: indices first..last; last = 0 means unknown: the reader then grows (see below) */
    size_t width;                 /* npy, idx: required values a row; 0 = any */
    size_t max_line;              /* bytes a line may have; 0 = 1 GiB */
};

struct ocelot_rows; /* one open source; not shared between threads */

/* One batch, owned by the reader, valid until the read after the next: one may be used while another thread reads the next. Row r is values[r * width
 * .. + width), or, where `values` is NULL, in `entries`. */
struct ocelot_row_batch {
    size_t count, width;
    const double *values; /* NaN where missing; a row with an error may hold anything */
    struct ocelot_sparse_rows entries;
    const char *const *error;      /* [count], NULL or the sentence `file:line: what, and what was expected` for a row that cannot be used */
    const char *const *id;         /* [count] or NULL */
    const double *label;           /* [count] or NULL; NaN where there is none or it is text */
    const char *const *label_text; /* [count] or NULL: the label as written (CSV label column, LIBSVM label) */
    size_t first_row;              /* number of the first row of this batch, counting data rows from 0 */
};

/* Opens `path` ("-" = standard input). On success *out must be closed. For CSV the header has been read; for LIBSVM with last_index 0
 * and a path that can be read twice, nothing is scanned ahead: width grows batch by batch and never shrinks.
 * Messages begin `path:line:`. A missing column is an error that names it; a text column (first data row not a number and no header
 * mistake) is an error that names column, line, value and --drop. */
OCELOT_MUST_USE enum ocelot_status ocelot_rows_open(const char *path, const struct ocelot_rows_options *options, struct ocelot_rows **out,
                                                    struct ocelot_error *err);

/* The same from `size` bytes in memory, which stay the caller's and must outlive the reader; `name` stands for the path in messages. */
OCELOT_MUST_USE enum ocelot_status ocelot_rows_open_memory(const void *bytes, size_t size, const char *name,
                                                           const struct ocelot_rows_options *options, struct ocelot_rows **out,
                                                           struct ocelot_error *err);
void ocelot_rows_close(struct ocelot_rows *rows);

/* From now on rows are handed out by their entries where the format has them so (LIBSVM; features then count from index `first`, or from the least
 * one seen if that is less); rows of other formats stay as they are. Before the first read. */
void ocelot_rows_list(struct ocelot_rows *rows, long first);

/* What becomes of LIBSVM rows with an index outside of the bounds. */
enum ocelot_row_bounds {
    OCELOT_ROW_FREE, /* there are none: all rows get wider, those of the same batch, too */
    OCELOT_ROW_FIT,  /* as free, but a value of 0 makes nothing wider */
    OCELOT_ROW_GROW, /* the row begins a batch, and what comes behind it is as wide: by so much that the width grows seldom */
    OCELOT_ROW_HOLD  /* it is a row with an error */
};

/* LIBSVM: rows have indices first..last, with first 0 or 1, unless one has a value other than 0 elsewhere. What is read of a row then depends on it
 * and on those before it, not on batches. Rows of other formats stay as they are. Before the first read, behind ocelot_rows_list. */
void ocelot_rows_bound(struct ocelot_rows *rows, long first, long last, enum ocelot_row_bounds bounds);

/* LIBSVM: the least and the greatest index of all rows, found without looking at values; broken rows may count, too; *last < *first where there
 * is none. Takes what a read would: nothing is left. */
OCELOT_MUST_USE enum ocelot_status ocelot_rows_reach(struct ocelot_rows *rows, long *first, long *last, struct ocelot_error *err);

/* Reads up to `max` rows; fewer at the end, when the batch would hold more than 2^23 values, and when the source is a pipe or terminal, at least
 * one row is complete and no more bytes are waiting. count = 0 means the end. A broken row is a row with an error, reading goes on; trouble of the
 * file itself (I/O, not gzip, line too long) is the return value. */
OCELOT_MUST_USE enum ocelot_status ocelot_rows_read(struct ocelot_rows *rows, size_t max, struct ocelot_row_batch *batch, struct ocelot_error *err);

/* Whether a read would wait: for a pipe that has nothing to give yet. */
bool ocelot_rows_waits(const struct ocelot_rows *rows);

const char *ocelot_rows_format(const struct ocelot_rows *rows);           /* "csv", "libsvm", ... */
size_t ocelot_rows_width(const struct ocelot_rows *rows);                 /* values a row; 0 while unknown (LIBSVM) */
const char *ocelot_rows_column(const struct ocelot_rows *rows, size_t i); /* feature name i, or NULL where the format has none */
size_t ocelot_rows_ignored(const struct ocelot_rows *rows); /* CSV: columns of the file that were neither taken nor named by an option */
const char *ocelot_rows_ignored_column(const struct ocelot_rows *rows, size_t i);
void ocelot_rows_indices(const struct ocelot_rows *rows, long *first, long *last); /* LIBSVM: smallest (0 or 1) and largest index seen */
size_t ocelot_rows_image(const struct ocelot_rows *rows, size_t *height,
                         size_t *width); /* IDX/npy with 2-D rows: their shape; returns rank of a row */
/* Dimensions of a row, outermost first: returns how many there are, and points *shape at the first OCELOT_ROW_RANK of them; 0 = not known. */
size_t ocelot_rows_shape(const struct ocelot_rows *rows, const size_t **shape);
long long ocelot_rows_total(const struct ocelot_rows *rows); /* number of rows if the format says so, else -1 */
double ocelot_rows_progress(const struct ocelot_rows *rows); /* share of the file read, 0..1, NaN for pipes */

#endif
