/* ocelot score and ocelot explain. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "ocelot/commands.h"
#include "stream/incidents.h"
#include "stream/opening.h"
#include "stream/plates.h"
#include "stream/stream.h"

struct settings {
    struct ocelot_stream_settings stream;
    struct ocelot_reader_settings reader;
    struct ocelot_opening_settings opening;
};

static const struct ocelot_option_group score_groups[] = {
    {"Results", ocelot_result_option_table, offsetof(struct settings, stream)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct settings, reader)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Work", ocelot_work_option_table, offsetof(struct settings, stream)},
    {.table = NULL},
};

static const struct ocelot_option_group explain_groups[] = {
    {"Results", ocelot_result_option_table, offsetof(struct settings, stream)},
    {"Explanation", ocelot_explain_option_table, offsetof(struct settings, stream)},
    {"Groups and background", ocelot_comparison_option_table, offsetof(struct settings, stream.comparison)},
    {"Rules of propagation", ocelot_rules_option_table, offsetof(struct settings, stream)},
    {"Incidents", ocelot_incident_option_table, offsetof(struct settings, stream)},
    {"Heat maps", ocelot_plate_option_table, offsetof(struct settings, stream)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct settings, reader)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Work", ocelot_work_option_table, offsetof(struct settings, stream)},
    {.table = NULL},
};

static enum ocelot_status check_incidents(const struct ocelot_stream_request *request, struct ocelot_error *err)
{
    const struct ocelot_incident_settings *incidents = &request->settings->incidents;
    if (!incidents->wanted && (incidents->gap || incidents->aggregate)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--%s is for --incidents", incidents->gap ? "gap" : "aggregate");
    }
    if (incidents->wanted && request->settings->plates.sheet) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--sheet draws rows, not incidents: leave --incidents out");
    }
    return OCELOT_OK;
}

/* What cannot be, said before any work. */
static enum ocelot_status check(const struct ocelot_stream_request *request, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    size_t calibration = 0;
    ocelot_model_describe(request->model, &info);
    ocelot_model_calibration(request->model, &calibration);
    if (request->settings->alpha > 0 && calibration == 0) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "--alpha needs held-out scores, which this model does not have: train it with ocelot train and a --holdout above 0");
    }
    if (request->settings->only_outliers && strcmp(info.explains, "outlier_score") != 0) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--only-outliers: a model of type %s has no outliers", info.type ? info.type : "unknown");
    }
    bool png = request->format == &ocelot_format_png, side = request->explain && strcmp(request->settings->map, "total") != 0;
    if (side && !png && request->format != &ocelot_format_npy) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--map %s is for --format npy and png: records hold the whole relevance", request->settings->map);
    }
    if (side && !info.node) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--map %s: only models stacked on a network (train --features) tell excess and lack apart",
                           request->settings->map);
    }
    if (png && !request->explain) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--format png draws relevance, which score does not have: use %s explain", request->program->name);
    }
    if (png && (!request->settings->output || strcmp(request->settings->output, "-") == 0)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--format png writes a file a picture: name a folder with --output");
    }
    return check_incidents(request, err);
}

/* Heat maps, where they are asked for. */
static enum ocelot_status open_plates(const struct ocelot_stream_request *request, struct ocelot_plates **out, struct ocelot_error *err)
{
    const struct ocelot_stream_settings *settings = request->settings;
    bool files = request->format == &ocelot_format_png;
    if (!request->explain || (!files && !settings->plates.sheet)) {
        return OCELOT_OK;
    }
    return ocelot_plates_open(&settings->plates, request->reader, request->model, files ? settings->output : NULL, out, err);
}

