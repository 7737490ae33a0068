/* Rows that are images: what they look like, where the relevance lies, and what was expected. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "io/heat_map.h"
#include "io/markup.h"
#include "io/page.h"
#include "io/picture.h"
#include "ocelot/report.h"

/* The error goes to err; writing goes on, so that the page stays whole until it is dropped. */
static void grey(const struct ocelot_report *report, const double *values, const char *kind, const char *what, struct ocelot_text *text,
                 struct ocelot_error *err)
{
    struct ocelot_picture picture = {0};
    enum ocelot_status status =
        ocelot_picture_grey(values, report->data.height, report->data.width, report->grey_low, report->grey_high, &picture, err);
    status = status ? status : ocelot_picture_tag(&picture, kind, what, text, err);
    text->failed = text->failed || status;
    ocelot_picture_free(&picture);
}

/* The row as the picture it was, in colours where it has any. */
static void picture(const struct ocelot_report *report, const double *values, const char *kind, const char *what, struct ocelot_text *text,
                    struct ocelot_error *err)
{
    const struct ocelot_report_data *data = &report->data;
    size_t shape[3] = {data->channels, data->height, data->width};
    struct ocelot_image image = {0};
    struct ocelot_picture colours = {0};
    if (!report->undo && data->channels == 1) {
        grey(report, values, kind, what, text, err);
        return;
    }
    struct ocelot_preprocess stretch = {.pixel_scale = 1}; /* no preprocessing is known: grey_low black, grey_high white */
    for (size_t c = 0; c < OCELOT_CHANNELS; c++) {
        stretch.deviation[c] = report->grey_high > report->grey_low ? 255 / (report->grey_high - report->grey_low) : 1;
        stretch.mean[c] = -report->grey_low * stretch.deviation[c];
    }
    enum ocelot_status status = ocelot_preprocess_undo(report->undo ? &report->preprocess : &stretch, values, shape, &image, err);
    status = status ? status : ocelot_picture_of(&image, &colours, err);
    status = status ? status : ocelot_picture_tag(&colours, kind, what, text, err);
    text->failed = text->failed || status;
    ocelot_picture_free(&colours);
    ocelot_image_free(&image);
}

/* "n07920052 espresso 21.99", the largest first. */
static void write_best(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text)
{
    if (story->best_count == 0) {
        return;
    }
    ocelot_text_string(text, "<ol class=\"best\">");
    for (size_t k = 0; k < story->best_count; k++) {
        ocelot_text_string(text, "<li>");
        ocelot_markup_name(text, report->view.outputs[story->best[k]]);
        ocelot_text_string(text, " <span class=\"soft\">");
        ocelot_markup_value(text, story->best_output[k]);
        ocelot_text_string(text, "</span></li>");
    }
    ocelot_text_string(text, "</ol>\n");
}

static void heat(const struct ocelot_report *report, const double *share, double scale, const char *kind, const char *what, struct ocelot_text *text,
                 struct ocelot_error *err)
{
    struct ocelot_picture picture = {0};
    enum ocelot_status status = ocelot_picture_heat(share, report->data.height, report->data.width, scale, &picture, err);
    status = status ? status : ocelot_picture_tag(&picture, kind, what, text, err);
    text->failed = text->failed || status;
    ocelot_picture_free(&picture);
}

static void close_figure(struct ocelot_text *text, const char *caption)
{
    ocelot_text_string(text, "<figcaption>");
    ocelot_markup_escape(text, caption);
    ocelot_text_string(text, "</figcaption></figure>");
}

static void scale_note(double scale, const char *whole, struct ocelot_text *text)
{
    ocelot_text_string(text, "<p class=\"legend\">full colour: ");
    ocelot_markup_number(text, 100 * scale, 2);
    ocelot_text_format(text, " %% of %s in a pixel</p>\n", whole);
}

