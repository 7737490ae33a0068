/* ocelot evaluate: methods of explanation judged by axioms, and what deep Taylor decomposition rests on. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocelot/commands.h"
#include "ocelot/evaluation.h"

#define AT(member) offsetof(struct ocelot_evaluate_settings, member)

static const struct ocelot_option method_table[] = {
    {.name = "methods",
     .type = OCELOT_OPTION_LIST,
     .offset = AT(methods),
     .placeholder = "METHODS",
     .summary =
         "judge these, separated by commas, such as dtd,gradient,lrp:composite=epsilon (settings after a colon, joined by +); without this, all, "
         "and those that do not apply are listed with the reason"},
    {.name = "set",
     .letter = 's',
     .type = OCELOT_OPTION_LIST,
     .offset = AT(stream.set),
     .placeholder = "SETTING",
     .summary = "NAME=VALUE for every method that has such an option, as `ocelot methods` lists them, or METHOD.NAME=VALUE for one"},
    {.name = "target",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(stream.target),
     .placeholder = "OUTPUT",
     .summary = "the output that is explained, as for explain; without this, that of the class predicted for each row"},
    {.name = NULL},
};

static const struct ocelot_option row_table[] = {
    {.name = "rows",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(rows),
     .placeholder = "N",
     .low = 1,
     .high = 10000,
     .fallback = "20",
     .summary = "judge on N rows"},
    {.name = "pick",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(pick),
     .placeholder = "WHICH",
     .choices = "strangest|first",
     .summary =
         "which rows of the data: those with the largest outlier scores, or the first; without this, the strangest where there are such scores"},
    {.name = "seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(seed),
     .placeholder = "N",
     .high = 1e15,
     .fallback = "1",
     .summary = "of everything drawn: same seed, same figures (times excepted)"},
    {.name = "draws",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(draws),
     .placeholder = "N",
     .low = 0,
     .high = 1e6,
     .fallback = "2000",
     .summary = "of the bootstrap that gives a mean its 95 % interval"},
    {.name = "image",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(image),
     .placeholder = "HxW",
     .summary = "rows are images of H by W pixels; known by itself for networks, IDX and NumPy images, `no` to take pixels for features"},
    {.name = NULL},
};

static const struct ocelot_option measure_table[] = {
    {.name = "replace",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(replace),
     .placeholder = "WITH",
     .choices = "expected|mean|nearest|neighbour|zero",
     .summary = "selectivity: what features are replaced with, fixed before the first is: expected from the row's other features, the mean or the "
                "nearest row of the background, the nearest normal pattern, or zero; without this, expected, for networks zero"},
    {.name = "block",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(block),
     .placeholder = "PIXELS",
     .low = 0,
     .high = 10000,
     .fallback = "0",
     .summary = "images: replace squares of this side; 0 = a seventh of the image"},
    {.name = "points",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(points),
     .placeholder = "N",
     .low = 1,
     .high = 100000,
     .fallback = "128",
     .summary = "replace in at most N steps, several features at once where there are more"},
    {.name = "orders",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(orders),
     .placeholder = "N",
     .low = 1,
     .high = 10000,
     .fallback = "8",
     .summary = "random orders of replacement, the control"},
    {.name = "disturbed",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(disturbed),
     .placeholder = "N",
     .low = 0,
     .high = 10000,
     .fallback = "5",
     .summary = "continuity and max-sensitivity: on the first N of the rows only, because each costs steps + near + 2 explanations of every method"},
    {.name = "steps",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(steps),
     .placeholder = "N",
     .low = 2,
     .high = 10000,
     .fallback = "24",
     .summary = "continuity: steps from one row to the next; an image is moved from left to right, a quarter of a pixel each"},
    {.name = "near",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(small_copies),
     .placeholder = "N",
     .low = 0,
     .high = 10000,
     .fallback = "8",
     .summary = "max-sensitivity: points near the row"},
    {.name = "radius",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(radius),
     .placeholder = "S",
     .low = 0,
     .high = 1,
     .fallback = "0.01",
     .summary = "max-sensitivity: how near, as a share of each feature's normal range, for images of the row's range of values"},
    {.name = NULL},
};

static const struct ocelot_option truth_table[] = {
    {.name = "truth",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(truth),
     .placeholder = "FILE",
     .summary =
         "which features were to blame: CSV with columns row,features or start,end,features (rows from 0, `end` not included; features by name, "
         "separated by semicolons), or a mask as NumPy or IDX. All these rows are explained by every method"},
    {.name = "truth-column",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(truth_column),
     .placeholder = "COLUMN",
     .summary = "the column that names the features; without this, features or metrics"},
    {.name = "aggregate",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(aggregate),
     .placeholder = "WAY|point",
     .summary = "text: how the rows of an incident become one ranking in the first table (point, mean, max, ...); without this, max"},
    {.name = NULL},
};

static const struct ocelot_option output_table[] = {
    {.name = "format",
     .letter = 'f',
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(stream.format),
     .placeholder = "FORMAT",
     .choices = "text|json",
     .summary = "a table, or one JSON object; without this, a table on a terminal, else JSON"},
    {.name = "json", .type = OCELOT_OPTION_FLAG, .offset = AT(json), .summary = "the same as --format json"},
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(stream.output),
     .placeholder = "FILE",
     .summary = "write to FILE, which appears when it is complete; without this, to standard output"},
    {.name = "report",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(report),
     .placeholder = "FILE.html",
     .summary = "also write a page with the table, the ticks, curves and pictures"},
    {.name = "no-times",
     .type = OCELOT_OPTION_FLAG,
     .offset = AT(no_times),
     .summary = "leave times out: what is written then is the same in every run"},
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = AT(stream.quiet), .summary = "say nothing on standard error but errors"},
    {.name = NULL},
};

static const struct ocelot_option product_table[] = {
    {.name = "product-structure",
     .type = OCELOT_OPTION_FLAG,
     .offset = AT(product_structure),
     .summary = "instead: how constant c_j is in R_j = a_j c_j, layer by layer, around the first rows: the premise of deep Taylor decomposition"},
    {.name = "noise",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(noise),
     .placeholder = "S",
     .low = 0,
     .high = 1,
     .fallback = "0.01",
     .summary = "standard deviation of the noise, as a share of each feature's normal range, for pixels of the row's range of values"},
    {.name = "copies",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(copies),
     .placeholder = "N",
     .low = 1,
     .high = 255,
     .fallback = "8",
     .summary = "noisy copies of each row"},
    {.name = "method", .letter = 'm', .type = OCELOT_OPTION_TEXT, .offset = AT(stream.method), .placeholder = "METHOD", .summary = "dtd or lrp"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Methods", method_table, 0},
    {"Rows", row_table, 0},
    {"Measures", measure_table, 0},
    {"Truth", truth_table, 0},
    {"Output", output_table, 0},
    {"Groups and background", ocelot_comparison_option_table, offsetof(struct ocelot_evaluate_settings, stream.comparison)},
    {"Product structure", product_table, 0},
    {"Rules of propagation", ocelot_rules_option_table, offsetof(struct ocelot_evaluate_settings, stream)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct ocelot_evaluate_settings, reader)},
    {"Networks", ocelot_network_option_table, offsetof(struct ocelot_evaluate_settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct ocelot_evaluate_settings, opening)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct ocelot_evaluate_settings, reader)},
    {"Work", ocelot_work_option_table, offsetof(struct ocelot_evaluate_settings, stream)},
    {.table = NULL},
};

/* Groups, rows of normal data, and the truth. */
static enum ocelot_status read_beside(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_comparison_settings *comparison = &evaluation->settings->stream.comparison;
    enum ocelot_status status = ocelot_background_read(&evaluation->background, comparison, &evaluation->settings->reader, evaluation->model,
                                                       evaluation->settings->stream.quiet ? NULL : evaluation->program, err);
    if (!status && evaluation->background.count && evaluation->background.width != evaluation->info.features) {
        status = ocelot_fail(err, OCELOT_E_SHAPE, "--background: %s has values at indices %ld to %ld, which the model does not have",
                             comparison->background, evaluation->background.first_index, evaluation->background.last_index);
    }
    if (!status && comparison->groups) {
        status = ocelot_groups_make(&evaluation->groups, comparison->groups, evaluation->model, err);
    }
    if (!status && evaluation->settings->aggregate && !evaluation->settings->truth) {
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "--aggregate is for --truth");
    }
    return status || !evaluation->settings->truth ? status : ocelot_evaluate_truth_read(evaluation, err);
}

