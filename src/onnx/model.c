/* Reading an ONNX model: the file, its values, its input and output, then node by node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"
#include "svm/file.h"

enum { OLDEST_OPSET = 6, NEWEST_OPSET = 21, MOST_NODES = 20000, DEFAULT_LIMIT_GIB = 8 };

static const struct ocelot_onnx_options no_options = {.output = NULL};
static const struct ocelot_onnx_hooks no_hooks = {.bindings = NULL};

/* The version of the operators; a file of ONNX-ML alone may leave it out. */
static enum ocelot_status check_opset(struct ocelot_onnx_import *import)
{
    const Onnx__ModelProto *file = import->file;
    import->opset = -1;
    for (size_t k = 0; k < file->n_opset_import; k++) {
        const char *domain = ocelot_onnx_text(file->opset_import[k]->domain);
        if (!*domain || strcmp(domain, "ai.onnx") == 0)
            import->opset = file->opset_import[k]->version;
        else if (import->opset < 0 && strcmp(domain, "ai.onnx.ml") == 0)
            import->opset = NEWEST_OPSET;
    }
    if (!file->graph || import->opset < 0)
        return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: found no %s, expected an ONNX model", import->name,
                           file->graph ? "version of its operators" : "graph");
    if (import->opset < OLDEST_OPSET || import->opset > NEWEST_OPSET)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED,
                           "%s: its operators are of version %lld, expected %d to %d (onnx.version_converter converts)", import->name,
                           (long long)import->opset, OLDEST_OPSET, NEWEST_OPSET);
    if (file->graph->n_node > MOST_NODES)
        return ocelot_fail(import->err, OCELOT_E_LIMIT, "%s: has %zu nodes, expected at most %d", import->name, file->graph->n_node, MOST_NODES);
    return OCELOT_OK;
}

static enum ocelot_status store(struct ocelot_onnx_import *import, const char *name, const Onnx__TensorProto *tensor, Onnx__TensorProto *own)
{
    struct ocelot_onnx_value *value = ocelot_onnx_value_make(import, ocelot_onnx_text(name));
    if (!value)
        return ocelot_fail_memory(import->err, "the names");
    value->stored = tensor;
    value->own = own;
    return OCELOT_OK;
}

/* Every initialiser and every output of a node gets a value. */
static enum ocelot_status name_values(struct ocelot_onnx_import *import)
{
    const Onnx__GraphProto *graph = import->file->graph;
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < graph->n_initializer && status == OCELOT_OK; k++)
        status = store(import, graph->initializer[k]->name, graph->initializer[k], graph->initializer[k]);
    for (size_t k = 0; k < import->hooks->binding_count && status == OCELOT_OK; k++)
        status = store(import, import->hooks->bindings[k].name, import->hooks->bindings[k].tensor, NULL);
    for (size_t n = 0; n < graph->n_node && status == OCELOT_OK; n++)
        for (size_t k = 0; k < graph->node[n]->n_output && status == OCELOT_OK; k++) {
            const char *name = graph->node[n]->output[k];
            struct ocelot_onnx_value *value = *name ? ocelot_onnx_value_make(import, name) : NULL;
            if (!*name)
                continue;
            if (!value)
                return ocelot_fail_memory(import->err, "the names");
            if (value->producer != SIZE_MAX || value->stored)
                return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: found two things named '%.80s', expected one", import->name, name);
            value->producer = n;
        }
    return status;
}

static const Onnx__ValueInfoProto *find_input(const struct ocelot_onnx_import *import)
{
    const Onnx__GraphProto *graph = import->file->graph;
    for (size_t k = 0; k < graph->n_input; k++) {
        const char *name = ocelot_onnx_text(graph->input[k]->name);
        const struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, name);
        if (import->options->input ? strcmp(name, import->options->input) == 0 : !value)
            return graph->input[k];
    }
    return NULL;
}

/* One dimension of a row: as the file says, or where it leaves it open as the options do. */
static enum ocelot_status row_dimension(struct ocelot_onnx_import *import, const Onnx__TensorShapeProto *shape, size_t k, size_t *out)
{
    const struct ocelot_onnx_options *o = import->options;
    const Onnx__TensorShapeProto__Dimension *dim = shape ? shape->dim[k] : NULL;
    int64_t size = dim && dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE ? dim->dim_value : 0;
    size_t given = o->input_shape ? o->input_shape[k - import->lead] : 0;
    if (size <= 0 && !given)
        return ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: leaves dimension %zu of its input open; say the shape of one row", import->name, k);
    if (size > 0 && given && (size_t)size != given)
        return ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: its input has %lld in dimension %zu, but %zu is asked for", import->name,
                           (long long)size, k, given);
    *out = given ? given : (size_t)size;
    return OCELOT_OK;
}

