/* Any bytes as a NumPy array. */
#include "read_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ocelot_rows_options options[] = {{.format = "npy"}, {.format = "npy", .width = 1}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        read_rows(data, size, &options[i]);
    return 0;
}
