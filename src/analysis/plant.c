/* Planting anomalies into rows: which rows, which kinds, how many features. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explainers.h"
#include "analysis/plant.h"
#include "base/error.h"
#include "base/number.h"
#include "base/size.h"

struct anomaly {
    size_t first, end, at, count; /* `at`: of its features in `features` */
    const struct ocelot_plant_way *way;
};

struct ocelot_planting {
    struct anomaly *anomalies;
    size_t count, *features, feature_count, feature_capacity;
};

#define AT(member) offsetof(struct ocelot_plant_options, member)

const struct ocelot_option ocelot_plant_option_table[] = {
    {.name = "kind",
     .letter = 'k',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(kinds),
     .placeholder = "KIND",
     .fallback = "all",
     .summary = "shift, several, correlation, subspace, density, several of them separated by commas, or all: anomalies take them in turn"},
    {.name = "share",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(share),
     .placeholder = "SHARE",
     .low = 0,
     .high = 1,
     .fallback = "0.1",
     .summary = "share of the rows that become anomalies"},
    {.name = "count",
     .letter = 'n',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(count),
     .placeholder = "N",
     .low = 0,
     .high = 1e15,
     .fallback = "0",
     .summary = "number of anomalies; 0 = by --share"},
    {.name = "length",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(length),
     .placeholder = "ROWS",
     .low = 1,
     .high = 1e15,
     .fallback = "1",
     .summary = "consecutive rows of an anomaly, in which the same features change: incidents, when more than 1"},
    {.name = "features",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(features),
     .placeholder = "N|A..B",
     .summary = "how many features change, N or any number from A to B; without this, as usual for the kind"},
    {.name = "strength",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(strength),
     .placeholder = "SD",
     .low = 0,
     .high = 1e6,
     .fallback = "0",
     .summary = "how far features move, in the standard deviations that the kind is about; 0 = 5 for shift and several, 6 for subspace and density"},
    {.name = "seed",
     .letter = 's',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(seed),
     .placeholder = "N",
     .low = 0,
     .high = 4294967295.0,
     .fallback = "1",
     .summary = "what the generator starts from: equal seeds plant equal anomalies"},
    {.name = NULL},
};

const struct ocelot_plant_kind *ocelot_plant_kind_at(size_t k)
{
    for (size_t n = 0; ocelot_plant_ways[n].kind.name; n++)
        if (n == k)
            return &ocelot_plant_ways[n].kind;
    return NULL;
}

/* --- options --------------------------------------------------------------------------------------------------------------------- */

enum { WAYS = 16 };

/* The kinds that the text names, in its order. */
static enum ocelot_status choose_ways(const char *text, const struct ocelot_plant_way **out, size_t *count, struct ocelot_error *err)
{
    *count = 0;
    for (size_t k = 0; strcmp(text, "all") == 0 && ocelot_plant_ways[k].kind.name; k++)
        out[(*count)++] = &ocelot_plant_ways[k];
    while (*count == 0 || *text == ',') {
        const struct ocelot_plant_way *way = ocelot_plant_ways;
        text += *text == ',';
        size_t length = strcspn(text, ",");
        while (way->kind.name && (strlen(way->kind.name) != length || strncmp(way->kind.name, text, length) != 0))
            way++;
        if (!way->kind.name || *count == WAYS)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "--kind: found \"%.*s\", expected shift, several, correlation, subspace, density or all",
                               (int)(length < 60 ? length : 60), text);
        out[(*count)++] = way;
        text += length;
    }
    return OCELOT_OK;
}

/* "2" or "1..2". */
static bool parse_range(const char *text, size_t *low, size_t *high)
{
    const char *end = text + strlen(text);
    long long a = 0, b = 0;
    const char *at = ocelot_integer_parse(text, end, &a);
    b = a;
    if (at && strncmp(at, "..", 2) == 0)
        at = ocelot_integer_parse(at + 2, end, &b);
    *low = (size_t)a;
    *high = (size_t)b;
    return at == end && a >= 1 && b >= a;
}

