/* What pools have in common, in one precision. Included by their bodies, which say what is done with a part. */

/* All planes of a batch, in parts that a team shares. */
struct F(pooling) {
    const struct F(ocelot_call) * call;
    const REAL *s;
    REAL *out; /* or what comes back */
    size_t block;
};

static void F(forward_part)(void *context, size_t part, size_t thread);
static void F(transpose_part)(void *context, size_t part, size_t thread);

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    struct F(pooling) pooling = {.call = call, .block = call->blocks ? call->blocks[0] : 1};
    pooling.out = out;
    ocelot_team_run(call->team, ocelot_patches_parts(call->node, call->rows, pooling.block), F(forward_part), &pooling);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    struct F(pooling) pooling = {.call = call, .s = s, .block = call->blocks ? call->blocks[0] : 1};
    pooling.out = back;
    (void)k;
    ocelot_team_run(call->team, ocelot_patches_parts(call->node, call->rows, pooling.block), F(transpose_part), &pooling);
}
