#include "ops/pool.h"

#include <limits.h>
#include <math.h>

#include "base/size.h"

/* Whether windows may see padding alone: zeros that count, or that add nothing to a norm. */
static bool may_be_empty(const struct ocelot_node *node, const struct ocelot_pool_params *p)
{
    return node->op == &ocelot_op_power_pool || (node->op == &ocelot_op_average_pool && p->count_padding);
}

/* Dimension d: every window begins within the padded input, and sees some of the input itself where it must. */
static enum ocelot_status check_windows(const struct ocelot_node *node, const struct ocelot_shape *in, int d, struct ocelot_error *err)
{
    const struct ocelot_pool_params *p = node->params;
    const struct ocelot_window *w = &p->window;
    size_t extent = in->extent[d + 1], last = 0;
    if (p->outputs[d] == 0 || !ocelot_size_multiply(p->outputs[d] - 1, w->stride[d], &last) || last >= extent + w->pad_begin[d] + w->pad_end[d])
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) would have %zu outputs of stride %zu over %zu padded inputs", node->name,
                           node->op->name, p->outputs[d], w->stride[d], extent + w->pad_begin[d] + w->pad_end[d]);
    for (size_t o = 0; !may_be_empty(node, p) && o < p->outputs[d]; o++)
        if (ocelot_span_count(ocelot_window_span(w, d, extent, o)) == 0)
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) has a window, number %zu, that sees only padding", node->name, node->op->name, o);
    return OCELOT_OK;
}

enum ocelot_status ocelot_pool_infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out,
                                     struct ocelot_error *err)
{
    const struct ocelot_pool_params *p = node->params;
    size_t size = 0;
    enum ocelot_status status = ocelot_window_check(node->name, in, &p->window, err);
    for (int d = 0; d < 2 && status == OCELOT_OK; d++)
        status = check_windows(node, in, d, err);
    if (status != OCELOT_OK)
        return status;
    if (node->op == &ocelot_op_power_pool && !(p->power >= 1 && isfinite(p->power)))
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) has power %g, expected a number from 1", node->name, node->op->name, p->power);
    *out = (struct ocelot_shape){.rank = 3, .extent = {in->extent[0], p->outputs[0], p->outputs[1]}};
    if (!ocelot_shape_size(out, &size) || size > INT_MAX)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s (%s) would have too many activations", node->name, node->op->name);
    return OCELOT_OK;
}

struct ocelot_patches ocelot_patches(const struct ocelot_node *node, size_t rows)
{
    const struct ocelot_shape *in = &ocelot_node_input(node, 0)->shape;
    return (struct ocelot_patches){.params = node->params, .in = in, .planes = rows * in->extent[0], .patch = {.width = in->extent[2]}};
}

/* Planes of one part: a part for each, unless there are very many. */
static size_t planes_of_part(size_t planes)
{
    const size_t parts = 64;
    return (planes + parts - 1) / parts;
}

size_t ocelot_patches_parts(const struct ocelot_node *node, size_t rows, size_t block)
{
    size_t planes = ocelot_patches(node, rows).planes / block, one = planes_of_part(planes);
    return one ? (planes + one - 1) / one : 0;
}

struct ocelot_patches ocelot_patches_part(const struct ocelot_node *node, size_t rows, size_t block, size_t part)
{
    struct ocelot_patches patches = ocelot_patches(node, rows);
    size_t planes = patches.planes / block, one = planes_of_part(planes);
    patches.next = part * one;
    patches.planes = planes - patches.next < one ? planes : patches.next + one;
    return patches;
}

/* Positions of window o within the padded input: what lies beyond it (rounded up sizes reach there) counts nowhere. */
static size_t padded_count(const struct ocelot_window *w, int d, size_t extent, size_t o)
{
    size_t begin = o * w->stride[d], end = extent + w->pad_begin[d] + w->pad_end[d], most = (end - begin - 1) / w->dilation[d] + 1;
    return w->kernel[d] < most ? w->kernel[d] : most;
}

size_t ocelot_patch_inside(const struct ocelot_patches *patches)
{
    const struct ocelot_pool_params *p = patches->params;
    const struct ocelot_patch *patch = &patches->patch;
    size_t column = patch->out % p->outputs[1], row = patch->out / p->outputs[1] % p->outputs[0];
    return p->count_padding ? padded_count(&p->window, 0, patches->in->extent[1], row) * padded_count(&p->window, 1, patches->in->extent[2], column)
                            : ocelot_span_count(patch->down) * ocelot_span_count(patch->across);
}

void ocelot_pool_describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct ocelot_pool_params *p = node->params;
    ocelot_window_describe(&p->window, out);
    if (node->op == &ocelot_op_average_pool && p->count_padding)
        ocelot_text_string(out, ", padding counted");
    if (node->op == &ocelot_op_power_pool) {
        ocelot_text_string(out, ", power ");
        ocelot_text_number(out, p->power);
    }
}

enum ocelot_status ocelot_append_pool(struct ocelot_graph *graph, const struct ocelot_op *op, size_t input, const struct ocelot_window *window,
                                      const size_t outputs[2], double power, bool count_padding, size_t *index, struct ocelot_error *err)
{
    struct ocelot_pool_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "a pooling layer");
    *params = (struct ocelot_pool_params){.window = *window, .outputs = {outputs[0], outputs[1]}, .power = power, .count_padding = count_padding};
    return ocelot_graph_append(graph, op, op->name, params, &input, 1, index, err);
}
