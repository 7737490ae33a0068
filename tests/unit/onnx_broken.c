/* ONNX files that are broken or hostile, and data outside of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocelot/ocelot.h"
#include "support/cmocka_include.h"
#include "support/onnx_nets.h"

/* The file must be refused, and the sentence hold `words`. Frees it. */
static void refused(Onnx__ModelProto *file, const struct ocelot_onnx_options *options, enum ocelot_status status, const char *words)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = onnx_net_read(file, options, &error);
    if (model || error.status != status || !strstr(error.message, words) || strncmp(error.message, "net.onnx: ", 10) != 0)
        fail_msg("expected '%s' with '%s', got '%s': %s", ocelot_status_name(status), words, ocelot_status_name(error.status), error.message);
    ocelot_model_free(model);
    onnx_file_free(file);
}

/* A net of one node, to be broken. */
static Onnx__ModelProto *one_conv(Onnx__NodeProto **conv, Onnx__TensorProto **weights)
{
    Onnx__ModelProto *file = onnx_file_make(13);
    onnx_file_input(file, "x", 4, (const int64_t[]){1, 2, 4, 4});
    *weights = onnx_file_floats(file, "w", 4, (const int64_t[]){3, 2, 3, 3}, NULL);
    *conv = onnx_file_node(file, "Conv", "x w", "y");
    onnx_file_output(file, "y");
    return file;
}

static void test_refused(void **state)
{
    (void)state;
    Onnx__NodeProto *conv;
    Onnx__TensorProto *weights;
    Onnx__ModelProto *file = one_conv(&conv, &weights);
    onnx_file_node(file, "HardSwish", "y", "z");
    const struct ocelot_onnx_options z = {.output = "z"}, nowhere = {.output = "nowhere"};
    refused(file, &z, OCELOT_E_UNSUPPORTED, "node 'z' (HardSwish): this operator is not supported");
    refused(one_conv(&conv, &weights), &nowhere, OCELOT_E_ARGUMENT, "nowhere");
    file = one_conv(&conv, &weights);
    file->opset_import[0]->version = 5;
    refused(file, NULL, OCELOT_E_UNSUPPORTED, "version 5");
    file = one_conv(&conv, &weights);
    weights->data_type = 15;
    refused(file, NULL, OCELOT_E_UNSUPPORTED, "elements of type 15");
    file = one_conv(&conv, &weights);
    weights->dims[0] = 4;
    refused(file, NULL, OCELOT_E_FORMAT, "54 values");
    file = one_conv(&conv, &weights);
    weights->dims[0] = INT64_MAX;
    refused(file, NULL, OCELOT_E_FORMAT, "54 values");
    file = one_conv(&conv, &weights);
    conv->input[1][0] = 'q';
    refused(file, NULL, OCELOT_E_FORMAT, "reads 'q', which nothing computes");
    file = one_conv(&conv, &weights);
    onnx_node_integers(conv, "pads", 4, (const int64_t[]){1 << 29, 0, 1 << 29, 0});
    refused(file, &(const struct ocelot_onnx_options){.memory_limit = (size_t)1 << 24}, OCELOT_E_LIMIT, "MiB");
    file = one_conv(&conv, &weights);
    onnx_node_integer(conv, "group", -1);
    refused(file, NULL, OCELOT_E_SHAPE, "groups");
}

static void test_cycle(void **state)
{
    (void)state;
    Onnx__ModelProto *file = onnx_file_make(13);
    onnx_file_input(file, "x", 2, (const int64_t[]){0, 3});
    onnx_file_node(file, "Add", "x b", "a");
    onnx_file_node(file, "Relu", "a", "b");
    onnx_file_output(file, "b");
    refused(file, NULL, OCELOT_E_FORMAT, "cycle");
}

/* What would mix rows of a batch. */
static void test_rows_stay(void **state)
{
    (void)state;
    static const struct {
        const char *op, *name;
        int64_t values[3];
        size_t count;
    } mixing[] = {{"Transpose", "perm", {1, 0, 2}, 3}, {"Squeeze", "axes", {0}, 1}, {"ReduceMean", "axes", {0}, 1}};
    for (size_t k = 0; k < sizeof mixing / sizeof *mixing; k++) {
        Onnx__ModelProto *file = onnx_file_make(11);
        onnx_file_input(file, "x", 3, (const int64_t[]){0, 1, 4});
        onnx_node_integers(onnx_file_node(file, mixing[k].op, "x", "y"), mixing[k].name, mixing[k].count, mixing[k].values);
        onnx_file_output(file, "y");
        refused(file, NULL, OCELOT_E_UNSUPPORTED, "rows of the batch");
    }
    Onnx__ModelProto *file = onnx_file_make(11);
    onnx_file_input(file, "x", 3, (const int64_t[]){4, 2, 3});
    onnx_file_integers(file, "shape", 2, (const int64_t[]){-1, 12});
    onnx_file_node(file, "Reshape", "x shape", "y");
    onnx_file_output(file, "y");
    refused(file, NULL, OCELOT_E_UNSUPPORTED, "rows of the batch");
}

