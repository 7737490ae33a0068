/* Groups of features: the texts that name them, the file's refusals with their lines, and what becomes of values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "ocelot/svm.h"
#include "stream/groups.h"
#include "support/cmocka_include.h"

enum { FEATURES = 6, ROWS = 30 };

static const char *const names[FEATURES] = {"a.x", "b", "a.y", "b.z", ".n", "say \"c\", d"};
static struct ocelot_model *named, *unnamed;
static char path[] = OCELOT_BINARY_DIR "/groups-XXXXXX";

static int make(void **state)
{
    static const char file[] = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 1\nrho 0.5\nSV\n1 1:0 2:0 3:1\n";
    struct ocelot_train_options options;
    struct ocelot_error error = {0};
    struct ocelot_rng rng;
    double rows[ROWS * FEATURES];
    (void)state;
    ocelot_rng_seed(&rng, 3);
    for (size_t k = 0; k < (size_t)ROWS * FEATURES; k++)
        rows[k] = ocelot_rng_normal(&rng);
    ocelot_options_default(ocelot_train_option_table, &options);
    assert_int_equal(ocelot_svm_train(rows, ROWS, FEATURES, names, &options, &named, &error), OCELOT_OK);
    assert_int_equal(ocelot_svm_read_memory(file, sizeof file - 1, "model", NULL, &unnamed, &error), OCELOT_OK);
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    remove(path);
    ocelot_model_free(named);
    ocelot_model_free(unnamed);
    return 0;
}

/* Every feature is in one group, sizes and first members agree with that, and numbers go by first members. */
static void check_whole(const struct ocelot_groups *groups)
{
    size_t size[FEATURES] = {0}, next = 0;
    for (size_t i = 0; i < groups->features; i++) {
        assert_true(groups->of[i] < groups->count);
        if (size[groups->of[i]]++ == 0) {
            assert_int_equal(groups->of[i], next++);
            assert_int_equal(groups->first[groups->of[i]], i);
        }
    }
    assert_int_equal(next, groups->count);
    for (size_t k = 0; k < groups->count; k++)
        assert_int_equal(size[k], groups->size[k]);
}

