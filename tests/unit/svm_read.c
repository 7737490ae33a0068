/* The strict reader of LIBSVM model files: what it accepts, and what it says about what it refuses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/explain.h"
#include "ocelot/svm.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "svm/machine.h"

/* A header that is right up to SV, two support vectors to come. */
#define HEAD "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.25\n"
#define BODY "SV\n1 1:0.5 3:-2 \n0.75 2:1e-3 3:4 \n"
#define CLASSES "svm_type c_svc\nkernel_type linear\nnr_class 3\ntotal_sv 3\n"

static enum ocelot_status read_text(const char *text, const struct ocelot_svm_read_options *options, struct ocelot_model **model,
                                    struct ocelot_error *err)
{
    *model = NULL;
    *err = (struct ocelot_error){0};
    return ocelot_svm_read_memory(text, strlen(text), "m", options, model, err);
}

static struct ocelot_model *accept(const char *text)
{
    struct ocelot_model *model;
    struct ocelot_error err;
    if (read_text(text, NULL, &model, &err) != OCELOT_OK)
        fail_msg("%s\n%s", err.message, text);
    return model;
}

static const struct {
    const char *text;
    int line;             /* the message begins "m:LINE:" */
    const char *words[2]; /* and holds these */
} malformed[] = {
    {"", 1, {"end of the file", "model file"}},
    {"\n\n", 2, {"end of the file", "header"}},
    {"hello world\n", 1, {"'hello'", "svm_type"}},
    {"svm_type one_klass\n", 1, {"'one_klass'", "epsilon_svr"}},
    {"svm_type\n", 1, {"end of the line", "svm_type"}},
    {"svm_type one_class c_svc\n", 1, {"'c_svc'", "end of the line"}},
    {"kernel_type gaussian\n", 1, {"'gaussian'", "precomputed"}},
    {"gamma abc\n", 1, {"'abc'", "gamma: a finite number"}},
    {"gamma nan\n", 1, {"'nan'", "finite"}},
    {"gamma 1e999\n", 1, {"'1e999'", "finite"}},
    {"gamma 0.5x\n", 1, {"'0.5x'", "finite"}},
    {"gamma 0,5\n", 1, {"'0,5'", "finite"}},
    {"gamma\n", 1, {"end of the line", "gamma"}},
    {"gamma 1\ngamma 1\n", 2, {"'gamma'", "line 1"}},
    {"nr_class 1\n", 1, {"'1'", "nr_class"}},
    {"nr_class 2.0\n", 1, {"'2.0'", "whole number"}},
    {"total_sv 0\n", 1, {"'0'", "from 1"}},
    {"total_sv -3\n", 1, {"'-3'", "total_sv"}},
    {"total_sv 99999999999999999999\n", 1, {"99999", "total_sv"}},
    {"degree -1\n", 1, {"'-1'", "degree"}},
    {"rho 1 2 x\n", 1, {"'x'", "rho"}},
    {"SV\n", 1, {"'SV'", "svm_type"}},
    {"svm_type one_class\nkernel_type rbf\nnr_class 2\ntotal_sv 1\nSV\n", 5, {"'SV'", "rho"}},
    {"svm_type one_class\nkernel_type rbf\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 1:1\n", 2, {"rbf", "gamma"}},
    {"svm_type one_class\nkernel_type rbf\ngamma 0\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 1:1\n", 3, {"rbf", "greater than 0"}},
    {"svm_type one_class\nkernel_type polynomial\ngamma 1\ncoef0 0\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 1:1\n", 2, {"polynomial", "degree"}},
    {"svm_type one_class\nkernel_type linear\nnr_class 3\ntotal_sv 1\nrho 1\nSV\n1 1 1:1\n", 3, {"nr_class 3", "nr_class 2"}},
    {"svm_type one_class\nkernel_type linear\nnr_class 2\ntotal_sv 1\nrho 1 2\nSV\n1 1:1\n", 5, {"2 values of rho", "expected 1"}},
    {HEAD "label 1\n" BODY, 7, {"1 values of label", "expected 2"}},
    {HEAD "prob_density_marks 1 2 3\n" BODY, 7, {"3 values", "expected 10"}},
    {CLASSES "rho 0 0\nlabel 1 2 3\nnr_sv 1 1 1\nSV\n", 5, {"2 values of rho", "expected 3"}},
    {CLASSES "rho 0 0 0\nSV\n", 6, {"'SV'", "nr_sv"}},
    {CLASSES "rho 0 0 0\nlabel 3 -1 3\nnr_sv 1 1 1\nSV\n", 6, {"label 3 twice", "of its own"}},
    {CLASSES "rho 0 0 0\nlabel 1 2 3\nnr_sv 1 1 2\nSV\n", 7, {"sum to 4", "3"}},
    {CLASSES "rho 0 0 0\nlabel 1 2 3\nnr_sv 1 1 -1\nSV\n", 7, {"'-1'", "nr_sv"}},
    {CLASSES "rho 0 0 0\nlabel 1 2.5 3\n", 6, {"'2.5'", "whole number"}},
    {CLASSES "rho 0 0 0\nlabel 1 2 3\nnr_sv 1 1 1\nSV\n1 1:1\n", 9, {"'1:1'", "coefficient"}},
    {HEAD "SV 1\n", 7, {"'1'", "end of the line"}},
    {HEAD "SV\n", 7, {"0 SV lines", "2"}},
    {HEAD "SV\n1 1:1\n", 8, {"1 SV lines", "2"}},
    {HEAD "SV\n1 1:1\n\n1 1:1\n", 9, {"end of the line", "SV line 2 of 2"}},
    {HEAD "SV\n1 1:1\n1 1:1", 9, {"cut off?", "line end"}},
    {HEAD "SV\n1 1:1\nx 1:1\n", 9, {"'x'", "coefficient"}},
    {HEAD "SV\n1 1:1\n-0.5 1:1\n", 9, {"'-0.5'", "at least 0"}},
    {HEAD "SV\n1 1:1\nnan 1:1\n", 9, {"'nan'", "finite"}},
    {HEAD "SV\n1 1:1\n1 1:inf\n", 9, {"'1:inf'", "finite"}},
    {HEAD "SV\n1 1:1\n1 1\n", 9, {"'1'", "index:value"}},
    {HEAD "SV\n1 1:1\n1 1:\n", 9, {"'1:'", "value"}},
    {HEAD "SV\n1 1:1\n1 :1\n", 9, {"':1'", "index"}},
    {HEAD "SV\n1 1:1\n1 a:1\n", 9, {"'a:1'", "index"}},
    {HEAD "SV\n1 1:1\n1 -1:1\n", 9, {"'-1:1'", "index"}},
    {HEAD "SV\n1 1:1\n1 1.5:1\n", 9, {"'1.5:1'", "index"}},
    {HEAD "SV\n1 1:1\n1 99999999999:1\n", 9, {"99999999999", "index"}},
    {HEAD "SV\n1 1:1\n1 2:1 2:3\n", 9, {"index 2 after 2", "ascending"}},
    {HEAD "SV\n1 1:1\n1 3:1 2:3\n", 9, {"index 2 after 3", "ascending"}},
    {HEAD "SV\n1 \n1 \n", 8, {"without a single value", "index:value"}},
    {HEAD BODY "1 1:1\n", 10, {"'1'", "total_sv is reached"}},
    {HEAD BODY "\n\n# a remark\n", 12, {"'#'", "#ocelot"}},
    {HEAD BODY "svm_type one_class\n", 10, {"another model", "without a card"}},
    {HEAD BODY "#ocelot {}\n", 10, {"format", "whole number"}},
    {HEAD BODY "#ocelot {", 10, {"cut off?", "line end"}},
    {HEAD BODY "#ocelot {\n", 10, {"not a JSON object", "#ocelot {...}"}},
    {HEAD BODY "#ocelot []\n", 10, {"not a JSON object", "another type"}},
    {HEAD BODY "#ocelot {\"format\":2}\n", 10, {"format 2", "newer"}},
    {HEAD BODY "#ocelot {\"format\":1,\"crc32\":\"00000000\"}\n", 10, {"checksum", "changed"}},
    {"svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 1:1\n", 7, {"'1:1'", "0:n"}},
    {"svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 0:1.5\n", 7, {"'0:1.5'", "0:n"}},
    {"svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 0:0\n", 7, {"'0:0'", "0:n"}},
    {"svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 \n", 7, {"end of the", "0:n"}},
    {"svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 1\nrho 1\nSV\n1 0:1\n", 2, {"precomputed", "training rows"}},
};

