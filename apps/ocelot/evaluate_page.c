/* The page: the tutorial's table of ticks, all figures, curves, paths and pictures, and what did not apply. */
#include <math.h>
#include <string.h>

#include "io/markup.h"
#include "io/page.h"
#include "ocelot/evaluation.h"

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void open_table(struct ocelot_text *text, const char *kind, const char *caption)
{
    ocelot_text_format(text, "<div class=\"wide\"><table class=\"figures %s\"><caption>%s</caption><thead><tr><th scope=\"col\">method</th>", kind,
                       caption);
}

static void close_table(struct ocelot_text *text)
{
    ocelot_text_string(text, "</tbody></table></div>\n");
}

static void column(struct ocelot_text *text, const char *heading, const char *title)
{
    ocelot_text_string(text, "<th scope=\"col\" class=\"num\" title=\"");
    ocelot_markup_escape(text, title);
    ocelot_text_string(text, "\">");
    ocelot_markup_escape(text, heading);
    ocelot_text_string(text, "</th>");
}

static void row_name(struct ocelot_text *text, const char *name)
{
    ocelot_text_string(text, "<tr><th scope=\"row\">");
    ocelot_markup_name(text, name);
    ocelot_text_string(text, "</th>");
}

static void interval_cell(struct ocelot_text *text, const struct ocelot_interval *interval)
{
    ocelot_text_string(text, "<td class=\"num\">");
    ocelot_markup_number(text, fabs(interval->mean) < 1e-12 ? 0 : interval->mean, 3);
    if (isfinite(interval->low) && interval->high - interval->low > 1e-12) {
        ocelot_text_string(text, "<small>");
        ocelot_markup_number(text, interval->low, 3);
        ocelot_text_string(text, " to ");
        ocelot_markup_number(text, interval->high, 3);
        ocelot_text_string(text, "</small>");
    }
    ocelot_text_string(text, "</td>");
}

static void write_ticks(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    static const char *const cells[] = {"<td class=\"no\">\xe2\x80\x93</td>", "<td class=\"no\">no</td>", "<td>(\xe2\x9c\x93)</td>",
                                        "<td class=\"yes\">\xe2\x9c\x93</td>"};
    ocelot_page_section(text, "ticks", "The axioms at a glance");
    open_table(text, "ticks", "What each method holds to, by the figures below");
    for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
        ocelot_text_format(text, "<th scope=\"col\">%s</th>", ocelot_axioms[a].name);
    }
    ocelot_text_string(text, "</tr></thead><tbody>\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused) {
            row_name(text, evaluation->contenders[k].name);
            for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
                ocelot_text_string(text, cells[evaluation->contenders[k].tick[a]]);
            }
            ocelot_text_string(text, "</tr>\n");
        }
    }
    close_table(text);
    ocelot_text_string(text, "<dl class=\"terms\">\n");
    for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS; a++) {
        ocelot_text_format(text, "<dt>%s</dt><dd>\xe2\x9c\x93 %s; (\xe2\x9c\x93) %s</dd>\n", ocelot_axioms[a].name, ocelot_axioms[a].yes,
                           ocelot_axioms[a].partly);
    }
    ocelot_text_string(text, "</dl>\n");
    ocelot_page_section_end(text);
}

static void write_figures(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    ocelot_page_section(text, "figures", "All figures");
    open_table(text, "", "Means over the rows, below them their 95 % bootstrap intervals");
    for (size_t m = 0; m < OCELOT_MEASURE_COUNT; m++) {
        column(text, ocelot_measure_at(m)->heading, ocelot_measure_at(m)->summary);
    }
    ocelot_text_string(text, "</tr></thead><tbody>\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused) {
            row_name(text, evaluation->contenders[k].name);
            for (size_t m = 0; m < OCELOT_MEASURE_COUNT; m++) {
                interval_cell(text, &evaluation->contenders[k].interval[m]);
            }
            ocelot_text_string(text, "</tr>\n");
        }
    }
    close_table(text);
    ocelot_text_string(text, "<dl class=\"terms\">\n");
    for (size_t m = 0; m < OCELOT_MEASURE_COUNT; m++) {
        ocelot_text_string(text, "<dt>");
        ocelot_markup_escape(text, ocelot_measure_at(m)->heading);
        ocelot_text_string(text, "</dt><dd>");
        ocelot_markup_escape(text, ocelot_measure_at(m)->summary);
        ocelot_text_string(text, ocelot_measure_at(m)->better < 0   ? "; low is good</dd>\n"
                                 : ocelot_measure_at(m)->better > 0 ? "; high is good</dd>\n"
                                                                    : "</dd>\n");
    }
    ocelot_text_string(text, "</dl>\n");
    ocelot_page_section_end(text);
}

