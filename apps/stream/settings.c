/* The options of score and explain. */
#include <string.h>
#include <unistd.h>

#include "stream/plates.h"
#include "stream/stream.h"

#define AT(member) offsetof(struct ocelot_stream_settings, member)

const struct ocelot_option ocelot_result_option_table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(output),
     .placeholder = "FILE",
     .summary = "write to FILE (with --format png: a folder), which appears when it is complete; without this, to standard output"},
    {.name = "format",
     .letter = 'f',
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(format),
     .placeholder = "FORMAT",
     .choices = "jsonl|csv|npy|text|libsvm|png",
     .summary = "what to write (png, of explain only: a heat map a picture, into the folder of --output); without this, by the ending of FILE, text "
                "on a terminal, "
                "else jsonl"},
    {.name = "only-outliers", .type = OCELOT_OPTION_FLAG, .offset = AT(only_outliers), .summary = "write outliers (and rows that failed) only"},
    {.name = "alpha",
     .letter = 'a',
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(alpha),
     .placeholder = "P",
     .low = 0,
     .high = 0.999999, /* 1 would call every row an outlier, and is refused */
     .fallback = "0",
     .summary = "a row is an outlier when its p-value is at most P: about the share of false alarms; 0 = as the model decides"},
    {.name = "target",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(target),
     .placeholder = "OUTPUT",
     .summary =
         "classifiers: the pair of classes, such as 1:2 or 1:-1; without this, the predicted class against the runner-up. Networks: the class by "
         "name, number from 0 or a part of one name; without this, the top one"},
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = AT(quiet), .summary = "say nothing on standard error but errors"},
    {.name = NULL},
};

const struct ocelot_option ocelot_explain_option_table[] = {
    {.name = "method",
     .letter = 'm',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(method),
     .placeholder = "METHOD",
     .summary = "how to explain, a name that `ocelot methods` lists; without this, the model's own: dtd or taylor"},
    {.name = "set",
     .letter = 's',
     .type = OCELOT_OPTION_LIST,
     .offset = AT(set),
     .placeholder = "NAME=VALUE",
     .summary = "an option of the method, as `ocelot methods` lists them"},
    {.name = "top",
     .letter = 'k',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(top),
     .placeholder = "K",
     .low = 0,
     .high = 1e15,
     .fallback = "0",
     .summary = "jsonl and text: show the K features with the largest relevance, which is faster than all; 0 = all, in text and of pictures 10"},
    {.name = "map",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(map),
     .placeholder = "SIDE",
     .choices = "total|excess|lack",
     .fallback = "total",
     .summary = "npy and png, models stacked on a network: relevance of features above those of the support vectors (excess), below (lack), or both"},
    {.name = "support",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(support),
     .placeholder = "K",
     .low = 0,
     .high = 1e15,
     .fallback = "3",
     .summary = "jsonl: show the K support vectors with the largest weight"},
    {.name = NULL},
};

const struct ocelot_option ocelot_rules_option_table[] = {
    {.name = "composite",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(composite),
     .placeholder = "NAME",
     .summary = "--method lrp: the rule of every layer, such as epsilon-plus; `ocelot methods` lists composites"},
    {.name = "rule",
     .type = OCELOT_OPTION_LIST,
     .offset = AT(rule),
     .placeholder = "LAYER=RULE",
     .summary =
         "--method lrp: a rule for layers by name or kind, before the composite's, such as 'Conv*=gamma:0.25' or first=box:0,1; may be repeated"},
    {.name = "box",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(box),
     .placeholder = "BOUNDS",
     .summary =
         "bounds of the box rule: LOW,HIGH, or one pair a channel, LOW,HIGH;LOW,HIGH;LOW,HIGH; auto = what --preprocess makes of black and white"},
    {.name = "log-ratio",
     .type = OCELOT_OPTION_FLAG,
     .offset = AT(log_ratio),
     .summary = "networks: explain log p / (1 - p) of the class instead of its logit"},
    {.name = NULL},
};

