/* ONNX's own operator tests (Debian's libonnx-testdata): every one whose operators are read gives the outputs beside it, or stands in the table
 * below with the reason why not. The first input is the network's; the others are bound as constants. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/import.h"
#include "run/plan.h"
#include "support/cmocka_include.h"
#include "svm/file.h"

/* The data are rounded to float32 and most were computed in it; we compute in double. */
static const double relative = 1e-5, absolute = 1e-6;

static const char threes[] = "three spatial dimensions: networks on images and series are what is explained";
static const char training[] = "training mode: draws at random or mixes rows, or gives a mask of what it kept";
static const char whole_numbers[] = "whole numbers or texts as the network's input";
static const char places[] = "asks for the places of the maxima, or for a mask";
static const char data[] = "its result does not depend on the input, or is empty";
static const char format[] = "rounds activations to fewer bits, or makes them texts";
static const char bfloat[] = "the data beside it are the bits of bfloat16 read as whole numbers";
static const char sequence[] = "sequences and optional values, no tensors";

/* Tests left out, by name; a star at the end stands for anything. */
static const struct left_out {
    const char *name, *reason;
} left_out[] = {
    {"test_maxpool_3d_default", threes},
    {"test_averagepool_3d_default", threes},
    {"test_AvgPool3d*", threes},
    {"test_Conv3d*", threes},
    {"test_MaxPool3d*", threes},
    {"test_training_dropout", training},
    {"test_training_dropout_default*", training},
    {"test_training_dropout_mask", training},
    {"test_training_dropout_zero_ratio_mask", training},
    {"test_batchnorm_example_training_mode", training},
    {"test_batchnorm_epsilon_training_mode", training},
    {"test_add_uint8", whole_numbers},
    {"test_sub_uint8", whole_numbers},
    {"test_mul_uint8", whole_numbers},
    {"test_div_uint8", whole_numbers},
    {"test_maxpool_2d_uint8", whole_numbers},
    {"test_clip_default_int8_*", whole_numbers},
    {"test_edge_pad", whole_numbers},
    {"test_reflect_pad", whole_numbers},
    {"test_Embedding*", whole_numbers},
    {"test_operator_non_float_params", whole_numbers},
    {"test_cast_STRING_to_FLOAT", whole_numbers},
    {"test_castlike_STRING_to_FLOAT_expanded", whole_numbers},
    {"test_maxpool_with_argmax_2d_precomputed_*", places},
    {"test_dropout_default_mask*", places},
    {"test_constant", data},
    {"test_shape*", data},
    {"test_slice_start_out_of_bounds", data},
    {"test_reshape_allowzero_reordered", data},
    {"test_cast_FLOAT_to_STRING", format},
    {"test_castlike_FLOAT_to_STRING_expanded", format},
    {"test_cast_FLOAT_to_FLOAT16", format},
    {"test_cast_DOUBLE_to_FLOAT16", format},
    {"test_castlike_FLOAT_to_FLOAT16_expanded", format},
    {"test_castlike_DOUBLE_to_FLOAT16_expanded", format},
    {"test_cast_BFLOAT16_to_FLOAT", bfloat},
    {"test_cast_FLOAT_to_BFLOAT16", bfloat},
    {"test_castlike_BFLOAT16_to_FLOAT_expanded", bfloat},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", bfloat},
    {"test_identity_sequence", sequence},
    {"test_identity_opt", sequence},
};

static size_t taken, passed_over, failures;

static const char *reason_to_leave_out(const char *name)
{
    for (size_t k = 0; k < sizeof left_out / sizeof *left_out; k++) {
        size_t length = strlen(left_out[k].name);
        bool star = left_out[k].name[length - 1] == '*';
        if (star ? strncmp(name, left_out[k].name, length - 1) == 0 : strcmp(name, left_out[k].name) == 0)
            return left_out[k].reason;
    }
    return NULL;
}

struct tensors {
    Onnx__TensorProto *proto[16];
    size_t count;
};

