/* Sizes, arena, texts, errors, random numbers, and the comparators that all tests lean on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/rng.h"
#include "base/shape.h"
#include "base/size.h"
#include "base/text.h"
#include "support/close.h"
#include "support/cmocka_include.h"

static void test_close(void **state)
{
    (void)state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    static const struct {
        double a, b, bound;
        bool close;
    } known[] = {{1, 1, 0, true}, {1, 1.5, 0.5, true}, {1, 1.6, 0.5, false}, {0, -0.0, 0, true}, {1e308, -1e308, 1e308, false}, {1, 1, -1, false}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        assert_int_equal(close_absolute(known[k].a, known[k].b, known[k].bound), known[k].close);
        assert_int_equal(close_absolute(known[k].b, known[k].a, known[k].bound), known[k].close);
    }
    /* One NaN is never close; two are, so that "no number" can be expected. */
    assert_false(close_absolute(nan, 1, inf));
    assert_false(close_absolute(1, nan, 1e300));
    assert_true(close_absolute(nan, nan, 0));
    assert_false(close_absolute(nan, nan, -1));
    assert_false(close_absolute(1, 1, nan));
    /* Infinities only with their like. */
    assert_true(close_absolute(inf, inf, 0));
    assert_false(close_absolute(inf, -inf, inf));
    assert_false(close_absolute(inf, 1e308, inf));
    assert_false(close_absolute(1e308, inf, inf));
    assert_true(close_relative(1, 1 + 1e-9, 1e-8));
    assert_false(close_relative(1, 1 + 1e-7, 1e-8));
    assert_false(close_relative(0, 1e-300, 1e-8));
    assert_true(close_relative(0, 0, 0));
    assert_false(close_relative(nan, 0, 1));
    assert_false(close_relative(inf, 1, 1));
    assert_true(close_relative(-inf, -inf, 1e-9));
}

/* Runs as a test of its own and must fail: the array comparator notices one NaN, one infinity, one wrong number. */
static double wrong_value;
static void compares_wrong(void **state)
{
    (void)state;
    const double good[3] = {1, 2, 3}, bad[3] = {1, wrong_value, 3};
    assert_close_all(bad, good, 3, 1e-9, 0, "meant to fail");
}

static void test_close_all(void **state)
{
    (void)state;
    const double good[3] = {1, 2, 3}, scaled[3] = {1, 2 + 1e-9, 3};
    assert_close_all(good, good, 3, 0, 1, "itself");
    assert_close_all(scaled, good, 3, 1e-9, 0, "within 1e-9 of 3");
    const struct CMUnitTest failing[] = {cmocka_unit_test(compares_wrong)};
    const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 2 + 1e-8};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        wrong_value = wrong[k];
        assert_int_equal(cmocka_run_group_tests_name("meant to fail", failing, NULL, NULL), 1);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    size_t out = 42;
    assert_true(ocelot_size_multiply(SIZE_MAX / 2, 2, &out));
    assert_true(out == SIZE_MAX - 1);
    assert_false(ocelot_size_multiply(SIZE_MAX / 2 + 1, 2, &out));
    assert_false(ocelot_size_multiply((size_t)1 << 33, (size_t)1 << 33, &out));
    assert_true(out == SIZE_MAX - 1); /* unchanged */
    assert_true(ocelot_size_multiply(0, SIZE_MAX, &out) && out == 0);
    assert_true(ocelot_size_multiply(SIZE_MAX, 0, &out) && out == 0);
    assert_true(ocelot_size_add(SIZE_MAX - 1, 1, &out) && out == SIZE_MAX);
    assert_false(ocelot_size_add(SIZE_MAX, 1, &out));
    assert_null(ocelot_allocate(SIZE_MAX / 4, 8));
    char *nothing = ocelot_allocate(0, 8);
    assert_non_null(nothing);
    nothing = ocelot_reallocate(nothing, 3, 1);
    assert_non_null(nothing);
    assert_null(ocelot_reallocate(nothing, SIZE_MAX / 4, 8));
    free(nothing); /* still valid */
    char *copy = ocelot_copy_text("abcdef", 3);
    assert_string_equal(copy, "abc");
    free(copy);
    assert_null(ocelot_copy_text("", SIZE_MAX));
    struct ocelot_shape shape = {.rank = 3, .extent = {(size_t)1 << 30, (size_t)1 << 30, (size_t)1 << 30}};
    assert_false(ocelot_shape_size(&shape, &out));
    char text[64], little[6];
    shape = (struct ocelot_shape){.rank = 3, .extent = {3, 32, 320}};
    assert_true(ocelot_shape_size(&shape, &out) && out == 30720);
    ocelot_shape_print(&shape, text, sizeof text);
    assert_string_equal(text, "3x32x320");
    memset(little, 'x', sizeof little);
    ocelot_shape_print(&shape, little, sizeof little);
    assert_true(memchr(little, '\0', sizeof little) != NULL);
}