/* How many features an anomaly of this kind changes, drawn evenly. */
static enum ocelot_status draw_features(struct ocelot_planter *planter, const struct ocelot_plant_kind *kind, const char *text, size_t *out,
                                        struct ocelot_error *err)
{
    size_t low = 0, high = 0, most = kind->most < planter->candidate_count ? kind->most : planter->candidate_count;
    if (!parse_range(text ? text : kind->usual, &low, &high))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--features: found \"%.60s\", expected a number above 0 or two as in 1..2", text);
    low = low < kind->least ? kind->least : low;
    high = high < kind->most ? high : kind->most;
    if (text && low > high)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--features %s: the kind %s changes %s %zu", text, kind->name,
                           high < kind->least ? "at least" : "at most", high < kind->least ? kind->least : kind->most);
    high = high < most ? high : most;
    if (low > high)
        return ocelot_fail(err, OCELOT_E_VALUE, "the kind %s changes %zu features, and only %zu of the table's are not constant", kind->name, low,
                           planter->candidate_count);
    *out = low + ocelot_plant_below(planter, high - low + 1);
    return OCELOT_OK;
}

/* --- the table ------------------------------------------------------------------------------------------------------------------- */

static void close_planter(struct ocelot_planter *planter)
{
    free(planter->mean);
    free(planter->deviation);
    free(planter->candidates);
    free(planter->correlation);
    free(planter->known);
    free(planter->distance);
    free(planter->chosen);
    free(planter->sense);
    gsl_rng_free(planter->rng);
}

static void learn(struct ocelot_planter *planter)
{
    for (size_t i = 0; i < planter->features; i++) {
        double mean = 0, squares = 0;
        for (size_t r = 0; r < planter->count; r++)
            mean += planter->rows[r * planter->features + i] / (double)planter->count;
        for (size_t r = 0; r < planter->count; r++) {
            double off = planter->rows[r * planter->features + i] - mean;
            squares += off * off;
        }
        planter->mean[i] = mean;
        planter->deviation[i] = sqrt(squares / (double)planter->count);
        bool varies = false; /* rounding of the mean can make a constant deviate */
        for (size_t r = 1; r < planter->count && !varies; r++)
            varies = planter->rows[r * planter->features + i] != planter->rows[i];
        if (varies && planter->deviation[i] > 0 && isfinite(planter->deviation[i]))
            planter->candidates[planter->candidate_count++] = i;
    }
}

static enum ocelot_status open_planter(struct ocelot_planter *planter, size_t seed, struct ocelot_error *err)
{
    size_t d = planter->features;
    ocelot_analysis_quiet();
    planter->mean = ocelot_allocate(d, sizeof *planter->mean);
    planter->deviation = ocelot_allocate(d, sizeof *planter->deviation);
    planter->candidates = ocelot_allocate(d, sizeof *planter->candidates);
    planter->correlation = ocelot_allocate(d, sizeof *planter->correlation);
    planter->known = ocelot_allocate(d, sizeof *planter->known);
    planter->distance = ocelot_allocate(planter->count, sizeof *planter->distance);
    planter->chosen = ocelot_allocate(d, sizeof *planter->chosen);
    planter->sense = ocelot_allocate(d, sizeof *planter->sense);
    planter->rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!planter->mean || !planter->deviation || !planter->candidates || !planter->correlation || !planter->known || !planter->distance ||
        !planter->chosen || !planter->sense || !planter->rng)
        return ocelot_fail_memory(err, "planting");
    gsl_rng_set(planter->rng, seed);
    learn(planter);
    if (planter->candidate_count == 0)
        return ocelot_fail(err, OCELOT_E_VALUE, "every feature of the table is constant: nothing can be planted");
    return OCELOT_OK;
}

/* Where anomalies begin, ascending: `n` of `length` rows, with a row between them when they are longer than one. */
static enum ocelot_status choose_rows(struct ocelot_planter *planter, size_t n, size_t length, struct ocelot_planting *planting,
                                      struct ocelot_error *err)
{
    size_t step = length > 1 ? length : 0, places = planter->count + (length > 1), taken = 0;
    if (length > planter->count || n > places / (step ? step + 1 : 1))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%zu anomalies of %zu rows do not fit into a table of %zu rows", n, length, planter->count);
    places -= n * step;
    planting->anomalies = ocelot_allocate(n, sizeof *planting->anomalies);
    if (!planting->anomalies)
        return ocelot_fail_memory(err, "the anomalies");
    for (size_t place = 0; place < places && taken < n; place++) /* each subset is equally likely */
        if ((double)(places - place) * gsl_rng_uniform(planter->rng) < (double)(n - taken)) {
            size_t first = place + taken * step;
            planting->anomalies[taken++] = (struct anomaly){.first = first, .end = first + length};
        }
    planting->count = n;
    return OCELOT_OK;
}

