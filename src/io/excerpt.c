#include "io/excerpt.h"

#include <string.h>

size_t ocelot_utf8_next(const char *text, size_t length, unsigned long *code)
{
    static const struct {
        unsigned char mask, lead;
        unsigned long least; /* smaller ones are overlong */
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    if (length == 0)
        return 0;
    unsigned char first = (unsigned char)text[0];
    for (size_t n = 1; n <= 4 && n <= length; n++) {
        if ((first & forms[n - 1].mask) != forms[n - 1].lead)
            continue;
        unsigned long value = first & (unsigned char)~forms[n - 1].mask;
        for (size_t k = 1; k < n; k++) {
            if (((unsigned char)text[k] & 0xc0) != 0x80)
                return 0;
            value = value << 6 | ((unsigned char)text[k] & 0x3f);
        }
        if (value < forms[n - 1].least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return 0;
        *code = value;
        return n;
    }
    return 0;
}

size_t ocelot_utf8_columns(unsigned long code)
{
    static const struct {
        unsigned long first, last;
        size_t columns;
    } ranges[] = {{0x0300, 0x036f, 0}, {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0},   {0x20d0, 0x20ff, 0},  {0x2e80, 0xa4cf, 2},
                  {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},  {0xff00, 0xff60, 2},
                  {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

struct ocelot_excerpt ocelot_excerpt(const char *bytes, size_t length)
{
    enum { TAIL = 6 }; /* "...'" with a terminator and one to spare */
    struct ocelot_excerpt out = {{0}};
    size_t at = 0, used = 0;
    out.text[used++] = '\'';
    while (at < length) {
        unsigned long code = 0;
        size_t n = ocelot_utf8_next(bytes + at, length - at, &code);
        size_t wide = n > 0 ? n : 1;
        if (used + wide > OCELOT_EXCERPT_SIZE - TAIL) {
            memcpy(out.text + used, "...", 3);
            used += 3;
            break;
        }
        /* Also the C1 controls and the marks that turn the direction of writing: terminals obey them. */
        if (n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
            out.text[used++] = '?';
        } else {
            memcpy(out.text + used, bytes + at, n);
            used += n;
        }
        at += wide;
    }
    out.text[used] = '\'';
    return out;
}

struct ocelot_excerpt ocelot_excerpt_string(const char *string)
{
    return ocelot_excerpt(string, strlen(string));
}
