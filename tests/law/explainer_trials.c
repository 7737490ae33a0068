#include "explainer_trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ocelot/analysis.h"
#include "ocelot/svm.h"
#include "ops/ops.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"

enum { TRAINING = 70, D = TRIAL_FEATURES, M = 12 };

struct ocelot_model *trial_train(const char *kernel, const char *scaling)
{
    struct ocelot_train_options options;
    struct ocelot_model *model = NULL;
    struct ocelot_rng rng;
    struct ocelot_error error = {0};
    double rows[TRAINING * D];
    ocelot_options_default(ocelot_train_option_table, &options);
    options.kernel = kernel;
    options.scaling = scaling;
    ocelot_rng_seed(&rng, 31);
    for (size_t n = 0; n < (size_t)TRAINING * D; n++)
        rows[n] = 3 + (double)(n % D + 1) * ocelot_rng_normal(&rng);
    if (ocelot_svm_train(rows, TRAINING, D, NULL, &options, &model, &error) != OCELOT_OK)
        fail_msg("%s: %s", kernel, error.message);
    return model;
}

/* A machine of random support vectors as a LIBSVM file: `head` is its type and kernel. */
static struct ocelot_model *machine(const char *head, bool pair)
{
    char text[4096];
    struct ocelot_rng rng;
    struct ocelot_model *model = NULL;
    struct ocelot_error error = {0};
    ocelot_rng_seed(&rng, 8);
    int used = snprintf(text, sizeof text, "%snr_class 2\ntotal_sv %d\nrho 0.25\n%sSV\n", head, M, pair ? "label 1 -1\nnr_sv 6 6\n" : "");
    for (int j = 0; j < M; j++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "%.6g", (j < M / 2 ? 1 : -1) * (0.2 + ocelot_rng_uniform(&rng)));
        for (int i = 1; i <= D; i++)
            used += snprintf(text + used, sizeof text - (size_t)used, " %d:%.6g", i, ocelot_rng_normal(&rng) + (j < M / 2 ? 0.5 : -0.5));
        used += snprintf(text + used, sizeof text - (size_t)used, "\n");
    }
    if (ocelot_svm_read_memory(text, (size_t)used, "machine", NULL, &model, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    return model;
}

/* The largest output, so that rows differ in what they explain. */
static void decide(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    out->target = target == SIZE_MAX ? 0 : target;
    for (size_t k = 1; target == SIZE_MAX && k < model->info.outputs; k++)
        out->target = outputs[k] > outputs[out->target] ? k : out->target;
    out->output = outputs[out->target];
}

static const struct ocelot_reading reading = {"largest", decide};

/* Nothing is known of a network's features. */
static struct ocelot_model *network(struct ocelot_graph *graph)
{
    struct ocelot_model *model = network_model(graph);
    model->reading = &reading;
    for (size_t i = 0; i < model->feature_count; i++)
        model->features[i].low = model->features[i].median = model->features[i].high = NAN;
    return model;
}

static struct ocelot_model *rbf(void)
{
    return trial_train("rbf", "standard");
}

static struct ocelot_model *laplace(void)
{
    return trial_train("laplace", "standard");
}

static struct ocelot_model *student(void)
{
    return trial_train("student", "robust");
}

static struct ocelot_model *linear(void)
{
    return trial_train("linear", "none"); /* a one-class machine of a dot product separates from the origin: centred data would leave it nothing */
}

static struct ocelot_model *polynomial(void)
{
    return trial_train("polynomial", "standard");
}

static struct ocelot_model *sigmoid(void)
{
    return trial_train("sigmoid", "minmax");
}

static struct ocelot_model *pair_rbf(void)
{
    return machine("svm_type c_svc\nkernel_type rbf\ngamma 0.2\n", true);
}

static struct ocelot_model *pair_linear(void)
{
    return machine("svm_type nu_svc\nkernel_type linear\n", true);
}

static struct ocelot_model *regressor(void)
{
    return machine("svm_type epsilon_svr\nkernel_type rbf\ngamma 0.1\n", false);
}

static struct ocelot_model *relu(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 4);
    return network(network_relu(&rng, (size_t[]){D, 9, 7, 3}, 3));
}

static struct ocelot_model *residual(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    return network(network_residual(&rng, D, 8, 2));
}

static struct ocelot_model *affine(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 6);
    return network(network_relu(&rng, (size_t[]){D, 2}, 1));
}

