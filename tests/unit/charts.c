/* Pages and their charts: well-formed whatever the numbers and names are, every position a number within the picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/chart.h"
#include "io/markup.h"
#include "io/page.h"
#include "io/picture.h"
#include "support/cmocka_include.h"

#define HOSTILE "\"><script>alert('1')</script>&\x01\x7f\xff\xe2\x80\xae\xef\xbf\xbf"

enum { DEPTH = 64 };

/* A tag name at `s` into name; returns what follows. */
static const char *tag_name(const char *s, char name[32])
{
    size_t n = strcspn(s, " />\n");
    assert_true(n > 0 && n < 32);
    memcpy(name, s, n);
    name[n] = '\0';
    return s + n;
}

/* Attributes up to the end of a tag: each NAME="VALUE", no < in a value. Returns the character before >. */
static const char *attributes(const char *s)
{
    while (*s == ' ') {
        s += 1 + strcspn(s + 1, "=\"<>");
        assert_memory_equal(s, "=\"", 2);
        s += 2 + strcspn(s + 2, "\"<");
        assert_int_equal(*s, '"');
        s++;
    }
    return s;
}

static void check_reference(const char *s)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#160;"};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        if (strncmp(s, known[k], strlen(known[k])) == 0) {
            return;
        }
    }
    fail_msg("a bare ampersand: %.40s", s);
}

