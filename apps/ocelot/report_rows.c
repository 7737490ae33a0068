/* The rows of a report: ranked, explained one by one, side by side, and summed up. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "io/markup.h"
#include "io/page.h"
#include "ocelot/report.h"

enum { REASONS = 3 };

void ocelot_report_row_name(const struct ocelot_report_row *row, struct ocelot_text *text)
{
    if (row->id && *row->id) {
        ocelot_text_string(text, row->id);
    } else {
        ocelot_text_format(text, "row %zu", row->row);
    }
}

static void put_name(struct ocelot_text *text, const struct ocelot_report_row *row)
{
    struct ocelot_text name = {0};
    ocelot_report_row_name(row, &name);
    text->failed = text->failed || name.failed;
    ocelot_markup_name(text, name.failed ? "" : name.bytes);
    ocelot_text_free(&name);
}

static const char *target_name(const struct ocelot_report *report, const struct ocelot_report_row *row)
{
    return report->view.outputs[row->decision.target];
}

static void put_predicted(const struct ocelot_report *report, const struct ocelot_report_row *row, struct ocelot_text *text)
{
    if (report->view.context.network) {
        ocelot_markup_name(text, report->view.outputs[(size_t)row->decision.predicted]);
    } else {
        ocelot_markup_value(text, row->decision.predicted);
    }
}

/* "pressure 9.1, expected 5.9 (53 %)" */
static void reason(struct ocelot_text *text, const struct ocelot_waterfall_bar *bar)
{
    ocelot_text_string(text, "<li>");
    ocelot_markup_name(text, bar->name);
    if (bar->members > 1) {
        ocelot_text_format(text, ", %zu features", bar->members);
    } else {
        ocelot_text_string(text, " ");
        ocelot_markup_value(text, bar->value);
    }
    if (isfinite(bar->expected)) {
        ocelot_text_string(text, ", expected ");
        ocelot_markup_beside(text, bar->expected, bar->value);
    }
    ocelot_text_string(text, " (");
    ocelot_markup_percent(text, bar->share);
    ocelot_text_string(text, ")</li>");
}

/* `name` stands before the number where the screen is too narrow for columns. */
static void number_cell(struct ocelot_text *text, const char *name, double value)
{
    ocelot_text_format(text, "<td class=\"num\" data-name=\"%s\">", name);
    ocelot_markup_number(text, value, 4);
    ocelot_text_string(text, "</td>");
}

static void ranking_row(const struct ocelot_report *report, size_t k, struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_report_story *story = &report->stories[k];
    ocelot_text_format(text, "<tr><td class=\"num soft\">%zu</td><th scope=\"row\">", k + 1);
    if (k < report->cards) {
        ocelot_text_format(text, "<a href=\"#row-%zu\">", story->row->row);
    }
    put_name(text, story->row);
    ocelot_text_string(text, k < report->cards ? "</a>" : "");
    if (report->data.ids) {
        ocelot_text_format(text, "<small>row %zu</small>", story->row->row);
    }
    ocelot_text_string(text, "</th>");
    if (report->data.labels) {
        ocelot_text_string(text, "<td data-name=\"label\">");
        ocelot_markup_name(text, story->row->label ? story->row->label : "");
        ocelot_text_string(text, "</td>");
    }
    if (report->classifier) {
        ocelot_text_string(text, "<td data-name=\"predicted\">");
        put_predicted(report, story->row, text);
        ocelot_text_string(text, "</td><td data-name=\"classes\">");
        ocelot_markup_name(text, target_name(report, story->row));
        ocelot_text_string(text, "</td>");
    }
    number_cell(text, report->noun, story->score);
    if (!report->classifier) {
        number_cell(text, "excess", story->excess);
        if (report->view.info.calibration_rows) {
            number_cell(text, "p-value", story->row->decision.p_value);
        }
    }
    ocelot_text_string(text, "<td class=\"why\">");
    if (report->data.height) {
        ocelot_report_write_thumbs(report, story, text, err);
    } else {
        ocelot_text_string(text, "<ol>");
        for (size_t f = 0; f < story->count && f < REASONS; f++) {
            reason(text, &story->bars[f]);
        }
        ocelot_text_string(text, story->count ? "</ol>" : "<li>no feature</li></ol>");
    }
    ocelot_text_string(text, "</td></tr>\n");
}