/* Cut off anywhere, and with any byte changed: an error or a model, never a crash (the sanitize preset sees more). */
static void test_broken_bytes(void **state)
{
    (void)state;
    const struct ocelot_onnx_options options = {.memory_limit = (size_t)1 << 24};
    Onnx__ModelProto *files[] = {onnx_net_images(), onnx_net_one_class(), onnx_net_classifier()};
    for (size_t f = 0; f < 3; f++) {
        size_t size, refused_cuts = 0;
        char *bytes = onnx_file_bytes(files[f], &size);
        for (size_t k = 0; k < 2 * size; k++) {
            struct ocelot_error error = {0};
            struct ocelot_model *model = NULL;
            size_t length = k < size ? k : size;
            char *copy = malloc(length + 1);
            assert_non_null(copy);
            memcpy(copy, bytes, length);
            if (k >= size)
                copy[k - size] = (char)(copy[k - size] ^ (1 << (k % 8)));
            enum ocelot_status status = ocelot_onnx_read_memory(copy, length, "cut", &options, &model, &error);
            assert_int_equal(status == OCELOT_OK, model != NULL);
            assert_int_equal(status, error.status);
            refused_cuts += k < size && status != OCELOT_OK;
            ocelot_model_free(model);
            free(copy);
        }
        assert_int_equal(refused_cuts, size);
        free(bytes);
        onnx_file_free(files[f]);
    }
}

/* Puts the head of a field, its tag and its length, before the `length` bytes that end where the head begins; returns the bytes of both. */
static size_t wrap(unsigned char tag, size_t length, unsigned char *content)
{
    unsigned char head[6];
    size_t used = 0, rest = length;
    head[used++] = tag;
    do {
        head[used++] = (unsigned char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        rest >>= 7;
    } while (rest);
    memcpy(content - used, head, used);
    return length + used;
}

/* Messages in messages a hundred thousand deep: the parser must not follow them. */
static void test_deep(void **state)
{
    (void)state;
    enum { LEVELS = 20001, ROOM = 5 * LEVELS };
    unsigned char *bytes = calloc(ROOM, 1);
    assert_non_null(bytes);
    /* from the inside out: TypeProto.sequence_type.elem_type ..., in a graph's value */
    size_t at = ROOM, length = 0;
    static const unsigned char way[] = {0x22, 0x0a};
    for (size_t k = 0; k < LEVELS && at > 16; k++) {
        length = wrap(way[k % 2], length, bytes + at);
        at = ROOM - length;
    }
    static const unsigned char outer[] = {0x12, 0x5a, 0x3a}; /* type of a value, input of a graph, graph of a model */
    for (size_t k = 0; k < sizeof outer; k++) {
        length = wrap(outer[k], length, bytes + at);
        at = ROOM - length;
    }
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    assert_int_equal(ocelot_onnx_read_memory(bytes + at, length, "deep", NULL, &model, &error), OCELOT_E_LIMIT);
    assert_non_null(strstr(error.message, "nested"));
    free(bytes);
}

/* External data: beside the model, and nowhere else. */
static void external(Onnx__TensorProto *tensor, const char *location)
{
    Onnx__StringStringEntryProto *entry = calloc(1, sizeof *entry);
    tensor->external_data = calloc(1, sizeof(Onnx__StringStringEntryProto *));
    assert_true(entry && tensor->external_data);
    onnx__string_string_entry_proto__init(entry);
    entry->key = strdup("location");
    entry->value = strdup(location);
    tensor->external_data[tensor->n_external_data++] = entry;
    tensor->has_data_location = 1;
    tensor->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    tensor->n_float_data = 0;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_external(void **state)
{
    (void)state;
    static const struct {
        const char *location;
        size_t bytes;
        enum ocelot_status status;
    } cases[] = {{"weights.bin", 216, OCELOT_OK},
                 {"weights.bin", 212, OCELOT_E_FORMAT},
                 {"../weights.bin", 216, OCELOT_E_FORMAT},
                 {"/etc/passwd", 216, OCELOT_E_FORMAT},
                 {"a/../../weights.bin", 216, OCELOT_E_FORMAT},
                 {"absent.bin", 216, OCELOT_E_IO},
                 {".", 216, OCELOT_E_IO}};
    char folder[] = OCELOT_BINARY_DIR "/onnx-XXXXXX", path[sizeof folder + 16], data[sizeof folder + 16];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/net.onnx", folder);
    snprintf(data, sizeof data, "%s/weights.bin", folder);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        Onnx__NodeProto *conv;
        Onnx__TensorProto *weights;
        Onnx__ModelProto *file = one_conv(&conv, &weights);
        struct ocelot_error error = {0};
        struct ocelot_model *model = NULL;
        size_t size;
        float values[54] = {0};
        memcpy(values, weights->float_data, sizeof values);
        write_bytes(data, values, cases[k].bytes);
        external(weights, cases[k].location);
        char *bytes = onnx_file_bytes(file, &size);
        write_bytes(path, bytes, size);
        enum ocelot_status status = ocelot_onnx_read(path, NULL, &model, &error);
        if (status != cases[k].status)
            fail_msg("%s of %zu bytes: %s (%s)", cases[k].location, cases[k].bytes, ocelot_status_name(status), error.message);
        ocelot_model_free(model);
        free(bytes);
        onnx_file_free(file);
    }
    remove(path);
    remove(data);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_cycle), cmocka_unit_test(test_rows_stay),
        cmocka_unit_test(test_broken_bytes), cmocka_unit_test(test_deep),  cmocka_unit_test(test_external),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
