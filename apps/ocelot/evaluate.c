/* ocelot evaluate: measuring what an explanation rests on. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/commands.h"
#include "ocelot/explain.h"
#include "stream/gallery.h"
#include "stream/opening.h"
#include "stream/stream.h"
#include "stream/table.h"

struct choices {
    bool product_structure, json;
    double noise;
    size_t copies, rows, seed;
    const char *method;
    struct ocelot_option_list set;
};

struct settings {
    struct choices choices;
    struct ocelot_opening_settings opening;
    struct ocelot_reader_settings reader;
};

#define AT(member) offsetof(struct choices, member)

static const struct ocelot_option choices_table[] = {
    {.name = "product-structure",
     .type = OCELOT_OPTION_FLAG,
     .offset = AT(product_structure),
     .summary = "how constant c_j is in R_j = a_j c_j, layer by layer: the premise of deep Taylor decomposition"},
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
    {.name = "rows",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(rows),
     .placeholder = "N",
     .low = 1,
     .high = 1e6,
     .fallback = "20",
     .summary = "use the first N rows"},
    {.name = "seed", .type = OCELOT_OPTION_COUNT, .offset = AT(seed), .placeholder = "N", .high = 1e15, .fallback = "1", .summary = "of the noise"},
    {.name = "method", .letter = 'm', .type = OCELOT_OPTION_TEXT, .offset = AT(method), .placeholder = "METHOD", .summary = "dtd or lrp"},
    {.name = "set",
     .letter = 's',
     .type = OCELOT_OPTION_LIST,
     .offset = AT(set),
     .placeholder = "NAME=VALUE",
     .summary = "an option of the method, as `ocelot methods` lists them"},
    {.name = "json", .type = OCELOT_OPTION_FLAG, .offset = AT(json), .summary = "write one JSON object"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"What to measure", choices_table, offsetof(struct settings, choices)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct settings, reader)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {.table = NULL},
};

/* One layer's means over the rows. */
struct sum {
    double neurons, variation, activation;
    size_t rows;
};

/* Noise for each feature: a share of its normal range where the model knows one, else of the row's own range of values, as pixels have. */
static void fill_noise(const struct ocelot_model *model, const double *row, size_t features, double share, double *noise)
{
    double low = row[0], high = row[0];
    for (size_t i = 1; i < features; i++) {
        low = fmin(low, row[i]);
        high = fmax(high, row[i]);
    }
    for (size_t i = 0; i < features; i++) {
        struct ocelot_feature feature = ocelot_model_feature(model, i);
        noise[i] = share * (isfinite(feature.low) ? feature.high - feature.low : high - low);
    }
}

static enum ocelot_status measure(const struct settings *settings, const struct ocelot_model *model, const struct ocelot_plan *plan,
                                  const double *values, size_t count, struct sum *sums, struct ocelot_error *err)
{
    size_t layers = ocelot_model_layers(model), features;
    struct ocelot_model_info info;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_product_structure *found = ocelot_allocate(layers, sizeof *found);
    ocelot_model_describe(model, &info);
    features = info.features;
    double *noise = ocelot_allocate(features, sizeof *noise);
    enum ocelot_status status = found && noise ? ocelot_workspace_create(plan, &workspace, err) : ocelot_fail_memory(err, "the measurements");
    for (size_t r = 0; r < count && !status && found && noise; r++) {
        const double *row = values + r * features;
        fill_noise(model, row, features, settings->choices.noise, noise);
        status = ocelot_measure_product_structure(plan, workspace, row, noise, settings->choices.copies, settings->choices.seed + r, found, err);
        for (size_t i = 0; i < layers && !status; i++) {
            if (isnan(found[i].variation)) {
                continue;
            }
            sums[i].rows++;
            sums[i].neurons += (double)found[i].neurons;
            sums[i].variation += found[i].variation;
            sums[i].activation += found[i].activation_variation;
        }
    }
    ocelot_workspace_free(workspace);
    free(noise);
    free(found);
    return status;
}

static void tell(const struct ocelot_model *model, const struct sum *sums, size_t rows, struct ocelot_text *out)
{
    ocelot_text_format(out,
                       "Product structure R_j = a_j c_j, means over %zu rows: how much c_j varies around a row, beside how much a_j does\n"
                       "  %-24s %-12s %14s %9s %12s %12s\n",
                       rows, "layer", "op", "shape", "neurons", "c varies", "a varies");
    for (size_t i = 0; i < ocelot_model_layers(model); i++) {
        struct ocelot_layer layer = ocelot_model_layer(model, i);
        double n = (double)sums[i].rows;
        ocelot_text_format(out, "  %-24.24s %-12s %14s ", layer.name, layer.op, layer.shape);
        if (sums[i].rows) {
            ocelot_text_format(out, "%9.0f %10.2f %% %10.2f %%\n", sums[i].neurons / n, 100 * sums[i].variation / n, 100 * sums[i].activation / n);
        } else {
            ocelot_text_format(out, "%9s %12s %12s\n", "-", "-", "-");
        }
    }
}

