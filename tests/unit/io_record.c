/* Records as they are written: JSON read back by jansson, CSV by our own reader, NumPy likewise, and what a terminal shows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/cells.h"
#include "io/record.h"
#include "io/rows.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { FEATURES = 4 };
#define MISSING ((double)NAN)

/* Names and texts that break careless writers. */
static const char *const names[FEATURES] = {"pressure", "a,\"b\"\nc", "\033[31mred\177", "Gr\303\266\303\237e \377"};
static const char hostile_id[] = "x\",\n\t\\\033]0;title\007 \342\200\256 =1+1";

static const double values[FEATURES] = {9.1, 1e-300, -0.1, 12345678901.0};
static const double relevance[FEATURES] = {1.62, 0.1 + 0.2, 0, 0.5};
static const double nearest[FEATURES] = {6.4, MISSING, 0, 1};
static const double low[FEATURES] = {4.8, -1, MISSING, 0}, high[FEATURES] = {6.9, 1, MISSING, 1};
static const double expected[] = {5.9, MISSING, 1}, share[] = {0.53, 0.16, 0.1};
static const size_t order[] = {0, 3, 1}, support[] = {12, 7};
static const double support_weight[] = {0.62, 0.25};
static const char *const outputs[] = {"1:2", "1:\"3\""};

static struct ocelot_record_context make_context(void)
{
    return (struct ocelot_record_context){.method = "dtd", .explains = "outlier_score", .names = names, .features = FEATURES, .columns = 80};
}

static struct ocelot_record make_record(void)
{
    return (struct ocelot_record){.row = 17,
                                  .id = hostile_id,
                                  .decision = {.is_outlier = true,
                                               .outlier_score = 3.056,
                                               .threshold = 2.41,
                                               .decision_value = -23.14,
                                               .p_value = MISSING,
                                               .output = 0.25,
                                               .target = 1,
                                               .predicted = -1},
                                  .explained = 3.017,
                                  .residual = 0.039,
                                  .excess = (double)INFINITY,
                                  .values = values,
                                  .relevance = relevance,
                                  .nearest = nearest,
                                  .order = order,
                                  .expected = expected,
                                  .share = share,
                                  .shown = 3,
                                  .support = support,
                                  .support_weight = support_weight,
                                  .support_count = 2};
}

static char *write_one(const char *format, const struct ocelot_record_context *context, const struct ocelot_record *record, bool head, size_t *length)
{
    const struct ocelot_format *found = ocelot_format_find(format);
    struct ocelot_text out = {0};
    assert_non_null(found);
    if (head)
        found->begin(context, 1, &out);
    found->record(context, record, &out);
    if (found->end != NULL)
        found->end(context, 1, &out);
    assert_false(out.failed);
    if (length != NULL)
        *length = out.length;
    return out.bytes;
}

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
        cmocka_unit_test(json_lines),
        cmocka_unit_test(json_lines_of_other_runs),
        cmocka_unit_test(groups_and_errors),
        cmocka_unit_test(csv),
        cmocka_unit_test(npy),
        cmocka_unit_test(libsvm),
        cmocka_unit_test(text_is_tame),
        cmocka_unit_test(text_of_a_known_record),
        cmocka_unit_test(cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
