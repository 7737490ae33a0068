/* Conv: cross-correlation, weights [outputs][inputs / groups][kernel], one bias a channel. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "kernels/convolver.h"
#include "ops/window.h"

struct conv_params {
    struct ocelot_window window;
    struct ocelot_store weights;
    double *bias; /* NULL = none */
    size_t outputs, groups;
};

/* The convolution's sizes, and the number of its weights; all that `infer` and appending must refuse. */
static enum ocelot_status measure(const char *layer, const struct ocelot_shape *in, const struct conv_params *p, struct ocelot_convolution *c,
                                  size_t *count, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_window_check(layer, in, &p->window, err);
    if (status != OCELOT_OK)
        return status;
    size_t channels = in->extent[0], laid_out = 0, plane = 0, total = 0;
    if (p->groups == 0 || p->outputs == 0 || channels % p->groups || p->outputs % p->groups)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s has %zu groups, which must divide its %zu input and %zu output channels", layer, p->groups,
                           channels, p->outputs);
    *c = (struct ocelot_convolution){.groups = p->groups, .inputs = channels / p->groups, .outputs = p->outputs / p->groups};
    for (int d = 0; d < 2; d++) {
        c->kernel[d] = p->window.kernel[d];
        c->stride[d] = p->window.stride[d];
        c->dilation[d] = p->window.dilation[d];
        c->pad[d] = p->window.pad_begin[d];
        c->in[d] = in->extent[d + 1];
        c->out[d] = ocelot_window_count(&p->window, in, d);
        if (c->out[d] == 0)
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s has a kernel of %zu with dilation %zu, wider than its padded input of %zu", layer,
                               c->kernel[d], c->dilation[d], c->in[d] + c->pad[d] + p->window.pad_end[d]);
    }
    if (!ocelot_size_multiply(c->kernel[0] * c->kernel[1], c->inputs, &laid_out) || laid_out > INT_MAX ||
        !ocelot_size_multiply(laid_out, p->outputs, count) || *count > SIZE_MAX / 64 || p->outputs > INT_MAX ||
        !ocelot_size_multiply(c->out[0], c->out[1], &plane) || !ocelot_size_multiply(plane, p->outputs, &total) || total > INT_MAX)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s is too large: %zu channels of %zux%zu activations", layer, p->outputs, c->out[0],
                           c->out[1]);
    return OCELOT_OK;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    struct ocelot_convolution c;
    size_t count;
    const struct conv_params *p = node->params;
    enum ocelot_status status = measure(node->name, in, p, &c, &count, err);
    if (status == OCELOT_OK)
        *out = (struct ocelot_shape){.rank = 3, .extent = {p->outputs, c.out[0], c.out[1]}};
    return status;
}

/* The sizes of a node that exists. */
static struct ocelot_convolution sizes(const struct ocelot_node *node)
{
    const struct conv_params *p = node->params;
    const struct ocelot_shape *in = &ocelot_node_input(node, 0)->shape;
    struct ocelot_convolution c = {.groups = p->groups, .inputs = in->extent[0] / p->groups, .outputs = p->outputs / p->groups};
    for (int d = 0; d < 2; d++) {
        c.kernel[d] = p->window.kernel[d];
        c.stride[d] = p->window.stride[d];
        c.dilation[d] = p->window.dilation[d];
        c.pad[d] = p->window.pad_begin[d];
        c.in[d] = in->extent[d + 1];
        c.out[d] = node->shape.extent[d + 1];
    }
    return c;
}

/* How a convolution in float is to be done: with the blocks and vectors of the plan. */
static struct ocelot_convolver convolver(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const size_t *blocks)
{
    struct ocelot_convolver v = {.c = sizes(node), .kernels = kernels, .forward = true, .transpose = true};
    v.c.out_block = blocks ? blocks[0] : 1;
    v.c.in_block = blocks ? blocks[1] : 1;
    return v;
}

static void convolve_f64(const struct ocelot_call_f64 *call, const double *in, double *out)
{
    struct ocelot_convolution c = sizes(call->node);
    ocelot_convolution_forward_f64(&c, call->weights, call->bias, in, call->scratch, out);
}

static void deconvolve_f64(const struct ocelot_call_f64 *call, const double *s, double *back)
{
    struct ocelot_convolution c = sizes(call->node);
    ocelot_convolution_transpose_f64(&c, call->weights, s, call->scratch, back);
}

static void convolve_f32(const struct ocelot_call_f32 *call, const float *in, float *out)
{
    struct ocelot_convolver v = convolver(call->node, call->kernels, call->blocks);
    ocelot_convolver_forward(&v, call->team, call->prepared, call->weights, call->bias, in, call->scratch, out);
}

static void deconvolve_f32(const struct ocelot_call_f32 *call, const float *s, float *back)
{
    struct ocelot_convolver v = convolver(call->node, call->kernels, call->blocks);
    ocelot_convolver_transpose(&v, call->team, call->prepared, call->weights, s, call->scratch, back, NULL);
}

#define OCELOT_BODY "ops/conv_body.h"
#include "base/stamp.h"

static void transpose_split(const struct ocelot_call_f32 *call, const float *s, float *above, float *below)
{
    struct ocelot_convolver v = convolver(call->node, call->kernels, call->blocks);
    size_t size = ocelot_node_input(call->node, 0)->size;
    for (size_t b = 0; b < call->rows; b++)
        ocelot_convolver_transpose(&v, call->team, call->prepared, call->weights, s + b * call->node->size, call->scratch, above + b * size,
                                   below + b * size);
}