static enum ocelot_status input_dims(struct ocelot_onnx_import *import, const Onnx__TypeProto__Tensor *type, struct ocelot_onnx_dims *dims)
{
    const struct ocelot_onnx_options *o = import->options;
    const Onnx__TensorShapeProto *shape = type->shape;
    enum ocelot_status status = OCELOT_OK;
    dims->rank = shape ? shape->n_dim : o->input_shape ? o->input_rank + 1 : 0;
    if (!shape && !o->input_shape)
        return ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: its input has no shape; say the shape of one row", import->name);
    import->lead = !import->hooks->whole && dims->rank > 1;
    if (dims->rank > OCELOT_ONNX_RANK || (o->input_shape && o->input_rank != dims->rank - import->lead))
        return ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: its input has %zu dimensions, the rows among them; %zu are asked for", import->name,
                           dims->rank, o->input_rank);
    dims->at[0] = OCELOT_ONNX_BATCH;
    for (size_t k = import->lead; k < dims->rank && status == OCELOT_OK; k++)
        status = row_dimension(import, shape, k, &dims->at[k]);
    return status;
}

static enum ocelot_status start_network(struct ocelot_onnx_import *import)
{
    const Onnx__ValueInfoProto *input = find_input(import);
    struct ocelot_onnx_dims dims = {0};
    size_t count, node;
    if (!input)
        return ocelot_fail(import->err, import->options->input ? OCELOT_E_ARGUMENT : OCELOT_E_FORMAT, "%s: has no input%s%.80s", import->name,
                           import->options->input ? " named " : "", import->options->input ? import->options->input : "");
    const Onnx__TypeProto *type = input->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: its input is no tensor", import->name);
    int32_t element = type->tensor_type->elem_type;
    if (element != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT && element != ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE &&
        element != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 && element != ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: its input has elements of type %d, expected real numbers", import->name,
                           (int)element);
    enum ocelot_status status = input_dims(import, type->tensor_type, &dims);
    if (status == OCELOT_OK && !ocelot_onnx_row(import, &dims, &count))
        count = SIZE_MAX / sizeof(double);
    if (status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, count, 16 * sizeof(double));
    struct ocelot_onnx_value *value = status == OCELOT_OK ? ocelot_onnx_value_make(import, ocelot_onnx_text(input->name)) : NULL;
    if (status != OCELOT_OK)
        return status;
    import->graph = value ? ocelot_graph_create() : NULL;
    if (!import->graph)
        return ocelot_fail_memory(import->err, "the network");
    struct ocelot_shape shape = ocelot_onnx_shape(import, &dims);
    status = ocelot_append_input(import->graph, &shape, &node, import->err);
    value->stored = NULL;
    value->producer = SIZE_MAX;
    value->network = true;
    value->node = 0;
    value->dims = dims;
    return status;
}

/* The value to explain: by its name or its node's, or the file's first output. */
static enum ocelot_status find_output(struct ocelot_onnx_import *import, const char **output)
{
    const Onnx__GraphProto *graph = import->file->graph;
    const char *wanted = import->options->output;
    *output = wanted ? wanted : graph->n_output ? ocelot_onnx_text(graph->output[0]->name) : "";
    for (size_t k = 0; wanted && !ocelot_onnx_value_find(import, wanted) && k < graph->n_node; k++)
        if (strcmp(ocelot_onnx_text(graph->node[k]->name), wanted) == 0 && graph->node[k]->n_output)
            *output = graph->node[k]->output[0];
    if (ocelot_onnx_value_find(import, *output))
        return OCELOT_OK;
    if (wanted)
        return ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: has no value and no node named '%.120s'", import->name, wanted);
    return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: its output '%.120s' is computed by nothing", import->name, *output);
}

