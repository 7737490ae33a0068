/* The table of powers of ten against exact integers, and products of wide numbers. */
#include <inttypes.h>
#include <stdint.h>

#include "base/powers.h"
#include "base/rng.h"
#include "support/cmocka_include.h"

/* Exact powers of ten, 32 bits a digit, least first: 10^350 has 1163 bits, and 2^1600 / 10^351 still 434. */
enum { DIGITS = 52 };
struct exact {
    uint32_t digit[DIGITS];
};

static void times(struct exact *number, uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t k = 0; k < DIGITS; k++) {
        carry += (uint64_t)number->digit[k] * factor;
        number->digit[k] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_true(carry == 0);
}

static void divided(struct exact *number, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t k = DIGITS; k-- > 0;) {
        rest = rest << 32 | number->digit[k];
        number->digit[k] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
}

/* The bits [top - 127, top], zeros where there are none. */
static struct ocelot_wide leading_bits(const struct exact *number)
{
    struct ocelot_wide result = {0, 0};
    long top = 32 * DIGITS - 1;
    while (!(number->digit[top / 32] >> (top % 32) & 1))
        top--;
    for (long k = top; k > top - 128; k--) {
        uint64_t bit = k >= 0 ? number->digit[k / 32] >> (k % 32) & 1 : 0;
        result.high = result.high << 1 | result.low >> 63;
        result.low = result.low << 1 | bit;
    }
    return result;
}

/* Cutting off after every division by ten is as good as after the last: floor(floor(a / b) / c) = floor(a / bc). */
static void test_powers(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct exact number = {{0}};
        number.digit[sign < 0 ? DIGITS - 1 : 0] = 1;
        for (int e = 0; e >= OCELOT_POWER_LEAST && e <= OCELOT_POWER_MOST; e += sign) {
            struct ocelot_wide want = leading_bits(&number), got = ocelot_power_of_ten(e);
            if (want.high != got.high || want.low != got.low)
                fail_msg("10^%d: %" PRIx64 " %" PRIx64 " for %" PRIx64 " %" PRIx64, e, got.high, got.low, want.high, want.low);
            if (sign < 0)
                divided(&number, 10);
            else
                times(&number, 10);
        }
    }
}

static void test_products(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 14);
    for (int n = 0; n < 100000; n++) {
        uint64_t a = ocelot_rng_next(&rng) | (n & 1 ? UINT64_MAX << (n % 64) : 0), b = ocelot_rng_next(&rng) | (n & 2 ? UINT64_MAX >> (n % 63) : 0);
        struct ocelot_wide fast = ocelot_wide_product(a, b), plain = ocelot_wide_product_plain(a, b);
        assert_true(fast.high == plain.high && fast.low == plain.low);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
