/* Laws of the verbs that only some methods need, looped over the table of ops: multipliers of differences (DeepLIFT) and correlations of inputs with
 * outputs (patterns). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/op_bench.h"
#include "rules/pass.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { ROWS = OP_BENCH_ROWS };

/* Multipliers of differences, row 0 against row 1: <s, out - out'> = sum_k <back_k, in_k - in_k'>. */
static void multipliers_make_up_differences(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        struct ocelot_rng rng;
        double *s = op_numbers(b.node->size), left = 0, right = 0, size = 0;
        if (!ocelot_node_has_difference(b.node)) {
            assert_true(b.node->op == &ocelot_op_softmax || b.node->op == &ocelot_op_log_softmax);
            free(s);
            op_bench_free(&b);
            continue;
        }
        ocelot_rng_seed(&rng, 6);
        network_fill(&rng, s, b.node->size, 1);
        op_bench_forward(&b, 2, b.out);
        struct ocelot_call_f64 call = op_bench_call(&b, (const double *const *)b.in, b.out, 1);
        for (size_t n = 0; n < b.node->size; n++)
            left += s[n] * (b.out[n] - b.out[b.node->size + n]);
        for (size_t k = 0; k < b.node->input_count; k++) {
            double *back = op_numbers(b.in_size[k]);
            (ocelot_pass_rescale.takes(b.node) ? ocelot_pass_rescale.f64 : b.node->op->f64.transpose)(&call, k, s, back);
            for (size_t n = 0; n < b.in_size[k]; n++) {
                right += back[n] * (b.in[k][n] - b.in[k][b.in_size[k] + n]);
                size += fabs(back[n] * (b.in[k][n] - b.in[k][b.in_size[k] + n]));
            }
            free(back);
        }
        assert_close(left, right, 1e-13 * size, trial->name); /* a few hundred terms, each to a rounding */
        free(s);
        op_bench_free(&b);
    }
}

/* Correlations are the weights' derivative of <s, out>, which is linear in them: <sums, W'> = <s, out with W'> for any W', without bias. */
static void correlations_are_derivatives(void **state)
{
    (void)state;
    size_t tried = 0;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        struct ocelot_rng rng;
        size_t count = ROWS * b.node->size;
        double *s = op_numbers(count), *sums = op_numbers(b.weight_count), *sums32 = op_numbers(b.weight_count), left = 0, right = 0, size = 0;
        float *s32;
        ocelot_rng_seed(&rng, 7);
        op_rounded(&rng, s, count);
        s32 = op_singles(s, count);
        struct ocelot_call_f64 call = op_bench_call(&b, (const double *const *)b.in, NULL, ROWS);
        if (b.node->op->f64.correlate) {
            struct ocelot_call_f32 single = {.node = b.node, .kernels = call.kernels, .rows = ROWS, .in = (const float *const *)b.in32};
            tried++;
            b.node->op->f64.correlate(&call, s, sums);
            b.node->op->f32.correlate(&single, s32, sums32);
            network_fill(&rng, b.weights, b.weight_count, 1);
            call.bias = NULL;
            b.node->op->f64.forward(&call, b.out);
            for (size_t n = 0; n < count; n++) {
                left += s[n] * b.out[n];
                size += fabs(s[n] * b.out[n]);
            }
            for (size_t n = 0; n < b.weight_count; n++)
                right += sums[n] * b.weights[n];
            assert_close(left, right, 1e-13 * size, trial->name);                  /* as above */
            assert_close_all(sums32, sums, b.weight_count, 1e-13, 0, trial->name); /* both add in double what float holds exactly */
        }
        free(s);
        free(s32);
        free(sums);
        free(sums32);
        op_bench_free(&b);
    }
    assert_true(tried > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(multipliers_make_up_differences), cmocka_unit_test(correlations_are_derivatives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