void ocelot_report_write_scale(const struct ocelot_report *report, struct ocelot_text *text)
{
    ocelot_text_string(
        text,
        report->view.context.network
            ? "<p>Each picture, the relevance of its pixels, and the largest outputs of the network. Colours mean the same in all heat maps.</p>\n"
            : "<p>Each row as a picture, the relevance of its pixels, and what was expected of each pixel from all the others. Colours and "
              "grey levels mean the same in all pictures.</p>\n");
    scale_note(report->heat_scale, report->view.decomposes ? "the score" : "the relevance", text);
}

void ocelot_report_write_pictures(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text,
                                  struct ocelot_error *err)
{
    char what[96];
    double rest = story->residual_share;
    ocelot_text_string(text, "<div class=\"pictures\"><figure>");
    snprintf(what, sizeof what, "row %zu as a picture", story->row->row);
    picture(report, story->row->values, "pixels", what, text, err);
    close_figure(text, "this row");
    ocelot_text_string(text, "<figure>");
    snprintf(what, sizeof what, "relevance of the pixels of row %zu", story->row->row);
    heat(report, story->relevance, report->heat_scale, "heat pixels", what, text, err);
    close_figure(text, "relevance");
    if (isfinite(story->expected[0])) {
        ocelot_text_string(text, "<figure>");
        snprintf(what, sizeof what, "what was expected in place of row %zu", story->row->row);
        grey(report, story->expected, "pixels", what, text, err);
        close_figure(text, "expected");
    }
    ocelot_text_string(text, "</div>\n");
    write_best(report, story, text);
    if (isfinite(rest) && rest != 0) {
        ocelot_text_string(text, "<p class=\"legend\">residual: ");
        ocelot_markup_percent(text, rest);
        ocelot_text_string(text, " of the score is what no single pixel accounts for</p>\n");
    }
}

void ocelot_report_write_thumbs(const struct ocelot_report *report, const struct ocelot_report_story *story, struct ocelot_text *text,
                                struct ocelot_error *err)
{
    char what[96];
    snprintf(what, sizeof what, "row %zu as a picture", story->row->row);
    picture(report, story->row->values, "thumb", what, text, err);
    snprintf(what, sizeof what, "relevance of the pixels of row %zu", story->row->row);
    heat(report, story->relevance, report->heat_scale, "thumb heat", what, text, err);
}

void ocelot_report_write_mean_picture(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_report_data *data = &report->data;
    size_t d = report->view.info.features, rows = data->subjects ? data->subjects : report->story_count;
    double all = 0, most = 0, *mean = ocelot_allocate(d, sizeof *mean);
    if (!mean) {
        text->failed = true;
        return;
    }
    const struct ocelot_groups *groups = &report->view.groups;
    for (size_t i = 0; i < report->view.context.features; i++) {
        all += data->sum[i];
    }
    for (size_t i = 0; i < d && all > 0; i++) { /* pixels of a group share what it has */
        mean[i] = groups->count ? data->sum[groups->of[i]] / (double)groups->size[groups->of[i]] / all : data->sum[i] / all;
    }
    size_t shape[3] = {data->channels, data->height, data->width}, pixels = shape[1] * shape[2];
    ocelot_heat_sum(mean, shape, mean);
    for (size_t i = 0; i < pixels; i++) {
        most = fmax(most, mean[i]);
    }
    ocelot_page_section(text, "features", "Which pixels matter overall");
    ocelot_text_string(text, "<div class=\"pictures\"><figure>");
    heat(report, mean, most, "heat pixels", "mean relevance of the pixels", text, err);
    ocelot_text_string(text, "<figcaption>mean relevance over ");
    ocelot_markup_count(text, rows);
    ocelot_text_string(text, report->calm || report->classifier ? " rows" : " outliers");
    ocelot_text_string(text, "</figcaption></figure></div>\n");
    scale_note(most, "all relevance", text);
    ocelot_page_section_end(text);
    free(mean);
}
