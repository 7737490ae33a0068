/* Relevance, row by row, against the truth: incidents open and close as their rows go by. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "ocelot/truth.h"

/* What one incident leaves, for one aggregation, while its rows go by. */
struct gathering {
    double sum[OCELOT_TRUTH_METRICS];  /* aggregations without `add`: of the rows' own metrics, */
    size_t rows[OCELOT_TRUTH_METRICS]; /* of rows that have them */
    double *state;                     /* of the others */
};

struct course {
    bool *blamed;                 /* [features] */
    struct gathering *gatherings; /* [aggregations] */
    size_t rows;
};

struct ocelot_judge {
    const struct ocelot_truth *truth;
    const struct ocelot_aggregation *const *aggregations;
    size_t aggregation_count, features, incidents;
    struct course **courses; /* [incidents], NULL unless open */
    size_t oldest;           /* incidents before this one are closed */
    size_t next;             /* first row that may come */
    size_t rows, failed;
    double *values;     /* [aggregations][metrics][incidents] */
    double *aggregated; /* [features] */
};

static void close_course(const struct ocelot_judge *judge, struct course *course)
{
    for (size_t a = 0; course && course->gatherings && a < judge->aggregation_count; a++)
        free(course->gatherings[a].state);
    if (course) {
        free(course->gatherings);
        free(course->blamed);
        free(course);
    }
}

void ocelot_judge_free(struct ocelot_judge *judge)
{
    if (!judge)
        return;
    for (size_t k = 0; judge->courses && k < judge->incidents; k++)
        close_course(judge, judge->courses[k]);
    free(judge->courses);
    free(judge->values);
    free(judge->aggregated);
    free(judge);
}

enum ocelot_status ocelot_judge_create(const struct ocelot_truth *truth, const struct ocelot_aggregation *const *aggregations,
                                       struct ocelot_judge **out, struct ocelot_error *err)
{
    struct ocelot_judge *judge = ocelot_allocate(1, sizeof *judge);
    size_t values = 0;
    if (!judge)
        return ocelot_fail_memory(err, "the judge");
    judge->truth = truth;
    judge->aggregations = aggregations ? aggregations : ocelot_aggregations;
    while (judge->aggregations[judge->aggregation_count])
        judge->aggregation_count++;
    judge->features = ocelot_truth_features(truth);
    judge->incidents = ocelot_truth_incidents(truth);
    judge->courses = ocelot_allocate(judge->incidents, sizeof(struct course *));
    if (ocelot_size_multiply(judge->aggregation_count * OCELOT_TRUTH_METRICS, judge->incidents, &values))
        judge->values = ocelot_allocate(values, sizeof *judge->values);
    judge->aggregated = ocelot_allocate(judge->features, sizeof *judge->aggregated);
    if (!judge->courses || !judge->values || !judge->aggregated) {
        ocelot_judge_free(judge);
        return ocelot_fail_memory(err, "the figures of all incidents");
    }
    for (size_t n = 0; n < values; n++)
        judge->values[n] = (double)NAN;
    *out = judge;
    return OCELOT_OK;
}

static enum ocelot_status open_course(struct ocelot_judge *judge, size_t k, struct ocelot_error *err)
{
    struct ocelot_truth_incident incident = ocelot_truth_incident_at(judge->truth, k);
    struct course *course = ocelot_allocate(1, sizeof *course);
    bool failed = !course;
    judge->courses[k] = course;
    if (course) {
        course->blamed = ocelot_allocate(judge->features, sizeof *course->blamed);
        course->gatherings = ocelot_allocate(judge->aggregation_count, sizeof *course->gatherings);
        failed = !course->blamed || !course->gatherings;
    }
    for (size_t a = 0; !failed && a < judge->aggregation_count; a++) {
        size_t doubles = ocelot_aggregation_doubles(judge->aggregations[a], judge->features);
        bool none = !judge->aggregations[a]->add;
        course->gatherings[a].state = none || doubles ? ocelot_allocate(doubles, sizeof(double)) : NULL;
        failed = !course->gatherings[a].state;
    }
    for (size_t b = 0; !failed && b < incident.count; b++)
        course->blamed[incident.blamed[b]] = true;
    return failed ? ocelot_fail_memory(err, "the rows of an incident") : OCELOT_OK;
}

static enum ocelot_status add_row(struct ocelot_judge *judge, struct course *course, const double *relevance, double score, struct ocelot_error *err)
{
    struct ocelot_incident_row row = {.relevance = relevance, .score = score, .before = course->rows};
    double own[OCELOT_TRUTH_METRICS];
    for (size_t a = 0; a < judge->aggregation_count; a++) {
        struct gathering *gathering = &course->gatherings[a];
        if (judge->aggregations[a]->add) {
            judge->aggregations[a]->add(gathering->state, &row, judge->features);
            continue;
        }
        enum ocelot_status status = ocelot_truth_measure(relevance, course->blamed, judge->features, own, err);
        if (status)
            return status;
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++)
            if (!isnan(own[m])) {
                gathering->sum[m] += own[m];
                gathering->rows[m]++;
            }
    }
    course->rows++;
    return OCELOT_OK;
}

