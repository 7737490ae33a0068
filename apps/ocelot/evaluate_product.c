/* How constant c_j is in R_j = a_j c_j, layer by layer: the premise of deep Taylor decomposition. */
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "ocelot/evaluation.h"

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

static enum ocelot_status measure(const struct ocelot_evaluate_settings *settings, const struct ocelot_model *model, const struct ocelot_plan *plan,
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
        fill_noise(model, row, features, settings->noise, noise);
        status = ocelot_measure_product_structure(plan, workspace, row, noise, settings->copies, settings->seed + r, found, err);
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

enum ocelot_status ocelot_evaluate_product(struct ocelot_evaluation *evaluation, struct ocelot_text *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_settings *settings = evaluation->settings;
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    struct ocelot_planning planning = {0};
    struct ocelot_plan *plan = NULL;
    struct sum *sums = ocelot_allocate(ocelot_model_layers(evaluation->model), sizeof *sums);
    if (!sums) {
        return ocelot_fail_memory(err, "the measurements");
    }
    enum ocelot_status status = ocelot_planning_make(&planning, evaluation->model, &settings->stream, &settings->reader, err);
    planning.options.batch = settings->copies + 1;
    status = status ? status : ocelot_plan_create(evaluation->model, &planning.options, &plan, err);
    status = status ? status : measure(settings, evaluation->model, plan, rows->values, rows->count, sums, err);
    if (!status) {
        (settings->json ? tell_json : tell)(evaluation->model, sums, rows->count, out);
    }
    ocelot_plan_free(plan);
    ocelot_planning_free(&planning);
    free(sums);
    return status;
}
