#include "graph/graph.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

struct ocelot_graph *ocelot_graph_create(void)
{
    return ocelot_allocate(1, sizeof(struct ocelot_graph));
}

static void free_node(struct ocelot_node *node)
{
    if (!node)
        return;
    if (node->params && node->op->release)
        node->op->release(node->params);
    free(node->params);
    free(node->inputs);
    free(node);
}

void ocelot_graph_free(struct ocelot_graph *graph)
{
    if (!graph)
        return;
    for (size_t i = 0; i < graph->count; i++)
        free_node(graph->nodes[i]);
    free(graph->nodes);
    free(graph);
}

static bool name_taken(const struct ocelot_graph *graph, const char *name)
{
    for (size_t i = 0; i < graph->count; i++)
        if (strcmp(graph->nodes[i]->name, name) == 0)
            return true;
    return false;
}

/* "Dense", then "Dense-2", "Dense-3": the first that is free. */
static void name_node(const struct ocelot_graph *graph, struct ocelot_node *node, const char *name)
{
    snprintf(node->name, sizeof node->name, "%s", name);
    for (size_t k = 2; name_taken(graph, node->name); k++)
        snprintf(node->name, sizeof node->name, "%.40s-%zu", name, k);
}

static bool grow(struct ocelot_graph *graph)
{
    if (graph->count < graph->capacity)
        return true;
    size_t capacity = graph->capacity ? graph->capacity * 2 : 8;
    struct ocelot_node **nodes = ocelot_reallocate(graph->nodes, capacity, sizeof *nodes);
    if (!nodes)
        return false;
    graph->nodes = nodes;
    graph->capacity = capacity;
    return true;
}

/* Checks the inputs against what the op wants and lets it infer the node's shape. */
static enum ocelot_status infer(const struct ocelot_graph *graph, struct ocelot_node *node, struct ocelot_error *err)
{
    const struct ocelot_op *op = node->op;
    if (op->inputs == SIZE_MAX ? node->input_count == 0 : node->input_count != op->inputs)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) has %zu inputs, expected %s%zu", node->name, op->name, node->input_count,
                           op->inputs == SIZE_MAX ? "at least " : "", op->inputs == SIZE_MAX ? (size_t)1 : op->inputs);
    if (node->input_count > OCELOT_NODE_INPUTS)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s joins %zu inputs, expected at most %d", node->name, node->input_count, OCELOT_NODE_INPUTS);
    struct ocelot_shape *in = ocelot_allocate(node->input_count, sizeof *in);
    if (!in)
        return ocelot_fail_memory(err, "the network");
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < node->input_count && status == OCELOT_OK; k++) {
        if (node->inputs[k] >= graph->count)
            status = ocelot_fail(err, OCELOT_E_SHAPE, "layer %s reads layer %zu, which does not exist yet", node->name, node->inputs[k]);
        else
            in[k] = graph->nodes[node->inputs[k]]->shape;
    }
    if (status == OCELOT_OK)
        status = op->infer(node, in, &node->shape, err);
    free(in);
    if (status == OCELOT_OK && (!ocelot_shape_size(&node->shape, &node->size) || node->size == 0))
        status = ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) would have no activations, or too many", node->name, op->name);
    return status;
}

enum ocelot_status ocelot_graph_append(struct ocelot_graph *graph, const struct ocelot_op *op, const char *name, void *params, const size_t *inputs,
                                       size_t input_count, size_t *index, struct ocelot_error *err)
{
    struct ocelot_node *node = ocelot_allocate(1, sizeof *node);
    if (!node) {
        if (params && op->release)
            op->release(params);
        free(params);
        return ocelot_fail_memory(err, "the network");
    }
    node->op = op;
    node->params = params;
    node->graph = graph;
    node->input_count = input_count;
    node->inputs = ocelot_allocate(input_count, sizeof *node->inputs);
    enum ocelot_status status = OCELOT_OK;
    if (!node->inputs || !grow(graph)) {
        status = ocelot_fail_memory(err, "the network");
    } else {
        if (input_count)
            memcpy(node->inputs, inputs, input_count * sizeof *inputs);
        name_node(graph, node, name ? name : op->name);
        status = infer(graph, node, err);
    }
    if (status != OCELOT_OK) {
        free_node(node);
        return status;
    }
    if (index)
        *index = graph->count;
    graph->nodes[graph->count++] = node;
    return OCELOT_OK;
}

const struct ocelot_node *ocelot_node_input(const struct ocelot_node *node, size_t k)
{
    return node->graph->nodes[node->inputs[k]];
}

size_t ocelot_node_number(const struct ocelot_node *node)
{
    size_t i = 0;
    while (node->graph->nodes[i] != node)
        i++;
    return i;
}

size_t ocelot_graph_readers(const struct ocelot_graph *graph, size_t i)
{
    size_t count = 0;
    for (size_t n = i + 1; n < graph->count; n++)
        for (size_t k = 0; k < graph->nodes[n]->input_count; k++)
            count += graph->nodes[n]->inputs[k] == i;
    return count;
}

const struct ocelot_node *ocelot_graph_output(const struct ocelot_graph *graph)
{
    return graph->nodes[graph->count - 1];
}
