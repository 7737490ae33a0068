/* MaxPool in one precision. Stamped by max_pool.c. */
static size_t F(winner)(const struct ocelot_patch *patch, const REAL *in)
{
    size_t best = patch->plane + patch->down.first * patch->width + patch->across.first;
    REAL most = in[best];
    for (size_t y = patch->down.first; y < patch->down.end; y += patch->down.step) {
        size_t end = ocelot_patch_at(patch, y, patch->across.end);
        for (size_t at = ocelot_patch_at(patch, y, patch->across.first); at < end; at += patch->across.step)
            if (in[at] > most) {
                most = in[at];
                best = at;
            }
    }
    return best;
}

static REAL F(most)(const struct ocelot_patch *patch, const REAL *in)
{
    REAL most = in[ocelot_patch_at(patch, patch->down.first, patch->across.first)];
    for (size_t y = patch->down.first; y < patch->down.end; y += patch->down.step) {
        size_t end = ocelot_patch_at(patch, y, patch->across.end);
        for (size_t at = ocelot_patch_at(patch, y, patch->across.first); at < end; at += patch->across.step)
            most = in[at] > most ? in[at] : most;
    }
    return most;
}

/* The same for blocks of channels: values side by side. */
static void F(most_block)(const struct ocelot_patch *patch, size_t block, const REAL *in, REAL *most)
{
    memcpy(most, in + block * ocelot_patch_at(patch, patch->down.first, patch->across.first), block * sizeof *most);
    OCELOT_EACH_SEEN(patch)
    {
        const REAL *from = in + block * ocelot_patch_at(patch, y, x);
        for (size_t l = 0; l < block; l++)
            most[l] = from[l] > most[l] ? from[l] : most[l];
    }
}

/* back [...][block] += s [block] at each channel's winner, the first that equals the maximum `most`. */
static void F(send_block)(const struct ocelot_patch *patch, size_t block, const REAL *in, const REAL *most, const REAL *s, REAL *back)
{
    REAL pending[OCELOT_SIGNAL_PERIOD];
    memcpy(pending, s, block * sizeof *s);
    OCELOT_EACH_SEEN(patch)
    {
        size_t at = block * ocelot_patch_at(patch, y, x);
        for (size_t l = 0; l < block; l++) {
            REAL won = in[at + l] == most[l] ? pending[l] : 0;
            back[at + l] += won;
            pending[l] = in[at + l] == most[l] ? 0 : pending[l];
        }
    }
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    size_t block = call->blocks ? call->blocks[0] : 1;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    patches.planes /= block;
    while (ocelot_patch_next(&patches))
        if (block > 1)
            F(most_block)(&patches.patch, block, call->in[0], out + patches.patch.out * block);
        else
            out[patches.patch.out] = F(most)(&patches.patch, call->in[0]);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t block = call->blocks ? call->blocks[0] : 1;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    patches.planes /= block;
    memset(back, 0, call->rows * ocelot_node_input(call->node, k)->size * sizeof *back);
    while (ocelot_patch_next(&patches))
        if (block > 1)
            F(send_block)(&patches.patch, block, call->in[0], call->out + patches.patch.out * block, s + patches.patch.out * block, back);
        else if (s[patches.patch.out] != 0)
            back[F(winner)(&patches.patch, call->in[0])] += s[patches.patch.out];
}

static void F(relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                         struct ocelot_ledger_entry *ledger)
{
    (void)rule;
    (void)ledger; /* nothing is lost */
    F(transpose)(call, 0, relevance, back[0]);
}

/* All of out - out' is the winner's: of the row where it has the larger maximum, of the reference where that has. Its own difference has then the
 * same sign and is no smaller, so multipliers are in [0, 1]. */
static void F(difference)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t inputs = call->rows * ocelot_node_input(call->node, k)->size, outputs = call->rows * call->node->size;
    const REAL *x = call->in[0], *x0 = x + inputs;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    memset(back, 0, inputs * sizeof *back);
    while (ocelot_patch_next(&patches)) {
        size_t n = patches.patch.out;
        REAL y = call->out[n], y0 = call->out[outputs + n];
        size_t at = F(winner)(&patches.patch, y >= y0 ? x : x0);
        back[at] += s[n] * F(ocelot_quotient)(x[at], x0[at], y, y0, 1);
    }
}
