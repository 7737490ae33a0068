/* Any bytes as the card of a model file. The body is fixed, so that a corpus can hold cards with its checksum. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/svm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* CRC-32 62e4fa70 */
static const char body[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.25\nSV\n1 1:0.5 3:-2 \n0.75 2:0.001 3:4 \n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ocelot_svm_read_options options = {.memory_limit = (size_t)16 << 20};
    struct ocelot_model *model = NULL;
    struct ocelot_error err = {0};
    size_t length = strlen(body), mark = strlen("#ocelot ");
    char *text = malloc(length + mark + size + 1);
    if (!text)
        return 0;
    memcpy(text, body, length);
    memcpy(text + length, "#ocelot ", mark);
    if (size)
        memcpy(text + length + mark, data, size);
    text[length + mark + size] = '\n';
    enum ocelot_status status = ocelot_svm_read_memory(text, length + mark + size + 1, "fuzz", &options, &model, &err);
    if ((status == OCELOT_OK) != (model != NULL) || status != err.status)
        abort();
    ocelot_model_free(model);
    free(text);
    return 0;
}
