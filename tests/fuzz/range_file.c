/* Any bytes as a range file or a .scale file, applied to a small model. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "svm/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.25\nSV\n1 1:0.5 3:-2 \n0.75 1:1e-3 3:4 \n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ocelot_model *model, *scaled = NULL;
    struct ocelot_machine *machine;
    struct ocelot_error err = {0};
    if (ocelot_svm_read_memory(text, strlen(text), "model", NULL, &model, &err) != OCELOT_OK)
        abort();
    if (ocelot_machine_copy(ocelot_machine_of(model), &machine, &err) == OCELOT_OK) {
        enum ocelot_status status = ocelot_range_apply_memory(machine, (const char *)data, size, "fuzz", (size_t)16 << 20, &err);
        if (status != err.status)
            abort();
        if (status != OCELOT_OK)
            ocelot_machine_free(machine);
        else if (ocelot_machine_model(machine, "fuzz", &scaled, &err) != OCELOT_OK)
            abort();
    }
    ocelot_model_free(scaled);
    ocelot_model_free(model);
    return 0;
}
