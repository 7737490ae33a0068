/* Linked into a program with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=ocelot_workspace_create,--wrap=ocelot_workspace_free:
 * says on stderr how many allocations its own objects and the library made between the last workspace's creation and the first one's
 * end, in any thread, and makes the program fail when there was one. The program's source stays as it is. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "ocelot/explain.h"

static atomic_size_t count;
static atomic_bool counting;

void *__real_malloc(size_t size);
void *__real_calloc(size_t members, size_t size);
void *__real_realloc(void *block, size_t size);
enum ocelot_status __real_ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err);
void __real_ocelot_workspace_free(struct ocelot_workspace *workspace);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t members, size_t size);
void *__wrap_realloc(void *block, size_t size);
enum ocelot_status __wrap_ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err);
void __wrap_ocelot_workspace_free(struct ocelot_workspace *workspace);

void *__wrap_malloc(size_t size)
{
    count++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t members, size_t size)
{
    count++;
    return __real_calloc(members, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    count++;
    return __real_realloc(block, size);
}

enum ocelot_status __wrap_ocelot_workspace_create(const struct ocelot_plan *plan, struct ocelot_workspace **out, struct ocelot_error *err)
{
    size_t before = count;
    enum ocelot_status status = __real_ocelot_workspace_create(plan, out, err);
    if (count == before) { /* a workspace that takes no memory: then the counter sees nothing */
        fprintf(stderr, "quiet: allocations are not counted\n");
        _Exit(99);
    }
    count = 0;
    counting = true;
    return status;
}

void __wrap_ocelot_workspace_free(struct ocelot_workspace *workspace)
{
    if (counting) {
        size_t found = count;
        counting = false;
        fprintf(stderr, "allocations in the loop: %zu\n", found);
        if (found > 0) {
            fflush(NULL);
            _Exit(98);
        }
    }
    __real_ocelot_workspace_free(workspace);
}
