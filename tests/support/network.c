#include "support/network.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "ops/ops.h"
#include "support/cmocka_include.h"

static void decide(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    (void)model;
    out->target = target == SIZE_MAX ? 0 : target;
    out->output = out->outlier_score = outputs[out->target];
}

static const struct ocelot_reading reading = {"network", decide};

struct ocelot_model *network_model(struct ocelot_graph *graph)
{
    struct ocelot_model *model = ocelot_allocate(1, sizeof *model);
    assert_non_null(model);
    model->graph = graph;
    model->reading = &reading;
    model->feature_count = graph->nodes[0]->size;
    model->features = ocelot_allocate(model->feature_count, sizeof *model->features);
    model->names = ocelot_allocate(model->feature_count, sizeof *model->names);
    assert_true(model->features && model->names);
    for (size_t i = 0; i < model->feature_count; i++) {
        char name[24];
        int length = snprintf(name, sizeof name, "f%zu", i + 1);
        model->names[i] = ocelot_copy_text(name, (size_t)length);
        assert_non_null(model->names[i]);
        model->features[i] = (struct ocelot_feature){.name = model->names[i], .index = (long)i + 1, .factor = 1};
    }
    model->info =
        (struct ocelot_model_info){.type = "network", .kernel = "none", .features = model->feature_count, .method = "lrp", .explains = "output"};
    model->info.outputs = ocelot_graph_output(graph)->size;
    model->outputs = ocelot_allocate(model->info.outputs, sizeof *model->outputs);
    assert_non_null(model->outputs);
    for (size_t k = 0; k < model->info.outputs; k++) {
        char name[24];
        int length = snprintf(name, sizeof name, "%zu", k);
        model->outputs[k] = ocelot_copy_text(name, (size_t)length);
        assert_non_null(model->outputs[k]);
    }
    return model;
}

void network_fill(struct ocelot_rng *rng, double *values, size_t n, double spread)
{
    for (size_t i = 0; i < n; i++)
        values[i] = spread * ocelot_rng_normal(rng);
}

static size_t start(struct ocelot_graph *graph, size_t size)
{
    struct ocelot_shape shape = ocelot_shape_vector(size);
    size_t index;
    assert_int_equal(ocelot_append_input(graph, &shape, &index, NULL), OCELOT_OK);
    return index;
}

static size_t dense(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t input, size_t outputs)
{
    size_t inputs = graph->nodes[input]->size, index;
    double *weights = malloc(inputs * outputs * sizeof *weights), *bias = malloc(outputs * sizeof *bias);
    assert_true(weights && bias);
    network_fill(rng, weights, inputs * outputs, 1);
    network_fill(rng, bias, outputs, 0.5);
    assert_int_equal(ocelot_append_dense(graph, input, weights, bias, outputs, &index, NULL), OCELOT_OK);
    free(weights);
    free(bias);
    return index;
}

static size_t relu(struct ocelot_graph *graph, size_t input)
{
    size_t index;
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &input, 1, &index, NULL), OCELOT_OK);
    return index;
}

struct ocelot_graph *network_relu(struct ocelot_rng *rng, const size_t *sizes, size_t layers)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    assert_non_null(graph);
    size_t at = start(graph, sizes[0]);
    for (size_t k = 1; k <= layers; k++) {
        at = dense(rng, graph, at, sizes[k]);
        if (k < layers)
            at = relu(graph, at);
    }
    return graph;
}

struct ocelot_graph *network_residual(struct ocelot_rng *rng, size_t input, size_t width, size_t outputs)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    assert_non_null(graph);
    size_t first = relu(graph, dense(rng, graph, start(graph, input), width));
    size_t second = dense(rng, graph, first, width), joined;
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_add, (size_t[]){first, second}, 2, &joined, NULL), OCELOT_OK);
    dense(rng, graph, relu(graph, joined), outputs);
    return graph;
}

/* Distance -> SoftMin onto node `at`, from `points` (freed here). */
static void pool(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t at, const struct ocelot_profile *profile,
                 struct ocelot_profile_parameters parameters, double *points, size_t m)
{
    double *weights = malloc(m * sizeof *weights), sum = 0;
    assert_non_null(weights);
    for (size_t j = 0; j < m; j++)
        sum += weights[j] = 0.1 + ocelot_rng_uniform(rng);
    for (size_t j = 0; j < m; j++)
        weights[j] /= sum;
    assert_int_equal(ocelot_append_distance(graph, at, profile, parameters, points, m, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, at, weights, NULL, 1, &at, NULL), OCELOT_OK);
    free(points);
    free(weights);
}

struct ocelot_graph *network_kernel(struct ocelot_rng *rng, const struct ocelot_profile *profile, struct ocelot_profile_parameters parameters,
                                    size_t d, size_t m)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    double *points = malloc(m * d * sizeof *points), *center = malloc(d * sizeof *center), *factor = malloc(d * sizeof *factor);
    assert_true(graph && points && center && factor);
    network_fill(rng, points, m * d, 1);
    network_fill(rng, center, d, 3);
    for (size_t i = 0; i < d; i++)
        factor[i] = 0.5 + ocelot_rng_uniform(rng);
    size_t at = start(graph, d);
    assert_int_equal(ocelot_append_scale(graph, at, center, factor, &at, NULL), OCELOT_OK);
    pool(rng, graph, at, profile, parameters, points, m);
    free(center);
    free(factor);
    return graph;
}

struct ocelot_graph *network_stacked(struct ocelot_rng *rng, size_t d, size_t width, size_t m)
{
    struct ocelot_graph *graph = network_relu(rng, (size_t[]){d, width, width}, 2);
    size_t at = relu(graph, graph->count - 1);
    double *points = malloc(m * width * sizeof *points);
    assert_non_null(points);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_present, &at, 1, &at, NULL), OCELOT_OK);
    network_fill(rng, points, m * width, 12); /* as large as the activations */
    for (size_t n = 0; n < m * width; n++)
        points[n] = points[n] > 0 ? points[n] : 0;
    pool(rng, graph, at, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.001}, points, m);
    return graph;
}

struct ocelot_graph *network_patches(struct ocelot_rng *rng, size_t side, size_t patch, size_t stride, size_t m)
{
    enum { MOST = 64 };
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape image = {.rank = 3, .extent = {1, side, side}}, windows;
    size_t across = (side - patch) / stride + 1, positions = across * across, width = patch * patch, at;
    uint32_t *map = malloc(positions * width * sizeof *map);
    double *points = malloc(m * width * sizeof *points), *weights = malloc(m * sizeof *weights), ones[MOST];
    assert_true(graph && map && points && weights && positions <= MOST);
    for (size_t p = 0; p < positions; p++)
        for (size_t i = 0; i < width; i++)
            map[p * width + i] = (uint32_t)((p / across * stride + i / patch) * side + p % across * stride + i % patch);
    network_fill(rng, points, m * width, 1);
    for (size_t j = 0; j < m; j++)
        weights[j] = 1 / (double)m;
    for (size_t p = 0; p < positions; p++)
        ones[p] = 1;
    windows = (struct ocelot_shape){.rank = 2, .extent = {positions, width}};
    assert_int_equal(ocelot_append_input(graph, &image, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_arrange(graph, &at, 1, &windows, map, 0, &at, NULL), OCELOT_OK);
    assert_int_equal(
        ocelot_append_distances(graph, at, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.2}, points, m, positions, &at, NULL),
        OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, at, weights, NULL, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, ones, NULL, 1, &at, NULL), OCELOT_OK);
    free(map);
    free(points);
    free(weights);
    return graph;
}
