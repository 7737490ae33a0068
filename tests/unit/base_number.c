/* Numbers as text and back, against strtod, in whatever locale. */
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/rng.h"
#include "support/cmocka_include.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The whole text is read, to the same bits that strtod gives. */
static void check_parse(const char *text)
{
    double value = -1, expected;
    const char *end = text + strlen(text), *after = ocelot_number_parse(text, end, &value);
    char *stop;
    expected = strtod(text, &stop);
    assert_ptr_equal(stop, end);
    if (after != end || bits_of(value) != bits_of(expected))
        fail_msg("'%s' reads %.17g (%td of %td characters), strtod says %.17g", text, value, after ? after - text : -1, end - text, expected);
}

/* Prints and reads back the same bits; nothing shorter by one digit would. */
static void check_print(double value)
{
    char text[OCELOT_NUMBER_SIZE], shorter[64];
    memset(text, 'x', sizeof text);
    size_t length = ocelot_number_print(text, value);
    double back = 0;
    assert_true(length < sizeof text);
    assert_int_equal(text[length], '\0');
    assert_int_equal(strlen(text), length);
    if (ocelot_number_parse(text, text + length, &back) != text + length || bits_of(back) != bits_of(value))
        fail_msg("%.17g is printed as '%s', which reads %.17g", value, text, back);
    if (!isfinite(value) || value == 0)
        return;
    /* Significant digits: from the first that is not 0 to the last. */
    size_t digits = 0, zeros = 0;
    for (const char *p = text; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && (digits > 0 || *p > '0')) {
            digits++;
            zeros = *p == '0' ? zeros + 1 : 0;
        }
    digits -= zeros;
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
        if (strtod(shorter, NULL) == value)
            fail_msg("%.17g is printed as '%s', and '%s' is shorter", value, text, shorter);
    }
}

static const char *const hard[] = {
    "0", "-0", "+0", "0.0", "00012", ".5", "5.", "-.5e1", "1e5", "1E5", "1e+5", "1e-5", "+1.25", "1e0", "1e00000000000000000001",
    /* around 2^53, where a mantissa stops being exact */
    "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994", "9007199254740995", "9007199254740993.0000000000000000001",
    "18014398509481985", "36028797018963970", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "123456789012345678901234567890", "0.1", "0.2", "0.3", "0.1e1", "1e22", "1e23", "-1e23", "8.5e22", "1e-22", "1e-23", "9007199254740992e22",
    "9007199254740993e22", "3e-22",
    /* halfway between two doubles, and just off it */
    "1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126", "1.00000000000000033306690738754696212708950042724609375", "6929495644600919.5",
    "3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10", "1.50000000000000011102230246251565", "2.2250738585072011e-308",
    "2.2250738585072012e-308", "2.2250738585072014e-308", "2.225073858507201136057409796709131975934819546351645648e-308",
    /* denormals, underflow, overflow */
    "4.9406564584124654e-324", "5e-324", "3e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-323", "1e-325", "1e-400", "1e-99999",
    "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e308", "1e309", "-1e309", "1e99999", "1e999999999999999999999",
    "0e999999999999999999999", "0.0000000000000000000000000000000000000000000000000000000000000001e64", "nan", "NaN", "inf", "-INF", "Infinity",
    "+infinity",
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547"
    "8519404026306574886715058206819089020007083836762738548458177115317644757302700698555713669596228429148198608349364752927190741684"
    "44365510704342711559699508093042880"};

static void test_parse_hard(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof hard / sizeof *hard; k++)
        check_parse(hard[k]);
}

static void test_parse_random(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    char text[80];
    ocelot_rng_seed(&rng, 11);
    for (int n = 0; n < 60000; n++) {
        /* Any bits, written with any number of digits; and digits strewn freely. */
        double value = double_of(ocelot_rng_next(&rng));
        if (isfinite(value)) {
            snprintf(text, sizeof text, "%.*e", (int)ocelot_rng_below(&rng, 20), value);
            check_parse(text);
        }
        snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64 "e%d", ocelot_rng_next(&rng) >> ocelot_rng_below(&rng, 64),
                 (int)ocelot_rng_below(&rng, 20), ocelot_rng_next(&rng) >> ocelot_rng_below(&rng, 64), (int)ocelot_rng_below(&rng, 700) - 350);
        check_parse(text);
        snprintf(text, sizeof text, "%" PRIu64 "e%d", ocelot_rng_next(&rng) >> ocelot_rng_below(&rng, 64), (int)ocelot_rng_below(&rng, 50) - 25);
        check_parse(text);
    }
}

