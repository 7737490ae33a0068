#include "stream/opening.h"

#include <string.h>

#include "base/error.h"
#include "ocelot/svm.h"
#include "stream/network.h"
#include "stream/table.h"

#define AT(member) offsetof(struct ocelot_opening_settings, member)

const struct ocelot_option ocelot_opening_option_table[] = {
    {.name = "range",
     .letter = 'r',
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(range),
     .placeholder = "FILE",
     .summary = "range file of svm-scale, or .scale file of R e1071, that the training data were scaled with; DATA is then raw"},
    {.name = "support-rows",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(support_rows),
     .placeholder = "FILE",
     .summary = "training rows of a model with a precomputed kernel, in the order of their numbers"},
    {.name = "kernel",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(kernel),
     .placeholder = "KERNEL",
     .choices = "rbf|laplace|generalised-gaussian|student|linear|polynomial|sigmoid",
     .summary = "the kernel that was precomputed, with --support-rows"},
    {.name = "gamma",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(gamma),
     .placeholder = "NUMBER",
     .low = 0,
     .high = 1e300,
     .fallback = "1",
     .summary = "gamma of that kernel"},
    {.name = "power",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(power),
     .placeholder = "NUMBER",
     .low = 0,
     .high = 2,
     .fallback = "1",
     .summary = "power of that kernel (generalised-gaussian)"},
    {.name = "coef0",
     .type = OCELOT_OPTION_NUMBER,
     .offset = AT(coef0),
     .placeholder = "NUMBER",
     .low = -1e300,
     .high = 1e300,
     .fallback = "0",
     .summary = "constant of that kernel (polynomial, sigmoid)"},
    {.name = "degree",
     .type = OCELOT_OPTION_COUNT,
     .offset = AT(degree),
     .placeholder = "NUMBER",
     .low = 1,
     .high = 100,
     .fallback = "3",
     .summary = "degree of that kernel (polynomial)"},
    {.name = NULL},
};

/* The library says what it lacks; which options of ours give it, it cannot know. */
static void name_options(struct ocelot_error *err)
{
    static const char hint[] = " (--support-rows, --kernel, --gamma)";
    size_t length = strlen(err->message);
    if (strstr(err->message, "precomputed") && length + sizeof hint <= sizeof err->message) {
        memcpy(err->message + length, hint, sizeof hint);
    }
}

enum ocelot_status ocelot_opening_read(const char *path, const struct ocelot_opening_settings *settings, struct ocelot_model **out,
                                       struct ocelot_error *err)
{
    struct ocelot_svm_read_options options = {.range = settings->range, .network = settings->network};
    struct ocelot_table table = {0};
    enum ocelot_status status = OCELOT_OK;
    const char *onnx = settings->classes ? "classes" : settings->output_node ? "output-node" : settings->input_shape ? "input-shape" : NULL;
    bool network = false;
    status = ocelot_network_recognise(path, &network, err);
    if (status || network) {
        return status ? status : ocelot_network_read(path, settings, out, err);
    }
    if (onnx) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: is no ONNX file, which --%s is for", path, onnx);
    }
    if (settings->kernel && !settings->support_rows) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--kernel names the kernel that was precomputed; it needs --support-rows");
    }
    if (settings->support_rows) {
        if (!settings->kernel) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "--support-rows needs --kernel: the kernel that was precomputed");
        }
        status = ocelot_table_read(&table, settings->support_rows, NULL, NULL, err);
        if (!status && table.skipped) {
            status = ocelot_fail(err, OCELOT_E_VALUE, "%s: every row of --support-rows is needed; %s", settings->support_rows, table.first_skipped);
        }
        options.support_rows = table.values;
        options.support_row_count = table.count;
        options.support_columns = table.width;
        options.kernel = settings->kernel;
        options.gamma = settings->gamma;
        options.power = settings->power;
        options.coef0 = settings->coef0;
        options.degree = (int)settings->degree;
    }
    status = status ? status : ocelot_svm_read(path, &options, out, err);
    if (status == OCELOT_E_UNSUPPORTED && !settings->support_rows) {
        name_options(err);
    }
    ocelot_table_free(&table);
    return status;
}
