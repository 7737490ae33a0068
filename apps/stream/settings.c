/* The options of score and explain. */
#include <string.h>
#include <unistd.h>

#include "stream/stream.h"

#define AT(member) offsetof(struct ocelot_stream_settings, member)

const struct ocelot_option ocelot_result_option_table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(output),
     .placeholder = "FILE",
     .summary = "write to FILE, which appears when it is complete; without this, to standard output"},
    {.name = "format",
     .letter = 'f',
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(format),
     .placeholder = "FORMAT",
     .choices = "jsonl|csv|npy|text|libsvm",
     .summary = "what to write; without this, by the ending of FILE, text on a terminal, else jsonl"},
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
     .summary = "classifiers: the pair of classes, such as 1:2 or 1:-1; without this, the predicted class against the runner-up"},
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
     .summary = "jsonl and text: show the K features with the largest relevance, which is faster than all; 0 = all, in text 10"},
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
    {.name = NULL},
};

struct ocelot_plan_options ocelot_stream_plan_options(const struct ocelot_stream_settings *settings)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = settings->method;
    options.settings = settings->set.text;
    options.setting_count = settings->set.count;
    options.target = settings->target;
    options.alpha = settings->alpha;
    options.kernels = settings->arithmetic;
    return options;
}

const struct ocelot_format *ocelot_stream_format(const struct ocelot_stream_settings *settings)
{
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
