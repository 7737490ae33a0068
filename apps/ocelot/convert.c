/* ocelot convert: model files rewritten, and data turned into the kernel rows that svm-predict wants of precomputed kernels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "ocelot/commands.h"
#include "ocelot/onnx.h"
#include "ocelot/svm.h"
#include "shell/output.h"
#include "stream/feed.h"
#include "stream/opening.h"
#include "stream/table.h"

struct what {
    const char *kernel_rows, *save_range;
};

struct settings {
    struct what what;
    struct ocelot_reader_settings reader;
    struct ocelot_opening_settings opening;
};

static const struct ocelot_option what_table[] = {
    {.name = "kernel-rows",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct what, kernel_rows),
     .placeholder = "MODEL",
     .summary = "IN is data: write a line `label 0:row 1:K(x,u1) 2:K(x,u2) ...` for each row x, u being the support vectors of MODEL"},
    {.name = "save-range",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct what, save_range),
     .placeholder = "FILE",
     .summary = "also write the model's scaling as a range file for svm-scale -r"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"What to convert", what_table, offsetof(struct settings, what)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {"Reading data, with --kernel-rows", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {.table = NULL},
};

/* What one run of --kernel-rows holds. */
struct kernel_rows {
    struct ocelot_model *model;
    struct ocelot_feed *feed;
    struct ocelot_output output;
    double *values; /* [support vectors] */
    size_t width, count;
};

static enum ocelot_status write_row(struct kernel_rows *k, const struct ocelot_row_batch *batch, size_t r, struct ocelot_text *text,
                                    struct ocelot_error *err)
{
    const double *row = batch->values + r * batch->width;
    char trouble[256];
    const char *why = batch->error ? batch->error[r] : NULL;
    if (!why && ocelot_row_trouble(row, batch->width, NULL, trouble, sizeof trouble)) {
        why = trouble;
    }
    if (why) {
        return ocelot_fail(err, OCELOT_E_VALUE, "row %zu has no kernel values: %.300s", batch->first_row + r, why);
    }
    enum ocelot_status status = ocelot_svm_kernel_row(k->model, row, k->values, err);
    if (status) {
        return status;
    }
    ocelot_text_number(text, batch->label && isfinite(batch->label[r]) ? batch->label[r] : 0);
    ocelot_text_format(text, " 0:%zu", batch->first_row + r + 1);
    for (size_t j = 0; j < k->count; j++) {
        ocelot_text_format(text, " %zu:", j + 1);
        ocelot_text_number(text, k->values[j]);
    }
    ocelot_text_string(text, "\n");
    return OCELOT_OK;
}

/* LIBSVM data may name indices that the model does not have. */
static enum ocelot_status widen(struct kernel_rows *k, size_t width, struct ocelot_error *err)
{
    struct ocelot_model *wider = NULL;
    long first = 0, last = 0;
    if (width == k->width) {
        return OCELOT_OK;
    }
    ocelot_feed_indices(k->feed, &first, &last);
    enum ocelot_status status = ocelot_svm_widen(k->model, first, last, &wider, err);
    if (!status) {
        ocelot_model_free(k->model);
        k->model = wider;
        k->width = width;
    }
    return status;
}

static enum ocelot_status write_rows(struct kernel_rows *k, struct ocelot_error *err)
{
    struct ocelot_row_batch batch = {0};
    struct ocelot_text text = {0};
    enum ocelot_status status = OCELOT_OK;
    while (!status) {
        status = ocelot_feed_read(k->feed, 64, &batch, err);
        if (status || batch.count == 0) {
            break;
        }
        status = widen(k, batch.width, err);
        for (size_t r = 0; r < batch.count && !status; r++) {
            ocelot_text_clear(&text);
            status = write_row(k, &batch, r, &text, err);
            status = status ? status : ocelot_output_write(&k->output, &text, err);
        }
    }
    ocelot_text_free(&text);
    return status;
}