static void malformed_files(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof malformed / sizeof *malformed; k++) {
        struct ocelot_model *model;
        struct ocelot_error err;
        char where[32];
        snprintf(where, sizeof where, "m:%d: ", malformed[k].line);
        enum ocelot_status status = read_text(malformed[k].text, NULL, &model, &err);
        if (status == OCELOT_OK)
            fail_msg("accepted:\n%s", malformed[k].text);
        if (status != err.status || strncmp(err.message, where, strlen(where)) != 0 || !strstr(err.message, "found") ||
            !strstr(err.message, "expected") || !strstr(err.message, malformed[k].words[0]) || !strstr(err.message, malformed[k].words[1]))
            fail_msg("case %zu: expected %s...%s...%s, found: %s", k, where, malformed[k].words[0], malformed[k].words[1], err.message);
        assert_null(model);
    }
}

/* A count in the header is never believed: nothing is allocated for support vectors that are not there. */
static void huge_counts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "svm_type one_class\nkernel_type rbf\ngamma 1\nnr_class 2\ntotal_sv 2000000000\nrho 1\nSV\n1 1:1\n",
        "svm_type c_svc\nkernel_type rbf\ngamma 1\nnr_class 2000000000\ntotal_sv 1\nrho 1\nlabel 1\nnr_sv 1\nSV\n1 1:1\n",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct ocelot_model *model;
        struct ocelot_error err;
        assert_int_equal(read_text(texts[k], NULL, &model, &err), OCELOT_E_FORMAT);
    }
}

