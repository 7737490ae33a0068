/* Any bytes as a picture, which is then resized and undone again. */
#ifndef OCELOT_TESTS_FUZZ_READ_IMAGE_H
#define OCELOT_TESTS_FUZZ_READ_IMAGE_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts where a promise of io/image.h is broken. */
void read_image(const uint8_t *data, size_t size);

#endif
