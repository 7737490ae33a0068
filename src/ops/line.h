/* What ops along the last dimension share: every line of a row's activations along it is worked on by itself. */
#ifndef OCELOT_OPS_LINE_H
#define OCELOT_OPS_LINE_H

#include "graph/graph.h"

/* The input's shape; refused where it has no dimension. */
enum ocelot_status ocelot_line_infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out,
                                     struct ocelot_error *err);

/* Numbers of a line. */
size_t ocelot_line_length(const struct ocelot_node *node);

#endif