static void expect(const char *text, const struct ocelot_model *model, const char *group_names)
{
    struct ocelot_groups groups = {0};
    struct ocelot_error error = {0};
    char found[256] = "";
    if (ocelot_groups_make(&groups, text, model, &error) != OCELOT_OK)
        fail_msg("%s: %s", text, error.message);
    check_whole(&groups);
    for (size_t k = 0; k < groups.count; k++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s:%zu", k ? "|" : "", groups.names[k], groups.size[k]);
    assert_string_equal(found, group_names);
    ocelot_groups_free(&groups);
}

static void refuses(const char *text, const struct ocelot_model *model, enum ocelot_status expected, const char *sentence)
{
    struct ocelot_groups groups = {0};
    struct ocelot_error error = {0};
    enum ocelot_status status = ocelot_groups_make(&groups, text, model, &error);
    if (status != expected || !strstr(error.message, sentence))
        fail_msg("%s: '%s' (%s), expected '%s' with \"%s\"", text, ocelot_status_name(status), error.message, ocelot_status_name(expected), sentence);
    ocelot_groups_free(&groups);
}

static void write_file(const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void texts_name_groups(void **state)
{
    (void)state;
    expect("prefix:.", named, "a:2|b:2|.n:1|say \"c\", d:1");
    refuses("prefix:?", named, OCELOT_E_ARGUMENT, "no two features come together");
    refuses("prefix:", named, OCELOT_E_ARGUMENT, "what separates");
}

static void blocks(void **state)
{
    (void)state;
    expect("blocks:4", named, "a.x..b.z:4|.n..say \"c\", d:2");
    expect("blocks:5", named, "a.x...n:5|say \"c\", d:1");
    expect("blocks:100", unnamed, "f1..f3:3");
    refuses("blocks:1", named, OCELOT_E_ARGUMENT, "no two features come together");
    refuses("blocks:0", named, OCELOT_E_ARGUMENT, "expected a whole number from 1");
    refuses("blocks:2x", named, OCELOT_E_ARGUMENT, "\"2x\"");
    refuses("patches:2", named, OCELOT_E_UNSUPPORTED, "does not say that its rows are pictures");
    refuses("superpixels:20", named, OCELOT_E_UNSUPPORTED, "differ from picture to picture");
    refuses("/nowhere/groups.csv", named, OCELOT_E_IO, "/nowhere/groups.csv");
}

static void files(void **state)
{
    static const struct {
        const char *text, *found;
    } good[] = {
        {"first,a.y\nsecond,b\nfirst,a.x\n", "first:2|second:1|b.z:1|.n:1|say \"c\", d:1"},
        {"group,feature\r\n# a comment, with a comma\n\n\"one, two\",\"say \"\"c\"\", d\"\n\"one, two\", .n \n", "a.x:1|b:1|a.y:1|b.z:1|one, two:2"},
        {"b,b\nb,b.z", "a.x:1|b:2|a.y:1|.n:1|say \"c\", d:1"}, /* called as a member, and no line end */
    };
    static const struct {
        const char *text, *sentence;
    } bad[] = {
        {"", "found no line group,feature"},
        {"group,feature\n#\n", "found no line group,feature"},
        {"g,a.x\n\ng,nobody\n", ":3: the model has no feature called nobody"},
        {"g,a.x\nh,a.y\nh,a.x\n", ":3: feature a.x is in a group already, by line 1"},
        {"g\n", ":1: found 1 field, expected two: group,feature"},
        {"g,a.x,a.y\n", ":1: found 3 fields"},
        {",a.x\n", ":1: the group's name is empty"},
        {"g,\n", ":1: the feature's name is empty"},
        {"g,\"a.x\"y\n", ":1: something stands between"},
        {"b,a.x\nb,a.y\n", ":1: the group has the name of a feature that is in no group: b"},
        {"g,\"a.x\n", ":1:"},
        {"g,1\n", ":1: the model has no feature called 1"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        write_file(good[k].text);
        expect(path, named, good[k].found);
    }
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        write_file(bad[k].text);
        refuses(path, named, OCELOT_E_FORMAT, bad[k].sentence);
    }
    write_file("g,3\ng,f1\n"); /* LIBSVM's indices where there are no names */
    expect(path, unnamed, "g:2|f2:1");
}

/* In place and out of place; sums stay. Whole numbers, so equality is exact. */
static void values_fold(void **state)
{
    struct ocelot_groups groups = {0};
    struct ocelot_error error = {0};
    const double values[FEATURES] = {1, 2, 4, 8, 16, 32}, sums[4] = {5, 10, 16, 32}, level[FEATURES] = {2.5, 5, 2.5, 5, 16, 32};
    double out[FEATURES], same[FEATURES], room[FEATURES];
    (void)state;
    assert_int_equal(ocelot_groups_make(&groups, "prefix:.", named, &error), OCELOT_OK);
    ocelot_groups_sum(&groups, values, out);
    memcpy(same, values, sizeof same);
    ocelot_groups_sum(&groups, same, same);
    assert_memory_equal(out, sums, sizeof sums);
    assert_memory_equal(same, sums, sizeof sums);
    memcpy(same, values, sizeof same);
    ocelot_groups_level(&groups, same, room);
    assert_memory_equal(same, level, sizeof level);
    memcpy(same, values, sizeof same);
    ocelot_groups_pick(&groups, same, same);
    assert_true(isnan(same[0]) && isnan(same[1]) && same[2] == 16 && same[3] == 32);
    ocelot_groups_free(&groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_name_groups),
        cmocka_unit_test(blocks),
        cmocka_unit_test(files),
        cmocka_unit_test(values_fold),
    };
    return cmocka_run_group_tests_name("groups", tests, make, drop);
}
