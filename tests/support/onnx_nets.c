#include "support/onnx_nets.h"

#include <stdlib.h>

#include "support/cmocka_include.h"

static const int64_t kernel3[] = {3, 3}, ones4[] = {1, 1, 1, 1}, stride2[] = {2, 2};

/* Batch normalisation with its four vectors of `channels`. */
static void normalise(Onnx__ModelProto *file, const char *inputs, const char *output, int64_t channels, const char *const names[4])
{
    static const float variance[] = {0.5F, 2, 1, 0.25F, 3, 1.5F}, mean[] = {0.25F, -0.5F, 0.125F, 1, 0, -1}, scale[] = {1, -2, 0.5F, 3, 1.5F, 0.75F},
                       shift[] = {0.5F, 0.25F, -1, 0, 2, -0.125F};
    onnx_file_floats(file, names[0], 1, &channels, scale);
    onnx_file_floats(file, names[1], 1, &channels, shift);
    onnx_file_floats(file, names[2], 1, &channels, mean);
    onnx_file_floats(file, names[3], 1, &channels, variance);
    onnx_file_node(file, "BatchNormalization", inputs, output);
}

Onnx__ModelProto *onnx_net_images(void)
{
    Onnx__ModelProto *file = onnx_file_make(13);
    onnx_file_input(file, "x", 4, (const int64_t[]){0, 2, 6, 6});
    onnx_file_floats(file, "w1", 4, (const int64_t[]){4, 2, 3, 3}, NULL);
    onnx_file_floats(file, "w2", 4, (const int64_t[]){6, 2, 3, 3}, NULL);
    onnx_file_floats(file, "w3", 4, (const int64_t[]){4, 4, 3, 3}, NULL);
    onnx_file_floats(file, "b2", 1, (const int64_t[]){6}, NULL);
    onnx_file_floats(file, "w4", 2, (const int64_t[]){5, 12}, NULL);
    onnx_file_floats(file, "b4", 1, (const int64_t[]){5}, NULL);
    onnx_file_integers(file, "zero", 1, (const int64_t[]){0});
    onnx_file_integers(file, "one", 1, (const int64_t[]){1});
    onnx_file_integers(file, "rest", 1, (const int64_t[]){-1});
    onnx_node_integers(onnx_file_node(file, "Conv", "x w1", "c1"), "pads", 4, ones4);
    normalise(file, "c1 s1 t1 m1 v1", "n1", 4, (const char *const[]){"s1", "t1", "m1", "v1"});
    onnx_file_node(file, "Relu", "n1", "r1");
    /* a factor and shift that nothing before takes, and zeros of a padding behind it: the shift must stay */
    normalise(file, "r1 s2 t2 m2 v2", "n2", 4, (const char *const[]){"s2", "t2", "m2", "v2"});
    onnx_node_integers(onnx_file_node(file, "Conv", "n2 w3", "c2"), "pads", 4, ones4);
    onnx_file_node(file, "Add", "c2 r1", "sum");
    /* read by one layer without padding, in groups: goes into it */
    onnx_file_node(file, "Relu", "sum", "r2");
    normalise(file, "r2 s3 t3 m3 v3", "n3", 4, (const char *const[]){"s3", "t3", "m3", "v3"});
    onnx_node_integer(onnx_file_node(file, "Conv", "n3 w2 b2", "c3"), "group", 2);
    Onnx__NodeProto *pool = onnx_file_node(file, "MaxPool", "c3", "p1");
    onnx_node_integers(pool, "kernel_shape", 2, kernel3);
    onnx_node_integers(pool, "strides", 2, stride2);
    onnx_node_integer(pool, "ceil_mode", 1);
    onnx_file_node(file, "GlobalAveragePool", "p1", "p2");
    onnx_file_node(file, "GlobalMaxPool", "c3", "p3");
    onnx_node_integer(onnx_file_node(file, "Concat", "p2 p3", "joint"), "axis", 1);
    onnx_file_node(file, "Shape", "joint", "shape");
    onnx_file_node(file, "Gather", "shape zero", "rows");
    onnx_node_integer(onnx_file_node(file, "Concat", "rows rest", "target"), "axis", 0);
    onnx_file_node(file, "Reshape", "joint target", "flat");
    onnx_node_integer(onnx_file_node(file, "Gemm", "flat w4 b4", "logits"), "transB", 1);
    onnx_file_node(file, "Softmax", "logits", "y");
    onnx_file_output(file, "y");
    return file;
}

