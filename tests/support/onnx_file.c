#include "support/onnx_file.h"

#include <stdlib.h>
#include <string.h>

#include "support/cmocka_include.h"

static void *take(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size);
    assert_non_null(block);
    return block;
}

static char *copy(const char *text, size_t length)
{
    char *made = take(length + 1, 1);
    memcpy(made, text, length);
    return made;
}

static char *copy_all(const char *text)
{
    return copy(text, strlen(text));
}

/* One more place in a list of pointers. */
static void *append(void *list, size_t *count, void *item)
{
    void **longer = realloc(list, (*count + 1) * sizeof *longer);
    assert_non_null(longer);
    longer[(*count)++] = item;
    return longer;
}

/* NAME = take and initialise a message of that kind. */
#define MAKE(type, init, variable)                                                                                                                   \
    type *variable = take(1, sizeof *(variable));                                                                                                    \
    init(variable)

Onnx__ModelProto *onnx_file_make(int64_t opset)
{
    MAKE(Onnx__ModelProto, onnx__model_proto__init, file);
    MAKE(Onnx__GraphProto, onnx__graph_proto__init, graph);
    MAKE(Onnx__OperatorSetIdProto, onnx__operator_set_id_proto__init, set);
    file->has_ir_version = 1;
    file->ir_version = 8;
    file->graph = graph;
    set->has_version = 1;
    set->version = opset;
    file->opset_import = append(NULL, &file->n_opset_import, set);
    return file;
}

void onnx_file_free(Onnx__ModelProto *file)
{
    onnx__model_proto__free_unpacked(file, NULL);
}

void onnx_file_property(Onnx__ModelProto *file, const char *key, const char *value)
{
    MAKE(Onnx__StringStringEntryProto, onnx__string_string_entry_proto__init, entry);
    entry->key = copy_all(key);
    entry->value = copy_all(value);
    file->metadata_props = append(file->metadata_props, &file->n_metadata_props, entry);
}

void onnx_file_input(Onnx__ModelProto *file, const char *name, size_t rank, const int64_t *dims)
{
    MAKE(Onnx__ValueInfoProto, onnx__value_info_proto__init, info);
    MAKE(Onnx__TypeProto, onnx__type_proto__init, type);
    MAKE(Onnx__TypeProto__Tensor, onnx__type_proto__tensor__init, tensor);
    MAKE(Onnx__TensorShapeProto, onnx__tensor_shape_proto__init, shape);
    info->name = copy_all(name);
    info->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = shape;
    for (size_t k = 0; k < rank; k++) {
        MAKE(Onnx__TensorShapeProto__Dimension, onnx__tensor_shape_proto__dimension__init, dim);
        dim->value_case = dims[k] ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
        if (dims[k])
            dim->dim_value = dims[k];
        else
            dim->dim_param = copy_all("N");
        shape->dim = append(shape->dim, &shape->n_dim, dim);
    }
    file->graph->input = append(file->graph->input, &file->graph->n_input, info);
}

void onnx_file_output(Onnx__ModelProto *file, const char *name)
{
    MAKE(Onnx__ValueInfoProto, onnx__value_info_proto__init, info);
    info->name = copy_all(name);
    file->graph->output = append(file->graph->output, &file->graph->n_output, info);
}

static Onnx__TensorProto *tensor(Onnx__ModelProto *file, const char *name, size_t rank, const int64_t *dims, int32_t type, size_t *count)
{
    MAKE(Onnx__TensorProto, onnx__tensor_proto__init, made);
    made->name = copy_all(name);
    made->has_data_type = 1;
    made->data_type = type;
    made->n_dims = rank;
    made->dims = take(rank, sizeof *made->dims);
    *count = 1;
    for (size_t k = 0; k < rank; k++) {
        made->dims[k] = dims[k];
        *count *= (size_t)dims[k];
    }
    file->graph->initializer = append(file->graph->initializer, &file->graph->n_initializer, made);
    return made;
}

Onnx__TensorProto *onnx_file_floats(Onnx__ModelProto *file, const char *name, size_t rank, const int64_t *dims, const float *values)
{
    size_t count;
    Onnx__TensorProto *made = tensor(file, name, rank, dims, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, &count);
    made->n_float_data = count;
    made->float_data = take(count, sizeof *made->float_data);
    for (size_t k = 0; k < count; k++)
        made->float_data[k] = values ? values[k] : (float)((int)((7 * k + strlen(name)) % 11) - 5) / 8.0F;
    return made;
}

Onnx__TensorProto *onnx_file_integers(Onnx__ModelProto *file, const char *name, size_t count, const int64_t *values)
{
    size_t all;
    Onnx__TensorProto *made = tensor(file, name, 1, (const int64_t[]){(int64_t)count}, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, &all);
    made->n_int64_data = count;
    made->int64_data = take(count, sizeof *values);
    memcpy(made->int64_data, values, count * sizeof *values);
    return made;
}

static char **names(const char *list, size_t *count)
{
    char **made = NULL;
    while (*list) {
        size_t length = strcspn(list, " ");
        made = append(made, count, *list == '-' ? copy_all("") : copy(list, length));
        list += length + strspn(list + length, " ");
    }
    return made;
}

Onnx__NodeProto *onnx_file_node(Onnx__ModelProto *file, const char *op_type, const char *inputs, const char *outputs)
{
    MAKE(Onnx__NodeProto, onnx__node_proto__init, node);
    node->op_type = copy_all(op_type);
    node->input = names(inputs, &node->n_input);
    node->output = names(outputs, &node->n_output);
    node->name = copy_all(node->output[0]);
    file->graph->node = append(file->graph->node, &file->graph->n_node, node);
    return node;
}

void onnx_node_domain(Onnx__NodeProto *node, const char *domain)
{
    node->domain = copy_all(domain);
}

static Onnx__AttributeProto *attribute(Onnx__NodeProto *node, const char *name)
{
    MAKE(Onnx__AttributeProto, onnx__attribute_proto__init, made);
    made->name = copy_all(name);
    node->attribute = append(node->attribute, &node->n_attribute, made);
    return made;
}

void onnx_node_integer(Onnx__NodeProto *node, const char *name, int64_t value)
{
    Onnx__AttributeProto *made = attribute(node, name);
    made->has_i = 1;
    made->i = value;
}

void onnx_node_integers(Onnx__NodeProto *node, const char *name, size_t count, const int64_t *values)
{
    Onnx__AttributeProto *made = attribute(node, name);
    made->n_ints = count;
    made->ints = take(count, sizeof *values);
    memcpy(made->ints, values, count * sizeof *values);
}

void onnx_node_floats(Onnx__NodeProto *node, const char *name, size_t count, const float *values)
{
    Onnx__AttributeProto *made = attribute(node, name);
    made->n_floats = count;
    made->floats = take(count, sizeof *values);
    memcpy(made->floats, values, count * sizeof *values);
}

void onnx_node_text(Onnx__NodeProto *node, const char *name, const char *value)
{
    Onnx__AttributeProto *made = attribute(node, name);
    made->has_s = 1;
    made->s.len = strlen(value);
    made->s.data = (uint8_t *)copy_all(value);
}

char *onnx_file_bytes(const Onnx__ModelProto *file, size_t *size)
{
    char *bytes = take(onnx__model_proto__get_packed_size(file), 1);
    *size = onnx__model_proto__pack(file, (uint8_t *)bytes);
    return bytes;
}
