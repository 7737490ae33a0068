/* Laws of single ops, looped over a table of ops and odd sizes: forward is the textbook's, transpose is the adjoint of the differences of
 * forward, float follows double, rows do not know of each other, and relevance is kept. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "law/op_bench.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { ROWS = OP_BENCH_ROWS };

static double largest(const double *values, size_t count)
{
    double most = 0;
    for (size_t n = 0; n < count; n++)
        most = fmax(most, fabs(values[n]));
    return most;
}

static void forward_is_the_textbook(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        double *truth = op_numbers(ROWS * b.node->size);
        /* once with the op's own weights, once with others and without bias, as rules use it */
        for (int other = 0; other < 2; other++) {
            for (size_t n = 0; other && n < b.weight_count; n++)
                b.weights[n] = fabs(b.weights[n]) - 0.25;
            if (other) {
                free(b.bias);
                b.bias = NULL;
            }
            op_bench_forward(&b, ROWS, b.out);
            for (size_t row = 0; row < ROWS; row++) {
                const double *in[OP_TRIAL_INPUTS];
                for (size_t k = 0; k < b.node->input_count; k++)
                    in[k] = b.in[k] + row * b.in_size[k];
                trial->truth(&b.made, in, b.weights, b.bias, truth + row * b.node->size);
            }
            /* sums of at most a few thousand terms in another order */
            assert_close_all(b.out, truth, ROWS * b.node->size, 1e-13, fmax(largest(truth, ROWS * b.node->size), 1), trial->name);
        }
        free(truth);
        op_bench_free(&b);
    }
}

/* <forward(x + h v) - forward(x - h v), r> / 2h */
static double difference(struct op_bench *b, double *const *v, const double *r, double step)
{
    double sum = 0;
    for (int side = -1; side <= 1; side += 2) {
        double *in[OP_TRIAL_INPUTS];
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++) {
            in[k] = op_numbers(ROWS * b->in_size[k]);
            for (size_t n = 0; n < ROWS * b->in_size[k]; n++)
                in[k][n] = b->in[k][n] + side * step * v[k][n];
        }
        struct ocelot_call_f64 call = op_bench_call(b, (const double *const *)in, NULL, ROWS);
        b->node->op->f64.forward(&call, b->out);
        for (size_t n = 0; n < ROWS * b->node->size; n++)
            sum += side * r[n] * b->out[n] / (2 * step);
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++)
            free(in[k]);
    }
    return sum;
}

/* sum_k <v_k, transpose_k r>; *size is the sum of magnitudes */
static double transposed(struct op_bench *b, double *const *v, const double *r, double *size)
{
    double sum = 0;
    op_bench_forward(b, ROWS, b->out);
    struct ocelot_call_f64 call = op_bench_call(b, (const double *const *)b->in, b->out, ROWS);
    *size = 0;
    for (size_t k = 0; k < b->node->input_count; k++) {
        double *back = op_numbers(ROWS * b->in_size[k]);
        for (size_t n = 0; n < ROWS * b->in_size[k]; n++)
            back[n] = NAN; /* must be overwritten */
        b->node->op->f64.transpose(&call, k, r, back);
        for (size_t n = 0; n < ROWS * b->in_size[k]; n++) {
            sum += v[k][n] * back[n];
            *size += fabs(v[k][n] * back[n]);
        }
        free(back);
    }
    return sum;
}

static void transpose_is_the_adjoint(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        bool affine = (b.node->op->traits & OCELOT_OP_AFFINE) != 0;
        /* affine ops have no second derivative, so a large step costs nothing and rounding is small */
        const double step = affine ? 1 : 1e-5;
        double *v[OP_TRIAL_INPUTS], *r = op_numbers(ROWS * b.node->size), size;
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 9);
        network_fill(&rng, r, ROWS * b.node->size, 1);
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++) {
            v[k] = op_numbers(ROWS * b.in_size[k]);
            network_fill(&rng, v[k], ROWS * b.in_size[k], 1);
        }
        double left = difference(&b, v, r, step), right = transposed(&b, v, r, &size);
        /* affine: rounding of the sums; others: step^2 times third derivatives of a few tens, and rounding / step */
        assert_close(left, right, (affine ? 1e-13 : 1e-8) * (1 + size), trial->name);
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++)
            free(v[k]);
        free(r);
        op_bench_free(&b);
    }
}