/* Halfway between neighbours in all its digits, as printf writes it exactly. */
static void test_parse_halfway(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    char text[1200];
    ocelot_rng_seed(&rng, 12);
    for (int n = 0; n < 3000; n++) {
        double low = fabs(double_of(ocelot_rng_next(&rng)));
        if (!(low > 1e-280 && low < 1e280))
            continue;
        long double middle = ((long double)low + (long double)nextafter(low, (double)INFINITY)) / 2;
        int length = snprintf(text, sizeof text, "%.1000Lg", middle);
        assert_true(length > 0 && (size_t)length < sizeof text);
        check_parse(text);
        /* A digit beyond the exact ones decides. */
        if (!strchr(text, 'e') && strchr(text, '.')) {
            memcpy(text + length, "0001", 5);
            check_parse(text);
        }
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const none[] = {"", " 1", "+", "-", ".", "e5", "-e5", "+-1", "--1", "x", "na", "in", "\t1", ",", "-.", "$1"};
    for (size_t k = 0; k < sizeof none / sizeof *none; k++) {
        double value = 42;
        if (ocelot_number_parse(none[k], none[k] + strlen(none[k]), &value) != NULL || value != 42)
            fail_msg("'%s' was read as %g", none[k], value);
    }
    /* What stands behind a number is left alone. */
    static const struct {
        const char *text;
        size_t length;
        double value;
    } part[] = {{"1,5", 1, 1},  {"1e", 1, 1},     {"1e+", 1, 1},     {"1.5.5", 3, 1.5},
                {"0x10", 1, 0}, {"12 13", 2, 12}, {"1e5e5", 3, 1e5}, {"infinit", 3, (double)INFINITY}};
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
        double value = 42;
        const char *after = ocelot_number_parse(part[k].text, part[k].text + strlen(part[k].text), &value);
        if (!after || (size_t)(after - part[k].text) != part[k].length || value != part[k].value)
            fail_msg("'%s' was read as %g", part[k].text, value);
    }
    /* Nothing beyond `end` is looked at: the bytes have no terminator. */
    char *exact = malloc(3);
    double value;
    assert_non_null(exact);
    memcpy(exact, "123", 3);
    assert_ptr_equal(ocelot_number_parse(exact, exact + 3, &value), exact + 3);
    assert_true(value == 123);
    assert_ptr_equal(ocelot_number_parse(exact, exact + 2, &value), exact + 2);
    assert_true(value == 12);
    free(exact);
}

static void test_parse_keeps_errno(void **state)
{
    (void)state;
    double value;
    static const char text[] = "1.23456789012345678901e400";
    errno = EINTR;
    assert_non_null(ocelot_number_parse(text, text + sizeof text - 1, &value));
    assert_int_equal(errno, EINTR);
    assert_true(isinf(value));
}

static void test_long_numbers(void **state)
{
    (void)state;
    char text[3000];
    double value = 42;
    memset(text, '1', sizeof text);
    text[1] = '.';
    assert_non_null(ocelot_number_parse(text, text + 1200, &value));
    assert_true(value == 1.1111111111111112);
    assert_null(ocelot_number_parse(text, text + sizeof text, &value)); /* longer than what is read exactly, as number.h says */
    static const char halfway[] = "1.00000000000000011102230246251565404236316680908203125";
    memset(text, '0', sizeof text);
    memcpy(text, halfway, sizeof halfway - 1);
    text[1199] = '1'; /* the last digit read decides */
    assert_non_null(ocelot_number_parse(text, text + 1200, &value));
    assert_true(value == 1.0000000000000002);
    memset(text, '0', sizeof text);
    text[1] = '.';
    text[2] = '5';
    assert_ptr_equal(ocelot_number_parse(text, text + sizeof text, &value), text + sizeof text); /* exact after 19 digits */
    assert_true(value == 0.5);
}

static void test_print(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } known[] = {{0, "0"},
                 {-0.0, "-0"},
                 {0.1, "0.1"},
                 {17, "17"},
                 {-17.5, "-17.5"},
                 {1e-300, "1e-300"},
                 {1e300, "1e300"},
                 {1.5e-7, "1.5e-7"},
                 {123456789, "123456789"},
                 {0.001, "0.001"},
                 {1.0 / 3, "0.3333333333333333"},
                 {5e-324, "5e-324"},
                 {DBL_MIN, "2.2250738585072014e-308"},
                 {DBL_MAX, "1.7976931348623157e308"},
                 {(double)INFINITY, "inf"},
                 {-(double)INFINITY, "-inf"},
                 {0x1p53, "9007199254740992"},
                 {0x1p-1074, "5e-324"},
                 {0.30000000000000004, "0.30000000000000004"}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char text[OCELOT_NUMBER_SIZE];
        ocelot_number_print(text, known[k].value);
        assert_string_equal(text, known[k].text);
        check_print(known[k].value);
    }
    char text[OCELOT_NUMBER_SIZE];
    assert_int_equal(ocelot_number_print(text, NAN), 3);
    assert_string_equal(text, "nan");
    assert_int_equal(ocelot_number_print(text, -NAN), 3);
    assert_string_equal(text, "nan");
}

