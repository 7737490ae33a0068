/* Convolutions in float in whichever layout rows stand: the same numbers as by matrices in double, whoever does the work, for every body that has
 * ways in blocks, and the same way back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/team.h"
#include "kernels/convolver.h"
#include "support/close.h"
#include "support/cmocka_include.h"

/* groups, channels of a group in and out, kernel, stride, dilation, pad, in, out; which ends stand in blocks */
static const struct {
    const char *name;
    struct ocelot_convolution c;
    const char *name_forward, *name_back; /* which way in blocks is to do it; NULL = none */
} cases[] = {
    {"3x3", {1, 32, 48, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {17, 19}, {17, 19}, 1, 1}, "winograd", "winograd"},
    {"3x3, no padding", {1, 16, 32, {3, 3}, {1, 1}, {1, 1}, {0, 0}, {15, 14}, {13, 12}, 1, 1}, "winograd", "winograd"},
    {"3x3, padding behind", {1, 16, 16, {3, 3}, {1, 1}, {1, 1}, {0, 2}, {20, 21}, {20, 22}, 1, 1}, "winograd", "winograd"},
    {"3x3, many channels", {1, 256, 272, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 16}, {14, 16}, 1, 1}, "winograd", "winograd"},
    {"3x3, one line", {1, 16, 16, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 60}, {1, 60}, 1, 1}, NULL, NULL},
    {"3x3, few tiles of many channels", {1, 64, 80, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {7, 7}, {7, 7}, 1, 1}, "winograd", "winograd"},
    {"3x3, few tiles, padding behind", {1, 80, 96, {3, 3}, {1, 1}, {1, 1}, {0, 2}, {7, 8}, {7, 9}, 1, 1}, "winograd", "winograd"},
    {"3x3, sixteen tiles, channels of several panels", {1, 160, 272, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {7, 7}, {7, 7}, 1, 1}, "winograd", "winograd"},
    {"3x3, fifteen tiles", {1, 144, 96, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {10, 6}, {10, 6}, 1, 1}, "winograd", "winograd"},
    {"3x3, eight tiles", {1, 96, 144, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {7, 4}, {7, 4}, 1, 1}, "winograd", "winograd"},
    {"3x3, few outputs", {1, 32, 32, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {7, 7}, {7, 7}, 1, 1}, NULL, NULL},
    {"3x3, plain input", {1, 3, 32, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {17, 19}, {17, 19}, 0, 1}, NULL, NULL},
    {"3x3, plain output", {1, 32, 21, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {17, 19}, {17, 19}, 1, 0}, NULL, NULL},
    {"3x3, stride 2, odd", {1, 208, 192, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {29, 31}, {15, 16}, 1, 1}, "winograd", "winograd"},
    {"3x3, stride 2, even", {1, 160, 176, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {32, 26}, {16, 13}, 1, 1}, "winograd", "winograd"},
    {"3x3, stride 2, few tiles", {1, 288, 272, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {20, 20}, {10, 10}, 1, 1}, "winograd", "winograd"},
    {"3x3, stride 2, padding behind", {1, 96, 128, {3, 3}, {2, 2}, {1, 1}, {0, 0}, {28, 29}, {14, 14}, 1, 1}, "winograd", NULL},
    {"3x3, stride 2, more padding", {1, 96, 128, {3, 3}, {2, 2}, {1, 1}, {2, 1}, {29, 30}, {16, 15}, 1, 1}, "winograd", NULL},
    {"3x3, strides 2 and 1", {1, 96, 128, {3, 3}, {2, 1}, {1, 1}, {1, 1}, {28, 28}, {14, 28}, 1, 1}, NULL, NULL},
    {"3x3, stride 2, few channels", {1, 32, 16, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {17, 19}, {9, 10}, 1, 1}, NULL, NULL},
    {"3x3, dilated", {1, 16, 16, {3, 3}, {1, 1}, {2, 2}, {2, 2}, {17, 19}, {17, 19}, 1, 1}, NULL, NULL},
    {"1x1", {1, 64, 48, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {9, 8}, {9, 8}, 1, 1}, NULL, NULL},
    {"1x1, stride 2", {1, 16, 32, {1, 1}, {2, 2}, {1, 1}, {0, 0}, {9, 9}, {5, 5}, 1, 1}, NULL, NULL},
    {"1x1, many channels, few outputs", {1, 512, 416, {1, 1}, {1, 1}, {1, 1}, {0, 0}, {4, 5}, {4, 5}, 1, 1}, "gathered", "gathered"},
    {"1x1, stride 2, many channels", {1, 448, 448, {1, 1}, {2, 2}, {1, 1}, {0, 0}, {7, 8}, {4, 4}, 1, 1}, "gathered", "gathered"},
    {"3x3, stride 2, many channels", {1, 128, 192, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {8, 9}, {4, 5}, 1, 1}, "gathered", "gathered"},
    {"3x3, stride 3, many channels", {1, 144, 160, {3, 3}, {3, 3}, {1, 1}, {0, 0}, {11, 13}, {3, 4}, 1, 1}, "gathered", "gathered"},
    {"5x3, many channels", {1, 128, 144, {5, 3}, {1, 1}, {1, 1}, {2, 0}, {4, 6}, {4, 4}, 1, 1}, "gathered", "gathered"},
    {"5x5, many channels to more", {1, 64, 128, {5, 5}, {1, 1}, {1, 1}, {2, 2}, {4, 5}, {4, 5}, 1, 1}, "gathered", NULL},
    {"2x2, strides 3 and 1, many channels", {1, 256, 208, {2, 2}, {3, 1}, {1, 1}, {1, 1}, {8, 4}, {3, 5}, 1, 1}, "gathered", "gathered"},
    {"7x7, colours", {1, 3, 64, {7, 7}, {2, 2}, {1, 1}, {3, 3}, {33, 35}, {17, 18}, 0, 1}, NULL, NULL},
    {"5x5, one channel", {1, 1, 16, {5, 5}, {1, 1}, {1, 1}, {2, 2}, {9, 30}, {9, 30}, 0, 1}, NULL, NULL},
    {"3x3, two channels, stride 2", {1, 2, 16, {3, 3}, {2, 2}, {1, 1}, {0, 0}, {12, 13}, {5, 6}, 0, 1}, NULL, NULL},
    {"4x5, four channels, strides 3 and 2", {1, 4, 32, {4, 5}, {3, 2}, {1, 1}, {1, 0}, {20, 21}, {6, 9}, 0, 1}, NULL, NULL},
    {"2x1, strides that skip inputs", {1, 3, 16, {2, 1}, {3, 4}, {1, 1}, {0, 0}, {11, 23}, {4, 6}, 0, 1}, NULL, NULL},
    {"depthwise", {32, 1, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 14}, {14, 14}, 1, 1}, NULL, NULL},
    {"two groups", {2, 16, 16, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {14, 14}, {14, 14}, 1, 1}, NULL, NULL},
};
enum { CASES = sizeof cases / sizeof *cases };

