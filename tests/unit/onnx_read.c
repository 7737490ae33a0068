/* ONNX files: what becomes of whole networks and machines, and of files that are broken or hostile. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocelot/ocelot.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"
#include "support/onnx_nets.h"

/* The last layer's values for one row. */
static void outputs_of(const struct ocelot_model *model, const double *row, double *out)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_error error = {0};
    options.precision = "float64";
    assert_int_equal(ocelot_plan_create_score(model, &options, &plan, &error), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, &error), OCELOT_OK);
    size_t last = model->graph->count - 1;
    memcpy(w->f64.activation[0], row, model->feature_count * sizeof *row);
    ocelot_walk_forward(plan, w, 1);
    memcpy(out, w->f64.activation[last], model->graph->nodes[last]->size * sizeof *out);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
}

static size_t count_op(const struct ocelot_model *model, const char *op)
{
    size_t count = 0;
    for (size_t k = 0; k < ocelot_model_layers(model); k++)
        count += strcmp(ocelot_model_layer(model, k).op, op) == 0;
    return count;
}

/* Batch normalisation in the layer before, in the layer behind, and kept where a padding stands behind: the same outputs. */
static void test_canonise(void **state)
{
    (void)state;
    Onnx__ModelProto *file = onnx_net_images();
    const struct ocelot_onnx_options keep = {.keep_batch_norm = true};
    struct ocelot_model *folded = onnx_net_good(file, NULL), *kept = onnx_net_good(file, &keep);
    struct ocelot_rng rng;
    assert_int_equal(count_op(kept, "Channel"), 3);
    assert_int_equal(count_op(folded, "Channel"), 1);
    assert_int_equal(ocelot_model_layers(folded), ocelot_model_layers(kept) - 2);
    ocelot_rng_seed(&rng, 3);
    for (int k = 0; k < 5; k++) {
        double row[72], a[5], b[5];
        network_fill(&rng, row, 72, 2);
        outputs_of(folded, row, a);
        outputs_of(kept, row, b);
        /* sums of some 36 products, rounded in another order */
        assert_close_all(a, b, 5, 1e-13, 0, "logits before and after folding");
    }
    ocelot_model_free(folded);
    ocelot_model_free(kept);
    onnx_file_free(file);
}

/* Constants by feature behind a dense layer: no convolution is needed to fold. */
static void test_canonise_dense(void **state)
{
    (void)state;
    static const double row[3] = {1, -2, 0.5};
    const struct ocelot_onnx_options keep = {.keep_batch_norm = true};
    double a[2], b[2];
    Onnx__ModelProto *file = onnx_file_make(13);
    onnx_file_input(file, "x", 2, (const int64_t[]){0, 3});
    onnx_file_floats(file, "w", 2, (const int64_t[]){3, 2}, NULL);
    onnx_file_floats(file, "before", 1, (const int64_t[]){3}, (const float[]){2, -1, 4});
    onnx_file_floats(file, "behind", 1, (const int64_t[]){2}, (const float[]){0.5F, 3});
    onnx_file_node(file, "Add", "x before", "moved");
    onnx_file_node(file, "MatMul", "moved w", "m");
    onnx_file_node(file, "Div", "m behind", "scaled");
    onnx_file_node(file, "Sub", "behind scaled", "y");
    onnx_file_output(file, "y");
    struct ocelot_model *folded = onnx_net_good(file, NULL), *kept = onnx_net_good(file, &keep);
    assert_int_equal(ocelot_model_layers(folded), 2);
    assert_int_equal(ocelot_model_layers(kept), 5);
    outputs_of(folded, row, a);
    outputs_of(kept, row, b);
    assert_close_all(a, b, 2, 1e-15, 0, "before and after folding");
    ocelot_model_free(folded);
    ocelot_model_free(kept);
    onnx_file_free(file);
}

static void test_describe(void **state)
{
    (void)state;
    static const char *const classes[] = {"shirt", "shoe", "bag", "hat", "sock"};
    const struct ocelot_onnx_options options = {.classes = classes, .class_count = 5};
    Onnx__ModelProto *file = onnx_net_images();
    struct ocelot_model *model = onnx_net_good(file, &options);
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    assert_string_equal(info.type, "network");
    assert_int_equal(info.features, 72);
    assert_int_equal(info.outputs, 5);
    assert_int_equal(info.input_rank, 3);
    assert_true(info.input_shape[0] == 2 && info.input_shape[1] == 6 && info.input_shape[2] == 6 && info.single);
    assert_string_equal(ocelot_model_output(model, 3), "hat");
    assert_string_equal(ocelot_model_feature(model, 0).name, "c0y0x0");
    assert_string_equal(ocelot_model_feature(model, 71).name, "c1y5x5");
    assert_string_equal(ocelot_model_feature(model, 37).name, "c1y0x1");
    /* the softmax is gone: its logits are the last layer, under the file's names */
    assert_string_equal(ocelot_model_layer(model, ocelot_model_layers(model) - 1).name, "logits");
    ocelot_model_free(model);
    onnx_file_free(file);
}

