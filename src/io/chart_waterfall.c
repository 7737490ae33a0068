/* A waterfall: one row of a table a feature, its bar beginning where the one above ended. */
#include <math.h>

#include "io/chart.h"
#include "io/markup.h"

/* Lines reach BEYOND any row's end: the picture is as high as the words beside it and cuts them there, so that they meet. */
enum { BAR_TOP = 10, BAR_HEIGHT = 22, BEYOND = 600, GLYPH_WIDTH = 96 };

struct drawing {
    struct ocelot_text *text;
    const struct ocelot_waterfall *waterfall;
    struct ocelot_axis axis;
    double reached; /* where the next bar begins */
    bool first;
};

static double known(double value)
{
    return isfinite(value) ? value : 0;
}

static void include(struct ocelot_axis *axis, double value)
{
    if (isfinite(value)) {
        axis->low = fmin(axis->low, value);
        axis->high = fmax(axis->high, value);
    }
}

static struct ocelot_axis fit(const struct ocelot_waterfall *w)
{
    struct ocelot_axis axis = {0, 0};
    double sum = 0;
    for (size_t k = 0; k < w->count; k++) {
        sum += known(w->bars[k].relevance);
        include(&axis, sum);
    }
    include(&axis, sum + known(w->others_relevance));
    include(&axis, w->score);
    include(&axis, w->threshold);
    double margin = 0.03 * (axis.high - axis.low);
    return ocelot_axis_over(axis.low < 0 ? axis.low - margin : 0, axis.high > 0 ? axis.high + margin : 0);
}

static void vertical(struct drawing *d, const char *kind, double value, double top, double bottom)
{
    ocelot_text_format(d->text, "<line class=\"%s\" x1=\"", kind);
    ocelot_markup_coordinate(d->text, ocelot_axis_place(&d->axis, value));
    ocelot_text_string(d->text, "%\" x2=\"");
    ocelot_markup_coordinate(d->text, ocelot_axis_place(&d->axis, value));
    ocelot_text_string(d->text, "%\" y1=\"");
    ocelot_markup_coordinate(d->text, top);
    ocelot_text_string(d->text, "\" y2=\"");
    ocelot_markup_coordinate(d->text, bottom);
    ocelot_text_string(d->text, "\"/>");
}

static void range_mark(struct ocelot_text *text, const struct ocelot_axis *axis, double value, const char *before, const char *after)
{
    ocelot_text_string(text, before);
    ocelot_markup_coordinate(text, 4 + (GLYPH_WIDTH - 8) * ocelot_axis_place(axis, value) / 100);
    ocelot_text_string(text, after);
}

/* The value beside the normal range and the expected value, on a scale of the feature's own. */
static void glyph(struct ocelot_text *text, const struct ocelot_waterfall_bar *bar)
{
    bool range = isfinite(bar->low) && isfinite(bar->high), expected = isfinite(bar->expected);
    if (!isfinite(bar->value) || !(range || expected)) {
        return;
    }
    struct ocelot_axis axis = {bar->value, bar->value};
    include(&axis, bar->expected);
    include(&axis, range ? bar->low : bar->value);
    include(&axis, range ? bar->high : bar->value);
    axis = ocelot_axis_over(axis.low, axis.high);
    ocelot_text_format(text, "<svg width=\"%d\" height=\"16\" aria-hidden=\"true\"><line class=\"range-line\" x1=\"0\" x2=\"%d\" y1=\"8\" y2=\"8\"/>",
                       GLYPH_WIDTH, GLYPH_WIDTH);
    if (range) {
        double low = ocelot_axis_place(&axis, bar->low), high = ocelot_axis_place(&axis, bar->high);
        range_mark(text, &axis, bar->low, "<rect class=\"range\" y=\"4\" height=\"8\" rx=\"2\" x=\"", "\" width=\"");
        ocelot_markup_coordinate(text, fmax(2, (GLYPH_WIDTH - 8) * (high - low) / 100));
        ocelot_text_string(text, "\"><title>normal range</title></rect>");
    }
    if (expected) {
        range_mark(text, &axis, bar->expected, "<rect class=\"expected\" y=\"1\" height=\"14\" width=\"2.5\" x=\"",
                   "\"><title>expected</title></rect>");
    }
    range_mark(text, &axis, bar->value,
               bar->relevance < 0 ? "<circle class=\"value pull\" cy=\"8\" r=\"4\" cx=\"" : "<circle class=\"value push\" cy=\"8\" r=\"4\" cx=\"",
               "\"><title>value</title></circle></svg>");
}

