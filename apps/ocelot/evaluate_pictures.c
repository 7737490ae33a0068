/* Pictures of the page: curves of replacement, relevance along a path, and the explanations themselves. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "io/chart.h"
#include "io/heat_map.h"
#include "io/markup.h"
#include "io/page.h"
#include "ocelot/evaluation.h"

enum { STRIP = 24 };

/* Widens [low, high] to hold n values. */
static void hold(const double *values, size_t n, double *low, double *high)
{
    for (size_t k = 0; k < n; k++) {
        if (isfinite(values[k])) {
            *low = fmin(*low, values[k]);
            *high = fmax(*high, values[k]);
        }
    }
}

/* One more chart in a row of them; the first brings the legend, which is the same for all. */
static void add_panel(const struct ocelot_lines *chart, bool *first, struct ocelot_text *text)
{
    if (*first) {
        ocelot_chart_lines_legend(text, chart);
        ocelot_text_string(text, "<div class=\"panels\">\n");
    }
    *first = false;
    ocelot_chart_lines(text, chart);
}

void ocelot_evaluate_page_curves(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    size_t points = evaluation->points;
    double low = 0, high = 0;
    bool first = true;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused) {
            hold(evaluation->contenders[k].curve, 3 * points, &low, &high);
        }
    }
    ocelot_page_section(text, "curves", "Selectivity: f while features are replaced");
    ocelot_text_format(text, "<p>Features are replaced by values that stand for normal (%s)%s, and f is computed anew: the mean over the rows. ",
                       rows->replace, rows->height ? ", block by block" : "");
    ocelot_text_string(
        text, "A selective explanation makes the red line fall at once and the blue one late; both are to be compared with random orders.</p>\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            continue;
        }
        struct ocelot_line lines[] = {{"random orders", "usual", contender->curve + 2 * points, 1},
                                      {"least relevant first", "pull", contender->curve + points, 1},
                                      {"most relevant first", "push", contender->curve, 1}};
        struct ocelot_lines chart = {.lines = lines,
                                     .count = 3,
                                     .points = points,
                                     .low = low,
                                     .high = high,
                                     .threshold = evaluation->one_class ? evaluation->info.threshold : (double)NAN,
                                     .caption = contender->name,
                                     .left = "none replaced",
                                     .right = "all"};
        add_panel(&chart, &first, text);
    }
    ocelot_text_string(text, "</div>\n");
    ocelot_page_section_end(text);
}

/* What the parts are called: quadrants, or features with the rest last. */
static const char *part_name(const struct ocelot_evaluation *evaluation, size_t p)
{
    static const char *const quadrants[] = {"upper left", "upper right", "lower left", "lower right"};
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    bool rest = p + 1 == OCELOT_EVALUATE_PARTS;
    return rows->height ? quadrants[p] : rest ? "all others" : ocelot_model_feature(evaluation->model, rows->part[p]).name;
}

void ocelot_evaluate_page_paths(const struct ocelot_evaluation *evaluation, struct ocelot_text *text)
{
    static const char *const kinds[OCELOT_EVALUATE_PARTS] = {"v0", "v3", "push", "held", "usual"};
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    bool first = true;
    if (!rows->points || !rows->disturbed) {
        return;
    }
    ocelot_page_section(text, "paths", "Continuity: relevance along a path");
    ocelot_text_string(
        text, rows->height
                  ? "<p>The first of the rows is moved from left to right, a quarter of a pixel at a time. The lines are the relevance in its "
                    "quadrants, over the mean of all |relevance| of the method.</p>\n"
                  : "<p>From the first row to the second, in small steps. The lines are the relevance of the most unusual features, over "
                    "the mean of all |relevance| of the method.</p>\n");
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        struct ocelot_line lines[OCELOT_EVALUATE_PARTS];
        if (contender->refused) {
            continue;
        }
        for (size_t p = 0; p < rows->parts; p++) {
            lines[p] = (struct ocelot_line){part_name(evaluation, p), kinds[p], contender->trace + p, rows->parts};
        }
        struct ocelot_lines chart = {.lines = lines,
                                     .count = rows->parts,
                                     .points = rows->points,
                                     .threshold = NAN,
                                     .caption = contender->name,
                                     .left = rows->height ? "left" : "first row",
                                     .right = rows->height      ? "right"
                                              : rows->count > 1 ? "second row"
                                                                : "normal"};
        hold(contender->trace, rows->points * rows->parts, &chart.low, &chart.high);
        add_panel(&chart, &first, text);
    }
    ocelot_text_string(text, "</div>\n");
    ocelot_page_section_end(text);
}

