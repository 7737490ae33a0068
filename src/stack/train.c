/* Training a one-class SVM on features of a network. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "stack/stack.h"

/* What the card says of the network. */
static enum ocelot_status fill_network(struct ocelot_machine *machine, const char *path, const char *node, const struct ocelot_model_info *info,
                                       struct ocelot_error *err)
{
    struct ocelot_machine_network *network = &machine->card.network;
    network->rank = info->input_rank;
    memcpy(network->shape, info->input_shape, sizeof network->shape);
    network->node = ocelot_copy_text(node, strlen(node));
    network->path = path ? ocelot_copy_text(path, strlen(path)) : NULL;
    if (!network->node || (path && !network->path))
        return ocelot_fail_memory(err, "the model");
    return path ? ocelot_stack_checksum(path, &network->size, &network->crc, err) : OCELOT_OK;
}

/* The machine of a model that is freed. */
static struct ocelot_machine *take_machine(struct ocelot_model *model)
{
    struct ocelot_machine *machine = model->source;
    model->source = NULL;
    ocelot_model_free(model);
    return machine;
}

enum ocelot_status ocelot_svm_train_features(struct ocelot_model *network, const char *path, const char *node, const double *rows, size_t n,
                                             const struct ocelot_train_options *options, struct ocelot_model **out, struct ocelot_error *err)
{
    const char *name = NULL;
    double *features = NULL;
    struct ocelot_model *plain = NULL;
    struct ocelot_train_options own = *options;
    if (!own.scaling) /* a feature that is hardly ever there would count as much as all others: docs/defaults.md */
        own.scaling = "even";
    enum ocelot_status status = ocelot_stack_cut(network, node, &name, err);
    if (status == OCELOT_OK)
        status = ocelot_stack_features(network, rows, n, &features, err);
    if (status == OCELOT_OK)
        status = ocelot_svm_train(features, n, ocelot_graph_output(network->graph)->size, NULL, &own, &plain, err);
    free(features);
    if (status != OCELOT_OK) {
        ocelot_model_free(network);
        return status;
    }
    struct ocelot_machine *machine = take_machine(plain);
    status = fill_network(machine, path, name, &network->info, err);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        ocelot_model_free(network);
        return status;
    }
    return ocelot_machine_model_on(machine, network, "trained", out, err);
}