/* `count` numbers, as doubles that are floats. */
static double *drawn(struct ocelot_rng *rng, size_t count)
{
    double *values = calloc(count, sizeof *values);
    assert_non_null(values);
    for (size_t n = 0; n < count; n++)
        values[n] = (double)(float)ocelot_rng_normal(rng);
    return values;
}

/* Plain doubles as floats in blocks, and back. */
static void to_blocks(const double *from, size_t channels, size_t plane, size_t block, float *to)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < plane; n++)
            to[(c / block * plane + n) * block + c % block] = (float)from[c * plane + n];
}

static void from_blocks(const float *from, size_t channels, size_t plane, size_t block, double *to)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t n = 0; n < plane; n++)
            to[c * plane + n] = (double)from[(c / block * plane + n) * block + c % block];
}

static float *floats(size_t count)
{
    float *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64 + 64);
    assert_non_null(values);
    return values;
}

/* Nothing below zero, and most of it zero, so that rounding of what is large shows beside it. */
static void make_sparse(double *values, size_t count)
{
    for (size_t n = 0; n < count; n++)
        values[n] = n % 7 == 0 ? fabs(values[n]) : 0;
}

static void assert_none_below_zero(const double *values, size_t count, const char *name)
{
    for (size_t n = 0; n < count; n++)
        if (!(values[n] >= 0))
            fail_msg("%s: %g of sums of numbers that are not below zero", name, values[n]);
}

/* The same bits by teams, of which some take whole chunks each, and some share every chunk. */
static void assert_same_by_teams(struct ocelot_convolver v, bool transpose, const void *prepared, const float *weights, const float *bias,
                                 const float *in, const float *out, size_t count, const char *name)
{
    static const size_t sizes[] = {2, 3, 8};
    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
        struct ocelot_team *team;
        assert_true(ocelot_team_create(sizes[n], &team));
        v.threads = sizes[n];
        float *scratch = floats(ocelot_convolver_scratch(&v)), *got = floats(count);
        if (transpose)
            ocelot_convolver_transpose(&v, team, prepared, weights, in, scratch, got, NULL);
        else
            ocelot_convolver_forward(&v, team, prepared, weights, bias, in, scratch, got);
        if (memcmp(got, out, count * sizeof *got) != 0)
            fail_msg("%s: other numbers by %zu threads%s", name, sizes[n], transpose ? ", backwards" : "");
        ocelot_team_free(team);
        free(scratch);
        free(got);
    }
}

