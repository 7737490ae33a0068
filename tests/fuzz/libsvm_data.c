/* Any bytes as LIBSVM data, of unknown and of known width. Rows are kept narrow: what a wide one costs is memory, not code. */
#include <string.h>

#include "read_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ocelot_rows_options options[] = {
        {.format = "libsvm"},
        {.format = "libsvm", .first_index = 1, .last_index = 4, .max_line = 200},
    };
    size_t digits = 0;
    for (size_t i = 0; i < size; i++) {
        digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
        if (digits >= 5 && i + 1 < size && data[i + 1] == ':')
            return 0;
    }
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        read_rows(data, size, &options[i]);
    return 0;
}
