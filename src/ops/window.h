/* Windows that slide over the last two dimensions of [C][H][W]: what convolution and the pools share. */
#ifndef OCELOT_OPS_WINDOW_H
#define OCELOT_OPS_WINDOW_H

#include "ops/ops.h"

/* Checks the input's rank and that every extent of the window, of the padded input and their products fit an int; `layer` is named in the
 * sentence. Nothing that passes overflows in what follows. */
OCELOT_MUST_USE enum ocelot_status ocelot_window_check(const char *layer, const struct ocelot_shape *in, const struct ocelot_window *window,
                                                       struct ocelot_error *err);

/* Windows that fit into dimension d (0 or 1) of the padded input, rounded down; 0 when not even one does. */
size_t ocelot_window_count(const struct ocelot_window *window, const struct ocelot_shape *in, int d);

/* Positions of the real input that window `o` of dimension d sees: first, first + step, ... below end. Empty: first >= end. */
struct ocelot_span {
    size_t first, end, step;
};
static inline struct ocelot_span ocelot_window_span(const struct ocelot_window *window, int d, size_t extent, size_t o)
{
    /* counted from the first position of the padding */
    size_t start = o * window->stride[d], pad = window->pad_begin[d], step = window->dilation[d], end = start + (window->kernel[d] - 1) * step + 1;
    size_t first = start >= pad ? start : start + (pad - start + step - 1) / step * step;
    end = end > pad ? end - pad : 0;
    return (struct ocelot_span){.first = first - pad, .end = end < extent ? end : extent, .step = step};
}

/* How many positions a span has. */
static inline size_t ocelot_span_count(struct ocelot_span span)
{
    return span.first < span.end ? (span.end - span.first - 1) / span.step + 1 : 0;
}

/* "3x3, stride 2x2, dilation 1x1, pads 1,1 to 1,1": only what is not usual. */
void ocelot_window_describe(const struct ocelot_window *window, struct ocelot_text *out);

#endif
