/* Dense: out = W in + b, W [outputs][inputs]. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "kernels/matrix.h"
#include "ops/ops.h"

struct dense_params {
    struct ocelot_store weights; /* [outputs][inputs] */
    double *bias;                /* [outputs] */
    size_t outputs;
};

static size_t width(const struct ocelot_node *node)
{
    return ocelot_node_input(node, 0)->size;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)in;
    const struct dense_params *p = node->params;
    *out = ocelot_shape_vector(p->outputs);
    if (p->outputs > INT_MAX || width(node) > INT_MAX)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s is too wide", node->name);
    return OCELOT_OK;
}

static struct ocelot_packed packed(const struct ocelot_call_f64 *call)
{
    return (struct ocelot_packed){.points = call->weights, .count = call->node->size, .size = width(call->node), .panels = call->prepared};
}

/* One row is shared out by outputs, in slices of whole panels of any kernels, and back by inputs: each sum is one thread's, in the same order. */
enum { SLICES = 16, WHOLE = 64, PANELS = 48, LEAST_SHARED = 65536 /* weights */ };

struct shared_product {
    const struct ocelot_call_f64 *call;
    size_t length; /* of each slice but the last */
    double *out;
};

static void share_of_product(void *context, size_t part, size_t thread)
{
    const struct shared_product *shared = context;
    struct ocelot_packed w = packed(shared->call);
    size_t first = part * shared->length, left = w.count - first;
    (void)thread;
    w.points += first * w.size;
    w.panels = w.panels ? w.panels + first * w.size : NULL;
    w.count = left < shared->length ? left : shared->length;
    shared->call->kernels->product(&w, shared->call->in[0], 1, shared->out + first);
}

static void forward(const struct ocelot_call_f64 *call, double *out)
{
    struct ocelot_packed w = packed(call);
    size_t n = call->node->size, even = (n + SLICES - 1) / SLICES;
    if (call->rows == 1 && n * w.size >= LEAST_SHARED) {
        struct shared_product shared = {.call = call, .length = (even + PANELS - 1) / PANELS * PANELS};
        shared.out = out;
        ocelot_team_run(call->team, (n + shared.length - 1) / shared.length, share_of_product, &shared);
    } else {
        call->kernels->product(&w, call->in[0], call->rows, out);
    }
    if (call->bias)
        for (size_t b = 0; b < call->rows; b++)
            for (size_t j = 0; j < n; j++)
                out[b * n + j] += call->bias[j];
}

/* Rows of weights for which fewer than one signal in FEW is not zero are added one by one: the way back begins at one class of many. */
enum { FEW = 16 };

static size_t present(const double *s, size_t n)
{
    size_t count = 0;
    for (size_t j = 0; j < n; j++)
        count += s[j] != 0;
    return count;
}

static void transpose(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    struct ocelot_packed w = packed(call);
    size_t n = call->node->size, few = 0;
    for (size_t b = 0; b < call->rows; b++)
        few += present(s + b * n, n) * FEW < n;
    if (few < call->rows)
        call->kernels->weighted_sum(&w, s, call->rows, back);
    for (size_t b = 0; few > 0 && b < call->rows; b++) {
        if (present(s + b * n, n) * FEW >= n)
            continue;
        memset(back + b * w.size, 0, w.size * sizeof *back);
        for (size_t j = 0; j < n; j++)
            if (s[b * n + j] != 0)
                call->kernels->add_scaled(w.points + j * w.size, s + b * n + j, 1, w.size, back + b * w.size);
    }
}

/* Single precision: layers of large networks. By BLAS where the kernels are the reference. */

struct slices {
    const struct ocelot_call_f32 *call;
    const float *s;
    float *out;
    size_t length; /* of each but the last */
};

static size_t slice_length(size_t count)
{
    size_t even = (count + SLICES - 1) / SLICES;
    return (even + WHOLE - 1) / WHOLE * WHOLE;
}

static void product_slice(void *context, size_t part, size_t thread)
{
    const struct slices *slices = context;
    const struct ocelot_call_f32 *call = slices->call;
    size_t first = part * slices->length, left = call->node->size - first, inputs = width(call->node);
    (void)thread;
    call->kernels->dense_product(call->weights + first * inputs, left < slices->length ? left : slices->length, inputs, call->in[0], 1,
                                 call->bias ? call->bias + first : NULL, slices->out + first);
}

static void transpose_slice(void *context, size_t part, size_t thread)
{
    const struct slices *slices = context;
    const struct ocelot_call_f32 *call = slices->call;
    size_t inputs = width(call->node), first = part * slices->length, left = inputs - first;
    (void)thread;
    call->kernels->dense_transpose(call->weights + first, call->node->size, inputs, left < slices->length ? left : slices->length, slices->s, 1,
                                   slices->out + first);
}

