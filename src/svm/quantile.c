#include "svm/quantile.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    SMALL = 24,   /* values that are sorted */
    SAMPLE = 16,  /* values that a pivot is chosen from */
    ATTEMPTS = 60 /* parts within parts: bad luck costs no more than sorting does */
};

/* Places [first, last) of the values. */
struct range {
    size_t first, last;
};

double ocelot_quantile(const double *sorted, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t below = (size_t)place;
    double part = place - (double)below;
    return below + 1 < n && part > 0 ? sorted[below] + part * (sorted[below + 1] - sorted[below]) : sorted[below];
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort_few(double *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = values[i];
        size_t at = i;
        for (; at > 0 && value < values[at - 1]; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/* A value of the range which about as many are less than as stand in front of `place`. */
static double pivot_near(const double *values, struct range range, size_t place)
{
    double sample[SAMPLE];
    size_t length = range.last - range.first;
    for (size_t k = 0; k < SAMPLE; k++)
        sample[k] = values[range.first + (2 * k + 1) * length / (2 * (size_t)SAMPLE)];
    sort_few(sample, SAMPLE);
    return sample[(size_t)((double)(place - range.first) / (double)length * SAMPLE)];
}

/* Brings values that are less than the pivot, or not greater, to the front of the range; returns where they end. No branch depends on the values:
 * half of such branches would be guessed wrong. */
static size_t part(double *values, struct range range, double pivot, bool equal)
{
    size_t end = range.first;
    for (size_t k = range.first; k < range.last; k++) {
        double value = values[k];
        values[k] = values[end];
        values[end] = value;
        end += equal ? value <= pivot : value < pivot;
    }
    return end;
}

/* Parts the range until each of the ascending places is in a part of few values, which are sorted, or in one of equal ones. */
static void arrange(double *values, struct range range, const size_t *place, size_t count, size_t attempts)
{
    while (count > 0 && range.last - range.first > SMALL) {
        if (attempts-- == 0) {
            qsort(values + range.first, range.last - range.first, sizeof *values, ascending);
            return;
        }
        double pivot = pivot_near(values, range, place[count / 2]);
        size_t middle = part(values, range, pivot, false), before = 0;
        bool equal = middle == range.first; /* none is less, so all that are not greater are as the pivot is */
        if (equal)
            middle = part(values, range, pivot, true);
        while (before < count && place[before] < middle)
            before++;
        if (!equal)
            arrange(values, (struct range){range.first, middle}, place, before, attempts);
        range.first = middle;
        place += before;
        count -= before;
    }
    if (count > 0)
        sort_few(values + range.first, range.last - range.first);
}

void ocelot_quantile_arrange(double *values, size_t n, const double *q, size_t count)
{
    size_t place[2 * OCELOT_QUANTILES];
    for (size_t k = 0; k < count; k++) {
        size_t below = (size_t)(q[k] * (double)(n - 1));
        place[2 * k] = below;
        place[2 * k + 1] = below + 1 < n ? below + 1 : below;
    }
    arrange(values, (struct range){0, n}, place, 2 * count, ATTEMPTS);
}