static enum ocelot_status convert_data(const struct settings *settings, const char *in, const char *out, struct ocelot_error *err)
{
    struct kernel_rows k = {0};
    struct ocelot_model *original = NULL;
    struct ocelot_model_info info = {0};
    enum ocelot_status status = ocelot_opening_read(settings->what.kernel_rows, &settings->opening, &original, err);
    /* Twice, because the feed wants its model for as long as it lives, and a widened one replaces the other. */
    status = status ? status : ocelot_opening_read(settings->what.kernel_rows, &settings->opening, &k.model, err);
    if (status) {
        goto done;
    }
    ocelot_model_describe(original, &info);
    k.width = info.features;
    k.count = info.support_vectors;
    k.values = ocelot_allocate(k.count, sizeof *k.values);
    status = k.values ? OCELOT_OK : ocelot_fail_memory(err, "a row of kernel values");
    status = status ? status : ocelot_feed_open_all(&in, 1, &settings->reader, original, &k.feed, err);
    status = status ? status : ocelot_feed_look_ahead(k.feed, err);
    status = status ? status : ocelot_output_open(&k.output, out, false, err);
    status = status ? status : write_rows(&k, err);
    status = status ? status : ocelot_output_finish(&k.output, err);
done:
    ocelot_output_discard(&k.output);
    ocelot_feed_close(k.feed);
    ocelot_model_free(k.model);
    ocelot_model_free(original);
    free(k.values);
    return status;
}

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static enum ocelot_status convert_model(const struct settings *settings, const char *in, const char *out, struct ocelot_error *err)
{
    struct ocelot_model *model = NULL;
    if (strcmp(out, "-") == 0) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "convert: a model is written to a file, not to standard output");
    }
    enum ocelot_status status = ocelot_opening_read(in, &settings->opening, &model, err);
    status = status ? status : ends_in(out, ".onnx") ? ocelot_onnx_write(model, out, err) : ocelot_svm_write(model, out, err);
    if (!status && settings->what.save_range) {
        status = ocelot_svm_write_range(model, settings->what.save_range, err);
    }
    ocelot_model_free(model);
    return status;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    const char *in = invocation->operands[0], *out = invocation->operands[1];
    struct ocelot_error err = {0};
    enum ocelot_status status = settings->what.kernel_rows ? convert_data(settings, in, out, &err) : convert_model(settings, in, out, &err);
    return status ? ocelot_complain(invocation->program, &err) : OCELOT_EXIT_DONE;
}

const struct ocelot_command ocelot_command_convert = {
    .name = "convert",
    .summary = "rewrite a model file without loss, also to and from ONNX, or turn data into kernel rows for svm-predict",
    .usage = (const char *const[]){"[options] IN OUT", "--kernel-rows MODEL [options] DATA OUT", NULL},
    .description =
        "Reads the model file IN and writes it to OUT as a plain LIBSVM model file with all digits, followed by the line that holds names "
        "and scaling. "
        "With --range the scaling of a foreign model becomes part of the file, so that it needs no option any more.\n\n"
        "Where OUT ends in .onnx, the model is written as an ONNX file of standard operators in float64 for any ONNX runtime: raw rows go in "
        "as x, and outlier_score, threshold and decision_value come out. Such a file is a model like any other, and converts back without "
        "loss.\n\n"
        "With --kernel-rows, IN is data in any format, and OUT (- for standard output) receives the rows that svm-predict needs for MODEL "
        "when its kernel "
        "is none of LIBSVM's own (laplace, generalised-gaussian, student: `kernel_type precomputed`).",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){
            {"ocelot convert foreign.model ours.model --range scale.txt", "Makes a model of svm-train that knows its scaling."},
            {"ocelot convert pump.model pump.onnx", "Lets any ONNX runtime score what the model scores."},
            {"ocelot convert --kernel-rows student.model today.csv rows.txt && svm-predict rows.txt student.model labels.txt",
             "Lets svm-predict label a table with a Student kernel."},
            {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 2,
    .most = 2,
    .run = run,
};
