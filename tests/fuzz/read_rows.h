/* What all readers of rows promise, whatever the bytes. */
#ifndef OCELOT_TESTS_FUZZ_READ_ROWS_H
#define OCELOT_TESTS_FUZZ_READ_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "io/rows.h"

/* Reads the bytes to their end, one row at a time and many, and aborts when the two do not agree, when a row is counted wrongly, or when a
 * failure has no sentence. */
void read_rows(const uint8_t *data, size_t size, const struct ocelot_rows_options *options);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
