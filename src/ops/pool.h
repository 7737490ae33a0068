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

/* The same for planes of `block` channels, in parts for a team: how many parts there are, and all windows of one of them, planes from `next` to below
 * `planes`. */
size_t ocelot_patches_parts(const struct ocelot_node *node, size_t rows, size_t block);
struct ocelot_patches ocelot_patches_part(const struct ocelot_node *node, size_t rows, size_t block, size_t part);

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

/* Where a window's first position stands in the batch, and how the others follow, in numbers, with `block` channels side by side. */
static inline size_t ocelot_patch_first(const struct ocelot_patch *patch, size_t block)
{
    return block * ocelot_patch_at(patch, patch->down.first, patch->across.first);
}

static inline struct ocelot_seen ocelot_patch_seen(const struct ocelot_patch *patch, size_t block)
{
    return (struct ocelot_seen){.rows = ocelot_span_count(patch->down),
                                .columns = ocelot_span_count(patch->across),
                                .down = patch->down.step * patch->width * block,
                                .across = patch->across.step * block};
}

/* for every row y, and then every column x, that the patch sees */
#define OCELOT_EACH_SEEN(patch)                                                                                                                      \
    for (size_t y = (patch)->down.first; y < (patch)->down.end; y += (patch)->down.step)                                                             \
        for (size_t x = (patch)->across.first; x < (patch)->across.end; x += (patch)->across.step)

#endif
