/* Kernel machines in float (ops/pooled_distance_single.c) against the closed form in long double, for every kernel and body: the promise is 1e-5 of
 * the score for the score and for the sum of all errors of relevances, and no relevance below zero. Sweeps go from where float serves to where rows
 * must be computed in double: near support vectors, far from them, at large gamma, with data that no moving of the origin makes small. */
#include <math.h>
#include <string.h>

#include "closed_form.h"
#include "explain/explainer.h"
#include "kernels/kernels.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { LEAST_UNITS = 200 }; /* docs/performance.md */

/* As it is posed; one support vector on the other side of the origin, so that no center is near all; features of sizes from 1e-6 to 100; and all but
 * one support vector in a tight group. */
static void as_posed(struct problem *q, double offset)
{
    (void)q;
    (void)offset;
}

static void other_side(struct problem *q, double offset)
{
    (void)offset;
    for (int i = 0; i < D; i++)
        q->u[q->m - 1][i] = -q->u[q->m - 1][i] - 1e-3;
}

static void many_sizes(struct problem *q, double offset)
{
    (void)offset;
    for (int i = 0; i < D; i++) {
        for (size_t j = 0; j < q->m; j++)
            q->u[j][i] *= pow(10, i - 6);
        q->x[i] *= pow(10, i - 6);
    }
}

static void tight_group(struct problem *q, double offset)
{
    for (int i = 0; i < D; i++) {
        for (size_t j = 0; j < q->m; j++)
            q->u[j][i] = offset + (q->u[j][i] - offset) * 0.01;
        q->x[i] = offset + (q->x[i] - offset) * 0.01;
        q->u[q->m - 1][i] = -offset - 1;
    }
}

static void (*const arrangements[])(struct problem *q, double offset) = {as_posed, other_side, many_sizes, tight_group};
static const char *const methods[] = {"dtd", "dtd-conserving"};

enum { ARRANGEMENTS = sizeof arrangements / sizeof *arrangements };

/* Returns whether float was used at all. Conservation to 1e-6: the float sums of relevances and residual stand in. */
static bool check(const struct problem *q, const struct setting *s, const char *method, const char *body)
{
    const char *name = q->kernel->profile->name;
    struct answer a = closed_form(q, strcmp(method, "dtd-conserving") == 0);
    struct got got = by_network(q, method, body, "float32", "dense"), wide = by_network(q, method, body, "float64", "dense");
    double o = (double)a.o, total = 0, off = 0, share = 0, size = 1 + s->offset;
    bool differs = false;
    assert_close(got.decision.output, o, 1e-5 * o, name);
    for (int i = 0; i < D; i++) {
        if (!(got.relevance[i] >= 0))
            fail_msg("%s, %s, %s: relevance %d is %g, below zero", s->name, name, body, i, got.relevance[i]);
        total += got.relevance[i];
        off += fabs(got.relevance[i] - (double)a.relevance[i]);
        differs |= got.relevance[i] != wide.relevance[i];
        for (size_t j = 0; j < q->m; j++)
            size = fmax(size, fabs(q->u[j][i]));
    }
    for (int i = 0; i < D; i++) {
        assert_close(got.nearest[i], (double)a.nearest[i], 1e-5 * size, name);
        assert_close(got.expected[i], wide.expected[i], 0, "expected values are made in double");
        assert_close(got.quick[i], (double)a.expected[i], 1e-4 * size, name);
    }
    for (size_t j = 0; j < q->m; j++)
        share += got.support[j];
    assert_close(share, 1, 1e-6, "support weights");
    assert_close(off, 0, 1e-5 * o, name);
    assert_close(got.residual, (double)a.residual, 1e-5 * o, name);
    assert_close(total + got.residual, got.decision.output, 1e-6 * got.decision.output, "conservation");
    return differs;
}

static size_t sweep(const struct kernel *kernel, const char *body, size_t *tried)
{
    static const double offsets[] = {0, 10, 300};
    size_t used = 0;
    for (int power = -4; power <= 4; power++)
        for (int step = 0; step < 8; step++)
            for (size_t k = 0; k < ARRANGEMENTS; k++) {
                struct setting s = {"sweep", pow(10, power), offsets[(size_t)step % 3], 20 * pow(5, -step)};
                struct problem q = pose(kernel, &s, M);
                arrangements[k](&q, s.offset);
                used += check(&q, &s, methods[(size_t)step % 2], body);
                ++*tried;
            }
    return used;
}

/* Where rounding the inputs costs more than the sums do: far from the origin beside what rows and support vectors are apart, phi some dozens. */
static void sweep_inputs(const struct kernel *kernel, const char *body)
{
    static const struct setting far[] = {{"tight group", 1, 10, 20}, {"one support vector on the other side", 1, 300, 20.0 / 3}};
    for (size_t n = 0; n < 2; n++)
        for (int power = -2; power <= 16; power++) {
            struct setting s = far[n];
            s.gamma = pow(10, power / 2.0);
            struct problem q = pose(kernel, &s, M);
            (n == 0 ? tight_group : other_side)(&q, s.offset);
            check(&q, &s, methods[(size_t)(power + 2) % 2], body);
        }
}

/* Float where it can, double where float fails; the reference computes in double only. */
static void promise_is_kept(void **state)
{
    (void)state;
    for (size_t k = 0; k < KERNELS; k++)
        for (size_t body = 0; ocelot_kernel_bodies[body]; body++) {
            const char *name = ocelot_kernel_bodies[body]->name;
            if (!ocelot_kernels_find(name))
                continue;
            size_t used = 0, tried = 0;
            for (size_t s = 0; s < SETTINGS; s++) {
                struct problem q = pose(&kernels[k], &settings[s], M);
                for (size_t n = 0; n < 2; n++)
                    used += check(&q, &settings[s], methods[n], name);
            }
            if (!ocelot_kernel_bodies[body]->single) {
                assert_int_equal(used, 0);
                continue;
            }
            assert_true(used >= 6); /* the ordinary row, with its offset, and the smallest phi */
            used = sweep(&kernels[k], name, &tried);
            assert_true(used > tried / 8 && used < tried / 2);
            sweep_inputs(&kernels[k], name);
        }
}

/* The model alone decides, by the number of its support vectors. */
static void small_models_stay_in_double(void **state)
{
    (void)state;
    for (size_t k = 0; k < KERNELS; k++)
        for (size_t m = LEAST_UNITS - 1; m <= LEAST_UNITS; m++) {
            struct problem q = pose(&kernels[k], &settings[0], m);
            bool has_single = ocelot_kernels_find(NULL)->single;
            assert_int_equal(check(&q, &settings[0], "dtd", NULL), has_single && m == LEAST_UNITS);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(promise_is_kept), cmocka_unit_test(small_models_stay_in_double)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