static int ascending(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* --- planting -------------------------------------------------------------------------------------------------------------------- */

static enum ocelot_status note(struct ocelot_planting *planting, struct anomaly *anomaly, const struct ocelot_planter *planter,
                               struct ocelot_error *err)
{
    size_t count = planter->chosen_count;
    if (planting->feature_count + count > planting->feature_capacity) {
        size_t capacity = 2 * (planting->feature_count + count);
        size_t *more = ocelot_reallocate(planting->features, capacity, sizeof *more);
        if (!more)
            return ocelot_fail_memory(err, "the anomalies");
        planting->features = more;
        planting->feature_capacity = capacity;
    }
    anomaly->at = planting->feature_count;
    anomaly->count = count;
    memcpy(planting->features + anomaly->at, planter->chosen, count * sizeof *planter->chosen);
    qsort(planting->features + anomaly->at, count, sizeof *planter->chosen, ascending);
    planting->feature_count += count;
    return OCELOT_OK;
}

static enum ocelot_status plant_one(struct ocelot_planter *planter, struct ocelot_planting *planting, struct anomaly *anomaly,
                                    const struct ocelot_plant_options *options, double *rows, struct ocelot_error *err)
{
    const struct ocelot_plant_kind *kind = &anomaly->way->kind;
    size_t count = 0;
    planter->strength = options->strength > 0 ? options->strength : kind->strength;
    enum ocelot_status status = draw_features(planter, kind, options->features, &count, err);
    status = status ? status : anomaly->way->choose(planter, count, err);
    status = status ? status : note(planting, anomaly, planter, err);
    for (size_t r = anomaly->first; r < anomaly->end && !status; r++) {
        anomaly->way->change(planter, r, rows + r * planter->features);
        for (size_t k = 0; k < planter->chosen_count && !status; k++) {
            size_t at = r * planter->features + planter->chosen[k];
            if (rows[at] == planter->rows[at] || !isfinite(rows[at]))
                status = ocelot_fail(err, OCELOT_E_VALUE, "row %zu, feature %zu: a value of this size cannot be moved by %g standard deviations", r,
                                     planter->chosen[k], planter->strength);
        }
    }
    return status;
}

static enum ocelot_status plant_all(struct ocelot_planter *planter, const struct ocelot_plant_options *options, double *rows,
                                    struct ocelot_planting *planting, struct ocelot_error *err)
{
    const struct ocelot_plant_way *ways[WAYS];
    size_t way_count = 0, length = options->length ? options->length : 1, n = options->count;
    enum ocelot_status status = choose_ways(options->kinds ? options->kinds : "all", ways, &way_count, err);
    if (n == 0)
        n = (size_t)(options->share * (double)planter->count / (double)length + 0.5);
    if (!status && length > planter->count)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "anomalies of %zu rows do not fit into a table of %zu rows", length, planter->count);
    if (status || n == 0 || way_count == 0)
        return status;
    status = open_planter(planter, options->seed, err);
    status = status ? status : choose_rows(planter, n, length, planting, err);
    for (size_t k = 0; k < planting->count && !status; k++) {
        planting->anomalies[k].way = ways[k % way_count];
        status = plant_one(planter, planting, &planting->anomalies[k], options, rows, err);
    }
    return status;
}

enum ocelot_status ocelot_plant(double *rows, size_t count, size_t features, const struct ocelot_plant_options *options, struct ocelot_planting **out,
                                struct ocelot_error *err)
{
    size_t size = 0;
    double *before = ocelot_size_multiply(count, features, &size) ? ocelot_allocate(size, sizeof *before) : NULL;
    struct ocelot_planting *planting = ocelot_allocate(1, sizeof *planting);
    struct ocelot_planter planter = {.rows = before, .count = count, .features = features};
    enum ocelot_status status = OCELOT_OK;
    if (!before || !planting) {
        status = ocelot_fail_memory(err, "the table");
        goto done;
    }
    if (size)
        memcpy(before, rows, size * sizeof *before);
    status = plant_all(&planter, options, rows, planting, err);
    close_planter(&planter);
done:
    free(before);
    if (status) {
        ocelot_planting_free(planting);
        return status;
    }
    *out = planting;
    return OCELOT_OK;
}

size_t ocelot_planting_count(const struct ocelot_planting *planting)
{
    return planting->count;
}

struct ocelot_planted ocelot_planting_at(const struct ocelot_planting *planting, size_t k)
{
    const struct anomaly *anomaly = &planting->anomalies[k];
    return (struct ocelot_planted){anomaly->first, anomaly->end, anomaly->count, planting->features + anomaly->at, anomaly->way->kind.name};
}

void ocelot_planting_free(struct ocelot_planting *planting)
{
    if (planting) {
        free(planting->anomalies);
        free(planting->features);
        free(planting);
    }
}