static bool finite(const double *relevance, size_t features, double score)
{
    bool all = isfinite(score);
    for (size_t i = 0; i < features && all; i++)
        all = isfinite(relevance[i]);
    return all;
}

/* The figures of incident k, whose rows are over. An aggregation that overflows has none. */
static enum ocelot_status conclude(struct ocelot_judge *judge, size_t k, struct ocelot_error *err)
{
    struct course *course = judge->courses[k];
    enum ocelot_status status = OCELOT_OK;
    for (size_t a = 0; course && course->rows && a < judge->aggregation_count && !status; a++) {
        const struct ocelot_aggregation *aggregation = judge->aggregations[a];
        double figures[OCELOT_TRUTH_METRICS];
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++)
            figures[m] = course->gatherings[a].rows[m] ? course->gatherings[a].sum[m] / (double)course->gatherings[a].rows[m] : (double)NAN;
        if (aggregation->add) {
            aggregation->finish(course->gatherings[a].state, course->rows, judge->features, judge->aggregated);
            if (finite(judge->aggregated, judge->features, 0))
                status = ocelot_truth_measure(judge->aggregated, course->blamed, judge->features, figures, err);
        }
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS && !status; m++)
            judge->values[(a * OCELOT_TRUTH_METRICS + m) * judge->incidents + k] = figures[m];
    }
    close_course(judge, course);
    judge->courses[k] = NULL;
    return status;
}

/* Concludes what ends before `row`. Incidents lie in the order of their beginnings, so a long one may outlast later ones. */
static enum ocelot_status conclude_before(struct ocelot_judge *judge, size_t row, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = judge->oldest; k < judge->incidents && !status; k++) {
        struct ocelot_truth_incident incident = ocelot_truth_incident_at(judge->truth, k);
        if (incident.first >= row)
            break;
        if (incident.end <= row) {
            status = conclude(judge, k, err);
            judge->oldest += k == judge->oldest;
        }
    }
    return status;
}

static enum ocelot_status take_row(struct ocelot_judge *judge, size_t row, const double *relevance, const double *given, struct ocelot_error *err)
{
    enum ocelot_status status = conclude_before(judge, row, err);
    bool inside = false, good = false;
    double score = 0;
    for (size_t k = judge->oldest; k < judge->incidents && !status; k++) {
        struct ocelot_truth_incident incident = ocelot_truth_incident_at(judge->truth, k);
        if (incident.first > row)
            break;
        if (incident.end <= row)
            continue;
        if (!inside) {
            for (size_t i = 0; !given && i < judge->features; i++)
                score += fabs(relevance[i]);
            score = given ? *given : score;
            good = finite(relevance, judge->features, score);
            inside = true;
        }
        status = judge->courses[k] ? OCELOT_OK : open_course(judge, k, err);
        if (!status && good)
            status = add_row(judge, judge->courses[k], relevance, score, err);
    }
    judge->rows += inside && good;
    judge->failed += inside && !good;
    return status;
}

enum ocelot_status ocelot_judge_take(struct ocelot_judge *judge, size_t first_row, size_t n, const double *relevance, const double *scores,
                                     struct ocelot_error *err)
{
    if (n && first_row < judge->next)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "row %zu comes after row %zu: a judge takes rows in ascending order", first_row, judge->next - 1);
    enum ocelot_status status = OCELOT_OK;
    for (size_t r = 0; r < n && !status; r++)
        status = take_row(judge, first_row + r, relevance + r * judge->features, scores ? scores + r : NULL, err);
    judge->next = n ? first_row + n : judge->next;
    return status;
}

enum ocelot_status ocelot_judge_finish(struct ocelot_judge *judge, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = judge->oldest; k < judge->incidents && !status; k++)
        if (judge->courses[k])
            status = conclude(judge, k, err);
    return status;
}

const double *ocelot_judge_values(const struct ocelot_judge *judge, size_t aggregation, size_t metric)
{
    return judge->values + (aggregation * OCELOT_TRUTH_METRICS + metric) * judge->incidents;
}

struct ocelot_truth_figure ocelot_judge_figure(const struct ocelot_judge *judge, size_t aggregation, size_t metric)
{
    const double *values = ocelot_judge_values(judge, aggregation, metric);
    struct ocelot_truth_figure figure = {.mean = 0};
    for (size_t k = 0; k < judge->incidents; k++) {
        figure.count += !isnan(values[k]);
        figure.mean += isnan(values[k]) ? 0 : values[k];
    }
    figure.mean = figure.count ? figure.mean / (double)figure.count : (double)NAN;
    figure.without = judge->incidents - figure.count;
    return figure;
}

size_t ocelot_judge_rows(const struct ocelot_judge *judge)
{
    return judge->rows;
}

size_t ocelot_judge_failed(const struct ocelot_judge *judge)
{
    return judge->failed;
}
