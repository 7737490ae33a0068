/* A model described for programs. */
#include "ocelot/inspect.h"

#include <math.h>

static void string(struct ocelot_text *out, const char *key, const char *value)
{
    ocelot_text_format(out, "\"%s\":", key);
    if (value) {
        ocelot_text_json_string(out, value);
    } else {
        ocelot_text_string(out, "null");
    }
    ocelot_text_string(out, ",");
}

static void number(struct ocelot_text *out, const char *key, double value)
{
    ocelot_text_format(out, "\"%s\":", key);
    ocelot_text_json_number(out, value);
    ocelot_text_string(out, ",");
}

static void count(struct ocelot_text *out, const char *key, size_t value)
{
    ocelot_text_format(out, "\"%s\":%zu,", key, value);
}

/* Takes the comma after the last member away and closes. */
static void close(struct ocelot_text *out, const char *bracket)
{
    if (!out->failed && out->length && out->bytes[out->length - 1] == ',') {
        out->bytes[--out->length] = '\0';
    }
    ocelot_text_string(out, bracket);
}

static void layers(const struct ocelot_inspection *inspection, struct ocelot_text *out)
{
    const struct ocelot_model *model = inspection->model;
    ocelot_text_string(out, "\"layers\":[");
    for (size_t i = 0; i < ocelot_model_layers(model); i++) {
        struct ocelot_layer layer = ocelot_model_layer(model, i);
        ocelot_text_string(out, "{");
        string(out, "name", layer.name);
        string(out, "op", layer.op);
        string(out, "shape", layer.shape);
        string(out, "detail", layer.detail);
        count(out, "size", layer.size);
        count(out, "parameters", layer.parameters);
        if (inspection->rules) {
            string(out, "rule", inspection->rules[i][0] ? inspection->rules[i] : NULL);
        }
        close(out, "},");
    }
    close(out, "],");
}

static void features(const struct ocelot_model *model, size_t d, struct ocelot_text *out)
{
    ocelot_text_string(out, "\"features\":[");
    for (size_t i = 0; i < d; i++) {
        struct ocelot_feature f = ocelot_model_feature(model, i);
        ocelot_text_string(out, "{");
        string(out, "name", f.name);
        ocelot_text_format(out, "\"index\":%ld,", f.index);
        number(out, "center", f.center);
        number(out, "factor", f.factor);
        number(out, "low", f.low);
        number(out, "median", f.median);
        number(out, "high", f.high);
        close(out, "},");
    }
    close(out, "],");
}

static void decision(const struct ocelot_model *model, const struct ocelot_model_info *info, struct ocelot_text *out)
{
    size_t n = 0;
    const double *scores = ocelot_model_calibration(model, &n);
    ocelot_text_string(out, "\"calibration\":[");
    for (size_t k = 0; k < n; k++) {
        ocelot_text_json_number(out, scores[k]);
        ocelot_text_string(out, ",");
    }
    close(out, "],\"outputs\":[");
    for (size_t k = 0; k < info->outputs; k++) {
        ocelot_text_json_string(out, ocelot_model_output(model, k));
        ocelot_text_string(out, ",");
    }
    close(out, "],\"classes\":[");
    for (size_t k = 0; k < info->classes; k++) {
        ocelot_text_format(out, "%d,", ocelot_model_class(model, k));
    }
    close(out, "],\"warnings\":[");
    for (size_t k = 0; ocelot_model_warning(model, k); k++) {
        ocelot_text_json_string(out, ocelot_model_warning(model, k));
        ocelot_text_string(out, ",");
    }
    close(out, "]}\n");
}

void ocelot_inspect_json(const struct ocelot_inspection *inspection, struct ocelot_text *out)
{
    const struct ocelot_model *model = inspection->model;
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    ocelot_text_string(out, "{");
    string(out, "path", inspection->path);
    string(out, "source", info.source);
    string(out, "type", info.type);
    string(out, "kernel", info.kernel);
    number(out, "gamma", info.gamma);
    number(out, "power", info.power);
    number(out, "coef0", info.coef0);
    count(out, "degree", (size_t)info.degree);
    string(out, "scaling", info.scaling);
    string(out, "network", info.network);
    string(out, "node", info.node);
    count(out, "width", info.width);
    count(out, "members", info.members);
    count(out, "support_vectors", info.support_vectors);
    count(out, "bounded", info.bounded);
    number(out, "coefficient_sum", info.coefficient_sum);
    number(out, "rho", info.rho);
    number(out, "threshold", info.threshold);
    number(out, "nu", info.nu);
    count(out, "training_rows", info.training_rows);
    string(out, "solver", info.solver && *info.solver ? info.solver : NULL);
    if (isnan(info.gap)) {
        ocelot_text_string(out, "\"iterations\":null,");
    } else {
        count(out, "iterations", info.iterations);
    }
    number(out, "gap", info.gap);
    number(out, "tolerance", info.tolerance);
    string(out, "explains", info.explains);
    string(out, "method", info.method);
    ocelot_text_format(out, "\"has_card\":%s,", info.has_card ? "true" : "false");
    layers(inspection, out);
    features(model, info.features, out);
    decision(model, &info, out);
}
