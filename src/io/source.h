/* Bytes from a path, standard input or memory, gunzipped on the way when they begin with gzip's magic number. */
#ifndef OCELOT_IO_SOURCE_H
#define OCELOT_IO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocelot/status.h"

/* One open source; not shared between threads. */
struct ocelot_source;

/* Opens `path`, "-" being standard input. Fails with OCELOT_E_IO when it cannot be opened. On success *out must be closed. */
OCELOT_MUST_USE enum ocelot_status ocelot_source_open(const char *path, struct ocelot_source **out, struct ocelot_error *err);

/* Reads from `size` bytes that stay the caller's and must outlive the source; `name` stands for the path in messages and is copied. */
OCELOT_MUST_USE enum ocelot_status ocelot_source_open_memory(const void *bytes, size_t size, const char *name, struct ocelot_source **out,
                                                             struct ocelot_error *err);
void ocelot_source_close(struct ocelot_source *source);

/* What messages begin with: the path, or "(standard input)". */
const char *ocelot_source_name(const struct ocelot_source *source);

/* A view of the next bytes; valid until the next peek. */
struct ocelot_window {
    const char *bytes;
    size_t length;
    bool end;     /* nothing follows these bytes */
    bool starved; /* fewer than wanted, and getting more would have meant waiting */
};

/* Shows at least `want` of the next bytes, fewer at the end of the data or, unless `patient`, when waiting would be needed. The buffer grows
 * to hold them all. Fails on I/O trouble, on broken or truncated gzip data and when out of memory. */
OCELOT_MUST_USE enum ocelot_status ocelot_source_peek(struct ocelot_source *source, size_t want, bool patient, struct ocelot_window *out,
                                                      struct ocelot_error *err);

/* Whether more bytes than were shown so far are not there yet; false at the end, too. */
bool ocelot_source_waits(const struct ocelot_source *source);

/* Steps over `count` bytes that the last peek showed. */
void ocelot_source_take(struct ocelot_source *source, size_t count);

/* True when any place of the data can be read at once: a plain file or plain memory. */
bool ocelot_source_seekable(const struct ocelot_source *source);

/* Reads `size` bytes at `offset` from the start of a seekable source; what peek and take see does not move. */
OCELOT_MUST_USE enum ocelot_status ocelot_source_at(struct ocelot_source *source, uint64_t offset, void *bytes, size_t size,
                                                    struct ocelot_error *err);

/* Share of the file's own (compressed) bytes that went by, 0..1; NaN where the size is not known. */
double ocelot_source_progress(const struct ocelot_source *source);

#endif
