/* Part of a fast body (body.h): what the other features lead one to expect, of points by their entries, as rows.h and expected.h have it for all
 * coordinates: points without an entry in a feature's column are taken together. Then the table's functions, which take whichever copy there is. */
#ifndef OCELOT_KERNELS_SPARSE_EXPECTED_H
#define OCELOT_KERNELS_SPARSE_EXPECTED_H

#include <math.h>

#include "kernels/expected.h"
#include "kernels/rows.h"
#include "kernels/sparse_body.h"

/* D' of all points without feature i. */
static void sparse_distances_without(const struct ocelot_packed *u, const double *x, const double *squared, size_t i, const uint32_t *list,
                                     size_t count, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    for (size_t j = 0; j < u->count; j++)
        out[j] = squared[j] - x[i] * x[i];
    for (size_t e = s->column[i]; e < s->column[i + 1]; e++) {
        double t = x[i] - s->value[e];
        out[s->unit[e]] = squared[s->unit[e]] - t * t;
    }
    for (size_t j = 0; j < u->count; j++)
        if (!(out[j] >= squared[j] * cancels))
            out[j] = merged_distance(s, x, list, count, j, i);
}

static void sparse_expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                            const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count,
                            double *scratch, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    size_t held;
    const uint32_t *list = held_by(u, x, 0, (void *)u->room, &held);
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        double sum = 0, weighted = 0;
        sparse_distances_without(u, x, squared, i, list, held, scratch);
        apply_profile(profile, p, scratch, u->count);
        double least = least_phi(scratch, log_weights, u->count);
        for (size_t j = 0; j < u->count; j++) {
            scratch[j] = exponential(log_weights[j] + (least - scratch[j]));
            sum += scratch[j];
        }
        for (size_t e = s->column[i]; e < s->column[i + 1]; e++)
            weighted += scratch[s->unit[e]] * s->value[e];
        out[k] = weighted / sum;
    }
}

static void sparse_expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma,
                                        const double *low, const double *high, const size_t *features, size_t count, double *out)
{
    const struct ocelot_sparse *s = u->sparse;
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        double sum = 0, weighted = 0, seen = 0;
        if (!(ocelot_expected_reach(x[i], gamma, low[i], high[i]) <= OCELOT_EXPECTED_REACH)) {
            out[k] = (double)NAN;
            continue;
        }
        for (size_t e = s->column[i]; e < s->column[i + 1]; e++) {
            double t = x[i] - s->value[e], share = p[s->unit[e]], weight = share * exponential(gamma * t * t);
            seen += share;
            sum += weight;
            weighted += weight * s->value[e];
        }
        double rest = total - seen;
        if (!(rest >= cancels * total))
            rest = absent_weight(s, p, u->count, i);
        out[k] = weighted / (sum + rest * exponential(gamma * x[i] * x[i]));
    }
}

/* --- the table's functions: whichever copy there is -------------------------------------------------------------------------------- */

static void any_squared_distance(const struct ocelot_packed *u, const double *x, size_t rows, double *out)
{
    (u->sparse ? sparse_squared_distance : squared_distance)(u, x, rows, out);
}

static void any_weighted_square(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_square : weighted_square)(u, x, w, rows, out);
}

static void any_weighted_difference(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_difference : weighted_difference)(u, x, w, rows, out);
}

static void any_weighted_sum(const struct ocelot_packed *u, const double *w, size_t rows, double *out)
{
    (u->sparse ? sparse_weighted_sum : weighted_sum)(u, w, rows, out);
}

static void any_expected(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                         const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count,
                         double *scratch, double *out)
{
    (u->sparse ? sparse_expected : expected)(u, x, squared, log_weights, profile, p, features, count, scratch, out);
}

static void any_expected_from_shares(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma, const double *low,
                                     const double *high, const size_t *features, size_t count, double *out)
{
    (u->sparse ? sparse_expected_from_shares : expected_from_shares)(u, x, p, total, gamma, low, high, features, count, out);
}

#endif
