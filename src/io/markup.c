#include "io/markup.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

#define MINUS "\xe2\x88\x92"
#define NARROW_SPACE "\xe2\x80\xaf"
#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

/* Bytes of the UTF-8 sequence at `s`, 0 where it is not one (the terminator ends every look ahead). */
static size_t sequence(const unsigned char *s)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
    for (size_t k = 1; k < length; k++) {
        if ((s[k] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf4 && s[1] >= 0x90);
    return length > 1 && (overlong || beyond) ? 0 : length;
}

static bool forbidden(const unsigned char *s, size_t length)
{
    if (length == 1) {
        return (s[0] < 0x20 && s[0] != '\t' && s[0] != '\n') || s[0] == 0x7f;
    }
    bool control = length == 2 && s[0] == 0xc2 && s[1] < 0xa0;
    return control || (length == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe);
}

static const char *reference(unsigned char c)
{
    static const struct {
        unsigned char character;
        const char *reference;
    } references[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t k = 0; k < sizeof references / sizeof *references; k++) {
        if (references[k].character == c) {
            return references[k].reference;
        }
    }
    return NULL;
}

void ocelot_markup_clip(struct ocelot_text *text, const char *string, size_t most)
{
    const unsigned char *s = (const unsigned char *)string;
    for (size_t count = 0; *s; count++) {
        size_t length = sequence(s);
        if (count == most) {
            ocelot_text_string(text, ELLIPSIS);
            return;
        }
        if (length == 0 || forbidden(s, length)) {
            ocelot_text_string(text, REPLACEMENT);
        } else if (reference(*s)) {
            ocelot_text_string(text, reference(*s));
        } else {
            ocelot_text_append(text, (const char *)s, length);
        }
        s += length ? length : 1;
    }
}

void ocelot_markup_escape(struct ocelot_text *text, const char *string)
{
    ocelot_markup_clip(text, string, SIZE_MAX);
}

void ocelot_markup_name(struct ocelot_text *text, const char *name)
{
    if (strlen(name) > OCELOT_MARKUP_LABEL) {
        ocelot_text_string(text, "<bdi title=\"");
        ocelot_markup_clip(text, name, 1000);
        ocelot_text_string(text, "\">");
    } else {
        ocelot_text_string(text, "<bdi>");
    }
    ocelot_markup_clip(text, name, OCELOT_MARKUP_LABEL);
    ocelot_text_string(text, "</bdi>");
}

/* snprintf follows the locale of the process, which may have a decimal comma. */
static void use_point(char *digits)
{
    for (char *c = digits; *c; c++) {
        *c = *c == ',' ? '.' : *c;
    }
}

static void trim_zeros(char *digits)
{
    if (strchr(digits, '.')) {
        size_t length = strlen(digits);
        while (digits[length - 1] == '0') {
            digits[--length] = '\0';
        }
        if (digits[length - 1] == '.') {
            digits[length - 1] = '\0';
        }
    }
}

void ocelot_markup_coordinate(struct ocelot_text *text, double value)
{
    char digits[32];
    value = isfinite(value) ? fmin(fmax(value, -1e6), 1e6) : 0;
    snprintf(digits, sizeof digits, "%.2f", value);
    use_point(digits);
    trim_zeros(digits);
    ocelot_text_string(text, strcmp(digits, "-0") == 0 ? "0" : digits);
}

static void append_signed(struct ocelot_text *text, const char *digits)
{
    ocelot_text_string(text, *digits == '-' ? MINUS : "");
    ocelot_text_string(text, *digits == '-' ? digits + 1 : digits);
}

void ocelot_markup_number(struct ocelot_text *text, double value, int digits)
{
    char number[64], *exponent = NULL;
    if (!isfinite(value)) {
        ocelot_text_string(text, isnan(value) ? "\xe2\x80\x93" : value > 0 ? "\xe2\x88\x9e" : MINUS "\xe2\x88\x9e");
        return;
    }
    value = value == 0 ? 0 : value;
    snprintf(number, sizeof number, "%.*e", digits - 1, value);
    use_point(number);
    exponent = strchr(number, 'e');
    double power = 0;
    ocelot_number_parse(exponent + (exponent[1] == '+' ? 2 : 1), number + strlen(number), &power);
    if (power >= -4 && power < 6) {
        int decimals = digits - 1 - (int)power;
        snprintf(number, sizeof number, "%.*f", decimals > 0 ? decimals : 0, value);
        use_point(number);
        trim_zeros(number);
        append_signed(text, number);
        return;
    }
    *exponent = '\0';
    trim_zeros(number);
    append_signed(text, number);
    ocelot_text_string(text, "e");
    snprintf(number, sizeof number, "%d", (int)power);
    append_signed(text, number);
}

void ocelot_markup_value(struct ocelot_text *text, double value)
{
    char exact[OCELOT_NUMBER_SIZE];
    if (isfinite(value) && ocelot_number_print(exact, value) <= 8) {
        append_signed(text, exact);
    } else {
        ocelot_markup_number(text, value, 5);
    }
}

void ocelot_markup_beside(struct ocelot_text *text, double value, double other)
{
    double apart = fabs(value - other) / fmax(fabs(value), fabs(other)), more = apart > 0 && isfinite(apart) ? ceil(-log10(apart)) - 1 : 0;
    ocelot_markup_number(text, value, 4 + (int)fmin(fmax(more, 0), 5));
}

void ocelot_markup_percent(struct ocelot_text *text, double share)
{
    double percent = 100 * share;
    if (fabs(percent) > 0 && fabs(percent) < 0.95) {
        ocelot_text_string(text, percent < 0 ? MINUS "&lt;1" : "&lt;1");
    } else {
        ocelot_markup_number(text, isfinite(percent) ? round(percent) : percent, fabs(percent) < 1e6 ? 7 : 2);
    }
    ocelot_text_string(text, NARROW_SPACE "%");
}

void ocelot_markup_count(struct ocelot_text *text, size_t count)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%zu", count);
    for (int k = 0; k < length; k++) {
        if (k > 0 && (length - k) % 3 == 0 && length > 4) {
            ocelot_text_string(text, NARROW_SPACE);
        }
        ocelot_text_append(text, digits + k, 1);
    }
}