/* At least one of the methods that were asked for must apply. */
static enum ocelot_status check_contenders(const struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (!evaluation->contenders[k].refused && !evaluation->contenders[k].control) {
            return OCELOT_OK;
        }
    }
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "none of the methods applies to this model; %s: %s", evaluation->contenders[0].name,
                       evaluation->contenders[0].refused);
}

static enum ocelot_status judge(struct ocelot_evaluation *evaluation, struct ocelot_text *text, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    const char *format = settings->json ? "json" : settings->stream.format;
    bool terminal = !settings->stream.output && isatty(STDOUT_FILENO), page = settings->report != NULL;
    enum ocelot_status status = ocelot_evaluate_prepare(evaluation, err);
    status = status ? status : ocelot_evaluate_run(evaluation, err);
    status = status || !evaluation->truth.truth ? status : ocelot_evaluate_truth_run(evaluation, err);
    status = status ? status : check_contenders(evaluation, err);
    status = status ? status : ocelot_evaluate_sum(evaluation, err);
    if (!status && page) {
        struct ocelot_output output = {0};
        struct ocelot_text html = {0};
        status = ocelot_evaluate_page(evaluation, &html, err);
        status = status ? status : ocelot_output_open(&output, settings->report, false, err);
        status = status ? status : ocelot_output_write(&output, &html, err);
        status = status ? status : ocelot_output_finish(&output, err);
        ocelot_output_discard(&output);
        ocelot_text_free(&html);
    }
    if (!status) {
        status = ((format ? strcmp(format, "json") == 0 : !terminal) ? ocelot_evaluate_json : ocelot_evaluate_text)(evaluation, text, err);
    }
    return status;
}

