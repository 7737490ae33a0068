#include "analysis/background.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "base/error.h"
#include "base/size.h"

size_t ocelot_background_features(const struct ocelot_plan *plan)
{
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    return info.features;
}

size_t ocelot_background_targets(const struct ocelot_plan *plan)
{
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    return info.outputs;
}

enum ocelot_status ocelot_background_require(const struct ocelot_plan *plan, const char *method, size_t least, struct ocelot_error *err)
{
    size_t count = ocelot_view_background(plan).count;
    if (count >= least)
        return OCELOT_OK;
    if (count == 0)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s needs background rows: rows of normal data (--background FILE)", method);
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s needs at least %zu background rows, found %zu", method, least, count);
}

double ocelot_background_deviation(const double *values, size_t stride, const double *weights, size_t n, double mean)
{
    double variance = 0;
    for (size_t r = 0; r < n; r++)
        variance += weights[r] * (values[r * stride] - mean) * (values[r * stride] - mean);
    return sqrt(variance);
}

void ocelot_background_moments(const struct ocelot_plan *plan, double *mean, double *deviation)
{
    struct ocelot_background background = ocelot_view_background(plan);
    size_t d = ocelot_background_features(plan);
    for (size_t i = 0; i < d; i++) {
        mean[i] = gsl_stats_wmean(background.weights, 1, background.rows + i, d, background.count);
        if (deviation)
            deviation[i] = ocelot_background_deviation(background.rows + i, d, background.weights, background.count, mean[i]);
    }
}

enum ocelot_status ocelot_background_outputs(const struct ocelot_plan *plan, double **out, struct ocelot_error *err)
{
    struct ocelot_background background = ocelot_view_background(plan);
    struct ocelot_workspace *workspace = NULL;
    size_t total;
    *out = NULL;
    if (!ocelot_size_multiply(background.count, ocelot_background_targets(plan), &total) || !(*out = ocelot_allocate(total, sizeof **out)))
        return ocelot_fail_memory(err, "the outputs of background rows");
    enum ocelot_status status = ocelot_workspace_create(plan, &workspace, err);
    if (status == OCELOT_OK)
        status = ocelot_outputs(plan, workspace, background.rows, background.count, *out, err);
    ocelot_workspace_free(workspace);
    if (status == OCELOT_OK)
        return OCELOT_OK;
    free(*out);
    *out = NULL;
    return status;
}

double *ocelot_background_urn(const struct ocelot_plan *plan)
{
    struct ocelot_background background = ocelot_view_background(plan);
    double *urn = ocelot_allocate(background.count, sizeof *urn), sum = 0;
    for (size_t r = 0; urn && r < background.count; r++)
        urn[r] = sum += background.weights[r];
    return urn;
}

/* The first row whose running sum is beyond the number: rows without weight are never drawn. The sum of all is 1 but for rounding. */
size_t ocelot_background_draw(const double *urn, size_t count, double uniform)
{
    size_t low = 0, high = count - 1;
    uniform *= urn[count - 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (urn[middle] > uniform)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
