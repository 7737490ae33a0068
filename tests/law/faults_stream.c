/* Files of rows through a model, as the commands do it: reading, widening, explaining and writing, and whole tables for training. */
#include "law/faults.h"

#include "stream/groups.h"
#include "stream/opening.h"
#include "stream/stream.h"
#include "stream/table.h"

#define MODELS OCELOT_SOURCE_DIR "/data/models/"

struct job {
    const char *model, *range, *data;
    struct ocelot_stream_settings settings;
    bool explain;
};

static enum ocelot_status stream(const void *argument, struct ocelot_error *err)
{
    const struct job *job = argument;
    const struct ocelot_opening_settings opening = {.range = job->range};
    struct ocelot_reader_settings reader = {.drop = {.count = 1, .text = {"id,label"}}};
    struct ocelot_stream_totals totals;
    struct ocelot_output output = {0};
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_opening_read(job->model, &opening, &model, err);
    struct ocelot_stream_request request = {.model = model,
                                            .data = &job->data,
                                            .data_count = 1,
                                            .explain = job->explain,
                                            .settings = &job->settings,
                                            .reader = &reader,
                                            .format = ocelot_stream_format(&job->settings)};
    status = status ? status : ocelot_output_open(&output, job->settings.output, request.format->needs_seek, err);
    status = status ? status : ocelot_stream_run(&request, &output, &totals, err);
    status = status ? status : ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status read_table(const void *argument, struct ocelot_error *err)
{
    struct ocelot_table table = {0};
    enum ocelot_status status = ocelot_table_read(&table, argument, NULL, "1", err);
    ocelot_table_free(&table);
    return status;
}

/* One thread, so that the k-th allocation is the same one every time; quiet, because a remark that found no memory is left out. */
#define SETTINGS(name) .settings = {.format = (name), .output = "/dev/null", .quiet = true, .threads = 1, .batch = 16, .support = 3}

static const struct job sparse = {MODELS "glass-oneclass.model", MODELS "glass-oneclass.range", MODELS "glass-oneclass-test.libsvm",
                                  SETTINGS("jsonl"), .explain = true};
static const struct job table = {MODELS "glass-oneclass.model", NULL, OCELOT_SOURCE_DIR "/data/glass-test.csv", SETTINGS("csv"), .explain = true};
static const struct job wider = {MODELS "glass-oneclass.model", NULL, MODELS "wdbc-csvc-test-scaled.libsvm", SETTINGS("text"), .explain = true};
static const struct job classes = {MODELS "wdbc-csvc.model", NULL, MODELS "wdbc-csvc-test-scaled.libsvm", SETTINGS("libsvm"), .explain = true};
static const struct job scores = {MODELS "wdbc-csvc.model", NULL, MODELS "wdbc-csvc-test-scaled.libsvm", SETTINGS("jsonl")};

/* With rows of normal data and groups, whose file is read again for every width of the rows. */
static const struct job compared = {
    MODELS "glass-oneclass.model", NULL, OCELOT_SOURCE_DIR "/data/glass-test.csv",
    .settings = {.format = "jsonl",
                 .output = "/dev/null",
                 .quiet = true,
                 .threads = 1,
                 .method = "smooth-grad",
                 .comparison = {.background = OCELOT_SOURCE_DIR "/data/glass-train.csv", .background_rows = 7, .groups = "blocks:4"}},
    .explain = true};

/* Groups out of a file of features that the model calls f1, f2, ... */
static enum ocelot_status read_groups(const void *argument, struct ocelot_error *err)
{
    struct ocelot_groups groups = {0};
    struct ocelot_model *model = NULL;
    const struct ocelot_opening_settings opening = {0};
    enum ocelot_status status = ocelot_opening_read(MODELS "glass-oneclass.model", &opening, &model, err);
    status = status ? status : ocelot_groups_make(&groups, argument, model, err);
    ocelot_groups_free(&groups);
    ocelot_model_free(model);
    return status;
}

const struct fault_scenario fault_stream_scenarios[] = {
    {"explain LIBSVM data as JSON lines", stream, &sparse},
    {"explain a table as CSV", stream, &table},
    {"explain rows wider than the model as text", stream, &wider},
    {"explain a classifier as LIBSVM data", stream, &classes},
    {"score a classifier", stream, &scores},
    {"explain with background and groups", stream, &compared},
    {"groups of consecutive features", read_groups, "blocks:2"},
    {"groups out of a file", read_groups, OCELOT_SOURCE_DIR "/tests/law/groups.csv"},
    {"read a table for training", read_table, MODELS "wdbc-csvc-test.libsvm"},
    {NULL, NULL, NULL},
};
