/* Files that say which features were to blame: what is read, and what is refused with which sentence. */
#include <stdio.h>
#include <string.h>

#include "ocelot/truth.h"
#include "stream/truth_file.h"
#include "support/cmocka_include.h"

enum { FEATURES = 4 };
static const char *const names[FEATURES] = {"flow", "oil pressure", "rpm", "x;y"};
static const char *const numbered[FEATURES] = {"1", "2", "3", "4"};

static enum ocelot_status read_text(const char *text, const char *const *features, const char *column, struct ocelot_truth **out,
                                    struct ocelot_error *err)
{
    const struct ocelot_truth_subject subject = {.names = features, .features = FEATURES, .column = column};
    return ocelot_truth_file_read_memory(text, strlen(text), "truth.csv", &subject, out, err);
}

/* "2-5:0 2" for each incident, separated by commas. */
static void show(const struct ocelot_truth *truth, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t k = 0; k < ocelot_truth_incidents(truth); k++) {
        struct ocelot_truth_incident incident = ocelot_truth_incident_at(truth, k);
        used += (size_t)snprintf(out + used, room - used, "%s%zu-%zu:", k ? "," : "", incident.first, incident.end);
        for (size_t b = 0; b < incident.count; b++)
            used += (size_t)snprintf(out + used, room - used, "%s%zu", b ? " " : "", incident.blamed[b]);
    }
}

static void reads(void **state)
{
    (void)state;
    static const struct {
        const char *text, *column, *wanted;
        const char *const *names;
    } table[] = {
        {"row,features\n0,flow\n3,flow rpm\n", NULL, "0-1:0,3-4:0 2", names},
        {"row,features\n0,2\n3, 0  3 \n", NULL, "0-1:2,3-4:0 3", names},
        {"row,features\n7,oil pressure;rpm\n8,oil pressure\n9,rpm ;flow;\n", NULL, "7-8:1 2,8-9:1,9-10:2 0", names},
        {"row,features\n7,x;y\n", NULL, "7-8:3", names},
        {"row,features\n7,\n", NULL, "7-8:", names},
        {"row,features\n7,1\n", NULL, "7-8:0", numbered},
        {"kind,features,row\nshift,rpm,1\n\"a,b\",\"rpm;oil pressure\",2\n", NULL, "1-2:2,2-3:2 1", names},
        {"start,end,metrics\n8,20,rpm\n5,9,rpm flow\n5,6,flow\n", NULL, "5-9:2 0,5-6:0,8-20:2", names},
        {"start,end,metrics,type\r\n5,9,rpm flow,metric\r\n", NULL, "5-9:2 0", names},
        {"row,iforest,copod\n0,0 1,2\n", NULL, "0-1:0 1", names},
        {"row,iforest,copod\n0,0 1,2\n", "copod", "0-1:2", names},
        {"row\tfeatures\n4\trpm flow\n", NULL, "4-5:2 0", names},
        {"\n row,features\n\n4,rpm", NULL, "4-5:2", names},
        {"row,features\n", NULL, "", names},
        {"row,start,features\n4,9,rpm\n", NULL, "4-5:2", names},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct ocelot_truth *truth = NULL;
        struct ocelot_error err = {0};
        char found[256];
        enum ocelot_status status = read_text(table[k].text, table[k].names, table[k].column, &truth, &err);
        if (status)
            fail_msg("%s: %s", table[k].text, err.message);
        show(truth, found, sizeof found);
        assert_string_equal(found, table[k].wanted);
        assert_int_equal(ocelot_truth_features(truth), FEATURES);
        ocelot_truth_free(truth);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *column, *sentence;
        const char *const *names;
    } table[] = {
        {"", NULL, "truth.csv:1: the file is empty", names},
        {"row,start,end,features\n4,9,1,rpm\n", NULL, "truth.csv:1: found 'row,start,end,features', expected", names},
        {"3,flow\n", NULL, "truth.csv:1: found '3,flow', expected a header", names},
        {"start,features\n3,flow\n", NULL, "truth.csv:1: found 'start,features', expected", names},
        {"row,x\n3,1\n", "features", "truth.csv:1: no column is called 'features'", names},
        {"row\n3\n", NULL, "truth.csv:1: no column says which features", names},
        {"row,row,features\n3,3,flow\n", NULL, "truth.csv:1: two columns are called row", names},
        {"row,features\n-1,flow\n", NULL, "truth.csv:2: row is '-1', expected a row", names},
        {"row,features\n1.5,flow\n", NULL, "truth.csv:2: row is '1.5'", names},
        {"row,features\n99999999999999999,flow\n", NULL, "truth.csv:2: row is '99999999999999999'", names},
        {"row,features\n9223372036854775807,flow\n", NULL, "truth.csv:2: row is '9223372036854775807'", names},
        {"row,features\n1,flow\n\n1,rpm\n", NULL, "truth.csv:4: row 1 stands behind row 1", names},
        {"row,features\n1,pump\n", NULL, "truth.csv:2: 'pump' is no feature of the model, neither", names},
        {"row,features\n1,4\n", NULL, "truth.csv:2: '4' is no feature of the model, neither", names},
        {"row,features\n1,0\n", NULL, "truth.csv:2: '0' is no feature of the model, by name", numbered},
        {"row,features\n1,flow 0\n", NULL, "truth.csv:2: feature 'flow' is blamed twice", names},
        {"row,features\n1,flow,2\n", NULL, "truth.csv:2: found 3 fields, expected 2", names},
        {"row,features\n1\n", NULL, "truth.csv:2: found 1 fields, expected 2", names},
        {"start,end,metrics\n5,5,flow\n", NULL, "truth.csv:2: the incident starts at row 5 and ends before row 5", names},
    };
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        struct ocelot_truth *truth = NULL;
        struct ocelot_error err = {0};
        assert_int_equal(read_text(table[k].text, table[k].names, table[k].column, &truth, &err), OCELOT_E_FORMAT);
        if (strncmp(err.message, table[k].sentence, strlen(table[k].sentence)) != 0)
            fail_msg("%s: expected '%s', found '%s'", table[k].text, table[k].sentence, err.message);
        assert_null(truth);
    }
}

