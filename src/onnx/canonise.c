/* Canonisation: factors and shifts by channel (batch normalisation) go into the layer of weights before them, or else into the one behind. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* What becomes of one node. */
struct fate {
    bool needed;
    size_t readers;         /* needed nodes that read it */
    size_t reader;          /* the last of them */
    size_t stand_in;        /* the node that gives its values: itself, or the one it was folded into */
    double *weights, *bias; /* new ones, where something was folded into it */
    size_t index;           /* in the new graph */
};

struct canon {
    struct ocelot_graph *graph;
    const struct ocelot_onnx_site *sites;
    size_t site_count, output;
    struct fate *fates;
    struct ocelot_error *err;
};

static void mark_needed(struct canon *c)
{
    c->fates[c->output].needed = c->fates[0].needed = true;
    for (size_t n = c->graph->count; n-- > 0;) {
        c->fates[n].stand_in = n;
        for (size_t k = 0; c->fates[n].needed && k < c->graph->nodes[n]->input_count; k++) {
            struct fate *input = &c->fates[c->graph->nodes[n]->inputs[k]];
            input->needed = true;
            input->readers++;
            input->reader = n;
        }
    }
}

static const struct ocelot_onnx_site *site_of(const struct canon *c, size_t n)
{
    return n < c->site_count && c->sites[n].outputs ? &c->sites[n] : NULL;
}

/* Layers that take a fold: their weights are rows of equal length, one an output channel. */
static bool has_weights(const struct canon *c, size_t n)
{
    const struct ocelot_op *op = c->graph->nodes[n]->op;
    return op == &ocelot_op_dense || op == &ocelot_op_channel || (op == &ocelot_op_conv && site_of(c, n));
}

static size_t channels_of(const struct ocelot_node *node)
{
    return node->shape.extent[0];
}

/* Copies of the node's weights and bias (zeros where there is none) to change. */
static enum ocelot_status own(struct canon *c, size_t n)
{
    struct fate *fate = &c->fates[n];
    const struct ocelot_node *node = c->graph->nodes[n];
    size_t unused = 0, channels = channels_of(node);
    if (fate->weights)
        return OCELOT_OK;
    const struct ocelot_numbers weights = node->op->weights(node);
    const double *bias = node->op->bias(node, &unused);
    fate->weights = ocelot_allocate(weights.count, sizeof *fate->weights);
    fate->bias = ocelot_allocate(channels, sizeof *bias);
    if (!fate->weights || !fate->bias)
        return ocelot_fail_memory(c->err, "the weights");
    for (size_t k = 0; k < weights.count; k++)
        fate->weights[k] = ocelot_number(&weights, k);
    if (bias)
        memcpy(fate->bias, bias, channels * sizeof *bias);
    return OCELOT_OK;
}

/* Factor and shift of a Channel node, the folded ones where there are. */
static void vectors(const struct canon *c, size_t n, const double **factor, const double **shift)
{
    const struct ocelot_node *node = c->graph->nodes[n];
    size_t count;
    *factor = c->fates[n].weights ? c->fates[n].weights : node->op->weights(node).f64;
    *shift = c->fates[n].bias ? c->fates[n].bias : node->op->bias(node, &count);
}

/* Channel n behind `layer`: s (W x + b) + t. */
static enum ocelot_status fold_before(struct canon *c, size_t n, size_t layer)
{
    const double *factor, *shift;
    size_t count, channels = channels_of(c->graph->nodes[layer]);
    enum ocelot_status status = own(c, layer);
    if (status != OCELOT_OK)
        return status;
    vectors(c, n, &factor, &shift);
    struct fate *fate = &c->fates[layer];
    count = c->graph->nodes[layer]->op->weights(c->graph->nodes[layer]).count;
    for (size_t o = 0; o < channels; o++) {
        for (size_t k = 0; k < count / channels; k++)
            fate->weights[o * (count / channels) + k] *= factor[o];
        fate->bias[o] = fate->bias[o] * factor[o] + (shift ? shift[o] : 0);
    }
    c->fates[n].stand_in = layer;
    fate->readers = c->fates[n].readers;
    fate->reader = c->fates[n].reader;
    return OCELOT_OK;
}

/* Whether a shift before this layer reaches all it reads: zeros of a padding would not have been shifted. */
static bool takes_shift(const struct canon *c, size_t layer, const double *shift, size_t channels)
{
    const struct ocelot_onnx_site *site = site_of(c, layer);
    bool padded = false, shifted = false;
    for (size_t d = 0; site && d < 2; d++)
        padded = padded || site->window.pad_begin[d] || site->window.pad_end[d];
    for (size_t k = 0; shift && k < channels; k++)
        shifted = shifted || shift[k] != 0;
    return !padded || !shifted;
}

