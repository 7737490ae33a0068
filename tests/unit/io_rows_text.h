/* What a reader makes of some bytes, as text, so that tables of tests can say what they expect in one string. */
#ifndef OCELOT_TESTS_IO_ROWS_TEXT_H
#define OCELOT_TESTS_IO_ROWS_TEXT_H

#include <stddef.h>

#include "base/text.h"
#include "io/rows.h"

/* One line a row: values with blanks between, then ` id=I`, ` label=L` and ` !sentence` where there are any; `FAIL sentence` when opening or
 * reading fails. Read `max` rows at a time. The bytes are copied into a block of exactly their size, so that a sanitizer sees every step beyond.
 * In messages the file is called `t`. */
void rows_text_memory(const void *bytes, size_t size, const struct ocelot_rows_options *options, size_t max, struct ocelot_text *out);

/* The same of a path. */
void rows_text_path(const char *path, const struct ocelot_rows_options *options, size_t max, struct ocelot_text *out);

/* Fails the running test unless the bytes give `expected`, read one row at a time as well as a thousand, and by entries where the format has them. */
void assert_rows(const char *bytes, size_t size, const struct ocelot_rows_options *options, const char *expected);

#endif
