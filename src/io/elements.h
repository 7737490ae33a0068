/* Numbers in binary files: their kinds, sizes and byte orders, and rows made of them. */
#ifndef OCELOT_IO_ELEMENTS_H
#define OCELOT_IO_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "io/row_format.h"

/* One kind of number. */
struct ocelot_element {
    const char *name;                            /* NumPy's letter and size: f8, i4, u1, b1 */
    unsigned char idx;                           /* IDX's code, 0 = it has none */
    size_t size;                                 /* bytes */
    double (*value)(const unsigned char *bytes); /* from `size` bytes in this machine's order */
};

/* By NumPy's name (`length` characters) or IDX's code; NULL when there is none. */
const struct ocelot_element *ocelot_element_named(const char *name, size_t length);
const struct ocelot_element *ocelot_element_coded(unsigned char code);

bool ocelot_big_endian(void);

/* Turns `count` elements at `bytes` into doubles, `step` doubles apart. `swapped`: their bytes are in the other order. */
void ocelot_elements_read(const struct ocelot_element *element, bool swapped, const void *bytes, size_t count, double *out, size_t step);

enum { OCELOT_ARRAY_RANK = 32 };

/* An array in a file: rows one after another behind the header. */
struct ocelot_array {
    const struct ocelot_element *element;
    bool swapped;
    size_t rank, shape[OCELOT_ARRAY_RANK]; /* shape[0] = rows */
    size_t width;                          /* product of the rest */
    size_t passed;                         /* rows that were read */
};

/* Makes a 1-D array one row, or rows of one value where that is the width asked for (a model of one feature). */
void ocelot_array_line(struct ocelot_array *array, size_t width);

/* Checks the shape, works out the width and tells `rows` about both. `width` = values a row must have, 0 = any. */
OCELOT_MUST_USE enum ocelot_status ocelot_array_open(struct ocelot_array *array, struct ocelot_rows *rows, size_t width, struct ocelot_error *err);

/* Appends the next row, as the read of a row format does. */
OCELOT_MUST_USE enum ocelot_status ocelot_array_read(struct ocelot_array *array, struct ocelot_rows *rows, bool patient, enum ocelot_next *next,
                                                     struct ocelot_error *err);

/* Sets the row's error when one of its values is not finite. `row` counts from 0. */
void ocelot_array_check(struct ocelot_rows *rows, size_t row, const double *values);

#endif
