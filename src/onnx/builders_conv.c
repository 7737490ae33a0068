/* Conv, BatchNormalization, LRN. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/window.h"

/* Remembers a convolution's sizes for canonisation. */
static enum ocelot_status note(struct ocelot_onnx_import *import, size_t node, const struct ocelot_onnx_site *site)
{
    if (node >= import->site_count) {
        size_t count = 2 * node + 16;
        struct ocelot_onnx_site *sites = ocelot_reallocate(import->sites, count, sizeof *sites);
        if (!sites)
            return ocelot_fail_memory(import->err, "the network");
        memset(sites + import->site_count, 0, (count - import->site_count) * sizeof *sites);
        import->sites = sites;
        import->site_count = count;
    }
    import->sites[node] = *site;
    return OCELOT_OK;
}

/* Weights [outputs][channels / groups][kernel ...] against the activations they are for. */
static enum ocelot_status check_weights(struct ocelot_onnx_import *import, const struct ocelot_onnx_frame *frame, const struct ocelot_onnx_dims *dims,
                                        const struct ocelot_onnx_tensor *bias, size_t groups)
{
    if (dims->rank != frame->spatial + 2)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its weights have %zu dimensions, expected %zu", dims->rank, frame->spatial + 2);
    size_t outputs = dims->at[0], fan = dims->at[1];
    if (groups == 0 || groups > outputs || frame->channels % groups || outputs % groups || fan != frame->channels / groups)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its weights read %zu channels in %zu groups, but there are %zu", fan, groups,
                                  frame->channels);
    if (bias && bias->count != outputs)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its bias has %zu values, expected %zu", bias->count, outputs);
    for (size_t k = 0; k < frame->spatial; k++)
        if (frame->window.kernel[2 - frame->spatial + k] != dims->at[2 + k])
            return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "kernel_shape is not that of its weights");
    return OCELOT_OK;
}

/* The layer, once everything is known of it; takes the weights. */
static enum ocelot_status append_conv(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct ocelot_onnx_frame *frame,
                                      struct ocelot_store *weights, const struct ocelot_onnx_tensor *bias, size_t outputs, size_t groups)
{
    size_t node = 0, made;
    if (!ocelot_size_multiply(frame->outputs[0], frame->outputs[1], &made) || !ocelot_size_multiply(made, outputs, &made))
        made = SIZE_MAX / sizeof(double);
    enum ocelot_status status = ocelot_onnx_reserve(import, made, sizeof(double));
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, value, &frame->shape, &node);
    if (status == OCELOT_OK)
        status =
            ocelot_append_conv_stored(import->graph, node, weights, bias ? bias->values : NULL, outputs, groups, &frame->window, &node, import->err);
    if (status == OCELOT_OK)
        status = note(import, node, &(struct ocelot_onnx_site){frame->window, outputs, groups});
    return status == OCELOT_OK ? ocelot_onnx_frame_bind(import, frame, value, outputs, node) : status;
}

enum ocelot_status ocelot_onnx_build_conv(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    const struct ocelot_onnx_tensor *bias;
    struct ocelot_onnx_dims dims;
    struct ocelot_store weights = {.count = 0};
    struct ocelot_onnx_frame frame;
    int64_t group = ocelot_onnx_integer(import, "group", 1);
    size_t groups = group > 0 ? (size_t)group : 0;
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_weights(import, 1, &dims, &weights);
    if (status == OCELOT_OK)
        status = ocelot_onnx_optional(import, 2, &bias);
    if (status == OCELOT_OK)
        status = ocelot_onnx_frame_start(import, value, &frame);
    if (status == OCELOT_OK && dims.rank < 2)
        status = ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its weights have %zu dimensions", dims.rank);
    if (status == OCELOT_OK)
        status = ocelot_onnx_frame_window(import, dims.at + 2, &frame);
    if (status == OCELOT_OK)
        status = check_weights(import, &frame, &dims, bias, groups);
    if (status == OCELOT_OK)
        status = append_conv(import, value, &frame, &weights, bias, dims.at[0], groups);
    ocelot_store_free(&weights);
    return status;
}

