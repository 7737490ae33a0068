#include "svm/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/quantile.h"

/* Of which features are known, and what scalings are fitted from. */
static const double quantiles[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};

/* Sums in as many parts as a register holds, and a few: one after another each addition would wait for the one before. */
enum { PARTS = 16 };

static double sum_of(const double part[PARTS])
{
    double sum = 0;
    for (size_t l = 0; l < PARTS; l++)
        sum += part[l];
    return sum;
}

/* Root mean square distance from `center`. */
static double deviation(const double *values, size_t n, double center)
{
    double part[PARTS] = {0};
    for (size_t i = 0; i + PARTS <= n; i += PARTS)
        for (size_t l = 0; l < PARTS; l++)
            part[l] += (values[i + l] - center) * (values[i + l] - center);
    for (size_t i = n - n % PARTS; i < n; i++)
        part[0] += (values[i] - center) * (values[i] - center);
    return sqrt(sum_of(part) / (double)n);
}

/* Mean and standard deviation (divisor n). */
static void fit_standard(const double *values, size_t n, double *center, double *spread)
{
    double part[PARTS] = {0}, least = values[0]; /* from which differences are summed, so that an offset costs no digits */
    for (size_t i = 0; i + PARTS <= n; i += PARTS)
        for (size_t l = 0; l < PARTS; l++)
            part[l] += values[i + l] - least;
    for (size_t i = n - n % PARTS; i < n; i++)
        part[0] += values[i] - least;
    *center = least + sum_of(part) / (double)n;
    *spread = deviation(values, n, *center);
}

/* Median and interquartile range over 1.349, which is the standard deviation of normal data; where more than half of the values are equal,
 * the deviation from the median. */
static void fit_robust(const double *arranged, size_t n, double *center, double *spread)
{
    *center = ocelot_quantile(arranged, n, 0.5);
    *spread = (ocelot_quantile(arranged, n, 0.75) - ocelot_quantile(arranged, n, 0.25)) / 1.3489795003921634;
    if (!(*spread > 0))
        *spread = deviation(arranged, n, *center);
}

/* To [-1, 1], as svm-scale does. */
static void fit_minmax(const double *arranged, size_t n, double *center, double *spread)
{
    *spread = (arranged[n - 1] - arranged[0]) / 2;
    *center = arranged[0] + *spread;
}

const struct ocelot_scaling ocelot_scalings[] = {
    {"standard", fit_standard, false}, {"robust", fit_robust, false}, {"minmax", fit_minmax, false},
    {"even", fit_standard, true},      {"none", NULL, false},         {NULL, NULL, false},
};