/* One scale for all pictures is said, so that other runs can be drawn alike. */
static enum ocelot_status finish_plates(const struct ocelot_stream_request *request, struct ocelot_error *err)
{
    size_t left_out = 0;
    if (!request->plates) {
        return OCELOT_OK;
    }
    enum ocelot_status status = ocelot_plates_finish(request->plates, &left_out, err);
    if (!status && left_out) {
        ocelot_remark(request->program, "%s: %zu pictures found no room on the sheet", request->settings->plates.sheet, left_out);
    }
    if (!status && !request->settings->quiet && strcmp(request->settings->plates.scale, "shared") == 0) {
        char scale[OCELOT_NUMBER_SIZE];
        ocelot_number_print(scale, ocelot_plates_scale(request->plates));
        ocelot_remark(request->program, "heat maps have the full colour at a relevance of %s in a pixel; --scale %s draws others alike", scale,
                      scale);
    }
    return status;
}

static enum ocelot_status write_all(struct ocelot_stream_request *request, struct ocelot_stream_totals *totals, struct ocelot_error *err)
{
    struct ocelot_output output = {0};
    bool records = request->format != &ocelot_format_png;
    enum ocelot_status status = open_plates(request, &request->plates, err);
    if (!status && request->explain && request->settings->incidents.wanted) {
        status = ocelot_incidents_open(request, &request->incidents, err);
    }
    if (!status && records) {
        status = ocelot_output_open(&output, request->settings->output, request->format->needs_seek, err);
    }
    status = status ? status : ocelot_stream_run(request, &output, totals, err);
    if (!status && records) {
        status = ocelot_output_finish(&output, err);
    }
    ocelot_output_discard(&output);
    status = status ? status : finish_plates(request, err);
    ocelot_plates_close(request->plates);
    ocelot_incidents_close(request->incidents);
    return status;
}

/* With a fine enough alpha no row can ever be an outlier: the smallest p-value is 1 / (n + 1). */
static void remark_alpha(const struct ocelot_stream_request *request)
{
    size_t n = 0;
    ocelot_model_calibration(request->model, &n);
    if (request->settings->alpha > 0 && request->settings->alpha * ((double)n + 1) < 1) {
        ocelot_remark(request->program, "--alpha is below 1/%zu, the smallest p-value that %zu held-out rows can give: no row will be an outlier",
                      n + 1, n);
    }
}

static void remark_warnings(const struct ocelot_stream_request *request)
{
    for (size_t k = 0; ocelot_model_warning(request->model, k); k++) {
        ocelot_remark(request->program, "%s", ocelot_model_warning(request->model, k));
    }
}

static void remark_totals(const struct ocelot_stream_request *request, const struct ocelot_stream_totals *totals)
{
    if (totals->failed) {
        ocelot_remark(request->program, "%zu of %zu rows could not be %s; the first: %s", totals->failed, totals->rows,
                      request->explain ? "explained" : "scored", totals->first_failure);
    }
    if (totals->opposed && !request->settings->quiet) {
        ocelot_remark(request->program,
                      "in %zu of %zu rows the sum of relevance has the sign opposite to the output: there the constant and the residuals decide",
                      totals->opposed, totals->written);
    }
}

static int run(const struct ocelot_invocation *invocation, bool explain)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_stream_totals totals = {0};
    struct ocelot_stream_request request = {.program = invocation->program,
                                            .data = invocation->operands + 1,
                                            .data_count = invocation->operand_count - 1,
                                            .explain = explain,
                                            .settings = &settings->stream,
                                            .reader = &settings->reader,
                                            .format = ocelot_stream_format(&settings->stream)};
    enum ocelot_status status = ocelot_gallery_check(invocation->operands + 1, invocation->operand_count - 1, &err);
    for (size_t k = 0; !status && k < invocation->operand_count; k++) {
        status = ocelot_output_spare(settings->stream.output, invocation->operands[k], &err);
    }
    const char *const others[] = {settings->stream.comparison.background, settings->stream.comparison.groups};
    for (size_t k = 0; !status && k < 2; k++) {
        status = others[k] ? ocelot_output_spare(settings->stream.output, others[k], &err) : OCELOT_OK;
    }
    status = status ? status : ocelot_opening_read(invocation->operands[0], &settings->opening, &model, &err);
    request.model = model;
    status = status ? status : check(&request, &err);
    if (!status && !settings->stream.quiet) {
        remark_warnings(&request);
        remark_alpha(&request);
    }
    status = status ? status : write_all(&request, &totals, &err);
    ocelot_model_free(model);
    if (status) {
        return ocelot_complain(invocation->program, &err);
    }
    remark_totals(&request, &totals);
    return totals.failed ? OCELOT_EXIT_ROWS : OCELOT_EXIT_DONE;
}

