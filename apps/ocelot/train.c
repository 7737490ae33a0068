/* ocelot train: a one-class SVM from a table. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/commands.h"
#include "ocelot/onnx.h"
#include "ocelot/svm.h"
#include "ocelot/train_images.h"
#include "ocelot/train_summary.h"
#include "shell/interrupt.h"
#include "shell/output.h"
#include "shell/progress.h"
#include "stream/table.h"

/* Images: what of them the SVM sees. */
struct seeing {
    const char *features, *patch;
    size_t stride;
};

struct writing {
    const char *output, *save_range, *normal;
    bool quiet;
};

struct settings {
    struct ocelot_train_options train;
    struct ocelot_reader_settings reader;
    struct writing writing;
    struct seeing seeing;
};

static const struct ocelot_option writing_table[] = {
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct writing, output),
     .placeholder = "MODEL",
     .summary = "the model file to write (required)"},
    {.name = "save-range",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct writing, save_range),
     .placeholder = "FILE",
     .summary = "also write the scaling as a range file for svm-scale -r"},
    {.name = "normal",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct writing, normal),
     .placeholder = "LABEL",
     .summary = "train only on rows with this label (of the --label column, or of LIBSVM data)"},
    {.name = "quiet",
     .letter = 'q',
     .type = OCELOT_OPTION_FLAG,
     .offset = offsetof(struct writing, quiet),
     .summary = "say nothing on standard error but errors"},
    {.name = NULL},
};

static const struct ocelot_option seeing_table[] = {
    {.name = "features",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct seeing, features),
     .placeholder = "NET[:LAYER]",
     .summary = "train on activations of a network in an ONNX file: of LAYER as `ocelot inspect` names it, without it of what the final dense layer "
                "reads. MODEL names the file, which must stay as it is"},
    {.name = "patch",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct seeing, patch),
     .placeholder = "HxW",
     .summary = "support vectors of that height and width, which slide over the picture or over the activations of LAYER; their scores add up"},
    {.name = "stride",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct seeing, stride),
     .placeholder = "S",
     .low = 1,
     .high = 1e6,
     .fallback = "1",
     .summary = "how far patches slide at once"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Files", writing_table, offsetof(struct settings, writing)},
    {"Training", ocelot_train_option_table, offsetof(struct settings, train)},
    {"Training on images", seeing_table, offsetof(struct settings, seeing)},
    {"Reading data", ocelot_reader_option_table, offsetof(struct settings, reader)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct settings, reader)},
    {.table = NULL},
};

/* Rows that cannot be used are left out, but not so many that the rest would be another table. */
static enum ocelot_status check_rows(const struct ocelot_invocation *invocation, const struct ocelot_table *table, struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    const char *data = invocation->operands[0];
    size_t looked_at = table->read - table->other;
    if (settings->writing.normal && looked_at == 0) {
        return ocelot_fail(err, OCELOT_E_VALUE, "%s: none of %zu rows has the label \"%s\"; name the label's column with --label", data, table->read,
                           settings->writing.normal);
    }
    if (table->skipped * 2 > looked_at) {
        return ocelot_fail(err, OCELOT_E_VALUE, "%s: %zu of %zu rows cannot be used, more than half; the first: %.200s", data, table->skipped,
                           looked_at, table->first_skipped);
    }
    if (table->count == 0 || table->width == 0) {
        return ocelot_fail(err, OCELOT_E_VALUE, "%s: found no rows to train on", data);
    }
    if (table->skipped && !settings->writing.quiet) {
        ocelot_remark(invocation->program, "%zu of %zu rows skipped for missing values; the first: %s", table->skipped, looked_at,
                      table->first_skipped);
    }
    return OCELOT_OK;
}

/* What training tells while it runs: a bar on a terminal; a signal that would end the process ends the work first. */
struct watching {
    struct ocelot_progress progress;
    size_t rows;
};

/* Deferred only now: a solver that tells nothing could not be stopped otherwise. */
static bool tell(void *closure, double share)
{
    struct watching *watching = closure;
    ocelot_interrupt_defer();
    ocelot_progress_show(&watching->progress, share, watching->rows);
    return !ocelot_interrupt_came();
}

