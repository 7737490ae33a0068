/* Which nodes of the file the output needs, each behind those it reads. */
#include <stdlib.h>

#include "base/size.h"
#include "onnx/import.h"

/* One node on the way down: its next input to look at. */
struct visit {
    size_t node, input;
};

enum state { UNSEEN, OPEN, DONE };

static enum ocelot_status cycle(struct ocelot_onnx_import *import, size_t node)
{
    import->node = import->file->graph->node[node];
    return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "reads what depends on itself: the network has a cycle");
}

/* Depth first with a stack of our own: files may be as deep as they like. */
static enum ocelot_status walk(struct ocelot_onnx_import *import, size_t start, unsigned char *states, struct visit *stack)
{
    const Onnx__GraphProto *graph = import->file->graph;
    size_t depth = 0;
    stack[depth++] = (struct visit){start, 0};
    states[start] = OPEN;
    while (depth) {
        struct visit *top = &stack[depth - 1];
        const Onnx__NodeProto *node = graph->node[top->node];
        if (top->input == node->n_input) {
            states[top->node] = DONE;
            import->order[import->order_count++] = top->node;
            depth--;
            continue;
        }
        const struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, node->input[top->input++]);
        size_t next = value ? value->producer : SIZE_MAX;
        if (next == SIZE_MAX || states[next] == DONE)
            continue;
        if (states[next] == OPEN)
            return cycle(import, top->node);
        states[next] = OPEN;
        stack[depth++] = (struct visit){next, 0};
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_order(struct ocelot_onnx_import *import, const char *output)
{
    size_t count = import->file->graph->n_node;
    const struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, output);
    enum ocelot_status status = OCELOT_OK;
    unsigned char *states = ocelot_allocate(count, 1);
    struct visit *stack = ocelot_allocate(count, sizeof *stack);
    free(import->order);
    import->order = ocelot_allocate(count, sizeof *import->order);
    import->order_count = 0;
    if (!states || !stack || !import->order)
        status = ocelot_fail_memory(import->err, "the order of the layers");
    else if (value && value->producer != SIZE_MAX)
        status = walk(import, value->producer, states, stack);
    free(states);
    free(stack);
    return status;
}