static Onnx__TensorProto *read_tensor(const char *folder, const char *kind, size_t k)
{
    char path[2048], *bytes;
    size_t size;
    struct ocelot_error error = {0};
    snprintf(path, sizeof path, "%s/test_data_set_0/%s_%zu.pb", folder, kind, k);
    if (ocelot_file_read(path, 0, &bytes, &size, &error) != OCELOT_OK)
        return NULL;
    Onnx__TensorProto *proto = onnx__tensor_proto__unpack(NULL, size, (const uint8_t *)bytes);
    free(bytes);
    return proto;
}

static void read_tensors(const char *folder, const char *kind, struct tensors *out)
{
    out->count = 0;
    while (out->count < 16 && (out->proto[out->count] = read_tensor(folder, kind, out->count)))
        out->count++;
}

static void free_tensors(struct tensors *tensors)
{
    for (size_t k = 0; k < tensors->count; k++)
        onnx__tensor_proto__free_unpacked(tensors->proto[k], NULL);
}

static struct ocelot_onnx_tensor *decode(const Onnx__TensorProto *proto)
{
    struct ocelot_error error = {0};
    struct ocelot_onnx_import import = {.name = "data", .err = &error, .limit = (size_t)1 << 31};
    struct ocelot_onnx_tensor *tensor = NULL;
    return ocelot_onnx_tensor_decode(&import, proto, &tensor) == OCELOT_OK ? tensor : NULL;
}

/* All activations of the last layer for `count` rows, or what failed. */
static enum ocelot_status evaluate(const struct ocelot_model *model, const double *input, size_t count, double *out, struct ocelot_error *err)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    size_t last = model->graph->count - 1, width = model->graph->nodes[last]->size, d = model->feature_count;
    options.precision = "float64";
    enum ocelot_status status = ocelot_plan_create_score(model, &options, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &w, err);
    for (size_t b = 0; b < count && status == OCELOT_OK; b++) {
        memcpy(w->f64.activation[0], input + b * d, d * sizeof *input);
        ocelot_walk_forward(plan, w, 1);
        memcpy(out + b * width, w->f64.activation[last], width * sizeof *out);
    }
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return status;
}

struct operator_test {
    const char *folder;
    char *bytes;
    size_t size;
    Onnx__ModelProto *file;
    struct tensors inputs, outputs;
    struct ocelot_onnx_binding bindings[16];
    size_t variable; /* number of the input that varies */
};

/* Says in err what is wrong with output k, or returns true. `whole`: the input is one row. */
static bool check_output(const struct operator_test *t, size_t k, bool whole, struct ocelot_error *err)
{
    struct ocelot_onnx_hooks hooks = {.bindings = t->bindings, .binding_count = t->inputs.count - 1, .whole = whole};
    struct ocelot_onnx_options options = {.output = t->file->graph->output[k]->name, .keep_softmax = true};
    struct ocelot_model *model = NULL;
    struct ocelot_onnx_tensor *in = decode(t->inputs.proto[t->variable]), *expected = decode(t->outputs.proto[k]);
    double *out = expected ? calloc(expected->count + 1, sizeof *out) : NULL;
    options.input = t->file->graph->input[t->variable]->name;
    enum ocelot_status status = in && out ? ocelot_onnx_read_hooked(t->bytes, t->size, "model", NULL, &options, &hooks, &model, err)
                                          : ocelot_fail(err, OCELOT_E_UNSUPPORTED, "input or output is no tensor of numbers");
    if (status == OCELOT_OK && in && expected && out && model) {
        size_t count = in->count / model->feature_count, width = ocelot_graph_output(model->graph)->size;
        if (count * model->feature_count != in->count || count * width != expected->count)
            status = ocelot_fail(err, OCELOT_E_SHAPE, "%zu rows of %zu, %zu outputs each; expected %zu values", count, model->feature_count, width,
                                 expected->count);
        else
            status = evaluate(model, in->values, count, out, err);
    }
    for (size_t n = 0; status == OCELOT_OK && expected && out && n < expected->count; n++)
        if (!(fabs(out[n] - expected->values[n]) <= absolute + relative * fabs(expected->values[n])))
            status = ocelot_fail(err, OCELOT_E_VALUE, "value %zu is %.9g, expected %.9g", n, out[n], expected->values[n]);
    ocelot_model_free(model);
    ocelot_onnx_tensor_free(in);
    ocelot_onnx_tensor_free(expected);
    free(out);
    return status == OCELOT_OK;
}

