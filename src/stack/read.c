/* Model files in, with the network that a stacked one names. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/size.h"
#include "ocelot/onnx.h"
#include "stack/stack.h"
#include "svm/card.h"
#include "svm/file.h"

enum ocelot_status ocelot_stack_checksum(const char *path, size_t *size, uint32_t *crc, struct ocelot_error *err)
{
    char *bytes;
    enum ocelot_status status = ocelot_file_read(path, 0, &bytes, size, err);
    if (status != OCELOT_OK)
        return status;
    *crc = ocelot_card_crc(bytes, *size);
    free(bytes);
    return OCELOT_OK;
}

/* Another network has other features: with these support vectors it would give numbers that mean nothing. */
static enum ocelot_status check_file(const struct ocelot_machine_network *network, const char *name, struct ocelot_error *err)
{
    struct stat what;
    size_t size = 0;
    uint32_t crc = 0;
    if (stat(network->path, &what) != 0 || !S_ISREG(what.st_mode))
        return ocelot_fail(
            err, OCELOT_E_IO,
            "%.150s: found no file %.150s, expected the network on whose layer %.40s the model was trained (give its place if it has moved)", name,
            network->path, network->node);
    bool same = (uintmax_t)what.st_size == network->size;
    enum ocelot_status status = same ? ocelot_stack_checksum(network->path, &size, &crc, err) : OCELOT_OK;
    if (status != OCELOT_OK || (same && crc == network->crc))
        return status;
    return ocelot_fail(
        err, OCELOT_E_FORMAT,
        "%.150s: found another network in %.150s than the one that the model was trained on (%s): its features would mean something else", name,
        network->path, same ? "the checksums differ" : "the sizes differ");
}

enum ocelot_status ocelot_stack_network(struct ocelot_machine *machine, const char *path, size_t memory_limit, const char *name,
                                        struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_machine_network *network = &machine->card.network;
    const char *node;
    *out = NULL;
    if (!network->node)
        return path ? ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: found a model that is not stacked on a network, expected one, as a network is given",
                                  name)
                    : OCELOT_OK;
    if (path) {
        char *copy = ocelot_copy_text(path, strlen(path));
        if (!copy)
            return ocelot_fail_memory(err, "the model");
        free(network->path);
        network->path = copy;
    }
    struct ocelot_onnx_options options = {
        .input_shape = network->rank ? network->shape : NULL, .input_rank = network->rank, .memory_limit = memory_limit};
    enum ocelot_status status = check_file(network, name, err);
    if (status == OCELOT_OK)
        status = ocelot_onnx_read(network->path, &options, out, err);
    if (status == OCELOT_OK)
        status = ocelot_stack_cut(*out, network->node, &node, err);
    if (status != OCELOT_OK) {
        ocelot_model_free(*out);
        *out = NULL;
    }
    return status;
}

enum ocelot_status ocelot_svm_read_memory(const char *bytes, size_t size, const char *name, const struct ocelot_svm_read_options *options,
                                          struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_machine *machine;
    struct ocelot_model *network;
    enum ocelot_status status = ocelot_machine_read(bytes, size, name, options, &machine, err);
    if (status != OCELOT_OK)
        return status;
    status = ocelot_stack_network(machine, options ? options->network : NULL, options ? options->memory_limit : 0, name, &network, err);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        return status;
    }
    return ocelot_machine_model_on(machine, network, "LIBSVM model file", out, err);
}

enum ocelot_status ocelot_svm_read(const char *path, const struct ocelot_svm_read_options *options, struct ocelot_model **out,
                                   struct ocelot_error *err)
{
    char *bytes;
    size_t size;
    enum ocelot_status status = ocelot_file_read(path, options ? options->memory_limit : 0, &bytes, &size, err);
    if (status != OCELOT_OK)
        return status;
    status = ocelot_svm_read_memory(bytes, size, path, options, out, err);
    free(bytes);
    return status;
}
