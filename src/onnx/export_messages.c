/* Messages of an ONNX file, made one by one in memory of the writer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/export.h"

struct ocelot_onnx_block {
    struct ocelot_onnx_block *next;
    void *memory;
};

static void messages_free(struct ocelot_onnx_messages *list)
{
    free(list->at);
}

void ocelot_onnx_writer_free(struct ocelot_onnx_writer *w)
{
    while (w->blocks) {
        struct ocelot_onnx_block *next = w->blocks->next;
        free(w->blocks->memory);
        free(w->blocks);
        w->blocks = next;
    }
    messages_free(&w->nodes);
    messages_free(&w->tensors);
    messages_free(&w->outputs);
    messages_free(&w->properties);
}

const char *ocelot_onnx_put_failure(struct ocelot_onnx_writer *w, enum ocelot_status status, const char *format, ...)
{
    char text[400];
    va_list arguments;
    if (w->status != OCELOT_OK)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    w->status = ocelot_fail(w->err, status, "%s", text);
    return NULL;
}

static void fail_memory(struct ocelot_onnx_writer *w)
{
    if (w->status == OCELOT_OK)
        w->status = ocelot_fail_memory(w->err, "the ONNX file");
}

void *ocelot_onnx_put_memory(struct ocelot_onnx_writer *w, size_t count, size_t size)
{
    if (w->status != OCELOT_OK)
        return NULL;
    void *memory = ocelot_allocate(count, size);
    struct ocelot_onnx_block *block = ocelot_allocate(1, sizeof *block);
    if (!memory || !block) {
        free(memory);
        free(block);
        fail_memory(w);
        return NULL;
    }
    *block = (struct ocelot_onnx_block){.next = w->blocks, .memory = memory};
    w->blocks = block;
    return memory;
}

char *ocelot_onnx_put_text(struct ocelot_onnx_writer *w, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        ocelot_onnx_put_failure(w, OCELOT_E_LIMIT, "the ONNX file would hold a text of more than 2 GiB");
    char *text = length < 0 ? NULL : ocelot_onnx_put_memory(w, (size_t)length + 1, 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

/* Room for one message more; false when there is none. */
static bool push(struct ocelot_onnx_writer *w, struct ocelot_onnx_messages *list, void *message)
{
    if (w->status != OCELOT_OK || !message)
        return false;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        void **larger = ocelot_reallocate(list->at, capacity, sizeof *larger);
        if (!larger) {
            fail_memory(w);
            return false;
        }
        list->at = larger;
        list->capacity = capacity;
    }
    list->at[list->count++] = message;
    return true;
}

/* "3.Distance.difference": the number keeps names apart from those of inputs and outputs. */
static char *name_value(struct ocelot_onnx_writer *w, const char *part)
{
    const char *dot = part ? "." : "";
    part = part ? part : "";
    return w->node ? ocelot_onnx_put_text(w, "%zu.%s%s%s", ocelot_node_number(w->node), w->node->name, dot, part)
                   : ocelot_onnx_put_text(w, "end%s%s", dot, part);
}

const char *ocelot_onnx_put(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *const *inputs, size_t count)
{
    Onnx__NodeProto *node = ocelot_onnx_put_memory(w, 1, sizeof *node);
    char **names = ocelot_onnx_put_memory(w, count + 1, sizeof *names);
    char *type = ocelot_onnx_put_text(w, "%s", op_type);
    char *value = name_value(w, part);
    char *name = w->node && !part ? ocelot_onnx_put_text(w, "%s", w->node->name) : value;
    for (size_t k = 0; w->status == OCELOT_OK && k < count; k++)
        names[k] = ocelot_onnx_put_text(w, "%s", inputs[k]);
    if (w->status != OCELOT_OK)
        return NULL;
    names[count] = value;
    onnx__node_proto__init(node);
    node->op_type = type;
    node->name = name;
    node->input = names;
    node->n_input = count;
    node->output = names + count;
    node->n_output = 1;
    return push(w, &w->nodes, node) ? value : NULL;
}

const char *ocelot_onnx_put_one(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *a)
{
    return ocelot_onnx_put(w, op_type, part, &a, 1);
}

const char *ocelot_onnx_put_two(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *a, const char *b)
{
    return ocelot_onnx_put(w, op_type, part, (const char *const[]){a, b}, 2);
}

