#include "svm/smo.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"

/* A batch is a pass over all points, which waits for memory unless many rows share it, and who needed many rows needs more: a batch is 1 / SHARE of
 * the rows that are held, at least FEW, at most BATCH. WATCHED: iterations between two looks at whether to go on. */
enum { LEAST_SLOTS = 4, FEW = 32, SHARE = 16, BATCH = OCELOT_KERNEL_ROWS_BATCH, WATCHED = 16 };

#define NONE SIZE_MAX

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Kernel rows that are held, in the first slots. */
struct cache {
    float *values;   /* [slots][n] */
    size_t *slot_of; /* [n], NONE = not held */
    size_t *row_of;  /* [slots] */
    size_t *used;    /* [slots], when */
    size_t slots, held, clock;
};

/* What one batch of rows was chosen from: the worst kept are replaced first. */
struct worst {
    size_t row[BATCH];
    double value[BATCH];
    size_t count, most;
};

static void cache_release(struct cache *c)
{
    free(c->values);
    free(c->slot_of);
    free(c->row_of);
    free(c->used);
}

static enum ocelot_status cache_start(struct cache *c, size_t n, size_t bytes, struct ocelot_error *err)
{
    size_t total;
    c->slots = bytes / sizeof *c->values / n;
    c->slots = c->slots < LEAST_SLOTS ? LEAST_SLOTS : c->slots;
    c->slots = least_of(c->slots, n);
    c->values = ocelot_size_multiply(c->slots, n, &total) ? ocelot_allocate(total, sizeof *c->values) : NULL;
    c->slot_of = ocelot_allocate(n, sizeof *c->slot_of);
    c->row_of = ocelot_allocate(c->slots, sizeof *c->row_of);
    c->used = ocelot_allocate(c->slots, sizeof *c->used);
    if (!c->values || !c->slot_of || !c->row_of || !c->used)
        return ocelot_fail_memory(err, "kernel values");
    for (size_t k = 0; k < n; k++)
        c->slot_of[k] = NONE;
    return OCELOT_OK;
}

/* Rows of the next batch: few where others must make room for them. */
static size_t cache_batch(const struct cache *c)
{
    size_t most = least_of(least_of(c->held / SHARE, BATCH), c->slots - c->held);
    return least_of(most < FEW ? FEW : most, c->slots / 2);
}

/* A slot for `row`: a free one, or the one that was used longest ago. */
static float *cache_claim(struct cache *c, size_t row, size_t n)
{
    size_t slot = 0;
    if (c->held < c->slots) {
        slot = c->held++;
    } else {
        for (size_t s = 1; s < c->slots; s++)
            slot = c->used[s] < c->used[slot] ? s : slot;
        c->slot_of[c->row_of[slot]] = NONE;
    }
    c->row_of[slot] = row;
    c->slot_of[row] = slot;
    c->used[slot] = ++c->clock;
    return c->values + slot * n;
}

/* Keeps the `most` rows of least value, sorted. */
static void worst_offer(struct worst *w, size_t row, double value)
{
    if (w->count == w->most && !(w->most && value < w->value[w->count - 1]))
        return;
    size_t at = w->count < w->most ? w->count++ : w->count - 1;
    for (; at > 0 && value < w->value[at - 1]; at--) {
        w->value[at] = w->value[at - 1];
        w->row[at] = w->row[at - 1];
    }
    w->value[at] = value;
    w->row[at] = row;
}