/* On features of a network, or patches, or both. The network is read first: it says what rows must be. */
static enum ocelot_status train_images(const struct ocelot_invocation *invocation, struct watching *watching, struct ocelot_table *table,
                                       struct ocelot_model **model, struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    const struct ocelot_watch watch = {tell, watching};
    struct ocelot_image_options images = {.stride = settings->seeing.stride, .watch = &watch};
    struct ocelot_features_name name = {0};
    struct ocelot_model *network = NULL;
    enum ocelot_status status = settings->seeing.patch ? ocelot_patch_parse(settings->seeing.patch, images.patch, err) : OCELOT_OK;
    if (!status && settings->seeing.features) {
        status = ocelot_features_split(settings->seeing.features, &name, err);
        images.path = name.path;
        images.node = name.layer;
        status = status ? status : ocelot_onnx_read(name.path, NULL, &network, err);
    }
    if (!status) {
        status =
            ocelot_table_read_all(table, invocation->operands, invocation->operand_count, &settings->reader, settings->writing.normal, network, err);
    }
    status = status ? status : check_rows(invocation, table, err);
    memcpy(images.shape, table->image, sizeof images.shape);
    if (!status && !network && images.shape[0] == 0) {
        status =
            ocelot_fail(err, OCELOT_E_SHAPE, "%s: --patch slides over pictures, and these rows are none: expected pictures, or a NumPy or IDX array",
                        invocation->operands[0]);
    }
    if (!status) {
        watching->rows = table->count;
        status = ocelot_svm_train_images(network, &images, table->values, table->count, &settings->train, model, err);
        network = NULL;
    }
    ocelot_model_free(network);
    free(name.text);
    return status;
}

static enum ocelot_status train_table(const struct ocelot_invocation *invocation, struct watching *watching, struct ocelot_table *table,
                                      struct ocelot_model **model, struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    const struct ocelot_watch watch = {tell, watching};
    enum ocelot_status status =
        ocelot_table_read_all(table, invocation->operands, invocation->operand_count, &settings->reader, settings->writing.normal, NULL, err);
    status = status ? status : check_rows(invocation, table, err);
    if (status) {
        return status;
    }
    struct ocelot_train_options options = settings->train;
    if (table->first_index == 0) {
        options.first_index = 0;
    }
    watching->rows = table->count;
    return ocelot_svm_train_watched(table->values, table->count, table->width, (const char *const *)table->names, &options, &watch, model, err);
}

/* Nothing is written before the whole model is there, and what is written is whole: signals wait for it. */
static enum ocelot_status train(const struct ocelot_invocation *invocation, struct ocelot_table *table, struct ocelot_model **model,
                                struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    bool images = settings->seeing.features || settings->seeing.patch;
    struct watching watching;
    ocelot_progress_start(&watching.progress, settings->writing.quiet);
    enum ocelot_status status = (images ? train_images : train_table)(invocation, &watching, table, model, err);
    ocelot_progress_end(&watching.progress);
    ocelot_interrupt_defer();
    if (!status && ocelot_interrupt_came()) {
        status = ocelot_fail(err, OCELOT_E_STOPPED, "training was stopped");
    }
    status = status ? status : ocelot_svm_write(*model, settings->writing.output, err);
    if (!status && settings->writing.save_range) {
        status = ocelot_svm_write_range(*model, settings->writing.save_range, err);
    }
    return status;
}

/* A parameter that the kernel lacks would be ignored, and the model not be what was asked for. */
static enum ocelot_status check_parameters(const struct ocelot_train_options *given, struct ocelot_error *err)
{
    struct ocelot_train_options usual;
    ocelot_options_default(ocelot_train_option_table, &usual);
    const struct {
        const char *name, *kernels[3];
        bool given, lacking; /* lacking: the kernels are those without it */
    } parameters[] = {{"gamma", {"linear"}, given->gamma != NULL, true},
                      {"power", {"generalised-gaussian"}, given->power != usual.power, false},
                      {"degree", {"polynomial"}, given->degree != usual.degree, false},
                      {"coef0", {"polynomial", "sigmoid"}, given->coef0 != usual.coef0, false}};
    for (size_t k = 0; k < sizeof parameters / sizeof *parameters; k++) {
        bool listed = false;
        for (const char *const *kernel = parameters[k].kernels; *kernel; kernel++) {
            listed = listed || strcmp(*kernel, given->kernel) == 0;
        }
        if (parameters[k].given && listed == parameters[k].lacking) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: the %s kernel has no %s: leave --%s out, or choose another --kernel", given->kernel,
                               parameters[k].name, parameters[k].name);
        }
    }
    return OCELOT_OK;
}