static int run_score(const struct ocelot_invocation *invocation)
{
    return run(invocation, false);
}

static int run_explain(const struct ocelot_invocation *invocation)
{
    return run(invocation, true);
}

const struct ocelot_command ocelot_command_score = {
    .name = "score",
    .summary = "say which rows are outliers, and by how much",
    .usage = (const char *const[]){"[options] MODEL DATA", "[options] MODEL PICTURE|FOLDER|LIST...", NULL},
    .description =
        "Writes one record a row: outlier_score (in nats, grows with abnormality), the threshold above which a row is an outlier, is_outlier, "
        "decision_value as svm-predict has it (positive = normal) and, for models with held-out scores, p_value. DATA may be - for standard input; "
        "rows stream through in constant memory, and from a pipe each record is written as soon as its row is in.",
    .groups = score_groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot score pumps.model today.csv", "Scores every row of a table whose columns carry the names that the model was trained with."},
            {"ocelot score pumps.model today.csv --alpha 0.001 --only-outliers -o alarms.csv",
             "Writes the rows that fewer than one in a thousand normal rows exceed, as CSV."},
            {"tail -f sensor.csv | ocelot score pumps.model - --format jsonl", "Watches a growing file, one JSON line a row."},
            {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 2,
    .most = SIZE_MAX,
    .run = run_score,
};

const struct ocelot_command ocelot_command_explain = {
    .name = "explain",
    .summary = "say why rows are anomalous: which features, by how much, and what would have been normal",
    .usage = (const char *const[]){"[options] MODEL DATA", "[options] MODEL PICTURE|FOLDER|LIST...", NULL},
    .description =
        "Writes one record a row: what `ocelot score` writes, and for each feature its value, its relevance (its part of the outlier score), the "
        "value that the other features lead one to expect, and the nearest normal pattern, all in the units of DATA. The parts and the residual add "
        "up to the outlier score.\n\n"
        "MODEL may be any LIBSVM model file. C-SVC and nu-SVC classifiers are explained pair by pair of classes. It may be a ReLU network in an ONNX "
        "file, too: what is explained then is the output of the top class, or of --target. Pictures (PNG, JPEG, PNM), folders of them and texts that "
        "list them, a path a line, are rows whose features are pixels; --preprocess says what the network was trained behind. DATA may be - for "
        "standard input; "
        "a row that cannot be explained yields a record with an error, and the run goes on. So does, with --format csv, npy or png and with "
        "--incidents, a "
        "row of LIBSVM data from a pipe that has a value at an index beyond the model's: a file is looked through for them first.",
    .groups = explain_groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot explain pumps.model today.csv --only-outliers", "Shows the outliers of a table on the terminal, ten features each."},
            {"ocelot explain pumps.model today.csv --top 3 -o why.jsonl", "Writes the three most relevant features of every row as JSON lines."},
            {"ocelot explain foreign.model rows.libsvm --range scale.txt -f csv > relevance.csv",
             "Explains a model that svm-train made on data scaled by svm-scale -s scale.txt; rows.libsvm is unscaled."},
            {"ocelot explain resnet.onnx pictures --preprocess imagenet --classes words.txt --method lrp --composite epsilon-gamma-box --box auto -f "
             "png -o heat",
             "Draws heat maps of all pictures in a folder, one file each."},
            {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 2,
    .most = SIZE_MAX,
    .run = run_explain,
};
