/* The closed form of one-class deep Taylor decomposition in long double, written from the formulas alone, against the network:
 * score, every relevance, residual, nearest and expected, for every kernel, also where naive arithmetic loses its digits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explainer.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { D = 9, M = 41 };

static const struct kernel {
    const struct ocelot_profile *profile;
    double power;
} kernels[] = {{&ocelot_profile_rbf, 2}, {&ocelot_profile_laplace, 1}, {&ocelot_profile_generalised_gaussian, 1.3}, {&ocelot_profile_student, 0}};

/* Where the query lies, and how far the data are from the origin. */
static const struct setting {
    const char *name;
    double gamma, offset, distance; /* of the query from support vector 0; negative = a random row */
} settings[] = {
    {"ordinary", 0.3, 0, -1},
    {"offset by 1e4", 0.3, 1e4, -1},
    {"1e-3 from a support vector", 1, 0, 1e-3},
    {"1e-6 from a support vector", 1, 0, 1e-6},
    {"1e-6 from a support vector, offset by 1e4", 1, 1e4, 1e-6},
    {"on a support vector", 1, 0, 0},
    {"gamma d^2 about 1e-9", 1e-10, 0, -1},
    {"gamma d^2 about 1e4", 1e3, 0, -1},
    {"gamma d^2 about 1e8", 1e7, 0, -1},
};

struct problem {
    double u[M][D], w[M], x[D];
    struct ocelot_profile_parameters p;
    const struct kernel *kernel;
};

struct answer {
    long double o, relevance[D], residual, nearest[D], expected[D];
};

static long double phi_of(const struct problem *q, long double squared)
{
    long double gamma = q->p.gamma;
    if (q->kernel->profile == &ocelot_profile_student)
        return log1pl(gamma * squared);
    return squared == 0 ? 0 : gamma * powl(squared, q->kernel->power / 2.0L);
}

/* -log sum w exp(-phi), by expm1 where that keeps the digits and by a shift elsewhere; the weights need not sum to one exactly. */
static long double pool(const struct problem *q, const long double *phi)
{
    long double least = phi[0], sum = 0, small = 0, total = 0;
    for (int j = 0; j < M; j++) {
        least = fminl(least, phi[j]);
        total += q->w[j];
        small += q->w[j] * expm1l(-phi[j]);
    }
    if (small > -0.5L * total)
        return -log1pl(small / total);
    for (int j = 0; j < M; j++)
        sum += q->w[j] / total * expl(least - phi[j]);
    return least - logl(sum);
}

static struct answer closed_form(const struct problem *q)
{
    struct answer a = {0};
    long double phi[M], squared[M];
    for (int j = 0; j < M; j++) {
        squared[j] = 0;
        for (int i = 0; i < D; i++)
            squared[j] += ((long double)q->x[i] - q->u[j][i]) * ((long double)q->x[i] - q->u[j][i]);
        phi[j] = phi_of(q, squared[j]);
    }
    a.o = pool(q, phi);
    for (int j = 0; j < M; j++) {
        long double share = q->w[j] * expl(a.o - phi[j]), r = share * fminl(a.o, phi[j]);
        a.residual += share * fmaxl(0, a.o - phi[j]);
        for (int i = 0; i < D; i++) {
            long double t = (long double)q->x[i] - q->u[j][i];
            a.relevance[i] += squared[j] > 0 ? r * t * t / squared[j] : 0;
            a.nearest[i] += share * q->u[j][i];
        }
    }
    for (int i = 0; i < D; i++) {
        long double without[M], least = INFINITY, sum = 0;
        for (int j = 0; j < M; j++) {
            long double rest = 0;
            for (int k = 0; k < D; k++)
                rest += k == i ? 0 : ((long double)q->x[k] - q->u[j][k]) * ((long double)q->x[k] - q->u[j][k]);
            without[j] = phi_of(q, rest);
            least = fminl(least, without[j]);
        }
        for (int j = 0; j < M; j++) {
            long double e = q->w[j] * expl(least - without[j]);
            sum += e;
            a.expected[i] += e * q->u[j][i];
        }
        a.expected[i] /= sum;
    }
    return a;
}

