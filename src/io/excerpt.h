/* Pieces of a user's data inside messages: printable and short whatever they hold. */
#ifndef OCELOT_IO_EXCERPT_H
#define OCELOT_IO_EXCERPT_H

#include <stddef.h>

enum { OCELOT_EXCERPT_SIZE = 64 };

/* `length` bytes between single quotes; control characters and bytes that are not UTF-8 become '?', what is too long ends in "...".
 * Returned by value, so that a sentence may hold several. */
struct ocelot_excerpt {
    char text[OCELOT_EXCERPT_SIZE];
};
struct ocelot_excerpt ocelot_excerpt(const char *bytes, size_t length);
struct ocelot_excerpt ocelot_excerpt_string(const char *string);

/* Length in bytes of the UTF-8 character at the start of [text, text + length), 0 where there is none; *code receives it. */
size_t ocelot_utf8_next(const char *text, size_t length, unsigned long *code);

/* Columns that the character takes on a terminal: 0 for combining marks, 2 for East Asian wide ones, else 1. */
size_t ocelot_utf8_columns(unsigned long code);

#endif
