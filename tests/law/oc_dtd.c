/* The closed form of one-class deep Taylor decomposition in long double, written from the formulas alone, against the network:
 * score, every relevance, residual, nearest and expected, for every kernel, also where naive arithmetic loses its digits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "closed_form.h"
#include "explain/explainer.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { UNITS = 41 };

static void check(const struct kernel *kernel, const struct setting *s, const char *body, const char *points)
{
    struct problem q = pose(kernel, s, UNITS);
    struct answer a = closed_form(&q, false);
    struct got got = by_network(&q, "dtd", body, NULL, points);
    double total = 0, share = 0;
    /* 1e-9 of the score: the promise; the residual and each relevance are parts of it */
    double bound = 1e-9 * (double)a.o;
    assert_close(got.decision.output, (double)a.o, bound, s->name);
    assert_close(got.residual, (double)a.residual, bound, s->name);
    for (int i = 0; i < D; i++) {
        if (!(got.relevance[i] >= 0))
            fail_msg("%s, %s, %s: relevance %d is %g, below zero", s->name, kernel->profile->name, body, i, got.relevance[i]);
        assert_close(got.relevance[i], (double)a.relevance[i], bound, s->name);
        assert_close(got.nearest[i], (double)a.nearest[i], 1e-9 * (1 + s->offset), s->name);
        /* without feature i the squared distance is a difference: eps * gamma d^2 of it is lost in the exponent */
        assert_close(got.expected[i], (double)a.expected[i], 1e-9 * (1 + s->offset) * fmax(1, (double)a.o), s->name);
        assert_close(got.quick[i], (double)a.expected[i], 1e-9 * (1 + s->offset) * fmax(1, (double)a.o), s->name);
        total += got.relevance[i];
    }
    for (int j = 0; j < UNITS; j++)
        share += got.support[j];
    assert_close(share, 1, 1e-12, "support weights");
    /* the residual is summed on its own; that it is also the difference is the ledger's check */
    assert_close(total + got.residual, got.decision.output, bound, "conservation");
}

static void network_is_the_closed_form(void **state)
{
    (void)state;
    for (size_t k = 0; k < KERNELS; k++)
        for (size_t s = 0; s < SETTINGS; s++)
            for (size_t body = 0; ocelot_kernel_bodies[body]; body++)
                if (ocelot_kernels_find(ocelot_kernel_bodies[body]->name)) {
                    check(&kernels[k], &settings[s], ocelot_kernel_bodies[body]->name, "dense");
                    check(&kernels[k], &settings[s], ocelot_kernel_bodies[body]->name, "sparse");
                }
}

/* dtd-conserving: relevances sum to the score, unless a share sits at distance zero and is leaked. */
static void conserving_conserves(void **state)
{
    (void)state;
    for (size_t k = 0; k < KERNELS; k++)
        for (size_t s = 0; s < SETTINGS; s++) {
            struct problem q = pose(&kernels[k], &settings[s], UNITS);
            struct got got = by_network(&q, "dtd-conserving", NULL, NULL, NULL);
            double total = 0;
            for (int i = 0; i < D; i++)
                total += got.relevance[i];
            assert_close(total + got.residual, got.decision.output, 1e-9 * got.decision.output, settings[s].name);
            if (settings[s].distance != 0)
                assert_close(got.residual, 0, 1e-9 * got.decision.output, settings[s].name);
        }
}

/* Data and model shifted together change nothing (Kindermans 2017): exactly, where the shift itself is exact. */
static void shift_changes_nothing(void **state)
{
    (void)state;
    struct problem q = pose(&kernels[0], &settings[0], UNITS), shifted;
    for (int j = 0; j < UNITS; j++)
        for (int i = 0; i < D; i++)
            q.u[j][i] = ldexp(round(ldexp(q.u[j][i], 20)), -20);
    for (int i = 0; i < D; i++)
        q.x[i] = ldexp(round(ldexp(q.x[i], 20)), -20);
    shifted = q;
    for (int i = 0; i < D; i++) {
        shifted.x[i] += 1024 * (i + 1);
        for (int j = 0; j < UNITS; j++)
            shifted.u[j][i] += 1024 * (i + 1);
    }
    struct got here = by_network(&q, "dtd", NULL, NULL, NULL), there = by_network(&shifted, "dtd", NULL, NULL, NULL);
    assert_memory_equal(here.relevance, there.relevance, sizeof here.relevance);
    assert_true(here.decision.output == there.decision.output);
}

/* Distance and soft-min in one step (graph/pair.h) against the same walk node by node: relevances, and every entry of the ledger. */
static void check_pair(struct ocelot_graph *graph, const char *method, const char *what)
{
    enum { ROWS = 7 };
    struct ocelot_model *model = network_model(graph);
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_rng rng;
    size_t d = model->feature_count, nodes = graph->count, entries = ROWS * nodes * sizeof(struct ocelot_ledger_entry) / sizeof(double);
    options.batch = ROWS;
    options.method = method;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    double *relevance = calloc(ROWS * d, sizeof *relevance), *ledger = calloc(entries, sizeof *ledger);
    assert_true(relevance && ledger);
    ocelot_rng_seed(&rng, 5);
    network_fill(&rng, w->f64.activation[0], ROWS * d, 1);
    ocelot_walk_forward(plan, w, ROWS);
    for (int apart = 0; apart < 2; apart++) {
        w->apart = apart;
        for (size_t b = 0; b < ROWS; b++) /* one row without relevance */
            w->f64.signal[nodes - 1][b] = b == 3 ? 0 : w->f64.activation[nodes - 1][b];
        ocelot_walk_relevance(plan, w, ROWS);
        const double *now = (const void *)w->ledger;
        for (size_t n = 0; apart && n < ROWS * d; n++)
            assert_close(w->f64.signal[0][n], relevance[n], 1e-13 * (1 + fabs(relevance[n])), what);
        for (size_t n = 0; apart && n < entries; n++)
            assert_close(now[n], ledger[n], 1e-13 * (1 + fabs(ledger[n])), what);
        memcpy(relevance, w->f64.signal[0], ROWS * d * sizeof *relevance);
        memcpy(ledger, w->ledger, entries * sizeof *ledger);
    }
    free(relevance);
    free(ledger);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
}

static void one_step_is_two(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    for (size_t n = 0; n < 2; n++) {
        const char *method = n ? "dtd-conserving" : "dtd";
        for (size_t k = 0; k < KERNELS; k++)
            check_pair(network_kernel(&rng, kernels[k].profile, (struct ocelot_profile_parameters){0.3, kernels[k].power}, D, UNITS), method,
                       kernels[k].profile->name);
        check_pair(network_patches(&rng, 6, 3, 2, 11), method, "patches");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_is_the_closed_form),
        cmocka_unit_test(one_step_is_two),
        cmocka_unit_test(conserving_conserves),
        cmocka_unit_test(shift_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
