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
    size_t plane;  /* where the channel's inputs begin */
    size_t width;  /* of a row of inputs */
    size_t out;    /* the output */
    size_t inside; /* positions that a divisor counts: real ones, with `count_padding` also zeros of the padding */
};

/* Goes through all windows of `rows` rows in the order of the outputs: start it with ocelot_patches, then call ocelot_patch_next until false. */
struct ocelot_patches {
    const struct ocelot_pool_params *params;
    const struct ocelot_shape *in;
    size_t planes, next, row, column;
    struct ocelot_patch patch;
};
struct ocelot_patches ocelot_patches(const struct ocelot_node *node, size_t rows);
bool ocelot_patch_next(struct ocelot_patches *patches);

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