static void test_print_random(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 13);
    for (int n = 0; n < 30000; n++) {
        double value = double_of(ocelot_rng_next(&rng));
        if (isfinite(value))
            check_print(value);
        check_print(double_of(ocelot_rng_next(&rng) >> (12 + ocelot_rng_below(&rng, 50)))); /* denormals */
        check_print((double)(ocelot_rng_next(&rng) >> ocelot_rng_below(&rng, 60)));
        check_print(ocelot_rng_normal(&rng));
        check_print((double)ocelot_rng_below(&rng, 100000) / 1000);
    }
    for (int e = -1074; e < 1024; e++) {
        check_print(ldexp(1, e));
        check_print(nextafter(ldexp(1, e), 0));
        check_print(nextafter(ldexp(1, e), 1e308));
    }
}

/* The digits of a number without zeros before or behind, and how many. */
static size_t bare_digits(const char *text, char *digits)
{
    size_t length = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (length > 0 || *text > '0'))
            digits[length++] = *text;
    while (length > 0 && digits[length - 1] == '0')
        length--;
    digits[length] = '\0';
    return length;
}

/* The nearest of the shortest: what printf rounds to as many digits. */
static void test_print_nearest(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    char text[OCELOT_NUMBER_SIZE], plain[40], digits[40], same[40];
    ocelot_rng_seed(&rng, 15);
    for (int n = 0; n < 200000; n++) {
        double value = n % 2 ? fabs(ocelot_rng_normal(&rng)) : double_of(ocelot_rng_next(&rng) >> 1);
        if (!isfinite(value) || value == 0)
            continue;
        ocelot_number_print(text, value);
        snprintf(plain, sizeof plain, "%.*e", (int)bare_digits(text, digits) - 1, value);
        bare_digits(plain, same);
        assert_string_equal(digits, same);
    }
}

static void test_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long length; /* -1 = refused */
        long long value;
    } known[] = {{"0", 1, 0},
                 {"-0", 2, 0},
                 {"+7", 2, 7},
                 {"007", 3, 7},
                 {"12a", 2, 12},
                 {"9223372036854775807", 19, LLONG_MAX},
                 {"-9223372036854775808", 20, LLONG_MIN},
                 {"9223372036854775808", -1, 0},
                 {"-9223372036854775809", -1, 0},
                 {"99999999999999999999999999", -1, 0},
                 {"", -1, 0},
                 {"-", -1, 0},
                 {"+", -1, 0},
                 {" 1", -1, 0},
                 {"x", -1, 0},
                 {"1.5", 1, 1}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        long long value = 42;
        const char *text = known[k].text, *after = ocelot_integer_parse(text, text + strlen(text), &value);
        if ((after ? after - text : -1) != known[k].length || value != (after ? known[k].value : 42))
            fail_msg("'%s' was read as %lld", text, value);
    }
}

#define LOCALES OCELOT_BINARY_DIR "/locales"

/* The same under a locale that writes a decimal comma, where one can be had: Debian has none compiled in, so localedef makes one. */
static void test_comma_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "test"};
    if (system("command -v localedef >/dev/null && mkdir -p '" LOCALES "' && localedef -i de_DE -f UTF-8 '" LOCALES "/test' 2>/dev/null") == 0)
        setenv("LOCPATH", LOCALES, 1);
    bool found = false;
    for (size_t k = 0; k < 3 && !found; k++)
        found = setlocale(LC_ALL, names[k]) && *localeconv()->decimal_point == ',';
    if (!found) {
        print_message("no locale with a decimal comma here\n");
        skip();
    }
    char text[OCELOT_NUMBER_SIZE];
    double value;
    ocelot_number_print(text, 1234.5678);
    assert_string_equal(text, "1234.5678");
    ocelot_number_print(text, 1.0 / 3 * 1e-200);
    assert_non_null(strchr(text, '.'));
    static const char exact[] = "2.5", slow[] = "1.00000000000000011102230246251565404236316680908203126";
    assert_ptr_equal(ocelot_number_parse(exact, exact + 3, &value), exact + 3);
    assert_true(value == 2.5);
    assert_ptr_equal(ocelot_number_parse(slow, slow + sizeof slow - 1, &value), slow + sizeof slow - 1);
    assert_true(value == 1.0000000000000002);
    test_print_random(state); /* its own checks use strtod and printf in the same locale */
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_hard),    cmocka_unit_test(test_parse_random),      cmocka_unit_test(test_parse_halfway),
        cmocka_unit_test(test_parse_refuses), cmocka_unit_test(test_parse_keeps_errno), cmocka_unit_test(test_long_numbers),
        cmocka_unit_test(test_print),         cmocka_unit_test(test_print_random),      cmocka_unit_test(test_integers),
        cmocka_unit_test(test_print_nearest), cmocka_unit_test(test_comma_locale),
    };
    return cmocka_run_group_tests_name("base-number", tests, NULL, NULL);
}
