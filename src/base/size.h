/* Sizes are multiplied and added here, with overflow checks, and memory is allocated from them. */
#ifndef OCELOT_BASE_SIZE_H
#define OCELOT_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* *out = a * b; false on overflow (then *out is unchanged). */
bool ocelot_size_multiply(size_t a, size_t b, size_t *out);

/* *out = a + b; false on overflow (then *out is unchanged). */
bool ocelot_size_add(size_t a, size_t b, size_t *out);

/* Zeroed memory for `count` elements of `size` bytes, at least one byte; NULL on overflow or failure. free() it. */
void *ocelot_allocate(size_t count, size_t size);

/* realloc() for `count` elements of `size` bytes with overflow check; the old block stays valid on failure. */
void *ocelot_reallocate(void *block, size_t count, size_t size);

/* A copy of `length` characters with a terminator, or NULL. */
char *ocelot_copy_text(const char *text, size_t length);

#endif
