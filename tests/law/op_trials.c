#include "law/op_trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka_include.h"
#include "support/network.h"
#include "support/textbook.h"

#define OK(call) assert_int_equal((call), OCELOT_OK)

static struct textbook_image image(const struct op_instance *instance, const double *values)
{
    const struct ocelot_shape *shape = &instance->trial->in[0];
    return (struct textbook_image){shape->extent[0], shape->extent[1], shape->extent[2], values};
}

static size_t extent(const struct op_instance *instance, size_t d)
{
    return ocelot_graph_output(instance->graph)->shape.extent[d];
}

static void append_conv(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    const struct op_trial *t = instance->trial;
    size_t count = t->outputs * t->in[0].extent[0] / t->groups * t->window.kernel[0] * t->window.kernel[1];
    double *weights = malloc(count * sizeof *weights), *bias = malloc(t->outputs * sizeof *bias);
    assert_true(weights && bias);
    network_fill(rng, weights, count, 1);
    network_fill(rng, bias, t->outputs, 1);
    OK(ocelot_append_conv(instance->graph, inputs[0], weights, t->bias ? bias : NULL, t->outputs, t->groups, &t->window, NULL, NULL));
    free(weights);
    free(bias);
}

static void conv(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    const struct op_trial *t = instance->trial;
    textbook_conv(image(instance, in[0]), weights, bias, t->outputs, t->groups, &t->window, extent(instance, 1), extent(instance, 2), out);
}

static void append_channel(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    double weights[16], bias[16];
    network_fill(rng, weights, 16, 1);
    network_fill(rng, bias, 16, 1);
    OK(ocelot_append_channel(instance->graph, inputs[0], weights, instance->trial->bias ? bias : NULL, NULL, NULL));
}

static void channel(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    textbook_channel(image(instance, in[0]), weights, bias, out);
}

static void append_pool(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    const struct op_trial *t = instance->trial;
    (void)rng;
    OK(ocelot_append_pool(instance->graph, t->op, inputs[0], &t->window, t->size, t->number[0], t->count_padding, NULL, NULL));
}

static void pool(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    const struct op_trial *t = instance->trial;
    (void)weights;
    (void)bias;
    if (t->op == &ocelot_op_max_pool)
        textbook_max_pool(image(instance, in[0]), &t->window, t->size[0], t->size[1], out);
    else if (t->op == &ocelot_op_average_pool)
        textbook_average_pool(image(instance, in[0]), &t->window, t->count_padding, t->size[0], t->size[1], out);
    else
        textbook_power_pool(image(instance, in[0]), &t->window, t->number[0], t->size[0], t->size[1], out);
}

static void append_lrn(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    const struct op_trial *t = instance->trial;
    (void)rng;
    OK(ocelot_append_lrn(instance->graph, inputs[0], t->size[0], t->number[0], t->number[1], t->number[2], NULL, NULL));
}

static void lrn(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    const struct op_trial *t = instance->trial;
    (void)weights;
    (void)bias;
    textbook_lrn(image(instance, in[0]), t->size[0], t->number[0], t->number[1], t->number[2], out);
}

static size_t joined_size(const struct op_trial *t)
{
    size_t total = 0;
    for (size_t k = 0; k < t->inputs; k++)
        total += t->in[k].extent[0] * t->in[k].extent[1] * t->in[k].extent[2];
    return total;
}

/* outputs = 0: in order; else a random map of that many values, some twice, some never, some the constant. */
static void append_arrange(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    const struct op_trial *t = instance->trial;
    size_t total = joined_size(t), count = t->outputs ? t->outputs : total;
    struct ocelot_shape shape = {.rank = 2, .extent = {1, count}};
    instance->map = t->outputs ? calloc(count, sizeof *instance->map) : NULL;
    for (size_t n = 0; instance->map && n < count; n++)
        instance->map[n] = n % 5 == 3 ? OCELOT_ARRANGE_CONSTANT : (uint32_t)(ocelot_rng_uniform(rng) * (double)total);
    OK(ocelot_append_arrange(instance->graph, inputs, t->inputs, &shape, instance->map, t->number[0], NULL, NULL));
}

static void arrange(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    const struct op_trial *t = instance->trial;
    double *joined = calloc(joined_size(t) + 1, sizeof *joined), *to = joined;
    (void)weights;
    (void)bias;
    assert_non_null(joined);
    for (size_t k = 0; k < t->inputs; k++) {
        size_t size = t->in[k].extent[0] * t->in[k].extent[1] * t->in[k].extent[2];
        memcpy(to, in[k], size * sizeof *to);
        to += size;
    }
    textbook_arrange(joined, instance->map, ocelot_graph_output(instance->graph)->size, t->number[0], out);
    free(joined);
}

