/* Command lines against option tables: where options may stand, what is refused, and which name was meant. */
#include <string.h>

#include "shell/command.h"
#include "support/cmocka_include.h"

struct first {
    bool quiet, verbose;
    const char *output;
};
struct settings {
    struct first first;
    struct ocelot_option_list drop;
    size_t threads;
};

static const struct ocelot_option first_table[] = {
    {.name = "quiet", .letter = 'q', .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct first, quiet), .summary = "be quiet"},
    {.name = "verbose", .letter = 'v', .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct first, verbose), .summary = "be loud"},
    {.name = "output",
     .letter = 'o',
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct first, output),
     .placeholder = "FILE",
     .summary = "where to"},
    {.name = NULL},
};
static const struct ocelot_option second_table[] = {
    {.name = "drop", .type = OCELOT_OPTION_LIST, .offset = 0, .placeholder = "COLUMN", .summary = "what not"},
    {.name = NULL},
};
static const struct ocelot_option third_table[] = {
    {.name = "threads",
     .letter = 'j',
     .type = OCELOT_OPTION_COUNT,
     .offset = 0,
     .placeholder = "N",
     .low = 0,
     .high = 64,
     .fallback = "2",
     .summary = "how many"},
    {.name = NULL},
};
static const struct ocelot_option_group groups[] = {
    {"First", first_table, offsetof(struct settings, first)},
    {"Second", second_table, offsetof(struct settings, drop)},
    {"Third", third_table, offsetof(struct settings, threads)},
    {.table = NULL},
};
static const struct ocelot_command command = {
    .name = "try",
    .summary = "try things",
    .usage = (const char *const[]){"[options] IN [OUT]", NULL},
    .description = "Tries.",
    .groups = groups,
    .examples = (const struct ocelot_example[]){{NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 1,
    .most = 2,
};

enum { WORDS = 8 };

static enum ocelot_status parse(char **words, struct settings *settings, const char **operands, size_t *count, char *what, struct ocelot_error *err)
{
    int argc = 0;
    while (argc < WORDS && words[argc]) {
        argc++;
    }
    memset(settings, 0, sizeof *settings);
    return ocelot_command_parse(&command, argc, words, settings, operands, count, what, err);
}

/* Every way to write the same command line. */
static void same_settings(void **state)
{
    char *lines[][WORDS + 1] = {
        {"-q", "-o", "f", "-j", "5", "in", "--drop", "a"},
        {"in", "-qof", "-j5", "--drop=a"},
        {"--quiet", "in", "--output=f", "--threads", "5", "--drop", "a"},
        {"--threads=5", "--drop=a", "-qo", "f", "--", "in"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        struct settings settings;
        struct ocelot_error err = {0};
        const char *operands[WORDS];
        size_t count = 0;
        char what = 0;
        assert_int_equal(parse(lines[k], &settings, operands, &count, &what, &err), OCELOT_OK);
        assert_int_equal(what, 'r');
        assert_true(settings.first.quiet);
        assert_false(settings.first.verbose);
        assert_string_equal(settings.first.output, "f");
        assert_int_equal(settings.threads, 5);
        assert_int_equal(settings.drop.count, 1);
        assert_string_equal(settings.drop.text[0], "a");
        assert_int_equal(count, 1);
        assert_string_equal(operands[0], "in");
    }
}

static void defaults_and_operands(void **state)
{
    char *words[] = {"-", "--", "-q", NULL};
    struct settings settings;
    struct ocelot_error err = {0};
    const char *operands[WORDS];
    size_t count = 0;
    char what = 0;
    (void)state;
    assert_int_equal(parse(words, &settings, operands, &count, &what, &err), OCELOT_OK);
    assert_int_equal(settings.threads, 2);
    assert_false(settings.first.quiet);
    assert_null(settings.first.output);
    assert_int_equal(count, 2);
    assert_string_equal(operands[0], "-");
    assert_string_equal(operands[1], "-q");
}

static void refusals(void **state)
{
    static const struct {
        char *words[4];
        const char *sentence;
    } cases[] = {
        {{"in", "--thread", "3"}, "did you mean --threads?"},
        {{"in", "--ouptut", "f"}, "did you mean --output?"},
        {{"in", "--nothing-like-it"}, "unknown option --nothing-like-it"},
        {{"in", "-x"}, "unknown option -x"},
        {{"in", "-qx"}, "unknown option -x"},
        {{"in", "--threads"}, "--threads needs an argument: N"},
        {{"in", "-j", "65"}, "--threads"},
        {{"in", "-jmany"}, "many"},
        {{"in", "--quiet=1"}, "--quiet takes no argument"},
        {{"-q"}, "try: 0 of 1 file arguments given"},
        {{"a", "b", "c"}, "unexpected argument \"c\""},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char *words[5] = {cases[k].words[0], cases[k].words[1], cases[k].words[2], cases[k].words[3], NULL};
        struct settings settings;
        struct ocelot_error err = {0};
        const char *operands[WORDS];
        size_t count = 0;
        char what = 0;
        assert_int_equal(parse(words, &settings, operands, &count, &what, &err), OCELOT_E_ARGUMENT);
        if (!strstr(err.message, cases[k].sentence)) {
            fail_msg("found \"%s\", expected \"%s\"", err.message, cases[k].sentence);
        }
    }
}

static void help_and_version(void **state)
{
    static const struct {
        char *words[3];
        char what;
    } cases[] = {{{"-h"}, 'h'}, {{"--help"}, 'h'}, {{"-qh"}, 'h'}, {{"a", "--version"}, 'v'}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char *words[4] = {cases[k].words[0], cases[k].words[1], cases[k].words[2], NULL};
        struct settings settings;
        const char *operands[WORDS];
        size_t count = 0;
        char what = 0;
        assert_int_equal(parse(words, &settings, operands, &count, &what, NULL), OCELOT_OK);
        assert_int_equal(what, cases[k].what);
    }
}

static const char *nearest_of(const char *word, const char *const *candidates)
{
    struct ocelot_nearest nearest = {.word = word, .length = strlen(word), .distance = SIZE_MAX};
    for (; *candidates; candidates++) {
        ocelot_nearest_consider(&nearest, *candidates);
    }
    return ocelot_nearest_found(&nearest);
}

static void nearest_names(void **state)
{
    static const char *const names[] = {"threads", "top", "only-outliers", "output", NULL};
    (void)state;
    assert_string_equal(nearest_of("treads", names), "threads");
    assert_string_equal(nearest_of("thraeds", names), "threads");
    assert_string_equal(nearest_of("only", names), "only-outliers");
    assert_string_equal(nearest_of("tpo", names), "top");
    assert_null(nearest_of("zzzz", names));
    assert_null(nearest_of("", names));
    assert_null(nearest_of("a-word-that-is-much-longer-than-any-name-that-we-have", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_settings),    cmocka_unit_test(defaults_and_operands), cmocka_unit_test(refusals),
        cmocka_unit_test(help_and_version), cmocka_unit_test(nearest_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