static void ranking_head(const struct ocelot_report *report, struct ocelot_text *text)
{
    ocelot_text_string(text, "<thead><tr><th scope=\"col\" class=\"num\">rank</th><th scope=\"col\">row</th>");
    ocelot_text_string(text, report->data.labels ? "<th scope=\"col\">label</th>" : "");
    if (report->classifier) {
        ocelot_text_format(text, "<th scope=\"col\">predicted</th><th scope=\"col\">%s</th>", report->view.context.network ? "explained" : "classes");
    }
    ocelot_text_format(text, "<th scope=\"col\" class=\"num\">%s</th>", report->noun);
    if (!report->classifier) {
        ocelot_text_string(text, "<th scope=\"col\" class=\"num\">excess</th>");
        ocelot_text_string(text, report->view.info.calibration_rows ? "<th scope=\"col\" class=\"num\">p-value</th>" : "");
    }
    ocelot_text_string(text, report->data.height ? "<th scope=\"col\" class=\"why\">picture, relevance</th></tr></thead><tbody>\n"
                                                 : "<th scope=\"col\" class=\"why\">because of</th></tr></thead><tbody>\n");
}

void ocelot_report_write_ranking(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err)
{
    size_t most = report->data.height ? report->cards : OCELOT_REPORT_TABLE;
    size_t shown = report->story_count < most ? report->story_count : most;
    size_t all = report->classifier ? report->data.rows - report->data.failed : report->calm ? shown : report->data.outliers;
    ocelot_page_section(text, "ranking", report->classifier ? "The most decided rows" : report->calm ? "The most unusual rows" : "Anomalies, ranked");
    ocelot_text_string(text, "<p class=\"legend\">");
    if (shown < all) {
        ocelot_text_string(text, "The ");
        ocelot_markup_count(text, shown);
        ocelot_text_string(text, report->classifier ? " rows whose output is farthest from 0, of " : " rows with the highest outlier score, of ");
        ocelot_markup_count(text, all);
        ocelot_text_string(text, ". ");
    }
    if (!report->classifier) {
        ocelot_text_string(text, report->calm ? "None of them is an outlier. " : "");
        ocelot_text_format(text, "Excess is the score minus the %s. ", report->line_name);
    }
    ocelot_text_string(text,
                       "Rows are counted from 0.</p>\n<div class=\"wide\"><table class=\"ranking\"><caption class=\"unseen\">Ranked rows</caption>");
    ranking_head(report, text);
    for (size_t k = 0; k < shown; k++) {
        ranking_row(report, k, text, err);
    }
    ocelot_text_string(text, "</tbody></table></div>\n");
    ocelot_page_section_end(text);
}

static void card_head(const struct ocelot_report *report, size_t k, struct ocelot_text *text)
{
    const struct ocelot_report_story *story = &report->stories[k];
    const struct ocelot_report_row *row = story->row;
    ocelot_text_format(text, "<article class=\"card\" id=\"row-%zu\"><header><h3>%zu. ", row->row, k + 1);
    put_name(text, row);
    ocelot_text_string(text, "</h3><span>");
    if (row->id) {
        ocelot_text_format(text, "row %zu \xc2\xb7 ", row->row);
    }
    if (row->label && *row->label) {
        ocelot_text_string(text, "label ");
        ocelot_markup_name(text, row->label);
        ocelot_text_string(text, " \xc2\xb7 ");
    }
    if (report->classifier) {
        ocelot_text_string(text, "predicted ");
        put_predicted(report, row, text);
        ocelot_text_format(text, " \xc2\xb7 %s ", report->view.context.network ? "explained" : "classes");
        ocelot_markup_name(text, target_name(report, row));
        ocelot_text_string(text, " \xc2\xb7 ");
    }
    ocelot_text_format(text, "%s ", report->noun);
    ocelot_markup_number(text, story->score, 4);
    if (isfinite(story->excess)) {
        ocelot_text_string(text, ", ");
        ocelot_markup_number(text, fabs(story->excess), 3);
        ocelot_text_format(text, " %s the %s", story->excess > 0 ? "above" : "below", report->line_name);
    }
    if (isfinite(row->decision.p_value)) {
        ocelot_text_string(text, " \xc2\xb7 p-value ");
        ocelot_markup_number(text, row->decision.p_value, 2);
    }
    ocelot_text_string(text, "</span></header>\n");
}

