/* Numbers as text and back: correctly rounded, independent of the locale, no writable global. */
#ifndef OCELOT_BASE_NUMBER_H
#define OCELOT_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Longest text that ocelot_number_print writes, terminator included. */
enum { OCELOT_NUMBER_SIZE = 32 };

/* Reads a decimal floating-point number ([+-]digits[.digits][e[+-]digits], also nan, inf and infinity in any case) at the start of
 * [text, end), correctly rounded. Returns the first character after it, or NULL when there is no number there (then *value is unchanged).
 * No leading blanks, no hexadecimal; a number of more than 1200 characters that is not exact after 19 digits counts as none. Overflow gives infinity,
 * underflow 0 or a denormal, as strtod. */
const char *ocelot_number_parse(const char *text, const char *end, double *value);

/* Reads an optionally signed decimal whole number likewise. Returns NULL where there is none or it does not fit. */
const char *ocelot_integer_parse(const char *text, const char *end, long long *value);

/* Reads `index:value` at the start of [text, end) as LIBSVM's files have it, an index of one to nine digits and a number behind the colon. Returns
 * NULL for anything else, longer indices included; *value may then have changed. */
const char *ocelot_entry_parse(const char *text, const char *end, int *index, double *value);

/* Whether none of values [n] is infinite or NaN. */
bool ocelot_numbers_finite(const double *values, size_t n);

/* Writes the shortest decimal text that reads back equal ("0.1", "1e-300", "17", "-0"; "nan", "inf", "-inf") with a terminator.
 * Returns its length. */
size_t ocelot_number_print(char text[OCELOT_NUMBER_SIZE], double value);

#endif
