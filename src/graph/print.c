#include "graph/graph.h"

void ocelot_node_describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    if (node->op->describe)
        node->op->describe(node, out);
}

/* A DOT string: quotes and backslashes escaped. */
static void dot_text(struct ocelot_text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            ocelot_text_append(out, "\\", 1);
        ocelot_text_append(out, text, 1);
    }
}

void ocelot_graph_dot(const struct ocelot_graph *graph, struct ocelot_text *out)
{
    ocelot_text_string(out, "digraph ocelot {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < graph->count; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        char shape[64];
        struct ocelot_text detail = {0};
        ocelot_shape_print(&node->shape, shape, sizeof shape);
        ocelot_node_describe(node, &detail);
        ocelot_text_format(out, "  n%zu [label=\"", i);
        dot_text(out, node->name);
        ocelot_text_format(out, "\\n%s", shape);
        if (detail.length) {
            ocelot_text_string(out, "\\n");
            dot_text(out, detail.bytes);
        }
        ocelot_text_string(out, "\"];\n");
        out->failed |= detail.failed;
        ocelot_text_free(&detail);
        for (size_t k = 0; k < node->input_count; k++)
            ocelot_text_format(out, "  n%zu -> n%zu;\n", node->inputs[k], i);
    }
    ocelot_text_string(out, "}\n");
}