static Onnx__AttributeProto *put_attribute(struct ocelot_onnx_writer *w, const char *name, Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *attribute = ocelot_onnx_put_memory(w, 1, sizeof *attribute);
    char *text = ocelot_onnx_put_text(w, "%s", name);
    Onnx__NodeProto *node = w->nodes.count ? w->nodes.at[w->nodes.count - 1] : NULL;
    size_t count = node ? node->n_attribute : 0;
    Onnx__AttributeProto **list = ocelot_onnx_put_memory(w, count + 1, sizeof *list);
    if (w->status != OCELOT_OK || !node)
        return NULL;
    if (count)
        memcpy(list, node->attribute, count * sizeof(Onnx__AttributeProto *));
    list[count] = attribute;
    onnx__attribute_proto__init(attribute);
    attribute->name = text;
    attribute->has_type = 1;
    attribute->type = type;
    node->attribute = list;
    node->n_attribute = count + 1;
    return attribute;
}

void ocelot_onnx_put_integer(struct ocelot_onnx_writer *w, const char *name, int64_t value)
{
    Onnx__AttributeProto *attribute = put_attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (!attribute)
        return;
    attribute->has_i = 1;
    attribute->i = value;
}

void ocelot_onnx_put_integers(struct ocelot_onnx_writer *w, const char *name, const int64_t *values, size_t count)
{
    Onnx__AttributeProto *attribute = put_attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t *copy = ocelot_onnx_put_memory(w, count, sizeof *copy);
    if (!attribute || !copy)
        return;
    memcpy(copy, values, count * sizeof *copy);
    attribute->ints = copy;
    attribute->n_ints = count;
}

