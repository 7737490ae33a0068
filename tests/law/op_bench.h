/* One op of the table on a bench: inputs, weights and room for outputs in both precisions, for the laws of single ops. */
#ifndef OCELOT_TESTS_LAW_OP_BENCH_H
#define OCELOT_TESTS_LAW_OP_BENCH_H

#include "law/op_trials.h"

enum { OP_BENCH_ROWS = 3 };

/* One op with its own random inputs, ready to be called in both precisions. Values of float are those of double, rounded to float before. */
struct op_bench {
    struct op_instance made;
    const struct ocelot_node *node;
    size_t in_size[OP_TRIAL_INPUTS], weight_count, bias_count;
    double *in[OP_TRIAL_INPUTS], *weights, *bias, *out, *scratch;
    float *in32[OP_TRIAL_INPUTS], *weights32, *bias32, *out32, *scratch32;
};

struct op_bench op_bench_make(const struct op_trial *trial);
void op_bench_free(struct op_bench *b);

/* `in` [inputs]; `rows` of them from row 0. */
struct ocelot_call_f64 op_bench_call(const struct op_bench *b, const double *const *in, const double *out, size_t rows);
void op_bench_forward(const struct op_bench *b, size_t rows, double *out);

/* Zeros; a copy in float of `count` values (NULL = zeros); normal values that float holds exactly. Freed with free(). */
double *op_numbers(size_t count);
float *op_singles(const double *values, size_t count);
void op_rounded(struct ocelot_rng *rng, double *values, size_t count);

#endif
