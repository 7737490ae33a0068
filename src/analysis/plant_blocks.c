/* Rows without anomalies: blocks of correlated features. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "analysis/explainers.h"
#include "analysis/plant.h"
#include "base/error.h"
#include "base/number.h"

struct blocks {
    size_t features, block;
    double correlation;
};

/* The text is "blocks:FEATURESxBLOCKxCORRELATION"; ".95" is a number, too. */
static enum ocelot_status parse(const char *text, struct blocks *out, struct ocelot_error *err)
{
    static const char prefix[] = "blocks:";
    const char *end = text + strlen(text), *at = strncmp(text, prefix, sizeof prefix - 1) == 0 ? text + sizeof prefix - 1 : NULL;
    long long features = 0, block = 0;
    double correlation = (double)NAN;
    at = at ? ocelot_integer_parse(at, end, &features) : NULL;
    at = at && *at == 'x' ? ocelot_integer_parse(at + 1, end, &block) : NULL;
    if (at && *at == 'x')
        at = ocelot_number_parse(at + 1, end, &correlation);
    bool good = at == end && features >= 1 && block >= 1 && block <= features && correlation >= 0 && correlation < 1;
    if (!good)
        return ocelot_fail(err, OCELOT_E_ARGUMENT,
                           "--generate: found \"%.100s\", expected blocks:FEATURESxBLOCKxCORRELATION such as blocks:20x5x0.95, with a block of at "
                           "most all features and a correlation from 0 to below 1",
                           text);
    *out = (struct blocks){(size_t)features, (size_t)block, correlation};
    return OCELOT_OK;
}

enum ocelot_status ocelot_plant_parse(const char *text, size_t *features, struct ocelot_error *err)
{
    struct blocks blocks = {0};
    enum ocelot_status status = parse(text, &blocks, err);
    if (!status)
        *features = blocks.features;
    return status;
}

enum ocelot_status ocelot_plant_generate(const char *text, size_t count, size_t seed, double *rows, struct ocelot_error *err)
{
    struct blocks blocks = {0};
    enum ocelot_status status = parse(text, &blocks, err);
    if (status)
        return status;
    ocelot_analysis_quiet();
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_ranlxs0); /* not planting's generator: its stream would hold the very same numbers */
    if (!rng)
        return ocelot_fail_memory(err, "a generator");
    gsl_rng_set(rng, seed);
    for (size_t r = 0; r < count; r++) {
        double shared = 0;
        for (size_t i = 0; i < blocks.features; i++) {
            if (i % blocks.block == 0)
                shared = gsl_ran_gaussian_ziggurat(rng, 1);
            rows[r * blocks.features + i] = sqrt(blocks.correlation) * shared + sqrt(1 - blocks.correlation) * gsl_ran_gaussian_ziggurat(rng, 1);
        }
    }
    gsl_rng_free(rng);
    return OCELOT_OK;
}
