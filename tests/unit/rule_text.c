/* Rules and globs as text. */
#include <string.h>

#include "rules/rule.h"
#include "support/cmocka_include.h"

static void test_glob(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *text;
        bool matches;
    } known[] = {{"*", "", true},         {"*", "Dense", true},  {"Dense", "Dense", true}, {"Dense", "Dens", false},   {"Dens", "Dense", false},
                 {"", "", true},          {"", "x", false},      {"Conv*", "Conv", true},  {"Conv*", "Conv2d", true},  {"Conv*", "Con", false},
                 {"*2d", "Conv2d", true}, {"*2d", "2d2", false}, {"*a*b", "xaxbab", true}, {"*a*b", "xaxbabc", false}, {"a**b", "ab", true},
                 {"**", "x", true},       {"*ab", "aab", true},  {"a*a", "a", false},      {"conv*", "Conv2d", false}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (ocelot_glob_match(known[k].glob, known[k].text) != known[k].matches)
            fail_msg("'%s' on '%s' should%s match", known[k].glob, known[k].text, known[k].matches ? "" : " not");
}

/* Stars against a text that nearly matches: quadratic, where trying every way would outlive the universe. */
static void test_glob_is_fast(void **state)
{
    (void)state;
    char glob[201], text[2001];
    for (size_t i = 0; i < sizeof glob - 1; i++)
        glob[i] = "*a"[i % 2];
    memset(text, 'a', sizeof text - 1);
    glob[sizeof glob - 2] = 'b';
    glob[sizeof glob - 1] = text[sizeof text - 1] = '\0';
    assert_false(ocelot_glob_match(glob, text));
}

static void test_rules(void **state)
{
    (void)state;
    static const char *const good[] = {"epsilon", "epsilon:0", "gamma:0.25", "alpha-beta:2,1", "alpha-beta:1,0", "box:-1,1",
                                       "zplus",   "wsquare",   "flat"};
    static const char *const bad[] = {
        "",      "eps",     "epsilon:",  "epsilon:-1",     "epsilon:nan",    "epsilon:inf",      "epsilon:1,2",  "gamma:x",  "zplus:1",
        "box:1", "box:2,1", "box:1,2,3", "alpha-beta:2,2", "alpha-beta:0,5", "alpha-beta:-1,-2", "alpha-beta:2", "epsilon ", "epsilon:1e-6 "};
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        struct ocelot_rule rule;
        struct ocelot_error error = {0};
        if (ocelot_rule_parse(good[k], &rule, &error) != OCELOT_OK)
            fail_msg("%s: %s", good[k], error.message);
        assert_non_null(rule.form);
    }
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct ocelot_rule rule;
        struct ocelot_error error = {0};
        if (ocelot_rule_parse(bad[k], &rule, &error) != OCELOT_E_ARGUMENT || !strstr(error.message, bad[k]))
            fail_msg("'%s' gave '%s'", bad[k], error.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_glob), cmocka_unit_test(test_glob_is_fast), cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests_name("rule-text", tests, NULL, NULL);
}
