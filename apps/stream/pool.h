/* A few threads that share numbered pieces of work. */
#ifndef OCELOT_STREAM_POOL_H
#define OCELOT_STREAM_POOL_H

#include <stddef.h>

#include "ocelot/status.h"

struct ocelot_pool;

/* A pool of `threads` workers, the caller of ocelot_pool_run being worker 0. Where the system refuses a thread there are fewer. */
OCELOT_MUST_USE enum ocelot_status ocelot_pool_create(size_t threads, struct ocelot_pool **out, struct ocelot_error *err);
size_t ocelot_pool_threads(const struct ocelot_pool *pool);

/* Calls work(context, worker, piece) once for each piece in 0..count-1, in any order, and returns when all are done. */
void ocelot_pool_run(struct ocelot_pool *pool, size_t count, void (*work)(void *context, size_t worker, size_t piece), void *context);

void ocelot_pool_free(struct ocelot_pool *pool);

/* The number of processors that are online. */
size_t ocelot_processors(void);

#endif
