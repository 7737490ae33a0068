#include "svm/violators.h"

#include <math.h>
#include <string.h>

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The least g of rows that may grow, and the greatest of rows that may shrink. */
struct limits {
    double least, greatest;
};

static struct limits limits_of(const double *alpha, const double *gradient, size_t n)
{
    struct limits found = {(double)INFINITY, -(double)INFINITY};
    for (size_t k = 0; k < n; k++) {
        found.least = alpha[k] < 1 && gradient[k] < found.least ? gradient[k] : found.least;
        found.greatest = alpha[k] > 0 && gradient[k] > found.greatest ? gradient[k] : found.greatest;
    }
    return found;
}

double ocelot_gap(const double *alpha, const double *gradient, size_t n)
{
    struct limits found = limits_of(alpha, gradient, n);
    return found.greatest - found.least;
}

double ocelot_border(const double *alpha, const double *gradient, size_t n)
{
    double sum = 0, below = -(double)INFINITY, above = (double)INFINITY;
    size_t free_rows = 0;
    for (size_t k = 0; k < n; k++) {
        if (alpha[k] >= 1) {
            below = fmax(below, gradient[k]);
        } else if (alpha[k] <= 0) {
            above = fmin(above, gradient[k]);
        } else {
            sum += gradient[k];
            free_rows++;
        }
    }
    return free_rows ? sum / (double)free_rows : (below + above) / 2;
}

/* Lists in v->ranked the rows that are not taken and may grow, or shrink, those that want it most with the least value. In front stand those that
 * violate the stopping rule, *violating in number. */
static size_t list(const struct ocelot_violators *v, bool shrink, struct limits limits, size_t *violating)
{
    double sign = shrink ? -1 : 1, limit = shrink ? -limits.least : limits.greatest;
    size_t listed = 0;
    *violating = 0;
    for (size_t k = 0; k < v->n; k++) {
        if (v->taken[k] || !(shrink ? v->alpha[k] > 0 : v->alpha[k] < 1))
            continue;
        struct ocelot_ranked row = {sign * v->gradient[k], k};
        v->ranked[listed++] = row;
        if (row.value < limit) {
            v->ranked[listed - 1] = v->ranked[*violating];
            v->ranked[(*violating)++] = row;
        }
    }
    return listed;
}

/* The first `count` of v->ranked [listed] join the `chosen`; the last ones take their places. */
static size_t take(const struct ocelot_violators *v, size_t chosen, size_t count, size_t *listed)
{
    for (size_t k = 0; k < count; k++) {
        v->index[chosen + k] = v->ranked[k].index;
        v->taken[v->ranked[k].index] = true;
    }
    size_t rest = *listed - count, moved = least_of(count, rest);
    memmove(v->ranked, v->ranked + *listed - moved, moved * sizeof *v->ranked);
    *listed = rest;
    return chosen + count;
}

size_t ocelot_violators_choose(const struct ocelot_violators *v, size_t most, size_t drawn)
{
    struct limits limits = limits_of(v->alpha, v->gradient, v->n);
    size_t chosen = 0;
    for (size_t k = 0; k < v->n; k++)
        v->taken[k] = false;
    for (size_t side = 0; side < 2; side++) {
        size_t violating, listed = list(v, side == 1, limits, &violating), lucky = least_of(drawn, violating);
        for (size_t k = 0; k < lucky; k++) {
            size_t other = k + ocelot_rng_below(v->rng, violating - k);
            struct ocelot_ranked row = v->ranked[k];
            v->ranked[k] = v->ranked[other];
            v->ranked[other] = row;
        }
        chosen = take(v, chosen, lucky, &listed);
        size_t wanted = least_of(most / 2 - lucky, listed);
        ocelot_select_least(v->ranked, listed, wanted);
        chosen = take(v, chosen, wanted, &listed);
    }
    return chosen;
}