/* Indices are real, so what they cost is refused by the stated bound before it is allocated. */
static void memory_limit(void **state)
{
    (void)state;
    struct ocelot_model *model;
    struct ocelot_error err;
    static const char text[] = HEAD "SV\n1 1:1\n1 2000000000:1\n";
    assert_int_equal(read_text(text, NULL, &model, &err), OCELOT_E_LIMIT);
    assert_non_null(strstr(err.message, "2000000000 features"));
    struct ocelot_svm_read_options options = {.memory_limit = 100};
    assert_int_equal(read_text(HEAD BODY, &options, &model, &err), OCELOT_E_LIMIT);
}

/* Every file cut short is refused, but for the cut that leaves a whole file. */
static void truncated(void **state)
{
    (void)state;
    static const char text[] = HEAD BODY;
    for (size_t size = 0; size + 1 < sizeof text; size++) {
        struct ocelot_model *model = NULL;
        struct ocelot_error err = {0};
        char *copy = malloc(size ? size : 1); /* of exactly this size, so that a sanitizer sees any read behind it */
        memcpy(copy, text, size);
        if (ocelot_svm_read_memory(copy, size, "m", NULL, &model, &err) == OCELOT_OK)
            fail_msg("accepted when cut after %zu bytes", size);
        assert_int_equal(strncmp(err.message, "m:", 2), 0);
        free(copy);
    }
    ocelot_model_free(accept(text));
}

static double decision_of(const struct ocelot_model *model, const double *row)
{
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_decision decision;
    struct ocelot_error err = {0};
    assert_int_equal(ocelot_plan_create_score(model, NULL, &plan, &err), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &err), OCELOT_OK);
    assert_int_equal(ocelot_score(plan, workspace, row, 1, &decision, &err), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    return decision.decision_value;
}

