/* One allocation, handed out in aligned pieces: what a workspace lives in. */
#ifndef OCELOT_BASE_ARENA_H
#define OCELOT_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum { OCELOT_ARENA_ALIGNMENT = 64 };

/* First measure, then carve: with `base` NULL, ocelot_arena_take only adds up `used`; after ocelot_arena_open it returns memory.
 * The same calls in the same order must be made both times. */
struct ocelot_arena {
    unsigned char *block; /* what to free */
    unsigned char *base;  /* aligned start; NULL while measuring */
    size_t size, used;
    bool overflow; /* a size did not fit in size_t; open then fails */
};

/* `count` elements of `size` bytes, aligned to OCELOT_ARENA_ALIGNMENT; NULL while measuring. */
void *ocelot_arena_take(struct ocelot_arena *arena, size_t count, size_t size);

/* Allocates (zeroed) what was measured and rewinds. False when out of memory or on overflow. */
bool ocelot_arena_open(struct ocelot_arena *arena);

/* Large pages for large memory that was just allocated: weights of large networks are read once a row, from end to end, and looking up small pages
 * would take as long. It is a wish; nothing depends on it. */
void ocelot_prefer_large_pages(void *block, size_t bytes);

void ocelot_arena_close(struct ocelot_arena *arena);

#endif