static void append_element(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng)
{
    const struct op_trial *t = instance->trial;
    (void)rng;
    if (t->op == &ocelot_op_leaky_relu)
        OK(ocelot_append_leaky_relu(instance->graph, inputs[0], t->number[0], NULL, NULL));
    else if (t->op == &ocelot_op_clip)
        OK(ocelot_append_clip(instance->graph, inputs[0], t->number[0], t->number[1], NULL, NULL));
    else if (t->op == &ocelot_op_normalise)
        OK(ocelot_append_normalise(instance->graph, inputs[0], (int)t->number[0], NULL, NULL));
    else
        OK(ocelot_append_plain(instance->graph, t->op, inputs, 1, NULL, NULL));
}

static void element(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out)
{
    const struct op_trial *t = instance->trial;
    size_t size = ocelot_graph_output(instance->graph)->size, line = t->in[0].extent[2];
    (void)weights;
    (void)bias;
    if (t->op == &ocelot_op_normalise)
        textbook_normalise(in[0], size, (int)t->number[0], out);
    for (size_t n = 0; n < size; n++)
        if (t->op == &ocelot_op_leaky_relu)
            out[n] = textbook_leaky_relu(in[0][n], t->number[0]);
        else if (t->op == &ocelot_op_clip)
            out[n] = textbook_clip(in[0][n], t->number[0], t->number[1]);
        else if (t->op != &ocelot_op_normalise && n % line == 0)
            textbook_softmax(in[0] + n, line, t->op == &ocelot_op_log_softmax, out + n);
}

/* NOLINTBEGIN(bugprone-macro-parentheses): designators cannot stand in parentheses */
#define IN(c, h, w) .in = {{3, {(c), (h), (w)}}}, .inputs = 1
#define CONV(what) .name = "Conv " what, .append = append_conv, .truth = conv
#define POOL(kind, what) .name = what, .append = append_pool, .truth = pool, .op = &ocelot_op_##kind
#define ELEMENT(kind, what) .name = what, .append = append_element, .truth = element, .op = &ocelot_op_##kind
/* NOLINTEND(bugprone-macro-parentheses) */
/* kernel, stride, dilation, pads before, pads after: height and width each */
#define WINDOW(k0, k1, s0, s1, d0, d1, a0, a1, b0, b1) .window = {{(k0), (k1)}, {(s0), (s1)}, {(d0), (d1)}, {(a0), (a1)}, {(b0), (b1)}}

