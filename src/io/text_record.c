/* Records for a terminal: a headline, then the features with their values, what was expected, the normal range, and bars. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/cells.h"
#include "io/record.h"

enum {
    NAME_LEAST = 12,
    NAME_MOST = 32,
    NUMBER = 10,
    RANGE_LEAST = 12,
    RANGE_SAMPLE = 256,
    SHARE = 6,
    ERROR_BAR = 8,
    BAR_LEAST = 10,
    BAR_MOST = 40,
    ID_MOST = 32,
    WIDTH = 80
};

/* ANSI sequences; red pushes to outlier, blue away from it. */
enum style { PLAIN, BOLD, DIM, RED, BLUE, GREEN, RED_BOLD, YELLOW, STYLES };
static const char *const sequences[STYLES] = {"", "\033[1m", "\033[2m", "\033[31m", "\033[34m", "\033[32m", "\033[1;31m", "\033[33m"};

static void paint(const struct ocelot_record_context *context, enum style style, struct ocelot_text *out)
{
    if (context->colour && style != PLAIN)
        ocelot_text_string(out, sequences[style]);
}

static void unpaint(const struct ocelot_record_context *context, enum style style, struct ocelot_text *out)
{
    if (context->colour && style != PLAIN)
        ocelot_text_string(out, "\033[0m");
}

static void painted(const struct ocelot_record_context *context, enum style style, const char *string, struct ocelot_text *out)
{
    paint(context, style, out);
    ocelot_text_string(out, string);
    unpaint(context, style, out);
}

/* Which columns fit, and how wide they are. The same for all records of a run, so that tables line up. */
struct layout {
    size_t name, range, bar; /* range 0: not shown */
    bool expected;
};

struct range {
    char text[80];
};
static struct range range_text(const struct ocelot_record_context *context, size_t i)
{
    struct range range = {"-"};
    if (!isnan(context->low[i]) && !isnan(context->high[i]))
        (void)snprintf(range.text, sizeof range.text, "%s .. %s", ocelot_cell_number(context->low[i]).text,
                       ocelot_cell_number(context->high[i]).text);
    return range;
}

/* Wide enough for the first features' ranges: going through thousands for each row would cost more than a crooked line is worth. */
static size_t range_columns(const struct ocelot_record_context *context)
{
    size_t columns = RANGE_LEAST;
    if (context->low == NULL || context->high == NULL)
        return 0;
    for (size_t i = 0; i < context->features && i < RANGE_SAMPLE; i++) {
        size_t length = strlen(range_text(context, i).text);
        columns = length > columns ? length : columns;
    }
    return columns;
}

static struct layout plan(const struct ocelot_record_context *context, bool has_expected)
{
    struct layout layout = {.name = NAME_LEAST, .expected = has_expected, .range = range_columns(context)};
    size_t width = context->columns > 0 ? context->columns : WIDTH;
    for (size_t i = 0; i < context->features && layout.name < NAME_MOST; i++) {
        size_t columns = ocelot_cell_columns(context->names[i], context->utf8);
        layout.name = columns > layout.name ? columns : layout.name;
    }
    layout.name = layout.name < NAME_MOST ? layout.name : NAME_MOST;
    /* margin, gaps, value with its mark, share with its error, bar */
    size_t fixed = 2 + 2 + NUMBER + 2 + SHARE + (context->samples ? ERROR_BAR : 0) + 2 + BAR_LEAST;
    size_t expected = layout.expected ? NUMBER + 2 : 0, range = layout.range > 0 ? layout.range + 2 : 0;
    if (fixed + layout.name + expected + range > width && fixed + NAME_LEAST + expected + range <= width)
        layout.name = width - fixed - expected - range;
    if (fixed + layout.name + expected + range > width) {
        layout.range = 0;
        range = 0;
    }
    if (fixed + layout.name + expected > width) {
        layout.expected = layout.expected && fixed + NAME_LEAST + expected <= width;
        expected = layout.expected ? expected : 0;
        layout.name = width > fixed + expected + NAME_LEAST ? width - fixed - expected : NAME_LEAST;
    }
    size_t used = fixed - BAR_LEAST + layout.name + expected + range;
    layout.bar = width > used + BAR_LEAST ? width - used : BAR_LEAST;
    layout.bar = layout.bar < BAR_MOST ? layout.bar : BAR_MOST;
    return layout;
}

