/* From the rows of an incident to one relevance a feature: one const struct a way, listed at the end. */
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/truth.h"

static double absolute_sum(const double *relevance, size_t features)
{
    double sum = 0;
    for (size_t i = 0; i < features; i++)
        sum += fabs(relevance[i]);
    return sum;
}

static void take_first(double *state, const struct ocelot_incident_row *row, size_t features)
{
    if (row->before == 0)
        memcpy(state, row->relevance, features * sizeof *state);
}

/* The number is the largest score so far. The first of equal ones stays. */
static void take_peak(double *state, const struct ocelot_incident_row *row, size_t features)
{
    if (row->before == 0 || row->score > state[features]) {
        memcpy(state, row->relevance, features * sizeof *state);
        state[features] = row->score;
    }
}

static void take_max(double *state, const struct ocelot_incident_row *row, size_t features)
{
    for (size_t i = 0; i < features; i++)
        if (row->before == 0 || row->relevance[i] > state[i])
            state[i] = row->relevance[i];
}

static void add_relevance(double *state, const struct ocelot_incident_row *row, size_t features)
{
    for (size_t i = 0; i < features; i++)
        state[i] += row->relevance[i];
}

/* Keeps the sign: a feature that speaks for normality in every row must not be blamed for it. */
static void add_squares(double *state, const struct ocelot_incident_row *row, size_t features)
{
    for (size_t i = 0; i < features; i++)
        state[i] += row->relevance[i] * fabs(row->relevance[i]);
}

static void add_shares(double *state, const struct ocelot_incident_row *row, size_t features)
{
    double whole = absolute_sum(row->relevance, features);
    for (size_t i = 0; whole > 0 && i < features; i++)
        state[i] += row->relevance[i] / whole;
}

static void take_max_share(double *state, const struct ocelot_incident_row *row, size_t features)
{
    double whole = absolute_sum(row->relevance, features);
    for (size_t i = 0; i < features; i++) {
        double share = whole > 0 ? row->relevance[i] / whole : 0;
        if (row->before == 0 || share > state[i])
            state[i] = share;
    }
}

/* The number is the sum of weights; a score below 0 has none. */
static void add_weighted(double *state, const struct ocelot_incident_row *row, size_t features)
{
    double weight = fmax(row->score, 0);
    for (size_t i = 0; i < features; i++)
        state[i] += weight * row->relevance[i];
    state[features] += weight;
}

/* Rows in which much is off count most: their relevance is weighted by the square of its sum. */
static void take_loudest(double *state, const struct ocelot_incident_row *row, size_t features)
{
    double sum = absolute_sum(row->relevance, features);
    for (size_t i = 0; i < features; i++) {
        double loud = row->relevance[i] * sum * sum;
        if (row->before == 0 || loud > state[i])
            state[i] = loud;
    }
}

/* In units of relevance again: the cube root of what was found. */
static void root_by_loudness(const double *state, size_t rows, size_t features, double *out)
{
    (void)rows;
    for (size_t i = 0; i < features; i++)
        out[i] = cbrt(state[i]);
}

static void copy(const double *state, size_t rows, size_t features, double *out)
{
    (void)rows;
    memcpy(out, state, features * sizeof *out);
}

static void by_rows(const double *state, size_t rows, size_t features, double *out)
{
    for (size_t i = 0; i < features; i++)
        out[i] = state[i] / (double)rows;
}

static void root_by_rows(const double *state, size_t rows, size_t features, double *out)
{
    for (size_t i = 0; i < features; i++)
        out[i] = copysign(sqrt(fabs(state[i]) / (double)rows), state[i]);
}

static void by_weight(const double *state, size_t rows, size_t features, double *out)
{
    (void)rows;
    for (size_t i = 0; i < features; i++)
        out[i] = state[features] > 0 ? state[i] / state[features] : 0;
}

static const struct ocelot_aggregation point = {.name = "point", .summary = "none: every row is judged by itself, and the figures are averaged"};
static const struct ocelot_aggregation max = {
    .name = "max", .summary = "its largest relevance in any row", .lines = 1, .add = take_max, .finish = copy};
static const struct ocelot_aggregation mean = {.name = "mean", .summary = "its mean relevance", .lines = 1, .add = add_relevance, .finish = by_rows};
static const struct ocelot_aggregation root_mean_square = {
    .name = "rms", .summary = "the root of its mean squared relevance, signs kept", .lines = 1, .add = add_squares, .finish = root_by_rows};
static const struct ocelot_aggregation mean_share = {
    .name = "mean-share", .summary = "its mean share of the row's sum of |relevance|", .lines = 1, .add = add_shares, .finish = by_rows};
static const struct ocelot_aggregation max_share = {
    .name = "max-share", .summary = "its largest share of a row's sum of |relevance|", .lines = 1, .add = take_max_share, .finish = copy};
static const struct ocelot_aggregation weighted = {.name = "weighted",
                                                   .summary = "its mean relevance, rows weighted by their score",
                                                   .lines = 1,
                                                   .numbers = 1,
                                                   .add = add_weighted,
                                                   .finish = by_weight};
static const struct ocelot_aggregation loudest = {.name = "loudest",
                                                  .summary =
                                                      "its largest relevance in any row, rows weighted by the square of their sum of |relevance|",
                                                  .lines = 1,
                                                  .add = take_loudest,
                                                  .finish = root_by_loudness};
static const struct ocelot_aggregation peak = {
    .name = "peak", .summary = "its relevance in the row of the largest score", .lines = 1, .numbers = 1, .add = take_peak, .finish = copy};
static const struct ocelot_aggregation first = {
    .name = "first", .summary = "its relevance in the first row", .lines = 1, .add = take_first, .finish = copy};

const struct ocelot_aggregation *const ocelot_aggregations[] = {
    &point, &max, &mean, &root_mean_square, &mean_share, &max_share, &weighted, &loudest, &peak, &first, NULL,
};

const struct ocelot_aggregation *ocelot_aggregation_find(const char *name)
{
    for (const struct ocelot_aggregation *const *a = ocelot_aggregations; *a; a++)
        if (strcmp((*a)->name, name) == 0)
            return *a;
    return NULL;
}

size_t ocelot_aggregation_doubles(const struct ocelot_aggregation *aggregation, size_t features)
{
    size_t doubles = 0;
    bool fits = ocelot_size_multiply(aggregation->lines, features, &doubles) && ocelot_size_add(doubles, aggregation->numbers, &doubles);
    return fits ? doubles : 0;
}