static void share(struct slices *slices, size_t count, void (*work)(void *context, size_t part, size_t thread))
{
    slices->length = slice_length(count);
    ocelot_team_run(slices->call->team, (count + slices->length - 1) / slices->length, work, slices);
}

static void forward_single(const struct ocelot_call_f32 *call, float *out)
{
    size_t n = call->node->size;
    struct slices slices = {.call = call, .out = out};
    if (call->kernels->dense_product && call->rows == 1) {
        share(&slices, n, product_slice);
        return;
    }
    if (call->kernels->dense_product) {
        call->kernels->dense_product(call->weights, n, width(call->node), call->in[0], call->rows, call->bias, out);
        return;
    }
    for (size_t b = 0; call->bias && b < call->rows; b++)
        memcpy(out + b * n, call->bias, n * sizeof *out);
    ocelot_matrix_f32(false, true, call->rows, n, width(call->node), call->in[0], call->weights, call->bias != NULL, out);
}

static void transpose_single(const struct ocelot_call_f32 *call, size_t k, const float *s, float *back)
{
    (void)k;
    struct slices slices = {.call = call, .s = s, .out = back};
    if (call->kernels->dense_transpose && call->rows == 1) {
        share(&slices, width(call->node), transpose_slice);
        return;
    }
    if (call->kernels->dense_transpose) {
        call->kernels->dense_transpose(call->weights, call->node->size, width(call->node), width(call->node), s, call->rows, back);
        return;
    }
    ocelot_matrix_f32(false, false, call->rows, width(call->node), call->node->size, s, call->weights, false, back);
}

#define OCELOT_BODY "ops/dense_body.h"
#include "base/stamp.h"

static struct ocelot_numbers weights(const struct ocelot_node *node)
{
    const struct dense_params *p = node->params;
    return ocelot_store_numbers(&p->weights);
}

static const double *bias(const struct ocelot_node *node, size_t *count)
{
    const struct dense_params *p = node->params;
    *count = node->size;
    return p->bias;
}

static size_t prepared_bytes(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    return footing->kernels->packed_bytes(node->size, width(node));
}

static void prepare(const struct ocelot_node *node, const struct ocelot_footing *footing, const double *values, void *prepared)
{
    footing->kernels->pack(values, node->size, width(node), prepared);
}

static size_t parameters(const struct ocelot_node *node)
{
    return node->size * (width(node) + 1);
}

static void release(void *params)
{
    struct dense_params *p = params;
    ocelot_store_free(&p->weights);
    free(p->bias);
}

const struct ocelot_op ocelot_op_dense = {
    .name = "Dense",
    .traits = OCELOT_OP_AFFINE,
    .inputs = 1,
    .infer = infer,
    .f64 = {.forward = forward, .transpose = transpose, .prepared_bytes = prepared_bytes, .prepare = prepare, .correlate = correlate_f64},
    .f32 = {.forward = forward_single, .transpose = transpose_single, .correlate = correlate_f32},
    .weights = weights,
    .bias = bias,
    .parameters = parameters,
    .release = release};

enum ocelot_status ocelot_append_dense_stored(struct ocelot_graph *graph, size_t input, struct ocelot_store *matrix, const double *offset,
                                              size_t outputs, size_t *index, struct ocelot_error *err)
{
    struct dense_params *params = ocelot_allocate(1, sizeof *params);
    double *bias = ocelot_allocate(outputs, sizeof *bias);
    if (!params || !bias) {
        free(params);
        free(bias);
        ocelot_store_free(matrix);
        return ocelot_fail_memory(err, "the weights");
    }
    *params = (struct dense_params){.weights = *matrix, .bias = bias, .outputs = outputs};
    *matrix = (struct ocelot_store){.count = 0};
    if (offset)
        memcpy(bias, offset, outputs * sizeof *offset);
    return ocelot_graph_append(graph, &ocelot_op_dense, "Dense", params, &input, 1, index, err);
}

enum ocelot_status ocelot_append_dense(struct ocelot_graph *graph, size_t input, const double *matrix, const double *offset, size_t outputs,
                                       size_t *index, struct ocelot_error *err)
{
    struct ocelot_store copy = {.count = 0};
    if (ocelot_size_multiply(outputs, graph->nodes[input]->size, &copy.count))
        copy.f64 = ocelot_allocate(copy.count, sizeof *matrix);
    if (!copy.f64)
        return ocelot_fail_memory(err, "the weights");
    memcpy(copy.f64, matrix, copy.count * sizeof *matrix);
    return ocelot_append_dense_stored(graph, input, &copy, offset, outputs, index, err);
}
