/* The shortest decimal text of a double, by R. Giulietti's Schubfach (The Schubfach way to render doubles, 2020).
 *
 * A double v = c 2^q has neighbours, and every decimal number between the two halfway points (ends included where c is even) reads back as v.
 * Let 10^k be the largest power of ten that is not longer than that interval: then at least one multiple of 10^k lies inside, and at most one
 * multiple of 10^(k+1). So the shortest number is that one if it is there; else the multiple of 10^k that is nearest to v. The interval's ends and
 * v are needed in units of 10^k / 4: v 10^-k 4 cut off, its last bit set when something was cut off, which the 128 leading bits of 10^-k suffice
 * for (section 9 of the paper). */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "base/powers.h"

/* digits * 10^exponent */
struct shortest {
    uint64_t digits;
    int exponent;
};

/* floor of g c / 2^128 for the 128 bits g, the last bit set when it is not exact. */
static uint64_t scaled(struct ocelot_wide g, uint64_t c)
{
    struct ocelot_wide below = ocelot_wide_product(g.low, c), above = ocelot_wide_product(g.high, c);
    uint64_t middle = above.low + below.high;
    above.high += middle < above.low;
    return above.high | (middle > 1);
}

/* 10^-k to 128 bits, rounded up where it is not exact. */
static struct ocelot_wide factor(int k)
{
    struct ocelot_wide g = ocelot_power_of_ten(-k);
    if (k > 0 || k < -55) {
        g.low++;
        g.high += g.low == 0;
    }
    return g;
}

/* floor(n / 2^22) for |n| < 2^32 */
static int floor_shift(int64_t n)
{
    enum { POSITIVE = 1 << 10 };
    return (int)(((uint64_t)n + ((uint64_t)POSITIVE << 22)) >> 22) - POSITIVE;
}

/* A value and the ends of its interval in units of 10^k / 4, as `scaled` cuts them off. */
struct interval {
    uint64_t low, at, high;
};

/* Of c 2^q, of which the neighbours are as far away on either side, and 10^-k has 64 bits, g: products have 128, their differences are g, shifted. */
static struct interval plain_interval(uint64_t g, uint64_t c, int shift)
{
    struct ocelot_wide at = ocelot_wide_product(g, c << (shift + 2)), half = {g >> (63 - shift), g << (shift + 1)};
    uint64_t above = at.low + half.low, below = at.low - half.low;
    return (struct interval){(at.high - half.high - (at.low < half.low)) | (below > 1), at.high | (at.low > 1),
                             (at.high + half.high + (above < at.low)) | (above > 1)};
}

/* Of any; near: the neighbour below is only half as far away. */
static struct interval any_interval(uint64_t c, int k, int shift, bool near)
{
    struct ocelot_wide g = factor(k);
    return (struct interval){scaled(g, (4 * c - 2 + near) << shift), scaled(g, (4 * c) << shift), scaled(g, (4 * c + 2) << shift)};
}

/* yes ? a : b for `yes` 0 or 1. */
static uint64_t choose(uint64_t yes, uint64_t a, uint64_t b)
{
    return b ^ ((a ^ b) & -yes);
}

/* Of a finite value > 0 in its bits. */
static struct shortest find_shortest(uint64_t bits)
{
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52);
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int q = (biased ? biased : 1) - 1075;
    bool near = fraction == 0 && biased > 1;
    uint64_t odd = c & 1;
    int k = floor_shift(q * INT64_C(1262611) - (near ? 524031 : 0)); /* floor(log10(2^q)), or of 3/4 of it */
    int shift = q + floor_shift(-k * INT64_C(13933176)) + 1;         /* floor(log2(10^-k)) */
    struct interval i =
        k <= 0 && k > -OCELOT_SHORT_POWERS && !near ? plain_interval(ocelot_short_powers[-k], c, shift) : any_interval(c, k, shift, near);
    uint64_t low = i.low + odd, at = i.at, high = i.high - odd;

    /* Which it is nobody could foresee: no branch depends on it. */
    uint64_t s = at / 4, tens = s / 10, half = 4 * s + 2;
    uint64_t below = low <= 4 * s, above = 4 * s + 4 <= high, ten_below = low <= 40 * tens, ten_above = 40 * tens + 40 <= high;
    uint64_t nearest = (at > half) | ((at == half) & s & 1);
    return (struct shortest){choose((ten_below ^ ten_above) & (s >= 10), 10 * (tens + ten_above), s + choose(below ^ above, above, nearest)), k};
}

/* The eight decimal digits of a value below 10^8, zeros included, the first in the lowest byte: halves, then pairs, then digits, side by side in
 * one number. */
static uint64_t eight_digits(uint32_t value)
{
    /* n / t and n % t 2^b beside one another are n 2^b - (n / t) (t 2^b - 1). */
    uint64_t halves = ((uint64_t)value << 32) - value / 10000 * ((UINT64_C(10000) << 32) - 1);
    uint64_t pairs = (halves << 16) - (halves * 10486 >> 20 & UINT64_C(0x7f0000007f)) * ((100 << 16) - 1);
    return (pairs << 8) - (pairs * 103 >> 10 & UINT64_C(0x000f000f000f000f)) * ((10 << 8) - 1) + UINT64_C(0x3030303030303030);
}

