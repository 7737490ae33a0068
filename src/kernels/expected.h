/* Part of a fast body (body.h): what the other features lead one to expect, from shares that are known already.
 *
 *   expected_i = sum_j p_j e_ij u_ij / sum_j p_j e_ij,   e_ij = exp(g (x_i - u_ij)^2)
 *
 * takes feature i out of exp(-g D_j) by one exponential for each i and j. The exponents of a feature lie between 0 and the `reach` of its support
 * vectors, g max_j (x_i - u_ij)^2, and since they have one sum above and below, any factor of e_ij that does not depend on j may be left out. So
 * where the reach is small, as with many features it is, exp is Taylor's polynomial about the middle h = reach / 2, whose relative error is at most
 * h^(n+1) / (n+1)!: a few multiplications and additions instead of a whole exponential. Coefficients g^k / k! are the same for all features:
 *   e_ij ~ sum_k g^k / k! ((x_i - u_ij)^2 - h / g)^k
 * The degree follows from the reach of the feature alone. Panels whose shares are nothing beside all others even when they grow by exp(reach) are
 * skipped: at large g nearly all. */
#ifndef OCELOT_KERNELS_EXPECTED_H
#define OCELOT_KERNELS_EXPECTED_H

#include <math.h>

#include "kernels/exponential.h"
#include "kernels/tiles.h"

/* Degrees for which there is code, and up to which reach each is right to 1e-13: 2 (1e-13 (n+1)!)^(1/(n+1)). */
enum { GROUP = 16, MOST_DEGREE = 12 };
static const struct {
    size_t degree;
    double reach;
} degrees[] = {{5, 0.040}, {6, 0.094}, {7, 0.178}, {8, 0.297}, {9, 0.454}, {10, 0.645}, {12, 1.127}};

/* Up to GROUP features that are summed together. */
struct expectation {
    const struct ocelot_packed *u;
    const double *p;
    double gamma, total; /* total: sum of p */
    const double *coefficients;
    size_t count;
    size_t feature[GROUP], place[GROUP];
    double x[GROUP], middle[GROUP], grown[GROUP]; /* middle: h / g; grown: exp(reach) */
};

/* Relative weights below this are nothing, also a million of them. */
static const double nothing = 1e-24;

/* `degree` is a constant after inlining. */
INLINE void add_panel(size_t degree, const struct expectation *e, const double *panel, const vector *p, double share, vector *sum, vector *weighted)
{
    double c[MOST_DEGREE + 1];
    memcpy(c, e->coefficients, sizeof c);
    for (size_t k = 0; k < e->count; k++) {
        if (share * e->grown[k] < nothing * e->total)
            continue;
        const double *column = panel + e->feature[k] * PANEL;
        vector u[PANEL_VECTORS], z[PANEL_VECTORS], value[PANEL_VECTORS];
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            u[v] = load(column + v * LANES);
            vector t = e->x[k] - u[v];
            z[v] = t * t - e->middle[k];
            value[v] = c[degree] * z[v] + c[degree - 1];
        }
        for (size_t n = degree - 1; n-- > 0;) /* the registers take turns: each step waits for the one before */
            for (size_t v = 0; v < PANEL_VECTORS; v++)
                value[v] = value[v] * z[v] + c[n];
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            value[v] *= p[v];
            sum[k] += value[v];
            weighted[k] += value[v] * u[v];
        }
    }
}

/* The whole exponential, for what reaches further. Left to the compiler to make vectors of. */
static void add_panel_exactly(const struct expectation *e, const double *panel, const double *p, double share, double *sum, double *weighted)
{
    for (size_t k = 0; k < e->count; k++) {
        if (share * e->grown[k] < nothing * e->total)
            continue;
        const double *column = panel + e->feature[k] * PANEL;
        double *sums = sum + k * LANES, *weighteds = weighted + k * LANES;
        for (size_t l = 0; l < PANEL; l += LANES)
            for (size_t i = 0; i < LANES; i++) {
                double t = e->x[k] - column[l + i], value = p[l + i] * exponential(e->gamma * t * t);
                sums[i] += value;
                weighteds[i] += value * column[l + i];
            }
    }
}