/* The same model however it is written. */
static void accepted_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {
        HEAD BODY,
        HEAD BODY "\n \n",
        "svm_type one_class\r\nkernel_type rbf\r\ngamma 0.5\r\nnr_class 2\r\ntotal_sv 2\r\nrho 1.25\r\nSV\r\n1 1:0.5 3:-2 \r\n0.75 2:1e-3 3:4\r\n",
        "rho 1.25\ntotal_sv 2\n\ngamma 5e-1  \nnr_class\t2\nkernel_type rbf \n svm_type one_class\nSV \n1.0 1:.5 3:-2.0\n75e-2 2:0.001 3:+4 \n",
        HEAD "label 0 0\nnr_sv 0 0\n" BODY,
        HEAD "prob_density_marks 1 2 3 4 5 6 7 8 9 10\n" BODY,
        "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 3\nrho 1.25\nSV\n1 1:0.5 3:-2\n0 1:9\n0.75 2:1e-3 3:4\n",
    };
    const double row[] = {0.25, 0.5, 1};
    const double expected = exp(-0.5 * (0.0625 + 0.25 + 9)) + 0.75 * exp(-0.5 * (0.0625 + 0.499 * 0.499 + 9)) - 1.25;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct ocelot_model *model = accept(texts[k]);
        struct ocelot_model_info info;
        ocelot_model_describe(model, &info);
        assert_int_equal(info.features, 3);
        assert_int_equal(info.support_vectors, 2);
        assert_string_equal(ocelot_model_feature(model, 2).name, "f3");
        assert_close(decision_of(model, row), expected, 1e-15, texts[k]); /* a few roundings of numbers near 1 */
        assert_close(info.threshold, -log(1.25 / 1.75), 1e-15, "threshold");
        assert_int_equal(info.bounded, 1);
        assert_false(info.has_card);
        assert_non_null(strstr(ocelot_model_warning(model, 0), "no card"));
        ocelot_model_free(model);
    }
}

static void index_zero(void **state)
{
    (void)state;
    struct ocelot_model *model = accept(HEAD "SV\n1 0:0.5 2:-2 \n0.75 1:1e-3 2:4 \n");
    assert_int_equal(ocelot_model_feature(model, 0).index, 0);
    assert_string_equal(ocelot_model_feature(model, 0).name, "f0");
    double point[3], coefficient;
    ocelot_svm_support_vector(model, 1, point, &coefficient);
    assert_true(coefficient == 0.75 && point[0] == 0 && point[1] == 1e-3 && point[2] == 4);
    ocelot_model_free(model);
}

/* The entries that a file names are those that its support vectors hold: no zeros, none of those that are dropped. */
static void listed_entries(void **state)
{
    static const char *const texts[] = {HEAD BODY, HEAD "SV\n1 1:0 3:-2 \n0.75 0:1e-3 2:-0 3:4 \n", HEAD "SV\n0 1:3 2:5\n1 2:7 4:0\n",
                                        HEAD "SV\n1\n1 2:7\n",
                                        CLASSES "rho 0.5 0.5 0.5\nlabel 1 2 3\nnr_sv 1 1 1\nSV\n0 1 1:3\n1 0 2:7 4:1\n0 0 3:1\n"};
    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct ocelot_machine *machine = NULL;
        struct ocelot_entries wanted;
        struct ocelot_error err = {0};
        if (ocelot_machine_read(texts[k], strlen(texts[k]), "m", NULL, &machine, &err) != OCELOT_OK)
            fail_msg("%s", err.message);
        assert_true(ocelot_entries_list(machine->support, machine->count, machine->width, &wanted));
        size_t count = wanted.start[machine->count];
        assert_memory_equal(machine->entries.start, wanted.start, (machine->count + 1) * sizeof *wanted.start);
        if (count > 0) {
            assert_memory_equal(machine->entries.feature, wanted.feature, count * sizeof *wanted.feature);
            assert_memory_equal(machine->entries.value, wanted.value, count * sizeof *wanted.value);
        }
        ocelot_entries_free(&wanted);
        ocelot_machine_free(machine);
    }
}

static void all_zero_coefficients(void **state)
{
    (void)state;
    struct ocelot_model *model;
    struct ocelot_error err;
    assert_int_equal(read_text(HEAD "SV\n0 1:1\n0 1:2\n", NULL, &model, &err), OCELOT_E_FORMAT);
    assert_non_null(strstr(err.message, "coefficients of 0"));
}

