/* Distance: the points as a plan has prepared them. */
#ifndef OCELOT_OPS_DISTANCE_H
#define OCELOT_OPS_DISTANCE_H

#include "graph/graph.h"
#include "ops/ops.h"

/* Whether the plan keeps the points of a Distance by their entries alone (kernels/sparse.h). */
bool ocelot_distance_sparse(const struct ocelot_node *node, const struct ocelot_footing *footing);

/* The points of what `prepare` made. `room`: as many doubles as ocelot_distance_room says, for the kernels that are called with them. */
struct ocelot_packed ocelot_distance_points(const void *prepared, double *room);

/* The same for rows of which is known what they hold (NULL = not). */
struct ocelot_packed ocelot_distance_points_of(const struct ocelot_node *node, const void *prepared, double *room, const struct ocelot_held *held);
size_t ocelot_distance_room(const struct ocelot_node *node, const struct ocelot_footing *footing);

#endif
