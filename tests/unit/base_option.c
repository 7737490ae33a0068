/* Option tables: every type with good and bad values, and the library's own tables against themselves. */
#include <math.h>
#include <string.h>

#include "ocelot/ocelot.h"
#include "support/cmocka_include.h"

struct settings {
    bool quiet;
    size_t count;
    double share;
    const char *gamma, *scaling, *file;
    struct ocelot_option_list drop;
};

#define SETTING(member) offsetof(struct settings, member)

static const struct ocelot_option table[] = {
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = SETTING(quiet), .summary = "say nothing"},
    {.name = "count",
     .type = OCELOT_OPTION_COUNT,
     .offset = SETTING(count),
     .placeholder = "N",
     .fallback = "3",
     .low = 1,
     .high = 100,
     .summary = "how many"},
    {.name = "share",
     .type = OCELOT_OPTION_NUMBER,
     .offset = SETTING(share),
     .placeholder = "P",
     .fallback = "0.25",
     .low = 0,
     .high = 1,
     .summary = "which part"},
    {.name = "gamma",
     .type = OCELOT_OPTION_CHOICE,
     .offset = SETTING(gamma),
     .placeholder = "G",
     .fallback = "scale",
     .low = 0,
     .high = 10,
     .choices = "scale|auto",
     .summary = "a word or a number"},
    {.name = "scaling",
     .type = OCELOT_OPTION_CHOICE,
     .offset = SETTING(scaling),
     .placeholder = "HOW",
     .choices = "none|minmax",
     .summary = "a word"},
    {.name = "file", .type = OCELOT_OPTION_TEXT, .offset = SETTING(file), .placeholder = "FILE", .summary = "a text"},
    {.name = "drop", .type = OCELOT_OPTION_LIST, .offset = SETTING(drop), .placeholder = "NAME", .summary = "texts"},
    {.name = NULL},
};

static const struct ocelot_option *find(const char *name)
{
    const struct ocelot_option *option = ocelot_option_find(table, name, strlen(name));
    assert_non_null(option);
    return option;
}

static void test_defaults(void **state)
{
    (void)state;
    struct settings s;
    memset(&s, 0xff, sizeof s);
    ocelot_options_default(table, &s);
    assert_false(s.quiet);
    assert_int_equal(s.count, 3);
    assert_true(s.share == 0.25);
    assert_string_equal(s.gamma, "scale");
    assert_null(s.scaling);
    assert_null(s.file);
    assert_int_equal(s.drop.count, 0);
}

static void test_good(void **state)
{
    (void)state;
    struct settings s;
    struct ocelot_error error = {0};
    ocelot_options_default(table, &s);
    static const char *const given[][2] = {{"quiet", NULL},       {"count", "100"}, {"share", "1e-3"}, {"gamma", "0.5"},
                                           {"scaling", "minmax"}, {"file", ""},     {"drop", "a"},     {"drop", "b"}};
    for (size_t k = 0; k < sizeof given / sizeof *given; k++)
        if (ocelot_option_set(find(given[k][0]), given[k][1], &s, &error) != OCELOT_OK)
            fail_msg("--%s %s: %s", given[k][0], given[k][1], error.message);
    assert_true(s.quiet);
    assert_int_equal(s.count, 100);
    assert_true(s.share == 1e-3);
    assert_string_equal(s.gamma, "0.5");
    assert_string_equal(s.scaling, "minmax");
    assert_string_equal(s.file, "");
    assert_int_equal(s.drop.count, 2);
    assert_string_equal(s.drop.text[1], "b");
}

