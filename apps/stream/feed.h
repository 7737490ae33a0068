/* Data rows in the order and width that a model wants, whatever order and format the file has. */
#ifndef OCELOT_STREAM_FEED_H
#define OCELOT_STREAM_FEED_H

#include "io/rows.h"
#include "ocelot/model.h"
#include "ocelot/option.h"
#include "stream/gallery.h"

struct ocelot_program;

/* How to read data, as the option table below fills it. */
struct ocelot_reader_settings {
    const char *input_format, *delimiter, *header, *label, *id;
    struct ocelot_option_list drop, columns; /* each text may hold several names separated by commas */
    struct ocelot_gallery_settings gallery;
};
extern const struct ocelot_option ocelot_reader_option_table[];

/* The character that --delimiter means, 0 for NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_feed_delimiter(const char *text, char *out, struct ocelot_error *err);

struct ocelot_feed; /* one open file; not shared between threads */

/* Opens `paths` ("-" = standard input) for the rows of `model`: columns are matched by name where the model has names and the file has a header,
 * else by position; LIBSVM data by index. NULL = any rows (training). `settings` may be NULL (defaults). The model must outlive the feed.
 *
 * Several operands must be pictures, folders of pictures or lists of them (one operand may be that, too): one row a picture.
 * IDX files of pictures are preprocessed where the settings say how; NumPy arrays of a network's own input are taken as they are. */
OCELOT_MUST_USE enum ocelot_status ocelot_feed_open_all(const char *const *paths, size_t count, const struct ocelot_reader_settings *settings,
                                                        const struct ocelot_model *model, struct ocelot_feed **out, struct ocelot_error *err);
void ocelot_feed_close(struct ocelot_feed *feed);

/* As ocelot_rows_read, but values are in model order. Rows are as wide as the model, or wider (and then stay so) when LIBSVM data names an
 * index that the model does not have: see ocelot_feed_indices and ocelot_feed_bound. */
OCELOT_MUST_USE enum ocelot_status ocelot_feed_read(struct ocelot_feed *feed, size_t max, struct ocelot_row_batch *batch, struct ocelot_error *err);

/* Looks through all of a LIBSVM file for its indices, so that its rows need not get wider on the way; a pipe is let be. Before all else. */
OCELOT_MUST_USE enum ocelot_status ocelot_feed_look_ahead(struct ocelot_feed *feed, struct ocelot_error *err);

/* From now on LIBSVM rows are handed out by their entries. Before the first read. */
void ocelot_feed_list(struct ocelot_feed *feed);

/* What becomes of rows with an index that neither the model has nor looking ahead has found. Before the first read, behind ocelot_feed_list. */
void ocelot_feed_bound(struct ocelot_feed *feed, enum ocelot_row_bounds bounds);

/* LIBSVM indices of the first and last value of a row, for ocelot_svm_widen. */
void ocelot_feed_indices(const struct ocelot_feed *feed, long *first, long *last);

/* True for LIBSVM data: absent values are 0, and rows may get wider than the model. */
bool ocelot_feed_sparse(const struct ocelot_feed *feed);

/* The reader underneath, for its column names and progress. */
const struct ocelot_rows *ocelot_feed_rows(const struct ocelot_feed *feed);

/* One sentence on standard error that names the columns of the file that nothing uses, unless there are none. */
void ocelot_feed_remark(const struct ocelot_feed *feed, const struct ocelot_program *program);

#endif
