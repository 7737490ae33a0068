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

/* "00" to "99" */
static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                            "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/* The eight decimal digits of a value below 10^8, zeros included. */
static void print_eight(char *text, uint32_t value)
{
    size_t high = value / 10000, low = value % 10000;
    memcpy(text, pairs + high / 100 * 2, 2);
    memcpy(text + 2, pairs + high % 100 * 2, 2);
    memcpy(text + 4, pairs + low / 100 * 2, 2);
    memcpy(text + 6, pairs + low % 100 * 2, 2);
}

/* Decimal digits of a value below 10^18, the first not 0 unless there is only one. Returns their number. `text` has room for 24. */
static int print_digits(char *text, uint64_t value)
{
    const uint32_t part = 100000000; /* 32 bits at a time, whose division is fast */
    char digits[24];
    uint64_t above = value / part;
    print_eight(digits, (uint32_t)(above / part));
    print_eight(digits + 8, (uint32_t)(above % part));
    print_eight(digits + 16, (uint32_t)(value % part));
    int skip = above / part ? 0 : above ? 8 : 16;
    while (skip < 23 && digits[skip] == '0')
        skip++;
    memcpy(text, digits + skip, 24 - (size_t)skip);
    return 24 - skip;
}

static size_t print_exponent(char *text, int exponent)
{
    size_t length = 0;
    text[length++] = 'e';
    if (exponent < 0)
        text[length++] = '-';
    return length + (size_t)print_digits(text + length, (uint64_t)(exponent < 0 ? -exponent : exponent));
}

/* Lays out digits d1 d2 ... dn times 10^(point - n) in the shorter of plain and scientific notation. */
static size_t lay_out(char *text, const char *digits, int n, int point)
{
    size_t length = 0;
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
    } else if (point <= 0 && point > -5) {
        static const char zeros[] = {'0', '.', '0', '0', '0', '0'};
        memcpy(text, zeros, sizeof zeros);
        length = (size_t)(2 - point);
        memcpy(text + length, digits, (size_t)n);
        length += (size_t)n;
    } else {
        text[length++] = digits[0];
        if (n > 1)
            text[length++] = '.';
        memcpy(text + length, digits + 1, (size_t)n - 1);
        length += (size_t)n - 1;
        length += print_exponent(text + length, point - 1);
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
    if (magnitude < 0x1p53 && magnitude == (double)(uint64_t)magnitude) {
        length += (size_t)print_digits(text + length, (uint64_t)magnitude);
    } else {
        uint64_t bits;
        char digits[20];
        memcpy(&bits, &magnitude, sizeof bits);
        struct shortest number = find_shortest(bits);
        int n = print_digits(digits, number.digits), point = n + number.exponent;
        while (n > 1 && digits[n - 1] == '0')
            n--;
        length += lay_out(text + length, digits, n, point);
    }
    text[length] = '\0';
    return length;
}
