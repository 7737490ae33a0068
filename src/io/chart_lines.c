/* Lines in small panels: how something goes on, method beside method. */
#include <math.h>

#include "io/chart.h"
#include "io/markup.h"

enum { HEIGHT = 110 };

static double place(const struct ocelot_lines *lines, double value)
{
    struct ocelot_axis axis = ocelot_axis_over(lines->low, lines->high);
    return HEIGHT - HEIGHT * ocelot_axis_place(&axis, value) / 100;
}

static void draw(struct ocelot_text *text, const struct ocelot_lines *lines, const struct ocelot_line *line)
{
    bool broken = true, any = false;
    for (size_t k = 0; k < lines->points; k++) {
        double value = line->values[k * line->stride];
        if (!isfinite(value)) {
            broken = true;
            continue;
        }
        ocelot_text_format(text, any ? "%s" : "<path class=\"line %s\" d=\"", any ? "" : line->kind);
        any = true;
        ocelot_text_string(text, broken ? "M" : "L");
        ocelot_markup_coordinate(text, lines->points > 1 ? 1000 * (double)k / (double)(lines->points - 1) : 0);
        ocelot_text_string(text, " ");
        ocelot_markup_coordinate(text, place(lines, value));
        broken = false;
    }
    if (any) {
        ocelot_text_string(text, "\"><title>");
        ocelot_markup_escape(text, line->name);
        ocelot_text_string(text, "</title></path>");
    }
}

/* Horizontal, in the units of the page: a stretched picture would stretch its dashes. */
static void level(struct ocelot_text *text, const char *kind, double y)
{
    ocelot_text_format(text, "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"", kind);
    ocelot_markup_coordinate(text, y);
    ocelot_text_string(text, "\" y2=\"");
    ocelot_markup_coordinate(text, y);
    ocelot_text_string(text, "\"/>");
}

static void label(struct ocelot_text *text, double y, double value)
{
    ocelot_text_string(text, "<text class=\"tick\" x=\"0\" y=\"");
    ocelot_markup_coordinate(text, y);
    ocelot_text_string(text, "\">");
    ocelot_markup_number(text, value, 3);
    ocelot_text_string(text, "</text>");
}

void ocelot_chart_lines(struct ocelot_text *text, const struct ocelot_lines *lines)
{
    ocelot_text_format(text, "<figure><svg width=\"100%%\" height=\"%d\" role=\"img\" aria-label=\"", HEIGHT + 46);
    ocelot_markup_escape(text, lines->caption);
    ocelot_text_format(text, "\"><svg y=\"14\" width=\"100%%\" height=\"%d\" overflow=\"visible\">", HEIGHT);
    level(text, "zero", HEIGHT);
    level(text, "grid", 0);
    if (lines->low < 0 && lines->high > 0) {
        level(text, "zero", place(lines, 0));
    }
    if (isfinite(lines->threshold) && lines->threshold > lines->low && lines->threshold < lines->high) {
        level(text, "threshold", place(lines, lines->threshold));
    }
    ocelot_text_format(text, "<svg width=\"100%%\" height=\"%d\" viewBox=\"0 0 1000 %d\" preserveAspectRatio=\"none\" overflow=\"visible\">", HEIGHT,
                       HEIGHT);
    for (size_t k = 0; k < lines->count; k++) {
        draw(text, lines, &lines->lines[k]);
    }
    ocelot_text_string(text, "</svg></svg>");
    label(text, 10, lines->high);
    label(text, HEIGHT + 27, lines->low);
    ocelot_text_format(text, "<text class=\"tick\" x=\"0\" y=\"%d\">", HEIGHT + 42);
    ocelot_markup_escape(text, lines->left);
    ocelot_text_format(text, "</text><text class=\"tick\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">", HEIGHT + 42);
    ocelot_markup_escape(text, lines->right);
    ocelot_text_string(text, "</text></svg><figcaption>");
    ocelot_markup_escape(text, lines->caption);
    ocelot_text_string(text, "</figcaption></figure>\n");
}

void ocelot_chart_lines_legend(struct ocelot_text *text, const struct ocelot_lines *lines)
{
    ocelot_text_string(text, "<p class=\"legend\">");
    for (size_t k = 0; k < lines->count; k++) {
        ocelot_text_format(
            text, "<svg class=\"key-stroke\" viewBox=\"0 0 20 6\" preserveAspectRatio=\"none\"><path class=\"line %s\" d=\"M0 3L20 3\"/></svg>",
            lines->lines[k].kind);
        ocelot_markup_escape(text, lines->lines[k].name);
    }
    if (isfinite(lines->threshold)) {
        ocelot_text_string(text, " <span class=\"key-line\"></span>threshold");
    }
    ocelot_text_string(text, "</p>\n");
}