/* Whether every operator is one that is read. */
static bool all_known(const Onnx__ModelProto *file)
{
    for (size_t k = 0; k < file->graph->n_node; k++)
        if (!ocelot_onnx_builder_find(file->graph->node[k]))
            return false;
    return file->graph->n_node > 0;
}

/* Every input but the first becomes a constant. */
static void bind(struct operator_test *t)
{
    size_t next = 0;
    for (size_t k = 0; k < t->inputs.count; k++)
        if (k != t->variable)
            t->bindings[next++] = (struct ocelot_onnx_binding){t->file->graph->input[k]->name, t->inputs.proto[k]};
}

/* Pools over everything are tested in version 1 of the operators, and are the same in version 6. */
static void raise_version(struct operator_test *t)
{
    Onnx__ModelProto *file = onnx__model_proto__unpack(NULL, t->size, (const uint8_t *)t->bytes);
    if (!file)
        return;
    bool global = file->graph->n_node == 1 && strncmp(file->graph->node[0]->op_type, "Global", 6) == 0 && file->opset_import[0]->version < 6;
    if (global) {
        file->opset_import[0]->version = 6;
        size_t size = onnx__model_proto__get_packed_size(file);
        assert_true(size <= t->size);
        t->size = onnx__model_proto__pack(file, (uint8_t *)t->bytes);
    }
    onnx__model_proto__free_unpacked(file, NULL);
}

static void run(const char *folder, const char *name)
{
    struct operator_test t = {.folder = folder};
    char path[2048];
    struct ocelot_error error = {0};
    snprintf(path, sizeof path, "%s/model.onnx", folder);
    if (ocelot_file_read(path, 0, &t.bytes, &t.size, &error) != OCELOT_OK || !t.bytes) {
        free(t.bytes);
        return;
    }
    raise_version(&t);
    if (ocelot_onnx_unpack(t.bytes, t.size, (size_t)1 << 31, name, &t.file, &error) == OCELOT_OK && all_known(t.file)) {
        const char *reason = reason_to_leave_out(name);
        read_tensors(folder, "input", &t.inputs);
        read_tensors(folder, "output", &t.outputs);
        bool good = t.inputs.count > 0 && t.outputs.count == t.file->graph->n_output && t.inputs.count <= t.file->graph->n_input;
        if (good)
            bind(&t);
        else
            ocelot_fail(&error, OCELOT_E_UNSUPPORTED, "has no input, or other data than tensors");
        for (size_t k = 0; good && k < t.outputs.count; k++) {
            struct ocelot_error first = {0}, second = {0};
            good = check_output(&t, k, false, &first) || check_output(&t, k, true, &second);
            if (!good)
                ocelot_fail(&error, first.status, "output %zu: by rows: %s; as a whole: %s", k, first.message, second.message);
        }
        if (good && reason) {
            print_error("%s passes, but the table leaves it out\n", name);
            failures++;
        }
        if (!good && !reason) {
            print_error("%s: %s\n", name, error.message);
            failures++;
        }
        *(good ? &taken : &passed_over) += 1;
        free_tensors(&t.inputs);
        free_tensors(&t.outputs);
    }
    ocelot_onnx_unpacked_free(t.file);
    free(t.bytes);
}

static void test_operators(void **state)
{
    static const char *const groups[] = {"node", "pytorch-converted", "pytorch-operator", "simple"};
    (void)state;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        char folder[512], path[1024];
        snprintf(folder, sizeof folder, "%s/%s", OCELOT_ONNX_TESTS, groups[g]);
        DIR *open = opendir(folder);
        if (!open) {
            print_message("onnx-backend: skipped, libonnx-testdata is not installed\n");
            skip();
            return;
        }
        for (struct dirent *entry; (entry = readdir(open));) {
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            run(path, entry->d_name);
        }
        closedir(open);
    }
    print_message("%zu operator tests taken, %zu left out\n", taken, passed_over);
    assert_int_equal(failures, 0);
    assert_true(taken >= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
