#if defined(__linux__)
#define _DEFAULT_SOURCE /* NOLINT(bugprone-reserved-identifier): how madvise is asked for */
#include <sys/mman.h>
#endif

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

void ocelot_prefer_large_pages(void *block, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    const size_t large = (size_t)1 << 21;
    size_t skip = (large - (uintptr_t)block % large) % large;
    if (block && bytes >= 2 * large)
        (void)madvise((unsigned char *)block + skip, (bytes - skip) / large * large, MADV_HUGEPAGE);
#else
    (void)block;
    (void)bytes;
#endif
}

bool ocelot_arena_open(struct ocelot_arena *arena)
{
    size_t bytes;
    if (arena->overflow || !ocelot_size_add(arena->used, OCELOT_ARENA_ALIGNMENT, &bytes))
        return false;
    arena->block = ocelot_allocate(bytes, 1);
    if (!arena->block)
        return false;
    ocelot_prefer_large_pages(arena->block, bytes);
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
