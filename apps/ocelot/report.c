/* ocelot report: one HTML page that says what is anomalous in a file, and why. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/commands.h"
#include "ocelot/report.h"

#define AT(member) offsetof(struct ocelot_report_settings, member)

static const struct ocelot_option page_table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(stream.output),
     .placeholder = "FILE",
     .summary = "write the page to FILE, which appears when it is complete; without this, to standard output"},
    {.name = "title", .type = OCELOT_OPTION_TEXT, .offset = AT(title), .placeholder = "TEXT", .summary = "heading of the page"},
    {.name = "top-rows",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(top_rows),
     .placeholder = "N",
     .low = 0,
     .high = 10000,
     .fallback = "10",
     .summary = "explain the N most unusual rows one by one"},
    {.name = "top",
     .letter = 'k',
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(stream.top),
     .placeholder = "K",
     .low = 0,
     .high = 1000,
     .fallback = "10",
     .summary = "name the K features with the largest relevance; 0 = as many as 1000"},
    {.name = "image",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(image),
     .placeholder = "HxW",
     .summary = "rows are images of H by W pixels, shown as pictures; known by itself for IDX and NumPy images, `no` to list pixels instead"},
    {.name = "alpha",
     .letter = 'a',
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(stream.alpha),
     .placeholder = "P",
     .low = 0,
     .high = 0.999999,
     .fallback = "0",
     .summary = "a row is an outlier when its p-value is at most P: about the share of false alarms; 0 = as the model decides"},
    {.name = "method",
     .letter = 'm',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(stream.method),
     .placeholder = "METHOD",
     .summary = "how to explain, a name that `ocelot methods` lists; without this, the model's own: dtd or taylor"},
    {.name = "set",
     .letter = 's',
     .type = OCELOT_OPTION_LIST,
     .offset = AT(stream.set),
     .placeholder = "NAME=VALUE",
     .summary = "an option of the method, as `ocelot methods` lists them"},
    {.name = "target",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(stream.target),
     .placeholder = "OUTPUT",
     .summary = "classifiers: the pair of classes, such as 1:2 or 1:-1; without this, the predicted class against the runner-up"},
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = AT(stream.quiet), .summary = "say nothing on standard error but errors"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Page", page_table, 0},
    {"Groups and background", ocelot_comparison_option_table, offsetof(struct ocelot_report_settings, stream.comparison)},
    {"Rules of propagation", ocelot_rules_option_table, offsetof(struct ocelot_report_settings, stream)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct ocelot_report_settings, reader)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct ocelot_report_settings, reader)},
    {"Networks", ocelot_network_option_table, offsetof(struct ocelot_report_settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct ocelot_report_settings, opening)},
    {"Work", ocelot_work_option_table, offsetof(struct ocelot_report_settings, stream)},
    {.table = NULL},
};

/* What the rows are pictures of: as asked, else as the file says. */
static enum ocelot_status choose_image(struct ocelot_report *report, struct ocelot_error *err)
{
    const char *asked = report->settings->image;
    size_t pixels = 0, features = report->view.info.features;
    if (asked && strcmp(asked, "no") != 0 && !ocelot_gallery_extent(asked, &report->data.height, &report->data.width)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--image: found \"%s\", expected height x width such as 28x28, or no", asked);
    }
    report->data.channels = asked || report->data.channels == 0 ? 1 : report->data.channels;
    bool fits = ocelot_size_multiply(report->data.height, report->data.width, &pixels) && pixels > 0 && features % pixels == 0 &&
                features / pixels == report->data.channels;
    if (asked && strcmp(asked, "no") != 0 && !fits) {
        return ocelot_fail(err, OCELOT_E_SHAPE, "--image: %s is not the model's number of features, %zu", asked, features);
    }
    if (!fits || (asked && strcmp(asked, "no") == 0)) {
        report->data.height = report->data.width = 0;
    }
    return OCELOT_OK;
}

/* The score above which a row is an outlier. With alpha: p = (1 + #{held-out >= s}) / (n + 1) <= alpha wherever s exceeds a held-out score. */
static void choose_line(struct ocelot_report *report)
{
    double alpha = report->settings->stream.alpha;
    size_t n = 0;
    const double *held = ocelot_model_calibration(report->model, &n);
    report->noun = report->classifier ? "output" : "outlier score";
    report->line = report->classifier ? (double)NAN : report->view.info.threshold;
    report->line_name = "threshold";
    if (alpha > 0 && !report->classifier) {
        double above = floor(alpha * ((double)n + 1) * (1 + 1e-12)) - 1; /* held-out rows that may score as high */
        report->line = above >= 0 && above < (double)n ? held[n - 1 - (size_t)above] : (double)NAN;
        report->line_name = "alarm line";
    }
}