/* "row 17  pump-3", the id no longer than fits. */
static void write_row(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_format(out, "row %zu", record->row);
    const char *texts[] = {record->id, record->label};
    for (size_t i = 0; i < 2; i++) {
        if (texts[i] == NULL)
            continue;
        size_t columns = ocelot_cell_columns(texts[i], context->utf8);
        ocelot_text_string(out, i == 0 ? "  " : "  label ");
        paint(context, i == 0 ? BOLD : PLAIN, out);
        ocelot_cell_text(out, texts[i], columns < ID_MOST ? columns : ID_MOST, context->utf8);
        unpaint(context, i == 0 ? BOLD : PLAIN, out);
    }
}

static void write_number(const char *lead, double value, struct ocelot_text *out)
{
    ocelot_text_string(out, lead);
    ocelot_text_string(out, ocelot_cell_number(value).text);
}

static void write_predicted(const struct ocelot_record_context *context, const struct ocelot_decision *decision, struct ocelot_text *out)
{
    if (context->network && context->outputs != NULL && decision->predicted >= 0)
        ocelot_cell_plain(out, context->outputs[(size_t)decision->predicted], context->utf8);
    else
        ocelot_text_string(out, ocelot_cell_number(decision->predicted).text);
}

static void write_headline(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    const struct ocelot_decision *decision = &record->decision;
    if (context->classifier) {
        write_row(context, record, out);
        ocelot_text_string(out, "   predicted ");
        write_predicted(context, decision, out);
        ocelot_text_string(out, "   output ");
        if (context->outputs != NULL)
            ocelot_cell_plain(out, context->outputs[decision->target], context->utf8);
        write_number(context->outputs != NULL ? " = " : "", decision->output, out);
    } else {
        painted(context, decision->is_outlier ? RED_BOLD : GREEN, decision->is_outlier ? "OUTLIER  " : "normal   ", out);
        write_row(context, record, out);
        write_number("   score ", decision->outlier_score, out);
        write_number(decision->outlier_score > decision->threshold ? " > threshold " : " <= threshold ", decision->threshold, out);
    }
    if (!isnan(decision->p_value))
        write_number("   p ", decision->p_value, out);
    ocelot_text_append(out, "\n", 1);
}

static void write_table_head(const struct ocelot_record_context *context, const struct layout *layout, struct ocelot_text *out)
{
    paint(context, DIM, out);
    ocelot_text_string(out, "  ");
    ocelot_cell_text(out, context->members != NULL ? "group" : "feature", layout->name, context->utf8);
    ocelot_cell_right(out, "value", NUMBER + 2);
    ocelot_text_string(out, "  ");
    if (layout->expected)
        ocelot_cell_right(out, "expected  ", NUMBER + 2);
    if (layout->range > 0)
        ocelot_cell_right(out, "normal range  ", layout->range + 2);
    ocelot_cell_right(out, "share", SHARE);
    if (context->samples)
        ocelot_cell_right(out, "error", ERROR_BAR);
    unpaint(context, DIM, out);
    ocelot_text_append(out, "\n", 1);
}

struct percent {
    char text[32];
};
static struct percent percent_text(double share)
{
    struct percent percent = {"-"};
    double rounded = 100 * share;
    if (fabs(rounded) < 1e6)
        (void)snprintf(percent.text, sizeof percent.text, "%ld%%", lround(rounded));
    else if (isfinite(rounded))
        (void)snprintf(percent.text, sizeof percent.text, "%s1e6%%", rounded > 0 ? ">" : "<-");
    return percent;
}

/* The standard error of a share, "\302\2613%" (plus or minus); blank for what has none. */
static void write_error_bar(const struct ocelot_record_context *context, double error, struct ocelot_text *out)
{
    char text[40] = "";
    const char *sign = context->utf8 ? "\302\261" : "+-";
    long tenths = fabs(error) < 0.1 ? lround(1000 * error) : 0;
    if (fabs(error) < 0.0995)
        (void)snprintf(text, sizeof text, "%s%ld.%ld%%", sign, tenths / 10, tenths % 10);
    else if (!isnan(error))
        (void)snprintf(text, sizeof text, "%s%s", sign, percent_text(error).text);
    size_t columns = ocelot_cell_columns(text, true);
    ocelot_cell_blanks(out, columns < ERROR_BAR ? ERROR_BAR - columns : 0);
    ocelot_text_string(out, text);
}

