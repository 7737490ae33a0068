/* AveragePool in one precision. Stamped by average_pool.c. */
#include "ops/pooling_body.h"

static void F(forward_part)(void *context, size_t part, size_t thread)
{
    const struct F(pooling) *pooling = context;
    const REAL *in = pooling->call->in[0];
    size_t block = pooling->block;
    struct ocelot_patches patches = ocelot_patches_part(pooling->call->node, pooling->call->rows, block, part);
    (void)thread;
    while (ocelot_patch_next(&patches)) {
        REAL sum[OCELOT_SIGNAL_PERIOD] = {0}, count = (REAL)ocelot_patch_inside(&patches);
        OCELOT_EACH_SEEN(&patches.patch)
        for (size_t l = 0; l < block; l++)
            sum[l] += in[ocelot_patch_at(&patches.patch, y, x) * block + l];
        for (size_t l = 0; l < block; l++)
            pooling->out[patches.patch.out * block + l] = sum[l] / count;
    }
}

static void F(transpose_part)(void *context, size_t part, size_t thread)
{
    const struct F(pooling) *pooling = context;
    size_t block = pooling->block;
    struct ocelot_patches patches = ocelot_patches_part(pooling->call->node, pooling->call->rows, block, part);
    size_t plane = patches.in->extent[1] * patches.in->extent[2] * block;
    (void)thread;
    memset(pooling->out + patches.next * plane, 0, (patches.planes - patches.next) * plane * sizeof *pooling->out);
    while (ocelot_patch_next(&patches)) {
        REAL share[OCELOT_SIGNAL_PERIOD], count = (REAL)ocelot_patch_inside(&patches);
        for (size_t l = 0; l < block; l++)
            share[l] = pooling->s[patches.patch.out * block + l] / count;
        OCELOT_EACH_SEEN(&patches.patch)
        for (size_t l = 0; l < block; l++)
            pooling->out[ocelot_patch_at(&patches.patch, y, x) * block + l] += share[l];
    }
}
