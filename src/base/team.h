/* A small team of threads that share numbered parts of one piece of work: fork, join. Between pieces the helpers look for the next one for a moment,
 * then they sleep. What a part computes must not depend on who does it, so nothing depends on the number of threads.
 *
 * One caller at a time; NULL is a team of the caller alone. */
#ifndef OCELOT_BASE_TEAM_H
#define OCELOT_BASE_TEAM_H

#include <stdbool.h>
#include <stddef.h>

struct ocelot_team;

/* *out is NULL for one thread. False when out of memory. The threads - 1 helpers are started by the first piece of work with more than one part,
 * fewer where the system refuses them: nobody need know. */
bool ocelot_team_create(size_t threads, struct ocelot_team **out);
void ocelot_team_free(struct ocelot_team *team);

/* As many as were asked for, the caller among them. */
size_t ocelot_team_threads(const struct ocelot_team *team);

/* How many of its threads the next pieces are for: a team whose caller is to stay alone starts no helper, and leaves those it has asleep. */
void ocelot_team_use(struct ocelot_team *team, size_t threads);

/* Calls work(context, part, thread) once for each part below `parts`, in any order, and returns when all are done; `thread` is below
 * ocelot_team_threads, and no two calls at work have the same. */
void ocelot_team_run(struct ocelot_team *team, size_t parts, void (*work)(void *context, size_t part, size_t thread), void *context);

#endif
