#include "onnx/window.h"

#include <string.h>

#include "base/size.h"

enum ocelot_status ocelot_onnx_frame_start(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value, struct ocelot_onnx_frame *frame)
{
    const struct ocelot_onnx_dims *dims = &value->dims;
    *frame = (struct ocelot_onnx_frame){.spatial = dims->rank - 2, .size = {1, 1}};
    if (dims->rank != 3 && dims->rank != 4)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "works on %zu dimensions; images (N, C, H, W) and series (N, C, W) are supported",
                                  dims->rank);
    if (!import->lead && dims->at[0] != 1)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "works on a batch where there is none");
    frame->channels = dims->at[1];
    for (size_t k = 0; k < frame->spatial; k++)
        frame->size[2 - frame->spatial + k] = dims->at[2 + k];
    frame->shape = (struct ocelot_shape){.rank = 3, .extent = {frame->channels, frame->size[0], frame->size[1]}};
    return OCELOT_OK;
}

/* A list of one positive number each dimension, 1 where absent. */
static enum ocelot_status sizes(struct ocelot_onnx_import *import, const char *name, size_t spatial, const size_t *otherwise, size_t out[2])
{
    const int64_t most = INT64_C(1) << 30;
    struct ocelot_onnx_list list;
    enum ocelot_status status = ocelot_onnx_list(import, name, SIZE_MAX, &list);
    out[0] = out[1] = 1;
    if (status == OCELOT_OK && list.present && list.count && list.count != spatial)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "%s has %zu entries, expected %zu", name, list.count, spatial);
    for (size_t k = 0; k < spatial && status == OCELOT_OK; k++) {
        int64_t size = list.count ? list.at[k] : otherwise ? (int64_t)otherwise[k] : 1;
        if (size < 1 || size > most)
            return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "%s holds %lld", name, (long long)size);
        out[2 - spatial + k] = (size_t)size;
    }
    return status;
}

static enum ocelot_status explicit_pads(struct ocelot_onnx_import *import, struct ocelot_onnx_frame *frame)
{
    struct ocelot_onnx_list pads;
    enum ocelot_status status = ocelot_onnx_list(import, "pads", SIZE_MAX, &pads);
    if (status != OCELOT_OK || !pads.count)
        return status;
    if (pads.count != 2 * frame->spatial)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "pads has %zu entries, expected %zu", pads.count, 2 * frame->spatial);
    for (size_t k = 0; k < frame->spatial; k++) {
        int64_t begin = pads.at[k], end = pads.at[frame->spatial + k], most = INT64_C(1) << 30;
        if (begin < 0 || begin > most || end < 0 || end > most)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "pads of %lld and %lld", (long long)begin, (long long)end);
        frame->window.pad_begin[2 - frame->spatial + k] = (size_t)begin;
        frame->window.pad_end[2 - frame->spatial + k] = (size_t)end;
    }
    return OCELOT_OK;
}

/* SAME: as many outputs as size / stride, rounded up; an odd pad goes to the end (UPPER) or the beginning (LOWER). */
static void same_pads(struct ocelot_onnx_frame *frame, bool upper)
{
    struct ocelot_window *w = &frame->window;
    for (size_t k = 0; k < 2; k++) {
        size_t outputs = (frame->size[k] - 1) / w->stride[k] + 1, reach = (outputs - 1) * w->stride[k] + (w->kernel[k] - 1) * w->dilation[k] + 1;
        size_t total = reach > frame->size[k] ? reach - frame->size[k] : 0;
        w->pad_begin[k] = upper ? total / 2 : total - total / 2;
        w->pad_end[k] = total - w->pad_begin[k];
    }
}

enum ocelot_status ocelot_onnx_frame_window(struct ocelot_onnx_import *import, const size_t *kernel, struct ocelot_onnx_frame *frame)
{
    struct ocelot_window *w = &frame->window;
    bool upper = ocelot_onnx_text_is(import, "auto_pad", "SAME_UPPER", false), lower = ocelot_onnx_text_is(import, "auto_pad", "SAME_LOWER", false);
    bool round_up = ocelot_onnx_integer(import, "ceil_mode", 0) != 0, valid = ocelot_onnx_text_is(import, "auto_pad", "VALID", false);
    enum ocelot_status status = OCELOT_OK;
    if (!kernel && !ocelot_onnx_attribute(import, "kernel_shape"))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "has no kernel_shape");
    status = sizes(import, "kernel_shape", frame->spatial, kernel, w->kernel);
    if (status == OCELOT_OK)
        status = sizes(import, "strides", frame->spatial, NULL, w->stride);
    if (status == OCELOT_OK)
        status = sizes(import, "dilations", frame->spatial, NULL, w->dilation);
    if (status == OCELOT_OK && (upper || lower))
        same_pads(frame, upper);
    else if (status == OCELOT_OK && !valid)
        status = explicit_pads(import, frame);
    for (size_t k = 0; k < 2 && status == OCELOT_OK; k++) {
        size_t padded = frame->size[k] + w->pad_begin[k] + w->pad_end[k], reach = (w->kernel[k] - 1) * w->dilation[k] + 1;
        if (reach > padded)
            return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its window of %zu is larger than the padded input of %zu", reach, padded);
        size_t outputs = (padded - reach) / w->stride[k] + 1;
        bool more = round_up && (padded - reach) % w->stride[k] != 0;
        /* a window that begins behind the input would see nothing but padding */
        frame->outputs[k] = outputs + (more && outputs * w->stride[k] < frame->size[k] + w->pad_begin[k]);
    }
    return status;
}

enum ocelot_status ocelot_onnx_frame_bind(struct ocelot_onnx_import *import, const struct ocelot_onnx_frame *frame,
                                          const struct ocelot_onnx_value *value, size_t channels, size_t node)
{
    struct ocelot_onnx_dims dims = value->dims;
    dims.at[1] = channels;
    for (size_t k = 0; k < frame->spatial; k++)
        dims.at[2 + k] = frame->outputs[2 - frame->spatial + k];
    return ocelot_onnx_bind(import, 0, node, &dims);
}