static struct problem pose(const struct kernel *kernel, const struct setting *s)
{
    struct problem q = {.kernel = kernel, .p = {.gamma = s->gamma, .power = kernel->power}};
    struct ocelot_rng rng;
    double sum = 0;
    ocelot_rng_seed(&rng, 19);
    network_fill(&rng, &q.u[0][0], (size_t)M * D, 1);
    network_fill(&rng, q.x, D, 1.5);
    for (int j = 0; j < M; j++)
        sum += q.w[j] = 0.1 + ocelot_rng_uniform(&rng);
    for (int j = 0; j < M; j++) {
        q.w[j] /= sum;
        for (int i = 0; i < D; i++)
            q.u[j][i] += s->offset;
    }
    for (int i = 0; i < D; i++)
        q.x[i] = s->distance < 0 ? q.x[i] + s->offset : q.u[0][i] + s->distance * (i % 2 ? 0.5 : -0.25);
    return q;
}

static struct ocelot_model *lower(const struct problem *q)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(D);
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_distance(graph, 0, q->kernel->profile, q->p, &q->u[0][0], M, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, 1, q->w, NULL, 1, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    model->info.support_vectors = M;
    return model;
}

/* Results of the network, with slots for one row. */
struct got {
    struct ocelot_decision decision;
    double relevance[D], residual, nearest[D], expected[D], quick[D], support[M];
};

static struct got by_network(const struct problem *q, const char *method, const char *body, const char *precision, const char *points)
{
    struct ocelot_model *model = lower(q);
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct got got;
    options.method = method;
    options.kernels = body;
    options.precision = precision;
    options.points = points;
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    struct ocelot_explanation out = {
        .decision = &got.decision, .relevance = got.relevance, .residual = &got.residual, .nearest = got.nearest, .support = got.support};
    assert_int_equal(ocelot_explain(plan, w, q->x, 1, &out, NULL), OCELOT_OK);
    assert_int_equal(ocelot_expected(plan, w, q->x, NULL, D, got.expected, NULL), OCELOT_OK);
    assert_int_equal(ocelot_expected_from_support(plan, w, q->x, got.support, NULL, D, got.quick, NULL), OCELOT_OK);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    return got;
}

static void check(const struct kernel *kernel, const struct setting *s, const char *body, const char *points)
{
    struct problem q = pose(kernel, s);
    struct answer a = closed_form(&q);
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
    for (int j = 0; j < M; j++)
        share += got.support[j];
    assert_close(share, 1, 1e-12, "support weights");
    /* the residual is summed on its own; that it is also the difference is the ledger's check */
    assert_close(total + got.residual, got.decision.output, bound, "conservation");
}

static void network_is_the_closed_form(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        for (size_t s = 0; s < sizeof settings / sizeof *settings; s++)
            for (size_t body = 0; ocelot_kernel_bodies[body]; body++)
                if (ocelot_kernels_find(ocelot_kernel_bodies[body]->name)) {
                    check(&kernels[k], &settings[s], ocelot_kernel_bodies[body]->name, "dense");
                    check(&kernels[k], &settings[s], ocelot_kernel_bodies[body]->name, "sparse");
                }
}

/* In float: the promise of ops/pooled_distance.h, 1e-5 of the score for the score and for the sum of all errors of relevances; never below zero;
 * conservation to 1e-6, where the float sums of relevances and residual stand in. Returns whether float was used at all. */