/* The name of the way in blocks that takes a case, or none; `v` is prepared for both directions. */
static void assert_done_by(const struct ocelot_convolver *v, bool transpose, const char *wanted, const char *name)
{
    struct ocelot_convolver both = *v;
    both.forward = both.transpose = true;
    const char *found = ocelot_convolver_implementation(&both, transpose);
    for (const struct ocelot_blocked *const *way = v->kernels->blocked; *way; way++)
        if ((strcmp(found, (*way)->name) == 0) != (wanted && strcmp(wanted, (*way)->name) == 0))
            fail_msg("%s%s: done by '%s'", name, transpose ? ", backwards" : "", found);
}

/* One case with one body; `prepare` = whether anything is prepared; `positive` = whether nothing is below zero. */
static void check(const struct ocelot_kernels *body, size_t k, bool prepare, bool positive)
{
    struct ocelot_rng rng;
    struct ocelot_convolver v = {.c = cases[k].c, .kernels = body, .forward = prepare, .transpose = prepare};
    struct ocelot_convolution *c = &v.c;
    size_t block = body->block, ins = c->groups * c->inputs, outs = c->groups * c->outputs, count = outs * c->inputs * c->kernel[0] * c->kernel[1];
    size_t in_plane = c->in[0] * c->in[1], out_plane = c->out[0] * c->out[1];
    c->in_block = c->in_block ? block : 1;
    c->out_block = c->out_block ? block : 1;
    ocelot_rng_seed(&rng, k);
    double *weights = drawn(&rng, count), *bias = drawn(&rng, outs), *in = drawn(&rng, ins * in_plane), *s = drawn(&rng, outs * out_plane);
    double *truth = drawn(&rng, ins * in_plane + outs * out_plane), *got = drawn(&rng, ins * in_plane + outs * out_plane);
    double *scratch = drawn(&rng, ocelot_convolution_scratch(c) + 1);
    if (positive) {
        double *sparse[] = {weights, bias, in, s};
        size_t counts[] = {count, outs, ins * in_plane, outs * out_plane};
        for (size_t n = 0; n < 4; n++)
            make_sparse(sparse[n], counts[n]);
    }
    float *f_weights = floats(count), *f_bias = floats(outs), *a = floats(ins * in_plane), *b = floats(outs * out_plane),
          *f = floats(ocelot_convolver_scratch(&v));
    void *prepared = aligned_alloc(64, (ocelot_convolver_bytes(&v) + 63) / 64 * 64);
    assert_non_null(prepared);
    assert_done_by(&v, false, cases[k].name_forward, cases[k].name);
    assert_done_by(&v, true, cases[k].name_back, cases[k].name);
    to_blocks(weights, count, 1, 1, f_weights);
    to_blocks(bias, outs, 1, 1, f_bias);
    ocelot_convolver_prepare(&v, f_weights, prepared);
    ocelot_convolution_forward_f64(c, weights, bias, in, scratch, truth);
    to_blocks(in, ins, in_plane, c->in_block, a);
    ocelot_convolver_forward(&v, NULL, prepared, f_weights, f_bias, a, f, b);
    assert_same_by_teams(v, false, prepared, f_weights, f_bias, a, b, outs * out_plane, cases[k].name);
    from_blocks(b, outs, out_plane, c->out_block, got);
    /* float sums of up to 2,500 terms, by transforms that magnify rounding five times: 5e-7 of the sum of magnitudes */
    assert_close_all(got, truth, outs * out_plane, 1e-5, 0, cases[k].name);
    if (positive)
        assert_none_below_zero(got, outs * out_plane, cases[k].name);
    ocelot_convolution_transpose_f64(c, weights, s, scratch, truth);
    to_blocks(s, outs, out_plane, c->out_block, b);
    ocelot_convolver_transpose(&v, NULL, prepared, f_weights, b, f, a, NULL);
    assert_same_by_teams(v, true, prepared, f_weights, NULL, b, a, ins * in_plane, cases[k].name);
    from_blocks(a, ins, in_plane, c->in_block, got);
    assert_close_all(got, truth, ins * in_plane, 1e-5, 0, cases[k].name);
    if (positive)
        assert_none_below_zero(got, ins * in_plane, cases[k].name);
    ocelot_convolver_release(prepared);
    double *doubles[] = {weights, bias, in, s, truth, got, scratch};
    float *singles[] = {f_weights, f_bias, a, b, f};
    for (size_t n = 0; n < sizeof doubles / sizeof *doubles; n++)
        free(doubles[n]);
    for (size_t n = 0; n < sizeof singles / sizeof *singles; n++)
        free(singles[n]);
    free(prepared);
}

