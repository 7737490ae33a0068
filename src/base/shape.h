/* The shape of one row's activations: up to four dimensions, the batch not among them. */
#ifndef OCELOT_BASE_SHAPE_H
#define OCELOT_BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { OCELOT_SHAPE_RANK = 4 };

struct ocelot_shape {
    size_t rank;
    size_t extent[OCELOT_SHAPE_RANK];
};

/* A vector of n values. */
struct ocelot_shape ocelot_shape_vector(size_t n);

/* Product of the extents (1 for rank 0) into *size; false on overflow. */
bool ocelot_shape_size(const struct ocelot_shape *shape, size_t *size);

bool ocelot_shape_equal(const struct ocelot_shape *a, const struct ocelot_shape *b);

/* "3x32x32" into text of `room` bytes. */
void ocelot_shape_print(const struct ocelot_shape *shape, char *text, size_t room);

#endif