static void card_waterfall(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text)
{
    struct ocelot_text caption = {0};
    ocelot_text_format(&caption, "How the features of row %zu add up to its %s", story->row->row, report->noun);
    struct ocelot_waterfall waterfall = {.bars = story->bars,
                                         .count = story->count,
                                         .others = story->others,
                                         .others_relevance = story->others_relevance,
                                         .others_share = story->others_share,
                                         .residual = story->residual,
                                         .residual_share = story->residual_share,
                                         .score = story->score,
                                         .threshold = report->line,
                                         .caption = caption.failed ? "" : caption.bytes,
                                         .ends = report->noun,
                                         .threshold_name = report->line_name,
                                         .residual_name = report->view.decomposes ? "what no single feature accounts for"
                                                                                  : "constants and what the method assigns to no feature",
                                         .groups = report->view.context.members != NULL};
    ocelot_chart_waterfall(text, &waterfall);
    text->failed = text->failed || caption.failed;
    ocelot_text_free(&caption);
}

void ocelot_report_write_cards(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err)
{
    if (report->cards == 0) {
        return;
    }
    ocelot_page_section(text, "rows", "Row by row: why");
    if (report->data.height) {
        ocelot_report_write_scale(report, text);
    } else if (report->classifier) {
        ocelot_text_string(text, "<p>Bars begin at 0 and add up, feature by feature, to the output at the end.</p>\n");
    } else {
        ocelot_text_string(text,
                           "<p>Bars begin at 0 and add up, feature by feature, to the score at the end; the dashed line is the threshold.</p>\n");
    }
    ocelot_text_string(text, report->data.height ? "<div class=\"gallery\">\n" : "");
    for (size_t k = 0; k < report->cards; k++) {
        card_head(report, k, text);
        if (report->data.height) {
            ocelot_report_write_pictures(report, &report->stories[k], text, err);
        } else {
            card_waterfall(report, &report->stories[k], text);
        }
        ocelot_text_string(text, "</article>\n");
    }
    ocelot_text_string(text, report->data.height ? "</div>\n" : "");
    ocelot_page_section_end(text);
}

/* Names, links, shares and scores of the strip, in one block each. */
struct strip_parts {
    const char **columns, **names, **links;
    struct ocelot_text *name_texts;
    char (*link_texts)[32];
    double *share, *score;
};

static bool make_strip(const struct ocelot_report *report, size_t rows, struct strip_parts *parts)
{
    size_t columns = report->columns;
    parts->columns = ocelot_allocate(columns, sizeof *parts->columns);
    parts->names = ocelot_allocate(rows, sizeof *parts->names);
    parts->links = ocelot_allocate(rows, sizeof *parts->links);
    parts->name_texts = ocelot_allocate(rows, sizeof *parts->name_texts);
    parts->link_texts = ocelot_allocate(rows, sizeof *parts->link_texts);
    parts->share = ocelot_allocate(rows * columns, sizeof *parts->share);
    parts->score = ocelot_allocate(rows, sizeof *parts->score);
    if (!parts->columns || !parts->names || !parts->links || !parts->name_texts || !parts->link_texts || !parts->share || !parts->score) {
        return false;
    }
    for (size_t k = 0; k < columns; k++) {
        parts->columns[k] = report->view.context.names[report->order[k]];
    }
    for (size_t r = 0; r < rows; r++) {
        ocelot_report_row_name(report->stories[r].row, &parts->name_texts[r]);
        parts->names[r] = parts->name_texts[r].failed ? "" : parts->name_texts[r].bytes;
        snprintf(parts->link_texts[r], sizeof parts->link_texts[r], "row-%zu", report->stories[r].row->row);
        parts->links[r] = r < report->cards ? parts->link_texts[r] : NULL;
        parts->score[r] = report->stories[r].score;
        for (size_t k = 0; k < columns; k++) {
            parts->share[r * columns + k] = report->stories[r].strip[k];
        }
    }
    return true;
}

