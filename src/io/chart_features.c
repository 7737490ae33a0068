/* Which features matter over many rows: bars of the mean, and a beeswarm of shares coloured by the feature's value. */
#include <math.h>

#include "io/chart.h"
#include "io/markup.h"

/* Dots are packed as if the swarm were WIDTH pixels wide; the picture then is stretched, the dots stay round. */
enum { WIDTH = 400, HEIGHT = 38, COLUMN = 4, COLOURS = 7 };

/* 0 = low .. COLOURS-1 = high within the normal range; COLOURS = not known. */
static size_t colour(const struct ocelot_feature_summary *feature, double value)
{
    double place = (value - feature->low) / (feature->high - feature->low);
    if (!isfinite(place)) {
        return COLOURS;
    }
    return place <= 0 ? 0 : place >= 1 ? COLOURS - 1 : (size_t)(place * (COLOURS - 2)) + 1;
}

static size_t column_of(double place)
{
    return (size_t)(place * WIDTH / 100 / COLUMN);
}

/* Distance of neighbours in a column: four pixels, or less where the fullest column would not fit. */
static double spacing(const struct ocelot_feature_summary *feature, size_t dots, const struct ocelot_axis *axis)
{
    size_t heap[WIDTH / COLUMN + 1] = {0}, most = 1;
    for (size_t k = 0; k < dots; k++) {
        size_t column = column_of(ocelot_axis_place(axis, feature->share[k]));
        heap[column]++;
        most = heap[column] > most ? heap[column] : most;
    }
    return fmin(4, (HEIGHT - 6.0) / (double)most);
}

static void dots_of(struct ocelot_text *text, const struct ocelot_feature_summary *feature, size_t dots, const struct ocelot_axis *axis, size_t shade)
{
    size_t heap[WIDTH / COLUMN + 1] = {0};
    double step = spacing(feature, dots, axis);
    bool begun = false;
    for (size_t k = 0; k < dots; k++) {
        double place = ocelot_axis_place(axis, feature->share[k]);
        size_t number = heap[column_of(place)]++;
        if (!isfinite(feature->share[k]) || colour(feature, feature->value[k]) != shade) {
            continue;
        }
        if (!begun) {
            ocelot_text_format(text, "<path class=\"dot v%zu\" d=\"", shade);
            begun = true;
        }
        double offset = step * floor((double)(number + 1) / 2) * (number % 2 ? -1 : 1);
        ocelot_text_string(text, "M");
        ocelot_markup_coordinate(text, place * WIDTH / 100);
        ocelot_text_string(text, " ");
        ocelot_markup_coordinate(text, HEIGHT / 2.0 + offset);
        ocelot_text_string(text, "h0");
    }
    ocelot_text_string(text, begun ? "\"/>" : "");
}

static void swarm_cell(struct ocelot_text *text, const struct ocelot_feature_summary *feature, size_t dots, const struct ocelot_axis *axis)
{
    ocelot_text_format(text, "<td class=\"swarm\"><svg width=\"100%%\" height=\"%d\" aria-hidden=\"true\"><title>", HEIGHT);
    ocelot_markup_clip(text, feature->name, 100);
    ocelot_text_string(text, ": one dot a row</title>");
    ocelot_axis_draw(text, axis, 4, HEIGHT, false);
    ocelot_text_format(text, "<svg width=\"100%%\" height=\"%d\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" overflow=\"visible\">", HEIGHT,
                       WIDTH, HEIGHT);
    for (size_t shade = 0; shade <= COLOURS; shade++) {
        dots_of(text, feature, dots, axis, shade);
    }
    ocelot_text_string(text, "</svg></svg></td>");
}

static void mean_cell(struct ocelot_text *text, double mean, double most, const char *kind)
{
    ocelot_text_format(
        text, "<td class=\"mean\"><svg width=\"100%%\" height=\"22\" aria-hidden=\"true\"><rect class=\"%s\" rx=\"2\" y=\"4\" height=\"14\" width=\"",
        kind);
    ocelot_markup_coordinate(text, fmax(0.5, fmin(100, 100 * fabs(mean) / most)));
    ocelot_text_string(text, "%\"/></svg></td><td class=\"num\">");
    ocelot_markup_number(text, mean, 3);
    ocelot_text_string(text, "</td>");
}