/* How many of eight digits, from the last on, are 0. */
static int zeros_behind(uint64_t digits)
{
    uint64_t left = digits - UINT64_C(0x3030303030303030);
#if defined(__GNUC__)
    return left > 0 ? __builtin_clzll(left) / 8 : 8;
#else
    int zeros = 0;
    while (zeros < 8 && left >> (56 - 8 * zeros) == 0)
        zeros++;
    return zeros;
#endif
}

/* The lowest byte first: one store, where the compiler sees it. */
static void put_eight(char *text, uint64_t digits)
{
    const char bytes[8] = {(char)digits,         (char)(digits >> 8),  (char)(digits >> 16), (char)(digits >> 24),
                           (char)(digits >> 32), (char)(digits >> 40), (char)(digits >> 48), (char)(digits >> 56)};
    memcpy(text, bytes, sizeof bytes);
}

/* 17 digits: the first, and eight and eight more as eight_digits has them. They stay in registers until it is known where they stand: reading
 * back in other pieces what was just stored would wait for the stores. */
struct digits {
    char lead;
    uint64_t next, last;
};

enum { DIGITS = 17 };

/* The digits of a value > 0 below 10^17, moved to the left; *count says how many there are without the zeros behind them, *whole with those that
 * are the value's own. */
static struct digits spread(uint64_t value, int *count, int *whole)
{
    const uint64_t part = 10000000000000000; /* 16 digits */
    *whole = DIGITS;
    uint64_t one_less = value < part; /* as often as not; fewer digits are rare */
    value += -one_less & 9 * value;
    *whole -= (int)one_less;
    for (; value < part; value *= 10)
        --*whole;
    uint32_t lead = (uint32_t)(value / part);
    value -= lead * part;
    struct digits digits = {(char)('0' + lead), eight_digits((uint32_t)(value / 100000000)), eight_digits((uint32_t)(value % 100000000))};
    int zeros = zeros_behind(digits.last);
    zeros += zeros == 8 ? zeros_behind(digits.next) : 0;
    *count = DIGITS - zeros;
    return digits;
}

static size_t print_exponent(char *text, int exponent)
{
    size_t length = 0;
    text[length++] = 'e';
    if (exponent < 0)
        text[length++] = '-';
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent); /* at most 324 */
    if (size >= 100)
        text[length++] = (char)('0' + size / 100);
    if (size >= 10)
        text[length++] = (char)('0' + size / 10 % 10);
    text[length++] = (char)('0' + size % 10);
    return length;
}

/* Lays out digits d1 d2 ... dn times 10^(point - n), n <= 17, in the shorter of plain and scientific notation. `text` has room for 27 bytes: pieces
 * are stored whole, their ends then written over. */
static size_t lay_out(char *text, struct digits d, int n, int point)
{
    if (point > 0 && point <= 8 && point < n) { /* as most are */
        text[0] = d.lead;
        put_eight(text + 1, d.next);
        text[point] = '.';
        put_eight(text + point + 1, d.next >> 8 * (point - 1));
        put_eight(text + 10, d.last);
        return (size_t)n + 1;
    }
    if (point <= 0 && point > -5) {
        static const char zeros[] = {'0', '.', '0', '0', '0', '0'};
        memcpy(text, zeros, sizeof zeros);
        size_t at = (size_t)(2 - point);
        text[at] = d.lead;
        put_eight(text + at + 1, d.next);
        put_eight(text + at + 9, d.last);
        return at + (size_t)n;
    }
    char digits[DIGITS] = {d.lead};
    size_t length = 0;
    put_eight(digits + 1, d.next);
    put_eight(digits + 9, d.last);
    if (point > 0 && point <= 17) {
        int whole = point < n ? point : n;
        memcpy(text, digits, (size_t)whole);
        for (length = (size_t)whole; length < (size_t)point; length++)
            text[length] = '0';
        if (n > point) {
            text[length++] = '.';
            memcpy(text + length, digits + point, (size_t)(n - point));
            length += (size_t)(n - point);
        }
        return length;
    }
    text[length++] = d.lead;
    if (n > 1)
        text[length++] = '.';
    memcpy(text + length, digits + 1, (size_t)n - 1);
    length += (size_t)n - 1;
    return length + print_exponent(text + length, point - 1);
}

size_t ocelot_number_print(char text[OCELOT_NUMBER_SIZE], double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t length = bits >> 63;
    bits &= UINT64_MAX >> 1;
    int biased = (int)(bits >> 52);
    text[0] = '-';
    if (biased == 2047) {
        length = isnan(value) ? 0 : length;
        memcpy(text + length, isnan(value) ? "nan" : "inf", 4);
        return length + 3;
    }
    if (bits == 0) {
        text[length++] = '0';
    } else {
        bool whole_number = biased >= 1023 && biased < 1076 && (bits & ((UINT64_C(1) << (1075 - biased)) - 1)) == 0;
        struct shortest number = whole_number ? (struct shortest){(uint64_t)fabs(value), 0} : find_shortest(bits);
        int count, whole;
        struct digits digits = spread(number.digits, &count, &whole);
        length += lay_out(text + length, digits, count, whole + number.exponent);
    }
    text[length] = '\0';
    return length;
}
