#include "io/lines.h"

#include <string.h>

#include "base/error.h"

/* Where a scan for the end of a line stands; it goes on when more bytes have come. */
enum place { FIELD_START, PLAIN, QUOTED, QUOTE_IN_QUOTED };

struct scan {
    size_t at;
    enum place place;
    bool quoted, found; /* found: bytes[at] ends the line */
    size_t lines;       /* line ends before `at` */
    size_t opened;      /* which of them the open quote stands behind */
};

static enum place step(enum place place, char c, char delimiter)
{
    if (place == QUOTED)
        return c == '"' ? QUOTE_IN_QUOTED : QUOTED;
    if (c == delimiter)
        return FIELD_START;
    if (c == '"')
        return place == FIELD_START || place == QUOTE_IN_QUOTED ? QUOTED : PLAIN;
    return place == FIELD_START && c == ' ' ? FIELD_START : PLAIN;
}

/* Through the bytes up to and including the line end at `stop` (or up to `stop` when there is none yet), minding quotes. */
static void scan_quoted(struct scan *scan, const char *bytes, size_t stop, char delimiter)
{
    for (; scan->at < stop; scan->at++) {
        enum place before = scan->place;
        scan->place = step(before, bytes[scan->at], delimiter);
        if (scan->place == QUOTED && before == FIELD_START)
            scan->opened = scan->lines;
    }
}

/* Moves on to the end of the line or of the bytes. */
static void scan_on(struct scan *scan, const char *bytes, size_t length, char delimiter)
{
    while (!scan->found && scan->at < length) {
        const char *newline = memchr(bytes + scan->at, '\n', length - scan->at);
        size_t stop = newline != NULL ? (size_t)(newline - bytes) : length;
        if (delimiter != 0 && !scan->quoted && memchr(bytes + scan->at, '"', stop - scan->at) != NULL) {
            scan->quoted = true; /* the first quote: what it means depends on what stands before it */
            scan->at = 0;
        }
        if (scan->quoted)
            scan_quoted(scan, bytes, stop, delimiter);
        scan->at = stop;
        if (newline == NULL)
            return;
        scan->found = scan->place != QUOTED;
        if (!scan->found) {
            scan->at++;
            scan->lines++;
        }
    }
}

static enum ocelot_status check(const struct ocelot_lines *lines, const struct scan *scan, const struct ocelot_window *window,
                                struct ocelot_error *err)
{
    const char *name = ocelot_source_name(lines->source);
    if (scan->at > lines->max)
        return ocelot_fail(err, OCELOT_E_LIMIT, "%s:%zu: the line is longer than %zu bytes", name, lines->passed + 1, lines->max);
    if (!scan->found && window->end && scan->place == QUOTED)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: a quoted field begins here and is never closed", name, lines->passed + 1 + scan->opened);
    return OCELOT_OK;
}

enum ocelot_status ocelot_lines_peek(struct ocelot_lines *lines, bool patient, struct ocelot_line *out, enum ocelot_next *next,
                                     struct ocelot_error *err)
{
    struct scan scan = {.place = FIELD_START};
    struct ocelot_window window = {0};
    for (;;) {
        enum ocelot_status status = ocelot_source_peek(lines->source, scan.at + 1, patient, &window, err);
        if (status != OCELOT_OK)
            return status;
        scan_on(&scan, window.bytes, window.length, lines->delimiter);
        status = check(lines, &scan, &window, err);
        if (status != OCELOT_OK)
            return status;
        if (scan.found || window.end || window.starved)
            break;
    }
    *next = OCELOT_NEXT_ROW;
    if (!scan.found && !window.end)
        *next = OCELOT_NEXT_WAIT;
    else if (!scan.found && window.length == 0)
        *next = OCELOT_NEXT_END;
    if (*next != OCELOT_NEXT_ROW)
        return OCELOT_OK;
    size_t length = scan.at;
    if (length > 0 && window.bytes[length - 1] == '\r')
        length--;
    *out = (struct ocelot_line){.text = window.bytes,
                                .length = length,
                                .number = lines->passed + 1,
                                .quoted = scan.quoted,
                                .bytes = scan.at + (scan.found ? 1 : 0),
                                .lines = scan.lines + 1};
    return OCELOT_OK;
}

void ocelot_lines_take(struct ocelot_lines *lines, const struct ocelot_line *line)
{
    ocelot_source_take(lines->source, line->bytes);
    lines->passed += line->lines;
}

static bool blank(const struct ocelot_line *line)
{
    for (size_t i = 0; i < line->length; i++)
        if (line->text[i] != ' ' && line->text[i] != '\t')
            return false;
    return true;
}

enum ocelot_status ocelot_lines_peek_filled(struct ocelot_lines *lines, bool patient, struct ocelot_line *out, enum ocelot_next *next,
                                            struct ocelot_error *err)
{
    for (;;) {
        enum ocelot_status status = ocelot_lines_peek(lines, patient, out, next, err);
        if (status != OCELOT_OK || *next != OCELOT_NEXT_ROW || !blank(out))
            return status;
        ocelot_lines_take(lines, out);
    }
}
