#include "base/shape.h"

#include <stdio.h>

#include "base/size.h"

struct ocelot_shape ocelot_shape_vector(size_t n)
{
    return (struct ocelot_shape){.rank = 1, .extent = {n}};
}

bool ocelot_shape_size(const struct ocelot_shape *shape, size_t *size)
{
    size_t product = 1;
    for (size_t k = 0; k < shape->rank; k++)
        if (!ocelot_size_multiply(product, shape->extent[k], &product))
            return false;
    *size = product;
    return true;
}

bool ocelot_shape_equal(const struct ocelot_shape *a, const struct ocelot_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (size_t k = 0; k < a->rank; k++)
        if (a->extent[k] != b->extent[k])
            return false;
    return true;
}

void ocelot_shape_print(const struct ocelot_shape *shape, char *text, size_t room)
{
    size_t used = 0;
    if (room)
        text[0] = '\0';
    for (size_t k = 0; k < shape->rank && used < room; k++)
        used += (size_t)snprintf(text + used, room - used, k ? "x%zu" : "%zu", shape->extent[k]);
}