static enum ocelot_status write_out(const struct ocelot_evaluation *evaluation, const struct ocelot_text *text, struct ocelot_error *err)
{
    struct ocelot_output output = {0};
    enum ocelot_status status = text->failed ? ocelot_fail_memory(err, "the table") : OCELOT_OK;
    status = status ? status : ocelot_output_open(&output, evaluation->settings->stream.output, false, err);
    status = status ? status : ocelot_output_write(&output, text, err);
    status = status ? status : ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    return status;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct ocelot_evaluate_settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_text text = {0};
    struct ocelot_evaluation evaluation = {.program = invocation->program,
                                           .settings = settings,
                                           .model_path = invocation->operands[0],
                                           .data_paths = invocation->operands + 1,
                                           .data_count = invocation->operand_count - 1};
    enum ocelot_status status = ocelot_opening_read(evaluation.model_path, &settings->opening, &evaluation.model, &err);
    if (!status) {
        ocelot_model_describe(evaluation.model, &evaluation.info);
        evaluation.one_class = evaluation.info.explains && strcmp(evaluation.info.explains, "outlier_score") == 0;
        status = settings->product_structure ? OCELOT_OK : ocelot_evaluate_choose(&evaluation, &err);
    }
    status = status ? status : ocelot_evaluate_read(&evaluation, &err);
    status = status || settings->product_structure ? status : read_beside(&evaluation, &err);
    if (!status && evaluation.rows.failed && !settings->stream.quiet) {
        ocelot_remark(invocation->program, "%zu of %zu rows were left out; the first: %s", evaluation.rows.failed, evaluation.rows.read,
                      evaluation.rows.first_failure);
    }
    if (!status && evaluation.truth.beyond && !settings->stream.quiet) {
        ocelot_remark(invocation->program, "%s: %zu of %zu incidents end behind the last row of the data; is it of these data?", settings->truth,
                      evaluation.truth.beyond, ocelot_truth_incidents(evaluation.truth.truth));
    }
    status = status ? status : (settings->product_structure ? ocelot_evaluate_product : judge)(&evaluation, &text, &err);
    status = status ? status : write_out(&evaluation, &text, &err);
    bool failed = evaluation.rows.failed > 0;
    ocelot_text_free(&text);
    ocelot_evaluate_contenders_free(&evaluation);
    ocelot_evaluate_rows_free(&evaluation.rows);
    ocelot_evaluate_truth_free(&evaluation.truth);
    ocelot_background_free(&evaluation.background);
    ocelot_groups_free(&evaluation.groups);
    ocelot_model_free(evaluation.model);
    return status ? ocelot_complain(invocation->program, &err) : failed ? OCELOT_EXIT_ROWS : OCELOT_EXIT_DONE;
}

const struct ocelot_command ocelot_command_evaluate = {
    .name = "evaluate",
    .summary = "judge methods of explanation by axioms",
    .usage = (const char *const[]){"[options] MODEL DATA...", "--product-structure [options] MODEL DATA...", NULL},
    .description =
        "Explains rows by every method and measures what an explanation should be: does relevance add up to what is explained (conservation), is "
        "none "
        "of it negative (positivity), does it change little where row and output do (continuity), does the output fall fast while the features are "
        "replaced that are called relevant (selectivity, beside reversed and random orders); how much it changes in a small neighbourhood, how "
        "concentrated it is, whether it notices that the model's weights were permuted, and what it costs. Every mean has a 95 % bootstrap "
        "interval.\n\n"
        "With --product-structure: deep Taylor decomposition rests on relevance being a product R_j = a_j c_j of a neuron's activation and a factor "
        "c_j that is nearly constant around the row. This disturbs rows with a little noise and says, layer by layer, by how much c_j varies (root "
        "mean square, relative, weighted by relevance), beside how much the activations a_j themselves vary.",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot evaluate pumps.model today.csv --methods dtd,gradient,random --report methods.html", "Judges three methods, and makes a page."},
            {"ocelot evaluate net.onnx garments.npy --methods lrp:composite=deep-taylor,lrp:composite=epsilon", "Compares two composites."},
            {"ocelot evaluate --product-structure net.onnx garments.npy", "Measures the premise on a network."},
            {NULL, NULL}},
    .settings_size = sizeof(struct ocelot_evaluate_settings),
    .least = 2,
    .most = SIZE_MAX,
    .run = run,
};
