/* Concat. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* A constant among activations: a layer of zeros from the first of them, moved to its values. */
static enum ocelot_status make_layer(struct ocelot_onnx_import *import, const struct ocelot_onnx_tensor *tensor, size_t any,
                                     struct ocelot_onnx_value *out)
{
    if (import->lead)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "joins a constant to activations of every row; constants have no rows");
    struct ocelot_shape shape = ocelot_onnx_shape(import, &tensor->dims);
    uint32_t *map = ocelot_allocate(tensor->count, sizeof *map);
    double *center = ocelot_allocate(tensor->count, sizeof *center), *factor = ocelot_allocate(tensor->count, sizeof *factor);
    enum ocelot_status status = OCELOT_OK;
    *out = (struct ocelot_onnx_value){.network = true, .dims = tensor->dims, .producer = SIZE_MAX};
    if (!map || !center || !factor) {
        status = ocelot_fail_memory(import->err, "the constants");
        goto done;
    }
    for (size_t n = 0; n < tensor->count; n++) {
        map[n] = OCELOT_ARRANGE_CONSTANT;
        center[n] = -tensor->values[n];
        factor[n] = 1;
    }
    status = ocelot_append_arrange(import->graph, &any, 1, &shape, map, 0, &out->node, import->err);
    if (status == OCELOT_OK)
        status = ocelot_append_scale(import->graph, out->node, center, factor, &out->node, import->err);
done:
    free(map);
    free(center);
    free(factor);
    return status;
}

struct parts {
    struct ocelot_onnx_value *at;
    size_t count, axis, networks, any;
};

/* Every input with its dimensions; the joint's dimensions. */
static enum ocelot_status gather(struct ocelot_onnx_import *import, struct parts *parts, struct ocelot_onnx_dims *dims)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < parts->count && status == OCELOT_OK; k++) {
        struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
        const struct ocelot_onnx_tensor *tensor;
        status = ocelot_onnx_is_constant(value) ? ocelot_onnx_constant(import, k, &tensor) : ocelot_onnx_network(import, k, &value);
        if (status != OCELOT_OK)
            return status;
        parts->at[k] = *value;
        parts->at[k].dims = value->network ? value->dims : value->constant->dims;
        if (value->network && parts->networks++ == 0)
            parts->any = value->node;
    }
    *dims = parts->at[0].dims;
    status = ocelot_onnx_axis(import, ocelot_onnx_integer(import, "axis", 1), dims->rank, &parts->axis);
    for (size_t k = 1; k < parts->count && status == OCELOT_OK; k++) {
        const struct ocelot_onnx_dims *more = &parts->at[k].dims;
        bool fits = more->rank == dims->rank && ocelot_size_add(dims->at[parts->axis], more->at[parts->axis], &dims->at[parts->axis]);
        for (size_t d = 0; fits && d < dims->rank; d++)
            fits = d == parts->axis || more->at[d] == dims->at[d];
        if (!fits)
            status = ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "input %zu does not fit the first one in all dimensions but %zu", k + 1, parts->axis);
    }
    return status;
}

/* Values run over the dimensions before the axis, then the parts, then what is behind: place(part, outer, inner) in order. */
static size_t inner_size(const struct parts *parts, size_t part)
{
    size_t size = 1;
    for (size_t d = parts->axis; d < parts->at[part].dims.rank; d++)
        size *= parts->at[part].dims.at[d];
    return size;
}

static enum ocelot_status join_constants(struct ocelot_onnx_import *import, const struct parts *parts, const struct ocelot_onnx_dims *dims)
{
    struct ocelot_onnx_tensor *tensor = NULL;
    enum ocelot_status status = ocelot_onnx_tensor_make(import, dims, parts->at[0].constant->integer, &tensor);
    if (status != OCELOT_OK)
        return status;
    size_t outer = 1, at = 0;
    for (size_t d = 0; d < parts->axis; d++)
        outer *= dims->at[d];
    for (size_t o = 0; o < outer; o++)
        for (size_t k = 0; k < parts->count; k++) {
            size_t size = inner_size(parts, k);
            memcpy(tensor->values + at, parts->at[k].constant->values + o * size, size * sizeof(double));
            at += size;
        }
    return ocelot_onnx_bind_constant(import, 0, tensor);
}

/* At most `room` parts in one layer; more are joined in steps. */
static enum ocelot_status join_layers(struct ocelot_onnx_import *import, const struct parts *parts, const struct ocelot_onnx_dims *dims, size_t *node)
{
    struct ocelot_shape shape = ocelot_onnx_shape(import, dims);
    size_t inputs[OCELOT_NODE_INPUTS], outer = 1, at = 0, count;
    if (parts->count > OCELOT_NODE_INPUTS)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "joins %zu values, expected at most %d", parts->count, OCELOT_NODE_INPUTS);
    if (!ocelot_onnx_row(import, dims, &count) || count >= UINT32_MAX)
        count = SIZE_MAX / sizeof(double);
    enum ocelot_status status = ocelot_onnx_reserve(import, count, 2 * sizeof(double));
    if (status != OCELOT_OK)
        return status;
    uint32_t *map = ocelot_allocate(count, sizeof *map);
    if (!map)
        return ocelot_fail_memory(import->err, "the order of a layer");
    for (size_t d = import->lead; d < parts->axis; d++)
        outer *= dims->at[d];
    for (size_t k = 0; k < parts->count; k++)
        inputs[k] = parts->at[k].node;
    for (size_t o = 0; o < outer; o++) {
        size_t base = 0;
        for (size_t k = 0; k < parts->count; k++) {
            size_t size = inner_size(parts, k);
            for (size_t i = 0; i < size; i++)
                map[at++] = (uint32_t)(base + o * size + i);
            base += outer * size;
        }
    }
    status = ocelot_append_arrange(import->graph, inputs, parts->count, &shape, outer == 1 ? NULL : map, 0, node, import->err);
    free(map);
    return status;
}

enum ocelot_status ocelot_onnx_build_concat(struct ocelot_onnx_import *import)
{
    struct parts parts = {.count = import->node->n_input};
    struct ocelot_onnx_dims dims;
    size_t node = 0;
    if (parts.count == 0)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "joins nothing");
    parts.at = ocelot_allocate(parts.count, sizeof *parts.at);
    if (!parts.at)
        return ocelot_fail_memory(import->err, "the network");
    enum ocelot_status status = gather(import, &parts, &dims);
    if (status == OCELOT_OK && parts.networks == 0)
        status = join_constants(import, &parts, &dims);
    else if (status == OCELOT_OK) {
        if (parts.axis < import->lead)
            status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "joins rows of the batch, which must pass untouched");
        for (size_t k = 0; k < parts.count && status == OCELOT_OK; k++)
            if (!parts.at[k].network)
                status = make_layer(import, parts.at[k].constant, parts.any, &parts.at[k]);
        if (status == OCELOT_OK)
            status = join_layers(import, &parts, &dims, &node);
        if (status == OCELOT_OK)
            status = ocelot_onnx_bind(import, 0, node, &dims);
    }
    free(parts.at);
    return status;
}
