/* What `ocelot train` says in the end. */
#include "ocelot/train_summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ocelot/inspect.h"

static void line(struct ocelot_text *text, const char *name, double value, const char *after)
{
    char number[64];
    snprintf(number, sizeof number, "%.6g", value);
    ocelot_text_format(text, "  %-18s %s%s\n", name, isnan(value) ? "none" : number, after);
}

/* A row whose p-value is at most nu needs (n + 1) nu >= 1; below that the held-out rows cannot place the threshold either. */
static void warn_holdout(struct ocelot_text *text, const struct ocelot_train_options *options, size_t n)
{
    double least = ceil((1 - 1e-9) / options->nu) - 1; /* 0.1 asks for 9, not for 10 */
    const char *threshold = strcmp(options->threshold, "svm") == 0 ? "" : "the threshold is as the SVM solved it, and ";
    if (n == 0) {
        ocelot_text_format(text, "  warning: no row was held out: %sthere are no p-values\n", threshold);
    } else if ((double)n < least) {
        ocelot_text_format(text, "  warning: %zu held-out row%s too few for nu %g, which needs %.0f: %sthe smallest p-value is 1/%zu\n", n,
                           n == 1 ? " is" : "s are", options->nu, least, threshold, n + 1);
    }
}

void ocelot_train_summary(const struct ocelot_training_told *told, const struct ocelot_model *model)
{
    struct ocelot_model_info info;
    struct ocelot_text text = {0};
    size_t n = 0, outside = 0;
    ocelot_model_describe(model, &info);
    const double *scores = ocelot_model_calibration(model, &n);
    for (size_t k = 0; k < n; k++) {
        outside += scores[k] > info.threshold;
    }
    if (info.members > 1) {
        ocelot_text_format(&text, "%s: %zu one-class SVMs with the %s kernel, whose scores add up\n", told->output, info.members, info.kernel);
    } else {
        ocelot_text_format(&text, "%s: one-class SVM with the %s kernel\n", told->output, info.kernel);
    }
    ocelot_text_format(&text, "  %-18s %zu", "rows", told->rows);
    ocelot_text_format(&text, info.training_rows && info.training_rows != told->rows ? " (%zu trained on, %zu held out)\n" : "\n", info.training_rows,
                       n);
    ocelot_text_format(&text, "  %-18s %zu", "features", info.width);
    if (info.network) {
        ocelot_text_format(&text, ", of layer %s of %s", info.node, info.network);
    }
    ocelot_text_format(&text, "%s, scaling %s\n", told->patch ? ", in patches" : "", info.scaling);
    ocelot_text_format(&text, "  %-18s %zu, %zu of them at the bound\n", "support vectors", info.support_vectors, info.bounded);
    if (!isnan(info.gamma)) {
        line(&text, "gamma", info.gamma, "");
    }
    ocelot_inspect_solver(&info, &text);
    line(&text, "threshold", info.threshold, " (a row is an outlier above it)");
    if (n) {
        ocelot_text_format(&text, "  %-18s %zu of %zu (%.1f %%)\n", "held-out outside", outside, n, 100 * (double)outside / (double)n);
    }
    warn_holdout(&text, told->options, n);
    for (size_t k = 0; ocelot_model_warning(model, k); k++) {
        ocelot_text_format(&text, "  warning: %s\n", ocelot_model_warning(model, k));
    }
    if (strcmp(info.scaling, "none") != 0 && !info.network && !told->patch) {
        ocelot_text_format(&text, "  svm-predict reads %s, but wants scaled rows: %s\n", info.members > 1 ? "the first member alone" : "this file",
                           told->save_range ? "svm-scale -r with the range file written" : "--save-range writes a range file for svm-scale -r");
    }
    fwrite(text.failed ? "" : text.bytes, 1, text.failed ? 0 : text.length, stderr);
    ocelot_text_free(&text);
}
