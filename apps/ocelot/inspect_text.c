/* A model described for people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ocelot/inspect.h"

/* "name  value", nothing where the number does not exist. */
static void line(struct ocelot_text *out, const char *name, double value, const char *after)
{
    if (!isnan(value)) {
        ocelot_text_format(out, "  %-18s ", name);
        ocelot_text_number(out, value);
        ocelot_text_format(out, "%s%s\n", *after ? "  " : "", after);
    }
}

static void describe_kernel(const struct ocelot_model_info *info, struct ocelot_text *out)
{
    ocelot_text_format(out, "Kernel\n  %-18s %s\n", "kernel", info->kernel);
    if (info->members > 1) {
        ocelot_text_format(out, "  %-18s the sum of %zu members' scores; svm-predict sees the first member alone\n", "score", info->members);
    }
    if (info->node) {
        ocelot_text_format(out, "  %-18s the %zu of layer %s of %s\n", "features", info->width, info->node, info->network);
    } else if (info->width && info->width != info->features) {
        ocelot_text_format(out, "  %-18s the %zu of a patch\n", "features", info->width);
    }
    line(out, "gamma", info->gamma, "");
    line(out, "power", info->power, "");
    line(out, "coef0", info->coef0, "");
    if (info->degree) {
        line(out, "degree", info->degree, "");
    }
    ocelot_text_format(out, "  %-18s %zu, %zu of them at the bound of alpha\n", "support vectors", info->support_vectors, info->bounded);
    line(out, "sum of alpha", info->coefficient_sum, "A");
    line(out, "rho", info->rho, "");
}

void ocelot_inspect_solver(const struct ocelot_model_info *info, struct ocelot_text *out)
{
    if (!info->solver || !*info->solver) {
        return;
    }
    ocelot_text_format(out, "  %-18s %s", "solver", info->solver);
    if (!isnan(info->gap)) { /* LIBSVM does not tell it */
        ocelot_text_format(out, ", %zu iteration%s, gap %.2g", info->iterations, info->iterations == 1 ? "" : "s", info->gap);
    }
    ocelot_text_format(out, isnan(info->tolerance) ? "\n" : ", tolerance %.2g\n", info->tolerance);
}

static void describe_decision(const struct ocelot_model *model, const struct ocelot_model_info *info, size_t most, struct ocelot_text *out)
{
    size_t n = 0;
    const double *scores = ocelot_model_calibration(model, &n);
    ocelot_text_format(out, "Decision\n  %-18s %s\n", "explains", info->explains);
    if (strcmp(info->explains, "outlier_score") == 0) {
        line(out, "threshold", info->threshold, "a row is an outlier when its outlier_score is above");
        if (isnan(info->threshold)) {
            ocelot_text_format(out, "  %-18s none: %s, so no row is an outlier by its score\n", "threshold",
                               info->rho <= 0 ? "rho is not positive" : "too few rows were held out");
        }
    }
    for (size_t k = 0; info->classes && k < info->outputs && k < most; k++) {
        ocelot_text_format(out, "  %-18s %s\n", k ? "" : "outputs", ocelot_model_output(model, k));
    }
    if (info->classes && info->outputs > most) {
        ocelot_text_format(out, "  %-18s ... and %zu more; --all shows them\n", "", info->outputs - most);
    }
    if (n) {
        size_t outside = 0;
        for (size_t k = 0; k < n; k++) {
            outside += scores[k] > info->threshold;
        }
        ocelot_text_format(out, "  %-18s %zu held-out scores from ", "calibration", n);
        ocelot_text_format(out, "%.4g to %.4g, %zu of them above the threshold; smallest p-value 1/%zu\n", scores[0], scores[n - 1], outside, n + 1);
    } else if (strcmp(info->explains, "outlier_score") == 0) {
        ocelot_text_format(out, "  %-18s none, so no p-values\n", "calibration");
    }
    line(out, "nu", info->nu, "");
    if (info->training_rows) {
        ocelot_text_format(out, "  %-18s %zu\n", "training rows", info->training_rows);
    }
    ocelot_inspect_solver(info, out);
}

