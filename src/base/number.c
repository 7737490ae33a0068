#include "base/number.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/powers.h"

/* A decimal number without its sign, taken apart: up to 19 significant digits, and the power of ten behind them. */
struct decimal {
    bool truncated;
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

/* Digits with at most one point among them, more of them than 64 bits may hold: leading zeros do not count, what follows the 19th only matters
 * when it is not 0. */
static void take_many(const char *text, const char *end, struct decimal *d)
{
    bool fraction = false;
    *d = (struct decimal){0};
    for (const char *p = text; p < end; p++) {
        if (*p == '.')
            fraction = true;
        else
            take_digit(d, *p, fraction);
    }
}

/* Eight bytes, the first one lowest: one load, where the compiler sees it. */
static uint64_t eight_bytes(const char *p)
{
    unsigned char b[8];
    memcpy(b, p, 8);
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 |
           (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/* Of eight characters, the lowest byte first, those that are no digits: the highest bit of their bytes. What is 0 to 9 here stays below 128 when 118
 * is added, and nothing carries into the next byte. */
static uint64_t no_digits(uint64_t digits)
{
    const uint64_t most = UINT64_C(0x7f7f7f7f7f7f7f7f);
    return (((digits & most) + UINT64_C(0x7676767676767676)) | digits) & ~most;
}

/* The byte of the lowest bit of marks > 0 that are the highest bits of bytes: the multiplication moves its number to the top. */
static unsigned first_mark(uint64_t marks)
{
    return (unsigned)(((marks & -marks) >> 7) * UINT64_C(0x0001020304050607) >> 56);
}

/* The number that eight digits are, each 0 to 9: neighbours are joined to pairs, pairs to fours, and these. */
static uint64_t joined(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    uint64_t low = (digits & UINT64_C(0x000000ff000000ff)) * (100 + (UINT64_C(1000000) << 32));
    uint64_t high = (digits >> 16 & UINT64_C(0x000000ff000000ff)) * (1 + (UINT64_C(10000) << 32));
    return (low + high) >> 32;
}

static const uint64_t power_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* Eight characters from p on: how many digits they begin with, and the number that these are. */
static inline unsigned look_at_eight(const char *p, uint64_t *number)
{
    uint64_t next = eight_bytes(p) ^ UINT64_C(0x3030303030303030), marks = no_digits(next);
    unsigned count = marks ? first_mark(marks) : 8, missing = 8 - count;
    *number = joined(next << 4 * missing << 4 * missing);
    return count;
}

/* 24 characters at a time. Where a number ends among them no branch asks, which would be guessed wrong for one in two of those with 15 to 17 digits.
 */
static inline const char *take_digits(const char *p, const char *end, uint64_t *digits)
{
    uint64_t value = *digits, next;
    for (; end - p >= 24; p += 24) {
        unsigned count = look_at_eight(p, &next), total = count;
        value = value * power_of_ten[count] + next;
        for (size_t k = 1; k < 3; k++) {
            count = look_at_eight(p + 8 * k, &next);
            count = total == 8 * k ? count : 0;
            value = value * power_of_ten[count] + (total == 8 * k ? next : 0);
            total += count;
        }
        if (total < 24) {
            *digits = value;
            return p + total;
        }
    }
    for (; end - p >= 8; p += 8) {
        unsigned count = look_at_eight(p, &next);
        value = value * power_of_ten[count] + next;
        if (count < 8) {
            *digits = value;
            return p + count;
        }
    }
    for (; p < end && is_digit(*p); p++)
        value = value * 10 + (uint64_t)(*p - '0');
    *digits = value;
    return p;
}

/* e[+-]digits, if that is what follows. */
static const char *take_exponent(const char *p, const char *end, struct decimal *d)
{
    if (p == end || (*p != 'e' && *p != 'E'))
        return p;
    const char *q = p + 1;
    bool minus = q < end && *q == '-';
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    if (q == end || !is_digit(*q))
        return p;
    long e = 0;
    for (; q < end && is_digit(*q); q++)
        e = e < 100000 ? e * 10 + (*q - '0') : e;
    d->exponent += minus ? -e : e;
    return q;
}

/* Scans digits[.digits][e[+-]digits]; NULL when there is no digit. */
static inline const char *scan(const char *text, const char *end, struct decimal *d)
{
    const char *p = text;
    if (p < end && is_digit(*p)) /* mostly the only one before the point */
        d->digits = (uint64_t)(*p++ - '0');
    if (p < end && is_digit(*p))
        p = take_digits(p, end, &d->digits);
    long whole = (long)(p - text), fraction = 0;
    if (p < end && *p == '.') {
        const char *from = p + 1;
        p = take_digits(from, end, &d->digits);
        fraction = (long)(p - from);
    }
    if (whole + fraction == 0)
        return NULL;
    d->exponent = -fraction;
    if (whole + fraction > 19)
        take_many(text, p, d);
    return take_exponent(p, end, d);
}

/* floor(log2(10^e)) for |e| < 400 */
static long floor_log2_power(long e)
{
    return (e * 217706 - (e < 0 ? 65535 : 0)) / 65536;
}

/* The double of the biased exponent and the 53 bits of a significand whose last bit is still to be rounded away: halves go to even before. */
static inline double assemble(uint64_t significand, long biased)
{
    uint64_t bits;
    significand = (significand + (significand & 1)) >> 1;
    if (biased <= 0) /* denormal, or the least normal number after rounding up: the bits say so themselves */
        bits = significand;
    else if (biased + (significand >> 53) >= 2047)
        bits = UINT64_C(2047) << 52;
    else /* a carry out of the significand leaves zeros behind and raises the exponent */
        bits = ((uint64_t)(biased - 1) << 52) + significand;
    double value;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

/* Of a value > 0. */
static int leading_zeros(uint64_t value)
{
#if defined(__GNUC__) && ULLONG_MAX == UINT64_MAX
    return __builtin_clzll(value);
#else
    int zeros = 0;
    for (int step = 32; step > 0; step /= 2)
        if (!(value >> (64 - step))) {
            value <<= step;
            zeros += step;
        }
    return zeros;
#endif
}

/* The double nearest to digits * 10^exponent, digits > 0, by the product of its 64 leading bits and the 128 leading bits of the power of ten
 * (D. Lemire, Number parsing at a gigabyte per second, 2021; M. Eisel; that the product always suffices: N. Mushtak and D. Lemire, Fast number
 * parsing without fallback, 2023). */
static inline double nearest(uint64_t digits, long exponent)
{
    enum { LEAST = -342, MOST = 308 }; /* 2^64 10^-343 is below half the least denormal, 10^309 above the largest double */
    if (exponent < LEAST)
        return 0;
    if (exponent > MOST)
        return (double)INFINITY;
    struct ocelot_wide power = ocelot_power_of_ten((int)exponent);
    if (exponent < 0 && exponent >= -27) /* rounded up: so near to 1 the division by a power of five may come out even */
        power = (struct ocelot_wide){power.high + (power.low + 1 == 0), power.low + 1};
    int zeros = leading_zeros(digits);
    digits <<= zeros;
    struct ocelot_wide product = ocelot_wide_product(digits, power.high);
    if ((product.high & 0x1ff) == 0x1ff) { /* all the bits behind the 55 that matter are set: a carry from below may reach them */
        uint64_t low = product.low + ocelot_wide_product(digits, power.low).high;
        product.high += low < product.low;
        product.low = low;
    }
    int top = (int)(product.high >> 63);
    uint64_t significand = product.high >> (top + 9); /* 54 bits */
    long biased = floor_log2_power(exponent) + top - zeros + 1023 + 63;
    if (biased <= 0) {
        significand = biased > -63 ? significand >> (1 - biased) : 0;
        return assemble(significand, biased);
    }
    /* Exactly halfway, with an even number below: only where the power of five fits into 64 bits. */
    if (product.low <= 1 && exponent >= -4 && exponent <= 23 && (significand & 3) == 1 && significand << (top + 9) == product.high)
        significand &= ~UINT64_C(1);
    return assemble(significand, biased);
}

/* Longest number read, in characters: more than any double needs to be told from its neighbours (767 digits). */
enum { LONGEST_NUMBER = 1200 };

/* The slow, exact way: strtod reads the same characters with the point that the current locale wants. False when they are too many. */
static bool parse_exactly(const char *text, const char *end, double *value)
{
    char copy[LONGEST_NUMBER + 16];
    const char *point = localeconv()->decimal_point;
    size_t point_length = strlen(point), n = 0;
    if (end - text > LONGEST_NUMBER || point_length > 15)
        return false;
    for (const char *p = text; p < end; p++) {
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

/* `value`, or -value. No branch: signs of data come as they like. */
static double with_sign(double value, bool negative)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits ^= (uint64_t)negative << 63;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

const char *ocelot_number_parse(const char *text, const char *end, double *value)
{
    struct decimal d = {0};
    char first = text < end ? *text : '0';
    const char *start = text + ((first == '-') | (first == '+'));
    const char *after = scan(start, end, &d);
    double magnitude;
    if (!after) {
        after = parse_word(start, end, &magnitude);
        if (!after)
            return NULL;
    } else if (d.truncated && after - start > LONGEST_NUMBER) {
        return NULL;
    } else if (d.digits == 0 && !d.truncated) {
        magnitude = 0;
    } else {
        magnitude = nearest(d.digits, d.exponent);
        if (d.truncated && nearest(d.digits + 1, d.exponent) != magnitude && !parse_exactly(start, after, &magnitude))
            return NULL;
    }
    *value = with_sign(magnitude, first == '-');
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

const char *ocelot_entry_parse(const char *text, const char *end, int *index, double *value)
{
    enum { DIGITS = 9 };
    int number = 0;
    const char *p = text;
    for (; p < end && p - text < DIGITS && is_digit(*p); p++)
        number = number * 10 + (*p - '0');
    if (p == text || p == end || *p != ':')
        return NULL;
    p = ocelot_number_parse(p + 1, end, value);
    if (p)
        *index = number;
    return p;
}

/* A finite number times 0 is 0, anything else NaN; sums are kept side by side, so that no addition waits for the one before. */
bool ocelot_numbers_finite(const double *values, size_t n)
{
    enum { PARTS = 8 };
    double part[PARTS] = {0}, sum = 0;
    size_t k = 0;
    for (; k + PARTS <= n; k += PARTS)
        for (size_t l = 0; l < PARTS; l++)
            part[l] += values[k + l] * 0;
    for (; k < n; k++)
        sum += values[k] * 0;
    for (size_t l = 0; l < PARTS; l++)
        sum += part[l];
    return sum == 0;
}
