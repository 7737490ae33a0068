#include "ops/ops.h"

#include <stdlib.h>

#include "base/size.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)in;
    (void)err;
    *out = *(const struct ocelot_shape *)node->params;
    return OCELOT_OK;
}

const struct ocelot_op ocelot_op_input = {.name = "Input", .traits = OCELOT_OP_SOURCE, .inputs = 0, .infer = infer};

enum ocelot_status ocelot_append_input(struct ocelot_graph *graph, const struct ocelot_shape *shape, size_t *index, struct ocelot_error *err)
{
    struct ocelot_shape *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = *shape;
    return ocelot_graph_append(graph, &ocelot_op_input, "Input", params, NULL, 0, index, err);
}
