/* ocelot score and ocelot explain. */
#include <stdio.h>

#include "ocelot/commands.h"
#include "stream/opening.h"
#include "stream/stream.h"

struct settings {
    struct ocelot_stream_settings stream;
    struct ocelot_reader_settings reader;
    struct ocelot_opening_settings opening;
};

static const struct ocelot_option_group score_groups[] = {
    {"Results", ocelot_result_option_table, offsetof(struct settings, stream)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Work", ocelot_work_option_table, offsetof(struct settings, stream)},
    {.table = NULL},
};

static const struct ocelot_option_group explain_groups[] = {
    {"Results", ocelot_result_option_table, offsetof(struct settings, stream)},
    {"Explanation", ocelot_explain_option_table, offsetof(struct settings, stream)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Work", ocelot_work_option_table, offsetof(struct settings, stream)},
    {.table = NULL},
};

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
    if (request->settings->only_outliers && (info.classes || !info.type || info.type[0] == 'e')) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--only-outliers: a model of type %s has no outliers", info.type ? info.type : "unknown");
    }
    return OCELOT_OK;
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
    struct ocelot_output output = {0};
    struct ocelot_stream_totals totals = {0};
    struct ocelot_stream_request request = {.program = invocation->program,
                                            .data = invocation->operands[1],
                                            .explain = explain,
                                            .settings = &settings->stream,
                                            .reader = &settings->reader,
                                            .format = ocelot_stream_format(&settings->stream)};
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; !status && k < 2; k++) {
        status = ocelot_output_spare(settings->stream.output, invocation->operands[k], &err);
    }
    status = status ? status : ocelot_opening_read(invocation->operands[0], &settings->opening, &model, &err);
    request.model = model;
    status = status ? status : check(&request, &err);
    if (!status && !settings->stream.quiet) {
        remark_warnings(&request);
        remark_alpha(&request);
    }
    status = status ? status : ocelot_output_open(&output, settings->stream.output, request.format->needs_seek, &err);
    status = status ? status : ocelot_stream_run(&request, &output, &totals, &err);
    status = status ? status : ocelot_output_finish(&output, &err);
    ocelot_output_discard(&output);
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
    .usage = (const char *const[]){"[options] MODEL DATA", NULL},
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
    .most = 2,
    .run = run_score,
};

const struct ocelot_command ocelot_command_explain = {
    .name = "explain",
    .summary = "say why rows are anomalous: which features, by how much, and what would have been normal",
    .usage = (const char *const[]){"[options] MODEL DATA", NULL},
    .description =
        "Writes one record a row: what `ocelot score` writes, and for each feature its value, its relevance (its part of the outlier score), the "
        "value that the other features lead one to expect, and the nearest normal pattern, all in the units of DATA. The parts and the residual add "
        "up to the outlier score.\n\n"
        "MODEL may be any LIBSVM model file. C-SVC and nu-SVC classifiers are explained pair by pair of classes. DATA may be - for standard input; "
        "a row that cannot be explained yields a record with an error, and the run goes on.",
    .groups = explain_groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot explain pumps.model today.csv --only-outliers", "Shows the outliers of a table on the terminal, ten features each."},
            {"ocelot explain pumps.model today.csv --top 3 -o why.jsonl", "Writes the three most relevant features of every row as JSON lines."},
            {"ocelot explain foreign.model rows.libsvm --range scale.txt -f csv > relevance.csv",
             "Explains a model that svm-train made on data scaled by svm-scale -s scale.txt; rows.libsvm is unscaled."},
            {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 2,
    .most = 2,
    .run = run_explain,
};