static void test_arena(void **state)
{
    (void)state;
    struct ocelot_arena arena = {0};
    void *piece[4];
    for (int pass = 0; pass < 2; pass++) {
        const size_t counts[4] = {3, 0, 1000, 1};
        for (size_t k = 0; k < 4; k++) {
            piece[k] = ocelot_arena_take(&arena, counts[k], 8);
            assert_int_equal(piece[k] != NULL, pass);
        }
        if (pass == 0)
            assert_true(ocelot_arena_open(&arena));
    }
    assert_true(arena.used == arena.size);
    for (size_t k = 0; k < 4; k++)
        assert_true((uintptr_t)piece[k] % OCELOT_ARENA_ALIGNMENT == 0);
    for (size_t i = 0; i < 8000; i++)
        assert_int_equal(((unsigned char *)piece[2])[i], 0);
    memset(piece[2], 0xff, 8000);
    assert_int_equal(((unsigned char *)piece[3])[0], 0); /* pieces do not overlap */
    ocelot_arena_close(&arena);
    ocelot_arena_close(&arena);
    assert_null(ocelot_arena_take(&arena, SIZE_MAX / 8 + 1, 8));
    assert_true(arena.overflow);
    assert_false(ocelot_arena_open(&arena));
    arena = (struct ocelot_arena){0};
    for (int k = 0; k < 3; k++)
        ocelot_arena_take(&arena, SIZE_MAX / 2, 1);
    assert_true(arena.overflow);
    assert_false(ocelot_arena_open(&arena));
}

static void test_text(void **state)
{
    (void)state;
    struct ocelot_text text = {0};
    ocelot_text_string(&text, "");
    assert_string_equal(text.bytes, "");
    for (int i = 0; i < 1000; i++)
        ocelot_text_format(&text, "%03d", i);
    assert_int_equal(text.length, 3000);
    assert_memory_equal(text.bytes + 2997, "999", 4);
    ocelot_text_clear(&text);
    ocelot_text_append(&text, "a\0b", 3);
    assert_int_equal(text.length, 3);
    ocelot_text_clear(&text);
    ocelot_text_number(&text, 0.1);
    ocelot_text_string(&text, " ");
    ocelot_text_number(&text, (double)INFINITY);
    ocelot_text_string(&text, " ");
    ocelot_text_json_number(&text, -(double)INFINITY);
    ocelot_text_json_number(&text, (double)NAN);
    ocelot_text_json_number(&text, -1.5);
    assert_string_equal(text.bytes, "0.1 inf nullnull-1.5");
    ocelot_text_free(&text);
    ocelot_text_free(&text);
    assert_null(text.bytes);
}