static enum ocelot_status add_picture(struct ocelot_picture *picture, const char *what, struct ocelot_text *text, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_picture_tag(picture, "heat pixels", what, text, err);
    ocelot_picture_free(picture);
    return status;
}

/* The rows themselves, in grey: the sum over channels. */
static enum ocelot_status write_rows(const struct ocelot_evaluation *evaluation, double *map, struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    const size_t shape[3] = {rows->channels, rows->height, rows->width};
    enum ocelot_status status = OCELOT_OK;
    ocelot_text_string(text, "<figure>");
    for (size_t r = 0; r < rows->count && r < OCELOT_EVALUATE_PICTURES && !status; r++) {
        struct ocelot_picture picture = {0};
        char what[64];
        double low = INFINITY, high = -INFINITY;
        ocelot_heat_sum(rows->values + r * evaluation->info.features, shape, map);
        hold(map, rows->height * rows->width, &low, &high);
        snprintf(what, sizeof what, "row %zu as a picture", rows->number[r]);
        status = ocelot_picture_grey(map, rows->height, rows->width, low, high, &picture, err);
        status = status ? status : add_picture(&picture, what, text, err);
    }
    ocelot_text_string(text, "<figcaption>the rows</figcaption></figure>\n");
    return status;
}

static enum ocelot_status write_maps(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender, double *map,
                                     struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    const size_t shape[3] = {rows->channels, rows->height, rows->width};
    enum ocelot_status status = OCELOT_OK;
    ocelot_text_string(text, "<figure>");
    for (size_t r = 0; r < rows->count && r < OCELOT_EVALUATE_PICTURES && !status; r++) {
        struct ocelot_picture picture = {0};
        char what[128];
        double scale = 0;
        snprintf(what, sizeof what, "%.60s: relevance of row %zu", contender->name, rows->number[r]);
        ocelot_heat_sum(contender->relevance + r * evaluation->info.features, shape, map);
        status = ocelot_heat_scale(map, rows->height * rows->width, 99, &scale, err);
        status = status ? status : ocelot_picture_heat(map, rows->height, rows->width, scale, &picture, err);
        status = status ? status : add_picture(&picture, what, text, err);
    }
    ocelot_text_string(text, "<figcaption>");
    ocelot_markup_escape(text, contender->name);
    ocelot_text_string(text, "</figcaption></figure>\n");
    return status;
}

static enum ocelot_status write_images(const struct ocelot_evaluation *evaluation, struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    double *map = ocelot_allocate(rows->height, rows->width * sizeof *map);
    if (!map) {
        return ocelot_fail_memory(err, "the pictures");
    }
    ocelot_page_section(text, "pictures", "The explanations");
    ocelot_text_string(text,
                       "<p>Red speaks for what is explained, blue against it. Every picture has its own scale, so colours are not compared.</p>\n"
                       "<div class=\"maps\">\n");
    enum ocelot_status status = write_rows(evaluation, map, text, err);
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        if (!evaluation->contenders[k].refused) {
            status = write_maps(evaluation, &evaluation->contenders[k], map, text, err);
        }
    }
    ocelot_text_string(text, "</div>\n");
    ocelot_page_section_end(text);
    free(map);
    return status;
}

