/* AveragePool in one precision. Stamped by average_pool.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t block = call->blocks ? call->blocks[0] : 1;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    patches.planes /= block;
    while (ocelot_patch_next(&patches)) {
        REAL sum[OCELOT_SIGNAL_PERIOD] = {0}, count = (REAL)ocelot_patch_inside(&patches);
        OCELOT_EACH_SEEN(&patches.patch)
        for (size_t l = 0; l < block; l++)
            sum[l] += call->in[0][ocelot_patch_at(&patches.patch, y, x) * block + l];
        for (size_t l = 0; l < block; l++)
            out[patches.patch.out * block + l] = sum[l] / count;
    }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t block = call->blocks ? call->blocks[0] : 1;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    patches.planes /= block;
    memset(back, 0, call->rows * ocelot_node_input(call->node, k)->size * sizeof *back);
    while (ocelot_patch_next(&patches)) {
        REAL share[OCELOT_SIGNAL_PERIOD], count = (REAL)ocelot_patch_inside(&patches);
        for (size_t l = 0; l < block; l++)
            share[l] = s[patches.patch.out * block + l] / count;
        OCELOT_EACH_SEEN(&patches.patch)
        for (size_t l = 0; l < block; l++)
            back[ocelot_patch_at(&patches.patch, y, x) * block + l] += share[l];
    }
}