static enum ocelot_status check(const struct ocelot_report *report, struct ocelot_error *err)
{
    size_t n = 0;
    ocelot_model_calibration(report->model, &n);
    if (report->settings->stream.alpha > 0 && n == 0) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "--alpha needs held-out scores, which this model does not have: train it with ocelot train and a --holdout above 0");
    }
    return OCELOT_OK;
}

static enum ocelot_status make_page(struct ocelot_report *report, struct ocelot_output *output, struct ocelot_error *err)
{
    struct ocelot_text text = {0};
    enum ocelot_status status = ocelot_report_gather(report, err);
    status = status ? status : choose_image(report, err);
    status = status ? status : ocelot_gallery_preprocess(&report->settings->reader.gallery, report->model, &report->preprocess, &report->undo, err);
    if (!status) {
        report->top = report->settings->stream.top ? report->settings->stream.top : 1000;
        choose_line(report);
    }
    status = status ? status : ocelot_report_tell(report, err);
    status = status ? status : ocelot_report_write(report, &text, err);
    status = status ? status : ocelot_output_write(output, &text, err);
    ocelot_text_free(&text);
    return status ? status : ocelot_output_finish(output, err);
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct ocelot_report_settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_output output = {0};
    struct ocelot_report report = {.program = invocation->program,
                                   .settings = settings,
                                   .model_path = invocation->operands[0],
                                   .data_path = invocation->operands[1],
                                   .data_paths = invocation->operands + 1,
                                   .data_count = invocation->operand_count - 1};
    enum ocelot_status status = ocelot_gallery_check(report.data_paths, report.data_count, &err);
    status = status ? status : ocelot_output_spare(settings->stream.output, report.model_path, &err);
    status = status ? status : ocelot_output_spare(settings->stream.output, report.data_path, &err);
    const char *const others[] = {settings->stream.comparison.background, settings->stream.comparison.groups};
    for (size_t k = 0; !status && k < 2; k++) {
        status = others[k] ? ocelot_output_spare(settings->stream.output, others[k], &err) : OCELOT_OK;
    }
    status = status ? status : ocelot_opening_read(report.model_path, &settings->opening, &report.model, &err);
    status = status ? status : check(&report, &err);
    status = status ? status : ocelot_output_open(&output, settings->stream.output, false, &err);
    status = status ? status : make_page(&report, &output, &err);
    size_t failed = report.data.failed, rows = report.data.rows;
    if (!status && failed) {
        ocelot_remark(invocation->program, "%zu of %zu rows could not be explained; the first: %s", failed, rows, report.data.first_failure);
    }
    ocelot_output_discard(&output);
    ocelot_report_untell(&report);
    ocelot_report_data_free(&report.data);
    ocelot_workspace_free(report.workspace);
    ocelot_view_close(&report.view);
    ocelot_model_free(report.model);
    return status ? ocelot_complain(invocation->program, &err) : failed ? OCELOT_EXIT_ROWS : OCELOT_EXIT_DONE;
}

const struct ocelot_command ocelot_command_report = {
    .name = "report",
    .summary = "make a page that shows what is anomalous in a file, and why",
    .usage = (const char *const[]){"[options] MODEL DATA -o PAGE.html", "[options] MODEL PICTURE|FOLDER|LIST... -o PAGE.html", NULL},
    .description =
        "Writes one HTML file that needs nothing else, no script either: what the model is, how the scores are spread around the threshold, the "
        "anomalies in order, for the most unusual ones how each feature adds to the score and what would have been normal, and which features matter "
        "over all anomalies. It follows the reader's light or dark colours, fits narrow screens and paper.\n\n"
        "The data are read once, in constant memory: at most 262,144 scores for the histogram and 400 outliers for the swarm of dots are drawn "
        "evenly, "
        "and the page says so where there were more; counts and means are of all rows. Without outliers the most unusual rows are shown, "
        "and the page says that too.",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot report pumps.model today.csv --id pump -o report.html", "Makes a page of a table whose column pump names the rows."},
            {"ocelot report pumps.model today.csv --alpha 0.01 --top-rows 25 --title 'Pumps, Monday' -o monday.html",
             "Takes about one in a hundred normal rows for an outlier, and explains 25 rows one by one."},
            {"ocelot report boots.model boots.idx3.gz --image 28x28 -o boots.html", "Shows images with heat maps in place of lists of pixels."},
            {NULL, NULL}},
    .settings_size = sizeof(struct ocelot_report_settings),
    .least = 2,
    .most = SIZE_MAX,
    .run = run,
};