static bool check_single(const struct setting *s, const char *body)
{
    struct problem q = pose(&kernels[0], s);
    struct answer a = closed_form(&q);
    struct got got = by_network(&q, "dtd", body, "float32", NULL), wide = by_network(&q, "dtd", body, "float64", NULL);
    double total = 0, off = 0, share = 0;
    assert_close(got.decision.output, (double)a.o, 1e-5 * (double)a.o, s->name);
    for (int i = 0; i < D; i++) {
        assert_true(got.relevance[i] >= 0);
        total += got.relevance[i];
        off += fabs(got.relevance[i] - (double)a.relevance[i]);
        assert_close(got.nearest[i], (double)a.nearest[i], 1e-5 * (1 + s->offset), s->name);
        assert_close(got.expected[i], wide.expected[i], 0, "expected values are made in double");
        assert_close(got.quick[i], (double)a.expected[i], 1e-4 * (1 + s->offset), s->name);
    }
    for (int j = 0; j < M; j++)
        share += got.support[j];
    assert_close(share, 1, 1e-6, "support weights");
    assert_close(off, 0, 1e-5 * (double)a.o, s->name);
    assert_close(total + got.residual, got.decision.output, 1e-6 * got.decision.output, "conservation");
    bool differs = false;
    for (int i = 0; i < D; i++)
        differs |= got.relevance[i] != wide.relevance[i];
    return differs;
}

static void single_keeps_its_promise(void **state)
{
    (void)state;
    for (size_t body = 0; ocelot_kernel_bodies[body]; body++) {
        const char *name = ocelot_kernel_bodies[body]->name;
        if (!ocelot_kernels_find(name))
            continue;
        size_t used = 0, tried = 0;
        for (size_t s = 0; s < sizeof settings / sizeof *settings; s++)
            check_single(&settings[s], name);
        for (int power = -4; power <= 4; power++)
            for (int step = 0; step < 20; step++) {
                double gamma = pow(10, power), distance = 10 * pow(3, -step);
                used += check_single(&(struct setting){"sweep", gamma, 0, distance}, name);
                used += check_single(&(struct setting){"sweep, offset by 300", gamma, 300, distance}, name);
                tried += 2;
            }
        /* float where it can, double where float fails; the reference computes in double only */
        assert_true(ocelot_kernel_bodies[body]->single ? used > tried / 5 && used < tried : used == 0);
    }
}

/* dtd-conserving: relevances sum to the score, unless a share sits at distance zero and is leaked. */
static void conserving_conserves(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
            struct problem q = pose(&kernels[k], &settings[s]);
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
    struct problem q = pose(&kernels[0], &settings[0]), shifted;
    for (int j = 0; j < M; j++)
        for (int i = 0; i < D; i++)
            q.u[j][i] = ldexp(round(ldexp(q.u[j][i], 20)), -20);
    for (int i = 0; i < D; i++)
        q.x[i] = ldexp(round(ldexp(q.x[i], 20)), -20);
    shifted = q;
    for (int i = 0; i < D; i++) {
        shifted.x[i] += 1024 * (i + 1);
        for (int j = 0; j < M; j++)
            shifted.u[j][i] += 1024 * (i + 1);
    }
    struct got here = by_network(&q, "dtd", NULL, NULL, NULL), there = by_network(&shifted, "dtd", NULL, NULL, NULL);
    assert_memory_equal(here.relevance, there.relevance, sizeof here.relevance);
    assert_true(here.decision.output == there.decision.output);
}

/* Distance and soft-min in one step (graph/pair.h) against the same walk node by node: relevances, and every entry of the ledger. */
static void check_pair(struct ocelot_graph *graph, const char *what)
{
    enum { ROWS = 7 };
    struct ocelot_model *model = network_model(graph);
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_rng rng;
    size_t d = model->feature_count, nodes = graph->count, entries = ROWS * nodes * sizeof(struct ocelot_ledger_entry) / sizeof(double);
    options.batch = ROWS;
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
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        check_pair(network_kernel(&rng, kernels[k].profile, (struct ocelot_profile_parameters){0.3, kernels[k].power}, D, M),
                   kernels[k].profile->name);
    check_pair(network_patches(&rng, 6, 3, 2, 11), "patches");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_is_the_closed_form), cmocka_unit_test(single_keeps_its_promise), cmocka_unit_test(one_step_is_two),
        cmocka_unit_test(conserving_conserves),       cmocka_unit_test(shift_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