/* Where a picture's defects are, as data/boots-defects-where.idx3.gz says it. */
static void reads_masks(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28 };
    static char digits[PIXELS][8];
    const char *pixels[PIXELS];
    struct ocelot_truth *truth = NULL;
    struct ocelot_error err = {0};
    for (size_t i = 0; i < PIXELS; i++) {
        snprintf(digits[i], sizeof digits[i], "f%zu", i + 1);
        pixels[i] = digits[i];
    }
    const struct ocelot_truth_subject subject = {.names = pixels, .features = PIXELS};
    assert_int_equal(ocelot_truth_file_read(OCELOT_SOURCE_DIR "/data/boots-defects-where.idx3.gz", &subject, &truth, &err), OCELOT_OK);
    assert_int_equal(ocelot_truth_incidents(truth), 30);
    struct ocelot_truth_incident hole = ocelot_truth_incident_at(truth, 1); /* the second is a square of noise */
    assert_int_equal(hole.first, 1);
    assert_int_equal(hole.count, 25);
    ocelot_truth_free(truth);
    const struct ocelot_truth_subject narrow = {.names = pixels, .features = 9};
    assert_int_not_equal(ocelot_truth_file_read(OCELOT_SOURCE_DIR "/data/boots-defects-where.idx3.gz", &narrow, &truth, &err), OCELOT_OK);
    err = (struct ocelot_error){0};
    assert_int_equal(ocelot_truth_file_read("/nowhere/truth.csv", &subject, &truth, &err), OCELOT_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses), cmocka_unit_test(reads_masks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
