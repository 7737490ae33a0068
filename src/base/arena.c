#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"

void *ocelot_arena_take(struct ocelot_arena *arena, size_t count, size_t size)
{
    size_t bytes, end;
    if (!ocelot_size_multiply(count, size, &bytes) || !ocelot_size_add(bytes, OCELOT_ARENA_ALIGNMENT - 1, &bytes)) {
        arena->overflow = true;
        return NULL;
    }
    bytes -= bytes % OCELOT_ARENA_ALIGNMENT;
    if (!ocelot_size_add(arena->used, bytes, &end)) {
        arena->overflow = true;
        return NULL;
    }
    void *piece = arena->base ? arena->base + arena->used : NULL;
    arena->used = end;
    return piece;
}

bool ocelot_arena_open(struct ocelot_arena *arena)
{
    size_t bytes;
    if (arena->overflow || !ocelot_size_add(arena->used, OCELOT_ARENA_ALIGNMENT, &bytes))
        return false;
    arena->block = ocelot_allocate(bytes, 1);
    if (!arena->block)
        return false;
    arena->base = arena->block + (OCELOT_ARENA_ALIGNMENT - (uintptr_t)arena->block % OCELOT_ARENA_ALIGNMENT);
    arena->size = arena->used;
    arena->used = 0;
    return true;
}

void ocelot_arena_close(struct ocelot_arena *arena)
{
    free(arena->block);
    *arena = (struct ocelot_arena){0};
}