void ocelot_report_write_strip(const struct ocelot_report *report, struct ocelot_text *text)
{
    struct strip_parts parts = {0};
    size_t rows = report->story_count < OCELOT_REPORT_STRIP ? report->story_count : OCELOT_REPORT_STRIP;
    if (make_strip(report, rows, &parts)) {
        struct ocelot_strip strip = {
            .columns = parts.columns,
            .row_names = parts.names,
            .row_links = parts.links,
            .share = parts.share,
            .score = parts.score,
            .row_count = rows,
            .column_count = report->columns,
            .caption = "A line a row, the most unusual first; a column a feature, the most relevant first; deeper colour, larger share.",
            .score_name = report->classifier ? "output" : "score"};
        ocelot_page_section(text, "glance", "Side by side");
        ocelot_chart_strip(text, &strip);
        ocelot_page_section_end(text);
    } else {
        text->failed = true;
    }
    for (size_t r = 0; parts.name_texts && r < rows; r++) {
        ocelot_text_free(&parts.name_texts[r]);
    }
    free(parts.columns);
    free(parts.names);
    free(parts.links);
    free(parts.name_texts);
    free(parts.link_texts);
    free(parts.share);
    free(parts.score);
}

/* What the colours of a feature's dots run over: its normal range, else what the dots themselves span. */
static void choose_colours(struct ocelot_feature_summary *summary, size_t dots)
{
    if (isfinite(summary->low) && isfinite(summary->high) && summary->high > summary->low) {
        return;
    }
    summary->low = INFINITY;
    summary->high = -INFINITY;
    for (size_t j = 0; j < dots; j++) {
        summary->low = fmin(summary->low, summary->value[j]);
        summary->high = fmax(summary->high, summary->value[j]);
    }
}

void ocelot_report_write_features(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_report_data *data = &report->data;
    size_t shown = report->columns < report->top ? report->columns : report->top;
    size_t rows = data->subjects ? data->subjects : report->story_count;
    struct ocelot_feature_summary *summaries = ocelot_allocate(shown, sizeof *summaries);
    struct ocelot_features features = {.features = summaries, .count = shown, .dots = report->dots};
    struct ocelot_text caption = {0}, dots_name = {0};
    double all = 0;
    for (size_t i = 0; i < report->view.context.features; i++) {
        all += data->sum[i] / (double)rows;
    }
    for (size_t k = 0; summaries && k < shown; k++) {
        size_t i = report->order[k];
        summaries[k] = (struct ocelot_feature_summary){.name = report->view.context.names[i],
                                                       .mean = data->sum[i] / (double)rows,
                                                       .low = report->view.low[i],
                                                       .high = report->view.high[i],
                                                       .share = report->dot_share + k * report->dots,
                                                       .value = report->dot_value + k * report->dots};
        choose_colours(&summaries[k], report->dots);
        all -= summaries[k].mean;
    }
    features.others = report->view.context.features - shown;
    features.others_mean = features.others ? fmax(0, all) : 0;
    features.groups = report->view.context.members != NULL;
    features.mean_name = report->with_sign ? "mean relevance, without sign" : "mean relevance";
    const char *what = report->classifier ? "row" : report->calm ? "most unusual row" : "outlier";
    ocelot_text_format(&caption, rows == 1 ? "Over %zu %s" : "Over %zu %ss", rows, what);
    ocelot_text_string(&dots_name, report->with_sign ? "share of the relevance, %" : "share of the score, %");
    if (report->dots < rows) {
        ocelot_text_format(&dots_name, " (%zu rows, drawn evenly)", report->dots);
    }
    if (summaries && !caption.failed && !dots_name.failed) {
        features.caption = caption.bytes;
        features.dots_name = dots_name.bytes;
        ocelot_page_section(text, "features", report->view.context.members ? "Which groups matter overall" : "Which features matter overall");
        ocelot_chart_features(text, &features);
        ocelot_page_section_end(text);
    } else {
        text->failed = true;
    }
    ocelot_text_free(&caption);
    ocelot_text_free(&dots_name);
    free(summaries);
}