/* Each is refused with a sentence that names the option, what was found and what was expected; nothing is stored. */
static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *option, *text, *says;
    } bad[] = {{"quiet", "yes", "takes no value"},
               {"count", NULL, "needs a value (N)"},
               {"count", "", "''"},
               {"count", "0", "from 1 to 100"},
               {"count", "101", "'101'"},
               {"count", "1.5", "whole number"},
               {"count", "1e1", "whole number"},
               {"count", "-1", "'-1'"},
               {"count", "7 ", "'7 '"},
               {"count", "99999999999999999999", "whole number"},
               {"share", "1.1", "from 0 to 1"},
               {"share", "-0.1", "'-0.1'"},
               {"share", "nan", "'nan'"},
               {"share", "inf", "'inf'"},
               {"share", "0,5", "'0,5'"},
               {"share", "", "''"},
               {"share", "half", "number from"},
               {"gamma", "11", "scale|auto or a number"},
               {"gamma", "scal", "'scal'"},
               {"gamma", "scale|auto", "'scale|auto'"},
               {"gamma", "", "''"},
               {"gamma", "nan", "'nan'"},
               {"scaling", "1", "none|minmax"},
               {"scaling", "NONE", "'NONE'"},
               {"scaling", NULL, "needs a value"},
               {"file", NULL, "needs a value (FILE)"}};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct settings s, before;
        struct ocelot_error error = {0};
        memset(&s, 0, sizeof s);
        ocelot_options_default(table, &s);
        memcpy(&before, &s, sizeof s);
        if (ocelot_option_set(find(bad[k].option), bad[k].text, &s, &error) != OCELOT_E_ARGUMENT)
            fail_msg("--%s %s was taken", bad[k].option, bad[k].text);
        if (!strstr(error.message, bad[k].says) || !strstr(error.message, bad[k].option))
            fail_msg("--%s %s: '%s' does not say '%s'", bad[k].option, bad[k].text, error.message, bad[k].says);
        assert_memory_equal(&s, &before, sizeof s);
    }
}

static void test_lists_are_bounded(void **state)
{
    (void)state;
    struct settings s;
    ocelot_options_default(table, &s);
    for (size_t k = 0; k < OCELOT_OPTION_LIST_MAX; k++)
        assert_int_equal(ocelot_option_set(find("drop"), "x", &s, NULL), OCELOT_OK);
    assert_int_equal(ocelot_option_set(find("drop"), "x", &s, NULL), OCELOT_E_ARGUMENT);
    assert_int_equal(s.drop.count, OCELOT_OPTION_LIST_MAX);
}

static void test_find(void **state)
{
    (void)state;
    assert_string_equal(ocelot_option_find(table, "count=3", 5)->name, "count");
    assert_null(ocelot_option_find(table, "coun", 4));
    assert_null(ocelot_option_find(table, "counts", 6));
    assert_null(ocelot_option_find(table, "", 0));
}

/* The tables that help texts and documentation are made from: complete, without doubles, their defaults taken by their own rows. */
static void check_table(const char *what, const struct ocelot_option *options)
{
    union {
        double align;
        char bytes[8192];
    } settings;
    for (const struct ocelot_option *o = options; o && o->name; o++) {
        struct ocelot_error error = {0};
        if (!o->summary || !*o->summary)
            fail_msg("%s --%s has no summary", what, o->name);
        if ((o->type == OCELOT_OPTION_FLAG) != (o->placeholder == NULL))
            fail_msg("%s --%s: flags have no placeholder, all others do", what, o->name);
        if (o->type == OCELOT_OPTION_CHOICE && !o->choices)
            fail_msg("%s --%s has no choices", what, o->name);
        if ((o->type == OCELOT_OPTION_NUMBER || o->type == OCELOT_OPTION_COUNT) && !(o->low < o->high))
            fail_msg("%s --%s takes no number", what, o->name);
        if (o->fallback && ocelot_option_set(o, o->fallback, settings.bytes, &error) != OCELOT_OK)
            fail_msg("%s --%s refuses its default: %s", what, o->name, error.message);
        for (const struct ocelot_option *other = options; other != o; other++)
            if (strcmp(other->name, o->name) == 0 || (o->letter && other->letter == o->letter))
                fail_msg("%s has --%s (%c) twice", what, o->name, o->letter ? o->letter : ' ');
    }
}

static void test_own_tables(void **state)
{
    (void)state;
    size_t methods = 0;
    check_table("train", ocelot_train_option_table);
    for (; ocelot_method_at(methods); methods++) {
        const struct ocelot_method *method = ocelot_method_at(methods);
        assert_true(method->name && method->summary && method->needs && method->cost && method->source);
        check_table(method->name, method->options);
    }
    assert_true(methods >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),          cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_lists_are_bounded), cmocka_unit_test(test_find), cmocka_unit_test(test_own_tables),
    };
    return cmocka_run_group_tests_name("base-option", tests, NULL, NULL);
}