static void head(struct ocelot_text *text, const struct ocelot_features *f)
{
    ocelot_text_string(text, "<table class=\"features\"><caption>");
    ocelot_markup_escape(text, f->caption);
    ocelot_text_string(text, "</caption><colgroup><col class=\"label\"/><col class=\"mean\"/><col class=\"number\"/>");
    ocelot_text_string(text, f->dots ? "<col/></colgroup>" : "</colgroup>");
    ocelot_text_string(text, "<thead><tr><th scope=\"col\">feature</th><th scope=\"col\" colspan=\"2\">");
    ocelot_markup_escape(text, f->mean_name);
    ocelot_text_string(text, "</th>");
    if (f->dots) {
        ocelot_text_string(text, "<th scope=\"col\">");
        ocelot_markup_escape(text, f->dots_name);
        ocelot_text_string(text, "</th>");
    }
    ocelot_text_string(text, "</tr></thead><tbody>\n");
}

static struct ocelot_axis fit(const struct ocelot_features *f)
{
    double low = 0, high = 0;
    for (size_t k = 0; k < f->count; k++) {
        for (size_t j = 0; j < f->dots; j++) {
            double share = isfinite(f->features[k].share[j]) ? 100 * f->features[k].share[j] : 0;
            low = fmin(low, share);
            high = fmax(high, share);
        }
    }
    return ocelot_axis_over(low < 0 ? low - 4 : -2, high > 0 ? high + 4 : 100);
}

static void legend(struct ocelot_text *text)
{
    ocelot_text_string(text, "<p class=\"legend\">colour of a dot: the feature's value, low ");
    ocelot_text_string(text, "<svg width=\"98\" height=\"12\" aria-hidden=\"true\">");
    for (int k = 0; k < COLOURS; k++) {
        ocelot_text_format(text, "<path class=\"dot v%d\" d=\"M%d 6h0\"/>", k, 7 + 14 * k);
    }
    ocelot_text_string(text, "</svg> high; the ends are values outside the normal range</p>\n");
}

void ocelot_chart_features(struct ocelot_text *text, const struct ocelot_features *f)
{
    double most = fabs(f->others ? f->others_mean : 0);
    struct ocelot_axis percent = fit(f), axis = {percent.low / 100, percent.high / 100};
    for (size_t k = 0; k < f->count; k++) {
        most = fmax(most, fabs(f->features[k].mean));
    }
    most = most > 0 ? most : 1;
    head(text, f);
    for (size_t k = 0; k < f->count; k++) {
        ocelot_text_string(text, "<tr><th scope=\"row\">");
        ocelot_markup_name(text, f->features[k].name);
        ocelot_text_string(text, "</th>");
        mean_cell(text, f->features[k].mean, most, "push");
        if (f->dots) {
            swarm_cell(text, &f->features[k], f->dots, &axis);
        }
        ocelot_text_string(text, "</tr>\n");
    }
    if (f->others) {
        ocelot_text_string(text, "<tr class=\"rest\"><th scope=\"row\">sum of ");
        ocelot_markup_count(text, f->others);
        ocelot_text_string(text, f->groups ? " others</th>" : f->others == 1 ? " other feature</th>" : " other features</th>");
        mean_cell(text, f->others_mean, most, "push");
        ocelot_text_string(text, f->dots ? "<td></td></tr>\n" : "</tr>\n");
    }
    ocelot_text_string(text, "</tbody>");
    if (f->dots) {
        ocelot_text_string(text,
                           "<tfoot><tr><td></td><td colspan=\"2\"></td><td class=\"swarm\"><svg width=\"100%\" height=\"22\" aria-hidden=\"true\">");
        ocelot_axis_draw(text, &percent, 4, 4, true);
        ocelot_text_string(text, "</svg></td></tr></tfoot>");
    }
    ocelot_text_string(text, "</table>\n");
    if (f->dots) {
        legend(text);
    }
}
