/* Any bytes as a table: as it comes, without header and with quotes of its own, and with columns chosen by name. */
#include "read_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = {"b", "a"}, *const drop[] = {"site"};
    static const struct ocelot_rows_options options[] = {
        {.format = "csv"},
        {.format = "csv", .header = "no", .delimiter = ';', .max_line = 100},
        {.format = "csv", .columns = columns, .column_count = 2, .columns_by_position = true, .id = "1", .label = "y"},
        {.format = "tsv", .drop = drop, .drop_count = 1, .label = "2"},
        {0},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        read_rows(data, size, &options[i]);
    return 0;
}
