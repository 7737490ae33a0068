/* MaxPool in one precision. Stamped by max_pool.c. */
#include "ops/pooling_body.h"

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

static void F(forward_part)(void *context, size_t part, size_t thread)
{
    const struct F(pooling) *pooling = context;
    const REAL *in = pooling->call->in[0];
    size_t block = pooling->block;
    struct ocelot_patches patches = ocelot_patches_part(pooling->call->node, pooling->call->rows, block, part);
    (void)thread;
    while (ocelot_patch_next(&patches))
        if (block > 1) {
            struct ocelot_seen seen = ocelot_patch_seen(&patches.patch, block);
            pooling->call->kernels->PRECISION->most(in + ocelot_patch_first(&patches.patch, block), &seen, block,
                                                    pooling->out + patches.patch.out * block);
        } else {
            pooling->out[patches.patch.out] = F(most)(&patches.patch, in);
        }
}

static void F(transpose_part)(void *context, size_t part, size_t thread)
{
    const struct F(pooling) *pooling = context;
    const struct F(ocelot_call) *call = pooling->call;
    const REAL *in = call->in[0], *s = pooling->s;
    size_t block = pooling->block;
    struct ocelot_patches patches = ocelot_patches_part(call->node, call->rows, block, part);
    size_t plane = patches.in->extent[1] * patches.in->extent[2] * block;
    (void)thread;
    memset(pooling->out + patches.next * plane, 0, (patches.planes - patches.next) * plane * sizeof *pooling->out);
    while (ocelot_patch_next(&patches)) {
        size_t n = patches.patch.out * block;
        if (block > 1) {
            struct ocelot_seen seen = ocelot_patch_seen(&patches.patch, block);
            size_t at = ocelot_patch_first(&patches.patch, block);
            call->kernels->PRECISION->won(in + at, &seen, block, call->out + n, s + n, pooling->out + at);
        } else if (s[n] != 0) {
            pooling->out[F(winner)(&patches.patch, in)] += s[n];
        }
    }
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
