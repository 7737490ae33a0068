/* Writing a model as an ONNX file: op by op, then outputs and what the file says about itself. */
#include <limits.h>
#include <stdlib.h>

#include "base/size.h"
#include "base/text.h"
#include "ocelot/onnx.h"
#include "ocelot/version.h"
#include "onnx/export.h"
#include "svm/file.h"
#include "svm/machine.h"

/* Versions that every runtime of the last years reads; opset 13 has double precision for all that kernel machines need. */
enum { IR_VERSION = 7, OPSET = 13 };

static const struct ocelot_onnx_op_writer *find_writer(const struct ocelot_op *op)
{
    static const struct ocelot_onnx_op_writer *const tables[] = {ocelot_onnx_kernel_writers, ocelot_onnx_network_writers};
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
        for (const struct ocelot_onnx_op_writer *row = tables[k]; row->op; row++)
            if (row->op == op)
                return row;
    return NULL;
}

/* Every layer in turn; the value of the last one. */
static const char *put_layers(struct ocelot_onnx_writer *w, const struct ocelot_graph *graph)
{
    const char **values = ocelot_onnx_put_memory(w, graph->count, sizeof *values);
    const char *in[OCELOT_NODE_INPUTS];
    if (!values)
        return NULL;
    values[0] = "x";
    for (size_t n = 1; n < graph->count && w->status == OCELOT_OK; n++) {
        const struct ocelot_node *node = graph->nodes[n];
        const struct ocelot_onnx_op_writer *writer = find_writer(node->op);
        for (size_t k = 0; k < node->input_count; k++)
            in[k] = values[node->inputs[k]];
        w->node = node;
        if (writer)
            values[n] = writer->write(w, node, in);
        else
            ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s (%s) has no counterpart among ONNX's standard operators", node->name,
                                    node->op->name);
    }
    w->node = NULL;
    return w->status == OCELOT_OK ? values[graph->count - 1] : NULL;
}

/* A JSON array of `count` names. */
static void put_names(struct ocelot_onnx_writer *w, const char *key, const struct ocelot_model *model, size_t count,
                      const char *(*name)(const struct ocelot_model *, size_t))
{
    struct ocelot_text text = {0};
    ocelot_text_string(&text, "[");
    for (size_t k = 0; k < count; k++) {
        ocelot_text_string(&text, k ? "," : "");
        ocelot_text_json_string(&text, name(model, k));
    }
    ocelot_text_string(&text, "]");
    if (text.failed)
        w->status = w->status == OCELOT_OK ? ocelot_fail_memory(w->err, "the names") : w->status;
    ocelot_onnx_put_property(w, key, text.failed ? "" : text.bytes);
    ocelot_text_free(&text);
}

static const char *feature_name(const struct ocelot_model *model, size_t k)
{
    return model->features[k].name;
}

/* Names of pixels say nothing that the input's shape does not. */
static void put_properties(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const Onnx__GraphProto *graph)
{
    ocelot_onnx_put_property(w, "ocelot.type", model->info.type);
    ocelot_onnx_put_property(w, "ocelot.kernel", model->info.kernel);
    ocelot_onnx_put_property(w, "ocelot.scaling", model->info.scaling);
    if (model->info.input_rank == 0)
        put_names(w, "ocelot.features", model, model->feature_count, feature_name);
    put_names(w, "ocelot.outputs", model, model->info.outputs, ocelot_model_output);
    ocelot_onnx_put_card(w, model, graph);
}

static void put_graph(struct ocelot_onnx_writer *w, const struct ocelot_model *model, Onnx__GraphProto *graph)
{
    const struct ocelot_shape *shape = &model->graph->nodes[0]->shape;
    size_t extents[OCELOT_SHAPE_RANK + 1] = {0};
    Onnx__ValueInfoProto **input = ocelot_onnx_put_memory(w, 1, sizeof *input);
    for (size_t k = 0; k < shape->rank; k++)
        extents[k + 1] = shape->extent[k];
    ocelot_onnx_put_outputs(w, model, put_layers(w, model->graph));
    graph->name = ocelot_onnx_put_text(w, "ocelot");
    if (input)
        *input = ocelot_onnx_put_value(w, "x", extents, shape->rank + 1);
    graph->input = input;
    graph->n_input = 1;
    graph->node = (Onnx__NodeProto **)w->nodes.at;
    graph->n_node = w->nodes.count;
    graph->initializer = (Onnx__TensorProto **)w->tensors.at;
    graph->n_initializer = w->tensors.count;
    graph->output = (Onnx__ValueInfoProto **)w->outputs.at;
    graph->n_output = w->outputs.count;
}

static enum ocelot_status write_file(const Onnx__ModelProto *file, const char *path, struct ocelot_error *err)
{
    size_t size = onnx__model_proto__get_packed_size(file);
    if (size > INT_MAX)
        return ocelot_fail(err, OCELOT_E_LIMIT, "%s: the model takes %zu bytes, and readers of ONNX files take no more than 2 GiB", path, size);
    unsigned char *bytes = ocelot_allocate(size, 1);
    if (!bytes)
        return ocelot_fail_memory(err, "the ONNX file");
    onnx__model_proto__pack(file, bytes);
    enum ocelot_status status = ocelot_file_write(path, (const char *)bytes, size, err);
    free(bytes);
    return status;
}

enum ocelot_status ocelot_onnx_write(const struct ocelot_model *model, const char *path, struct ocelot_error *err)
{
    char producer[] = "ocelot", version[] = OCELOT_VERSION_TEXT;
    struct ocelot_onnx_writer w = {.err = err};
    Onnx__ModelProto file = ONNX__MODEL_PROTO__INIT;
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets[] = {&opset};
    put_graph(&w, model, &graph);
    put_properties(&w, model, &graph);
    opset.has_version = 1;
    opset.version = OPSET;
    file.has_ir_version = 1;
    file.ir_version = IR_VERSION;
    file.producer_name = producer;
    file.producer_version = version;
    file.opset_import = opsets;
    file.n_opset_import = 1;
    file.graph = &graph;
    file.metadata_props = (Onnx__StringStringEntryProto **)w.properties.at;
    file.n_metadata_props = w.properties.count;
    enum ocelot_status status = w.status == OCELOT_OK ? write_file(&file, path, err) : w.status;
    ocelot_onnx_writer_free(&w);
    return status;
}
