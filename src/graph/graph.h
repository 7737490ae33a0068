/* A network: nodes in topological order, made once, then immutable. Shapes are written by `infer` alone. */
#ifndef OCELOT_GRAPH_GRAPH_H
#define OCELOT_GRAPH_GRAPH_H

#include "graph/op.h"

/* Longest name with its terminator; most inputs that one layer joins. */
enum { OCELOT_NODE_NAME = 64, OCELOT_NODE_INPUTS = 64 };

struct ocelot_node {
    const struct ocelot_op *op; /* never NULL */
    char name[OCELOT_NODE_NAME];
    void *params; /* the op's own struct; owned */
    size_t *inputs;
    size_t input_count; /* inputs of the op, each the index of an earlier node */
    struct ocelot_shape shape;
    size_t size; /* product of the shape */
    const struct ocelot_graph *graph;
};

struct ocelot_graph {
    struct ocelot_node **nodes; /* node 0 is the input */
    size_t count, capacity;
};

/* An empty graph, or NULL when out of memory. */
struct ocelot_graph *ocelot_graph_create(void);
void ocelot_graph_free(struct ocelot_graph *graph);

/* Appends a node and infers its shape. Takes ownership of `params` (malloc'd, with what the op's `release` frees) in every case, also on
 * failure. `name` is made unique if need be. *index receives the node's number (may be NULL). */
OCELOT_MUST_USE enum ocelot_status ocelot_graph_append(struct ocelot_graph *graph, const struct ocelot_op *op, const char *name, void *params,
                                                       const size_t *inputs, size_t input_count, size_t *index, struct ocelot_error *err);

/* Moves node `last` and every node that it is computed from into a new graph *out, in the same order with the same names; node 0, the input,
 * always goes along. What is left in `source` may only be freed. On failure nothing has moved. */
OCELOT_MUST_USE enum ocelot_status ocelot_graph_take(struct ocelot_graph *source, size_t last, struct ocelot_graph **out, struct ocelot_error *err);

/* Shape of a node's input k. */
const struct ocelot_node *ocelot_node_input(const struct ocelot_node *node, size_t k);

/* Where number n of a node's activations, counted as in its shape, stands where `block` of its channels stand together (struct ocelot_footing). */
static inline size_t ocelot_node_place(const struct ocelot_node *node, size_t block, size_t n)
{
    if (block <= 1)
        return n;
    size_t plane = node->size / node->shape.extent[0], channel = n / plane;
    return (channel / block * plane + n % plane) * block + channel % block;
}

/* The node's number in its graph. */
size_t ocelot_node_number(const struct ocelot_node *node);

/* How often nodes read node i as an input. */
size_t ocelot_graph_readers(const struct ocelot_graph *graph, size_t i);

/* The last node. The graph must not be empty. */
const struct ocelot_node *ocelot_graph_output(const struct ocelot_graph *graph);

/* The node's parameters in words, or "" (inspect, DOT). */
void ocelot_node_describe(const struct ocelot_node *node, struct ocelot_text *out);

/* The network as DOT. */
void ocelot_graph_dot(const struct ocelot_graph *graph, struct ocelot_text *out);

#endif
