/* Where the scores lie: bars of the rows, an outline of the held-out rows, and the threshold between bars. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "io/chart.h"
#include "io/markup.h"

enum { BINS = 48, HEIGHT = 190, TOP = 22 };

/* Bins of equal width; what lies beyond the last edge is counted in the last bin, below the first in the first. */
struct bins {
    double low, width;
    double origin, before; /* bins are counted from here, where `before` of them lie below: the threshold, without rounding */
    size_t count;          /* <= 2 * BINS */
    bool above, below;
    size_t held_above, held_below;         /* held-out rows beyond the ends */
    double rows[2 * BINS], held[2 * BINS]; /* shares */
    size_t row_count[2 * BINS];
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is shown: all scores, unless a few lie so far off that the rest would be one bar. */
static bool choose_window(const struct ocelot_histogram *h, double *low, double *high)
{
    size_t n = h->row_count + h->held_count;
    double *all = ocelot_allocate(n, sizeof *all);
    if (!all) {
        return false;
    }
    if (h->row_count) {
        memcpy(all, h->rows, h->row_count * sizeof *all);
    }
    if (h->held_count) {
        memcpy(all + h->row_count, h->held, h->held_count * sizeof *all);
    }
    qsort(all, n, sizeof *all, ascending);
    double lower = all[n / 4], upper = all[n - 1 - n / 4], spread = upper - lower;
    bool line = isfinite(h->threshold);
    double most = fmax(upper + 2.5 * spread, line ? h->threshold + 2 * fabs(h->threshold - lower) : upper);
    double least = fmin(lower - 2.5 * spread, line ? h->threshold - 2 * fabs(h->threshold - upper) : lower);
    *low = fmin(line ? h->threshold : all[0], all[0] < least ? least : all[0]);
    *high = fmax(line ? h->threshold : all[n - 1], all[n - 1] > most ? most : all[n - 1]);
    free(all);
    return true;
}

static size_t bin_of(const struct bins *bins, double score)
{
    double k = ceil((score - bins->origin) / bins->width) - 1 + bins->before; /* (edge, edge]: a score at the threshold is not above it */
    return k < 0 ? 0 : k >= (double)bins->count ? bins->count - 1 : (size_t)k;
}

static void fill(struct bins *bins, const struct ocelot_histogram *h, double low, double high)
{
    struct ocelot_axis axis = ocelot_axis_over(low, high);
    bins->width = (axis.high - axis.low) / BINS;
    bins->low = axis.low - 0.001 * bins->width; /* the smallest score belongs to the first bin */
    bins->origin = bins->low;
    if (isfinite(h->threshold)) {
        bins->origin = h->threshold;
        bins->before = ceil((h->threshold - bins->low) / bins->width);
        bins->low = h->threshold - bins->width * bins->before;
    }
    double count = ceil((axis.high - bins->low) / bins->width);
    bins->count = count > 1 ? count < 2.0 * BINS ? (size_t)count : (size_t)2 * BINS : 1;
    double end = bins->low + bins->width * (double)bins->count;
    for (size_t k = 0; k < h->row_count; k++) {
        size_t bin = bin_of(bins, h->rows[k]);
        bins->rows[bin] += 1 / (double)h->row_count;
        bins->row_count[bin]++;
        bins->above = bins->above || h->rows[k] > end + 0.01 * bins->width;
        bins->below = bins->below || h->rows[k] < bins->low - 0.01 * bins->width;
    }
    for (size_t k = 0; k < h->held_count; k++) {
        bins->held[bin_of(bins, h->held[k])] += 1 / (double)h->held_count;
        bins->held_above += h->held[k] > end + 0.01 * bins->width;
        bins->held_below += h->held[k] < bins->low - 0.01 * bins->width;
    }
}

static double tallest(const struct bins *bins)
{
    double most = 0;
    for (size_t k = 0; k < bins->count; k++) {
        most = fmax(most, fmax(bins->rows[k], bins->held[k]));
    }
    return most > 0 ? most : 1;
}

static void bar(struct ocelot_text *text, const struct bins *bins, size_t k, double most, const struct ocelot_histogram *h)
{
    double from = bins->low + bins->width * (double)k, height = fmax(2, HEIGHT * bins->rows[k] / most);
    bool outside = isfinite(h->threshold) && from > h->threshold - 0.5 * bins->width;
    ocelot_text_format(text, "<rect class=\"%s\" x=\"", outside ? "push" : "usual");
    ocelot_markup_coordinate(text, 100 * ((double)k + 0.06) / (double)bins->count);
    ocelot_text_string(text, "%\" width=\"");
    ocelot_markup_coordinate(text, 88 / (double)bins->count);
    ocelot_text_string(text, "%\" y=\"");
    ocelot_markup_coordinate(text, TOP + HEIGHT - height);
    ocelot_text_string(text, "\" height=\"");
    ocelot_markup_coordinate(text, height);
    ocelot_text_string(text, "\"><title>");
    ocelot_markup_count(text, bins->row_count[k]);
    ocelot_text_string(text, bins->row_count[k] == 1 ? " row, " : " rows, ");
    ocelot_markup_escape(text, h->unit);
    if (k + 1 == bins->count && bins->above) {
        ocelot_text_string(text, " above ");
        ocelot_markup_number(text, from, 4);
    } else {
        ocelot_text_string(text, " ");
        ocelot_markup_number(text, from, 4);
        ocelot_text_string(text, " to ");
        ocelot_markup_number(text, from + bins->width, 4);
    }
    ocelot_text_string(text, "</title></rect>");
}

/* The held-out rows as a line of steps, in a picture of its own that is stretched to the width. */
static void outline(struct ocelot_text *text, const struct bins *bins, double most)
{
    ocelot_text_format(
        text, "<svg y=\"%d\" width=\"100%%\" height=\"%d\" viewBox=\"0 0 1000 %d\" preserveAspectRatio=\"none\"><path class=\"held\" d=\"M0 %d", TOP,
        HEIGHT, HEIGHT, HEIGHT);
    for (size_t k = 0; k < bins->count; k++) {
        ocelot_text_string(text, "V");
        ocelot_markup_coordinate(text, HEIGHT - (HEIGHT - 1) * bins->held[k] / most);
        ocelot_text_string(text, "H");
        ocelot_markup_coordinate(text, 1000 * ((double)k + 1) / (double)bins->count);
    }
    ocelot_text_format(text, "V%d\"/></svg>", HEIGHT);
}

static void threshold_line(struct ocelot_text *text, const struct ocelot_axis *axis, const struct ocelot_histogram *h)
{
    double place = ocelot_axis_place(axis, h->threshold);
    ocelot_text_string(text, "<line class=\"threshold\" x1=\"");
    ocelot_markup_coordinate(text, place);
    ocelot_text_string(text, "%\" x2=\"");
    ocelot_markup_coordinate(text, place);
    ocelot_text_format(text, "%%\" y1=\"16\" y2=\"%d\"/><text class=\"mark\" y=\"11\" text-anchor=\"%s\" x=\"", TOP + HEIGHT,
                       place > 70   ? "end"
                       : place < 15 ? "start"
                                    : "middle");
    ocelot_markup_coordinate(text, place);
    ocelot_text_string(text, "%\">");
    ocelot_markup_escape(text, h->threshold_name);
    ocelot_text_string(text, " ");
    ocelot_markup_number(text, h->threshold, 4);
    ocelot_text_string(text, "</text>");
}

/* The outline's first and last step, where they hold more than their width says. */
static void held_beyond(struct ocelot_text *text, const struct ocelot_histogram *h, size_t count, const char *side, double end, const char *step)
{
    if (!count) {
        return;
    }
    ocelot_text_string(text, " Of the ");
    ocelot_markup_escape(text, h->held_name);
    ocelot_text_string(text, ", ");
    ocelot_markup_count(text, count);
    ocelot_text_format(text, count == 1 ? " lies %s the end of the axis, " : " lie %s the end of the axis, ", side);
    ocelot_markup_number(text, end, 4);
    ocelot_text_format(text, ", and %s in the %s step.", count == 1 ? "is counted" : "are counted", step);
}

static void legend(struct ocelot_text *text, const struct bins *bins, const struct ocelot_histogram *h)
{
    ocelot_text_string(text, "<figcaption><span class=\"key usual-key\"></span>");
    ocelot_markup_escape(text, h->rows_name);
    if (isfinite(h->threshold)) {
        ocelot_text_string(text, " <span class=\"key push-key\"></span>above the ");
        ocelot_markup_escape(text, h->threshold_name);
    }
    if (h->held_count) {
        ocelot_text_string(text, " <span class=\"key held-key\"></span>");
        ocelot_markup_escape(text, h->held_name);
    }
    ocelot_text_string(text, ". Heights are shares of the rows of each kind.");
    if (bins->above) {
        ocelot_text_string(text, " The last bar holds everything above ");
        ocelot_markup_number(text, bins->low + bins->width * (double)(bins->count - 1), 4);
        ocelot_text_string(text, ".");
    }
    if (bins->below) {
        ocelot_text_string(text, " The first bar holds everything below ");
        ocelot_markup_number(text, bins->low + bins->width, 4);
        ocelot_text_string(text, ".");
    }
    held_beyond(text, h, bins->held_above, "above", bins->low + bins->width * (double)bins->count, "last");
    held_beyond(text, h, bins->held_below, "below", bins->low, "first");
    ocelot_text_string(text, "</figcaption>");
}

void ocelot_chart_histogram(struct ocelot_text *text, const struct ocelot_histogram *h)
{
    struct bins bins = {0};
    double low = 0, high = 0;
    if (h->row_count + h->held_count == 0) {
        ocelot_text_string(text, "<p>There is no score to show.</p>\n");
        return;
    }
    if (!choose_window(h, &low, &high)) {
        text->failed = true;
        return;
    }
    fill(&bins, h, low, high);
    double most = tallest(&bins);
    struct ocelot_axis axis = {bins.low, bins.low + bins.width * (double)bins.count};
    ocelot_text_string(text, "<figure><svg class=\"histogram\" width=\"100%\" height=\"250\" role=\"img\" aria-label=\"Distribution of the ");
    ocelot_markup_escape(text, h->unit);
    ocelot_text_format(text, "\"><svg y=\"%d\" width=\"100%%\" height=\"%d\" overflow=\"visible\">", TOP, HEIGHT + 20);
    ocelot_axis_draw(text, &axis, 8, HEIGHT, true);
    ocelot_text_string(text, "</svg>");
    for (size_t k = 0; k < bins.count; k++) {
        if (bins.row_count[k]) {
            bar(text, &bins, k, most, h);
        }
    }
    if (h->held_count) {
        outline(text, &bins, most);
    }
    if (isfinite(h->threshold)) {
        threshold_line(text, &axis, h);
    }
    ocelot_text_format(
        text, "<line class=\"zero\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text class=\"tick\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">",
        TOP + HEIGHT, TOP + HEIGHT, TOP + HEIGHT + 34);
    ocelot_markup_escape(text, h->unit);
    ocelot_text_string(text, " \xe2\x86\x92</text></svg>");
    legend(text, &bins, h);
    ocelot_text_string(text, "</figure>\n");
}
