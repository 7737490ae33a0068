/* The truth read and judged by, anomalies planted, and consecutive outliers made incidents. */
#include <string.h>

#include "law/faults.h"
#include "ocelot/plant.h"
#include "ocelot/truth.h"
#include "stream/incidents.h"
#include "stream/opening.h"
#include "stream/truth_file.h"

enum { FEATURES = 3, ROWS = 12 };

static const char text[] = "start,end,features\n5,9,b c\n0,4,\"a\"\n2,3,c;a\n4,5,\n9,10,0 1\n";

/* From the file's text to figures. */
static enum ocelot_status judge(const void *argument, struct ocelot_error *err)
{
    static const char *const names[FEATURES] = {"a", "b", "c"};
    const struct ocelot_truth_subject subject = {.names = names, .features = FEATURES};
    double relevance[ROWS][FEATURES];
    struct ocelot_truth *truth = NULL;
    struct ocelot_judge *judge = NULL;
    for (size_t n = 0; n < ROWS; n++)
        for (size_t i = 0; i < FEATURES; i++)
            relevance[n][i] = (double)((n * 7 + i * 5) % 11);
    enum ocelot_status status = ocelot_truth_file_read_memory(argument, strlen(argument), "text", &subject, &truth, err);
    if (status == OCELOT_OK)
        status = ocelot_judge_create(truth, NULL, &judge, err);
    if (status == OCELOT_OK)
        status = ocelot_judge_take(judge, 0, ROWS, relevance[0], NULL, err);
    if (status == OCELOT_OK)
        status = ocelot_judge_finish(judge, err);
    ocelot_judge_free(judge);
    ocelot_truth_free(truth);
    if (argument != text && status == OCELOT_E_FORMAT) { /* refused, as it should be */
        *err = (struct ocelot_error){0};
        return OCELOT_OK;
    }
    return status;
}

static enum ocelot_status read_masks(const void *argument, struct ocelot_error *err)
{
    static const char *names[28 * 28];
    const struct ocelot_truth_subject subject = {.names = names, .features = sizeof names / sizeof *names};
    struct ocelot_truth *truth = NULL;
    enum ocelot_status status = ocelot_truth_file_read(argument, &subject, &truth, err);
    ocelot_truth_free(truth);
    return status;
}

static enum ocelot_status plant(const void *argument, struct ocelot_error *err)
{
    double rows[ROWS * 4];
    struct ocelot_planting *planting = NULL;
    struct ocelot_plant_options options;
    ocelot_options_default(ocelot_plant_option_table, &options);
    options.kinds = argument;
    options.share = 0.5;
    enum ocelot_status status = ocelot_plant_generate("blocks:4x2x0.9", ROWS, 1, rows, err);
    if (status == OCELOT_OK)
        status = ocelot_plant(rows, ROWS, 4, &options, &planting, err);
    ocelot_planting_free(planting);
    return status;
}

/* As explain does it, one thread so that the k-th allocation is always the same. */
static enum ocelot_status find_incidents(const void *argument, struct ocelot_error *err)
{
    static const char *const data = OCELOT_SOURCE_DIR "/data/glass-test.csv";
    const struct ocelot_stream_settings settings = {.format = argument,
                                                    .output = "/dev/null",
                                                    .quiet = true,
                                                    .threads = 1,
                                                    .batch = 16,
                                                    .incidents = {.wanted = true, .gap = 1, .aggregate = "weighted"},
                                                    .comparison = {.groups = "blocks:4"}};
    const struct ocelot_opening_settings opening = {0};
    const struct ocelot_reader_settings reader = {.id = "id", .label = "label"};
    struct ocelot_stream_totals totals;
    struct ocelot_output output = {0};
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_opening_read(OCELOT_SOURCE_DIR "/data/models/glass-oneclass.model", &opening, &model, err);
    struct ocelot_stream_request request = {.model = model,
                                            .data = &data,
                                            .data_count = 1,
                                            .explain = true,
                                            .settings = &settings,
                                            .reader = &reader,
                                            .format = ocelot_stream_format(&settings)};
    if (status == OCELOT_OK)
        status = ocelot_incidents_open(&request, &request.incidents, err);
    if (status == OCELOT_OK)
        status = ocelot_output_open(&output, settings.output, false, err);
    if (status == OCELOT_OK)
        status = ocelot_stream_run(&request, &output, &totals, err);
    if (status == OCELOT_OK)
        status = ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    ocelot_incidents_close(request.incidents);
    ocelot_model_free(model);
    return status;
}

const struct fault_scenario fault_truth_scenarios[] = {
    {"judge by the truth", judge, text},
    {"judge by a truth that is cut off", judge, "row,features\n1,\"a b"},
    {"read masks of pictures", read_masks, OCELOT_SOURCE_DIR "/data/boots-defects-where.idx3.gz"},
    {"plant every kind", plant, "all"},
    {"incidents as JSON lines", find_incidents, "jsonl"},
    {"incidents as CSV", find_incidents, "csv"},
    {"incidents as text", find_incidents, "text"},
    {NULL, NULL, NULL},
};
