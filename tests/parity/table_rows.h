/* The tables of data/ as numbers, for parity tests. */
#ifndef OCELOT_TESTS_TABLE_ROWS_H
#define OCELOT_TESTS_TABLE_ROWS_H

#include <stddef.h>

/* A table's features: rows [count][width], all finite. The first `trained` of them train; they are spread over the whole of the file's first
 * rows, so that a table that is sorted by class has every class in both parts. */
struct table_rows {
    char name[64];
    double *rows;
    size_t count, trained, width;
};

/* The paths of every table of data/ (CSV, NumPy, IDX, also gzipped; not the lists of labels of the images, which have no features), sorted.
 * NULL after the last. Free with table_paths_free. */
char **table_paths(void);
void table_paths_free(char **paths);

/* Reads at most `most` rows of a table without its id and label columns, leaving out rows with missing values; fails the test when there are
 * none. Free `rows`. */
void table_rows_read(const char *path, size_t most, struct table_rows *out);

#endif