static struct ocelot_model *stacked(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 7);
    return network(network_stacked(&rng, D, 9, 6));
}

static struct ocelot_model *images(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 9);
    struct ocelot_model *model = network(network_convolutional(&rng));
    model->info.input_rank = 3;
    memcpy(model->info.input_shape, (size_t[]){2, 7, 6}, 3 * sizeof(size_t));
    return model;
}

/* A convolution, global average pooling and one dense layer, as CAM wants it. */
static struct ocelot_model *pooled(void)
{
    const struct ocelot_window kernel = {.kernel = {3, 3}, .stride = {1, 1}, .dilation = {1, 1}},
                               all = {.kernel = {4, 4}, .stride = {1, 1}, .dilation = {1, 1}};
    struct ocelot_shape image = {.rank = 3, .extent = {2, 6, 6}};
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_rng rng;
    double weights[3 * 2 * 9], bias[3] = {0.2, -0.1, 0.3}, head[2 * 3], head_bias[2] = {0.4, -0.7};
    size_t at = 0;
    assert_non_null(graph);
    ocelot_rng_seed(&rng, 11);
    network_fill(&rng, weights, sizeof weights / sizeof *weights, 0.5);
    network_fill(&rng, head, sizeof head / sizeof *head, 1);
    assert_int_equal(ocelot_append_input(graph, &image, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_conv(graph, at, weights, bias, 3, 1, &kernel, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_average_pool, at, &all, (size_t[]){1, 1}, 0, false, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, head, head_bias, 2, &at, NULL), OCELOT_OK);
    struct ocelot_model *model = network(graph);
    model->info.input_rank = 3;
    memcpy(model->info.input_shape, image.extent, 3 * sizeof(size_t));
    return model;
}

static struct ocelot_model *patches(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 10);
    return network(network_patches(&rng, 5, 3, 1, 6));
}

const struct trial_model trial_models[] = {
    {"one-class rbf", rbf, false, 1e-9},
    {"one-class laplace", laplace, false, 3e-2},
    {"one-class student", student, false, 1e-9},
    {"one-class linear", linear, true, 1e-12},
    {"one-class polynomial", polynomial, false, 1e-12},
    {"one-class sigmoid", sigmoid, false, 1e-9},
    {"pair rbf", pair_rbf, false, 1e-9},
    {"pair linear", pair_linear, true, 1e-12},
    {"regressor", regressor, false, 1e-9},
    {"relu network", relu, false, 6e-2},
    {"residual network", residual, false, 3e-2},
    {"affine network", affine, true, 1e-12},
    {"stacked", stacked, false, 3e-2},
    {"network on images", images, false, 3e-2},
    {"pooled network on images", pooled, false, 3e-2},
    {"patches", patches, false, 1e-9},
    {.name = NULL},
};

void trial_rows(const struct ocelot_model *model, uint64_t seed, size_t n, double *out)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < n * model->feature_count; k++) {
        struct ocelot_feature feature = ocelot_model_feature(model, k % model->feature_count);
        out[k] = feature.center + 1.5 * ocelot_rng_normal(&rng) / (feature.factor == 0 ? 1 : feature.factor);
    }
}

struct ocelot_plan_options trial_options(const char *method, const char *const *setting, const double *background, size_t rows)
{
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = method;
    options.settings = setting;
    options.setting_count = setting && *setting ? 1 : 0;
    options.explainers = ocelot_analysis_explainers;
    options.background = background;
    options.background_rows = background ? rows : 0;
    return options;
}

void trial_explain(const struct ocelot_model *model, const struct ocelot_plan_options *options, const double *rows, size_t n,
                   struct trial_answer *out)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_error error = {0};
    if (ocelot_plan_create(model, options, &plan, &error) != OCELOT_OK)
        fail_msg("%s: %s", options->method, error.message);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, &error), OCELOT_OK);
    struct ocelot_explanation explanation = {
        .decision = out->decision, .relevance = out->relevance, .residual = out->residual, .standard_error = out->error, .ledger = out->ledger};
    assert_int_equal(ocelot_explain(plan, workspace, rows, n, &explanation, &error), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
}

double trial_largest(const double *values, size_t n)
{
    double largest = 0;
    for (size_t k = 0; k < n; k++)
        largest = fmax(largest, fabs(values[k]));
    return largest;
}