/* What cannot be, said before any work. */
static enum ocelot_status check_files(const struct ocelot_invocation *invocation, struct ocelot_error *err)
{
    const struct settings *settings = invocation->settings;
    if (!settings->writing.output) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: no model file given; usage: train %s", invocation->command->usage[0]);
    }
    if (strcmp(settings->writing.output, "-") == 0) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: a model is written to a file, not to standard output");
    }
    if (settings->writing.save_range && settings->train.scaling && strcmp(settings->train.scaling, "none") == 0) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: --save-range has nothing to write with --scale-features none");
    }
    if (settings->writing.save_range && (settings->seeing.features || settings->seeing.patch)) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: --save-range writes the scaling of a table's features, not that of %s",
                           settings->seeing.features ? "--features" : "--patch");
    }
    for (size_t k = 0; invocation->operand_count > 1 && k < invocation->operand_count; k++) {
        bool picture = false;
        enum ocelot_status status = ocelot_image_list_recognise(invocation->operands[k], &picture, err);
        if (status) {
            return status;
        }
        if (!picture) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT,
                               "unexpected argument \"%s\": it is no picture, folder or list of pictures, and only these may be several",
                               invocation->operands[k]);
        }
    }
    if (settings->writing.save_range && strcmp(settings->writing.save_range, settings->writing.output) == 0) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "train: model and range file are both called %s; one would replace the other",
                           settings->writing.output);
    }
    enum ocelot_status status = ocelot_output_spare(settings->writing.output, invocation->operands[0], err);
    return status ? status : ocelot_output_spare(settings->writing.save_range, invocation->operands[0], err);
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_table table = {0};
    struct ocelot_model *model = NULL;
    int result = OCELOT_EXIT_DONE;
    if (check_files(invocation, &err) || check_parameters(&settings->train, &err) || train(invocation, &table, &model, &err)) {
        result = ocelot_complain(invocation->program, &err);
    } else if (!settings->writing.quiet) {
        const struct ocelot_training_told told = {settings->writing.output, settings->writing.save_range, settings->seeing.patch, &settings->train,
                                                  table.count};
        ocelot_train_summary(&told, model);
    }
    ocelot_model_free(model);
    ocelot_table_free(&table);
    ocelot_interrupt_obey();
    return result;
}

const struct ocelot_command ocelot_command_train = {
    .name = "train",
    .summary = "train a one-class SVM on a table of mostly normal rows",
    .usage = (const char *const[]){"[options] DATA -o MODEL", "--features NET[:LAYER] [options] DATA|PICTURE|FOLDER|LIST... -o MODEL", NULL},
    .description =
        "Reads DATA (CSV, LIBSVM text, NumPy or IDX, also gzipped; - is standard input), scales the features, trains a one-class SVM "
        "and keeps a share of the rows apart to calibrate it. MODEL is a plain LIBSVM model file with one more line that holds feature names, "
        "scaling, "
        "normal ranges and held-out scores. Rows with missing values are skipped and counted.\n\n"
        "svm-predict reads MODEL too, but wants rows that are scaled as the model's are: --save-range writes what svm-scale -r needs.\n\n"
        "With --features the rows are the input of a ReLU network, pictures as a rule, and the SVM sees the activations of one of its layers; "
        "`ocelot explain` "
        "goes back through both, down to the pixels. With --patch small support vectors slide over the picture.",
    .groups = groups,
    .examples =
        (const struct ocelot_example[]){{"ocelot train pumps.csv -o pumps.model", "Trains on every row and column of a table with the defaults."},
                                        {"ocelot train pumps.csv --id pump --label state --normal ok --nu 0.05 -o pumps.model",
                                         "Trains on the rows whose state is ok; the columns pump and state are not features."},
                                        {"ocelot train rows.libsvm --kernel laplace --gamma median --save-range scale.txt -o rows.model",
                                         "Trains a Laplace kernel on LIBSVM data and writes the scaling for svm-scale."},
                                        {"ocelot train --features net.onnx --preprocess unit good-parts -o parts.model",
                                         "Trains on what the network sees in the pictures of a folder."},
                                        {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
