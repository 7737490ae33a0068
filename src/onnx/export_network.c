/* Ops of networks as standard operators of version 13. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "onnx/export.h"
#include "ops/pool.h"

/* The last operator put gets the window's attributes. */
static void put_window(struct ocelot_onnx_writer *w, const struct ocelot_window *window, bool dilations)
{
    int64_t kernel[2], stride[2], dilation[2], pads[4];
    for (size_t d = 0; d < 2; d++) {
        kernel[d] = (int64_t)window->kernel[d];
        stride[d] = (int64_t)window->stride[d];
        dilation[d] = (int64_t)window->dilation[d];
        pads[d] = (int64_t)window->pad_begin[d];
        pads[d + 2] = (int64_t)window->pad_end[d];
    }
    ocelot_onnx_put_integers(w, "kernel_shape", kernel, 2);
    ocelot_onnx_put_integers(w, "strides", stride, 2);
    if (dilations)
        ocelot_onnx_put_integers(w, "dilations", dilation, 2);
    ocelot_onnx_put_integers(w, "pads", pads, 4);
}

static const char *conv(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    size_t groups, count;
    const struct ocelot_window *window = ocelot_conv_window(node, &groups);
    size_t outputs = node->shape.extent[0], inputs = ocelot_node_input(node, 0)->shape.extent[0] / groups;
    const double *bias = node->op->bias(node, &count);
    const struct ocelot_numbers weights = node->op->weights(node);
    const size_t extents[] = {outputs, inputs, window->kernel[0], window->kernel[1]};
    const char *arguments[3] = {in[0], ocelot_onnx_put_numbers(w, "weights", &weights, extents, 4)};
    if (bias)
        arguments[2] = ocelot_onnx_put_tensor(w, "bias", bias, &outputs, 1);
    const char *out = ocelot_onnx_put(w, "Conv", NULL, arguments, bias ? 3 : 2);
    put_window(w, window, true);
    ocelot_onnx_put_integer(w, "group", (int64_t)groups);
    return out;
}

/* How many windows ONNX counts in dimension d: rounded down, or under ceil_mode up. */
static size_t windows(const struct ocelot_pool_params *p, const struct ocelot_shape *in, int d, bool up)
{
    const struct ocelot_window *window = &p->window;
    size_t reach = (window->kernel[d] - 1) * window->dilation[d] + 1;
    size_t padded = in->extent[d + 1] + window->pad_begin[d] + window->pad_end[d];
    return padded < reach ? 0 : (padded - reach + (up ? window->stride[d] - 1 : 0)) / window->stride[d] + 1;
}

/* The sizes of the result in ONNX's words; fails where it has none for them. */
static bool rounds_up(struct ocelot_onnx_writer *w, const struct ocelot_node *node, bool may_round_up)
{
    const struct ocelot_pool_params *p = node->params;
    const struct ocelot_shape *in = &ocelot_node_input(node, 0)->shape;
    for (int up = 0; up <= (int)may_round_up; up++)
        if (windows(p, in, 0, up) == p->outputs[0] && windows(p, in, 1, up) == p->outputs[1])
            return up;
    ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s (%s) rounds its size in a way that version 13 of ONNX's operators cannot say",
                            node->name, node->op->name);
    return false;
}

static const char *max_pool(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const struct ocelot_pool_params *p = node->params;
    bool up = rounds_up(w, node, true);
    const char *out = ocelot_onnx_put_one(w, "MaxPool", NULL, in[0]);
    put_window(w, &p->window, true);
    ocelot_onnx_put_integer(w, "ceil_mode", up);
    return out;
}

static bool dilated(const struct ocelot_window *window)
{
    return window->dilation[0] != 1 || window->dilation[1] != 1;
}