void ocelot_onnx_put_real(struct ocelot_onnx_writer *w, const char *name, double value)
{
    Onnx__AttributeProto *attribute = put_attribute(w, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (!attribute)
        return;
    attribute->has_f = 1;
    attribute->f = (float)value;
}

/* An initialiser without its values. */
static Onnx__TensorProto *put_initialiser(struct ocelot_onnx_writer *w, const char *part, Onnx__TensorProto__DataType type, const size_t *extents,
                                          size_t rank)
{
    Onnx__TensorProto *tensor = ocelot_onnx_put_memory(w, 1, sizeof *tensor);
    int64_t *dims = ocelot_onnx_put_memory(w, rank, sizeof *dims);
    char *name = name_value(w, part);
    if (w->status != OCELOT_OK)
        return NULL;
    for (size_t k = 0; k < rank; k++)
        dims[k] = (int64_t)extents[k];
    onnx__tensor_proto__init(tensor);
    tensor->name = name;
    tensor->dims = dims;
    tensor->n_dims = rank;
    tensor->has_data_type = 1;
    tensor->data_type = (int32_t)type;
    return push(w, &w->tensors, tensor) ? tensor : NULL;
}

const char *ocelot_onnx_put_numbers(struct ocelot_onnx_writer *w, const char *part, const struct ocelot_numbers *values, const size_t *extents,
                                    size_t rank)
{
    size_t count = 1;
    for (size_t k = 0; k < rank; k++)
        count *= extents[k]; /* as many as there are: no overflow */
    Onnx__TensorProto *tensor = put_initialiser(w, part, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, extents, rank);
    double *copy = ocelot_onnx_put_memory(w, count, sizeof *copy);
    if (!tensor || !copy)
        return NULL;
    for (size_t n = 0; n < count; n++)
        copy[n] = ocelot_number(values, n);
    tensor->double_data = copy;
    tensor->n_double_data = count;
    return tensor->name;
}

const char *ocelot_onnx_put_tensor(struct ocelot_onnx_writer *w, const char *part, const double *values, const size_t *extents, size_t rank)
{
    return ocelot_onnx_put_numbers(w, part, &(struct ocelot_numbers){.f64 = values}, extents, rank);
}

const char *ocelot_onnx_put_scalar(struct ocelot_onnx_writer *w, const char *part, double value)
{
    return ocelot_onnx_put_tensor(w, part, &value, NULL, 0);
}

const char *ocelot_onnx_put_list(struct ocelot_onnx_writer *w, const char *part, const int64_t *values, size_t count)
{
    Onnx__TensorProto *tensor = put_initialiser(w, part, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, &count, 1);
    int64_t *copy = ocelot_onnx_put_memory(w, count, sizeof *copy);
    if (!tensor || !copy)
        return NULL;
    memcpy(copy, values, count * sizeof *copy);
    tensor->int64_data = copy;
    tensor->n_int64_data = count;
    return tensor->name;
}

static Onnx__TensorShapeProto__Dimension *put_dimension(struct ocelot_onnx_writer *w, size_t extent)
{
    Onnx__TensorShapeProto__Dimension *dimension = ocelot_onnx_put_memory(w, 1, sizeof *dimension);
    char *rows = extent ? NULL : ocelot_onnx_put_text(w, "rows");
    if (w->status != OCELOT_OK)
        return NULL;
    onnx__tensor_shape_proto__dimension__init(dimension);
    dimension->value_case = extent ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    if (extent)
        dimension->dim_value = (int64_t)extent;
    else
        dimension->dim_param = rows;
    return dimension;
}

Onnx__ValueInfoProto *ocelot_onnx_put_value(struct ocelot_onnx_writer *w, const char *name, const size_t *extents, size_t rank)
{
    struct whole {
        Onnx__ValueInfoProto value;
        Onnx__TypeProto type;
        Onnx__TypeProto__Tensor tensor;
        Onnx__TensorShapeProto shape;
        Onnx__TensorShapeProto__Dimension *dims[OCELOT_SHAPE_RANK + 1];
    } *whole = ocelot_onnx_put_memory(w, 1, sizeof *whole);
    char *text = name ? ocelot_onnx_put_text(w, "%s", name) : NULL;
    for (size_t k = 0; w->status == OCELOT_OK && k < rank; k++)
        whole->dims[k] = put_dimension(w, extents[k]);
    if (w->status != OCELOT_OK)
        return NULL;
    onnx__value_info_proto__init(&whole->value);
    onnx__type_proto__init(&whole->type);
    onnx__type_proto__tensor__init(&whole->tensor);
    onnx__tensor_shape_proto__init(&whole->shape);
    whole->shape.dim = whole->dims;
    whole->shape.n_dim = rank;
    whole->tensor.has_elem_type = 1;
    whole->tensor.elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    whole->tensor.shape = &whole->shape;
    whole->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    whole->type.tensor_type = &whole->tensor;
    whole->value.name = text;
    whole->value.type = &whole->type;
    return &whole->value;
}

void ocelot_onnx_put_output(struct ocelot_onnx_writer *w, const char *name, const char *value, const size_t *extents, size_t rank)
{
    push(w, &w->outputs, ocelot_onnx_put_value(w, name, extents, rank));
    ocelot_onnx_put_one(w, "Identity", name, value);
    Onnx__NodeProto *node = w->nodes.count ? w->nodes.at[w->nodes.count - 1] : NULL;
    if (w->status == OCELOT_OK && node)
        node->output[0] = ocelot_onnx_put_text(w, "%s", name);
}

void ocelot_onnx_put_property(struct ocelot_onnx_writer *w, const char *key, const char *text)
{
    Onnx__StringStringEntryProto *entry = ocelot_onnx_put_memory(w, 1, sizeof *entry);
    char *name = ocelot_onnx_put_text(w, "%s", key), *value = ocelot_onnx_put_text(w, "%s", text ? text : "");
    if (w->status != OCELOT_OK)
        return;
    onnx__string_string_entry_proto__init(entry);
    entry->key = name;
    entry->value = value;
    push(w, &w->properties, entry);
}

const char *ocelot_onnx_put_flat(struct ocelot_onnx_writer *w, const struct ocelot_node *node, size_t k, const char *value)
{
    char part[40];
    if (ocelot_node_input(node, k)->shape.rank == 1)
        return value;
    snprintf(part, sizeof part, "flat%zu", k);
    const char *flat = ocelot_onnx_put_one(w, "Flatten", part, value);
    ocelot_onnx_put_integer(w, "axis", 1);
    return flat;
}

const char *ocelot_onnx_put_shaped(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *value)
{
    int64_t dims[OCELOT_SHAPE_RANK + 1] = {0}; /* 0: as many rows as there are */
    if (node->shape.rank == 1)
        return ocelot_onnx_put_one(w, "Identity", NULL, value);
    for (size_t k = 0; k < node->shape.rank; k++)
        dims[k + 1] = (int64_t)node->shape.extent[k];
    return ocelot_onnx_put_two(w, "Reshape", NULL, value, ocelot_onnx_put_list(w, "shape", dims, node->shape.rank + 1));
}
