/* The table for a terminal. */
#include <math.h>
#include <string.h>

#include "ocelot/evaluation.h"

/* Measures that stand side by side. */
static const struct {
    const char *title;
    enum ocelot_measure_id measure[6];
    size_t count;
} tables[] = {
    {"Conservation, positivity, continuity",
     {OCELOT_MEASURE_CONSERVATION, OCELOT_MEASURE_COUNTED, OCELOT_MEASURE_POSITIVITY, OCELOT_MEASURE_CONTINUITY, OCELOT_MEASURE_JUMP,
      OCELOT_MEASURE_STEEPNESS},
     6},
    {"Selectivity: area under the curve of f while features are replaced, beside the reversed and random orders; share to replace",
     {OCELOT_MEASURE_SELECTIVITY, OCELOT_MEASURE_REVERSED, OCELOT_MEASURE_RANDOM, OCELOT_MEASURE_NEEDED},
     4},
    {"Stability, concentration, and rank correlation with the explanation of a destroyed model",
     {OCELOT_MEASURE_SENSITIVITY, OCELOT_MEASURE_SPARSENESS, OCELOT_MEASURE_ENTROPY, OCELOT_MEASURE_RANDOMISATION},
     4},
};

static int name_width(const struct ocelot_evaluation *evaluation)
{
    size_t most = 8;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        size_t length = strlen(evaluation->contenders[k].name);
        most = length > most ? length : most;
    }
    return (int)(most < 60 ? most : 60);
}

/* "0.0213 ±0.004": the mean and half the width of its interval. */
static void write_interval(const struct ocelot_interval *interval, struct ocelot_text *out)
{
    if (isnan(interval->mean)) {
        ocelot_text_format(out, " %10s %8s", "-", "");
    } else if (isnan(interval->low)) {
        ocelot_text_format(out, " %10.3g %8s", interval->mean, "");
    } else {
        ocelot_text_format(out, " %10.3g \xc2\xb1%-7.1g", interval->mean, (interval->high - interval->low) / 2);
    }
}

static void write_measures(const struct ocelot_evaluation *evaluation, size_t t, int width, struct ocelot_text *out)
{
    ocelot_text_format(out, "\n%s\n  %-*s", tables[t].title, width, "method");
    for (size_t m = 0; m < tables[t].count; m++) {
        ocelot_text_format(out, " %10s %8s", ocelot_measure_at(tables[t].measure[m])->heading, "");
    }
    ocelot_text_string(out, "\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            continue;
        }
        ocelot_text_format(out, "  %-*.60s", width, contender->name);
        for (size_t m = 0; m < tables[t].count; m++) {
            write_interval(&contender->interval[tables[t].measure[m]], out);
        }
        ocelot_text_string(out, "\n");
    }
}

static void write_cost(const struct ocelot_evaluation *evaluation, int width, struct ocelot_text *out)
{
    bool times = !evaluation->settings->no_times;
    ocelot_text_format(out, "\nCost of a row: how often the model is walked forward and backward%s\n  %-*s %10s %10s",
                       times ? ", and processor time" : "", width, "method", "forward", "backward");
    ocelot_text_format(out, times ? " %12s %12s\n" : "\n", "us", "x scoring");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            continue;
        }
        ocelot_text_format(out, "  %-*.60s %10.6g %10.6g", width, contender->name, contender->forward, contender->backward);
        if (times) {
            ocelot_text_format(out, " %12.4g %12.3g", 1e6 * contender->seconds, contender->seconds / evaluation->rows.score_seconds);
        }
        ocelot_text_string(out, "\n");
    }
}

static void write_ticks(const struct ocelot_evaluation *evaluation, int width, struct ocelot_text *out)
{
    static const char *const marks[] = {"-", "no", "(yes)", "yes"};
    ocelot_text_format(out, "\nThe axioms at a glance\n  %-*s", width, "method");
    for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
        ocelot_text_format(out, " %13s", ocelot_axioms[a].name);
    }
    ocelot_text_string(out, "\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            continue;
        }
        ocelot_text_format(out, "  %-*.60s", width, contender->name);
        for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
            ocelot_text_format(out, " %13s", marks[contender->tick[a]]);
        }
        ocelot_text_string(out, "\n");
    }
    for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
        ocelot_text_format(out, "  %-12s  yes: %s; (yes): %s\n", ocelot_axioms[a].name, ocelot_axioms[a].yes, ocelot_axioms[a].partly);
    }
}

enum ocelot_status ocelot_evaluate_text(const struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    int width = name_width(evaluation);
    bool heading = false;
    ocelot_text_format(out, "Explanations of the %zu %s of %zu rows read; features are replaced by: %s", rows->count, rows->pick, rows->read,
                       rows->replace);
    if (rows->height) {
        ocelot_text_format(out, ", in %zu blocks", rows->blocks);
    }
    ocelot_text_format(out, "; paths and small disturbances: first %zu rows.\nMeans \xc2\xb1 half the width of their 95 %% bootstrap interval.\n",
                       rows->disturbed);
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        write_measures(evaluation, t, width, out);
    }
    write_cost(evaluation, width, out);
    write_ticks(evaluation, width, out);
    enum ocelot_status status = evaluation->truth.truth ? ocelot_evaluate_truth_text(evaluation, width, out, err) : OCELOT_OK;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            ocelot_text_string(out, heading ? "" : "\nNot for this model\n");
            ocelot_text_format(out, "  %-*.60s %s\n", width, contender->name, contender->refused);
            heading = true;
        }
    }
    return status;
}
