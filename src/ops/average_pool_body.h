/* AveragePool in one precision. Stamped by average_pool.c. */

/* All planes of a batch, in parts that a team shares. */
struct F(pooling) {
    const struct F(ocelot_call) * call;
    const REAL *s;
    REAL *out; /* or what comes back */
    size_t block;
};

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

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    struct F(pooling) pooling = {.call = call, .block = call->blocks ? call->blocks[0] : 1};
    pooling.out = out;
    ocelot_team_run(call->team, ocelot_patches_parts(call->node, call->rows, pooling.block), F(forward_part), &pooling);
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

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    struct F(pooling) pooling = {.call = call, .s = s, .block = call->blocks ? call->blocks[0] : 1};
    pooling.out = back;
    (void)k;
    ocelot_team_run(call->team, ocelot_patches_parts(call->node, call->rows, pooling.block), F(transpose_part), &pooling);
}
