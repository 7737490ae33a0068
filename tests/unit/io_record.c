/* Records as they are written: JSON read back by jansson, CSV by our own reader, NumPy likewise, and what a terminal shows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/record.h"
#include "io/rows.h"
#include "support/close.h"
#include "support/cmocka_include.h"

#include "support/record_sample.h"

static json_t *parse_line(const char *line)
{
    json_error_t error;
    assert_string_equal(strchr(line, '\n'), "\n"); /* one line, ended */
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        fail_msg("%s\n%s", error.text, line);
    return object;
}

/* Keys in order, blanks between. */
static void assert_keys(json_t *object, const char *wanted)
{
    char found[512] = "";
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        (void)strncat(found, key, sizeof found - strlen(found) - 2);
        (void)strncat(found, " ", 2);
    }
    assert_string_equal(found, wanted);
}

/* Written and read back, a number is the same to the last bit. */
static void assert_number(json_t *object, const char *key, double wanted)
{
    json_t *value = json_object_get(object, key);
    assert_non_null(value);
    if (!isfinite(wanted))
        assert_true(json_is_null(value));
    else
        assert_true(json_is_number(value) && json_number_value(value) == wanted);
}

static void json_lines(void **state)
{
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    char *line = write_one("jsonl", &context, &record, true, NULL);
    json_t *object = parse_line(line), *feature, *list;
    (void)state;
    assert_keys(object,
                "row id outlier_score threshold is_outlier decision_value p_value method explains explained residual excess features support ");
    assert_number(object, "row", 17);
    assert_string_equal(json_string_value(json_object_get(object, "id")), hostile_id);
    assert_number(object, "outlier_score", 3.056);
    assert_number(object, "threshold", 2.41);
    assert_true(json_is_true(json_object_get(object, "is_outlier")));
    assert_number(object, "decision_value", -23.14);
    assert_number(object, "p_value", MISSING);
    assert_string_equal(json_string_value(json_object_get(object, "method")), "dtd");
    assert_string_equal(json_string_value(json_object_get(object, "explains")), "outlier_score");
    assert_number(object, "explained", 3.017);
    assert_number(object, "residual", 0.039);
    assert_number(object, "excess", (double)INFINITY);
    list = json_object_get(object, "features");
    assert_int_equal(json_array_size(list), 3);
    for (size_t k = 0; k < 3; k++) {
        feature = json_array_get(list, k);
        assert_keys(feature, "name value expected nearest relevance share ");
        assert_number(feature, "value", values[order[k]]);
        assert_number(feature, "expected", expected[k]);
        assert_number(feature, "nearest", nearest[order[k]]);
        assert_number(feature, "relevance", relevance[order[k]]);
        assert_number(feature, "share", share[k]);
    }
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "name")), names[0]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "name")), "Gr\303\266\303\237e \357\277\275");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "name")), names[1]);
    list = json_object_get(object, "support");
    assert_int_equal(json_array_size(list), 2);
    assert_keys(json_array_get(list, 0), "sv weight ");
    assert_number(json_array_get(list, 0), "sv", 12);
    assert_number(json_array_get(list, 1), "weight", 0.25);
    json_decref(object);
    free(line);
}

static void assert_json_keys(const struct ocelot_record_context *context, const struct ocelot_record *record, const char *keys)
{
    char *line = write_one("jsonl", context, record, true, NULL);
    json_t *object = parse_line(line);
    assert_keys(object, keys);
    json_decref(object);
    free(line);
}

static void json_lines_of_other_runs(void **state)
{
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    (void)state;
    record.support = NULL;
    record.order = NULL;
    record.label = "broken";
    assert_json_keys(&context, &record,
                     "row id label outlier_score threshold is_outlier decision_value p_value method explains explained residual excess ");
    record.id = record.label = NULL;
    context.method = NULL;
    assert_json_keys(&context, &record, "row outlier_score threshold is_outlier decision_value p_value ");
    context.classifier = true;
    context.outputs = outputs;
    assert_json_keys(&context, &record, "row target output predicted decision_value p_value ");
    char *line = write_one("jsonl", &context, &record, true, NULL);
    json_t *object = parse_line(line);
    assert_string_equal(json_string_value(json_object_get(object, "target")), "1:\"3\"");
    assert_number(object, "output", 0.25);
    assert_number(object, "predicted", -1);
    json_decref(object);
    free(line);
    record.id = "p";
    record.error = "t:3: column 'a' is empty";
    line = write_one("jsonl", &context, &record, true, NULL);
    assert_string_equal(line, "{\"row\":17,\"id\":\"p\",\"error\":\"t:3: column 'a' is empty\"}\n");
    free(line);
}