static void describe_features(const struct ocelot_model *model, const struct ocelot_model_info *info, size_t most, struct ocelot_text *out)
{
    ocelot_text_format(out, "Features (%zu, scaling %s)\n", info->features, info->scaling);
    ocelot_text_format(out, "  %7s  %-24s %12s %12s   %12s %12s %12s\n", "index", "name", "center", "factor", "5 %", "median", "95 %");
    for (size_t i = 0; i < info->features && i < most; i++) {
        struct ocelot_feature f = ocelot_model_feature(model, i);
        ocelot_text_format(out, "  %7ld  %-24s %12.6g %12.6g", f.index, f.name, f.center, f.factor);
        if (isnan(f.low)) {
            ocelot_text_string(out, "\n");
        } else {
            ocelot_text_format(out, "   %12.6g %12.6g %12.6g\n", f.low, f.median, f.high);
        }
    }
    if (info->features > most) {
        ocelot_text_format(out, "  ... and %zu more; --all shows them\n", info->features - most);
    }
}

/* Columns as wide as the longest name, shape and rule, within reason. */
static void describe_layers(const struct ocelot_inspection *inspection, struct ocelot_text *out)
{
    enum { LEAST = 14, MOST = 48 };
    const struct ocelot_model *model = inspection->model;
    size_t layers = ocelot_model_layers(model), names = LEAST, shapes = 10, rules = 4, parameters = 0;
    for (size_t i = 0; i < layers; i++) {
        struct ocelot_layer layer = ocelot_model_layer(model, i);
        size_t rule = inspection->rules ? strlen(inspection->rules[i]) : 0;
        names = strlen(layer.name) > names ? strlen(layer.name) : names;
        shapes = strlen(layer.shape) > shapes ? strlen(layer.shape) : shapes;
        rules = rule > rules ? rule : rules;
        parameters += layer.parameters;
    }
    names = names < MOST ? names : MOST;
    rules = rules < MOST ? rules : MOST;
    ocelot_text_format(out, "Network (%zu layers, %zu parameters", layers, parameters);
    ocelot_text_format(out, inspection->rules ? "; rules of method %s)\n" : ")\n", inspection->method);
    for (size_t i = 0; i < layers; i++) {
        struct ocelot_layer layer = ocelot_model_layer(model, i);
        ocelot_text_format(out, "  %3zu  %-*s %-12s %*s", i, (int)names, layer.name, layer.op, (int)shapes, layer.shape);
        const char *rule = inspection->rules ? inspection->rules[i] : "", *detail = layer.detail;
        ocelot_text_format(out, "  %10zu parameters", layer.parameters);
        if (*detail && inspection->rules) {
            ocelot_text_format(out, "  %-*s  %s\n", (int)rules, rule, detail);
        } else {
            ocelot_text_format(out, "%s%s\n", *rule || *detail ? "  " : "", *rule ? rule : detail);
        }
    }
}

void ocelot_inspect_text(const struct ocelot_inspection *inspection, struct ocelot_text *out)
{
    const struct ocelot_model *model = inspection->model;
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    bool network = info.support_vectors == 0;
    ocelot_text_format(out, "%s: %s, %s", inspection->path, info.source, info.type);
    ocelot_text_string(out, network ? "\n" : info.has_card ? ", with card\n" : ", no card\n");
    describe_layers(inspection, out);
    if (!network) {
        describe_kernel(&info, out);
    }
    describe_decision(model, &info, inspection->features, out);
    ocelot_text_format(out, "  %-18s %s\n", "default method", info.method ? info.method : "none: this model can only be scored");
    if (info.input_rank < 2) {
        describe_features(model, &info, inspection->features, out);
    }
    for (size_t k = 0; ocelot_model_warning(model, k); k++) {
        ocelot_text_format(out, "%s  - %s\n", k ? "" : "Warnings\n", ocelot_model_warning(model, k));
    }
}
