/* Part of a fast body (body.h): the passes over all training rows that one step of a solver takes (svm/smo.h). Least and greatest values are
 * kept per place in a strip, as sums are in rows.h, together with the strip in which each was found; places are compared only in the end, the
 * lower index winning, so that every body picks the row that the plain loop of reference.c picks. */
#ifndef OCELOT_KERNELS_SOLVE_H
#define OCELOT_KERNELS_SOLVE_H

#include <math.h>

#include "kernels/exponential.h"
#include "kernels/rows.h"

static void decay(double *values, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double x = -values[k], within = x < EXPONENT_LEAST ? EXPONENT_LEAST : x, scale, q = exponential_parts(within, &scale);
        values[k] = x < EXPONENT_LEAST ? 0 : scale * q + scale;
    }
}

static void distances_of_products(double *restrict values, const double *restrict x_norms, size_t rows, const double *restrict u_norms, size_t n)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < n; j++) {
            double squared = (x_norms[b] + u_norms[j]) - 2 * values[b * n + j];
            values[b * n + j] = squared > 0 ? squared : 0;
        }
}

static void distances_of_products_single(const float *restrict products, const double *restrict x_norms, size_t rows, const double *restrict u_norms,
                                         size_t n, double *restrict values)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < n; j++) {
            double squared = (x_norms[b] + u_norms[j]) - 2 * (double)products[b * n + j];
            values[b * n + j] = squared > 0 ? squared : 0;
        }
}

/* Eight rows at a time, so that `to` is not read and written for each. */
static void add_scaled(const double *restrict rows, const double *restrict factors, size_t count, size_t n, double *restrict to)
{
    enum { ROWS = 8 };
    size_t r = 0;
    for (; r + ROWS <= count; r += ROWS)
        for (size_t k = 0; k < n; k++) {
            double sum = to[k];
            for (size_t l = 0; l < ROWS; l++)
                sum += factors[r + l] * rows[(r + l) * n + k];
            to[k] = sum;
        }
    for (; r < count; r++)
        for (size_t k = 0; k < n; k++)
            to[k] += factors[r] * rows[r * n + k];
}

/* Of each place of the strip: the least value and the strip where it was. */
struct strips {
    double value[STRIP], at[STRIP];
};

static void strips_start(struct strips *s)
{
    for (size_t l = 0; l < STRIP; l++) {
        s->value[l] = (double)INFINITY;
        s->at[l] = 0;
    }
}

static void strips_take(struct strips *s, const double *values, double at, size_t n)
{
    for (size_t l = 0; l < n; l++) {
        s->at[l] = values[l] < s->value[l] ? at : s->at[l];
        s->value[l] = values[l] < s->value[l] ? values[l] : s->value[l];
    }
}

/* The index of the least of all, or n if none was less than infinity. */
static size_t strips_least(const struct strips *s, size_t n, double *least)
{
    size_t found = n;
    *least = (double)INFINITY;
    for (size_t l = 0; l < STRIP; l++) {
        size_t index = (size_t)s->at[l] + l;
        if (s->value[l] < *least || (s->value[l] == *least && index < found && *least < (double)INFINITY)) {
            *least = s->value[l];
            found = index;
        }
    }
    return found;
}

static size_t descend(double *restrict g, const double *restrict alpha, const float *restrict u, double a, const float *restrict v, double b,
                      size_t n, double *least, double *greatest)
{
    struct strips low;
    double high[STRIP];
    strips_start(&low);
    for (size_t l = 0; l < STRIP; l++)
        high[l] = -(double)INFINITY;
    for (size_t k = 0; k < n; k += STRIP) {
        size_t length = least_of(STRIP, n - k);
        double strip[STRIP];
        for (size_t l = 0; l < length; l++) {
            double value = g[k + l] + (a * (double)u[k + l] + b * (double)v[k + l]), held = alpha[k + l] > 0 ? value : -(double)INFINITY;
            g[k + l] = value;
            high[l] = held > high[l] ? held : high[l];
            strip[l] = alpha[k + l] < 1 ? value : (double)INFINITY;
        }
        strips_take(&low, strip, (double)k, length);
    }
    *greatest = high[0];
    for (size_t l = 1; l < STRIP; l++)
        *greatest = high[l] > *greatest ? high[l] : *greatest;
    return strips_least(&low, n, least);
}

static size_t partner(const double *restrict g, const double *restrict alpha, const float *restrict u, double least, size_t n)
{
    struct strips gain;
    double value;
    strips_start(&gain);
    for (size_t k = 0; k < n; k += STRIP) {
        size_t length = least_of(STRIP, n - k);
        double strip[STRIP];
        for (size_t l = 0; l < length; l++) {
            double slope = g[k + l] - least, curve = 2 - 2 * (double)u[k + l];
            curve = curve > OCELOT_LEAST_CURVATURE ? curve : OCELOT_LEAST_CURVATURE;
            slope = alpha[k + l] > 0 ? slope : 0;
            strip[l] = slope > 0 ? -(slope * slope) / curve : (double)INFINITY;
        }
        strips_take(&gain, strip, (double)k, length);
    }
    return strips_least(&gain, n, &value);
}

#endif
