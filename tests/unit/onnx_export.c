/* ONNX files that we write: read back they give the same scores, carry the whole kernel machine, and are refused when they were changed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "ocelot/ocelot.h"
#include "ocelot/onnx.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"
#include "svm/file.h"
#include "svm/kernel.h"

enum { ROWS = 60, COLUMNS = 4, MOST_OUTPUTS = 8 };

static double rows[ROWS * COLUMNS];

static const char *path_of(char room[64])
{
    snprintf(room, 64, "onnx_export-%ld.onnx", (long)getpid());
    return room;
}

static struct ocelot_model *train(const char *kernel, const char *scaling)
{
    static const char *const names[COLUMNS] = {"pressure", "a \"quoted\" name", "flow", "\xc3\xa9t\xc3\xa9"};
    struct ocelot_train_options options;
    struct ocelot_model *model;
    struct ocelot_error err = {0};
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = kernel;
    options.scaling = scaling;
    if (ocelot_svm_train(rows, ROWS, COLUMNS, names, &options, &model, &err) != OCELOT_OK)
        fail_msg("%s: %s", kernel, err.message);
    return model;
}

/* The model as a file and read back; the caller frees it. */
static struct ocelot_model *through_file(const struct ocelot_model *model, const char *output)
{
    char room[64];
    struct ocelot_model *back;
    struct ocelot_error err = {0};
    const struct ocelot_onnx_options options = {.output = output};
    if (ocelot_onnx_write(model, path_of(room), &err) != OCELOT_OK)
        fail_msg("%s", err.message);
    enum ocelot_status status = ocelot_onnx_read(path_of(room), &options, &back, &err);
    unlink(path_of(room));
    if (status != OCELOT_OK)
        fail_msg("%s", err.message);
    return back;
}

/* Outputs of the network's last layer in double for `n` rows. */
static void outputs_of(const struct ocelot_model *model, const double *in, size_t n, size_t width, size_t outputs, double *out)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_error err = {0};
    struct ocelot_decision decision;
    options.precision = "float64";
    for (size_t k = 0; k < outputs; k++) {
        options.target = outputs > 1 ? ocelot_model_output(model, k) : NULL;
        if (ocelot_plan_create_score(model, &options, &plan, &err) != OCELOT_OK || ocelot_workspace_create(plan, &workspace, &err) != OCELOT_OK)
            fail_msg("%s", err.message);
        for (size_t r = 0; r < n; r++) {
            assert_int_equal(ocelot_score(plan, workspace, in + r * width, 1, &decision, &err), OCELOT_OK);
            out[r * outputs + k] = decision.output;
        }
        ocelot_workspace_free(workspace);
        ocelot_plan_free(plan);
    }
}

static void assert_same_outputs(const struct ocelot_model *a, const struct ocelot_model *b, const double *in, size_t n, double tolerance)
{
    struct ocelot_model_info x, y;
    double left[ROWS * MOST_OUTPUTS], right[ROWS * MOST_OUTPUTS];
    ocelot_model_describe(a, &x);
    ocelot_model_describe(b, &y);
    assert_int_equal(x.features, y.features);
    assert_int_equal(x.outputs, y.outputs);
    assert_true(x.outputs <= MOST_OUTPUTS && n <= ROWS);
    outputs_of(a, in, n, x.features, x.outputs, left);
    outputs_of(b, in, n, x.features, x.outputs, right);
    assert_close_all(left, right, n * x.outputs, tolerance, 1, "outputs");
}

/* The card brings back every bit, so scores are equal and not just close. */
static void test_every_kernel_comes_back(void **state)
{
    static const char *const scalings[] = {"standard", "none"};
    (void)state;
    for (size_t k = 0; ocelot_svm_kernel(k); k++) {
        struct ocelot_model_info info;
        struct ocelot_model *model = train(ocelot_svm_kernel(k), scalings[k % 2]), *back = through_file(model, NULL);
        ocelot_model_describe(back, &info);
        assert_string_equal(info.kernel, ocelot_svm_kernel(k));
        assert_string_equal(info.type, "one_class");
        assert_string_equal(info.source, "ONNX file");
        assert_string_equal(ocelot_model_feature(back, 1).name, "a \"quoted\" name");
        assert_same_outputs(model, back, rows, ROWS, 0);
        ocelot_model_free(model);
        ocelot_model_free(back);
    }
}

/* The operators themselves, of those kernels whose every operator is among the ones we read: a wrong weight in the graph shows here. */
static void test_graphs_of_dot_products_score_the_same(void **state)
{
    (void)state;
    struct ocelot_model *model = train("linear", "standard"), *back = through_file(model, "outlier_score");
    assert_same_outputs(model, back, rows, ROWS, 1e-12); /* other order of sums in a product of 4 columns, values of order 1 */
    ocelot_model_free(model);
    ocelot_model_free(back);
}

static void test_classifiers_come_back(void **state)
{
    static const char *const texts[] = {
        ("svm_type c_svc\nkernel_type rbf\ngamma 0.5\nnr_class 3\ntotal_sv 4\nrho 0.1 -0.2 0.3\nlabel 1 2 3\nnr_sv 2 1 1\nSV\n"
         "0.5 0.25 1:1 2:0 4:1\n0.5 0.25 2:1\n-1 0.5 1:2\n-0.5 -0.5 4:2\n"),
        "svm_type nu_svc\nkernel_type linear\nnr_class 2\ntotal_sv 2\nrho 0.1\nlabel -1 1\nnr_sv 1 1\nSV\n1 1:1 2:0 4:1\n-1 2:1\n",
        "svm_type epsilon_svr\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 0.1\nSV\n1 1:1 2:0 4:1\n-1 2:1\n"};
    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct ocelot_model *model, *back;
        struct ocelot_error err = {0};
        assert_int_equal(ocelot_svm_read_memory(texts[k], strlen(texts[k]), "text", NULL, &model, &err), OCELOT_OK);
        back = through_file(model, NULL);
        assert_same_outputs(model, back, rows, ROWS, 0);
        ocelot_model_free(model);
        ocelot_model_free(back);
    }
}