/* Share as "53%", with its error where there is one, and a bar in proportion to the largest one. */
static void write_share(const struct ocelot_record_context *context, const struct layout *layout, double share, double error, double largest,
                        enum style style, struct ocelot_text *out)
{
    ocelot_cell_right(out, percent_text(share).text, SHARE);
    if (context->samples)
        write_error_bar(context, error, out);
    if (largest > 0 && share != 0 && isfinite(share)) {
        ocelot_text_string(out, "  ");
        paint(context, style, out);
        ocelot_cell_bar(out, fabs(share) / largest, layout->bar, context->utf8, share < 0 && !context->colour);
        unpaint(context, style, out);
    }
    ocelot_text_append(out, "\n", 1);
}

/* What one unit of relevance is in shares; NaN when that cannot be told. */
static double share_unit(const struct ocelot_record *record)
{
    for (size_t k = 0; k < record->shown; k++)
        if (record->relevance[record->order[k]] != 0 && record->share[k] != 0)
            return record->share[k] / record->relevance[record->order[k]];
    return (double)NAN;
}

/* A feature's value with a mark when it is out of its normal range; of a group how many features it has. */
static void write_value(const struct ocelot_record_context *context, const struct ocelot_record *record, size_t i, struct ocelot_text *out)
{
    char members[40] = "";
    double value = record->values[i];
    bool above = context->high != NULL && value > context->high[i], below = context->low != NULL && value < context->low[i];
    enum style style = above || below ? BOLD : PLAIN;
    if (context->members != NULL && context->members[i] > 1)
        (void)snprintf(members, sizeof members, "of %zu", context->members[i]);
    paint(context, style, out);
    ocelot_cell_right(out, members[0] ? members : ocelot_cell_number(value).text, NUMBER + 2);
    ocelot_text_string(out, above ? (context->utf8 ? "\342\206\221" : "^") : below ? (context->utf8 ? "\342\206\223" : "v") : " ");
    unpaint(context, style, out);
    ocelot_text_append(out, " ", 1);
}

static void write_feature(const struct ocelot_record_context *context, const struct layout *layout, const struct ocelot_record *record, size_t k,
                          double unit, double largest, struct ocelot_text *out)
{
    size_t i = record->order[k];
    ocelot_text_string(out, "  ");
    ocelot_cell_text(out, context->names[i], layout->name, context->utf8);
    write_value(context, record, i, out);
    if (layout->expected) {
        ocelot_cell_right(out, ocelot_cell_number(record->expected[k]).text, NUMBER);
        ocelot_text_string(out, "  ");
    }
    if (layout->range > 0) {
        ocelot_cell_right(out, range_text(context, i).text, layout->range);
        ocelot_text_string(out, "  ");
    }
    double share = record->share[k], error = record->error_bar != NULL ? record->error_bar[i] * fabs(unit) : (double)NAN;
    write_share(context, layout, share, error, largest, share < 0 ? BLUE : RED, out);
}

static void write_rest(const struct ocelot_record_context *context, const struct layout *layout, const char *name, double share, double largest,
                       struct ocelot_text *out)
{
    ocelot_text_string(out, "  ");
    paint(context, DIM, out);
    ocelot_cell_text(out, name, layout->name, context->utf8);
    unpaint(context, DIM, out);
    ocelot_cell_blanks(out, NUMBER + 4 + (layout->expected ? NUMBER + 2 : 0) + (layout->range > 0 ? layout->range + 2 : 0));
    write_share(context, layout, share, (double)NAN, largest, DIM, out);
}