/* The node of a trailing Softmax, also behind operators that only count differently; SIZE_MAX = none. */
static size_t trailing_softmax(const struct ocelot_onnx_import *import, const char *output)
{
    static const char *const transparent[] = {"Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Unsqueeze"};
    const struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, output);
    for (size_t steps = 0; value && value->producer != SIZE_MAX && steps < import->file->graph->n_node; steps++) {
        const Onnx__NodeProto *node = import->file->graph->node[value->producer];
        const struct ocelot_onnx_builder *builder = ocelot_onnx_builder_find(node);
        bool passes = false;
        if (builder && builder->build == ocelot_onnx_build_softmax)
            return value->producer;
        for (size_t k = 0; builder && k < sizeof transparent / sizeof *transparent; k++)
            passes = passes || strcmp(builder->op_type, transparent[k]) == 0;
        value = passes && node->n_input ? ocelot_onnx_value_find(import, node->input[0]) : NULL;
    }
    return SIZE_MAX;
}

/* Every operator that is not known, the first five by name. */
static enum ocelot_status check_operators(struct ocelot_onnx_import *import)
{
    enum { NAMED = 5 };
    char list[320] = "";
    size_t unknown = 0, used = 0;
    for (size_t k = 0; k < import->order_count; k++) {
        const Onnx__NodeProto *node = import->file->graph->node[import->order[k]];
        const char *name = ocelot_onnx_text(node->name);
        if (ocelot_onnx_builder_find(node))
            continue;
        if (unknown++ < NAMED && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%snode '%.28s' (%.24s)", used ? ", " : "",
                                     *name            ? name
                                     : node->n_output ? node->output[0]
                                                      : "",
                                     ocelot_onnx_text(node->op_type));
    }
    if (unknown == 0)
        return OCELOT_OK;
    return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED,
                       "%s: %s%s: %s not supported; explain a value before %s (the option output), or export the network with ReLU layers",
                       import->name, list, unknown > NAMED ? ", and more" : "", unknown > 1 ? "these operators are" : "this operator is",
                       unknown > 1 ? "them" : "it");
}

/* Every input that a node needed for the output reads is one use of it. */
static void count_uses(struct ocelot_onnx_import *import)
{
    for (size_t n = 0; n < import->order_count; n++) {
        import->node = import->file->graph->node[import->order[n]];
        for (size_t k = 0; k < import->node->n_input; k++) {
            struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
            if (value)
                value->uses++;
        }
    }
}

/* Initialisers are decoded again when another node wants them, so that only one is in memory at a time; behind the last one that does they are gone.
 */
static void forget(struct ocelot_onnx_import *import)
{
    for (size_t k = 0; k < import->node->n_input; k++) {
        struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
        if (value && --value->uses == 0 && value->own)
            ocelot_onnx_unpacked_empty(value->own);
        if (!value || !value->stored || !value->constant)
            continue;
        import->used -= value->constant->count * sizeof(double);
        ocelot_onnx_tensor_free(value->constant);
        value->constant = NULL;
    }
}

static enum ocelot_status build(struct ocelot_onnx_import *import, size_t softmax)
{
    enum ocelot_status status = check_operators(import);
    count_uses(import);
    for (size_t k = 0; k < import->order_count && status == OCELOT_OK; k++) {
        import->node = import->file->graph->node[import->order[k]];
        import->first = import->graph->count;
        struct ocelot_error inner = {0}, *outer = import->err;
        import->err = &inner;
        status = import->order[k] == softmax ? ocelot_onnx_build_identity(import) : ocelot_onnx_builder_find(import->node)->build(import);
        import->err = outer;
        /* what a layer refused does not know of the file */
        size_t length = strlen(import->name);
        bool placed = status == OCELOT_E_MEMORY || strncmp(inner.message, import->name, length) == 0;
        if (status != OCELOT_OK && placed)
            ocelot_fail(import->err, status, "%s", inner.message);
        else if (status != OCELOT_OK)
            ocelot_onnx_refuse(import, status, "%s", inner.message);
        forget(import);
    }
    import->node = NULL;
    return status;
}

/* The network from the output's graph: one layer at least, batch normalisation folded. */
static enum ocelot_status finish(struct ocelot_onnx_import *import, const char *output, struct ocelot_model **out)
{
    const struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, output);
    if (!value || !value->network)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: its output '%.120s' does not depend on its input", import->name, output);
    size_t node = value->node;
    enum ocelot_status status = OCELOT_OK;
    if (node == 0) {
        struct ocelot_shape shape = ocelot_onnx_shape(import, &value->dims);
        status = ocelot_append_arrange(import->graph, &value->node, 1, &shape, NULL, 0, &node, import->err);
    }
    if (status != OCELOT_OK)
        return status;
    struct ocelot_graph *graph = import->graph;
    import->graph = NULL;
    status = ocelot_onnx_canonise(graph, import->sites, import->site_count, !import->options->keep_batch_norm, node, &graph, import->err);
    return status == OCELOT_OK ? ocelot_onnx_model(import, graph, out) : status;
}

