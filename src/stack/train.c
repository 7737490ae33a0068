/* Training a one-class SVM on features of a network, on patches, or on patches of features. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "stack/patches.h"
#include "stack/stack.h"
#include "svm/patch.h"
#include "svm/split.h"

/* What the steps hand on. */
struct training {
    struct ocelot_model *network; /* cut, or NULL */
    const struct ocelot_image_options *images;
    const struct ocelot_train_options *options;
    const char *node; /* the layer, in the network */
    const double *rows;
    size_t n;
    double *activations;               /* of the layer, or NULL: the rows themselves */
    struct ocelot_machine_patch patch; /* height 0 = none */
    struct ocelot_error *err;
};

/* The machine of a model that is freed. */
static struct ocelot_machine *take_machine(struct ocelot_model *model)
{
    struct ocelot_machine *machine = model->source;
    model->source = NULL;
    ocelot_model_free(model);
    return machine;
}

/* What the card says of the network and the patches. */
static enum ocelot_status fill_card(const struct training *t, struct ocelot_machine *machine)
{
    struct ocelot_machine_network *network = &machine->card.network;
    const char *path = t->images->path;
    machine->card.patch = t->patch;
    if (!t->network)
        return OCELOT_OK;
    network->rank = t->network->info.input_rank;
    memcpy(network->shape, t->network->info.input_shape, sizeof network->shape);
    network->node = ocelot_copy_text(t->node, strlen(t->node));
    network->path = path ? ocelot_copy_text(path, strlen(path)) : NULL;
    if (!network->node || (path && !network->path))
        return ocelot_fail_memory(t->err, "the model");
    return path ? ocelot_stack_checksum(path, &network->size, &network->crc, t->err) : OCELOT_OK;
}

/* The model of what was trained, in place of the plain one, which is freed. */
static enum ocelot_status stack(struct training *t, struct ocelot_model *plain, struct ocelot_model **out)
{
    struct ocelot_machine *machine = take_machine(plain);
    enum ocelot_status status = fill_card(t, machine);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        return status;
    }
    struct ocelot_model *network = t->network;
    t->network = NULL;
    return ocelot_machine_model_on(machine, network, "trained", out, t->err);
}

static enum ocelot_status train_whole(struct training *t, struct ocelot_model **out)
{
    struct ocelot_train_options own = *t->options;
    struct ocelot_model *plain;
    if (!own.scaling) /* a feature that is hardly ever there would count as much as all others: docs/defaults.md */
        own.scaling = "even";
    size_t width = ocelot_graph_output(t->network->graph)->size;
    enum ocelot_status status = ocelot_svm_train_watched(t->activations, t->n, width, NULL, &own, t->images->watch, &plain, t->err);
    return status == OCELOT_OK ? stack(t, plain, out) : status;
}

/* The images that patches slide over: activations [C][H][W] of the layer, or the rows. */
static enum ocelot_status settle_patch(struct training *t)
{
    const struct ocelot_image_options *o = t->images;
    struct ocelot_shape shape = {.rank = 3, .extent = {o->shape[0], o->shape[1], o->shape[2]}};
    size_t down, across;
    if (t->network)
        shape = ocelot_graph_output(t->network->graph)->shape;
    if (shape.rank != 3)
        return ocelot_fail(t->err, OCELOT_E_SHAPE, "layer %s has no height and width for patches to slide over: name a convolution or pooling layer",
                           t->node);
    t->patch = (struct ocelot_machine_patch){.height = o->patch[0],
                                             .width = o->patch[1],
                                             .stride = o->stride ? o->stride : 1,
                                             .shape = {shape.extent[0], shape.extent[1], shape.extent[2]},
                                             .threshold = NAN};
    if (ocelot_patch_positions(&t->patch, &down, &across))
        return OCELOT_OK;
    return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "patches of %zux%zu do not fit what they slide over: %zux%zu in %zu channels", o->patch[0],
                       o->patch[1], shape.extent[1], shape.extent[2], shape.extent[0]);
}

static enum ocelot_status train_patches(struct training *t, struct ocelot_model **out)
{
    struct ocelot_train_options own = *t->options;
    struct ocelot_split split = {0};
    struct ocelot_model *plain = NULL;
    double *patches = NULL;
    size_t count = own.sample ? own.sample : OCELOT_PATCHES;
    own.holdout = 0;
    own.sample = 0;
    if (!own.scaling)
        own.scaling = t->network ? "even" : "none";
    enum ocelot_status status = settle_patch(t);
    if (status == OCELOT_OK)
        status = ocelot_split_rows(t->n, t->options->holdout, 0, own.seed, &split, t->err);
    if (status == OCELOT_OK)
        status = ocelot_patches_draw(&t->patch, t->activations ? t->activations : t->rows, &split, own.seed, &count, &patches, t->err);
    if (status == OCELOT_OK)
        status = ocelot_svm_train_watched(patches, count, ocelot_patch_width(&t->patch), NULL, &own, t->images->watch, &plain, t->err);
    if (status == OCELOT_OK)
        status = stack(t, plain, out);
    if (status == OCELOT_OK) {
        status = ocelot_patches_calibrate(*out, t->rows, &split, t->options, t->err);
        if (status != OCELOT_OK) {
            ocelot_model_free(*out);
            *out = NULL;
        }
    }
    free(split.train);
    free(patches);
    return status;
}

static enum ocelot_status check(const struct training *t)
{
    const struct ocelot_train_options *o = t->options;
    if (!t->network && (!t->images->patch[0] || !t->images->patch[1]))
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "images are trained on through a network, or in patches, and neither is given");
    if (!t->images->patch[0] != !t->images->patch[1])
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "patch: found %zux%zu, expected a height and a width", t->images->patch[0],
                           t->images->patch[1]);
    if (!(o->holdout >= 0 && o->holdout < 1))
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "holdout: found %g, expected a number of at least 0 and less than 1", o->holdout);
    if (t->n < 2)
        return ocelot_fail(t->err, OCELOT_E_SHAPE, "found %zu images, expected at least 2", t->n);
    return OCELOT_OK;
}

enum ocelot_status ocelot_svm_train_images(struct ocelot_model *network, const struct ocelot_image_options *images, const double *rows, size_t n,
                                           const struct ocelot_train_options *options, struct ocelot_model **out, struct ocelot_error *err)
{
    struct training t = {.network = network, .images = images, .options = options, .rows = rows, .n = n, .err = err};
    enum ocelot_status status = check(&t);
    if (status == OCELOT_OK && network)
        status = ocelot_stack_cut(network, images->node, &t.node, err);
    if (status == OCELOT_OK && network)
        status = ocelot_stack_features(network, rows, n, &t.activations, err);
    if (status == OCELOT_OK)
        status = (images->patch[0] ? train_patches : train_whole)(&t, out);
    free(t.activations);
    ocelot_model_free(t.network);
    return status;
}
