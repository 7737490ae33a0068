/* Any bytes as a LIBSVM model file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "ocelot/svm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* the rows let files of precomputed kernels through as well; the limit keeps honest but huge indices cheap */
    static const double rows[4][3] = {{0, 1, 2}, {1, 1, 1}, {-1, 0.5, 4}, {3, 0, 0}};
    const struct ocelot_svm_read_options options = {.support_rows = &rows[0][0],
                                                    .support_row_count = 4,
                                                    .support_columns = 3,
                                                    .kernel = "laplace",
                                                    .gamma = 0.5,
                                                    .power = 1,
                                                    .memory_limit = (size_t)16 << 20};
    struct ocelot_model *model = NULL;
    struct ocelot_error err = {0};
    enum ocelot_status status = ocelot_svm_read_memory((const char *)data, size, "fuzz", &options, &model, &err);
    if ((status == OCELOT_OK) != (model != NULL) || status != err.status)
        abort();
    ocelot_model_free(model);
    return 0;
}
