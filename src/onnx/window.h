/* Windows of convolutions and pools, from the attributes of the node being built. */
#ifndef OCELOT_ONNX_WINDOW_H
#define OCELOT_ONNX_WINDOW_H

#include "onnx/import.h"

struct ocelot_onnx_frame {
    size_t spatial;            /* 1 or 2 dimensions; with 1 the first of each pair below is 1 or 0 */
    size_t channels, size[2];  /* of the input */
    struct ocelot_shape shape; /* of the input: channels, size[0], size[1] */
    struct ocelot_window window;
    size_t outputs[2];
};

/* Channels and sizes of activations [N][C][W] or [N][C][H][W]. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_frame_start(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value,
                                                           struct ocelot_onnx_frame *frame);

/* kernel_shape (or `kernel` [spatial] where the attribute is absent, NULL = must be there), strides, dilations, pads or auto_pad, ceil_mode. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_frame_window(struct ocelot_onnx_import *import, const size_t *kernel, struct ocelot_onnx_frame *frame);

/* Binds the layer [C][outputs] to output 0 with dimensions as the input's, `channels` of them. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_frame_bind(struct ocelot_onnx_import *import, const struct ocelot_onnx_frame *frame,
                                                          const struct ocelot_onnx_value *value, size_t channels, size_t node);

#endif
