/* What the three pools share: parameters, shapes, appending. */
#ifndef OCELOT_OPS_POOL_H
#define OCELOT_OPS_POOL_H

#include "ops/window.h"

struct ocelot_pool_params {
    struct ocelot_window window;
    size_t outputs[2];
    double power;
    bool count_padding;
};

enum ocelot_status ocelot_pool_infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out,
                                     struct ocelot_error *err);
void ocelot_pool_describe(const struct ocelot_node *node, struct ocelot_text *out);

/* One window of one channel of one row: which inputs it sees, and which output it is, both counted through the whole batch. */
struct ocelot_patch {
    struct ocelot_span down, across;
    size_t plane; /* where the channel's inputs begin */
    size_t width; /* of a row of inputs */
    size_t out;   /* the output */
};

/* Goes through all windows of `rows` rows in the order of the outputs: start it with ocelot_patches, then call ocelot_patch_next until false. */
struct ocelot_patches {
    const struct ocelot_pool_params *params;
    const struct ocelot_shape *in;
    size_t planes, next, row, column;
    struct ocelot_patch patch;
};
struct ocelot_patches ocelot_patches(const struct ocelot_node *node, size_t rows);

static inline bool ocelot_patch_next(struct ocelot_patches *patches)
{
    const size_t *outputs = patches->params->outputs, *in = patches->in->extent;
    struct ocelot_patch *patch = &patches->patch;
    if (patches->next == patches->planes)
        return false;
    patch->plane = patches->next * in[1] * in[2];
    patch->out = (patches->next * outputs[0] + patches->row) * outputs[1] + patches->column;
    if (patches->column == 0)
        patch->down = ocelot_window_span(&patches->params->window, 0, in[1], patches->row);
    patch->across = ocelot_window_span(&patches->params->window, 1, in[2], patches->column);
    if (++patches->column == outputs[1]) {
        patches->column = 0;
        if (++patches->row == outputs[0]) {
            patches->row = 0;
            patches->next++;
        }
    }
    return true;
}

/* Positions that a divisor counts in the patch at hand: real ones, with `count_padding` also zeros of the padding. */
size_t ocelot_patch_inside(const struct ocelot_patches *patches);

/* Where position (y, x) of the channel's inputs stands in the batch. */
static inline size_t ocelot_patch_at(const struct ocelot_patch *patch, size_t y, size_t x)
{
    return patch->plane + y * patch->width + x;
}

/* for every row y, and then every column x, that the patch sees */
#define OCELOT_EACH_SEEN(patch)                                                                                                                      \
    for (size_t y = (patch)->down.first; y < (patch)->down.end; y += (patch)->down.step)                                                             \
        for (size_t x = (patch)->across.first; x < (patch)->across.end; x += (patch)->across.step)

#endif