static void write_table(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    struct layout layout = plan(context, record->expected != NULL);
    double unit = share_unit(record), rest = record->explained, largest = 0;
    for (size_t k = 0; k < record->shown; k++) {
        rest -= record->relevance[record->order[k]];
        largest = fmax(largest, fabs(record->share[k]));
    }
    bool others = record->shown < record->told;
    if (others && !isnan(rest * unit))
        largest = fmax(largest, fabs(rest * unit));
    if (!isnan(record->residual * unit))
        largest = fmax(largest, fabs(record->residual * unit));
    write_table_head(context, &layout, out);
    for (size_t k = 0; k < record->shown; k++)
        write_feature(context, &layout, record, k, unit, largest, out);
    if (others) {
        char name[40];
        size_t count = record->told - record->shown;
        (void)snprintf(name, sizeof name, "(%zu other%s)", count, count == 1 ? "" : "s");
        write_rest(context, &layout, name, rest * unit, largest, out);
    }
    if (!isnan(record->residual)) /* of an incident, which has none */
        write_rest(context, &layout, "(residual)", record->residual * unit, largest, out);
    ocelot_text_append(out, "\n", 1);
}

static void write_error(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    painted(context, YELLOW, "error    ", out);
    write_row(context, record, out);
    ocelot_text_string(out, "   ");
    ocelot_cell_plain(out, record->error, context->utf8);
    ocelot_text_append(out, context->method != NULL ? "\n\n" : "\n", context->method != NULL ? 2 : 1);
}

/* A scored row: one line, the columns of which line up; texts of any length stand last. */
/* "            19.5  Egyptian cat", one line an output. */
static void write_best(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    for (size_t k = 0; k < record->best_count; k++) {
        ocelot_cell_right(out, ocelot_cell_number(record->best_output[k]).text, NUMBER + 2);
        ocelot_text_string(out, "  ");
        ocelot_cell_plain(out, context->outputs[record->best[k]], context->utf8);
        ocelot_text_append(out, "\n", 1);
    }
}

static void write_line(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    const struct ocelot_decision *decision = &record->decision;
    char row[32];
    (void)snprintf(row, sizeof row, "%zu", record->row);
    ocelot_cell_right(out, row, 8);
    if (context->network) { /* a name may be long: it stands behind the number */
        ocelot_cell_right(out, ocelot_cell_number(decision->output).text, NUMBER + 2);
        ocelot_text_string(out, "  ");
        write_predicted(context, decision, out);
    } else if (context->classifier) {
        ocelot_cell_right(out, ocelot_cell_number(decision->predicted).text, NUMBER + 2);
        ocelot_cell_right(out, ocelot_cell_number(decision->output).text, NUMBER + 2);
    } else {
        ocelot_cell_right(out, ocelot_cell_number(decision->outlier_score).text, NUMBER + 2);
        ocelot_cell_right(out, ocelot_cell_number(decision->threshold).text, NUMBER + 2);
        ocelot_cell_right(out, ocelot_cell_number(decision->p_value).text, NUMBER + 2);
        ocelot_text_string(out, "  ");
        painted(context, decision->is_outlier ? RED_BOLD : GREEN, decision->is_outlier ? "OUTLIER" : "normal", out);
        if (!decision->is_outlier && (record->id != NULL || record->label != NULL))
            ocelot_text_append(out, " ", 1);
    }
    const char *texts[] = {record->id, record->label};
    for (size_t i = 0; i < 2; i++)
        if (texts[i] != NULL) {
            ocelot_text_string(out, "  ");
            ocelot_cell_plain(out, texts[i], context->utf8);
        }
    ocelot_text_append(out, "\n", 1);
}

static void begin(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    (void)rows;
    if (context->method != NULL)
        return;
    paint(context, DIM, out);
    ocelot_text_string(out, context->network      ? "     row      output  predicted"
                            : context->classifier ? "     row   predicted      output"
                                                  : "     row       score   threshold           p");
    unpaint(context, DIM, out);
    ocelot_text_append(out, "\n", 1);
}

static void write_record(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    if (record->error != NULL) {
        write_error(context, record, out);
    } else if (context->method == NULL) {
        write_line(context, record, out);
    } else {
        write_headline(context, record, out);
        write_best(context, record, out);
        if (record->best != NULL && context->shape_rank >= 2) /* pixels tell a reader nothing: heat maps do */
            ocelot_text_append(out, "\n", 1);
        else
            write_table(context, record, out);
    }
}

const struct ocelot_format ocelot_format_text = {
    .name = "text",
    .summary = "for reading on a terminal",
    .begin = begin,
    .record = write_record,
};