static void rows_do_not_know_of_each_other(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        double *alone = op_numbers(b.node->size);
        op_bench_forward(&b, ROWS, b.out);
        for (size_t row = 0; row < ROWS; row++) {
            const double *in[OP_TRIAL_INPUTS];
            for (size_t k = 0; k < b.node->input_count; k++)
                in[k] = b.in[k] + row * b.in_size[k];
            struct ocelot_call_f64 call = op_bench_call(&b, in, NULL, 1);
            b.node->op->f64.forward(&call, alone);
            if (memcmp(alone, b.out + row * b.node->size, b.node->size * sizeof *alone) != 0)
                fail_msg("%s: row %zu differs when it is alone", trial->name, row);
        }
        free(alone);
        op_bench_free(&b);
    }
}

static void assert_single(const float *single, const double *exact, size_t count, const char *name)
{
    double *wide = op_numbers(count);
    for (size_t n = 0; n < count; n++)
        wide[n] = (double)single[n];
    /* a few thousand roundings of 6e-8, most of which cancel */
    assert_close_all(wide, exact, count, 1e-5, fmax(largest(exact, count), 1), name);
    free(wide);
}

static void single_follows_double(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        op_bench_forward(&b, ROWS, b.out);
        struct ocelot_call_f64 call = op_bench_call(&b, (const double *const *)b.in, b.out, ROWS);
        struct ocelot_call_f32 call32 = {.node = b.node,
                                         .kernels = call.kernels,
                                         .rows = ROWS,
                                         .in = (const float *const *)b.in32,
                                         .weights = b.weights32,
                                         .bias = b.bias32,
                                         .scratch = b.scratch32};
        const struct ocelot_arithmetic_f32 *op = &b.node->op->f32;
        const struct ocelot_footing footing = {.kernels = call.kernels, .forward = true, .transpose = true};
        size_t bytes = op->prepared_bytes ? op->prepared_bytes(b.node, &footing) : 0;
        void *prepared = bytes ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
        if (prepared)
            op->prepare(b.node, &footing, b.weights32, prepared);
        call32.prepared = prepared;
        op->forward(&call32, b.out32);
        assert_single(b.out32, b.out, ROWS * b.node->size, trial->name);
        call32.out = b.out32;
        for (size_t k = 0; k < b.node->input_count; k++) {
            double *back = op_numbers(ROWS * b.in_size[k]);
            float *back32 = op_singles(NULL, ROWS * b.in_size[k]);
            b.node->op->f64.transpose(&call, k, b.out, back);
            op->transpose(&call32, k, b.out32, back32);
            assert_single(back32, back, ROWS * b.in_size[k], trial->name);
            free(back);
            free(back32);
        }
        if (prepared && op->prepared_release)
            op->prepared_release(prepared);
        free(prepared);
        op_bench_free(&b);
    }
}

/* Ops with a relevance of their own: what is received is passed, or stands in the ledger. */
static void relevance_is_kept(void **state)
{
    (void)state;
    for (const struct op_trial *trial = op_trials; trial->name; trial++) {
        struct op_bench b = op_bench_make(trial);
        if (!b.node->op->f64.relevance) {
            op_bench_free(&b);
            continue;
        }
        double *relevance = op_numbers(ROWS * b.node->size), *back[OP_TRIAL_INPUTS];
        struct ocelot_ledger_entry ledger[ROWS] = {{0}};
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 13);
        network_fill(&rng, relevance, ROWS * b.node->size, 1);
        memset(b.in[0], 0, b.in_size[0] * sizeof **b.in); /* the first row: dead neurons */
        op_bench_forward(&b, ROWS, b.out);
        struct ocelot_call_f64 call = op_bench_call(&b, (const double *const *)b.in, b.out, ROWS);
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++)
            back[k] = op_numbers(ROWS * b.in_size[k]);
        b.node->op->f64.relevance(&call, &(const struct ocelot_rule){0}, relevance, back, ledger);
        for (size_t row = 0; row < ROWS; row++) {
            double received = 0, kept = ledger[row].absorbed + ledger[row].leaked + ledger[row].residual;
            for (size_t n = 0; n < b.node->size; n++)
                received += relevance[row * b.node->size + n];
            for (size_t k = 0; k < b.node->input_count; k++)
                for (size_t n = 0; n < b.in_size[k]; n++)
                    kept += back[k][row * b.in_size[k] + n];
            /* rounding of sums */
            assert_close(received, kept, 1e-12 * (double)b.node->size, trial->name);
        }
        for (size_t k = 0; k < OP_TRIAL_INPUTS; k++)
            free(back[k]);
        free(relevance);
        op_bench_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_is_the_textbook), cmocka_unit_test(transpose_is_the_adjoint), cmocka_unit_test(rows_do_not_know_of_each_other),
        cmocka_unit_test(single_follows_double),   cmocka_unit_test(relevance_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
