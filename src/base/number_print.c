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

/* Division of negative numbers that rounds down, for the logarithms as fractions: floor(n / 2^22). */
static int floor_shift(long n)
{
    return (int)(n >= 0 ? n >> 22 : -((-n + (1 << 22) - 1) >> 22));
}

/* Of a finite value > 0 in its bits. */
static struct shortest find_shortest(uint64_t bits)
{
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52);
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int q = (biased ? biased : 1) - 1075;
    bool near = fraction == 0 && biased > 1; /* the neighbour below is only half as far away */
    uint64_t odd = c & 1;
    int k = floor_shift(q * 1262611L - (near ? 524031 : 0)); /* floor(log10(2^q)), or of 3/4 of it */
    int shift = q + floor_shift(-k * 13933176L) + 1;         /* floor(log2(10^-k)) */
    struct ocelot_wide g = factor(k);
    uint64_t low = scaled(g, (4 * c - 2 + near) << shift) + odd, at = scaled(g, (4 * c) << shift), high = scaled(g, (4 * c + 2) << shift) - odd;

    uint64_t s = at / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool below = low <= 40 * tens, above = 40 * tens + 40 <= high;
        if (below != above)
            return (struct shortest){tens + above, k + 1};
    }
    bool below = low <= 4 * s, above = 4 * s + 4 <= high;
    if (below != above)
        return (struct shortest){s + above, k};
    uint64_t half = 4 * s + 2;
    return (struct shortest){s + (at > half || (at == half && s & 1)), k};
}

/* The eight decimal digits of a value below 10^8, zeros included, the first in the lowest byte: halves, then pairs, then digits, side by side in
 * one number. */
static uint64_t eight_digits(uint32_t value)
{
    uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
    uint64_t hundreds = halves * 10486 >> 20 & UINT64_C(0x7f0000007f);
    uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
    uint64_t tens = pairs * 103 >> 10 & UINT64_C(0x000f000f000f000f);
    return (tens | (pairs - 10 * tens) << 8) + UINT64_C(0x3030303030303030);
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
    for (; value < part; value *= 10)
        --*whole;
    uint32_t lead = (uint32_t)(value / part);
    value -= lead * part;
    struct digits digits = {(char)('0' + lead), eight_digits((uint32_t)(value / 100000000)), eight_digits((uint32_t)(value % 100000000))};
    int zeros = 0;
    while (zeros < 8 && (digits.last >> (56 - 8 * zeros) & 15) == 0)
        zeros++;
    for (int k = 0; zeros == 8 + k && k < 8 && (digits.next >> (56 - 8 * k) & 15) == 0; k++)
        zeros++;
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
    if (magnitude == 0) {
        text[length++] = '0';
    } else {
        struct shortest number = {.exponent = 0};
        if (magnitude < 0x1p53 && magnitude == (double)(uint64_t)magnitude) {
            number.digits = (uint64_t)magnitude;
        } else {
            uint64_t bits;
            memcpy(&bits, &magnitude, sizeof bits);
            number = find_shortest(bits);
        }
        int count, whole;
        struct digits digits = spread(number.digits, &count, &whole);
        length += lay_out(text + length, digits, count, whole + number.exponent);
    }
    text[length] = '\0';
    return length;
}
