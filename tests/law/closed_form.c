#include "closed_form.h"

#include <math.h>

#include "ops/ops.h"
#include "support/cmocka_include.h"
#include "support/network.h"

const struct kernel kernels[KERNELS] = {
    {&ocelot_profile_rbf, 2}, {&ocelot_profile_laplace, 1}, {&ocelot_profile_generalised_gaussian, 1.3}, {&ocelot_profile_student, 0}};

const struct setting settings[SETTINGS] = {
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
    long double least = (long double)INFINITY, sum = 0, small = 0, total = 0;
    for (size_t j = 0; j < q->m; j++) {
        least = fminl(least, phi[j]);
        total += q->w[j];
        small += q->w[j] * expm1l(-phi[j]);
    }
    if (small > -0.5L * total)
        return -log1pl(small / total);
    for (size_t j = 0; j < q->m; j++)
        sum += q->w[j] / total * expl(least - phi[j]);
    return least - logl(sum);
}

struct answer closed_form(const struct problem *q, bool conserving)
{
    struct answer a = {0};
    long double phi[M], squared[M];
    for (size_t j = 0; j < q->m; j++) {
        squared[j] = 0;
        for (int i = 0; i < D; i++)
            squared[j] += ((long double)q->x[i] - q->u[j][i]) * ((long double)q->x[i] - q->u[j][i]);
        phi[j] = phi_of(q, squared[j]);
    }
    a.o = pool(q, phi);
    for (size_t j = 0; j < q->m; j++) {
        long double share = q->w[j] * expl(a.o - phi[j]), within = conserving ? a.o : fminl(a.o, phi[j]), r = share * within;
        a.residual += squared[j] > 0 ? share * (a.o - within) : share * a.o;
        for (int i = 0; i < D; i++) {
            long double t = (long double)q->x[i] - q->u[j][i];
            a.relevance[i] += squared[j] > 0 ? r * t * t / squared[j] : 0;
            a.nearest[i] += share * q->u[j][i];
        }
    }
    for (int i = 0; i < D; i++) {
        long double without[M], least = INFINITY, sum = 0;
        for (size_t j = 0; j < q->m; j++) {
            long double rest = 0;
            for (int k = 0; k < D; k++)
                rest += k == i ? 0 : ((long double)q->x[k] - q->u[j][k]) * ((long double)q->x[k] - q->u[j][k]);
            without[j] = phi_of(q, rest);
            least = fminl(least, without[j]);
        }
        for (size_t j = 0; j < q->m; j++) {
            long double e = q->w[j] * expl(least - without[j]);
            sum += e;
            a.expected[i] += e * q->u[j][i];
        }
        a.expected[i] /= sum;
    }
    return a;
}

struct problem pose(const struct kernel *kernel, const struct setting *s, size_t m)
{
    struct problem q = {.m = m, .kernel = kernel, .p = {.gamma = s->gamma, .power = kernel->power}};
    struct ocelot_rng rng;
    double sum = 0;
    ocelot_rng_seed(&rng, 19);
    network_fill(&rng, &q.u[0][0], m * D, 1);
    network_fill(&rng, q.x, D, 1.5);
    for (size_t j = 0; j < m; j++)
        sum += q.w[j] = 0.1 + ocelot_rng_uniform(&rng);
    for (size_t j = 0; j < m; j++) {
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
    assert_int_equal(ocelot_append_distance(graph, 0, q->kernel->profile, q->p, &q->u[0][0], q->m, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, 1, q->w, NULL, 1, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    model->info.support_vectors = q->m;
    return model;
}

struct got by_network(const struct problem *q, const char *method, const char *body, const char *precision, const char *points)
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