/* One row is convolved at a time, so a batch needs no more than one. */
static size_t scratch(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows)
{
    struct ocelot_convolution c = sizes(node);
    (void)footing;
    (void)rows;
    return ocelot_convolution_scratch(&c);
}

static size_t scratch_single(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows)
{
    struct ocelot_convolver v = convolver(node, footing->kernels, footing->blocks);
    (void)rows;
    v.threads = footing->threads;
    return ocelot_convolver_scratch(&v);
}

/* The same for what is to be prepared. */
static struct ocelot_convolver convolver_for(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    struct ocelot_convolver v = convolver(node, footing->kernels, footing->blocks);
    v.forward = footing->forward;
    v.transpose = footing->transpose;
    v.split = footing->split;
    return v;
}

static size_t prepared_bytes(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    struct ocelot_convolver v = convolver_for(node, footing);
    return v.split && !ocelot_convolver_splits(&v) ? 0 : ocelot_convolver_bytes(&v);
}

static void prepare(const struct ocelot_node *node, const struct ocelot_footing *footing, const float *values, void *prepared)
{
    struct ocelot_convolver v = convolver_for(node, footing);
    ocelot_convolver_prepare(&v, values, prepared);
}

static struct ocelot_numbers weights(const struct ocelot_node *node)
{
    const struct conv_params *p = node->params;
    return ocelot_store_numbers(&p->weights);
}

static const double *bias(const struct ocelot_node *node, size_t *count)
{
    const struct conv_params *p = node->params;
    *count = p->outputs;
    return p->bias;
}

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct conv_params *p = node->params;
    ocelot_window_describe(&p->window, out);
    if (p->groups > 1)
        ocelot_text_format(out, ", %zu groups", p->groups);
}

static size_t parameters(const struct ocelot_node *node)
{
    const struct conv_params *p = node->params;
    return p->weights.count + (p->bias ? p->outputs : 0);
}

static void release(void *params)
{
    struct conv_params *p = params;
    ocelot_store_free(&p->weights);
    free(p->bias);
}

const char *ocelot_conv_implementation(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const size_t *blocks, bool transpose)
{
    struct ocelot_convolver v = convolver(node, kernels, blocks);
    return ocelot_convolver_implementation(&v, transpose);
}

const struct ocelot_window *ocelot_conv_window(const struct ocelot_node *node, size_t *groups)
{
    const struct conv_params *p = node->params;
    *groups = p->groups;
    return &p->window;
}

const struct ocelot_op ocelot_op_conv = {.name = "Conv",
                                         .traits = OCELOT_OP_AFFINE,
                                         .inputs = 1,
                                         .infer = infer,
                                         .f64 = {.forward = forward_f64, .transpose = transpose_f64, .correlate = correlate_f64, .scratch = scratch},
                                         .f32 = {.forward = forward_f32,
                                                 .transpose = transpose_f32,
                                                 .transpose_split = transpose_split,
                                                 .correlate = correlate_f32,
                                                 .scratch = scratch_single,
                                                 .prepared_bytes = prepared_bytes,
                                                 .prepare = prepare,
                                                 .blocks = OCELOT_BLOCKS_ANY,
                                                 .prepared_release = ocelot_convolver_release},
                                         .weights = weights,
                                         .bias = bias,
                                         .describe = describe,
                                         .parameters = parameters,
                                         .release = release};

enum ocelot_status ocelot_append_conv_stored(struct ocelot_graph *graph, size_t input, struct ocelot_store *kernel, const double *offset,
                                             size_t outputs, size_t groups, const struct ocelot_window *window, size_t *index,
                                             struct ocelot_error *err)
{
    struct ocelot_convolution c;
    struct conv_params wanted = {.window = *window, .outputs = outputs, .groups = groups};
    size_t count = 0;
    enum ocelot_status status = measure(ocelot_op_conv.name, &graph->nodes[input]->shape, &wanted, &c, &count, err);
    struct conv_params *params = status == OCELOT_OK ? ocelot_allocate(1, sizeof *params) : NULL;
    if (!params) {
        ocelot_store_free(kernel);
        return status == OCELOT_OK ? ocelot_fail_memory(err, "the weights") : status;
    }
    *params = wanted;
    params->weights = *kernel;
    *kernel = (struct ocelot_store){.count = 0};
    params->bias = offset ? ocelot_allocate(outputs, sizeof *offset) : NULL;
    if (offset && !params->bias) {
        release(params);
        free(params);
        return ocelot_fail_memory(err, "the weights");
    }
    if (offset)
        memcpy(params->bias, offset, outputs * sizeof *offset);
    return ocelot_graph_append(graph, &ocelot_op_conv, ocelot_op_conv.name, params, &input, 1, index, err);
}

enum ocelot_status ocelot_append_conv(struct ocelot_graph *graph, size_t input, const double *kernel, const double *offset, size_t outputs,
                                      size_t groups, const struct ocelot_window *window, size_t *index, struct ocelot_error *err)
{
    struct ocelot_convolution c;
    const struct conv_params wanted = {.window = *window, .outputs = outputs, .groups = groups};
    struct ocelot_store copy = {.count = 0};
    enum ocelot_status status = measure(ocelot_op_conv.name, &graph->nodes[input]->shape, &wanted, &c, &copy.count, err);
    if (status != OCELOT_OK)
        return status;
    copy.f64 = ocelot_allocate(copy.count, sizeof *kernel);
    if (!copy.f64)
        return ocelot_fail_memory(err, "the weights");
    memcpy(copy.f64, kernel, copy.count * sizeof *kernel);
    return ocelot_append_conv_stored(graph, input, &copy, offset, outputs, groups, window, index, err);
}
