#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"

static bool grow(struct ocelot_text *text, size_t more)
{
    size_t need;
    if (text->failed || !ocelot_size_add(text->length, more, &need) || !ocelot_size_add(need, 1, &need)) {
        text->failed = true;
        return false;
    }
    if (need <= text->capacity)
        return true;
    size_t capacity = text->capacity < 128 ? 256 : text->capacity;
    while (capacity < need)
        capacity = capacity > need / 2 ? need : capacity * 2;
    if (capacity < text->capacity * 2)
        capacity = text->capacity * 2;
    char *bytes = ocelot_reallocate(text->bytes, capacity, 1);
    if (!bytes) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

/* Makes room for `more` bytes and a terminator. */
static bool reserve(struct ocelot_text *text, size_t more)
{
    return (!text->failed && text->capacity - text->length > more) || grow(text, more);
}

char *ocelot_text_begin(struct ocelot_text *text, size_t room)
{
    return reserve(text, room) ? text->bytes + text->length : NULL;
}

void ocelot_text_end(struct ocelot_text *text, const char *end)
{
    text->length = (size_t)(end - text->bytes);
    text->bytes[text->length] = '\0';
}

void ocelot_text_append(struct ocelot_text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void ocelot_text_string(struct ocelot_text *text, const char *string)
{
    ocelot_text_append(text, string, strlen(string));
}

void ocelot_text_format(struct ocelot_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        text->failed = true;
    if (length < 0 || !reserve(text, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void ocelot_text_integer(struct ocelot_text *text, long value)
{
    char digits[24], *first = digits + sizeof digits;
    unsigned long size = value < 0 ? 0UL - (unsigned long)value : (unsigned long)value;
    do
        *--first = (char)('0' + size % 10);
    while (size /= 10);
    if (value < 0)
        *--first = '-';
    ocelot_text_append(text, first, (size_t)(digits + sizeof digits - first));
}

void ocelot_text_number(struct ocelot_text *text, double value)
{
    if (reserve(text, OCELOT_NUMBER_SIZE))
        text->length += ocelot_number_print(text->bytes + text->length, value);
}

void ocelot_text_json_number(struct ocelot_text *text, double value)
{
    if (isfinite(value))
        ocelot_text_number(text, value);
    else
        ocelot_text_string(text, "null");
}

/* Length of the UTF-8 sequence at s (which ends in a terminator), or 0 if it is not one (overlong, surrogate and out-of-range included). */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    unsigned char low = 0x80, high = 0xbf;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    if (s[0] == 0xe0)
        low = 0xa0;
    if (s[0] == 0xed)
        high = 0x9f;
    if (s[0] == 0xf0)
        low = 0x90;
    if (s[0] == 0xf4)
        high = 0x8f;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t k = 2; k < n; k++)
        if (s[k] < 0x80 || s[k] > 0xbf)
            return 0;
    return n;
}

/* Bytes in front that stand for themselves in a JSON string. */
static size_t plain_length(const char *string)
{
    size_t n = 0;
    while (string[n] >= ' ' && string[n] < 0x7f && string[n] != '"' && string[n] != '\\')
        n++;
    return n;
}

void ocelot_text_json_string(struct ocelot_text *text, const char *string)
{
    size_t front = plain_length(string); /* of most strings all */
    char *at = ocelot_text_begin(text, front + 2);
    if (!at)
        return;
    *at++ = '"';
    memcpy(at, string, front);
    at += front;
    if (!string[front])
        *at++ = '"';
    ocelot_text_end(text, at);
    if (!string[front])
        return;
    const unsigned char *plain = (const unsigned char *)string + front; /* what has not been written yet, all of it to be written as it is */
    for (const unsigned char *s = plain; *s;) {
        size_t n = *s < 0x80 ? 1 : utf8_length(s);
        if (n > 0 && *s >= 0x20 && *s != 0x7f && *s != '"' && *s != '\\') {
            s += n;
            continue;
        }
        ocelot_text_append(text, (const char *)plain, (size_t)(s - plain));
        if (*s == '"' || *s == '\\') {
            char pair[2] = {'\\', (char)*s};
            ocelot_text_append(text, pair, 2);
        } else if (n > 0) {
            static const char digits[] = "0123456789abcdef";
            char escape[6] = {'\\', 'u', '0', '0', digits[*s >> 4], digits[*s & 15]}; /* control characters: below 0x80 */
            ocelot_text_append(text, escape, sizeof escape);
        } else {
            ocelot_text_string(text, "\\ufffd");
        }
        plain = ++s;
    }
    ocelot_text_append(text, (const char *)plain, strlen((const char *)plain));
    ocelot_text_append(text, "\"", 1);
}

void ocelot_text_clear(struct ocelot_text *text)
{
    text->length = 0;
    text->failed = false;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void ocelot_text_free(struct ocelot_text *text)
{
    free(text->bytes);
    *text = (struct ocelot_text){0};
}
