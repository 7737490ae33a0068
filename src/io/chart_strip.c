/* The heat strip: a line an anomaly, a cell a feature, the deeper its colour the larger the feature's share. */
#include <math.h>

#include "io/chart.h"
#include "io/markup.h"

enum { CELL_HEIGHT = 18, HEAD_HEIGHT = 128, HEAD_LABEL = 20 };

/* Less than linear: a share of 5 % must be told from none, while half and all are both plainly much. */
static double opacity(double share)
{
    return pow(share, 0.75);
}

static void headings(struct ocelot_text *text, const struct ocelot_strip *strip)
{
    ocelot_text_format(
        text, "<thead><tr><td></td><td class=\"cells\"><svg width=\"100%%\" height=\"%d\" overflow=\"visible\" role=\"img\" aria-label=\"features\">",
        HEAD_HEIGHT);
    for (size_t k = 0; k < strip->column_count; k++) {
        ocelot_text_string(text, "<svg overflow=\"visible\" x=\"");
        ocelot_markup_coordinate(text, 100 * ((double)k + 0.5) / (double)strip->column_count);
        ocelot_text_format(text, "%%\" y=\"%d\"><text class=\"tick\" transform=\"rotate(-52)\" x=\"2\" y=\"3\">", HEAD_HEIGHT - 6);
        ocelot_markup_clip(text, strip->columns[k], HEAD_LABEL);
        ocelot_text_string(text, "<title>");
        ocelot_markup_clip(text, strip->columns[k], 1000);
        ocelot_text_string(text, "</title></text></svg>");
    }
    ocelot_text_string(text, "</svg></td><th scope=\"col\" class=\"num\">");
    ocelot_markup_escape(text, strip->score_name);
    ocelot_text_string(text, "</th></tr></thead><tbody>\n");
}

static void cell(struct ocelot_text *text, const struct ocelot_strip *strip, size_t row, size_t column)
{
    double share = strip->share[row * strip->column_count + column], depth = fmin(1, fabs(share));
    if (!(depth >= 0.005)) {
        return;
    }
    ocelot_text_format(text, "<rect class=\"%s\" y=\"1\" height=\"%d\" x=\"", share < 0 ? "pull" : "push", CELL_HEIGHT - 2);
    ocelot_markup_coordinate(text, 100 * (double)column / (double)strip->column_count);
    ocelot_text_string(text, "%\" width=\"");
    ocelot_markup_coordinate(text, 97 / (double)strip->column_count);

    ocelot_text_string(text, "%\" fill-opacity=\"");
    ocelot_markup_coordinate(text, opacity(depth));
    ocelot_text_string(text, "\"><title>");
    ocelot_markup_clip(text, strip->columns[column], 100);
    ocelot_text_string(text, ": ");
    ocelot_markup_percent(text, share);
    ocelot_text_string(text, "</title></rect>");
}

static void line(struct ocelot_text *text, const struct ocelot_strip *strip, size_t row)
{
    const char *link = strip->row_links ? strip->row_links[row] : NULL;
    ocelot_text_string(text, "<tr><th scope=\"row\">");
    if (link) {
        ocelot_text_string(text, "<a href=\"#");
        ocelot_markup_escape(text, link);
        ocelot_text_string(text, "\">");
    }
    ocelot_markup_name(text, strip->row_names[row]);
    ocelot_text_string(text, link ? "</a>" : "");
    ocelot_text_format(text, "</th><td class=\"cells\"><svg width=\"100%%\" height=\"%d\" aria-hidden=\"true\">", CELL_HEIGHT);
    ocelot_text_format(text, "<rect class=\"plot\" width=\"100%%\" height=\"%d\" y=\"1\"/>", CELL_HEIGHT - 2);
    for (size_t k = 0; k < strip->column_count; k++) {
        cell(text, strip, row, k);
    }
    ocelot_text_string(text, "</svg></td><td class=\"num\">");
    ocelot_markup_number(text, strip->score[row], 4);
    ocelot_text_string(text, "</td></tr>\n");
}

void ocelot_chart_strip(struct ocelot_text *text, const struct ocelot_strip *strip)
{
    int ems = 14 + (int)(strip->column_count * 3 / 2);
    ocelot_text_string(text, "<p class=\"legend\">");
    ocelot_markup_escape(text, strip->caption);
    ocelot_text_format(text, "</p>\n<div class=\"wide\"><table class=\"strip\" style=\"min-width:%dem\"><caption class=\"unseen\">Shares</caption>",
                       ems);
    if (strip->column_count && strip->row_count) {
        headings(text, strip);
        for (size_t k = 0; k < strip->row_count; k++) {
            line(text, strip, k);
        }
        ocelot_text_string(text, "</tbody>");
    }
    ocelot_text_string(text, "</table></div>\n<p class=\"legend\">share of the score: ");
    static const double steps[] = {0.02, 0.1, 0.25, 0.5, 1};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        ocelot_text_string(text, "<svg width=\"22\" height=\"12\" aria-hidden=\"true\"><rect class=\"plot\" width=\"22\" height=\"12\"/>"
                                 "<rect class=\"push\" width=\"22\" height=\"12\" fill-opacity=\"");
        ocelot_markup_coordinate(text, opacity(steps[k]));
        ocelot_text_string(text, "\"/></svg> ");
        ocelot_markup_percent(text, steps[k]);
        ocelot_text_string(text, " &#160; ");
    }
    ocelot_text_string(text, "</p>\n");
}
