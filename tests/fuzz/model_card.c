/* Any bytes as the card of a model file. The body is fixed, so that a corpus can hold cards with its checksum. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/svm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* CRC-32 62e4fa70, the last word excluded */
static const char body[] =
    "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.25\nSV\n1 1:0.5 3:-2 \n0.75 2:0.001 3:4 \n#ocelot ";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ocelot_svm_read_options options = {.memory_limit = (size_t)16 << 20};
    struct ocelot_model *model = NULL;
    struct ocelot_error err = {0};
    enum { LENGTH = sizeof body - 1 };
    char *text = malloc(LENGTH + size + 1);
    if (!text)
        return 0;
    memcpy(text, body, LENGTH);
    if (size)
        memcpy(text + LENGTH, data, size);
    text[LENGTH + size] = '\n';
    enum ocelot_status status = ocelot_svm_read_memory(text, LENGTH + size + 1, "fuzz", &options, &model, &err);
    if ((status == OCELOT_OK) != (model != NULL) || status != err.status)
        abort();
    ocelot_model_free(model);
    free(text);
    return 0;
}
