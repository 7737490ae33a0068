/* Files that say which features were to blame, in which rows. */
#ifndef OCELOT_STREAM_TRUTH_FILE_H
#define OCELOT_STREAM_TRUTH_FILE_H

#include "ocelot/truth.h"

/* Who can be blamed. */
struct ocelot_truth_subject {
    const char *const *names; /* [features] of the model, in its order */
    size_t features;
    const char *column; /* of the file, that holds the features; NULL = `features`, `metrics` or the first that is left, in this order */
};

/* Reads `path` ("-" = standard input; also gzipped): CSV (or TSV) with a header,
 *     row,features          a line a row, in ascending order
 *     start,end,features    a line an incident, of the rows from `start` to before `end`
 * in any order of the columns, others ignored. Rows count data rows from 0. Features are separated by semicolons, or by blanks where there is no
 * semicolon: names, or numbers from 0 where no feature's name is a number. A NumPy or IDX file is a mask: rows as wide as the model, and what is not
 * 0 is to blame. On success *out is to be freed. Fails with a sentence that begins `file:line:`. */
OCELOT_MUST_USE enum ocelot_status ocelot_truth_file_read(const char *path, const struct ocelot_truth_subject *subject, struct ocelot_truth **out,
                                                          struct ocelot_error *err);

/* The same of a text in memory; `name` stands for the path in messages. */
OCELOT_MUST_USE enum ocelot_status ocelot_truth_file_read_memory(const void *bytes, size_t size, const char *name,
                                                                 const struct ocelot_truth_subject *subject, struct ocelot_truth **out,
                                                                 struct ocelot_error *err);

#endif