/* Rows to compute with `row`: those not held that violate most, as many that should grow as that should shrink. */
static size_t choose_batch(const struct ocelot_smo *smo, const struct cache *c, size_t row, size_t *batch)
{
    size_t n = smo->rows->n, room = cache_batch(c) - 1, count = 0;
    struct worst grow = {.most = (room + 1) / 2}, shrink = {.most = room / 2};
    double least = (double)INFINITY, greatest = -(double)INFINITY;
    for (size_t k = 0; k < n; k++) {
        least = smo->alpha[k] < 1 && smo->gradient[k] < least ? smo->gradient[k] : least;
        greatest = smo->alpha[k] > 0 && smo->gradient[k] > greatest ? smo->gradient[k] : greatest;
    }
    for (size_t k = 0; k < n; k++) {
        if (c->slot_of[k] != NONE || k == row)
            continue;
        if (smo->alpha[k] < 1 && smo->gradient[k] < greatest)
            worst_offer(&grow, k, smo->gradient[k]);
        if (smo->alpha[k] > 0 && smo->gradient[k] > least)
            worst_offer(&shrink, k, -smo->gradient[k]);
    }
    for (size_t k = 0; k < grow.count; k++)
        batch[count++] = grow.row[k];
    for (size_t k = 0; k < shrink.count; k++) {
        size_t before = 0;
        while (before < grow.count && grow.row[before] != shrink.row[k])
            before++;
        if (before == grow.count)
            batch[count++] = shrink.row[k];
    }
    batch[count++] = row;
    return count;
}

/* K of `row` with all; valid as long as fewer than half of the slots were asked for. */
static const float *cache_row(struct ocelot_smo *smo, struct cache *c, size_t row)
{
    if (c->slot_of[row] == NONE) {
        size_t batch[BATCH], count = choose_batch(smo, c, row, batch);
        float *out[BATCH];
        for (size_t b = 0; b < count; b++)
            out[b] = cache_claim(c, batch[b], smo->rows->n);
        ocelot_kernel_rows_fetch(smo->rows, batch, count, out);
        smo->computed += count;
    }
    c->used[c->slot_of[row]] = ++c->clock;
    return c->values + c->slot_of[row] * smo->rows->n;
}

/* How much alpha goes from j to i, and the two bounds exactly. */
static double move(double *alpha, size_t i, size_t j, double slope, double similarity)
{
    double curve = fmax(2 - 2 * similarity, OCELOT_LEAST_CURVATURE), step = slope / curve, room = 1 - alpha[i], stock = alpha[j];
    if (step >= room || step >= stock) {
        step = fmin(room, stock);
        alpha[i] = step == room ? 1 : alpha[i] + step;
        alpha[j] = step == stock ? 0 : alpha[j] - step;
        return step;
    }
    alpha[i] += step;
    alpha[j] -= step;
    return step;
}

/* The gap falls by about the same factor in the same time. */
static bool go_on(const struct ocelot_smo *smo, double first, double gap)
{
    return ocelot_pace_go(smo->rows->pace, first > smo->tolerance ? log(first / gap) / log(first / smo->tolerance) : 0);
}

enum ocelot_status ocelot_smo_solve(struct ocelot_smo *smo, struct ocelot_error *err)
{
    const struct ocelot_kernels *kernels = smo->rows->kernels;
    size_t n = smo->rows->n;
    struct cache cache = {0};
    double least, greatest;
    enum ocelot_status status = cache_start(&cache, n, smo->cache_bytes, err);
    if (status == OCELOT_OK) {
        /* the first slot is still zero */
        size_t i = kernels->descend(smo->gradient, smo->alpha, cache.values, 0, cache.values, 0, n, &least, &greatest);
        double first = greatest - least;
        while (status == OCELOT_OK && i < n && greatest - least >= smo->tolerance && smo->iterations < smo->most) {
            const float *u = cache_row(smo, &cache, i);
            size_t j = kernels->partner(smo->gradient, smo->alpha, u, least, n);
            const float *v = cache_row(smo, &cache, j);
            double step = move(smo->alpha, i, j, smo->gradient[j] - least, (double)u[j]);
            i = kernels->descend(smo->gradient, smo->alpha, u, step, v, -step, n, &least, &greatest);
            if (++smo->iterations % WATCHED == 0 && !go_on(smo, first, greatest - least))
                status = ocelot_fail(err, OCELOT_E_STOPPED, "training was stopped before its end");
        }
    }
    cache_release(&cache);
    return status;
}
