/* Any bytes as a JPEG file. */
#include "read_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_image(data, size);
    return 0;
}
