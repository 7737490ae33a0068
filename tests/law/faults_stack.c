/* Models stacked on a network, and patches: trained, written, read with their network, explained. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "law/faults.h"
#include "ocelot/ocelot.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { FEATURES = 6, ROWS = 30 };

static double rows[ROWS * FEATURES];
static char folder[] = OCELOT_BINARY_DIR "/faults-stack-XXXXXX";
static char network_path[sizeof folder + 16], stacked_path[sizeof folder + 16], patches_path[sizeof folder + 16], out_path[sizeof folder + 16];

/* Images of 1x2x3 pixels, patches of 2x2. */
static const struct ocelot_image_options stacked = {.path = network_path}, patches = {.shape = {1, 2, 3}, .patch = {2, 2}};

static enum ocelot_status explain(const struct ocelot_model *model, struct ocelot_error *err)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_decision decision[2];
    double lack[2 * FEATURES];
    struct ocelot_explanation out = {.decision = decision, .lack = lack};
    enum ocelot_status status = ocelot_plan_create(model, NULL, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &w, err);
    if (status == OCELOT_OK)
        status = ocelot_explain(plan, w, rows, 2, &out, err);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return status;
}

/* Trains, explains and writes to `path`. */
static enum ocelot_status train(const struct ocelot_image_options *images, const char *path, struct ocelot_error *err)
{
    struct ocelot_train_options options;
    struct ocelot_model *network = NULL, *model = NULL;
    ocelot_options_default(ocelot_train_option_table, &options);
    enum ocelot_status status = images->path ? ocelot_onnx_read(images->path, NULL, &network, err) : OCELOT_OK;
    if (status == OCELOT_OK)
        status = ocelot_svm_train_images(network, images, rows, ROWS, &options, &model, err);
    if (status == OCELOT_OK)
        status = explain(model, err);
    if (status == OCELOT_OK)
        status = ocelot_svm_write(model, path, err);
    ocelot_model_free(model);
    return status;
}

static enum ocelot_status run_train(const void *argument, struct ocelot_error *err)
{
    return train(argument, out_path, err);
}

static enum ocelot_status run_read(const void *argument, struct ocelot_error *err)
{
    struct ocelot_model *model = NULL;
    struct ocelot_svm_read_options options = {.network = argument == stacked_path ? network_path : NULL};
    enum ocelot_status status = ocelot_svm_read(argument, &options, &model, err);
    ocelot_model_free(model);
    return status;
}

const struct fault_scenario fault_stack_scenarios[] = {
    {"train on features of a network", run_train, &stacked},
    {"train on patches", run_train, &patches},
    {"read a stacked model", run_read, stacked_path},
    {"read a model of patches", run_read, patches_path},
    {NULL, NULL, NULL},
};

void fault_stack_make(void)
{
    struct ocelot_rng rng;
    struct ocelot_error error = {0};
    ocelot_rng_seed(&rng, 5);
    network_fill(&rng, rows, ROWS * FEATURES, 1);
    assert_non_null(mkdtemp(folder));
    snprintf(network_path, sizeof network_path, "%s/net.onnx", folder);
    snprintf(stacked_path, sizeof stacked_path, "%s/stacked", folder);
    snprintf(patches_path, sizeof patches_path, "%s/patches", folder);
    snprintf(out_path, sizeof out_path, "%s/out", folder);
    struct ocelot_model *network = network_model(network_relu(&rng, (size_t[]){FEATURES, 5, 3}, 2));
    enum ocelot_status status = ocelot_onnx_write(network, network_path, &error);
    ocelot_model_free(network);
    if (status == OCELOT_OK)
        status = train(&stacked, stacked_path, &error);
    if (status == OCELOT_OK)
        status = train(&patches, patches_path, &error);
    if (status != OCELOT_OK)
        fail_msg("%s", error.message);
}

void fault_stack_free(void)
{
    const char *const files[] = {network_path, stacked_path, patches_path, out_path};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++)
        unlink(files[k]);
    rmdir(folder);
}