const struct ocelot_option ocelot_plate_option_table[] = {
    {.name = "colour-map",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(plates.colour_map),
     .placeholder = "NAME",
     .choices = "bwr|seismic|coldnhot|hot|grey",
     .fallback = "bwr",
     .summary = "colours of heat maps, symmetric around zero; hot shows positive relevance only"},
    {.name = "overlay", .type = OCELOT_OPTION_FLAG, .offset = AT(plates.overlay), .summary = "draw heat over the picture, in grey"},
    {.name = "scale",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(plates.scale),
     .placeholder = "SCALE",
     .choices = "shared|each",
     .low = 1e-300,
     .high = 1e300,
     .fallback = "shared",
     .summary =
         "the relevance of a pixel that gets the full colour: a number, shared (the largest of the run: maps are drawn when all are known), or each "
         "(each picture its own, so that colours cannot be compared)"},
    {.name = "percentile",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(plates.percentile),
     .placeholder = "P",
     .low = 1,
     .high = 100,
     .fallback = "99.9",
     .summary =
         "take this percentile of a picture's |relevance| for its largest; what is beyond it gets the full colour, too. 100 = the largest itself"},
    {.name = "sheet",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(plates.sheet),
     .placeholder = "FILE.png",
     .summary = "draw all pictures beside their heat maps on one sheet"},
    {.name = NULL},
};

const struct ocelot_option ocelot_incident_option_table[] = {
    {.name = "incidents",
     .type = OCELOT_OPTION_FLAG,
     .offset = AT(incidents.wanted),
     .summary = "write one record for consecutive outliers instead of one a row: first and last row, the row of the largest score, and the features "
                "in the order of their relevance in all of them, by --method level where the model has it"},
    {.name = "gap",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(incidents.gap),
     .placeholder = "ROWS",
     .low = 0,
     .high = 1e15,
     .fallback = "0",
     .summary = "--incidents: as many rows that are no outliers, or could not be explained, may lie between two outliers of an incident"},
    {.name = "aggregate",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(incidents.aggregate),
     .placeholder = "WAY",
     .summary = "--incidents: how relevance of the rows becomes that of the incident: max, mean, rms, mean-share, max-share, weighted, loudest, peak "
                "or first; "
                "without this loudest for the method level, max for all others"},
    {.name = NULL},
};

const struct ocelot_option ocelot_work_option_table[] = {
    {.name = "threads",
     .letter = 'j',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(threads),
     .placeholder = "N",
     .low = 0,
     .high = 1024,
     .fallback = "0",
     .summary = "number of threads; 0 = as many as processors. Results do not depend on it"},
    {.name = "batch",
     .letter = 'b',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(batch),
     .placeholder = "ROWS",
     .low = 0,
     .high = 1e15,
     .fallback = "0",
     .summary = "rows read at once; 0 = chosen by their width. Results do not depend on it"},
    {.name = "arithmetic",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(arithmetic),
     .placeholder = "NAME",
     .choices = "reference|baseline|avx2|avx512",
     .summary = "which arithmetic to use; without this, the fastest that this processor has"},
    {.name = "precision",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(precision),
     .placeholder = "NAME",
     .choices = "float64|float32",
     .summary =
         "numbers that layers compute in; without this, float32 for large networks, else float64. Machines with kernels of a "
         "distance and 200 support vectors or more are about twice as fast in float32 under dtd and dtd-conserving and right to 1e-5; rows where "
         "that would not hold are computed in float64"},
    {.name = NULL},
};

const struct ocelot_format *ocelot_stream_format(const struct ocelot_stream_settings *settings)
{
    if (settings->format && strcmp(settings->format, ocelot_format_png.name) == 0) {
        return &ocelot_format_png;
    }
    if (settings->format) {
        return ocelot_format_find(settings->format);
    }
    if (!settings->output || strcmp(settings->output, "-") == 0) {
        return isatty(STDOUT_FILENO) ? &ocelot_format_text : &ocelot_format_jsonl;
    }
    const char *dot = strrchr(settings->output, '.');
    if (dot && strcmp(dot, ".txt") == 0) {
        return &ocelot_format_text;
    }
    const struct ocelot_format *format = dot ? ocelot_format_find(dot + 1) : NULL;
    return format ? format : &ocelot_format_jsonl;
}