/* Channel n before `layer`, its only reader: W (s x + t) + b. */
static enum ocelot_status fold_behind(struct canon *c, size_t n, size_t layer)
{
    const double *factor, *shift;
    const struct ocelot_node *node = c->graph->nodes[layer], *in = c->graph->nodes[n];
    const struct ocelot_onnx_site *site = site_of(c, layer);
    size_t count, outputs = channels_of(node), channels = channels_of(in);
    vectors(c, n, &factor, &shift);
    if (!takes_shift(c, layer, shift, channels))
        return OCELOT_OK;
    enum ocelot_status status = own(c, layer);
    if (status != OCELOT_OK)
        return status;
    struct fate *fate = &c->fates[layer];
    count = node->op->weights(node).count;
    size_t fan = count / outputs, groups = site ? site->groups : 1, run = groups * fan / channels;
    for (size_t o = 0; o < outputs; o++)
        for (size_t k = 0; k < fan; k++) {
            size_t channel = o / (outputs / groups) * (channels / groups) + k / run;
            double *weight = &fate->weights[o * fan + k];
            fate->bias[o] += shift ? *weight * shift[channel] : 0;
            *weight *= factor[channel];
        }
    c->fates[n].stand_in = in->inputs[0];
    return OCELOT_OK;
}

static enum ocelot_status fold(struct canon *c)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t n = 1; n < c->graph->count && status == OCELOT_OK; n++) {
        if (!c->fates[n].needed || c->graph->nodes[n]->op != &ocelot_op_channel)
            continue;
        size_t before = c->fates[c->graph->nodes[n]->inputs[0]].stand_in;
        if (c->fates[before].readers == 1 && has_weights(c, before))
            status = fold_before(c, n, before);
    }
    for (size_t n = 1; n < c->graph->count && status == OCELOT_OK; n++) {
        const struct fate *fate = &c->fates[n];
        bool alone = fate->needed && fate->stand_in == n && fate->readers == 1 && n != c->output;
        if (!alone || c->graph->nodes[n]->op != &ocelot_op_channel)
            continue;
        size_t behind = fate->reader;
        if (c->graph->nodes[behind]->op != &ocelot_op_channel && has_weights(c, behind))
            status = fold_behind(c, n, behind);
    }
    return status;
}

static size_t find(const struct canon *c, size_t n)
{
    while (c->fates[n].stand_in != n)
        n = c->fates[n].stand_in;
    return n;
}

/* A layer with folded weights. */
static enum ocelot_status append_folded(const struct canon *c, size_t n, size_t input, struct ocelot_graph *out, size_t *index)
{
    const struct fate *fate = &c->fates[n];
    const struct ocelot_node *node = c->graph->nodes[n];
    const struct ocelot_onnx_site *site = site_of(c, n);
    enum ocelot_status status;
    if (site)
        status = ocelot_append_conv(out, input, fate->weights, fate->bias, site->outputs, site->groups, &site->window, index, c->err);
    else if (node->op == &ocelot_op_dense)
        status = ocelot_append_dense(out, input, fate->weights, fate->bias, node->size, index, c->err);
    else
        status = ocelot_append_channel(out, input, fate->weights, fate->bias, index, c->err);
    if (status == OCELOT_OK)
        memcpy(out->nodes[*index]->name, node->name, sizeof node->name);
    return status;
}

/* Parameters move; nothing large is copied but what was folded. */
static enum ocelot_status rebuild(struct canon *c, struct ocelot_graph *out)
{
    size_t inputs[OCELOT_NODE_INPUTS] = {0};
    enum ocelot_status status = OCELOT_OK;
    for (size_t n = 0; n < c->graph->count && status == OCELOT_OK; n++) {
        struct ocelot_node *node = c->graph->nodes[n];
        struct fate *fate = &c->fates[n];
        if (!fate->needed || fate->stand_in != n)
            continue;
        for (size_t k = 0; k < node->input_count; k++)
            inputs[k] = c->fates[find(c, node->inputs[k])].index;
        if (fate->weights) {
            status = append_folded(c, n, inputs[0], out, &fate->index);
        } else {
            void *params = node->params;
            node->params = NULL;
            status = ocelot_graph_append(out, node->op, node->name, params, inputs, node->input_count, &fate->index, c->err);
        }
        free(fate->weights);
        free(fate->bias);
        fate->weights = fate->bias = NULL;
    }
    return status;
}

enum ocelot_status ocelot_onnx_canonise(struct ocelot_graph *graph, const struct ocelot_onnx_site *sites, size_t site_count, bool folding,
                                        size_t output, struct ocelot_graph **out, struct ocelot_error *err)
{
    struct canon c = {.graph = graph, .sites = sites, .site_count = site_count, .output = output, .err = err};
    struct ocelot_graph *made = ocelot_graph_create();
    enum ocelot_status status = OCELOT_OK;
    c.fates = ocelot_allocate(graph->count, sizeof *c.fates);
    if (!made || !c.fates) {
        status = ocelot_fail_memory(err, "the network");
        goto done;
    }
    mark_needed(&c);
    status = folding ? fold(&c) : OCELOT_OK;
    if (status == OCELOT_OK)
        status = rebuild(&c, made);
done:
    for (size_t n = 0; c.fates && n < graph->count; n++) {
        free(c.fates[n].weights);
        free(c.fates[n].bias);
    }
    free(c.fates);
    ocelot_graph_free(graph);
    if (status != OCELOT_OK) {
        ocelot_graph_free(made);
        return status;
    }
    *out = made;
    return OCELOT_OK;
}
