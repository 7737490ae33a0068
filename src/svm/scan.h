/* Strict reading of line-based text from memory: lines, words, numbers, and messages `path:line: found ..., expected ...`. */
#ifndef OCELOT_SVM_SCAN_H
#define OCELOT_SVM_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A blank-separated piece of a line; no terminator. */
struct ocelot_word {
    const char *text;
    size_t length;
};

/* Where the reading stands. Copying the struct marks a place to come back to. */
struct ocelot_scan {
    const char *name;       /* of the file, for messages */
    const char *next, *end; /* what follows the current line */
    const char *at, *stop;  /* what is left of the current line, its end excluded (\n or \r\n) */
    size_t line;            /* counted from 1 */
    bool terminated;        /* the current line had an end; false before the first line and behind the last */
    struct ocelot_error *err;
};

/* Starts before the first line. The bytes are not copied. */
struct ocelot_scan ocelot_scan_open(const char *bytes, size_t size, const char *name, struct ocelot_error *err);

/* Moves to the next line; false at the end. */
bool ocelot_scan_line(struct ocelot_scan *scan);

/* Moves to the next line that is not blank. */
bool ocelot_scan_filled_line(struct ocelot_scan *scan);

/* Takes the next word of the current line; false at the line's end. */
bool ocelot_scan_word(struct ocelot_scan *scan, struct ocelot_word *word);

bool ocelot_word_is(struct ocelot_word word, const char *text);

/* OCELOT_E_FORMAT: `name:line: found 'word', expected ...`; `word` NULL means that the line ended. Long and unprintable words are shown cut. */
OCELOT_MUST_USE enum ocelot_status ocelot_scan_fail(const struct ocelot_scan *scan, const struct ocelot_word *word, const char *expected, ...)
    OCELOT_PRINTF(3, 4);

/* Takes a finite number, or a whole number within [low, high]; `what` says what it is in messages, such as "gamma". */
OCELOT_MUST_USE enum ocelot_status ocelot_scan_number(struct ocelot_scan *scan, const char *what, double *value);
OCELOT_MUST_USE enum ocelot_status ocelot_scan_integer(struct ocelot_scan *scan, const char *what, long long low, long long high, long long *value);

/* Fails unless only blanks are left on the line. */
OCELOT_MUST_USE enum ocelot_status ocelot_scan_end(struct ocelot_scan *scan);

#endif
