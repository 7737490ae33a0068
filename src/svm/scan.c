#include "svm/scan.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

struct ocelot_scan ocelot_scan_open(const char *bytes, size_t size, const char *name, struct ocelot_error *err)
{
    return (struct ocelot_scan){.name = name, .next = bytes, .end = bytes + size, .at = bytes, .stop = bytes, .err = err};
}

bool ocelot_scan_line(struct ocelot_scan *scan)
{
    if (scan->next == scan->end) {
        scan->terminated = false;
        return false;
    }
    const char *end = memchr(scan->next, '\n', (size_t)(scan->end - scan->next));
    scan->line++;
    scan->at = scan->next;
    scan->terminated = end != NULL;
    scan->stop = end ? end : scan->end;
    scan->next = end ? end + 1 : scan->end;
    if (end && scan->stop > scan->at && scan->stop[-1] == '\r')
        scan->stop--;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct ocelot_scan *scan)
{
    while (scan->at < scan->stop && is_blank(*scan->at))
        scan->at++;
}

bool ocelot_scan_filled_line(struct ocelot_scan *scan)
{
    while (ocelot_scan_line(scan)) {
        skip_blanks(scan);
        if (scan->at < scan->stop)
            return true;
    }
    return false;
}

bool ocelot_scan_word(struct ocelot_scan *scan, struct ocelot_word *word)
{
    skip_blanks(scan);
    word->text = scan->at;
    while (scan->at < scan->stop && !is_blank(*scan->at))
        scan->at++;
    word->length = (size_t)(scan->at - word->text);
    return word->length > 0;
}

bool ocelot_word_is(struct ocelot_word word, const char *text)
{
    return strlen(text) == word.length && memcmp(text, word.text, word.length) == 0;
}

enum ocelot_status ocelot_scan_fail(const struct ocelot_scan *scan, const struct ocelot_word *word, const char *expected, ...)
{
    enum { SHOWN = 40 };
    char found[SHOWN + 1] = "", wanted[256];
    va_list arguments;
    va_start(arguments, expected);
    vsnprintf(wanted, sizeof wanted, expected, arguments);
    va_end(arguments);
    size_t length = !word ? 0 : word->length < SHOWN ? word->length : SHOWN;
    for (size_t k = 0; k < length; k++)
        found[k] = word->text[k] > ' ' && word->text[k] <= '~' ? word->text[k] : '?';
    found[length] = '\0';
    if (!word)
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found the end of the %s, expected %s", scan->name, scan->line ? scan->line : 1,
                           scan->terminated ? "line" : "file", wanted);
    return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found '%s%s', expected %s", scan->name, scan->line, found,
                       word->length > SHOWN ? "..." : "", wanted);
}

enum ocelot_status ocelot_scan_number(struct ocelot_scan *scan, const char *what, double *value)
{
    struct ocelot_word word;
    double number;
    if (!ocelot_scan_word(scan, &word))
        return ocelot_scan_fail(scan, NULL, "%s: a number", what);
    if (ocelot_number_parse(word.text, word.text + word.length, &number) != word.text + word.length || !isfinite(number))
        return ocelot_scan_fail(scan, &word, "%s: a finite number", what);
    *value = number;
    return OCELOT_OK;
}

enum ocelot_status ocelot_scan_integer(struct ocelot_scan *scan, const char *what, long long low, long long high, long long *value)
{
    struct ocelot_word word;
    long long number;
    if (!ocelot_scan_word(scan, &word))
        return ocelot_scan_fail(scan, NULL, "%s: a whole number", what);
    if (ocelot_integer_parse(word.text, word.text + word.length, &number) != word.text + word.length || number < low || number > high)
        return ocelot_scan_fail(scan, &word, "%s: a whole number from %lld to %lld", what, low, high);
    *value = number;
    return OCELOT_OK;
}

enum ocelot_status ocelot_scan_end(struct ocelot_scan *scan)
{
    struct ocelot_word word;
    return ocelot_scan_word(scan, &word) ? ocelot_scan_fail(scan, &word, "the end of the line") : OCELOT_OK;
}