/* Names of classes and the words for pictures; what does not fit or is not known says nothing. */
static void test_metadata(void **state)
{
    (void)state;
    static const char *const own[] = {"a", "b", "c", "d", "e"};
    static const struct {
        const char *classes, *range, *format, *hat, *preprocess, *channels;
    } cases[] = {{"shirt, shoe,bag,top hat,sock", "Normalized_0_1", "Gray8", "top hat", "unit", "grey"},
                 {"shirt\nshoe\nbag\nhat, large\r\nsock, long\n", "Normalized_1_1", "Rgb8", "hat, large", "signed", "rgb"},
                 {"shirt,shoe,bag,hat", "NominalRange_0_255", "Bgr8", "3", "none", "bgr"},
                 {"shirt,shoe,bag,hat,sock,glove", "NominalRange_16_235", "Rgba8", "3", NULL, NULL},
                 {"shirt,shoe,,hat,sock", "", "", "3", NULL, NULL},
                 {"shirt,shoe,bag,hat,sock,,", "", "", "3", NULL, NULL},
                 {"", "", "", "3", NULL, NULL}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const struct ocelot_onnx_options options = {.classes = own, .class_count = 5};
        Onnx__ModelProto *file = onnx_net_images();
        onnx_file_property(file, "classes", cases[k].classes);
        onnx_file_property(file, "Image.NominalPixelRange", cases[k].range);
        onnx_file_property(file, "Image.BitmapPixelFormat", cases[k].format);
        struct ocelot_model *model = onnx_net_good(file, NULL), *named = onnx_net_good(file, &options);
        struct ocelot_model_info info;
        ocelot_model_describe(model, &info);
        assert_string_equal(ocelot_model_output(model, 3), cases[k].hat);
        assert_string_equal(ocelot_model_output(named, 3), "d");
        assert_string_equal(info.preprocess ? info.preprocess : "-", cases[k].preprocess ? cases[k].preprocess : "-");
        assert_string_equal(info.channels ? info.channels : "-", cases[k].channels ? cases[k].channels : "-");
        ocelot_model_free(model);
        ocelot_model_free(named);
        onnx_file_free(file);
    }
}

static void test_softmax(void **state)
{
    (void)state;
    const struct ocelot_onnx_options keep = {.keep_softmax = true}, inner = {.output = "joint"};
    Onnx__ModelProto *file = onnx_net_images();
    struct ocelot_model *logits = onnx_net_good(file, NULL), *shares = onnx_net_good(file, &keep), *joint = onnx_net_good(file, &inner);
    double row[72] = {1, -1, 0.5}, a[5], b[5], sum = 0, most = -INFINITY;
    outputs_of(logits, row, a);
    outputs_of(shares, row, b);
    for (int k = 0; k < 5; k++)
        most = fmax(most, a[k]);
    for (int k = 0; k < 5; k++)
        sum += exp(a[k] - most);
    for (int k = 0; k < 5; k++)
        assert_close(b[k], exp(a[k] - most) / sum, 1e-14, "share");
    assert_int_equal(ocelot_graph_output(joint->graph)->size, 12);
    ocelot_model_free(logits);
    ocelot_model_free(shares);
    ocelot_model_free(joint);
    onnx_file_free(file);
}

static struct ocelot_decision decide(const struct ocelot_model *model, const double *row)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_decision decision;
    struct ocelot_error error = {0};
    assert_int_equal(ocelot_plan_create(model, NULL, &plan, &error), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, &error), OCELOT_OK);
    assert_int_equal(ocelot_score(plan, w, row, 1, &decision, &error), OCELOT_OK);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return decision;
}

/* f = sum_j a_j exp(-gamma ||s - u_j||^2) + rho of ONNX, s the scaled row. */
static double kernel(const double *scaled, const double *u)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += (scaled[i] - u[i]) * (scaled[i] - u[i]);
    return exp(-0.5 * sum);
}

static const double vectors[3][3] = {{1, 0, -1}, {0.5, 2, 0}, {-1, -1, 1}};

static void test_one_class(void **state)
{
    (void)state;
    Onnx__ModelProto *file = onnx_net_one_class();
    struct ocelot_model *model = onnx_net_good(file, NULL);
    const double row[] = {2, 1, 3.5}, scaled[] = {0.5, -0.25, 1};
    double f = kernel(scaled, vectors[0]) + 0.5 * kernel(scaled, vectors[1]) - 0.25;
    assert_close(decide(model, row).decision_value, f, 1e-15, "decision value");
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    assert_string_equal(info.type, "one_class");
    assert_true(info.rho == 0.25);
    assert_string_equal(info.method, "dtd");
    ocelot_model_free(model);
    onnx_file_free(file);
}

static void test_classifier(void **state)
{
    (void)state;
    Onnx__ModelProto *file = onnx_net_classifier();
    struct ocelot_model *model = onnx_net_good(file, NULL);
    const double row[] = {2, 1, 2}, unit[] = {2.0 / 3, 1.0 / 3, 2.0 / 3}, offset[] = {1, 2, 3}, factor[] = {0.5, 0.25, 2};
    double scaled[3], k[3];
    for (int i = 0; i < 3; i++)
        scaled[i] = (unit[i] - offset[i]) * factor[i];
    for (int j = 0; j < 3; j++)
        k[j] = kernel(scaled, vectors[j]);
    /* LIBSVM's layout: class i's coefficients against j stand in row j - 1, class j's against i in row i */
    const double pairs[] = {k[0] - k[1] - 0.25, 0.5 * k[0] - 0.5 * k[2] + 0.125, 0.75 * k[1] - k[2] + 0.5};
    struct ocelot_decision decision = decide(model, row);
    assert_close(decision.decision_value, pairs[decision.target], 1e-14, "decision value of the pair");
    assert_string_equal(ocelot_model_output(model, 1), "3:9");
    ocelot_model_free(model);
    onnx_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonise), cmocka_unit_test(test_canonise_dense), cmocka_unit_test(test_describe),   cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_softmax),  cmocka_unit_test(test_one_class),      cmocka_unit_test(test_classifier),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
