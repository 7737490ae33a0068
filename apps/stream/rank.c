#include "stream/rank.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FEW = 256, BLOCK = 64, FRONT = 32 };

static bool before(const double *key, size_t a, size_t b)
{
    double x = fabs(key[a]), y = fabs(key[b]);
    return x > y || (x == y && a < b);
}

/* Sifts heap[0] down a heap of `count` that lies backwards from `end`: the root is end[-1], its children end[-2] and end[-3]. */
static void sift(const double *key, size_t *end, size_t count, size_t at)
{
    for (;;) {
        size_t best = at, left = 2 * at + 1;
        for (size_t child = left; child < left + 2 && child < count; child++) {
            if (before(key, end[-1 - (ptrdiff_t)child], end[-1 - (ptrdiff_t)best])) {
                best = child;
            }
        }
        if (best == at) {
            return;
        }
        size_t moved = end[-1 - (ptrdiff_t)at];
        end[-1 - (ptrdiff_t)at] = end[-1 - (ptrdiff_t)best];
        end[-1 - (ptrdiff_t)best] = moved;
        at = best;
    }
}

/* Whether ties are broken by the place in `order`. */
static bool rising(const size_t *order, size_t count)
{
    bool yes = true;
    for (size_t k = 1; k < count; k++) {
        yes = yes && order[k - 1] < order[k];
    }
    return yes;
}

/* |x| as a whole number below 2^63 that grows with it; what is no number counts as 0. */
static uint64_t size_of(double x)
{
    uint64_t bits;
    x = isnan(x) ? 0 : fabs(x);
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* A block: each goes to the place that the number of those before it is. The sign of a difference of two sizes is counted, for several at once. */
static void place(const uint64_t *size, const size_t *order, size_t count, uint64_t *to_size, size_t *to_order)
{
    for (size_t k = 0; k < count; k++) {
        uint64_t own = size[k], smaller = 0, larger = 0;
        for (size_t i = 0; i < k; i++) {
            smaller += (size[i] - own) >> 63;
        }
        for (size_t i = k + 1; i < count; i++) {
            larger += (own - size[i]) >> 63;
        }
        to_size[k - smaller + larger] = own;
        to_order[k - smaller + larger] = order[k];
    }
}

/* Two sorted runs into one: of equal ones those of the first run come first. No branch depends on a comparison, which could not be foreseen. */
static void merge(const uint64_t *size, const size_t *order, size_t first, size_t second, uint64_t *to_size, size_t *to_order)
{
    size_t a = 0, b = first, end = first + second;
    for (size_t k = 0; k < end; k++) {
        bool left = b == end || (a < first && size[a] >= size[b]);
        size_t at = left ? a : b;
        to_size[k] = size[at];
        to_order[k] = order[at];
        a += left;
        b += !left;
    }
}

/* Few: blocks in order, then runs that double in length, from one array to another and back. */
static void rank_few(const double *key, size_t *order, size_t count)
{
    uint64_t size[2][FEW];
    size_t kept[2][FEW] = {{0}}, from = 1;
    for (size_t k = 0; k < count; k++) {
        size[0][k] = size_of(key[order[k]]);
        kept[0][k] = order[k];
    }
    for (size_t at = 0; at < count; at += BLOCK) {
        place(size[0] + at, kept[0] + at, count - at < BLOCK ? count - at : BLOCK, size[1] + at, kept[1] + at);
    }
    for (size_t run = BLOCK; run < count; run *= 2, from = 1 - from)
        for (size_t at = 0; at < count; at += 2 * run) {
            size_t left = count - at, first = run < left ? run : left, second = left - first < run ? left - first : run;
            merge(size[from] + at, kept[from] + at, first, second, size[1 - from] + at, kept[1 - from] + at);
        }
    for (size_t k = 0; k < count; k++) {
        order[k] = kept[from][k];
    }
}

/* A few of many: one pass that keeps the best in order at the front; most are not even better than the last of them. */
static void rank_front(const double *key, size_t *order, size_t count, size_t top)
{
    double least = 0; /* of those at the front */
    for (size_t k = 1; k < count; k++) {
        size_t at = k < top ? k : top - 1, moved = order[k];
        if (k >= top && (fabs(key[moved]) < least || !before(key, moved, order[at]))) {
            continue;
        }
        order[k] = order[at];
        for (; at > 0 && before(key, moved, order[at - 1]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = moved;
        least = fabs(key[order[top - 1]]);
    }
}

void ocelot_rank(const double *key, size_t *order, size_t count, size_t top)
{
    top = top < count ? top : count;
    if (top == 0) {
        return;
    }
    if (count <= FEW && rising(order, count)) {
        rank_few(key, order, count);
        return;
    }
    if (top <= FRONT) {
        rank_front(key, order, count, top);
        return;
    }
    /* A heap that lies backwards, so that its last leaf is order[0], the place that the largest is to have. */
    size_t *end = order + count;
    for (size_t at = count / 2; at-- > 0;) {
        sift(key, end, count, at);
    }
    for (size_t done = 0; done < top && done + 1 < count; done++) {
        size_t largest = end[-1];
        end[-1] = order[done];
        order[done] = largest;
        sift(key, end, count - done - 1, 0);
    }
}

/* How many are larger than that, counted for several at once, as in a block. */
static uint64_t larger(const double *key, size_t count, double least)
{
    uint64_t bound = size_of(least), sum = 0;
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, key + k, sizeof bits);
        sum += (bound - (bits & (UINT64_MAX >> 1))) >> 63;
    }
    return sum;
}

/* Few of many, the best so far in order. Most blocks hold none that is better than the last of them. */
static void rank_blocks(const double *key, size_t count, size_t top, size_t *order)
{
    size_t kept = 0;
    for (size_t start = 0; start < count; start += FRONT) {
        size_t end = count - start < FRONT ? count : start + FRONT;
        if (kept == top && larger(key + start, end - start, key[order[top - 1]]) == 0) {
            continue;
        }
        for (size_t k = start; k < end; k++) {
            size_t at = kept < top ? kept++ : top - 1;
            if (k >= top && !before(key, k, order[at])) {
                continue;
            }
            for (; at > 0 && before(key, k, order[at - 1]); at--) {
                order[at] = order[at - 1];
            }
            order[at] = k;
        }
    }
}

void ocelot_rank_first(const double *key, size_t count, size_t top, size_t *order)
{
    if (top > 0 && top <= FRONT) {
        rank_blocks(key, count, top, order);
        return;
    }
    for (size_t k = 0; k < count; k++) {
        order[k] = k;
    }
    ocelot_rank(key, order, count, top);
}