INLINE void add_panels(size_t degree, const struct expectation *e, double *out)
{
    vector sum[GROUP], weighted[GROUP];
    double sums[GROUP * LANES] = {0}, weighteds[GROUP * LANES] = {0};
    for (size_t k = 0; k < GROUP; k++)
        sum[k] = weighted[k] = (vector){0};
    for (size_t j = 0; j < e->u->count; j += PANEL) {
        double line[PANEL] = {0}, lanes[LANES], share = 0;
        vector p[PANEL_VECTORS], all = {0};
        memcpy(line, e->p + j, least_of(PANEL, e->u->count - j) * sizeof *line);
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            p[v] = load(line + v * LANES);
            all += p[v];
        }
        store(lanes, all);
        for (size_t l = 0; l < LANES; l++)
            share += lanes[l];
        if (degree)
            add_panel(degree, e, e->u->panels + j * e->u->size, p, share, sum, weighted);
        else
            add_panel_exactly(e, e->u->panels + j * e->u->size, line, share, sums, weighteds);
    }
    for (size_t k = 0; k < e->count; k++) {
        double above = 0, below = 0;
        if (degree) {
            store(sums + k * LANES, sum[k]);
            store(weighteds + k * LANES, weighted[k]);
        }
        for (size_t l = 0; l < LANES; l++) {
            above += weighteds[k * LANES + l];
            below += sums[k * LANES + l];
        }
        out[e->place[k]] = above / below;
    }
}

static void add_degree(size_t degree, struct expectation *e, double *out)
{
    if (degree == 5)
        add_panels(5, e, out);
    else if (degree == 6)
        add_panels(6, e, out);
    else if (degree == 7)
        add_panels(7, e, out);
    else if (degree == 8)
        add_panels(8, e, out);
    else if (degree == 9)
        add_panels(9, e, out);
    else if (degree == 10)
        add_panels(10, e, out);
    else if (degree == 12)
        add_panels(12, e, out);
    else
        add_panels(0, e, out);
    e->count = 0;
}

/* The degree for a reach: 0 where none suffices. */
static size_t degree_for(double reach)
{
    for (size_t n = 0; n < sizeof degrees / sizeof *degrees; n++)
        if (reach <= degrees[n].reach)
            return degrees[n].degree;
    return 0;
}

static void expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma, const double *low,
                                 const double *high, const size_t *features, size_t count, double *out)
{
    double coefficients[MOST_DEGREE + 1] = {1};
    struct expectation e = {.u = u, .p = p, .gamma = gamma, .total = total, .coefficients = coefficients};
    for (size_t n = 1; n <= MOST_DEGREE; n++)
        coefficients[n] = coefficients[n - 1] * gamma / (double)n;
    for (size_t n = 0; n <= sizeof degrees / sizeof *degrees; n++) {
        size_t degree = n < sizeof degrees / sizeof *degrees ? degrees[n].degree : 0;
        for (size_t k = 0; k < count; k++) {
            size_t i = features ? features[k] : k;
            double reach = ocelot_expected_reach(x[i], gamma, low[i], high[i]);
            if (degree_for(reach) != degree)
                continue;
            if (!(reach <= OCELOT_EXPECTED_REACH)) {
                out[k] = (double)NAN;
                continue;
            }
            e.feature[e.count] = i;
            e.place[e.count] = k;
            e.x[e.count] = x[i];
            e.middle[e.count] = reach / 2 / gamma;
            e.grown[e.count++] = exp(reach);
            if (e.count == GROUP)
                add_degree(degree, &e, out);
        }
        if (e.count)
            add_degree(degree, &e, out);
    }
}

#endif
