#include "law/op_bench.h"

#include <stdlib.h>
#include <string.h>

#include "support/cmocka_include.h"
#include "support/network.h"

double *op_numbers(size_t count)
{
    double *values = calloc(count + 1, sizeof *values);
    assert_non_null(values);
    return values;
}

float *op_singles(const double *values, size_t count)
{
    float *copy = calloc(count + 1, sizeof *copy);
    assert_non_null(copy);
    for (size_t n = 0; values && n < count; n++)
        copy[n] = (float)values[n];
    return copy;
}

void op_rounded(struct ocelot_rng *rng, double *values, size_t count)
{
    network_fill(rng, values, count, 1);
    for (size_t n = 0; n < count; n++)
        values[n] = (double)(float)values[n];
}

struct op_bench op_bench_make(const struct op_trial *trial)
{
    struct op_bench b = {0};
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    b.made = op_instance_make(trial, &rng);
    b.node = ocelot_graph_output(b.made.graph);
    for (size_t k = 0; k < OP_TRIAL_INPUTS; k++) {
        b.in_size[k] = k < b.node->input_count ? ocelot_node_input(b.node, k)->size : 0;
        b.in[k] = op_numbers(OP_BENCH_ROWS * b.in_size[k]);
        op_rounded(&rng, b.in[k], OP_BENCH_ROWS * b.in_size[k]);
        b.in32[k] = op_singles(b.in[k], OP_BENCH_ROWS * b.in_size[k]);
    }
    const struct ocelot_op *op = b.node->op;
    const double *weights = op->weights ? op->weights(b.node).f64 : NULL;
    b.weight_count = op->weights ? op->weights(b.node).count : 0;
    const double *bias = op->bias ? op->bias(b.node, &b.bias_count) : NULL;
    if (weights) {
        b.weights = op_numbers(b.weight_count);
        memcpy(b.weights, weights, b.weight_count * sizeof *weights);
        b.weights32 = op_singles(weights, b.weight_count);
    }
    if (bias) {
        b.bias = op_numbers(b.bias_count);
        memcpy(b.bias, bias, b.bias_count * sizeof *bias);
        b.bias32 = op_singles(bias, b.bias_count);
    }
    b.out = op_numbers(OP_BENCH_ROWS * b.node->size);
    b.out32 = op_singles(NULL, OP_BENCH_ROWS * b.node->size);
    const struct ocelot_footing footing = {.kernels = ocelot_kernels_find(NULL), .forward = true, .transpose = true};
    b.scratch = op_numbers(op->f64.scratch ? op->f64.scratch(b.node, &footing, OP_BENCH_ROWS) : 0);
    b.scratch32 = op_singles(NULL, op->f32.scratch ? op->f32.scratch(b.node, &footing, OP_BENCH_ROWS) : 0);
    return b;
}

void op_bench_free(struct op_bench *b)
{
    for (size_t k = 0; k < OP_TRIAL_INPUTS; k++) {
        free(b->in[k]);
        free(b->in32[k]);
    }
    free(b->weights);
    free(b->bias);
    free(b->out);
    free(b->scratch);
    free(b->weights32);
    free(b->bias32);
    free(b->out32);
    free(b->scratch32);
    op_instance_free(&b->made);
}

struct ocelot_call_f64 op_bench_call(const struct op_bench *b, const double *const *in, const double *out, size_t rows)
{
    return (struct ocelot_call_f64){.node = b->node,
                                    .kernels = ocelot_kernels_find(NULL),
                                    .rows = rows,
                                    .in = in,
                                    .out = out,
                                    .weights = b->weights,
                                    .bias = b->bias,
                                    .scratch = b->scratch};
}

void op_bench_forward(const struct op_bench *b, size_t rows, double *out)
{
    struct ocelot_call_f64 call = op_bench_call(b, (const double *const *)b->in, NULL, rows);
    b->node->op->f64.forward(&call, out);
}
