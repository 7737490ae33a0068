/* AveragePool in one precision. Stamped by average_pool.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    while (ocelot_patch_next(&patches)) {
        REAL sum = 0;
        OCELOT_EACH_SEEN(&patches.patch)
        sum += call->in[0][ocelot_patch_at(&patches.patch, y, x)];
        out[patches.patch.out] = sum / (REAL)ocelot_patch_inside(&patches);
    }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    memset(back, 0, call->rows * ocelot_node_input(call->node, k)->size * sizeof *back);
    while (ocelot_patch_next(&patches)) {
        REAL share = s[patches.patch.out] / (REAL)ocelot_patch_inside(&patches);
        OCELOT_EACH_SEEN(&patches.patch)
        back[ocelot_patch_at(&patches.patch, y, x)] += share;
    }
}