/* The features that have the largest mean share over the methods, into order. */
static size_t choose_columns(const struct ocelot_evaluation *evaluation, const double *mean, size_t *order)
{
    size_t features = evaluation->info.features, count = features < STRIP ? features : STRIP;
    for (size_t n = 0; n < count; n++) {
        size_t best = features;
        for (size_t i = 0; i < features; i++) {
            bool taken = false;
            for (size_t k = 0; k < n; k++) {
                taken = taken || order[k] == i;
            }
            best = !taken && (best == features || mean[i] > mean[best]) ? i : best;
        }
        order[n] = best;
    }
    return count;
}

static double magnitude(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += fabs(values[i]);
    }
    return sum;
}

/* What the strip is made of. */
struct shares {
    double *mean, *share, *sum;
    const char **names;
    size_t order[STRIP], shown, count;
};

/* Means over the methods choose the columns; then a line a method. */
static void fill_shares(const struct ocelot_evaluation *evaluation, struct shares *s)
{
    size_t features = evaluation->info.features;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const double *relevance = evaluation->contenders[k].relevance;
        double all = evaluation->contenders[k].refused ? 0 : magnitude(relevance, features);
        for (size_t i = 0; i < features && all > 0; i++) {
            s->mean[i] += fabs(relevance[i]) / all;
        }
    }
    s->shown = choose_columns(evaluation, s->mean, s->order);
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        const struct ocelot_contender *contender = &evaluation->contenders[k];
        if (contender->refused) {
            continue;
        }
        double all = magnitude(contender->relevance, features);
        for (size_t c = 0; c < s->shown; c++) {
            s->share[s->count * s->shown + c] = all > 0 ? contender->relevance[s->order[c]] / all : 0;
        }
        for (size_t i = 0; i < features; i++) {
            s->sum[s->count] += contender->relevance[i];
        }
        s->names[s->count++] = contender->name;
    }
}

static void draw_shares(const struct ocelot_evaluation *evaluation, const struct shares *s, struct ocelot_text *text)
{
    const char *columns[STRIP];
    for (size_t c = 0; c < s->shown; c++) {
        columns[c] = ocelot_model_feature(evaluation->model, s->order[c]).name;
    }
    const struct ocelot_strip strip = {.columns = columns,
                                       .row_names = s->names,
                                       .share = s->share,
                                       .score = s->sum,
                                       .row_count = s->count,
                                       .column_count = s->shown,
                                       .caption = "Shares of the relevance of the first row, method by method",
                                       .score_name = "sum"};
    ocelot_page_section(text, "pictures", "The explanations");
    ocelot_chart_strip(text, &strip);
    ocelot_page_section_end(text);
}

static enum ocelot_status write_strip(const struct ocelot_evaluation *evaluation, struct ocelot_text *text, struct ocelot_error *err)
{
    size_t features = evaluation->info.features, contenders = evaluation->contender_count;
    struct shares s = {.mean = ocelot_allocate(features, sizeof *s.mean),
                       .share = ocelot_allocate(contenders, STRIP * sizeof *s.share),
                       .sum = ocelot_allocate(contenders, sizeof *s.sum),
                       .names = ocelot_allocate(contenders, sizeof *s.names)};
    enum ocelot_status status = OCELOT_OK;
    if (s.mean && s.share && s.sum && s.names) {
        fill_shares(evaluation, &s);
        draw_shares(evaluation, &s, text);
    } else {
        status = ocelot_fail_memory(err, "the explanations");
    }
    free(s.mean);
    free(s.share);
    free(s.sum);
    free(s.names);
    return status;
}

enum ocelot_status ocelot_evaluate_page_pictures(const struct ocelot_evaluation *evaluation, struct ocelot_text *text, struct ocelot_error *err)
{
    return (evaluation->rows.height ? write_images : write_strip)(evaluation, text, err);
}
