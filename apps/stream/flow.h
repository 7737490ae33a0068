/* Work in three stages: batches of rows are read, their pieces explained side by side, and what came of them is told in order. Every thread does
 * whatever there is to do, so that nobody reads or tells while there is nothing else for the others, and memory is that of two batches. */
#ifndef OCELOT_STREAM_FLOW_H
#define OCELOT_STREAM_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/pool.h"

enum { OCELOT_FLOW_BATCHES = 2 }; /* in memory: one that is explained, one that is read or waits */

/* Consecutive rows of a batch. */
struct ocelot_flow_piece {
    size_t batch;        /* 0 .. OCELOT_FLOW_BATCHES - 1 */
    size_t start, count; /* rows of it */
    size_t place;        /* 0 .. ocelot_flow_places - 1: of no other piece until this one is told */
    size_t threads;      /* for this piece: more than one where there are fewer pieces than threads */
};

/* What a flow calls, of each kind but `explain` one at a time. Whatever fails ends it. */
struct ocelot_flow_stages {
    /* Whether `read` would wait for data that nobody has sent yet: then it is called only when all before is told. */
    bool (*waits)(const void *context);
    /* Reads a batch in place of the one that was there, while others are explained; *rows = 0 is the end. */
    enum ocelot_status (*read)(void *context, size_t batch, size_t *rows, struct ocelot_error *err);
    /* Whether the batch, whose turn it is, is explained as those before it were; if not, it is opened when all these are told. */
    bool (*same)(const void *context, size_t batch);
    enum ocelot_status (*open)(void *context, size_t batch, struct ocelot_error *err);
    /* Rows of a piece at most, between 1 and any number. */
    size_t (*room)(const void *context);
    enum ocelot_status (*explain)(void *context, size_t worker, const struct ocelot_flow_piece *piece, struct ocelot_error *err);
    /* Called by a worker that explains nothing meanwhile. */
    enum ocelot_status (*tell)(void *context, size_t worker, const struct ocelot_flow_piece *piece, struct ocelot_error *err);
};

/* Pieces that may be under way in a flow of so many threads. */
size_t ocelot_flow_places(size_t threads);

/* Runs until all is told. What was read before a failure to read, and explained before a failure to explain, is told first. */
OCELOT_MUST_USE enum ocelot_status ocelot_flow_run(const struct ocelot_flow_stages *stages, void *context, struct ocelot_pool *pool,
                                                   struct ocelot_error *err);

#endif
