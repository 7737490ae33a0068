#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number taken apart: sign, up to 19 significant digits, and the power of ten behind them. */
struct decimal {
    bool negative, truncated;
    uint64_t digits;
    int count;
    long exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *match_word(const char *text, const char *end, const char *word)
{
    for (; *word; text++, word++)
        if (text == end || (*text | 0x20) != *word)
            return NULL;
    return text;
}

/* nan, inf, infinity in any case. */
static const char *parse_word(const char *text, const char *end, double *value)
{
    const char *after = match_word(text, end, "nan");
    if (after) {
        *value = NAN;
        return after;
    }
    after = match_word(text, end, "inf");
    if (!after)
        return NULL;
    *value = INFINITY;
    const char *longer = match_word(after, end, "inity");
    return longer ? longer : after;
}

static void take_digit(struct decimal *d, char c, bool fraction)
{
    if (d->count < 19) {
        d->digits = d->digits * 10 + (uint64_t)(c - '0');
        d->count += d->digits != 0;
        d->exponent -= fraction;
    } else {
        d->truncated |= c != '0';
        d->exponent += !fraction;
    }
}

/* Scans digits[.digits][e[+-]digits]; NULL when there is no digit. */
static const char *scan(const char *text, const char *end, struct decimal *d)
{
    const char *p = text;
    bool any = false;
    for (; p < end && is_digit(*p); p++, any = true)
        take_digit(d, *p, false);
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, any = true)
            take_digit(d, *p, true);
    if (!any)
        return NULL;
    if (p < end && (*p == 'e' || *p == 'E')) {
        const char *q = p + 1;
        bool minus = q < end && *q == '-';
        if (q < end && (*q == '-' || *q == '+'))
            q++;
        if (q < end && is_digit(*q)) {
            long e = 0;
            for (; q < end && is_digit(*q); q++)
                e = e < 100000 ? e * 10 + (*q - '0') : e;
            d->exponent += minus ? -e : e;
            p = q;
        }
    }
    return p;
}

/* Longest number read, in characters: more than any double needs to be told from its neighbours (767 digits). */
enum { LONGEST_NUMBER = 1200 };

/* The slow, exact way: strtod. Where 19 digits are all there is, they go as a whole number; else the same characters with the point that
 * the current locale wants. False when they are too many. */
static bool parse_exactly(const char *text, const char *end, const struct decimal *d, double *value)
{
    char copy[LONGEST_NUMBER + 16];
    const char *point = localeconv()->decimal_point;
    size_t point_length = strlen(point), n = 0;
    if (!d->truncated)
        n = (size_t)snprintf(copy, sizeof copy, "%" PRIu64 "e%ld", d->digits, d->exponent);
    else if (end - text > LONGEST_NUMBER || point_length > 15)
        return false;
    for (const char *p = text; d->truncated && p < end; p++) {
        if (*p == '.') {
            memcpy(copy + n, point, point_length);
            n += point_length;
        } else {
            copy[n++] = *p;
        }
    }
    copy[n] = '\0';
    int keep = errno;
    *value = strtod(copy, NULL);
    errno = keep;
    return true;
}

const char *ocelot_number_parse(const char *text, const char *end, double *value)
{
    /* Powers of ten that a double holds exactly: with a mantissa below 2^53 one multiplication or division rounds once (Clinger 1990). */
    static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d = {0};
    const char *start = text;
    if (start < end && (*start == '-' || *start == '+'))
        d.negative = *start++ == '-';
    const char *after = scan(start, end, &d);
    double magnitude;
    if (!after) {
        after = parse_word(start, end, &magnitude);
        if (!after)
            return NULL;
    } else if (d.digits == 0 && !d.truncated) {
        magnitude = 0;
    } else if (!d.truncated && d.digits <= (UINT64_C(1) << 53) && d.exponent >= -22 && d.exponent <= 22) {
        magnitude = (double)d.digits;
        magnitude = d.exponent < 0 ? magnitude / exact[-d.exponent] : magnitude * exact[d.exponent];
    } else if (!parse_exactly(start, after, &d, &magnitude)) {
        return NULL;
    }
    *value = d.negative ? -magnitude : magnitude;
    return after;
}

const char *ocelot_integer_parse(const char *text, const char *end, long long *value)
{
    const char *p = text;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return NULL;
    long long result = 0;
    for (; p < end && is_digit(*p); p++) {
        int digit = *p - '0';
        if (result < (LLONG_MIN + digit) / 10)
            return NULL;
        result = result * 10 - digit; /* negative numbers reach further */
    }
    if (!negative && result == LLONG_MIN)
        return NULL;
    *value = negative ? result : -result;
    return p;
}

/* Whole numbers below 2^53 without a division by ten too many. */
static size_t print_whole(char *text, uint64_t value)
{
    char reversed[24];
    size_t n = 0, length = 0;
    do
        reversed[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        text[length++] = reversed[--n];
    return length;
}

/* Lays out digits d1 d2 ... dn times 10^(point - n) in the shorter of plain and scientific notation. */
static size_t lay_out(char *text, const char *digits, int n, int point)
{
    size_t length = 0;
    if (point > 0 && point <= 17) {
        for (int k = 0; k < point || k < n; k++) {
            if (k == point)
                text[length++] = '.';
            text[length++] = k < n ? digits[k] : '0';
        }
    } else if (point <= 0 && point > -5) {
        text[length++] = '0';
        text[length++] = '.';
        for (int k = point; k < 0; k++)
            text[length++] = '0';
        memcpy(text + length, digits, (size_t)n);
        length += (size_t)n;
    } else {
        text[length++] = digits[0];
        if (n > 1)
            text[length++] = '.';
        memcpy(text + length, digits + 1, (size_t)n - 1);
        length += (size_t)n - 1;
        length += (size_t)snprintf(text + length, 8, "e%d", point - 1);
    }
    return length;
}

size_t ocelot_number_print(char text[OCELOT_NUMBER_SIZE], double value)
{
    size_t length = 0;
    if (isnan(value)) {
        memcpy(text, "nan", 4);
        return 3;
    }
    if (signbit(value))
        text[length++] = '-';
    double magnitude = fabs(value);
    if (isinf(value)) {
        memcpy(text + length, "inf", 4);
        return length + 3;
    }
    if (magnitude < 0x1p53 && magnitude == floor(magnitude)) {
        length += print_whole(text + length, (uint64_t)magnitude);
        text[length] = '\0';
        return length;
    }
    char scientific[40], digits[20] = "0";
    int n = 0, exponent = 0;
    /* Up to 15 digits survive in every normal number, so nothing shorter than 15, trailing zeros dropped, needs to be tried. */
    for (int precision = magnitude < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        /* "%.*e" gives digit, the locale's point, digits, "e", exponent: only the digits are taken. */
        snprintf(scientific, sizeof scientific, "%.*e", precision - 1, magnitude);
        const char *mark = strchr(scientific, 'e');
        n = 0;
        for (const char *p = scientific; p < mark; p++)
            if (is_digit(*p))
                digits[n++] = *p;
        exponent = (int)strtol(mark + 1, NULL, 10);
        if (precision == 17 || strtod(scientific, NULL) == magnitude) /* same locale, so strtod reads its own point */
            break;
    }
    while (n > 1 && digits[n - 1] == '0')
        n--;
    length += lay_out(text + length, digits, n, exponent + 1);
    text[length] = '\0';
    return length;
}
