#include "stream/rank.h"

#include <math.h>
#include <stdbool.h>

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

void ocelot_rank(const double *key, size_t *order, size_t count, size_t top)
{
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
