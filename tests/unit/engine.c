/* The engine of float32 convolutions: the same numbers as by matrices, by an implementation that is not a slow fallback, and the same bits from
 * threads that share what is prepared. Built without oneDNN there is nothing to prepare, and this says so. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kernels/engine.h"
#include "ocelot/status.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { THREADS = 4, TURNS = 20, BOTH = OCELOT_ENGINE_FORWARD | OCELOT_ENGINE_TRANSPOSE };

/* groups, channels of a group in and out, kernel, stride, dilation, pad, in, out */
static const struct {
    const char *name;
    struct ocelot_convolution c;
    bool forward, transpose; /* whether oneDNN is to do it */
} cases[] = {
    {"3x3", {1, 32, 48, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {17, 19}, {17, 19}, 1, 1}, true, true},
    {"odd channels", {1, 37, 29, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {13, 11}, {13, 11}, 1, 1}, true, true},
    {"colours", {1, 3, 16, {7, 7}, {2, 2}, {1, 1}, {3, 3}, {33, 35}, {17, 18}, 1, 1}, true, false},
    {"stride 2, asymmetric", {1, 16, 24, {3, 5}, {2, 2}, {1, 1}, {0, 1}, {20, 21}, {10, 10}, 1, 1}, true, true},
    {"inputs that none sees", {1, 16, 16, {2, 2}, {3, 3}, {1, 1}, {0, 0}, {10, 10}, {3, 3}, 1, 1}, true, true},
    {"dilated", {1, 24, 16, {3, 3}, {1, 1}, {2, 3}, {2, 3}, {15, 16}, {15, 16}, 1, 1}, true, true},
    {"two groups", {2, 16, 16, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {9, 9}, {9, 9}, 1, 1}, true, true},
    {"depthwise", {40, 1, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 14}, {14, 14}, 1, 1}, true, true},
    {"depthwise, stride 2", {16, 1, 1, {5, 5}, {2, 2}, {1, 1}, {2, 2}, {13, 13}, {7, 7}, 1, 1}, true, true},
    {"whole input", {1, 16, 10, {6, 6}, {1, 1}, {1, 1}, {0, 0}, {6, 6}, {1, 1}, 1, 1}, true, true},
    {"1x1", {1, 32, 48, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {9, 9}, {9, 9}, 1, 1}, false, false},
};
enum { CASES = sizeof cases / sizeof *cases };

static bool built_with_onednn(void)
{
    return strncmp(ocelot_engine(), "oneDNN ", 7) == 0;
}

static size_t in_size(const struct ocelot_convolution *c)
{
    return c->groups * c->inputs * c->in[0] * c->in[1];
}

static size_t out_size(const struct ocelot_convolution *c)
{
    return c->groups * c->outputs * c->out[0] * c->out[1];
}

static float *drawn(size_t count)
{
    struct ocelot_rng rng;
    float *values = calloc(count, sizeof *values);
    assert_non_null(values);
    ocelot_rng_seed(&rng, count);
    for (size_t n = 0; n < count; n++)
        values[n] = (float)ocelot_rng_normal(&rng);
    return values;
}

/* A convolution with its weights, prepared. */
struct work {
    const struct ocelot_convolution *c;
    float *weights, *bias, *in, *out, *back;
    void *prepared;
};

static float *scratch_of(const struct ocelot_convolution *c)
{
    size_t matrices = ocelot_convolution_scratch(c), engine = ocelot_engine_scratch(c, BOTH);
    float *scratch = calloc((matrices > engine ? matrices : engine) + 1, sizeof *scratch);
    assert_non_null(scratch);
    return scratch;
}

static struct work start(size_t k)
{
    const struct ocelot_convolution *c = &cases[k].c;
    struct work w = {.c = c, .weights = drawn(c->groups * c->outputs * c->inputs * c->kernel[0] * c->kernel[1])};
    size_t bytes = ocelot_engine_bytes(c, BOTH);
    w.bias = drawn(c->groups * c->outputs);
    w.in = drawn(in_size(c));
    w.out = drawn(out_size(c));
    w.back = drawn(in_size(c));
    w.prepared = bytes ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    assert_int_equal(w.prepared != NULL, built_with_onednn() && (cases[k].forward || cases[k].transpose));
    if (w.prepared)
        ocelot_engine_prepare(c, BOTH, w.weights, c->inputs, w.prepared);
    return w;
}

