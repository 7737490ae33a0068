/* ONNX files in: networks, kernel machines, and one that is refused. */
#include <stdlib.h>

#include "law/faults.h"
#include "ocelot/onnx.h"
#include "support/onnx_nets.h"

static const char *const classes[] = {"shirt", "shoe", "bag", "hat", "sock"};

/* One file a row, made once, as bytes. */
static struct made {
    Onnx__ModelProto *(*make)(void);
    struct ocelot_onnx_options options;
    char *bytes;
    size_t size;
} made[] = {
    {onnx_net_images, {.classes = classes, .class_count = 5}, NULL, 0},
    {onnx_net_images, {.keep_batch_norm = true}, NULL, 0},
    {onnx_net_images, {.keep_softmax = true}, NULL, 0},
    {onnx_net_one_class, {.output = NULL}, NULL, 0},
    {onnx_net_classifier, {.output = NULL}, NULL, 0},
    {onnx_net_classifier, {.output = "scores"}, NULL, 0},
};

void fault_onnx_make(void)
{
    for (size_t k = 0; k < sizeof made / sizeof *made; k++) {
        Onnx__ModelProto *file = made[k].make();
        made[k].bytes = onnx_file_bytes(file, &made[k].size);
        onnx_file_free(file);
    }
}

void fault_onnx_free(void)
{
    for (size_t k = 0; k < sizeof made / sizeof *made; k++)
        free(made[k].bytes);
}

static enum ocelot_status read_net(const void *argument, struct ocelot_error *err)
{
    const struct made *m = argument;
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_onnx_read_memory(m->bytes, m->size, "net.onnx", &m->options, &model, err);
    ocelot_model_free(model);
    return status;
}

const struct fault_scenario fault_onnx_scenarios[] = {{"read a network of images", read_net, &made[0]},
                                                      {"read it with batch normalisation kept", read_net, &made[1]},
                                                      {"read it with its softmax", read_net, &made[2]},
                                                      {"read a one-class machine of ONNX-ML", read_net, &made[3]},
                                                      {"read a classifier of ONNX-ML behind a Normalizer", read_net, &made[4]},
                                                      {"read an operator that is not supported", read_net, &made[5]},
                                                      {0}};