static const char *average_pool(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const struct ocelot_pool_params *p = node->params;
    bool up = rounds_up(w, node, true);
    if (dilated(&p->window))
        return ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s (%s) is dilated, for which version 13 of ONNX's operators has no word",
                                       node->name, node->op->name);
    const char *out = ocelot_onnx_put_one(w, "AveragePool", NULL, in[0]);
    put_window(w, &p->window, false);
    ocelot_onnx_put_integer(w, "ceil_mode", up);
    ocelot_onnx_put_integer(w, "count_include_pad", p->count_padding);
    return out;
}

static const char *power_pool(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const struct ocelot_pool_params *p = node->params;
    rounds_up(w, node, false);
    if (dilated(&p->window) || p->power != floor(p->power) || p->power > 1e6)
        return ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED,
                                       "layer %s (%s) is dilated or has a power that is no whole number, for which ONNX's LpPool has no word",
                                       node->name, node->op->name);
    const char *out = ocelot_onnx_put_one(w, "LpPool", NULL, in[0]);
    put_window(w, &p->window, false);
    ocelot_onnx_put_integer(w, "p", (int64_t)p->power);
    return out;
}

/* [C] as [C][1][1], so that it broadcasts over the node's rows. */
static const char *put_channels(struct ocelot_onnx_writer *w, const char *part, const struct ocelot_node *node, const double *values)
{
    size_t extents[OCELOT_SHAPE_RANK] = {node->shape.extent[0], 1, 1, 1};
    return ocelot_onnx_put_tensor(w, part, values, extents, node->shape.rank);
}

static const char *channel(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    size_t count;
    const double *bias = node->op->bias(node, &count), *weights = node->op->weights(node).f64;
    const char *product = ocelot_onnx_put_two(w, "Mul", bias ? "product" : NULL, in[0], put_channels(w, "weights", node, weights));
    return bias ? ocelot_onnx_put_two(w, "Add", NULL, product, put_channels(w, "bias", node, bias)) : product;
}

static const char *add(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    return ocelot_onnx_put(w, "Sum", NULL, in, node->input_count);
}

static const char *identity(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    (void)node;
    return ocelot_onnx_put_one(w, "Identity", NULL, in[0]);
}

static const char *relu(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    (void)node;
    return ocelot_onnx_put_one(w, "Relu", NULL, in[0]);
}

/* Attributes are float32: a slope of more digits is slope x + (1 - slope) relu(x). */
static const char *leaky_relu(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    double slope = ocelot_leaky_relu_slope(node);
    if ((double)(float)slope == slope) {
        const char *out = ocelot_onnx_put_one(w, "LeakyRelu", NULL, in[0]);
        ocelot_onnx_put_real(w, "alpha", slope);
        return out;
    }
    const char *all = ocelot_onnx_put_two(w, "Mul", "all", in[0], ocelot_onnx_put_scalar(w, "slope", slope));
    const char *positive = ocelot_onnx_put_one(w, "Relu", "positive", in[0]);
    const char *rest = ocelot_onnx_put_two(w, "Mul", "rest", positive, ocelot_onnx_put_scalar(w, "one-minus-slope", 1 - slope));
    return ocelot_onnx_put_two(w, "Add", NULL, all, rest);
}

static const char *clip(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    double low, high;
    ocelot_clip_bounds(node, &low, &high);
    const char *from = ocelot_onnx_put_scalar(w, "low", low), *to = ocelot_onnx_put_scalar(w, "high", high);
    return ocelot_onnx_put(w, "Clip", NULL, (const char *const[]){in[0], from, to}, 3);
}

static const char *lrn(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    size_t size;
    double alpha, beta, bias;
    ocelot_lrn_parameters(node, &size, &alpha, &beta, &bias);
    if ((double)(float)alpha != alpha || (double)(float)beta != beta || (double)(float)bias != bias)
        return ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s (%s) has parameters of more digits than ONNX keeps of them", node->name,
                                       node->op->name);
    const char *out = ocelot_onnx_put_one(w, "LRN", NULL, in[0]);
    ocelot_onnx_put_integer(w, "size", (int64_t)size);
    ocelot_onnx_put_real(w, "alpha", alpha);
    ocelot_onnx_put_real(w, "beta", beta);
    ocelot_onnx_put_real(w, "bias", bias);
    return out;
}