/* The way back through weights above and below zero apart, where it is offered: as that through either alone. */
static void check_split(const struct ocelot_kernels *body, size_t k)
{
    struct ocelot_rng rng;
    struct ocelot_convolver v = {.c = cases[k].c, .kernels = body, .transpose = true, .split = true};
    struct ocelot_convolution *c = &v.c;
    size_t taps = c->kernel[0] * c->kernel[1], count = c->outputs * c->inputs * taps, ins = c->inputs * c->in[0] * c->in[1];
    c->in_block = c->in_block ? body->block : 1;
    c->out_block = c->out_block ? body->block : 1;
    assert_int_equal(ocelot_convolver_splits(&v), c->in_block == 1 && c->inputs <= 4);
    if (!ocelot_convolver_splits(&v))
        return;
    ocelot_rng_seed(&rng, k);
    size_t plane = c->out[0] * c->out[1], outs = c->outputs * plane;
    double *weights = drawn(&rng, count), *part = drawn(&rng, count), *s = drawn(&rng, outs), *truth = drawn(&rng, ins), *got = drawn(&rng, ins);
    double *scratch = drawn(&rng, ocelot_convolution_scratch(c) + 1);
    float *f_weights = floats(count), *b = floats(outs), *back[] = {floats(ins), floats(ins)}, *f = floats(ocelot_convolver_scratch(&v));
    void *prepared = aligned_alloc(64, (ocelot_convolver_bytes(&v) + 63) / 64 * 64);
    assert_non_null(prepared);
    weights[0] = 0;
    memset(weights + (c->inputs * taps), 0, taps * sizeof *weights); /* the taps of one channel */
    to_blocks(weights, count, 1, 1, f_weights);
    to_blocks(s, c->outputs, plane, c->out_block, b);
    ocelot_convolver_prepare(&v, f_weights, prepared);
    ocelot_convolver_transpose(&v, NULL, prepared, f_weights, b, f, back[0], back[1]);
    for (int half = 0; half < 2; half++) {
        for (size_t n = 0; n < count; n++)
            part[n] = (weights[n] < 0) == (half == 1) ? weights[n] : 0;
        ocelot_convolution_transpose_f64(c, part, s, scratch, truth);
        from_blocks(back[half], c->inputs, c->in[0] * c->in[1], 1, got);
        assert_close_all(got, truth, ins, 1e-5, 0, cases[k].name); /* as above */
    }
    void *all[] = {weights, part, s, truth, got, scratch, f_weights, b, back[0], back[1], f, prepared};
    for (size_t n = 0; n < sizeof all / sizeof *all; n++)
        free(all[n]);
}

static void every_way_agrees(void **state)
{
    (void)state;
    size_t bodies = 0;
    for (size_t n = 0; ocelot_kernel_bodies[n]; n++) {
        const struct ocelot_kernels *body = ocelot_kernel_bodies[n];
        if (!body->available() || !body->blocked)
            continue;
        bodies++;
        for (size_t k = 0; k < 3 * (size_t)CASES; k++)
            check(body, k / 3, k % 3 < 2, k % 3 == 1);
        for (size_t k = 0; k < CASES; k++)
            check_split(body, k);
    }
    if (bodies == 0)
        skip();
}

/* Both directions by the weights of one, where the vectors hold all tiles and the register tiles of two vectors do not. */
static void weights_are_shared(void **state)
{
    static const struct {
        const char *body;
        size_t extent[2];
        bool shared;
    } sizes[] = {{"avx512", {7, 7}, true}, {"avx512", {7, 4}, false}, {"avx512", {9, 9}, false}, {"avx2", {7, 4}, true}, {"avx2", {7, 7}, false}};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const struct ocelot_kernels *body = ocelot_kernels_find(sizes[k].body);
        if (!body)
            continue;
        struct ocelot_convolver v = {.c = {1, 160, 160, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {0}, {0}, 0, 0}, .kernels = body, .forward = true};
        memcpy(v.c.in, sizes[k].extent, sizeof v.c.in);
        memcpy(v.c.out, sizes[k].extent, sizeof v.c.out);
        v.c.in_block = v.c.out_block = body->block;
        size_t one = ocelot_convolver_bytes(&v);
        v.transpose = true;
        assert_int_equal(ocelot_convolver_bytes(&v) == one, sizes[k].shared);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_agrees), cmocka_unit_test(weights_are_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
