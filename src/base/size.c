#include "base/size.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool ocelot_size_multiply(size_t a, size_t b, size_t *out)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool ocelot_size_add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

void *ocelot_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!ocelot_size_multiply(count, size, &bytes))
        return NULL;
    return bytes ? calloc(count, size) : calloc(1, 1);
}

void *ocelot_reallocate(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!ocelot_size_multiply(count, size, &bytes))
        return NULL;
    return realloc(block, bytes ? bytes : 1);
}

char *ocelot_copy_text(const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}
