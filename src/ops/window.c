#include "ops/window.h"

#include <limits.h>

#include "base/size.h"

static size_t span_of(const struct ocelot_window *w, int d)
{
    return (w->kernel[d] - 1) * w->dilation[d] + 1;
}

static bool fits(size_t n)
{
    return n <= INT_MAX;
}

enum ocelot_status ocelot_window_check(const char *layer, const struct ocelot_shape *in, const struct ocelot_window *window, struct ocelot_error *err)
{
    size_t size = 0, kernel = 0;
    char shape[96];
    ocelot_shape_print(in, shape, sizeof shape);
    if (in->rank != 3)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s slides a window over an input of shape %s, expected channels x height x width", layer,
                           shape);
    for (int d = 0; d < 2; d++) {
        size_t extent = in->extent[d + 1], reach = 0;
        if (window->kernel[d] == 0 || window->stride[d] == 0 || window->dilation[d] == 0)
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s has a window with kernel, stride or dilation 0, expected at least 1", layer);
        if (!fits(window->kernel[d]) || !fits(window->stride[d]) || !fits(window->dilation[d]) || !fits(window->pad_begin[d]) ||
            !fits(window->pad_end[d]) || !fits(extent) || !fits(extent + window->pad_begin[d] + window->pad_end[d]) ||
            !ocelot_size_multiply(window->kernel[d] - 1, window->dilation[d], &reach) || !fits(reach + 1))
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s has a window of kernel %zu, dilation %zu, pads %zu and %zu, more than is possible",
                               layer, window->kernel[d], window->dilation[d], window->pad_begin[d], window->pad_end[d]);
    }
    if (!ocelot_size_multiply(window->kernel[0], window->kernel[1], &kernel) || !fits(kernel) || !ocelot_shape_size(in, &size) || !fits(size))
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s slides a window of %zux%zu over an input of shape %s, more than is possible", layer,
                           window->kernel[0], window->kernel[1], shape);
    return OCELOT_OK;
}

size_t ocelot_window_count(const struct ocelot_window *window, const struct ocelot_shape *in, int d)
{
    size_t padded = in->extent[d + 1] + window->pad_begin[d] + window->pad_end[d], span = span_of(window, d);
    return span > padded ? 0 : (padded - span) / window->stride[d] + 1;
}

void ocelot_window_describe(const struct ocelot_window *window, struct ocelot_text *out)
{
    const struct ocelot_window *w = window;
    ocelot_text_format(out, "%zux%zu", w->kernel[0], w->kernel[1]);
    if (w->stride[0] != 1 || w->stride[1] != 1)
        ocelot_text_format(out, ", stride %zux%zu", w->stride[0], w->stride[1]);
    if (w->dilation[0] != 1 || w->dilation[1] != 1)
        ocelot_text_format(out, ", dilation %zux%zu", w->dilation[0], w->dilation[1]);
    if (w->pad_begin[0] || w->pad_begin[1] || w->pad_end[0] || w->pad_end[1])
        ocelot_text_format(out, ", pads %zux%zu and %zux%zu", w->pad_begin[0], w->pad_begin[1], w->pad_end[0], w->pad_end[1]);
}