/* The bar of `part` from where the last one ended, and the line that leads to the next. */
static void bar_cell(struct drawing *d, double part, const char *kind)
{
    double from = ocelot_axis_place(&d->axis, d->reached), to = ocelot_axis_place(&d->axis, d->reached + part);
    ocelot_text_string(d->text, "<td class=\"bar\"><svg aria-hidden=\"true\">");
    ocelot_axis_draw(d->text, &d->axis, 5, BEYOND, false);
    if (!d->first) {
        vertical(d, "link", d->reached, 0, BAR_TOP);
    }
    if (isfinite(d->waterfall->threshold)) {
        vertical(d, "threshold", d->waterfall->threshold, 0, BEYOND);
    }
    ocelot_text_format(d->text, "<rect class=\"%s\" y=\"%d\" height=\"%d\" rx=\"2\" x=\"", kind, BAR_TOP, BAR_HEIGHT);
    ocelot_markup_coordinate(d->text, fmin(from, to));
    ocelot_text_string(d->text, "%\" width=\"");
    ocelot_markup_coordinate(d->text, fmax(0.25, fabs(to - from)));
    ocelot_text_string(d->text, "%\"><title>");
    ocelot_markup_number(d->text, d->reached, 4);
    ocelot_text_string(d->text, " \xe2\x86\x92 ");
    ocelot_markup_number(d->text, d->reached + part, 4);
    ocelot_text_string(d->text, "</title></rect>");
    d->reached += part;
    d->first = false;
    vertical(d, "link", d->reached, BAR_TOP + BAR_HEIGHT, BEYOND);
    ocelot_text_string(d->text, "</svg></td>");
}

static void number_cell(const struct drawing *d, double part, double share, double error)
{
    struct ocelot_text *text = d->text;
    bool little = part != 0 && fabs(part) < 5e-4 * fabs(d->waterfall->score);
    ocelot_text_string(text, "<td class=\"num\">");
    ocelot_text_string(text, little ? "\xe2\x89\x88 " : part > 0 ? "+" : "");
    ocelot_markup_number(text, little ? 0 : part, 3);
    if (error > 0) {
        ocelot_text_string(text, " <small>\xc2\xb1 ");
        ocelot_markup_number(text, error, 2);
        ocelot_text_string(text, "</small>");
    }
    if (isfinite(share)) {
        ocelot_text_string(text, "<small>");
        ocelot_markup_percent(text, share);
        ocelot_text_string(text, "</small>");
    }
    ocelot_text_string(text, "</td></tr>\n");
}

static void feature_row(struct drawing *d, const struct ocelot_waterfall_bar *bar)
{
    struct ocelot_text *text = d->text;
    ocelot_text_string(text, "<tr><th scope=\"row\">");
    ocelot_markup_name(text, bar->name);
    if (bar->members > 1) {
        ocelot_text_format(text, "<small>%zu features together</small>", bar->members);
    } else {
        ocelot_text_string(text, " = <b>");
        ocelot_markup_value(text, bar->value);
        ocelot_text_string(text, "</b>");
    }
    if (isfinite(bar->expected) || isfinite(bar->low)) {
        ocelot_text_string(text, "<small>");
        if (isfinite(bar->expected)) {
            ocelot_text_string(text, "expected ");
            ocelot_markup_beside(text, bar->expected, bar->value);
        }
        if (isfinite(bar->low) && isfinite(bar->high)) {
            ocelot_text_string(text, isfinite(bar->expected) ? " \xc2\xb7 normal " : "normal ");
            ocelot_markup_beside(text, bar->low, bar->value);
            ocelot_text_string(text, " to ");
            ocelot_markup_beside(text, bar->high, bar->value);
        }
        ocelot_text_string(text, "</small>");
    }
    ocelot_text_string(text, "</th><td class=\"glyph\">");
    glyph(text, bar);
    ocelot_text_string(text, "</td>");
    bar_cell(d, known(bar->relevance), bar->relevance < 0 ? "pull" : "push");
    number_cell(d, bar->relevance, bar->share, bar->error);
}