/* Input 1x1x13: every kind of pool, sizes rounded up, padding counted, then Dense of 3. */
static struct ocelot_graph *pooled(struct ocelot_rng *rng)
{
    const struct ocelot_shape shape = {.rank = 3, .extent = {1, 1, 13}};
    const struct ocelot_window three = {{1, 3}, {1, 2}, {1, 1}, {0, 0}, {0, 0}}, two = {{1, 2}, {1, 2}, {1, 1}, {0, 1}, {0, 1}};
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_error err = {0};
    double weights[3 * 3], bias[3];
    size_t at;
    assert_non_null(graph);
    network_fill(rng, weights, sizeof weights / sizeof *weights, 1);
    network_fill(rng, bias, 3, 1);
    assert_int_equal(ocelot_append_input(graph, &shape, &at, &err), OCELOT_OK);
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_power_pool, at, &three, (const size_t[]){1, 6}, 2, false, &at, &err), OCELOT_OK);
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_average_pool, at, &two, (const size_t[]){1, 4}, 0, true, &at, &err), OCELOT_OK);
    const struct ocelot_window last = {{1, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_max_pool, at, &last, (const size_t[]){1, 3}, 0, false, &at, &err), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, weights, bias, 3, &at, &err), OCELOT_OK);
    assert_int_equal(ocelot_append_leaky_relu(graph, at, 0.3, &at, &err), OCELOT_OK);
    return graph;
}

/* Written op by op and built again operator by operator. */
static void test_networks_come_back(void **state)
{
    (void)state;
    struct ocelot_graph *(*const make[])(struct ocelot_rng *) = {network_convolutional, network_joined, pooled};
    for (size_t k = 0; k < sizeof make / sizeof *make; k++) {
        enum { FEW = 3, WIDEST = 128 };
        double in[FEW * WIDEST];
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 11 + k);
        struct ocelot_model *model = network_model(make[k](&rng));
        struct ocelot_model *back = through_file(model, NULL);
        assert_true(model->feature_count <= WIDEST);
        network_fill(&rng, in, FEW * model->feature_count, 1);
        assert_same_outputs(model, back, in, FEW, 1e-12); /* batch normalisation is folded on the way back: rounding of values of order 1 to 10 */
        ocelot_model_free(model);
        ocelot_model_free(back);
    }
}

/* A file in which another program changed a weight, and not the card: neither of the two can be believed. */
static void test_a_changed_graph_is_refused(void **state)
{
    char room[64], *bytes;
    size_t size, found = 0;
    struct ocelot_error err = {0};
    struct ocelot_model *model = train("rbf", "standard"), *back;
    double threshold = model->info.threshold;
    (void)state;
    assert_int_equal(ocelot_onnx_write(model, path_of(room), &err), OCELOT_OK);
    assert_int_equal(ocelot_file_read(path_of(room), 0, &bytes, &size, &err), OCELOT_OK);
    unlink(path_of(room));
    for (size_t k = 0; k + sizeof threshold <= size; k++)
        if (memcmp(bytes + k, &threshold, sizeof threshold) == 0) {
            bytes[k] ^= 1; /* the last bit of the threshold */
            found++;
        }
    assert_int_equal(found, 1);
    assert_int_equal(ocelot_onnx_read_memory(bytes, size, "changed.onnx", NULL, &back, &err), OCELOT_E_FORMAT);
    assert_non_null(strstr(err.message, "changed.onnx"));
    assert_non_null(strstr(err.message, "checksum"));
    free(bytes);
    ocelot_model_free(model);
}

/* LpPool knows whole powers only: a sentence that names the layer, and no file. */
static void test_what_onnx_cannot_say_is_refused(void **state)
{
    static const struct ocelot_window window = {.kernel = {1, 2}, .stride = {1, 2}, .dilation = {1, 1}};
    const struct ocelot_shape shape = {.rank = 3, .extent = {1, 1, 4}};
    struct ocelot_error err = {0};
    size_t node, pool;
    char room[64];
    struct ocelot_graph *graph = ocelot_graph_create();
    (void)state;
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, &node, &err), OCELOT_OK);
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_power_pool, node, &window, (const size_t[]){1, 2}, 2.5, false, &pool, &err), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    assert_int_equal(ocelot_onnx_write(model, path_of(room), &err), OCELOT_E_UNSUPPORTED);
    assert_non_null(strstr(err.message, graph->nodes[pool]->name));
    assert_int_not_equal(access(path_of(room), F_OK), 0);
    ocelot_model_free(model);
}

int main(void)
{
    struct ocelot_rng rng;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kernel_comes_back),    cmocka_unit_test(test_graphs_of_dot_products_score_the_same),
        cmocka_unit_test(test_classifiers_come_back),      cmocka_unit_test(test_networks_come_back),
        cmocka_unit_test(test_a_changed_graph_is_refused), cmocka_unit_test(test_what_onnx_cannot_say_is_refused),
    };
    ocelot_rng_seed(&rng, 3);
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        rows[i] = ocelot_rng_normal(&rng) + (double)(i % COLUMNS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
