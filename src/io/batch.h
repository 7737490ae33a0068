/* Rows being gathered: what a reader writes into and ocelot_rows_read hands out. */
#ifndef OCELOT_IO_BATCH_H
#define OCELOT_IO_BATCH_H

#include <stdint.h>

#include "base/text.h"
#include "io/rows.h"

/* Values that a batch may hold before it is handed out with fewer rows than asked for (a single row may be wider). */
enum { OCELOT_BATCH_VALUES = 1 << 23 };

/* Where a row's texts begin, plus one; 0 = none. */
struct ocelot_batch_mark {
    size_t error, id, label;
};

/* Start it zeroed. */
struct ocelot_batch {
    size_t count, width;
    bool listed;        /* rows are kept by their entries, for which `values` has room then; else it is [count][width] */
    double *values;     /* [start[count]] where listed */
    uint32_t *features; /* where listed */
    size_t *start;      /* [row_capacity + 1] where listed */
    size_t value_capacity, feature_capacity, row_capacity;
    struct ocelot_text text;         /* ids, labels and sentences, one after another, each terminated */
    struct ocelot_batch_mark *marks; /* [count] */
    double *label;                   /* [count] */
    const char **pointers;           /* [3][row_capacity] errors, ids, labels; filled when the batch is finished: text moves while it grows */
    bool has_id, has_label;
};

/* Forgets the rows, keeps the memory. */
void ocelot_batch_begin(struct ocelot_batch *batch, size_t width);

/* True when a row of `size` values, or entries where listed, would make the batch too large. Never true for the first row. */
bool ocelot_batch_full(const struct ocelot_batch *batch, size_t size);

/* Adds a row whose values all are `fill`; returns them, or NULL when out of memory. */
double *ocelot_batch_row(struct ocelot_batch *batch, double fill);

/* Adds a row of `entries` entries, where listed, which stand in features and values from *at on and are the caller's to fill in. False when out of
 * memory. */
bool ocelot_batch_list(struct ocelot_batch *batch, size_t entries, size_t *at);

/* Makes every row `width` values wide, the old ones beginning at value `shift`, zeros elsewhere. False when out of memory. */
bool ocelot_batch_widen(struct ocelot_batch *batch, size_t shift, size_t width);

/* Of the last row. The texts are copied; the first error of a row wins. */
void ocelot_batch_error(struct ocelot_batch *batch, const char *sentence);
void ocelot_batch_id(struct ocelot_batch *batch, const char *bytes, size_t length);
void ocelot_batch_label(struct ocelot_batch *batch, double value, const char *bytes, size_t length);

/* Points *out at everything gathered. */
OCELOT_MUST_USE enum ocelot_status ocelot_batch_finish(struct ocelot_batch *batch, struct ocelot_row_batch *out, struct ocelot_error *err);
void ocelot_batch_free(struct ocelot_batch *batch);

#endif