/* Fails unless every tag is closed in order, attributes are quoted, references are known and no control character is left. */
static void assert_well_formed(const struct ocelot_text *text)
{
    char open[DEPTH][32], name[32];
    size_t depth = 0;
    assert_false(text->failed);
    assert_int_equal(strlen(text->bytes), text->length);
    for (const char *s = text->bytes; *s; s++) {
        assert_true((unsigned char)*s >= 0x20 || *s == '\n');
        if (*s == '&') {
            check_reference(s);
        } else if (strncmp(s, "<!DOCTYPE", 9) == 0) {
            s = strchr(s, '>');
        } else if (strncmp(s, "</", 2) == 0) {
            s = tag_name(s + 2, name);
            assert_int_equal(*s, '>');
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (*s == '<') {
            assert_true(depth < DEPTH);
            s = attributes(tag_name(s + 1, open[depth]));
            if (*s == '/') {
                s++;
            } else {
                depth++;
            }
            assert_int_equal(*s, '>');
        }
    }
    assert_int_equal(depth, 0);
}

static void assert_no_strange_number(const struct ocelot_text *text)
{
    static const char *const strange[] = {"=\"nan", "=\"-nan", "=\"inf", "=\"-inf", "NaN", "Mnan", " nan", "hnan", "e+"};
    for (size_t k = 0; k < sizeof strange / sizeof *strange; k++) {
        if (strstr(text->bytes, strange[k])) {
            fail_msg("found %s", strange[k]);
        }
    }
    assert_null(strstr(text->bytes, "<script"));
}

static void finish(struct ocelot_text *text)
{
    assert_well_formed(text);
    assert_no_strange_number(text);
    ocelot_text_free(text);
}

static void test_escape(void **state)
{
    (void)state;
    static const struct {
        const char *given, *expected;
    } cases[] = {{"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
                 {"caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
                 {"\x01|\x7f|\xc2\x85", "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd"},
                 {"\xff\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
                 {"\xef\xbf\xbf", "\xef\xbf\xbd"},
                 {"", ""}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_text text = {0};
        ocelot_text_string(&text, "");
        ocelot_markup_escape(&text, cases[k].given);
        assert_string_equal(text.bytes, cases[k].expected);
        ocelot_text_free(&text);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *expected;
    } cases[] = {{0, 4, "0"},
                 {-0.0, 4, "0"},
                 {9.10001, 4, "9.1"},
                 {-3.0561, 3,
                  "\xe2\x88\x92"
                  "3.06"},
                 {123456, 4, "123456"},
                 {1234567, 4, "1.235e6"},
                 {1.5e-7, 4,
                  "1.5e\xe2\x88\x92"
                  "7"},
                 {0.00012345, 3, "0.000123"},
                 {99.996, 4, "100"},
                 {NAN, 4, "\xe2\x80\x93"},
                 {INFINITY, 4, "\xe2\x88\x9e"},
                 {9.99999e5, 4, "1e6"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_text text = {0};
        ocelot_markup_number(&text, cases[k].value, cases[k].digits);
        assert_string_equal(text.bytes, cases[k].expected);
        ocelot_text_free(&text);
    }
    struct ocelot_text text = {0};
    ocelot_markup_coordinate(&text, NAN);
    ocelot_text_string(&text, " ");
    ocelot_markup_coordinate(&text, -INFINITY);
    ocelot_text_string(&text, " ");
    ocelot_markup_coordinate(&text, -0.001);
    ocelot_text_string(&text, " ");
    ocelot_markup_count(&text, 1234567);
    ocelot_text_string(&text, " ");
    ocelot_markup_beside(&text, 1.5240161, 1.5240099);
    assert_string_equal(text.bytes, "0 0 0 1\xe2\x80\xaf"
                                    "234\xe2\x80\xaf"
                                    "567 1.5240161");
    ocelot_text_free(&text);
}

static void test_axis(void **state)
{
    (void)state;
    static const double ends[][2] = {{0, 1}, {0, 0}, {NAN, INFINITY}, {-5, 5}, {3, 3}, {1e300, 1e308}, {-1e308, 1e308}, {5, 1}, {1, 1 + 1e-15}};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        struct ocelot_axis axis = ocelot_axis_over(ends[k][0], ends[k][1]);
        struct ocelot_text text = {0};
        assert_true(axis.high > axis.low);
        assert_true(isfinite(axis.high - axis.low));
        assert_true(ocelot_axis_place(&axis, axis.low) == 0 && ocelot_axis_place(&axis, axis.high) == 100);
        ocelot_axis_draw(&text, &axis, 5, 20, true);
        assert_non_null(strstr(text.bytes, "<text"));
        finish(&text);
    }
}

static void test_waterfall(void **state)
{
    (void)state;
    const struct ocelot_waterfall_bar bars[] = {{HOSTILE, 9.1, 5.9, 4.2, 6.8, 1.62, 0.53, 0.25, 1},
                                                {"lack", -2, NAN, NAN, NAN, -0.4, -0.1, NAN, 3},
                                                {"unknown", NAN, INFINITY, -INFINITY, NAN, NAN, NAN, INFINITY, 0},
                                                {"", 1e300, -1e300, -1e308, 1e308, 1e-300, 0, 0, 0}};
    struct ocelot_waterfall waterfall = {
        bars, 4, 7, 0.2, 0.1, 0.04, 0.01, 3.056, 2.41, HOSTILE, "outlier score", "threshold", "what no single feature accounts for", false};
    struct ocelot_text text = {0};
    ocelot_chart_waterfall(&text, &waterfall);
    assert_non_null(strstr(text.bytes, "7 other features"));
    assert_non_null(strstr(text.bytes, "class=\"pull\""));
    assert_non_null(strstr(text.bytes, "expected 5.9"));
    assert_non_null(strstr(text.bytes, "\xc2\xb1 0.25"));
    assert_non_null(strstr(text.bytes, "3 features together"));
    assert_non_null(strstr(text.bytes, "normal 4.2 to 6.8"));
    assert_non_null(strstr(text.bytes, "class=\"threshold\""));
    finish(&text);
    struct ocelot_waterfall empty = {
        .score = NAN, .threshold = NAN, .residual = NAN, .caption = "", .ends = "output", .threshold_name = "", .residual_name = ""};
    text = (struct ocelot_text){0};
    ocelot_chart_waterfall(&text, &empty);
    assert_null(strstr(text.bytes, "other feature"));
    assert_null(strstr(text.bytes, "class=\"threshold\""));
    finish(&text);
}

/* The bars' widths add up to the score's place on the axis, which ends 3 % beyond the score. */
static void test_waterfall_adds_up(void **state)
{
    (void)state;
    const struct ocelot_waterfall_bar bars[] = {{"a", 1, 2, 0, 3, 6, 0.6, 0, 1}, {"b", 1, 2, 0, 3, 3, 0.3, 0, 1}};
    struct ocelot_waterfall waterfall = {bars, 2, 0, 0, 0, 1, 0.1, 10, NAN, "", "score", "", "", false};
    struct ocelot_text text = {0};
    ocelot_chart_waterfall(&text, &waterfall);
    double sum = 0;
    for (const char *s = text.bytes; (s = strstr(s, " x=\"")) != NULL; s++) {
        const char *bar = strstr(s, "%\" width=\"");
        if (bar && bar < strchr(s, '>')) {
            sum += strtod(bar + strlen("%\" width=\""), NULL);
        }
    }
    assert_true(fabs(sum - 100 / 1.03) < 0.02); /* three widths, each rounded to a hundredth */
    finish(&text);
}

static double number_after(const char *text, const char *what)
{
    const char *found = strstr(text, what);
    assert_non_null(found);
    return strtod(found + strlen(what), NULL);
}

static void test_histogram(void **state)
{
    (void)state;
    const double rows[] = {1, 1.1, 1.2, 1.3, 2, 2, 2.0000001, 900}, held[] = {1, 1, 1.5};
    struct ocelot_histogram histogram = {rows, held, 8, 3, 2, HOSTILE, HOSTILE, HOSTILE, HOSTILE};
    struct ocelot_text text = {0};
    ocelot_chart_histogram(&text, &histogram);
    size_t usual = 0, beyond = 0;
    for (const char *s = text.bytes; (s = strstr(s, "<rect class=\"")) != NULL; s++) {
        const char *title = strstr(s, "<title>");
        size_t count = (size_t)strtoul(title + 7, NULL, 10);
        *(strncmp(s, "<rect class=\"push\"", 18) == 0 ? &beyond : &usual) += count;
    }
    assert_int_equal(usual, 6); /* a score that equals the threshold is not above it */
    assert_int_equal(beyond, 2);
    assert_non_null(strstr(text.bytes, "The last bar holds everything above"));
    assert_null(strstr(text.bytes, " of the axis"));
    double line = number_after(text.bytes, "<line class=\"threshold\" x1=\"");
    assert_true(line > 5 && line < 95);
    finish(&text);

    /* Held-out rows beyond the ends are told of, apart from the rows. */
    const double far_held[] = {-700, 1, 1.1, 1.2, 1.5, 1.6, 700, 800};
    const struct ocelot_histogram far = {rows, far_held, 7, 8, 2, "score", "rows", "held-out rows", "threshold"};
    text = (struct ocelot_text){0};
    ocelot_chart_histogram(&text, &far);
    assert_null(strstr(text.bytes, "The last bar holds"));
    assert_non_null(strstr(text.bytes, " Of the held-out rows, 2 lie above the end of the axis, "));
    assert_non_null(strstr(text.bytes, " Of the held-out rows, 1 lies below the end of the axis, "));
    assert_non_null(strstr(text.bytes, ", and is counted in the first step."));
    finish(&text);

    static const double same[] = {3, 3, 3}, extreme[] = {-1e308, 0, 1e308};
    const struct ocelot_histogram others[] = {{NULL, NULL, 0, 0, NAN, "", "", "", ""},       {same, NULL, 3, 0, NAN, "", "", "", ""},
                                              {same, NULL, 3, 0, 3, "", "", "", ""},         {NULL, same, 0, 3, 1, "", "", "", ""},
                                              {extreme, extreme, 3, 3, NAN, "", "", "", ""}, {extreme, same, 3, 3, -INFINITY, "", "", "", ""}};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        text = (struct ocelot_text){0};
        ocelot_chart_histogram(&text, &others[k]);
        finish(&text);
    }
}

static void test_strip_and_features(void **state)
{
    (void)state;
    const char *const columns[] = {HOSTILE, "b"}, *const rows[] = {HOSTILE, "r2"}, *const links[] = {"row-1", NULL};
    const double share[] = {0.9, -0.5, NAN, 0}, score[] = {3, NAN};
    struct ocelot_strip strip = {columns, rows, links, share, score, 2, 2, HOSTILE, "score"};
    struct ocelot_text text = {0};
    ocelot_chart_strip(&text, &strip);
    assert_non_null(strstr(text.bytes, "href=\"#row-1\""));
    assert_non_null(strstr(text.bytes, "class=\"pull\""));
    finish(&text);
    strip.row_count = strip.column_count = 0;
    text = (struct ocelot_text){0};
    ocelot_chart_strip(&text, &strip);
    finish(&text);

    const double value[] = {1, NAN, 7};
    const double dots[] = {0.2, 0.2, NAN};
    const struct ocelot_feature_summary summaries[] = {{HOSTILE, 1.5, 0, 5, dots, value}, {"b", NAN, NAN, NAN, dots, value}};
    struct ocelot_features features = {summaries, 2, 3, 5, 0.1, HOSTILE, "mean", "share", false};
    text = (struct ocelot_text){0};
    ocelot_chart_features(&text, &features);
    assert_non_null(strstr(text.bytes, "sum of 5 other features"));
    assert_non_null(strstr(text.bytes, "class=\"dot v7\"")); /* a value that is not known has a colour of its own */
    finish(&text);
    features.count = features.dots = features.others = 0;
    text = (struct ocelot_text){0};
    ocelot_chart_features(&text, &features);
    finish(&text);
}

static void test_page(void **state)
{
    (void)state;
    struct ocelot_text text = {0};
    ocelot_page_begin(&text, HOSTILE);
    ocelot_page_section(&text, "one", HOSTILE);
    ocelot_page_section_end(&text);
    ocelot_page_end(&text, HOSTILE);
    assert_non_null(strstr(text.bytes, "prefers-color-scheme:dark"));
    assert_non_null(strstr(text.bytes, "default-src &#39;none&#39;") ? text.bytes : strstr(text.bytes, "default-src 'none'"));
    assert_null(strstr(text.bytes, "http:"));
    assert_null(strstr(text.bytes, "url("));
    finish(&text);
}

static void test_pictures(void **state)
{
    (void)state;
    const double values[] = {0, 5, 10, NAN}, relevance[] = {1, -2, 0, NAN};
    struct ocelot_picture picture = {0};
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_picture_grey(values, 2, 2, 0, 10, &picture, &err), OCELOT_OK);
    const unsigned char grey[16] = {0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255, 0, 0, 0, 0};
    assert_memory_equal(picture.pixels, grey, 16);
    ocelot_picture_free(&picture);
    assert_int_equal(ocelot_picture_heat(relevance, 2, 2, 2, &picture, &err), OCELOT_OK);
    assert_int_equal(picture.pixels[3], 128);  /* half of full colour */
    assert_int_equal(picture.pixels[0], 0xff); /* red */
    assert_int_equal(picture.pixels[7], 255);
    assert_int_equal(picture.pixels[4], 0x00); /* blue */
    assert_int_equal(picture.pixels[11], 0);
    assert_int_equal(picture.pixels[15], 0);
    struct ocelot_text text = {0};
    assert_int_equal(ocelot_picture_tag(&picture, "heat", HOSTILE, &text, &err), OCELOT_OK);
    assert_non_null(strstr(text.bytes, "src=\"data:image/png;base64,iVBORw0KGgo"));
    finish(&text);
    ocelot_picture_free(&picture);
    assert_int_equal(ocelot_picture_grey(values, 1 << 13, 1 << 13, 0, 1, &picture, &err), OCELOT_E_LIMIT);
    ocelot_picture_free(&picture);
}

static void test_base64(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd\xfc", "//79/A=="}};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct ocelot_text text = {0};
        ocelot_base64(&text, pairs[k][0], strlen(pairs[k][0]));
        assert_string_equal(text.bytes, pairs[k][1]);
        ocelot_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_axis),
        cmocka_unit_test(test_waterfall),
        cmocka_unit_test(test_waterfall_adds_up),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_strip_and_features),
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
