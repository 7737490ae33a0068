/* Filling the caller's error record. */
#ifndef OCELOT_BASE_ERROR_H
#define OCELOT_BASE_ERROR_H

#include "ocelot/status.h"

#if defined(__GNUC__)
#define OCELOT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define OCELOT_PRINTF(text, first)
#endif

/* Records `status` and the formatted sentence in `err` unless it already holds an error (first error wins) or is NULL.
 * Returns `status`, so that a failing function can end with `return ocelot_fail(err, ...)`. Formats numbers with %g only where
 * a locale's decimal comma would not matter. */
enum ocelot_status ocelot_fail(struct ocelot_error *err, enum ocelot_status status, const char *format, ...) OCELOT_PRINTF(3, 4);

/* The one sentence for a failed allocation. */
enum ocelot_status ocelot_fail_memory(struct ocelot_error *err, const char *what);

#endif
