#include "svm/gamma.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/rng.h"
#include "svm/quantile.h"

enum { PAIRS = 2000 };

static double by_scale(const double *scaled, size_t n, size_t d, size_t seed)
{
    double mean = 0, sum = 0, count = (double)n * (double)d;
    (void)seed;
    for (size_t k = 0; k < n * d; k++)
        mean += scaled[k] / count;
    for (size_t k = 0; k < n * d; k++)
        sum += (scaled[k] - mean) * (scaled[k] - mean);
    double variance = sum / count;
    return variance > 0 ? 1 / ((double)d * variance) : 1 / (double)d;
}

static double by_count(const double *scaled, size_t n, size_t d, size_t seed)
{
    (void)scaled;
    (void)n;
    (void)seed;
    return 1 / (double)d;
}

static double squared_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Pairs of equal rows have no scale to tell, so the median is that of the distances above 0. */
static double by_median(const double *scaled, size_t n, size_t d, size_t seed)
{
    double squared[PAIRS];
    size_t used = 0;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; n > 1 && k < PAIRS; k++) {
        size_t i = ocelot_rng_below(&rng, n), j = ocelot_rng_below(&rng, n - 1);
        double value = squared_distance(scaled + i * d, scaled + (j + (j >= i)) * d, d);
        if (value > 0)
            squared[used++] = value;
    }
    if (used == 0)
        return 1 / (double)d;
    qsort(squared, used, sizeof *squared, ascending);
    return 1 / ocelot_quantile(squared, used, 0.5);
}

static const struct {
    const char *name;
    double (*choose)(const double *scaled, size_t n, size_t d, size_t seed);
} choices[] = {{"scale", by_scale}, {"auto", by_count}, {"median", by_median}};

/* q of the kernel's exponent g d^q; 2 for those of g d^2 and of dot products. */
static double exponent(const struct ocelot_machine_kernel *kernel, double power)
{
    return kernel->has_power ? power : kernel->profile == &ocelot_profile_laplace ? 1 : 2;
}

enum ocelot_status ocelot_gamma_choose(const char *text, const struct ocelot_machine_kernel *kernel, double power, const double *scaled, size_t n,
                                       size_t d, size_t seed, double *gamma, struct ocelot_error *err)
{
    const char *end = text + strlen(text);
    size_t length = strcspn(text, "*");
    double factor = 1;
    for (size_t k = 0; k < sizeof choices / sizeof *choices; k++) {
        if (strlen(choices[k].name) != length || memcmp(text, choices[k].name, length) != 0)
            continue;
        if (text[length] == '*' && ocelot_number_parse(text + length + 1, end, &factor) != end)
            break;
        if (!isfinite(factor) || !(factor > 0) || (text[length] == '*' && length + 1 == strlen(text)))
            break;
        *gamma = factor * pow(choices[k].choose(scaled, n, d, seed), exponent(kernel, power) / 2);
        return OCELOT_OK;
    }
    if (*text && ocelot_number_parse(text, end, gamma) == end && isfinite(*gamma) && *gamma > 0)
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_ARGUMENT,
                       "gamma: found '%.40s', expected scale, auto or median, alone or times a factor such as scale*3, or a number greater than 0",
                       text);
}
