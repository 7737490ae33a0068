/* Any bytes as an IDX array. */
#include "read_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ocelot_rows_options options[] = {{.format = "idx"}, {.format = "idx", .width = 4}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        read_rows(data, size, &options[i]);
    return 0;
}
