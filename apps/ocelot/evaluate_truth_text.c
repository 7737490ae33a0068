/* What the truth says of the methods, for people and for programs. */
#include <math.h>
#include <string.h>

#include "ocelot/evaluation.h"

/* Columns of the text: metrics in the order of the table of ocelot/truth.h. */
enum { SHOWN = 5 };

size_t ocelot_evaluate_aggregation(const struct ocelot_evaluation *evaluation)
{
    const char *name = evaluation->settings->aggregate ? evaluation->settings->aggregate : "max";
    for (size_t a = 0; ocelot_aggregations[a]; a++) {
        if (strcmp(ocelot_aggregations[a]->name, name) == 0) {
            return a;
        }
    }
    return 0;
}

enum ocelot_status ocelot_evaluate_truth_interval(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender,
                                                  size_t aggregation, size_t metric, struct ocelot_interval *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    return ocelot_bootstrap(ocelot_judge_values(contender->judge, aggregation, metric), ocelot_truth_incidents(evaluation->truth.truth),
                            settings->draws, settings->seed, out, err);
}

static void write_interval(const struct ocelot_interval *interval, struct ocelot_text *out)
{
    if (isnan(interval->mean)) {
        ocelot_text_format(out, " %8s %6s", "-", "");
    } else if (isnan(interval->low)) {
        ocelot_text_format(out, " %8.3f %6s", interval->mean, "");
    } else {
        ocelot_text_format(out, " %8.3f \xc2\xb1%-5.3f", interval->mean, (interval->high - interval->low) / 2);
    }
}

/* One table: metrics under one aggregation, or one metric under every aggregation. */
static enum ocelot_status write_rows(const struct ocelot_evaluation *evaluation, int width, const size_t (*cell)[2], size_t cells,
                                     struct ocelot_text *out, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (!contender->judge) {
            continue;
        }
        ocelot_text_format(out, "  %-*.60s", width, contender->name);
        for (size_t c = 0; c < cells && !status; c++) {
            struct ocelot_interval interval = {.mean = NAN};
            status = ocelot_evaluate_truth_interval(evaluation, contender, cell[c][0], cell[c][1], &interval, err);
            write_interval(&interval, out);
        }
        ocelot_text_string(out, "\n");
    }
    return status;
}

enum ocelot_status ocelot_evaluate_truth_text(const struct ocelot_evaluation *evaluation, int width, struct ocelot_text *out,
                                              struct ocelot_error *err)
{
    size_t cell[32][2], cells = 0, chosen = ocelot_evaluate_aggregation(evaluation), incidents = ocelot_truth_incidents(evaluation->truth.truth);
    bool rows_only = evaluation->truth.count <= incidents; /* every incident is a row: aggregations make no difference */
    ocelot_text_format(out, "\nBy the truth: %zu incidents, %zu rows", incidents, evaluation->truth.count);
    if (!rows_only) {
        ocelot_text_format(out, "; a feature of an incident gets %s", ocelot_aggregations[chosen]->summary);
    }
    ocelot_text_format(out, "\n  %-*s", width, "method");
    for (size_t m = 0; m < SHOWN; m++) {
        ocelot_text_format(out, " %8.8s %6s", ocelot_truth_metrics[m].title, "");
        cell[cells][0] = chosen;
        cell[cells++][1] = m;
    }
    ocelot_text_string(out, "\n");
    enum ocelot_status status = write_rows(evaluation, width, (const size_t(*)[2])cell, cells, out, err);
    if (status || rows_only) {
        return status;
    }
    size_t metric = 0;
    while (strcmp(ocelot_truth_metrics[metric].name, "hit_rate_100") != 0 && metric + 1 < OCELOT_TRUTH_METRICS) {
        metric++;
    }
    ocelot_text_format(out, "\n%s under every aggregation\n  %-*s", ocelot_truth_metrics[metric].title, width, "method");
    cells = 0;
    for (size_t a = 0; ocelot_aggregations[a] && cells < sizeof cell / sizeof *cell; a++) {
        ocelot_text_format(out, " %10.10s %4s", ocelot_aggregations[a]->name, "");
        cell[cells][0] = a;
        cell[cells++][1] = metric;
    }
    ocelot_text_string(out, "\n");
    return write_rows(evaluation, width, (const size_t(*)[2])cell, cells, out, err);
}

/* Of every incident, in the order of the list of incidents; null where the metric does not exist. */
static void write_values(const double *values, size_t count, struct ocelot_text *out)
{
    for (size_t k = 0; k < count; k++) {
        ocelot_text_string(out, k ? "," : "");
        ocelot_text_json_number(out, values[k]);
    }
}

/* Whom the values are of: rows [start, end) and the features to blame. */
static void write_incidents(const struct ocelot_truth *truth, struct ocelot_text *out)
{
    for (size_t k = 0; k < ocelot_truth_incidents(truth); k++) {
        struct ocelot_truth_incident incident = ocelot_truth_incident_at(truth, k);
        ocelot_text_format(out, "%s{\"start\":%zu,\"end\":%zu,\"features\":[", k ? "," : "", incident.first, incident.end);
        for (size_t i = 0; i < incident.count; i++) {
            ocelot_text_format(out, "%s%zu", i ? "," : "", incident.blamed[i]);
        }
        ocelot_text_string(out, "]}");
    }
}

static enum ocelot_status write_contender(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender,
                                          struct ocelot_text *out, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    ocelot_text_string(out, "{\"name\":");
    ocelot_text_json_string(out, contender->name);
    ocelot_text_format(out, ",\"failed_rows\":%zu", ocelot_judge_failed(contender->judge));
    for (size_t a = 0; ocelot_aggregations[a] && !status; a++) {
        ocelot_text_format(out, ",\"%s\":{", ocelot_aggregations[a]->name);
        for (size_t m = 0; m < OCELOT_TRUTH_METRICS && !status; m++) {
            struct ocelot_interval interval = {.mean = NAN};
            status = ocelot_evaluate_truth_interval(evaluation, contender, a, m, &interval, err);
            ocelot_text_format(out, "%s\"%s\":{\"mean\":", m ? "," : "", ocelot_truth_metrics[m].name);
            ocelot_text_json_number(out, interval.mean);
            ocelot_text_string(out, ",\"low\":");
            ocelot_text_json_number(out, interval.low);
            ocelot_text_string(out, ",\"high\":");
            ocelot_text_json_number(out, interval.high);
            ocelot_text_format(out, ",\"incidents\":%zu,\"values\":[", interval.count);
            write_values(ocelot_judge_values(contender->judge, a, m), ocelot_truth_incidents(evaluation->truth.truth), out);
            ocelot_text_string(out, "]}");
        }
        ocelot_text_string(out, "}");
    }
    ocelot_text_string(out, "}");
    return status;
}

enum ocelot_status ocelot_evaluate_truth_json(const struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    const char *comma = "";
    ocelot_text_format(out, ",\"truth\":{\"incidents\":%zu,\"rows\":%zu,\"list\":[", ocelot_truth_incidents(evaluation->truth.truth),
                       evaluation->truth.count);
    write_incidents(evaluation->truth.truth, out);
    ocelot_text_string(out, "],\"methods\":[");
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        if (evaluation->contenders[k].judge) {
            ocelot_text_string(out, comma);
            status = write_contender(evaluation, &evaluation->contenders[k], out, err);
            comma = ",";
        }
    }
    ocelot_text_string(out, "]}");
    return status;
}