const struct ocelot_scaling *ocelot_scaling_find(const char *name)
{
    for (const struct ocelot_scaling *s = ocelot_scalings; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Numbers that differ by less are as good as equal: their squares would vanish. */
#define LEAST_SPREAD 1e-150

/* Puts floors where nothing varies, or, for even scalings, where little does, and turns spreads into factors. `scratch` [d]. */
static void set_factors(struct ocelot_fit *fit, size_t d, bool even, double *scratch)
{
    size_t varying = 0;
    for (size_t i = 0; i < d; i++)
        if (fit->factor[i] > 0)
            scratch[varying++] = fit->factor[i];
    qsort(scratch, varying, sizeof *scratch, ascending);
    double typical = varying ? ocelot_quantile(scratch, varying, 0.5) : 1;
    for (size_t i = 0; i < d; i++) {
        double value = fabs(fit->center[i]), floor_spread = value > 1e-100 ? 0.1 * value : typical;
        double spread = fit->factor[i] > 0 ? fit->factor[i] : floor_spread;
        fit->factor[i] = 1 / (even && spread < typical ? typical : spread);
    }
}

/* Units for comparing deviations between features. These share one where no range is more than COMMON times the median one; then a deviation counts
 * in units of the feature's own standard deviation plus the mean one, so that a metric that hardly moved in training is not blamed for every flicker
 * (as significance analysis does with its constant s0: Tusher, Tibshirani, Chu 2001). Else in units of the scaling. `ranges` [d] are raw, unit holds
 * the standard deviations. */
static void set_units(struct ocelot_fit *fit, size_t d, double *ranges)
{
    enum { COMMON = 10 };
    size_t varying = 0;
    double mean = 0, most = 0;
    for (size_t i = 0; i < d; i++)
        if (ranges[i] > LEAST_SPREAD) {
            mean += fit->unit[i];
            most = fmax(most, ranges[i]);
            ranges[varying++] = ranges[i];
        }
    qsort(ranges, varying, sizeof *ranges, ascending);
    bool common = varying && most <= COMMON * ocelot_quantile(ranges, varying, 0.5);
    for (size_t i = 0; i < d; i++)
        fit->unit[i] = common ? fit->unit[i] + mean / (double)varying : fit->factor ? 1 / fit->factor[i] : 1;
}

/* One feature: `values` [n] are arranged in place. Until set_factors, factor holds the spread, 0 where nothing varies; until set_units, unit holds
 * the standard deviation. */
static bool fit_feature(const struct ocelot_scaling *scaling, double *values, size_t n, size_t i, double *range, struct ocelot_fit *fit)
{
    double mean;
    ocelot_quantile_arrange(values, n, quantiles, sizeof quantiles / sizeof *quantiles);
    fit->low[i] = ocelot_quantile(values, n, 0.05);
    fit->median[i] = ocelot_quantile(values, n, 0.5);
    fit->high[i] = ocelot_quantile(values, n, 0.95);
    fit_standard(values, n, &mean, &fit->unit[i]);
    *range = values[n - 1] - values[0];
    if (!isfinite(fit->unit[i]) || !isfinite(*range))
        return false;
    if (!scaling->fit)
        return true;
    double spread, size = fmax(fabs(values[0]), fabs(values[n - 1]));
    scaling->fit(values, n, &fit->center[i], &spread);
    fit->factor[i] = spread > 1e-12 * size && spread > LEAST_SPREAD ? spread : 0;
    return isfinite(spread) && isfinite(fit->center[i]) && spread < 1e150;
}

/* Features that are taken out of the rows at a time: as many as lie side by side in one line of the cache. */
enum { TAKEN = 8 };

/* values[k][r] = feature first + k of the r-th row listed. */
static void take_features(const double *rows, size_t d, const size_t *order, size_t n, size_t first, size_t count, double *values)
{
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k < count; k++)
            values[k * n + r] = rows[order[r] * d + first + k];
}

enum ocelot_status ocelot_scaling_fit(const struct ocelot_scaling *scaling, const double *rows, size_t d, const size_t *order, size_t n,
                                      const char *const *names, struct ocelot_fit *fit, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    size_t taken = d < TAKEN ? d : TAKEN, total;
    double *values = ocelot_size_multiply(taken, n, &total) ? ocelot_allocate(total > d ? total : d, sizeof *values) : NULL;
    double *ranges = ocelot_allocate(d, sizeof *ranges);
    *fit = (struct ocelot_fit){.low = ocelot_allocate(d, sizeof(double)),
                               .median = ocelot_allocate(d, sizeof(double)),
                               .high = ocelot_allocate(d, sizeof(double)),
                               .unit = ocelot_allocate(d, sizeof(double)),
                               .center = scaling->fit ? ocelot_allocate(d, sizeof(double)) : NULL,
                               .factor = scaling->fit ? ocelot_allocate(d, sizeof(double)) : NULL};
    if (!values || !ranges || !fit->unit || !fit->low || !fit->median || !fit->high || (scaling->fit && (!fit->center || !fit->factor))) {
        status = ocelot_fail_memory(err, "the scaling");
        goto done;
    }
    for (size_t i = 0; status == OCELOT_OK && i < d; i++) {
        double *feature = values + i % TAKEN * n;
        if (i % TAKEN == 0)
            take_features(rows, d, order, n, i, d - i < TAKEN ? d - i : TAKEN, values);
        if (!fit_feature(scaling, feature, n, i, &ranges[i], fit))
            status = ocelot_fail(err, OCELOT_E_VALUE, "column %zu%s%.60s: found values from %g to %g, which are too large to scale", i + 1,
                                 names ? ", " : "", names ? names[i] : "", feature[0], feature[n - 1]);
    }
    if (status == OCELOT_OK && scaling->fit)
        set_factors(fit, d, scaling->even, values);
    if (status == OCELOT_OK)
        set_units(fit, d, ranges);
done:
    free(values);
    free(ranges);
    if (status != OCELOT_OK)
        ocelot_fit_release(fit);
    return status;
}

void ocelot_fit_release(struct ocelot_fit *fit)
{
    free(fit->center);
    free(fit->factor);
    free(fit->low);
    free(fit->median);
    free(fit->high);
    free(fit->unit);
    *fit = (struct ocelot_fit){0};
}