static enum ocelot_status import_file(struct ocelot_onnx_import *import, struct ocelot_model **out)
{
    const char *output = NULL;
    enum ocelot_status status = check_opset(import);
    if (status == OCELOT_OK && !import->options->output && ocelot_onnx_has_card(import->file))
        return ocelot_onnx_card(import, out);
    if (status == OCELOT_OK)
        status = name_values(import);
    if (status == OCELOT_OK)
        status = start_network(import);
    if (status != OCELOT_OK)
        return status;
    const Onnx__NodeProto *machine = import->options->output ? NULL : ocelot_onnx_machine_find(import);
    if (machine)
        return ocelot_onnx_machine(import, machine, out);
    status = find_output(import, &output);
    if (status == OCELOT_OK)
        status = ocelot_onnx_order(import, output);
    if (status == OCELOT_OK)
        status = build(import, import->options->keep_softmax ? SIZE_MAX : trailing_softmax(import, output));
    return status == OCELOT_OK ? finish(import, output, out) : status;
}

/* The rest once the bytes are unpacked; takes the file. */
static enum ocelot_status import_unpacked(Onnx__ModelProto *file, const char *name, const char *folder, const struct ocelot_onnx_options *options,
                                          const struct ocelot_onnx_hooks *hooks, struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_onnx_import import = {.name = name, .folder = folder, .options = options, .hooks = hooks, .err = err, .file = file};
    import.limit = options->memory_limit ? options->memory_limit : (size_t)DEFAULT_LIMIT_GIB << 30;
    enum ocelot_status status = import_file(&import, out);
    ocelot_onnx_values_free(&import);
    ocelot_graph_free(import.graph);
    free(import.sites);
    free(import.order);
    ocelot_onnx_unpacked_free(file);
    return status;
}

enum ocelot_status ocelot_onnx_read_hooked(const void *bytes, size_t size, const char *name, const char *folder,
                                           const struct ocelot_onnx_options *options, const struct ocelot_onnx_hooks *hooks,
                                           struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_error own = {0};
    Onnx__ModelProto *file = NULL;
    options = options ? options : &no_options;
    size_t limit = options->memory_limit ? options->memory_limit : (size_t)DEFAULT_LIMIT_GIB << 30;
    err = err ? err : &own;
    enum ocelot_status status = ocelot_onnx_unpack(bytes, size, limit, name, &file, err);
    return status == OCELOT_OK && file ? import_unpacked(file, name, folder, options, hooks ? hooks : &no_hooks, out, err) : status;
}

enum ocelot_status ocelot_onnx_read_memory(const void *bytes, size_t size, const char *name, const struct ocelot_onnx_options *options,
                                           struct ocelot_model **out, struct ocelot_error *err)
{
    return ocelot_onnx_read_hooked(bytes, size, name, NULL, options, NULL, out, err);
}

enum ocelot_status ocelot_onnx_read(const char *path, const struct ocelot_onnx_options *options, struct ocelot_model **out, struct ocelot_error *err)
{
    char *bytes;
    size_t size;
    struct ocelot_error own = {0};
    Onnx__ModelProto *file = NULL;
    options = options ? options : &no_options;
    err = err ? err : &own;
    enum ocelot_status status = ocelot_file_read(path, options->memory_limit, &bytes, &size, err);
    if (status != OCELOT_OK)
        return status;
    const char *slash = strrchr(path, '/');
    char *folder = slash ? ocelot_copy_text(path, slash > path ? (size_t)(slash - path) : 1) : ocelot_copy_text(".", 1);
    size_t limit = options->memory_limit ? options->memory_limit : (size_t)DEFAULT_LIMIT_GIB << 30;
    status = folder ? ocelot_onnx_unpack(bytes, size, limit, path, &file, err) : ocelot_fail_memory(err, "the model");
    free(bytes); /* before the weights are decoded: a large network is not held three times */
    if (status == OCELOT_OK && file)
        status = import_unpacked(file, path, folder, options, &no_hooks, out, err);
    free(folder);
    return status;
}
