/* Names of the file, what stands behind them, and the sentences that name a node. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

static size_t hash(const char *name)
{
    uint64_t h = 14695981039346656037U;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211U;
    return (size_t)(h ^ h >> 32);
}

/* The slot of a name, or the empty one where it would go. The table is never full. */
static size_t slot_of(const struct ocelot_onnx_import *import, const char *name)
{
    size_t k = hash(name) & (import->slot_count - 1);
    while (import->slots[k] && strcmp(import->slots[k]->name, name) != 0)
        k = (k + 1) & (import->slot_count - 1);
    return k;
}

static bool grow(struct ocelot_onnx_import *import)
{
    if (2 * import->value_count < import->slot_count)
        return true;
    struct ocelot_onnx_import larger = {.slot_count = import->slot_count ? 2 * import->slot_count : 64};
    larger.slots = ocelot_allocate(larger.slot_count, sizeof(struct ocelot_onnx_value *));
    if (!larger.slots)
        return false;
    for (size_t k = 0; k < import->slot_count; k++)
        if (import->slots[k])
            larger.slots[slot_of(&larger, import->slots[k]->name)] = import->slots[k];
    free(import->slots);
    import->slots = larger.slots;
    import->slot_count = larger.slot_count;
    return true;
}

struct ocelot_onnx_value *ocelot_onnx_value_make(struct ocelot_onnx_import *import, const char *name)
{
    struct ocelot_onnx_value *value = ocelot_onnx_value_find(import, name);
    if (value || !grow(import))
        return value;
    value = ocelot_allocate(1, sizeof *value);
    if (!value)
        return NULL;
    value->name = name;
    value->producer = SIZE_MAX;
    import->slots[slot_of(import, name)] = value;
    import->value_count++;
    return value;
}

struct ocelot_onnx_value *ocelot_onnx_value_find(const struct ocelot_onnx_import *import, const char *name)
{
    return import->slot_count ? import->slots[slot_of(import, name)] : NULL;
}

void ocelot_onnx_values_free(struct ocelot_onnx_import *import)
{
    for (size_t k = 0; k < import->slot_count; k++) {
        if (import->slots[k])
            ocelot_onnx_tensor_free(import->slots[k]->constant);
        free(import->slots[k]);
    }
    free(import->slots);
    import->slots = NULL;
    import->slot_count = 0;
}

struct ocelot_onnx_value *ocelot_onnx_in(const struct ocelot_onnx_import *import, size_t k)
{
    if (k >= import->node->n_input || !*import->node->input[k])
        return NULL;
    return ocelot_onnx_value_find(import, import->node->input[k]);
}

bool ocelot_onnx_is_constant(const struct ocelot_onnx_value *value)
{
    return value && (value->stored || value->constant);
}

static enum ocelot_status missing(struct ocelot_onnx_import *import, size_t k)
{
    if (k >= import->node->n_input || !*import->node->input[k])
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "input %zu is missing", k + 1);
    return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "reads '%.80s', which nothing computes", import->node->input[k]);
}

enum ocelot_status ocelot_onnx_network(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_value **out)
{
    *out = ocelot_onnx_in(import, k);
    if (ocelot_onnx_is_constant(*out))
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "input %zu, '%.80s', is a constant, expected what the network computes", k + 1,
                                  (*out)->name);
    return *out && (*out)->network ? OCELOT_OK : missing(import, k);
}

enum ocelot_status ocelot_onnx_optional(struct ocelot_onnx_import *import, size_t k, const struct ocelot_onnx_tensor **out)
{
    struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
    *out = NULL;
    if (k >= import->node->n_input || !*import->node->input[k])
        return OCELOT_OK;
    if (value && value->network)
        return ocelot_onnx_refuse(
            import, OCELOT_E_UNSUPPORTED,
            "input %zu, '%.80s', is computed from the network's input, expected a constant (weights and sizes that depend on the "
            "data are no layers)",
            k + 1, value->name);
    if (!ocelot_onnx_is_constant(value))
        return missing(import, k);
    enum ocelot_status status = value->constant ? OCELOT_OK : ocelot_onnx_tensor_decode(import, value->stored, &value->constant);
    *out = value->constant;
    return status;
}

enum ocelot_status ocelot_onnx_constant(struct ocelot_onnx_import *import, size_t k, const struct ocelot_onnx_tensor **out)
{
    enum ocelot_status status = ocelot_onnx_optional(import, k, out);
    return status == OCELOT_OK && !*out ? missing(import, k) : status;
}

enum ocelot_status ocelot_onnx_weights(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_dims *dims, struct ocelot_store *weights)
{
    const struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
    const struct ocelot_onnx_tensor *constant = NULL;
    *weights = (struct ocelot_store){.count = 0};
    if (value && value->stored && !value->constant)
        return ocelot_onnx_tensor_store(import, value->stored, dims, weights);
    enum ocelot_status status = ocelot_onnx_constant(import, k, &constant);
    if (constant && status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, constant->count, sizeof *weights->f64);
    if (!constant || status != OCELOT_OK)
        return status;
    *dims = constant->dims;
    weights->count = constant->count;
    weights->f64 = ocelot_allocate(constant->count, sizeof *weights->f64);
    if (!weights->f64)
        return ocelot_fail_memory(import->err, "the weights");
    memcpy(weights->f64, constant->values, constant->count * sizeof *weights->f64);
    return OCELOT_OK;
}

