#include "ops/line.h"

enum ocelot_status ocelot_line_infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out,
                                     struct ocelot_error *err)
{
    *out = *in;
    if (in->rank == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s runs along the last dimension, and its input has none", node->name);
    return OCELOT_OK;
}

size_t ocelot_line_length(const struct ocelot_node *node)
{
    return node->shape.extent[node->shape.rank - 1];
}