const struct op_trial op_trials[] = {
    {CONV("of one number"), IN(1, 1, 1), .outputs = 1, .groups = 1, WINDOW(1, 1, 1, 1, 1, 1, 0, 0, 0, 0)},
    {CONV("1x1"), IN(5, 7, 11), .outputs = 3, .groups = 1, .bias = true, WINDOW(1, 1, 1, 1, 1, 1, 0, 0, 0, 0)},
    {CONV("1x1, stride 2x3"), IN(5, 7, 11), .outputs = 3, .groups = 1, .bias = true, WINDOW(1, 1, 2, 3, 1, 1, 0, 0, 0, 0)},
    {CONV("1x1, padded"), IN(5, 3, 2), .outputs = 7, .groups = 1, .bias = true, WINDOW(1, 1, 1, 1, 1, 1, 1, 0, 2, 1)},
    {CONV("3x3"), IN(3, 7, 5), .outputs = 4, .groups = 1, .bias = true, WINDOW(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)},
    {CONV("without bias"), IN(3, 7, 5), .outputs = 4, .groups = 1, WINDOW(3, 2, 1, 1, 1, 1, 0, 0, 0, 0)},
    {CONV("asymmetric pads"), IN(2, 5, 7), .outputs = 3, .groups = 1, .bias = true, WINDOW(4, 3, 1, 1, 1, 1, 3, 0, 1, 2)},
    {CONV("pads wider than the kernel"), IN(2, 3, 3), .outputs = 3, .groups = 1, .bias = true, WINDOW(2, 2, 1, 1, 1, 1, 5, 4, 4, 5)},
    {CONV("stride 2x3"), IN(3, 11, 13), .outputs = 2, .groups = 1, .bias = true, WINDOW(3, 5, 2, 3, 1, 1, 1, 2, 1, 2)},
    {CONV("stride beyond the kernel"), IN(2, 13, 17), .outputs = 3, .groups = 1, .bias = true, WINDOW(2, 3, 5, 4, 1, 1, 1, 0, 0, 1)},
    {CONV("dilation 2x3"), IN(2, 11, 13), .outputs = 3, .groups = 1, .bias = true, WINDOW(3, 3, 1, 2, 2, 3, 2, 1, 1, 3)},
    {CONV("two groups"), IN(6, 5, 7), .outputs = 4, .groups = 2, .bias = true, WINDOW(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)},
    {CONV("three groups, 1x1"), IN(6, 5, 7), .outputs = 9, .groups = 3, .bias = true, WINDOW(1, 1, 1, 1, 1, 1, 0, 0, 0, 0)},
    {CONV("depthwise"), IN(7, 9, 5), .outputs = 7, .groups = 7, .bias = true, WINDOW(3, 3, 1, 1, 1, 1, 1, 1, 1, 1)},
    {CONV("depthwise, stride 2, asymmetric"), IN(5, 9, 8), .outputs = 5, .groups = 5, .bias = true, WINDOW(3, 5, 2, 2, 1, 1, 0, 1, 2, 3)},
    {CONV("depthwise with multiplier, dilated"), IN(3, 9, 8), .outputs = 6, .groups = 3, .bias = true, WINDOW(3, 3, 1, 2, 2, 1, 2, 0, 1, 1)},
    {CONV("one dimension"), IN(3, 1, 23), .outputs = 4, .groups = 1, .bias = true, WINDOW(1, 5, 1, 2, 1, 2, 0, 3, 0, 1)},
    {CONV("whole input"), IN(4, 6, 5), .outputs = 7, .groups = 1, .bias = true, WINDOW(6, 5, 1, 1, 1, 1, 0, 0, 0, 0)},
    {CONV("tiles of whole rows"), IN(40, 23, 11), .outputs = 3, .groups = 1, .bias = true, WINDOW(7, 7, 1, 1, 1, 1, 3, 3, 3, 3)},
    {CONV("tiles that cut rows"), IN(40, 5, 397), .outputs = 3, .groups = 1, .bias = true, WINDOW(7, 7, 1, 1, 1, 1, 3, 3, 3, 3)},
    {CONV("tiles that cut rows, stride 2"), IN(40, 7, 497), .outputs = 2, .groups = 1, WINDOW(7, 7, 2, 2, 1, 1, 3, 3, 2, 2)},
    {CONV("large kernels"), IN(300, 17, 17), .outputs = 2, .groups = 1, .bias = true, WINDOW(17, 17, 1, 1, 1, 1, 1, 2, 2, 1)},
    {.name = "Channel", .append = append_channel, .truth = channel, IN(5, 3, 7), .bias = true},
    {.name = "Channel without bias", .append = append_channel, .truth = channel, IN(1, 1, 13)},
    {POOL(max_pool, "MaxPool 2x2"), IN(3, 8, 6), WINDOW(2, 2, 2, 2, 1, 1, 0, 0, 0, 0), .size = {4, 3}},
    {POOL(max_pool, "MaxPool overlapping, asymmetric pads"), IN(3, 7, 9), WINDOW(3, 3, 2, 2, 1, 1, 0, 1, 1, 0), .size = {3, 4}},
    {POOL(max_pool, "MaxPool, sizes rounded up"), IN(2, 7, 8), WINDOW(3, 3, 2, 3, 1, 1, 0, 0, 0, 0), .size = {3, 3}},
    {POOL(max_pool, "MaxPool dilated"), IN(2, 11, 10), WINDOW(3, 2, 1, 2, 2, 3, 2, 1, 2, 0), .size = {11, 4}},
    {POOL(max_pool, "MaxPool stride beyond the kernel"), IN(2, 11, 13), WINDOW(2, 3, 4, 5, 1, 1, 0, 0, 0, 0), .size = {3, 3}},
    {POOL(max_pool, "MaxPool of one number"), IN(1, 1, 1), WINDOW(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), .size = {1, 1}},
    {POOL(max_pool, "MaxPool global"), IN(5, 7, 3), WINDOW(7, 3, 1, 1, 1, 1, 0, 0, 0, 0), .size = {1, 1}},
    {POOL(average_pool, "AveragePool"), IN(3, 8, 6), WINDOW(2, 3, 2, 1, 1, 1, 0, 0, 0, 0), .size = {4, 4}},
    {POOL(average_pool, "AveragePool, padding left out"), IN(3, 7, 5), WINDOW(3, 3, 2, 1, 1, 1, 1, 2, 1, 1), .size = {4, 6}},
    {POOL(average_pool, "AveragePool, padding counted"), IN(3, 7, 5), WINDOW(3, 3, 2, 1, 1, 1, 1, 2, 1, 1), .size = {4, 6}, .count_padding = true},
    {POOL(average_pool, "AveragePool, rounded up"), IN(2, 6, 8), WINDOW(3, 3, 2, 3, 1, 1, 0, 0, 1, 0), .size = {3, 3}},
    {POOL(average_pool, "AveragePool, rounded up, padding counted"), IN(2, 6, 8), WINDOW(3, 3, 2, 3, 1, 1, 1, 0, 1, 0), .size = {4, 3},
     .count_padding = true},
    {POOL(average_pool, "AveragePool dilated"), IN(2, 9, 11), WINDOW(2, 3, 1, 2, 3, 2, 1, 2, 2, 1), .size = {9, 5}, .count_padding = true},
    {POOL(average_pool, "AveragePool global"), IN(5, 7, 3), WINDOW(7, 3, 1, 1, 1, 1, 0, 0, 0, 0), .size = {1, 1}},
    {POOL(power_pool, "PowerPool 2"), IN(3, 7, 6), WINDOW(3, 2, 2, 2, 1, 1, 1, 0, 0, 0), .size = {3, 3}, .number = {2}},
    {POOL(power_pool, "PowerPool 1"), IN(2, 5, 5), WINDOW(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), .size = {5, 5}, .number = {1}},
    {POOL(power_pool, "PowerPool 3.5, rounded up, dilated"), IN(2, 8, 9), WINDOW(3, 2, 3, 2, 1, 3, 0, 1, 0, 1), .size = {3, 5}, .number = {3.5}},
    {.name = "LRN 5", .append = append_lrn, .truth = lrn, IN(11, 3, 2), .size = {5}, .number = {0.3, 0.75, 2}},
    {.name = "LRN 4", .append = append_lrn, .truth = lrn, IN(7, 2, 3), .size = {4}, .number = {0.7, 0.5, 1}},
    {.name = "LRN wider than the channels", .append = append_lrn, .truth = lrn, IN(3, 2, 5), .size = {9}, .number = {0.1, 1, 1}},
    {.name = "LRN 1", .append = append_lrn, .truth = lrn, IN(3, 1, 1), .size = {1}, .number = {0.1, 1, 1}},
    {.name = "Arrange in order", .append = append_arrange, .truth = arrange, IN(3, 5, 2)},
    {.name = "Arrange one after another",
     .append = append_arrange,
     .truth = arrange,
     .in = {{3, {3, 1, 5}}, {3, {2, 1, 5}}, {3, {1, 1, 5}}},
     .inputs = 3},
    {.name = "Arrange from three",
     .append = append_arrange,
     .truth = arrange,
     .in = {{3, {3, 1, 5}}, {3, {2, 3, 1}}, {3, {1, 1, 1}}},
     .inputs = 3,
     .outputs = 37,
     .number = {-1.5}},
    {.name = "Arrange one value", .append = append_arrange, .truth = arrange, IN(3, 5, 2), .outputs = 1},
    {ELEMENT(leaky_relu, "LeakyReLU"), IN(3, 5, 2), .number = {0.1}},
    {ELEMENT(leaky_relu, "LeakyReLU, falling"), IN(3, 5, 2), .number = {-0.5}},
    {ELEMENT(clip, "Clip"), IN(3, 5, 2), .number = {-0.75, 0.5}},
    {ELEMENT(clip, "Clip from below"), IN(3, 5, 2), .number = {0, INFINITY}},
    {ELEMENT(softmax, "SoftMax"), IN(2, 3, 7)},
    {ELEMENT(log_softmax, "LogSoftMax"), IN(2, 3, 7)},
    {ELEMENT(normalise, "Normalise to length 1"), IN(1, 1, 7), .number = {2}},
    {ELEMENT(normalise, "Normalise by the sum"), IN(1, 1, 7), .number = {1}},
    {ELEMENT(normalise, "Normalise by the largest"), IN(1, 1, 7), .number = {0}},
    {0}};

struct op_instance op_instance_make(const struct op_trial *trial, struct ocelot_rng *rng)
{
    struct op_instance instance = {.trial = trial, .graph = ocelot_graph_create()};
    size_t inputs[OP_TRIAL_INPUTS];
    assert_non_null(instance.graph);
    for (size_t k = 0; k < trial->inputs; k++)
        OK(ocelot_append_input(instance.graph, &trial->in[k], &inputs[k], NULL));
    trial->append(&instance, inputs, rng);
    return instance;
}

void op_instance_free(struct op_instance *instance)
{
    ocelot_graph_free(instance->graph);
    free(instance->map);
}