static void test_json_strings(void **state)
{
    (void)state;
    static const struct {
        const char *string, *json;
    } known[] = {{"", "\"\""},
                 {"plain", "\"plain\""},
                 {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
                 {"\n\t\r\b\x01\x1f\x7f", "\"\\u000a\\u0009\\u000d\\u0008\\u0001\\u001f\\u007f\""},
                 {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
                 {"\xc3", "\"\\ufffd\""},                                  /* cut off */
                 {"\xe2\x82", "\"\\ufffd\\ufffd\""},                       /* cut off later */
                 {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                       /* overlong '/' */
                 {"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\""},            /* overlong, three bytes */
                 {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            /* a surrogate */
                 {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* beyond U+10FFFF */
                 {"\xff"
                  "a"
                  "\x80",
                  "\"\\ufffda\\ufffd\""}, /* never valid */
                 {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
                 {"\xed\x9f\xbf", "\"\xed\x9f\xbf\""}};
    struct ocelot_text text = {0};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        ocelot_text_clear(&text);
        ocelot_text_json_string(&text, known[k].string);
        assert_string_equal(text.bytes, known[k].json);
    }
    ocelot_text_free(&text);
}

static void test_errors(void **state)
{
    (void)state;
    struct ocelot_error error = {0};
    char longer[2000];
    assert_int_equal(ocelot_fail(NULL, OCELOT_E_IO, "nobody listens"), OCELOT_E_IO);
    assert_int_equal(ocelot_fail(&error, OCELOT_E_FORMAT, "%s:%d", "first", 1), OCELOT_E_FORMAT);
    assert_int_equal(ocelot_fail(&error, OCELOT_E_VALUE, "second"), OCELOT_E_VALUE);
    assert_int_equal(error.status, OCELOT_E_FORMAT); /* the first error wins */
    assert_string_equal(error.message, "first:1");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    error = (struct ocelot_error){0};
    ocelot_fail(&error, OCELOT_E_IO, "%s", longer);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    for (int k = -2; k < 20; k++)
        assert_non_null(ocelot_status_name((enum ocelot_status)k));
    assert_string_not_equal(ocelot_status_name(OCELOT_E_LIMIT), ocelot_status_name((enum ocelot_status)(OCELOT_E_LIMIT + 1)));
}

static void test_rng(void **state)
{
    (void)state;
    struct ocelot_rng a, b;
    ocelot_rng_seed(&a, 0);
    /* xoshiro256** from splitmix64(0), by the authors' own program: the same on every machine. */
    const uint64_t known[] = {UINT64_C(0x99ec5f36cb75f2b4), UINT64_C(0xbf6e1f784956452a), UINT64_C(0x1a5f849d4933e6e0)};
    for (size_t k = 0; k < 3; k++)
        assert_true(ocelot_rng_next(&a) == known[k]);
    ocelot_rng_seed(&a, 7);
    ocelot_rng_seed(&b, 8);
    assert_true(ocelot_rng_next(&a) != ocelot_rng_next(&b));
    enum { DRAWS = 60000, SIDES = 6 };
    size_t count[SIDES] = {0}, order[SIDES], places[SIDES][SIDES] = {{0}};
    double sum = 0, squares = 0;
    for (int n = 0; n < DRAWS; n++) {
        double u = ocelot_rng_uniform(&a), z = ocelot_rng_normal(&a);
        assert_true(u >= 0 && u < 1 && isfinite(z));
        sum += z;
        squares += z * z;
        size_t side = ocelot_rng_below(&a, SIDES);
        assert_true(side < SIDES);
        count[side]++;
        for (size_t i = 0; i < SIDES; i++)
            order[i] = i;
        ocelot_rng_shuffle(&a, order, SIDES);
        for (size_t i = 0; i < SIDES; i++)
            places[i][order[i]]++;
    }
    /* Six standard deviations of each count or mean: chance fails this once in 10^8, and the seed is fixed. */
    const double expected = (double)DRAWS / SIDES, spread = sqrt(expected * (1 - 1.0 / SIDES));
    for (size_t i = 0; i < SIDES; i++) {
        assert_close((double)count[i], expected, 6 * spread, "how often a side came");
        for (size_t k = 0; k < SIDES; k++)
            assert_close((double)places[i][k], expected, 6 * spread, "how often a card lay in a place");
    }
    assert_close(sum / DRAWS, 0, 6 / sqrt(DRAWS), "mean of normals");
    assert_close(squares / DRAWS, 1, 6 * sqrt(2.0 / DRAWS), "variance of normals");
    assert_int_equal(ocelot_rng_below(&a, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close), cmocka_unit_test(test_close_all),    cmocka_unit_test(test_sizes),  cmocka_unit_test(test_arena),
        cmocka_unit_test(test_text),  cmocka_unit_test(test_json_strings), cmocka_unit_test(test_errors), cmocka_unit_test(test_rng),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
