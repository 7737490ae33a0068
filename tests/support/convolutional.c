#include "support/convolutional.h"

#include <stdlib.h>

#include "ops/ops.h"
#include "support/cmocka_include.h"
#include "support/network.h"

#define OK(call) assert_int_equal((call), OCELOT_OK)

static struct ocelot_graph *start(size_t channels, size_t height, size_t width)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = {3, {channels, height, width}};
    assert_non_null(graph);
    OK(ocelot_append_input(graph, &shape, NULL, NULL));
    return graph;
}

static double *drawn(struct ocelot_rng *rng, size_t count, double spread)
{
    double *values = malloc(count * sizeof *values);
    assert_non_null(values);
    network_fill(rng, values, count, spread);
    return values;
}

static size_t conv(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t input, size_t outputs, size_t groups, struct ocelot_window window)
{
    size_t index;
    double *weights = drawn(rng, outputs * graph->nodes[input]->shape.extent[0] / groups * window.kernel[0] * window.kernel[1], 0.5);
    double *bias = drawn(rng, outputs, 0.5);
    OK(ocelot_append_conv(graph, input, weights, bias, outputs, groups, &window, &index, NULL));
    free(weights);
    free(bias);
    return index;
}

static size_t channel(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t input)
{
    size_t index, channels = graph->nodes[input]->shape.extent[0];
    double *weights = drawn(rng, channels, 1), *bias = drawn(rng, channels, 0.5);
    OK(ocelot_append_channel(graph, input, weights, bias, &index, NULL));
    free(weights);
    free(bias);
    return index;
}

static size_t dense(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t input, size_t outputs)
{
    size_t index;
    double *weights = drawn(rng, graph->nodes[input]->size * outputs, 1), *bias = drawn(rng, outputs, 0.5);
    OK(ocelot_append_dense(graph, input, weights, bias, outputs, &index, NULL));
    free(weights);
    free(bias);
    return index;
}

static size_t plain(struct ocelot_graph *graph, const struct ocelot_op *op, size_t input)
{
    size_t index;
    OK(ocelot_append_plain(graph, op, &input, 1, &index, NULL));
    return index;
}

static size_t pool(struct ocelot_graph *graph, const struct ocelot_op *op, size_t input, struct ocelot_window window, size_t rows, size_t columns)
{
    size_t index;
    OK(ocelot_append_pool(graph, op, input, &window, (size_t[]){rows, columns}, 2, true, &index, NULL));
    return index;
}

static size_t in_order(struct ocelot_graph *graph, const size_t *inputs, size_t count, struct ocelot_shape shape)
{
    size_t index;
    OK(ocelot_append_arrange(graph, inputs, count, &shape, NULL, 0, &index, NULL));
    return index;
}

struct ocelot_graph *network_convolutional(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = start(2, 7, 6);
    size_t at = conv(rng, graph, 0, 4, 1, (struct ocelot_window){{3, 2}, {1, 1}, {1, 1}, {2, 0}, {0, 1}});
    at = channel(rng, graph, plain(graph, &ocelot_op_relu, at));
    at = pool(graph, &ocelot_op_max_pool, at, (struct ocelot_window){{2, 3}, {1, 1}, {1, 1}, {0, 1}, {0, 1}}, 6, 6);
    at = conv(rng, graph, at, 6, 2, (struct ocelot_window){{2, 2}, {2, 1}, {2, 3}, {1, 1}, {1, 1}});
    OK(ocelot_append_leaky_relu(graph, at, 0.1, &at, NULL));
    at = in_order(graph, &at, 1, ocelot_shape_vector(graph->nodes[at]->size));
    dense(rng, graph, at, 3);
    return graph;
}

struct ocelot_graph *network_joined(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = start(3, 6, 5);
    const struct ocelot_window one = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, three = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
    size_t first = plain(graph, &ocelot_op_relu, conv(rng, graph, 0, 4, 1, one)), branches[2] = {first, conv(rng, graph, first, 4, 1, three)}, at;
    OK(ocelot_append_plain(graph, &ocelot_op_add, branches, 2, &at, NULL));
    branches[0] = plain(graph, &ocelot_op_relu, at);
    branches[1] = plain(graph, &ocelot_op_relu, conv(rng, graph, branches[0], 4, 4, three));
    at = in_order(graph, branches, 2, (struct ocelot_shape){3, {8, 6, 5}});
    at = pool(graph, &ocelot_op_average_pool, at, (struct ocelot_window){{2, 3}, {2, 2}, {1, 1}, {0, 1}, {0, 0}}, 3, 2);
    OK(ocelot_append_lrn(graph, at, 3, 0.5, 0.75, 1, &at, NULL));
    OK(ocelot_append_clip(graph, at, 0, 0.9, &at, NULL));
    uint32_t map[64];
    for (uint32_t n = 0; n < 64; n++)
        map[n] = n % 7 == 3 ? OCELOT_ARRANGE_CONSTANT : n * 29 % 48;
    struct ocelot_shape shape = ocelot_shape_vector(64);
    OK(ocelot_append_arrange(graph, &at, 1, &shape, map, 0.5, &at, NULL));
    dense(rng, graph, at, 2);
    return graph;
}

struct ocelot_graph *network_pooled(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = start(2, 1, 23);
    size_t at = conv(rng, graph, 0, 5, 1, (struct ocelot_window){{1, 4}, {1, 2}, {1, 1}, {0, 2}, {0, 1}});
    at = plain(graph, &ocelot_op_relu, at);
    at = pool(graph, &ocelot_op_power_pool, at, (struct ocelot_window){{1, 3}, {1, 2}, {1, 1}, {0, 1}, {0, 0}}, 1, 6);
    at = pool(graph, &ocelot_op_average_pool, at, (struct ocelot_window){{1, 3}, {1, 2}, {1, 1}, {0, 1}, {0, 1}}, 1, 3);
    OK(ocelot_append_normalise(graph, at, 2, &at, NULL));
    dense(rng, graph, at, 2);
    return graph;
}

struct ocelot_graph *network_wide(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = start(3, 18, 17);
    const struct ocelot_window one = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, three = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
    size_t at = plain(graph, &ocelot_op_relu, conv(rng, graph, 0, 16, 1, three));
    at = plain(graph, &ocelot_op_relu, conv(rng, graph, at, 32, 1, (struct ocelot_window){{3, 3}, {1, 1}, {1, 1}, {0, 2}, {1, 0}}));
    at = pool(graph, &ocelot_op_max_pool, at, (struct ocelot_window){{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}, 9, 9);
    size_t branches[2] = {plain(graph, &ocelot_op_relu, conv(rng, graph, at, 16, 1, one)),
                          plain(graph, &ocelot_op_relu, conv(rng, graph, at, 16, 1, three))};
    size_t joint[2] = {in_order(graph, branches, 2, (struct ocelot_shape){3, {32, 9, 9}}), at};
    OK(ocelot_append_plain(graph, &ocelot_op_add, joint, 2, &at, NULL));
    at = pool(graph, &ocelot_op_average_pool, at, (struct ocelot_window){{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, 9, 9);
    at = plain(graph, &ocelot_op_relu, conv(rng, graph, at, 20, 1, (struct ocelot_window){{5, 5}, {2, 2}, {1, 1}, {2, 2}, {2, 2}}));
    at = plain(graph, &ocelot_op_relu, conv(rng, graph, at, 32, 1, three));
    at = in_order(graph, &at, 1, ocelot_shape_vector(graph->nodes[at]->size));
    dense(rng, graph, at, 3);
    return graph;
}
