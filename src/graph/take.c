/* Part of a network becomes another network. */
#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"
#include "graph/graph.h"

/* Which nodes `last` is computed from. */
static void mark(const struct ocelot_graph *graph, size_t last, bool *needed)
{
    needed[0] = needed[last] = true;
    for (size_t i = last + 1; i-- > 0;)
        for (size_t k = 0; needed[i] && k < graph->nodes[i]->input_count; k++)
            needed[graph->nodes[i]->inputs[k]] = true;
}

enum ocelot_status ocelot_graph_take(struct ocelot_graph *source, size_t last, struct ocelot_graph **out, struct ocelot_error *err)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    bool *needed = ocelot_allocate(source->count, sizeof *needed);
    size_t *number = ocelot_allocate(source->count, sizeof *number);
    struct ocelot_node **nodes = ocelot_allocate(last + 1, sizeof *nodes);
    enum ocelot_status status = OCELOT_OK;
    size_t kept = 0;
    if (!graph || !needed || !number || !nodes) {
        ocelot_graph_free(graph);
        free(nodes);
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    mark(source, last, needed);
    graph->nodes = nodes;
    graph->capacity = last + 1;
    for (size_t i = 0; i < source->count; i++) {
        struct ocelot_node *node = source->nodes[i];
        if (!needed[i]) {
            source->nodes[kept++] = node;
            continue;
        }
        for (size_t k = 0; k < node->input_count; k++)
            node->inputs[k] = number[node->inputs[k]];
        node->graph = graph;
        number[i] = graph->count;
        graph->nodes[graph->count++] = node;
    }
    source->count = kept;
    *out = graph;
done:
    free(needed);
    free(number);
    return status;
}