static void write_cost(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    bool times = !evaluation->settings->no_times;
    ocelot_page_section(text, "cost", "What a row costs");
    open_table(text, "", "Walks through the model that explaining a row takes");
    column(text, "forward", "values");
    column(text, "backward", "gradients or relevance");
    if (times) {
        column(text, "microseconds", "of processor time on this machine");
        column(text, "\xc3\x97 scoring", "compared with scoring the row");
    }
    ocelot_text_string(text, "</tr></thead><tbody>\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        const double cells[] = {contender->forward, contender->backward, 1e6 * contender->seconds,
                                contender->seconds / evaluation->rows.score_seconds};
        if (contender->refused) {
            continue;
        }
        row_name(text, contender->name);
        for (size_t c = 0; c < (times ? 4 : 2); c++) {
            ocelot_text_string(text, "<td class=\"num\">");
            ocelot_markup_number(text, cells[c], 4);
            ocelot_text_string(text, "</td>");
        }
        ocelot_text_string(text, "</tr>\n");
    }
    close_table(text);
    ocelot_page_section_end(text);
}

static enum ocelot_status write_truth(const struct ocelot_evaluation *evaluation, struct ocelot_text *text, struct ocelot_error *err)
{
    size_t chosen = ocelot_evaluate_aggregation(evaluation);
    enum ocelot_status status = OCELOT_OK;
    ocelot_page_section(text, "truth", "By the truth");
    ocelot_text_string(text, "<p>");
    ocelot_markup_count(text, ocelot_truth_incidents(evaluation->truth.truth));
    ocelot_text_string(text, " incidents, ");
    ocelot_markup_count(text, evaluation->truth.count);
    ocelot_text_string(text, " rows; a feature of an incident gets ");
    ocelot_markup_escape(text, ocelot_aggregations[chosen]->summary);
    ocelot_text_string(text, ".</p>\n");
    open_table(text, "", "How well relevance ranks the features that were to blame; 95 % bootstrap intervals over incidents");
    for (size_t m = 0; m < OCELOT_TRUTH_METRICS; m++) {
        column(text, ocelot_truth_metrics[m].title, ocelot_truth_metrics[m].summary);
    }
    ocelot_text_string(text, "</tr></thead><tbody>\n");
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        if (evaluation->contenders[k].judge) {
            row_name(text, evaluation->contenders[k].name);
            for (size_t m = 0; m < OCELOT_TRUTH_METRICS && !status; m++) {
                struct ocelot_interval interval = {.mean = NAN};
                status = ocelot_evaluate_truth_interval(evaluation, &evaluation->contenders[k], chosen, m, &interval, err);
                interval_cell(text, &interval);
            }
            ocelot_text_string(text, "</tr>\n");
        }
    }
    close_table(text);
    ocelot_page_section_end(text);
    return status;
}

static void write_refused(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    bool begun = false;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (evaluation->contenders[k].refused) {
            if (!begun) {
                ocelot_page_section(text, "refused", "Not for this model");
                ocelot_text_string(text, "<dl class=\"terms\">\n");
                begun = true;
            }
            ocelot_text_string(text, "<dt>");
            ocelot_markup_name(text, evaluation->contenders[k].name);
            ocelot_text_string(text, "</dt><dd>");
            ocelot_markup_escape(text, evaluation->contenders[k].refused);
            ocelot_text_string(text, "</dd>\n");
        }
    }
    if (begun) {
        ocelot_text_string(text, "</dl>\n");
        ocelot_page_section_end(text);
    }
}

static void write_lead(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    ocelot_text_string(text, "<h1>Which explanation to choose?</h1>\n<p class=\"lead\">Methods of explanation judged on the ");
    ocelot_markup_count(text, rows->count);
    ocelot_text_format(text, " %s of ", rows->pick);
    ocelot_markup_count(text, rows->read);
    ocelot_text_string(text, " rows of <b>");
    ocelot_markup_name(text, file_name(evaluation->data_paths[0]));
    ocelot_text_string(text, "</b>");
    if (evaluation->data_count > 1) {
        ocelot_text_format(text, " and %zu more", evaluation->data_count - 1);
    }
    ocelot_text_string(text, " under <b>");
    ocelot_markup_name(text, file_name(evaluation->model_path));
    ocelot_text_string(text, "</b>.</p>\n");
}

enum ocelot_status ocelot_evaluate_page(const struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    ocelot_page_begin(out, "Which explanation to choose?");
    write_lead(evaluation, out);
    write_ticks(evaluation, out);
    enum ocelot_status status = evaluation->truth.truth ? write_truth(evaluation, out, err) : OCELOT_OK;
    ocelot_evaluate_page_curves(evaluation, out);
    ocelot_evaluate_page_paths(evaluation, out);
    status = status ? status : ocelot_evaluate_page_pictures(evaluation, out, err);
    write_figures(evaluation, out);
    write_cost(evaluation, out);
    write_refused(evaluation, out);
    ocelot_page_end(out, "Made by ocelot evaluate. The page is one file: it runs no script and fetches nothing.");
    return status ? status : out->failed ? ocelot_fail_memory(err, "the page") : OCELOT_OK;
}