/* What is written as CSV comes back through the CSV reader. */
static bool has(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_error("%s\nlacks: %s\n", text, part);
    return strstr(text, part) != NULL;
}

/* Groups in the features' place, and standard errors: 3, 1, 2 and 1 features, the first and third without values. */
static void groups_and_errors(void **state)
{
    static const char *const group_names[FEATURES] = {"pumps", "b", "fans", "d"};
    static const size_t members[FEATURES] = {3, 1, 2, 1}, first[] = {0, 3};
    static const double group_values[FEATURES] = {MISSING, 2, MISSING, 4}, parts[FEATURES] = {2, 0, 0, 1}, halves[] = {0.5, 0.25};
    static const double errors[FEATURES] = {0.5, 0, MISSING, 0.012}, none[] = {MISSING, 3.5};
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    (void)state;
    context.names = group_names;
    context.members = members;
    context.samples = true;
    record.id = "p";
    record.values = group_values;
    record.relevance = parts;
    record.error_bar = errors;
    record.nearest = group_values;
    record.order = first;
    record.expected = none;
    record.share = halves;
    record.shown = 2;
    record.told = 3;
    record.support = NULL;
    char *text = write_one("jsonl", &context, &record, false, NULL);
    assert_true(has(text, "{\"name\":\"pumps\",\"members\":3,\"value\":null,\"expected\":null,\"nearest\":null,\"relevance\":2,"
                          "\"standard_error\":0.5,\"share\":0.5}"));
    assert_true(has(text, "{\"name\":\"d\",\"members\":1,\"value\":4,\"expected\":3.5,\"nearest\":4,\"relevance\":1,\"standard_error\":0.012,"));
    free(text);
    text = write_one("csv", &context, &record, true, NULL);
    assert_true(has(text, "relevance:d,standard_error:pumps,standard_error:b,standard_error:fans,standard_error:d,error\n"));
    assert_true(has(text, ",2,0,0,1,0.5,0,,0.012,\n")); /* what is not known is empty */
    free(text);
    text = write_one("text", &context, &record, true, NULL);
    assert_true(has(text, "  group "));
    assert_true(has(text, "of 3")); /* shares are relevance / 4, and so are their errors */
    assert_true(has(text, "50%   +-13%  ####"));
    assert_true(has(text, "25%  +-0.3%  ####"));
    free(text);
}

