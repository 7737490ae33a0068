/* How far a mean can be trusted: percentiles of the means of rows drawn with replacement (Efron 1979). */
#include <math.h>

#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

#include "analysis/explainers.h"
#include "base/error.h"
#include "base/size.h"
#include "ocelot/evaluate.h"

static void draw(gsl_rng *rng, const double *good, size_t count, double *means, size_t draws)
{
    for (size_t k = 0; k < draws; k++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += good[gsl_rng_uniform_int(rng, (unsigned long)count)];
        means[k] = sum / (double)count;
    }
    gsl_sort(means, 1, draws);
}

enum ocelot_status ocelot_bootstrap(const double *values, size_t n, size_t draws, size_t seed, struct ocelot_interval *out, struct ocelot_error *err)
{
    ocelot_analysis_quiet();
    size_t count = 0;
    double sum = 0;
    double *good = ocelot_allocate(n, sizeof *good), *means = ocelot_allocate(draws, sizeof *means);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    enum ocelot_status status = good && means && rng ? OCELOT_OK : ocelot_fail_memory(err, "the bootstrap");
    if (!status && good && means && rng) {
        for (size_t i = 0; i < n; i++) {
            if (isfinite(values[i])) {
                sum += values[i];
                good[count++] = values[i];
            }
        }
        *out = (struct ocelot_interval){.mean = count ? sum / (double)count : (double)NAN, .low = NAN, .high = NAN, .count = count};
        if (count > 1 && draws > 0) {
            gsl_rng_set(rng, (unsigned long)seed);
            draw(rng, good, count, means, draws);
            out->low = gsl_stats_quantile_from_sorted_data(means, 1, draws, 0.025);
            out->high = gsl_stats_quantile_from_sorted_data(means, 1, draws, 0.975);
        }
    }
    if (rng)
        gsl_rng_free(rng);
    free(means);
    free(good);
    return status;
}