static void rest_row(struct drawing *d, double part, double share, const char *kind)
{
    ocelot_text_string(d->text, "</th><td class=\"glyph\"></td>");
    bar_cell(d, part, kind);
    number_cell(d, part, share, 0);
}

/* The score and the scale under the bars. */
static void end_row(struct drawing *d)
{
    const struct ocelot_waterfall *w = d->waterfall;
    struct ocelot_text *text = d->text;
    ocelot_text_string(text, "</tbody><tfoot><tr><th scope=\"row\">");
    ocelot_markup_escape(text, w->ends);
    if (isfinite(w->threshold)) {
        ocelot_text_string(text, "<small><span class=\"key-line\"></span>");
        ocelot_markup_escape(text, w->threshold_name);
        ocelot_text_string(text, " ");
        ocelot_markup_number(text, w->threshold, 4);
        ocelot_text_string(text, "</small>");
    }
    ocelot_text_string(text, "</th><td class=\"glyph\"></td><td class=\"bar\"><svg aria-hidden=\"true\">");
    ocelot_axis_draw(text, &d->axis, 5, 26, true);
    if (isfinite(w->threshold)) {
        vertical(d, "threshold", w->threshold, 0, 26);
    }
    vertical(d, "link", d->reached, 0, 13);
    ocelot_text_string(text, "<circle class=\"end\" cy=\"13\" r=\"6\" cx=\"");
    ocelot_markup_coordinate(text, ocelot_axis_place(&d->axis, known(w->score)));
    ocelot_text_string(text, "%\"><title>");
    ocelot_markup_escape(text, w->ends);
    ocelot_text_string(text, "</title></circle></svg></td><td class=\"num\"><b>");
    ocelot_markup_number(text, w->score, 4);
    ocelot_text_string(text, "</b></td></tr></tfoot></table>\n");
}

void ocelot_chart_waterfall(struct ocelot_text *text, const struct ocelot_waterfall *w)
{
    struct drawing d = {text, w, fit(w), 0, true};
    double remains = isfinite(w->residual) ? w->residual : 0;
    bool others = w->others > 0, residual = remains != 0;
    ocelot_text_string(text, "<table class=\"waterfall\"><caption class=\"unseen\">");
    ocelot_markup_escape(text, w->caption);
    ocelot_text_string(text, "</caption><colgroup><col class=\"label\"/><col class=\"glyph\"/><col/><col class=\"number\"/></colgroup><thead "
                             "class=\"unseen\"><tr><th scope=\"col\">Feature</th><th scope=\"col\">Range</th>"
                             "<th scope=\"col\">Bar</th><th scope=\"col\">Relevance and share</th></tr></thead><tbody>\n");
    for (size_t k = 0; k < w->count; k++) {
        feature_row(&d, &w->bars[k]);
    }
    if (others) {
        ocelot_text_string(text, "<tr class=\"rest\"><th scope=\"row\">");
        ocelot_markup_count(text, w->others);
        ocelot_text_string(text, w->groups ? " others" : w->others == 1 ? " other feature" : " other features");
        rest_row(&d, known(w->others_relevance), w->others_share, w->others_relevance < 0 ? "pull" : "push");
    }
    if (residual) {
        ocelot_text_string(text, "<tr class=\"rest\"><th scope=\"row\">residual<small>");
        ocelot_markup_escape(text, w->residual_name);
        ocelot_text_string(text, "</small>");
        rest_row(&d, remains, w->residual_share, "residual");
    }
    end_row(&d);
}