static void csv(void **state)
{
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    struct ocelot_text out = {0};
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    static const char *const dropped[] = {"is_outlier", "method", "explains", "error"};
    struct ocelot_rows_options options = {.id = "id", .label = "label", .drop = dropped, .drop_count = 4};
    (void)state;
    context.labels = true;
    record.label = "say \"no\"";
    ocelot_format_csv.begin(&context, 0, &out);
    ocelot_format_csv.record(&context, &record, &out);
    record.error = "t:3: column 'a', empty";
    record.id = NULL;
    ocelot_format_csv.record(&context, &record, &out);
    assert_false(out.failed);
    assert_int_equal(ocelot_rows_open_memory(out.bytes, out.length, "t", &options, &rows, NULL), OCELOT_OK);
    static const char *const columns[] = {"row", "outlier_score", "threshold", "decision_value", "p_value", "explained", "residual", "excess"};
    static const double wanted[] = {17, 3.056, 2.41, -23.14, MISSING, 3.017, 0.039, MISSING};
    assert_int_equal(ocelot_rows_width(rows), 8 + FEATURES);
    assert_int_equal(ocelot_rows_read(rows, 10, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 2);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(ocelot_rows_column(rows, i), columns[i]);
        assert_close(batch.values[i], wanted[i], 0, columns[i]);
        assert_close(batch.values[batch.width + i], i == 0 ? 17 : MISSING, 0, columns[i]);
    }
    for (size_t i = 0; i < FEATURES; i++) {
        assert_memory_equal(ocelot_rows_column(rows, 8 + i), "relevance:", 10);
        assert_string_equal(ocelot_rows_column(rows, 8 + i) + 10, names[i]);
        assert_close(batch.values[8 + i], relevance[i], 0, names[i]);
    }
    assert_string_equal(batch.id[0], hostile_id);
    assert_string_equal(batch.id[1], "");
    assert_string_equal(batch.label_text[0], "say \"no\"");
    assert_non_null(strstr(out.bytes, ",true,"));
    assert_non_null(strstr(out.bytes, ",\"t:3: column 'a', empty\"\n"));
    ocelot_rows_close(rows);
    ocelot_text_free(&out);
    context = make_context();
    context.method = NULL;
    ocelot_format_csv.begin(&context, 0, &out);
    assert_string_equal(out.bytes, "row,id,outlier_score,threshold,is_outlier,decision_value,p_value,error\n");
    ocelot_text_free(&out);
}

/* Relevance as an array: the header may be written again once the number of rows is known, and errors are NaN. */
static void npy(void **state)
{
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    struct ocelot_text first = {0}, out = {0};
    struct ocelot_rows *rows = NULL;
    struct ocelot_row_batch batch;
    size_t height = 0, width = 0;
    (void)state;
    context.shape_rank = 2;
    context.shape[0] = context.shape[1] = 2;
    ocelot_format_npy.begin(&context, 0, &first);
    ocelot_format_npy.begin(&context, 12345678, &out);
    assert_int_equal(first.length, out.length);
    assert_int_equal(out.length % 64, 0);
    ocelot_text_clear(&out);
    ocelot_format_npy.begin(&context, 2, &out);
    assert_int_equal(first.length, out.length);
    ocelot_format_npy.record(&context, &record, &out);
    record.error = "bad";
    ocelot_format_npy.record(&context, &record, &out);
    assert_true(ocelot_format_npy.needs_seek);
    assert_int_equal(ocelot_rows_open_memory(out.bytes, out.length, "t", NULL, &rows, NULL), OCELOT_OK);
    assert_int_equal(ocelot_rows_image(rows, &height, &width), 2);
    assert_true(height == 2 && width == 2);
    assert_int_equal(ocelot_rows_read(rows, 10, &batch, NULL), OCELOT_OK);
    assert_int_equal(batch.count, 2);
    for (size_t i = 0; i < FEATURES; i++) {
        assert_close(batch.values[i], relevance[i], 0, "relevance");
        assert_close(batch.values[FEATURES + i], MISSING, 0, "error");
    }
    ocelot_rows_close(rows);
    ocelot_text_free(&first);
    ocelot_text_free(&out);
}

static void libsvm(void **state)
{
    static const long indices[FEATURES] = {0, 3, 4, 9};
    struct ocelot_record_context context = make_context();
    struct ocelot_record record = make_record();
    (void)state;
    char *line = write_one("libsvm", &context, &record, true, NULL);
    assert_string_equal(line, "-1 1:1.62 2:0.30000000000000004 4:0.5 # outlier_score 3.056 threshold 2.41 residual 0.039\n");
    free(line);
    context.indices = indices;
    context.classifier = true;
    line = write_one("libsvm", &context, &record, true, NULL);
    assert_string_equal(line, "-1 0:1.62 3:0.30000000000000004 9:0.5 # output 0.25 residual 0.039\n");
    free(line);
    record.error = "two\nlines";
    line = write_one("libsvm", &context, &record, true, NULL);
    assert_string_equal(line, "nan # two?lines\n");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_lines),
        cmocka_unit_test(json_lines_of_other_runs),
        cmocka_unit_test(groups_and_errors),
        cmocka_unit_test(csv),
        cmocka_unit_test(npy),
        cmocka_unit_test(libsvm),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
