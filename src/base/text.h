/* A growing text: what records, cards, pages and graphs are written into before they go out. */
#ifndef OCELOT_BASE_TEXT_H
#define OCELOT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Start it zeroed. After a failed append `failed` is set, further appends do nothing, and `bytes` still is what was there before. */
struct ocelot_text {
    char *bytes; /* terminated once anything was appended */
    size_t length, capacity;
    bool failed;
};

/* Where `room` bytes (a terminator comes on top) may be written behind what is there; NULL after a failure. To be ended with ocelot_text_end. */
char *ocelot_text_begin(struct ocelot_text *text, size_t room);
/* What was written since ocelot_text_begin ends before `end`. */
void ocelot_text_end(struct ocelot_text *text, const char *end);
void ocelot_text_append(struct ocelot_text *text, const char *bytes, size_t length);
void ocelot_text_string(struct ocelot_text *text, const char *string);
void ocelot_text_format(struct ocelot_text *text, const char *format, ...) OCELOT_PRINTF(2, 3);
void ocelot_text_integer(struct ocelot_text *text, long value);
/* The shortest text that reads back equal. */
void ocelot_text_number(struct ocelot_text *text, double value);
/* As ocelot_text_number, but null for NaN and infinities, as JSON wants it. */
void ocelot_text_json_number(struct ocelot_text *text, double value);
/* A quoted JSON string; invalid UTF-8 becomes U+FFFD, control characters are escaped. */
void ocelot_text_json_string(struct ocelot_text *text, const char *string);
void ocelot_text_clear(struct ocelot_text *text); /* keeps the memory */
void ocelot_text_free(struct ocelot_text *text);

#endif