/* The four vectors of the operator, one number a channel, into factor = g / sqrt(v + eps) and shift = b - m factor. */
static enum ocelot_status normal_vectors(struct ocelot_onnx_import *import, size_t channels, struct ocelot_onnx_tensor *factor,
                                         struct ocelot_onnx_tensor *shift)
{
    const struct ocelot_onnx_tensor *vectors[4];
    double epsilon = ocelot_onnx_real(import, "epsilon", 1e-5F);
    for (size_t k = 0; k < 4; k++) {
        enum ocelot_status status = ocelot_onnx_constant(import, k + 1, &vectors[k]);
        if (status != OCELOT_OK)
            return status;
        if (vectors[k]->count != channels)
            return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "input %zu has %zu values, expected %zu", k + 2, vectors[k]->count, channels);
    }
    for (size_t c = 0; c < channels; c++) {
        double size = vectors[3]->values[c] + epsilon;
        if (!(size > 0))
            return ocelot_onnx_refuse(import, OCELOT_E_VALUE, "the variance of channel %zu is not positive", c);
        factor->values[c] = vectors[0]->values[c] / sqrt(size);
        shift->values[c] = vectors[1]->values[c] - vectors[2]->values[c] * factor->values[c];
    }
    return OCELOT_OK;
}

/* Outputs beyond the first are those of training from opset 7 to 13; from 14 on there is an attribute. */
static bool trains(const struct ocelot_onnx_import *import)
{
    if (import->opset >= 14)
        return ocelot_onnx_integer(import, "training_mode", 0) != 0;
    return import->opset >= 7 ? import->node->n_output > 1 : ocelot_onnx_integer(import, "is_test", 0) == 0 && import->node->n_output > 1;
}

enum ocelot_status ocelot_onnx_build_batch_normalisation(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value, out;
    struct ocelot_onnx_tensor *factor = NULL, *shift = NULL;
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status != OCELOT_OK)
        return status;
    if (trains(import))
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "is in training mode, where rows change each other; export the model for inference");
    if (value->dims.rank < 2 || ocelot_onnx_integer(import, "spatial", 1) == 0)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "normalises without channels");
    struct ocelot_onnx_dims dims = {.rank = value->dims.rank - 1, .at = {value->dims.at[1], 1, 1, 1, 1, 1, 1, 1}};
    status = ocelot_onnx_tensor_make(import, &dims, false, &factor);
    if (status == OCELOT_OK)
        status = ocelot_onnx_tensor_make(import, &dims, false, &shift);
    if (status == OCELOT_OK)
        status = normal_vectors(import, dims.at[0], factor, shift);
    if (status == OCELOT_OK)
        status = ocelot_onnx_affine(import, value, factor, shift, &out);
    ocelot_onnx_tensor_free(factor);
    ocelot_onnx_tensor_free(shift);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, out.node, &out.dims) : status;
}

enum ocelot_status ocelot_onnx_build_lrn(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    size_t node = 0;
    int64_t size = ocelot_onnx_integer(import, "size", 0);
    enum ocelot_status status = ocelot_onnx_network(import, 0, &value);
    if (status != OCELOT_OK)
        return status;
    if (value->dims.rank < 2 || (!import->lead && value->dims.at[0] != 1))
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "normalises without channels");
    size_t count = import->graph->nodes[value->node]->size, channels = value->dims.at[1];
    if (size < 1 || size > (1 << 20))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "has a size of %lld", (long long)size);
    struct ocelot_shape shape = {.rank = 3, .extent = {channels, 1, count / channels}};
    if (import->graph->nodes[value->node]->shape.rank == 3 && import->graph->nodes[value->node]->shape.extent[0] == channels)
        shape = import->graph->nodes[value->node]->shape;
    status = ocelot_onnx_reserve(import, count, sizeof(double));
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, value, &shape, &node);
    if (status == OCELOT_OK)
        status = ocelot_append_lrn(import->graph, node, (size_t)size, ocelot_onnx_real(import, "alpha", 1e-4F),
                                   ocelot_onnx_real(import, "beta", 0.75), ocelot_onnx_real(import, "bias", 1), &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
}