static bool name_taken(const struct ocelot_graph *graph, size_t node)
{
    for (size_t i = 0; i < graph->count; i++)
        if (i != node && strcmp(graph->nodes[i]->name, graph->nodes[node]->name) == 0)
            return true;
    return false;
}

/* The file's name for the layer, with nothing in it that a listing or a picture would have to escape; long ones by their end. */
static void name_node(struct ocelot_onnx_import *import, size_t index)
{
    struct ocelot_node *node = import->graph->nodes[index];
    const char *name = ocelot_onnx_text(import->node->name);
    size_t length = strlen(name), room = sizeof node->name - 6;
    char keep[sizeof node->name];
    if (length == 0 || index < import->first)
        return;
    snprintf(keep, sizeof keep, "%s", length > room ? name + length - room : name);
    for (char *c = keep; *c; c++)
        if (*c <= ' ' || *c == '"' || *c == '\\' || *c > '~')
            *c = '_';
    memcpy(node->name, keep, sizeof keep);
    for (int k = 2; name_taken(import->graph, index); k++)
        snprintf(node->name, sizeof node->name, "%.50s-%d", keep, k);
}

static struct ocelot_onnx_value *output(struct ocelot_onnx_import *import, size_t k)
{
    if (k >= import->node->n_output || !*import->node->output[k])
        return NULL;
    return ocelot_onnx_value_find(import, import->node->output[k]);
}

enum ocelot_status ocelot_onnx_bind(struct ocelot_onnx_import *import, size_t k, size_t node, const struct ocelot_onnx_dims *dims)
{
    struct ocelot_onnx_value *value = output(import, k);
    if (!value)
        return OCELOT_OK;
    value->network = true;
    value->node = node;
    value->dims = *dims;
    name_node(import, node);
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_bind_constant(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_tensor *tensor)
{
    struct ocelot_onnx_value *value = output(import, k);
    if (!value || value->constant) {
        ocelot_onnx_tensor_free(tensor);
        return OCELOT_OK;
    }
    value->constant = tensor;
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_refuse(struct ocelot_onnx_import *import, enum ocelot_status status, const char *format, ...)
{
    char sentence[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    const Onnx__NodeProto *node = import->node;
    const char *own = ocelot_onnx_text(node->name), *name = *own ? own : node->n_output ? node->output[0] : "";
    return ocelot_fail(import->err, status, "%s: node '%.60s' (%.40s): %s", import->name, name, ocelot_onnx_text(node->op_type), sentence);
}

enum ocelot_status ocelot_onnx_reserve(struct ocelot_onnx_import *import, size_t count, size_t size)
{
    size_t bytes, sum;
    if (ocelot_size_multiply(count, size, &bytes) && ocelot_size_add(import->used, bytes, &sum) && sum <= import->limit) {
        import->used = sum;
        return OCELOT_OK;
    }
    if (import->node)
        return ocelot_onnx_refuse(import, OCELOT_E_LIMIT, "the model would take more than %zu MiB from here on", import->limit >> 20);
    return ocelot_fail(import->err, OCELOT_E_LIMIT, "%s: would take more than %zu MiB", import->name, import->limit >> 20);
}

size_t ocelot_onnx_lead(const struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value)
{
    return value->network ? import->lead : 0;
}

bool ocelot_onnx_row(const struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims, size_t *size)
{
    *size = 1;
    for (size_t k = import->lead; k < dims->rank; k++)
        if (!ocelot_size_multiply(*size, dims->at[k], size))
            return false;
    return true;
}

struct ocelot_shape ocelot_onnx_shape(const struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims)
{
    struct ocelot_shape shape = {.rank = 0};
    for (size_t k = import->lead; k < dims->rank; k++) {
        if (shape.rank < OCELOT_SHAPE_RANK)
            shape.extent[shape.rank++] = dims->at[k];
        else
            shape.extent[OCELOT_SHAPE_RANK - 1] *= dims->at[k];
    }
    return shape.rank ? shape : ocelot_shape_vector(1);
}

enum ocelot_status ocelot_onnx_shaped(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value, const struct ocelot_shape *shape,
                                      size_t *node)
{
    *node = value->node;
    if (ocelot_shape_equal(&import->graph->nodes[value->node]->shape, shape))
        return OCELOT_OK;
    enum ocelot_status status = ocelot_onnx_reserve(import, import->graph->nodes[value->node]->size, sizeof(double));
    return status == OCELOT_OK ? ocelot_append_arrange(import->graph, &value->node, 1, shape, NULL, 0, node, import->err) : status;
}
