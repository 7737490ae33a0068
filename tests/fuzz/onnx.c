/* Any bytes as an ONNX file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "ocelot/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* the limit keeps honest but huge sizes cheap */
    const struct ocelot_onnx_options options = {.memory_limit = (size_t)8 << 20};
    struct ocelot_model *model = NULL;
    struct ocelot_error err = {0};
    enum ocelot_status status = ocelot_onnx_read_memory(data, size, "fuzz", &options, &model, &err);
    if ((status == OCELOT_OK) != (model != NULL) || status != err.status)
        abort();
    ocelot_model_free(model);
    return 0;
}