static void tell_json(const struct ocelot_model *model, const struct sum *sums, size_t rows, struct ocelot_text *out)
{
    ocelot_text_format(out, "{\"rows\":%zu,\"product_structure\":[", rows);
    for (size_t i = 0; i < ocelot_model_layers(model); i++) {
        struct ocelot_layer layer = ocelot_model_layer(model, i);
        double n = sums[i].rows ? (double)sums[i].rows : NAN;
        ocelot_text_string(out, i ? ",{\"layer\":" : "{\"layer\":");
        ocelot_text_json_string(out, layer.name);
        ocelot_text_format(out, ",\"op\":\"%s\",\"neurons\":", layer.op);
        ocelot_text_json_number(out, sums[i].neurons / n);
        ocelot_text_string(out, ",\"variation\":");
        ocelot_text_json_number(out, sums[i].variation / n);
        ocelot_text_string(out, ",\"activation_variation\":");
        ocelot_text_json_number(out, sums[i].activation / n);
        ocelot_text_string(out, "}");
    }
    ocelot_text_string(out, "]}\n");
}

/* Rows into memory: measuring looks at a few only. */
static enum ocelot_status read_rows(const struct settings *settings, const char *const *paths, size_t path_count, const struct ocelot_model *model,
                                    double **values, size_t *count, struct ocelot_error *err)
{
    struct ocelot_feed *feed = NULL;
    struct ocelot_row_batch batch;
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    double *rows = *values = ocelot_allocate(settings->choices.rows * info.features, sizeof *rows);
    *count = 0;
    if (!rows) {
        return ocelot_fail_memory(err, "the rows");
    }
    enum ocelot_status status = ocelot_feed_open_all(paths, path_count, &settings->reader, model, &feed, err);
    while (!status && *count < settings->choices.rows) {
        status = ocelot_feed_read(feed, settings->choices.rows - *count, &batch, err);
        if (status || batch.count == 0) {
            break;
        }
        if (batch.width != info.features) {
            status = ocelot_fail(err, OCELOT_E_SHAPE, "%s: rows have %zu values, expected %zu", paths[0], batch.width, info.features);
        }
        for (size_t r = 0; r < batch.count && !status; r++) {
            if (!batch.error[r]) {
                memcpy(rows + *count * info.features, batch.values + r * info.features, info.features * sizeof *rows);
                ++*count;
            }
        }
    }
    if (!status && *count == 0) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "%s: found no row that can be used", paths[0]);
    }
    ocelot_feed_close(feed);
    return status;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_plan *plan = NULL;
    struct ocelot_text text = {0};
    struct sum *sums = NULL;
    double *values = NULL;
    size_t count = 0;
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = settings->choices.method;
    options.settings = settings->choices.set.text;
    options.setting_count = settings->choices.set.count;
    options.batch = settings->choices.copies + 1;
    enum ocelot_status status = settings->choices.product_structure
                                    ? OCELOT_OK
                                    : ocelot_fail(&err, OCELOT_E_ARGUMENT, "evaluate: say what to measure; so far there is --product-structure");
    status = status ? status : ocelot_opening_read(invocation->operands[0], &settings->opening, &model, &err);
    status = status ? status : ocelot_plan_create(model, &options, &plan, &err);
    status = status ? status : read_rows(settings, invocation->operands + 1, invocation->operand_count - 1, model, &values, &count, &err);
    if (!status) {
        sums = ocelot_allocate(ocelot_model_layers(model), sizeof *sums);
        status = sums ? measure(settings, model, plan, values, count, sums, &err) : ocelot_fail_memory(&err, "the measurements");
    }
    if (!status && sums) {
        (settings->choices.json ? tell_json : tell)(model, sums, count, &text);
    }
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    free(values);
    free(sums);
    if (status) {
        ocelot_text_free(&text);
        return ocelot_complain(invocation->program, &err);
    }
    return ocelot_say(invocation->program, &text);
}

const struct ocelot_command ocelot_command_evaluate = {
    .name = "evaluate",
    .summary = "measure what an explanation rests on",
    .usage = (const char *const[]){"--product-structure [options] MODEL DATA...", NULL},
    .description =
        "With --product-structure: deep Taylor decomposition rests on relevance being a product R_j = a_j c_j of a neuron's activation and a factor "
        "c_j that is nearly constant around the row. This disturbs rows with a little noise and says, layer by layer, by how much c_j varies (root "
        "mean square, relative, weighted by relevance), beside how much the activations a_j themselves vary.",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){{"ocelot evaluate --product-structure net.onnx garments.npy", "Measures the premise on a network."},
                                        {"ocelot evaluate --product-structure --json pumps.model today.csv", "The same for a table, for a program."},
                                        {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 2,
    .most = SIZE_MAX,
    .run = run,
};