/* All values counted one after another, then the constant, gathered in the order of the map. */
static const char *arrange(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    static const int64_t one_column[] = {0, 0, 0, 1};
    double constant;
    size_t total = 0;
    bool fills = false;
    const uint32_t *map = ocelot_arrange_map(node, &constant);
    const char **flat = ocelot_onnx_put_memory(w, node->input_count, sizeof *flat);
    int64_t *places = map ? ocelot_onnx_put_memory(w, node->size, sizeof *places) : NULL;
    if (!flat || (map && !places))
        return NULL;
    for (size_t k = 0; k < node->input_count; k++) {
        flat[k] = ocelot_onnx_put_flat(w, node, k, in[k]);
        total += ocelot_node_input(node, k)->size;
    }
    const char *values = flat[0];
    if (node->input_count > 1) {
        values = ocelot_onnx_put(w, "Concat", "joined", flat, node->input_count);
        ocelot_onnx_put_integer(w, "axis", 1);
    }
    for (size_t n = 0; map && n < node->size; n++) {
        places[n] = map[n] == OCELOT_ARRANGE_CONSTANT ? (int64_t)total : (int64_t)map[n];
        fills = fills || map[n] == OCELOT_ARRANGE_CONSTANT;
    }
    if (fills) {
        const char *column = ocelot_onnx_put_list(w, "one-column", one_column, 4), *value = ocelot_onnx_put_scalar(w, "constant", constant);
        values = ocelot_onnx_put(w, "Pad", "padded", (const char *const[]){values, column, value}, 3);
    }
    if (map) {
        values = ocelot_onnx_put_two(w, "Gather", "gathered", values, ocelot_onnx_put_list(w, "places", places, node->size));
        ocelot_onnx_put_integer(w, "axis", 1);
    }
    return ocelot_onnx_put_shaped(w, node, values);
}

static const char *softmax(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const char *out = ocelot_onnx_put_one(w, node->op == &ocelot_op_softmax ? "Softmax" : "LogSoftmax", NULL, in[0]);
    ocelot_onnx_put_integer(w, "axis", -1);
    return out;
}

/* Divided by the norm; rows of zeros by the smallest number instead, so that they stay. */
static const char *normalise(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    static const int64_t axis[] = {1};
    static const char *const reductions[] = {"ReduceMax", "ReduceL1", "ReduceL2"};
    int norm = ocelot_normalise_norm(node);
    const char *flat = ocelot_onnx_put_flat(w, node, 0, in[0]), *magnitudes = ocelot_onnx_put_one(w, "Abs", "magnitudes", flat);
    const char *size = ocelot_onnx_put_one(w, reductions[norm], "norm", magnitudes);
    ocelot_onnx_put_integers(w, "axes", axis, 1);
    ocelot_onnx_put_integer(w, "keepdims", 1);
    size = ocelot_onnx_put_two(w, "Max", "divisor", size, ocelot_onnx_put_scalar(w, "smallest", DBL_MIN));
    return ocelot_onnx_put_shaped(w, node, ocelot_onnx_put_two(w, "Div", "divided", flat, size));
}

const struct ocelot_onnx_op_writer ocelot_onnx_network_writers[] = {
    {&ocelot_op_conv, conv},
    {&ocelot_op_max_pool, max_pool},
    {&ocelot_op_average_pool, average_pool},
    {&ocelot_op_power_pool, power_pool},
    {&ocelot_op_channel, channel},
    {&ocelot_op_add, add},
    {&ocelot_op_present, identity},
    {&ocelot_op_relu, relu},
    {&ocelot_op_leaky_relu, leaky_relu},
    {&ocelot_op_clip, clip},
    {&ocelot_op_lrn, lrn},
    {&ocelot_op_arrange, arrange},
    {&ocelot_op_softmax, softmax},
    {&ocelot_op_log_softmax, softmax},
    {&ocelot_op_normalise, normalise},
    {NULL, NULL},
};
