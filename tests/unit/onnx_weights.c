/* Weights of ONNX files are kept once, in the precision of the file: float plans use them where they stand, double plans compute as if the file had
 * been double. */
#include <stdlib.h>
#include <string.h>

#include "ocelot/ocelot.h"
#include "ops/ops.h"
#include "run/plan.h"
#include "support/cmocka_include.h"
#include "support/onnx_file.h"

enum { PIXELS = 2 * 4 * 4, OUTPUTS = 3 };

/* The initialisers as doubles of the same values. */
static void widen(Onnx__ModelProto *file)
{
    for (size_t k = 0; k < file->graph->n_initializer; k++) {
        Onnx__TensorProto *tensor = file->graph->initializer[k];
        if (tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
            continue;
        double *values = malloc(tensor->n_float_data * sizeof *values);
        assert_non_null(values);
        for (size_t n = 0; n < tensor->n_float_data; n++)
            values[n] = (double)tensor->float_data[n];
        tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
        tensor->double_data = values;
        tensor->n_double_data = tensor->n_float_data;
        free(tensor->float_data);
        tensor->float_data = NULL;
        tensor->n_float_data = 0;
    }
}

/* The kernel "w" serves two convolutions; matrices stand both ways. */
static struct ocelot_model *network(bool wide)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    Onnx__ModelProto *file = onnx_file_make(13);
    size_t size;
    onnx_file_input(file, "x", 4, (const int64_t[]){0, 2, 4, 4});
    onnx_file_floats(file, "w", 4, (const int64_t[]){2, 2, 3, 3}, NULL);
    onnx_file_floats(file, "turned", 2, (const int64_t[]){5, PIXELS}, NULL);
    onnx_file_floats(file, "plain", 2, (const int64_t[]){5, 4}, NULL);
    onnx_file_floats(file, "third", 2, (const int64_t[]){4, OUTPUTS}, NULL);
    onnx_node_integers(onnx_file_node(file, "Conv", "x w", "first"), "pads", 4, (const int64_t[]){1, 1, 1, 1});
    onnx_file_node(file, "Relu", "first", "kept");
    onnx_node_integers(onnx_file_node(file, "Conv", "kept w", "second"), "pads", 4, (const int64_t[]){1, 1, 1, 1});
    onnx_file_node(file, "Flatten", "second", "flat");
    onnx_node_integer(onnx_file_node(file, "Gemm", "flat turned", "five"), "transB", 1);
    onnx_file_node(file, "MatMul", "five plain", "four");
    onnx_file_node(file, "Gemm", "four third", "y");
    onnx_file_output(file, "y");
    if (wide)
        widen(file);
    char *bytes = onnx_file_bytes(file, &size);
    onnx_file_free(file);
    if (ocelot_onnx_read_memory(bytes, size, "net.onnx", NULL, &model, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    free(bytes);
    return model;
}

static struct ocelot_plan *plan_of(const struct ocelot_model *model, const char *precision, size_t randomise)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    const char *composite = "composite=epsilon-plus";
    struct ocelot_plan *plan = NULL;
    struct ocelot_error error = {0};
    options.method = "lrp";
    options.settings = &composite;
    options.setting_count = 1;
    options.batch = 1;
    options.precision = precision;
    options.randomise = randomise;
    if (ocelot_plan_create(model, &options, &plan, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    return plan;
}

static bool weighs(const struct ocelot_node *node)
{
    return node->op == &ocelot_op_conv || node->op == &ocelot_op_dense;
}

static void kept_once_in_the_precision_of_the_file(void **state)
{
    (void)state;
    struct ocelot_model *narrow = network(false), *wide = network(true);
    struct ocelot_plan *plan = plan_of(narrow, "float32", 0);
    size_t layers = 0, in_place = 0;
    assert_int_equal(narrow->graph->count, wide->graph->count);
    for (size_t i = 0; i < narrow->graph->count; i++) {
        const struct ocelot_node *node = narrow->graph->nodes[i];
        if (!weighs(node))
            continue;
        struct ocelot_numbers a = node->op->weights(node), b = node->op->weights(wide->graph->nodes[i]);
        assert_true(a.f32 && !a.f64);
        assert_true(b.f64 && !b.f32);
        assert_int_equal(a.count, b.count);
        for (size_t n = 0; b.f64 && n < a.count; n++)
            assert_true(ocelot_number(&a, n) == b.f64[n]);
        in_place += plan->nodes[i].single && plan->nodes[i].f32.weights == a.f32;
        layers++;
    }
    assert_int_equal(layers, 5);
    assert_int_equal(in_place, 4); /* the last layer stays in double */
    ocelot_plan_free(plan);
    ocelot_model_free(narrow);
    ocelot_model_free(wide);
}

static void explain(const struct ocelot_model *model, const char *precision, size_t randomise, double *relevance)
{
    struct ocelot_plan *plan = plan_of(model, precision, randomise);
    struct ocelot_workspace *w = NULL;
    struct ocelot_decision decision;
    struct ocelot_error error = {0};
    double row[PIXELS];
    for (size_t i = 0; i < PIXELS; i++)
        row[i] = (double)(i * 7 % 13) / 4 - 1;
    assert_int_equal(ocelot_workspace_create(plan, &w, &error), OCELOT_OK);
    assert_int_equal(ocelot_explain(plan, w, row, 1, &(struct ocelot_explanation){.decision = &decision, .relevance = relevance}, &error), OCELOT_OK);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
}

/* No bit differs, in either precision, nor where weights are shuffled. */
static void the_file_s_precision_changes_no_bit(void **state)
{
    (void)state;
    static const char *const precisions[] = {"float64", "float32"};
    struct ocelot_model *narrow = network(false), *wide = network(true);
    for (size_t k = 0; k < 2; k++)
        for (size_t seed = 0; seed < 2; seed++) {
            double a[PIXELS], b[PIXELS], size = 0;
            explain(narrow, precisions[k], seed, a);
            explain(wide, precisions[k], seed, b);
            assert_memory_equal(a, b, sizeof a);
            for (size_t i = 0; i < PIXELS; i++)
                size += a[i] * a[i];
            assert_true(size > 0);
        }
    ocelot_model_free(narrow);
    ocelot_model_free(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_once_in_the_precision_of_the_file),
        cmocka_unit_test(the_file_s_precision_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