static void stop(struct work *w)
{
    ocelot_engine_release(w->prepared);
    free(w->prepared);
    free(w->weights);
    free(w->bias);
    free(w->in);
    free(w->out);
    free(w->back);
}

static void assert_same(const float *got, const float *truth, size_t count, const char *name)
{
    double *a = malloc(2 * count * sizeof *a);
    assert_non_null(a);
    for (size_t n = 0; n < count; n++) {
        a[n] = (double)got[n];
        a[count + n] = (double)truth[n];
    }
    /* another order of at most a thousand additions in float */
    assert_close_all(a, a + count, count, 1e-5, 0, name);
    free(a);
}

static void engine_and_matrices_agree(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES; k++) {
        struct work w = start(k);
        float *scratch = scratch_of(w.c), *truth = drawn(out_size(w.c) + in_size(w.c)), *truth_back = truth + out_size(w.c);
        ocelot_convolution_forward_f32(w.c, w.weights, w.bias, w.in, scratch, truth);
        bool forward = ocelot_engine_forward(w.c, w.prepared, w.bias, w.in, scratch, w.out);
        assert_int_equal(forward, built_with_onednn() && cases[k].forward);
        if (forward)
            assert_same(w.out, truth, out_size(w.c), cases[k].name);
        ocelot_convolution_transpose_f32(w.c, w.weights, truth, scratch, truth_back);
        bool transpose = ocelot_engine_transpose(w.c, w.prepared, truth, scratch, w.back);
        assert_int_equal(transpose, built_with_onednn() && cases[k].transpose);
        if (transpose)
            assert_same(w.back, truth_back, in_size(w.c), cases[k].name);
        free(scratch);
        free(truth);
        stop(&w);
    }
}

/* On a processor without any vector code of oneDNN's (x86 before SSE 4.1, or another kind) nothing better than plain loops exists. */
static void no_slow_fallback_is_taken(void **state)
{
    (void)state;
    for (size_t k = 0; k < CASES; k++)
        for (int transpose = 0; transpose < 2; transpose++) {
            const char *name = ocelot_engine_implementation(&cases[k].c, transpose);
            bool wanted = built_with_onednn() && (transpose ? cases[k].transpose : cases[k].forward);
            if (strstr(name, "ref") || strstr(name, "gemm:") || (name[0] != '\0') != wanted)
                fail_msg("%s%s: done by '%s'", cases[k].name, transpose ? " backwards" : "", name);
        }
}

struct errand {
    const struct work *work;
    float *scratch, *out, *back;
    size_t done;
};

static void *repeat(void *argument)
{
    struct errand *e = argument;
    const struct work *w = e->work;
    for (size_t turn = 0; turn < TURNS; turn++)
        if (ocelot_engine_forward(w->c, w->prepared, w->bias, w->in, e->scratch, e->out) &&
            ocelot_engine_transpose(w->c, w->prepared, e->out, e->scratch, e->back))
            e->done += memcmp(e->out, w->out, out_size(w->c) * sizeof *e->out) == 0 && memcmp(e->back, w->back, in_size(w->c) * sizeof *e->back) == 0;
    return NULL;
}

static void threads_share_what_is_prepared(void **state)
{
    (void)state;
    for (size_t k = 0; built_with_onednn() && k < CASES; k++) {
        if (!cases[k].forward || !cases[k].transpose)
            continue;
        struct work w = start(k);
        struct errand errand[THREADS];
        pthread_t thread[THREADS];
        for (size_t t = 0; t < THREADS; t++)
            errand[t] = (struct errand){.work = &w, .scratch = scratch_of(w.c), .out = drawn(out_size(w.c)), .back = drawn(in_size(w.c))};
        assert_true(ocelot_engine_forward(w.c, w.prepared, w.bias, w.in, errand[0].scratch, w.out));
        assert_true(ocelot_engine_transpose(w.c, w.prepared, w.out, errand[0].scratch, w.back));
        for (size_t t = 0; t < THREADS; t++)
            assert_int_equal(pthread_create(&thread[t], NULL, repeat, &errand[t]), 0);
        for (size_t t = 0; t < THREADS; t++)
            assert_int_equal(pthread_join(thread[t], NULL), 0);
        for (size_t t = 0; t < THREADS; t++) {
            assert_int_equal(errand[t].done, TURNS);
            free(errand[t].scratch);
            free(errand[t].out);
            free(errand[t].back);
        }
        stop(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_and_matrices_agree),
        cmocka_unit_test(no_slow_fallback_is_taken),
        cmocka_unit_test(threads_share_what_is_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