/* rho <= 0 has no logarithm: no threshold, never an outlier, and a warning. */
static void rho_not_positive(void **state)
{
    (void)state;
    struct ocelot_model *model = accept("svm_type one_class\nkernel_type rbf\ngamma 1\nnr_class 2\ntotal_sv 1\nrho -0.5\nSV\n1 1:1\n");
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    assert_true(isnan(info.threshold));
    const double far = 1e6;
    assert_close(decision_of(model, &far), 0.5, 0, "decision value");
    bool warned = false;
    for (size_t k = 0; ocelot_model_warning(model, k); k++)
        warned |= strstr(ocelot_model_warning(model, k), "not positive") != NULL;
    assert_true(warned);
    ocelot_model_free(model);
}

/* Near rho = A the threshold keeps its digits: -log(rho/A) would lose half of them. */
static void threshold_near_zero(void **state)
{
    (void)state;
    struct ocelot_model *model =
        accept("svm_type one_class\nkernel_type rbf\ngamma 1e-9\nnr_class 2\ntotal_sv 3\nrho 1.999999999\nSV\n1 1:1\n0.5 1:2\n0.5 1:3\n");
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    long double expected = -log1pl(((long double)1.999999999 - 2) / 2);
    assert_close(info.threshold, (double)expected, 1e-15 * (double)expected, "threshold"); /* a few roundings, relative */
    ocelot_model_free(model);
}

/* A precomputed file with its training rows given is the model it was made from. */
static void precomputed_rows(void **state)
{
    (void)state;
    static const char text[] = "svm_type one_class\nkernel_type precomputed\nnr_class 2\ntotal_sv 2\nrho 0.5\nSV\n1 0:3\n0.5 0:1\n";
    const double rows[] = {0, 1, 2, 3, 4, 5}, row[] = {1, 1};
    struct ocelot_svm_read_options options = {
        .support_rows = rows, .support_row_count = 3, .support_columns = 2, .kernel = "laplace", .gamma = 0.5, .power = 1};
    struct ocelot_model *model;
    struct ocelot_error err;
    assert_int_equal(read_text(text, &options, &model, &err), OCELOT_OK);
    assert_close(decision_of(model, row), exp(-0.5 * 5) + 0.5 * exp(-0.5 * 1) - 0.5, 1e-15, "laplace");
    ocelot_model_free(model);
    options.kernel = "polynomial";
    options.degree = 2;
    options.coef0 = 1;
    assert_int_equal(read_text(text, &options, &model, &err), OCELOT_OK);
    assert_close(decision_of(model, row), 5.5 * 5.5 + 0.5 * 1.5 * 1.5 - 0.5, 1e-14, "polynomial");
    ocelot_model_free(model);
    options.support_row_count = 2;
    assert_int_equal(read_text(text, &options, &model, &err), OCELOT_E_SHAPE);
    assert_non_null(strstr(err.message, "serial number 3"));
    options.support_row_count = 3;
    options.kernel = "gauss";
    assert_int_equal(read_text(text, &options, &model, &err), OCELOT_E_ARGUMENT);
}

/* A pair of classes with nothing on one side gives every row the same answer. */
static void one_sided_pair(void **state)
{
    (void)state;
    struct ocelot_model *model;
    struct ocelot_error err;
    static const char text[] = "svm_type c_svc\nkernel_type rbf\ngamma 1\nnr_class 2\ntotal_sv 1\nrho -1\nlabel 4 7\nnr_sv 1 0\nSV\n1 1:1\n";
    assert_int_equal(read_text(text, NULL, &model, &err), OCELOT_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, "speaks for class 7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_files),  cmocka_unit_test(huge_counts),           cmocka_unit_test(memory_limit),
        cmocka_unit_test(truncated),        cmocka_unit_test(accepted_forms),        cmocka_unit_test(index_zero),
        cmocka_unit_test(rho_not_positive), cmocka_unit_test(all_zero_coefficients), cmocka_unit_test(threshold_near_zero),
        cmocka_unit_test(precomputed_rows), cmocka_unit_test(one_sided_pair),        cmocka_unit_test(listed_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
