/* The table as one JSON object. Times come last, by themselves: everything before them is the same in every run. */
#include <math.h>

#include "ocelot/evaluation.h"

static void write_interval(const struct ocelot_interval *interval, struct ocelot_text *out)
{
    ocelot_text_string(out, "{\"mean\":");
    ocelot_text_json_number(out, interval->mean);
    ocelot_text_string(out, ",\"low\":");
    ocelot_text_json_number(out, interval->low);
    ocelot_text_string(out, ",\"high\":");
    ocelot_text_json_number(out, interval->high);
    ocelot_text_format(out, ",\"rows\":%zu}", interval->count);
}

static void write_numbers(const char *name, const double *values, size_t n, struct ocelot_text *out)
{
    ocelot_text_format(out, ",\"%s\":[", name);
    for (size_t k = 0; k < n; k++) {
        ocelot_text_string(out, k ? "," : "");
        ocelot_text_json_number(out, values[k]);
    }
    ocelot_text_string(out, "]");
}

static void write_contender(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender, struct ocelot_text *out)
{
    size_t points = evaluation->points;
    ocelot_text_string(out, "{\"name\":");
    ocelot_text_json_string(out, contender->name);
    ocelot_text_string(out, ",\"method\":");
    ocelot_text_json_string(out, contender->method->name);
    for (size_t m = 0; m < OCELOT_MEASURE_COUNT; m++) {
        ocelot_text_format(out, ",\"%s\":", ocelot_measure_at(m)->name);
        write_interval(&contender->interval[m], out);
    }
    ocelot_text_string(out, ",\"gain_over_random\":");
    write_interval(&contender->gain, out);
    ocelot_text_string(out, ",\"forward\":");
    ocelot_text_json_number(out, contender->forward);
    ocelot_text_string(out, ",\"backward\":");
    ocelot_text_json_number(out, contender->backward);
    write_numbers("curve", contender->curve, points, out);
    write_numbers("curve_reversed", contender->curve + points, points, out);
    write_numbers("curve_random", contender->curve + 2 * points, points, out);
    ocelot_text_string(out, ",\"ticks\":{");
    for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
        const char *word = ocelot_tick_word(contender->tick[a]);
        ocelot_text_format(out, "%s\"%s\":", a ? "," : "", ocelot_axioms[a].name);
        if (word) {
            ocelot_text_json_string(out, word);
        } else {
            ocelot_text_string(out, "null");
        }
    }
    ocelot_text_string(out, "}}");
}

static void write_times(const struct ocelot_evaluation *evaluation, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"seconds_a_row\":{\"score\":");
    ocelot_text_json_number(out, evaluation->rows.score_seconds);
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused) {
            ocelot_text_string(out, ",");
            ocelot_text_json_string(out, evaluation->contenders[k].name);
            ocelot_text_string(out, ":");
            ocelot_text_json_number(out, evaluation->contenders[k].seconds);
        }
    }
    ocelot_text_string(out, "}");
}

enum ocelot_status ocelot_evaluate_json(const struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    const char *comma = "";
    ocelot_text_format(out,
                       "{\"rows\":%zu,\"pick\":\"%s\",\"read\":%zu,\"disturbed\":%zu,\"replace\":\"%s\",\"blocks\":%zu,\"seed\":%zu,\"methods\":[",
                       rows->count, rows->pick, rows->read, rows->disturbed, rows->replace, rows->blocks, evaluation->settings->seed);
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused) {
            ocelot_text_string(out, comma);
            write_contender(evaluation, &evaluation->contenders[k], out);
            comma = ",";
        }
    }
    comma = "";
    ocelot_text_string(out, "],\"refused\":[");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (evaluation->contenders[k].refused) {
            ocelot_text_format(out, "%s{\"name\":", comma);
            ocelot_text_json_string(out, evaluation->contenders[k].name);
            ocelot_text_string(out, ",\"why\":");
            ocelot_text_json_string(out, evaluation->contenders[k].refused);
            ocelot_text_string(out, "}");
            comma = ",";
        }
    }
    ocelot_text_string(out, "]");
    enum ocelot_status status = evaluation->truth.truth ? ocelot_evaluate_truth_json(evaluation, out, err) : OCELOT_OK;
    if (!evaluation->settings->no_times) {
        write_times(evaluation, out);
    }
    ocelot_text_string(out, "}\n");
    return status;
}
