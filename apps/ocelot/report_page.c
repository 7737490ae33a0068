/* The page as a whole: what was found, how to read it, the scores, and what the model is. */
#include <math.h>
#include <string.h>

#include "io/markup.h"
#include "io/page.h"
#include "ocelot/report.h"

static void fact(struct ocelot_text *text, const char *name, const char *kind)
{
    ocelot_text_string(text, "<div><dt>");
    ocelot_markup_escape(text, name);
    ocelot_text_format(text, "</dt><dd%s>", kind);
}

static void count_fact(struct ocelot_text *text, const char *name, size_t count, const char *kind)
{
    fact(text, name, kind);
    ocelot_markup_count(text, count);
    ocelot_text_string(text, "</dd></div>");
}

static void number_fact(struct ocelot_text *text, const char *name, double value)
{
    fact(text, name, "");
    ocelot_markup_number(text, value, 4);
    ocelot_text_string(text, "</dd></div>");
}

/* The last part of a path. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(path, "-") == 0 ? "standard input" : slash && slash[1] ? slash + 1 : path;
}

static void heading(const struct ocelot_report *report, struct ocelot_text *title)
{
    if (report->settings->title) {
        ocelot_text_string(title, report->settings->title);
    } else {
        ocelot_text_string(title, report->classifier ? "Decisions in " : "Anomalies in ");
        ocelot_text_string(title, file_name(report->data_path));
        if (report->data_count > 1) {
            ocelot_text_format(title, " and %zu more", report->data_count - 1);
        }
    }
}

static void lead(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_report_data *data = &report->data;
    size_t good = data->rows - data->failed;
    ocelot_text_string(text, "<p class=\"lead\">");
    if (good == 0) {
        ocelot_text_string(text, data->rows ? "None of the rows could be explained." : "The file holds no rows.");
    } else if (report->classifier) {
        ocelot_markup_count(text, good);
        ocelot_text_string(text, " rows were classified; those the model is most decided about are explained below.");
    } else if (report->calm) {
        ocelot_text_string(text, "No outliers: none of the ");
        ocelot_markup_count(text, good);
        ocelot_text_string(text, " rows is one. The most unusual rows are explained below all the same.");
    } else {
        ocelot_markup_count(text, data->outliers);
        ocelot_text_string(text, " of ");
        ocelot_markup_count(text, good);
        ocelot_text_string(text, data->outliers == 1 ? " rows is an outlier (" : " rows are outliers (");
        ocelot_markup_percent(text, (double)data->outliers / (double)good);
        ocelot_text_string(text, ").");
        const struct ocelot_report_story *story = report->story_count ? &report->stories[0] : NULL;
        if (story && story->count && !data->height) {
            ocelot_text_string(text, " The most unusual one, <b>");
            struct ocelot_text name = {0};
            ocelot_report_row_name(story->row, &name);
            text->failed = text->failed || name.failed;
            ocelot_markup_name(text, name.failed ? "" : name.bytes);
            ocelot_text_free(&name);
            ocelot_text_string(text, "</b>, stands out most in <b>");
            ocelot_markup_name(text, story->bars[0].name);
            ocelot_text_string(text, "</b>.");
        }
    }
    ocelot_text_string(text, "</p>\n");
}

static void facts(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_report_data *data = &report->data;
    ocelot_text_string(text, "<dl class=\"facts\">");
    count_fact(text, "rows", data->rows, "");
    if (!report->classifier) {
        count_fact(text, "outliers", data->outliers, data->outliers ? " class=\"alert\"" : "");
        number_fact(text, report->line_name, report->line);
    }
    if (report->story_count && !report->classifier) {
        number_fact(text, "highest score", report->stories[0].score);
    }
    count_fact(text, "features", report->view.info.features, "");
    if (data->failed) {
        count_fact(text, "rows left out", data->failed, " class=\"alert\"");
    }
    ocelot_text_string(text, "</dl>\n");
    if (data->failed) {
        ocelot_text_string(text, "<p class=\"warning\">");
        ocelot_markup_count(text, data->failed);
        ocelot_text_string(text, data->failed == 1 ? " row could not be explained: "
                                                   : " rows could not be explained and are not counted below; the first: ");
        ocelot_markup_clip(text, data->first_failure, 240);
        ocelot_text_string(text, "</p>\n");
    }
}

static const char *kernel_words(const char *kernel)
{
    static const char *const words[][2] = {
        {"rbf", "Gaussian (RBF) kernel"}, {"laplace", "Laplace kernel"}, {"generalised-gaussian", "generalised Gaussian kernel"},
        {"student", "Student kernel"},    {"linear", "linear kernel"},   {"polynomial", "polynomial kernel"},
        {"sigmoid", "sigmoid kernel"}};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (strcmp(words[k][0], kernel) == 0) {
            return words[k][1];
        }
    }
    return kernel;
}

static void network_in_words(const struct ocelot_report *report, struct ocelot_text *text)
{
    size_t layers = ocelot_model_layers(report->model), parameters = 0;
    for (size_t i = 0; i < layers; i++) {
        parameters += ocelot_model_layer(report->model, i).parameters;
    }
    ocelot_text_format(text, "<p>The model is a neural network of %zu layers with ", layers - 1);
    ocelot_markup_count(text, parameters);
    ocelot_text_format(text,
                       " parameters. Each row gets an <b>output</b> for each of %zu classes, and the class with the largest is predicted; what is "
                       "explained is %s.</p>\n",
                       report->view.info.outputs,
                       report->settings->stream.target ? "the output that was asked for" : "that class\xe2\x80\x99s output");
}

static void model_in_words(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_model_info *info = &report->view.info;
    if (report->view.context.network) {
        network_in_words(report, text);
        return;
    }
    ocelot_text_format(text, "<p>The model is a %s with a ", report->classifier ? "support vector classifier" : "one-class SVM");
    ocelot_markup_escape(text, kernel_words(info->kernel));
    ocelot_text_string(text, report->classifier ? ". It was trained to tell classes apart" : ". It was trained to know what is normal");
    if (info->training_rows) {
        ocelot_text_string(text, ", from ");
        ocelot_markup_count(text, info->training_rows);
        ocelot_text_string(text, " rows");
    }
    ocelot_text_string(text, ", and remembers ");
    ocelot_markup_count(text, info->support_vectors);
    ocelot_text_string(text, " of its training rows, the support vectors. ");
    if (report->classifier) {
        ocelot_text_string(
            text, "For each row two classes are compared, the predicted one and its runner-up unless a pair was asked for. An <b>output</b> above 0 "
                  "speaks for the first class of the pair, below 0 for the second; the farther from 0, the surer the decision.</p>\n");
    } else {
        ocelot_text_string(text, "Each row gets an <b>outlier score</b>, which grows with its distance from everything remembered");
        if (report->settings->stream.alpha > 0) {
            ocelot_text_string(text, "; a row is an outlier when its <b>p-value</b> is at most ");
            ocelot_markup_number(text, report->settings->stream.alpha, 4);
            ocelot_text_string(text, isfinite(report->line) ? ", which it is above the <b>alarm line</b>.</p>\n" : ".</p>\n");
        } else {
            ocelot_text_string(text, isfinite(report->line)
                                         ? "; a row above the <b>threshold</b> is an outlier.</p>\n"
                                         : ". This model has no threshold that a score could exceed, so no row is an outlier.</p>\n");
        }
    }
}

static void term(struct ocelot_text *text, const char *name, const char *meaning)
{
    ocelot_text_format(text, "<dt>%s</dt><dd>%s</dd>\n", name, meaning);
}

static void how_to_read(const struct ocelot_report *report, struct ocelot_text *text)
{
    ocelot_page_section(text, "reading", "How to read this page");
    model_in_words(report, text);
    ocelot_text_string(text, "<dl class=\"terms\">\n");
    bool network = report->view.context.network;
    term(text, "relevance",
         network ? "a feature\xe2\x80\x99s part of the output, in the same unit; that of a pixel is the sum over its colours. "
                   "<span class=\"key push-key\"></span>speaks for the class, <span class=\"key pull-key\"></span>against it"
         : report->classifier
             ? "a feature\xe2\x80\x99s part of the output, in the same unit. <span class=\"key push-key\"></span>speaks for the first "
               "class of the pair, "
               "<span class=\"key pull-key\"></span>for the second"
         : report->with_sign
             ? "a feature\xe2\x80\x99s part of the outlier score, in the same unit. <span class=\"key push-key\"></span>pushes towards outlier, "
               "<span class=\"key pull-key\"></span>away from it"
             : "a feature\xe2\x80\x99s part of the outlier score, in the same unit");
    term(text, "share",
         report->view.decomposes ? "relevance divided by the outlier score"
                                 : "relevance divided by the sum of all relevances, each without its sign");
    if (!network) {
        term(text, "expected",
             report->view.decomposes ? "the value that the row\xe2\x80\x99s <em>other</em> features lead one to expect, in the unit of the data"
                                     : "the value of the reference point that the row is compared with, in the unit of the data");
    }
    if (report->view.context.low) {
        term(text, "normal range",
             "where nine in ten training rows lie (5 to 95 %). <span class=\"key-band\"></span> is this range, "
             "<span class=\"key-tick\"></span> the expected value, <span class=\"key-dot\"></span> the value");
    }
    term(text, "residual",
         report->view.decomposes ? "the part of the score that no single feature accounts for: all parts and the residual add up to the score"
                                 : "what the method assigns to no feature, constants included: all parts and the residual add up");
    if (report->view.info.calibration_rows && !report->classifier) {
        term(text, "p-value", "the share of normal rows, kept apart when the model was trained, that score at least as high");
    }
    ocelot_text_string(text, "</dl>\n");
    ocelot_page_section_end(text);
}

static void distribution(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_report_data *data = &report->data;
    struct ocelot_histogram histogram = {.rows = data->scores,
                                         .row_count = data->score_count,
                                         .threshold = report->line,
                                         .unit = report->noun,
                                         .rows_name = "rows of this file",
                                         .held_name = "held-out normal rows",
                                         .threshold_name = report->line_name};
    histogram.held = report->classifier ? NULL : ocelot_model_calibration(report->model, &histogram.held_count);
    ocelot_page_section(text, "scores", report->classifier ? "Outputs" : "Scores");
    ocelot_chart_histogram(text, &histogram);
    if (data->seen > data->score_count) {
        ocelot_text_string(text, "<p class=\"soft\">");
        ocelot_markup_count(text, data->score_count);
        ocelot_text_string(text, " scores, drawn evenly from ");
        ocelot_markup_count(text, data->seen);
        ocelot_text_string(text, ".</p>\n");
    }
    ocelot_page_section_end(text);
}

static void open_fact(struct ocelot_text *text, const char *name)
{
    ocelot_text_format(text, "<tr><th scope=\"row\">%s</th><td>", name);
}

static void close_fact(struct ocelot_text *text)
{
    ocelot_text_string(text, "</td></tr>\n");
}

static void text_row(struct ocelot_text *text, const char *name, const char *value)
{
    if (value) {
        open_fact(text, name);
        ocelot_markup_clip(text, value, 300);
        close_fact(text);
    }
}

static void number_row(struct ocelot_text *text, const char *name, double value)
{
    if (isfinite(value)) {
        open_fact(text, name);
        ocelot_markup_number(text, value, 5);
        close_fact(text);
    }
}

static void count_row(struct ocelot_text *text, const char *name, size_t value)
{
    if (value) {
        open_fact(text, name);
        ocelot_markup_count(text, value);
        close_fact(text);
    }
}

static void about_the_model(const struct ocelot_report *report, struct ocelot_text *text)
{
    const struct ocelot_model_info *info = &report->view.info;
    ocelot_page_section(text, "model", "The model");
    for (size_t k = 0; ocelot_model_warning(report->view.model, k); k++) {
        ocelot_text_string(text, "<p class=\"warning\">");
        ocelot_markup_clip(text, ocelot_model_warning(report->view.model, k), 600);
        ocelot_text_string(text, "</p>\n");
    }
    ocelot_text_string(text, "<table class=\"model\"><caption class=\"unseen\">Facts about the model</caption><tbody>\n");
    text_row(text, "file", file_name(report->model_path));
    text_row(text, "type", info->type);
    text_row(text, "kernel", report->view.context.network ? NULL : info->kernel);
    number_row(text, "gamma", info->gamma);
    number_row(text, "power", info->power);
    number_row(text, "coef0", info->coef0);
    count_row(text, "degree", info->degree > 0 ? (size_t)info->degree : 0);
    text_row(text, "feature scaling", info->scaling);
    count_row(text, "features", info->features);
    count_row(text, "support vectors", info->support_vectors);
    number_row(text, "nu", info->nu);
    count_row(text, "training rows", info->training_rows);
    count_row(text, "held-out rows", info->calibration_rows);
    number_row(text, "threshold", report->classifier ? (double)NAN : info->threshold);
    text_row(text, "explained by", ocelot_plan_method(report->view.plan));
    ocelot_text_string(text, "</tbody></table>\n");
    ocelot_page_section_end(text);
}

enum ocelot_status ocelot_report_write(const struct ocelot_report *report, struct ocelot_text *text, struct ocelot_error *err)
{
    struct ocelot_text title = {0};
    heading(report, &title);
    text->failed = title.failed;
    ocelot_page_begin(text, title.failed ? "" : title.bytes);
    ocelot_text_string(text, "<h1>");
    ocelot_markup_escape(text, title.failed ? "" : title.bytes);
    ocelot_text_string(text, "</h1>\n");
    ocelot_text_free(&title);
    lead(report, text);
    facts(report, text);
    how_to_read(report, text);
    distribution(report, text);
    if (report->story_count) {
        ocelot_report_write_ranking(report, text, err);
        ocelot_report_write_cards(report, text, err);
        if (report->data.height) {
            ocelot_report_write_mean_picture(report, text, err);
        } else {
            ocelot_report_write_strip(report, text);
            ocelot_report_write_features(report, text);
        }
    }
    about_the_model(report, text);
    ocelot_page_end(text, "Made by ocelot report. The page is one file: it runs no script and fetches nothing.");
    if (err && err->status) {
        return err->status;
    }
    return text->failed ? ocelot_fail_memory(err, "the page") : OCELOT_OK;
}
