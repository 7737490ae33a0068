/* What a terminal shows of records and tables: nothing that it would obey, nothing wider than it is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/cells.h"
#include "io/record.h"
#include "support/cmocka_include.h"

#include "support/record_sample.h"

/* Of a text for a terminal: no control characters but line ends and, in colour, complete sequences; no line wider than the terminal. */
static void assert_tame(const char *text, bool colour, bool utf8, size_t columns)
{
    static const char *const allowed[] = {"\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[34m", "\033[32m", "\033[33m", "\033[1;31m"};
    char line[1024];
    size_t used = 0;
    for (const char *at = text; *at != '\0';) {
        size_t step = 1;
        for (size_t i = 0; colour && i < sizeof allowed / sizeof allowed[0]; i++)
            if (strncmp(at, allowed[i], strlen(allowed[i])) == 0)
                step = strlen(allowed[i]);
        if (*at == '\n') {
            line[used] = '\0';
            if (ocelot_cell_columns(line, utf8) > columns)
                fail_msg("wider than %zu: %s", columns, line);
            used = 0;
        } else if (step == 1) {
            assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
            assert_true(utf8 || (unsigned char)*at < 0x80);
            assert_true(used + 1 < sizeof line);
            line[used++] = *at;
        }
        at += step;
    }
    assert_int_equal(used, 0);
}

static void text_is_tame(void **state)
{
    static const size_t widths[] = {60, 80, 100, 132, 200};
    struct ocelot_record record = make_record();
    (void)state;
    record.id = "pump \342\200\256\033[2J\n";
    for (size_t i = 0; i < 40; i++) {
        struct ocelot_record_context context = make_context();
        context.columns = widths[i % 5];
        context.colour = i / 5 & 1;
        context.utf8 = i / 10 & 1;
        context.low = i / 20 & 1 ? low : NULL;
        context.high = i / 20 & 1 ? high : NULL;
        char *text = write_one("text", &context, &record, true, NULL);
        size_t headline = strcspn(text, "\n") + 1; /* holds texts of the user: as long as they are */
        assert_non_null(strstr(text, "OUTLIER"));
        assert_non_null(strstr(text, "score 3.056 > threshold 2.41"));
        assert_non_null(strstr(text, "53%"));
        assert_non_null(strstr(text, "(1 other)"));
        assert_non_null(strstr(text, "(residual)"));
        assert_tame(text, context.colour, context.utf8, 1000);
        assert_tame(text + headline, context.colour, context.utf8, context.columns);
        free(text);
    }
}

static void text_of_a_known_record(void **state)
{
    static const char *const plain[FEATURES] = {"pressure", "flow", "temperature", "a name that is far too long for its column"};
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    (void)state;
    context.names = plain;
    context.low = low;
    context.high = high;
    context.columns = 100;
    record.id = "pump-3";
    record.decision.p_value = 0.0021;
    char *text = write_one("text", &context, &record, true, NULL);
    assert_string_equal(text, "OUTLIER  row 17  pump-3   score 3.056 > threshold 2.41   p 0.0021\n"
                              "  feature                                value    expected  normal range   share\n"
                              "  pressure                                 9.1^        5.9    4.8 .. 6.9     53%  ##################\n"
                              "  a name that is far t..its column  1.2346e+10^          -        0 .. 1     16%  #####\n"
                              "  flow                                  1e-300           1       -1 .. 1     10%  ###\n"
                              "  (1 other)                                                                  20%  #######\n"
                              "  (residual)                                                                  1%  #\n\n");
    free(text);
    context.method = NULL;
    text = write_one("text", &context, &record, true, NULL);
    assert_string_equal(text, "     row       score   threshold           p\n"
                              "      17       3.056        2.41      0.0021  OUTLIER  pump-3\n");
    free(text);
    record.decision.is_outlier = false;
    text = write_one("text", &context, &record, false, NULL);
    assert_string_equal(text, "      17       3.056        2.41      0.0021  normal   pump-3\n");
    free(text);
    record.error = "t:3: column 'a' is empty";
    text = write_one("text", &context, &record, false, NULL);
    assert_string_equal(text, "error    row 17  pump-3   t:3: column 'a' is empty\n");
    free(text);
}

static void cells(void **state)
{
    static const struct {
        const char *string;
        size_t columns;
        bool utf8;
        const char *expected;
    } examples[] = {
        {"abc", 5, true, "abc  "},
        {"abcdefghij", 7, true, "abcd\342\200\246ij"},
        {"abcdefghij", 7, false, "abcd..j"},
        {"Gr\303\266\303\237e", 7, true, "Gr\303\266\303\237e  "},
        {"Gr\303\266\303\237e", 7, false, "Gr??e  "},
        {"\346\270\251\345\272\246", 5, true, "\346\270\251\345\272\246 "},
        {"e\314\201a", 3, true, "e\314\201a "},
        {"\300\200\355\240\200", 6, true, "????? "},
        {"abc", 1, true, "a"},
        {"", 2, true, "  "},
    };
    struct ocelot_text out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        ocelot_text_clear(&out);
        ocelot_cell_text(&out, examples[i].string, examples[i].columns, examples[i].utf8);
        assert_string_equal(out.bytes, examples[i].expected);
    }
    ocelot_text_clear(&out);
    ocelot_cell_bar(&out, 0.5 + 1.0 / 64, 8, true, false);
    assert_string_equal(out.bytes, "\342\226\210\342\226\210\342\226\210\342\226\210\342\226\217");
    ocelot_text_clear(&out);
    ocelot_cell_bar(&out, 7, 3, false, true);
    assert_string_equal(out.bytes, "---");
    assert_string_equal(ocelot_cell_number(0.1 + 0.2).text, "0.3");
    assert_string_equal(ocelot_cell_number(123456.7).text, "123457");
    assert_string_equal(ocelot_cell_number(MISSING).text, "-");
    ocelot_text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_tame),
        cmocka_unit_test(text_of_a_known_record),
        cmocka_unit_test(cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
