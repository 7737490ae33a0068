#include "analysis/descent.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MEMORY = 10 };

struct state {
    size_t n, left;
    double *at, *gradient, *next, *next_gradient, *end, *best;
    double value, best_value, recent[MEMORY];
    size_t steps;
};

size_t ocelot_descent_scratch(size_t n)
{
    return 5 * n;
}

static double evaluate(const struct ocelot_descent *descent, struct state *s, const double *at, double *gradient)
{
    double value = descent->value(descent->context, at, gradient);
    s->left--;
    if (!isfinite(value))
        return INFINITY;
    if (value < s->best_value) {
        s->best_value = value;
        memcpy(s->best, at, s->n * sizeof *at);
    }
    return value;
}

static double worst(const struct state *s)
{
    double value = s->value;
    for (size_t k = 0; k < MEMORY && k < s->steps; k++)
        value = fmax(value, s->recent[k]);
    return value;
}

/* end = where a step of this length, projected on the box, leads; returns the slope on the way, and how far the farthest coordinate moved. */
static double project(struct state *s, double length, double *moved)
{
    double slope = 0;
    *moved = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->end[i] = fmin(1, fmax(0, s->at[i] - length * s->gradient[i]));
        slope += (s->end[i] - s->at[i]) * s->gradient[i];
        *moved = fmax(*moved, fabs(s->end[i] - s->at[i]));
    }
    return slope;
}

/* Halves the way to the projected step until a point is accepted; false when there is none, or no evaluation is left. */
static bool search(const struct ocelot_descent *descent, struct state *s, double length, double *reached)
{
    enum { HALVINGS = 33 };     /* a shorter part of the way would be hidden by rounding */
    const double enough = 1e-4; /* Armijo's share of the slope */
    double bound = worst(s), moved, slope = project(s, length, &moved), part = 1;
    if (!(slope < 0))
        return false;
    for (size_t k = 0; s->left > 0 && k <= HALVINGS; k++) {
        for (size_t i = 0; i < s->n; i++)
            s->next[i] = part < 1 ? s->at[i] + part * (s->end[i] - s->at[i]) : s->end[i];
        *reached = evaluate(descent, s, s->next, s->next_gradient);
        if (*reached <= bound + enough * part * slope)
            return true;
        part /= 2;
    }
    return false;
}

/* Barzilai and Borwein's step s.s / s.y, and the longest one where the curvature is not positive. */
static double spectral(const struct state *s)
{
    const double shortest = 1e-6, longest = 1e6;
    double square = 0, curvature = 0;
    for (size_t i = 0; i < s->n; i++) {
        double step = s->next[i] - s->at[i];
        square += step * step;
        curvature += step * (s->next_gradient[i] - s->gradient[i]);
    }
    return curvature > 0 ? fmin(longest, fmax(shortest, square / curvature)) : longest;
}

double ocelot_descent_run(const struct ocelot_descent *descent, double *at)
{
    size_t n = descent->n, bytes = n * sizeof *at;
    struct state s = {.n = n, .left = descent->evaluations, .best_value = INFINITY, .best = at};
    double length = 0, moved, reached = 0;
    s.at = descent->scratch;
    s.gradient = s.at + n;
    s.next = s.gradient + n;
    s.next_gradient = s.next + n;
    s.end = s.next_gradient + n;
    memcpy(s.at, at, bytes);
    if (s.left == 0 || !isfinite(s.value = evaluate(descent, &s, s.at, s.gradient)))
        return INFINITY;
    for (size_t i = 0; i < n; i++)
        length = fmax(length, fabs(s.gradient[i]));
    length = length > 0 ? 1 / length : 1;
    for (;;) {
        (void)project(&s, 1, &moved);
        if (moved <= descent->tolerance || !search(descent, &s, length, &reached))
            return s.best_value;
        s.recent[s.steps++ % MEMORY] = s.value;
        length = spectral(&s);
        s.value = reached;
        memcpy(s.at, s.next, bytes);
        memcpy(s.gradient, s.next_gradient, bytes);
    }
}
