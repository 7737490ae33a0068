/* Pools, over windows and over everything, and means over dimensions of the row. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/window.h"

static const struct pool {
    const char *op_type;
    const struct ocelot_op *op;
    bool has_power;
} pools[] = {
    {"MaxPool", &ocelot_op_max_pool, false},         {"GlobalMaxPool", &ocelot_op_max_pool, false},
    {"AveragePool", &ocelot_op_average_pool, false}, {"GlobalAveragePool", &ocelot_op_average_pool, false},
    {"LpPool", &ocelot_op_power_pool, true},         {"GlobalLpPool", &ocelot_op_power_pool, true},
};

static const struct pool *pool_of(const struct ocelot_onnx_import *import)
{
    size_t k = 0;
    while (strcmp(pools[k].op_type, import->node->op_type) != 0)
        k++;
    return &pools[k];
}

/* Appends a pool over `frame` and binds it. */
static enum ocelot_status append(struct ocelot_onnx_import *import, const struct ocelot_onnx_frame *frame, const struct ocelot_onnx_value *value)
{
    const struct pool *pool = pool_of(import);
    const Onnx__AttributeProto *p = ocelot_onnx_attribute(import, "p");
    /* opset 1 gave p as a real number */
    double power = !p ? 2 : p->has_f ? (double)p->f : (double)p->i;
    size_t node = 0, made;
    if (import->node->n_output > 1 && *import->node->output[1])
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "gives the places of its maxima too, which are not computed");
    if (pool->has_power && !(power >= 1))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "p is smaller than 1");
    if (!ocelot_size_multiply(frame->outputs[0], frame->outputs[1], &made) || !ocelot_size_multiply(made, frame->channels, &made))
        made = SIZE_MAX / sizeof(double);
    enum ocelot_status status = ocelot_onnx_reserve(import, made, 2 * sizeof(double));
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, value, &frame->shape, &node);
    if (status == OCELOT_OK)
        status = ocelot_append_pool(import->graph, pool->op, node, &frame->window, frame->outputs, power,
                                    ocelot_onnx_integer(import, "count_include_pad", 0) != 0, &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_frame_bind(import, frame, value, frame->channels, node) : status;
}

enum ocelot_status ocelot_onnx_build_pool(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_frame frame;
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_frame_start(import, value, &frame);
    if (status == OCELOT_OK)
        status = ocelot_onnx_frame_window(import, NULL, &frame);
    return status == OCELOT_OK ? append(import, &frame, value) : status;
}

enum ocelot_status ocelot_onnx_build_global_pool(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_frame frame;
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_frame_start(import, value, &frame);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < 2; k++) {
        frame.window.kernel[k] = frame.size[k];
        frame.window.stride[k] = frame.window.dilation[k] = frame.outputs[k] = 1;
    }
    return append(import, &frame, value);
}

/* Axes of the mean as a mask; all of them where none is named. */
static enum ocelot_status mean_axes(struct ocelot_onnx_import *import, size_t rank, size_t *mask)
{
    struct ocelot_onnx_list axes;
    enum ocelot_status status = ocelot_onnx_list(import, "axes", import->opset >= 18 ? 1 : SIZE_MAX, &axes);
    *mask = 0;
    for (size_t k = 0; k < axes.count && status == OCELOT_OK; k++) {
        size_t axis = 0;
        status = ocelot_onnx_axis(import, axes.at[k], rank, &axis);
        *mask |= (size_t)1 << axis;
    }
    if (axes.count == 0 && !ocelot_onnx_integer(import, "noop_with_empty_axes", 0))
        *mask = ((size_t)1 << rank) - 1;
    return status;
}

/* The dimensions of the mean are moved to the end and averaged as one. */
enum ocelot_status ocelot_onnx_build_reduce_mean(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value, moved;
    struct ocelot_onnx_dims out = {0};
    size_t mask, perm[OCELOT_ONNX_RANK], next = 0, kept = 1, run = 1, node;
    bool keep = ocelot_onnx_integer(import, "keepdims", 1) != 0;
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status == OCELOT_OK)
        status = mean_axes(import, value->dims.rank, &mask);
    if (status == OCELOT_OK && import->lead && (mask & 1))
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "averages over the rows of the batch, which must pass untouched");
    if (status != OCELOT_OK)
        return status;
    for (size_t reduced = 0; reduced < 2; reduced++)
        for (size_t k = 0; k < value->dims.rank; k++)
            if ((mask >> k & 1) == reduced)
                perm[next++] = k;
    for (size_t k = 0; k < value->dims.rank; k++) {
        size_t size = value->dims.at[k];
        bool reduced = mask >> k & 1;
        if (k >= import->lead)
            *(reduced ? &run : &kept) *= size;
        if (!reduced || keep)
            out.at[out.rank++] = reduced ? 1 : size;
    }
    status = ocelot_onnx_permute(import, value, perm, &moved);
    struct ocelot_shape shape = {.rank = 3, .extent = {kept, 1, run}};
    struct ocelot_window window = {.kernel = {1, run}, .stride = {1, 1}, .dilation = {1, 1}};
    /* an image keeps its shape, so that the listing says so */
    const struct ocelot_shape *own = status == OCELOT_OK ? &import->graph->nodes[moved.node]->shape : NULL;
    if (own && own->rank == 3 && own->extent[0] == kept) {
        shape = *own;
        window.kernel[0] = shape.extent[1];
        window.kernel[1] = shape.extent[2];
    }
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, &moved, &shape, &node);
    if (status == OCELOT_OK)
        status = ocelot_append_pool(import->graph, &ocelot_op_average_pool, node, &window, (const size_t[]){1, 1}, 1, false, &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &out) : status;
}