static const float support[] = {1, 0, -1, 0.5F, 2, 0, -1, -1, 1};

/* What every kernel machine has. */
static Onnx__NodeProto *machine(Onnx__ModelProto *file, const char *op_type, const char *inputs, const char *outputs, size_t vectors)
{
    Onnx__NodeProto *node = onnx_file_node(file, op_type, inputs, outputs);
    onnx_node_domain(node, "ai.onnx.ml");
    onnx_node_text(node, "kernel_type", "RBF");
    onnx_node_floats(node, "kernel_params", 3, (const float[]){0.5F, 0, 3});
    onnx_node_floats(node, "support_vectors", 3 * vectors, support);
    return node;
}

static void scaler(Onnx__ModelProto *file, const char *input, const char *output)
{
    Onnx__NodeProto *node = onnx_file_node(file, "Scaler", input, output);
    onnx_node_domain(node, "ai.onnx.ml");
    onnx_node_floats(node, "offset", 3, (const float[]){1, 2, 3});
    onnx_node_floats(node, "scale", 3, (const float[]){0.5F, 0.25F, 2});
}

Onnx__ModelProto *onnx_net_one_class(void)
{
    Onnx__ModelProto *file = onnx_file_make(15);
    onnx_file_input(file, "x", 2, (const int64_t[]){0, 3});
    scaler(file, "x", "scaled");
    Onnx__NodeProto *node = machine(file, "SVMRegressor", "scaled", "score", 2);
    onnx_node_floats(node, "coefficients", 2, (const float[]){1, 0.5F});
    onnx_node_floats(node, "rho", 1, (const float[]){-0.25F});
    onnx_node_integer(node, "n_supports", 2);
    onnx_file_output(file, "score");
    return file;
}

Onnx__ModelProto *onnx_net_classifier(void)
{
    Onnx__ModelProto *file = onnx_file_make(15);
    onnx_file_input(file, "x", 2, (const int64_t[]){0, 3});
    Onnx__NodeProto *normalizer = onnx_file_node(file, "Normalizer", "x", "unit");
    onnx_node_domain(normalizer, "ai.onnx.ml");
    onnx_node_text(normalizer, "norm", "L2");
    scaler(file, "unit", "scaled");
    Onnx__NodeProto *node = machine(file, "SVMClassifier", "scaled", "label scores", 3);
    onnx_node_floats(node, "coefficients", 6, (const float[]){1, -1, -0.5F, 0.5F, 0.75F, -1});
    onnx_node_floats(node, "rho", 3, (const float[]){-0.25F, 0.125F, 0.5F});
    onnx_node_integers(node, "vectors_per_class", 3, (const int64_t[]){1, 1, 1});
    onnx_node_integers(node, "classlabels_ints", 3, (const int64_t[]){3, 5, 9});
    onnx_file_output(file, "label");
    return file;
}

struct ocelot_model *onnx_net_read(const Onnx__ModelProto *file, const struct ocelot_onnx_options *options, struct ocelot_error *err)
{
    size_t size;
    char *bytes = onnx_file_bytes(file, &size);
    struct ocelot_model *model = NULL;
    enum ocelot_status status = ocelot_onnx_read_memory(bytes, size, "net.onnx", options, &model, err);
    free(bytes);
    assert_int_equal(status == OCELOT_OK, model != NULL);
    assert_int_equal(status, err->status);
    return model;
}

struct ocelot_model *onnx_net_good(const Onnx__ModelProto *file, const struct ocelot_onnx_options *options)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = onnx_net_read(file, options, &error);
    if (!model)
        fail_msg("%s", error.message);
    return model;
}
