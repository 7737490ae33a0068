/* Laws of the three walks, looped over a table of networks: adjoint, finite differences, ledger, batches, bodies of arithmetic. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explainer.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"

enum { ROWS = 5 };

struct fixture {
    const char *name;
    struct ocelot_graph *(*make)(struct ocelot_rng *rng);
    const char *method, *setting;
};

static struct ocelot_graph *deep(struct ocelot_rng *rng)
{
    return network_relu(rng, (size_t[]){7, 13, 11, 3}, 3);
}

static struct ocelot_graph *narrow(struct ocelot_rng *rng)
{
    return network_relu(rng, (size_t[]){1, 1}, 1);
}

static struct ocelot_graph *residual(struct ocelot_rng *rng)
{
    return network_residual(rng, 5, 17, 2);
}

static struct ocelot_graph *rbf(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.3}, 5, 37);
}

static struct ocelot_graph *laplace(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_laplace, (struct ocelot_profile_parameters){.gamma = 0.7}, 3, 11);
}

static struct ocelot_graph *student(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_student, (struct ocelot_profile_parameters){.gamma = 2}, 4, 23);
}

static struct ocelot_graph *generalised(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_generalised_gaussian, (struct ocelot_profile_parameters){.gamma = 0.4, .power = 1.3}, 4, 23);
}

static struct ocelot_graph *stacked(struct ocelot_rng *rng)
{
    return network_stacked(rng, 6, 14, 19);
}

static struct ocelot_graph *patches(struct ocelot_rng *rng)
{
    return network_patches(rng, 7, 3, 2, 11);
}

/* So many units that float32 plans compute in float. */
static struct ocelot_graph *many(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_laplace, (struct ocelot_profile_parameters){.gamma = 0.7}, 3, 210);
}

static struct ocelot_graph *many_patches(struct ocelot_rng *rng)
{
    return network_patches(rng, 7, 3, 2, 210);
}

static const struct fixture fixtures[] = {
    {"deep relu, epsilon", deep, "lrp", "composite=epsilon"},
    {"deep relu, lrp-0", deep, "lrp", "composite=lrp-0"},
    {"deep relu, gamma", deep, "lrp", "rule=*=gamma:0.25"},
    {"deep relu, zplus", deep, "lrp", "rule=*=zplus"},
    {"deep relu, alpha-beta", deep, "lrp", "rule=*=alpha-beta:2,1"},
    {"deep relu, box", deep, "lrp", "rule=first=box:-4,4"},
    {"deep relu, wsquare", deep, "lrp", "rule=*=wsquare"},
    {"deep relu, flat", deep, "lrp", "composite=epsilon-plus-flat"},
    {"deep relu, deep-taylor", deep, "lrp", "composite=deep-taylor"},
    {"one neuron, epsilon", narrow, "lrp", "composite=epsilon"},
    {"residual, epsilon", residual, "lrp", "composite=epsilon"},
    {"residual, excitation-backprop", residual, "lrp", "composite=excitation-backprop"},
    {"residual, alpha-beta", residual, "lrp", "rule=*=alpha-beta:2,1"},
    {"convolutional, epsilon", network_convolutional, "lrp", "composite=epsilon"},
    {"convolutional, epsilon-plus-flat", network_convolutional, "lrp", "composite=epsilon-plus-flat"},
    {"convolutional, epsilon-alpha2-beta1", network_convolutional, "lrp", "composite=epsilon-alpha2-beta1"},
    {"convolutional, epsilon-gamma-box", network_convolutional, "lrp", "composite=epsilon-gamma-box"},
    {"convolutional, deep-taylor", network_convolutional, "lrp", "composite=deep-taylor"},
    {"joined, epsilon", network_joined, "lrp", "composite=epsilon"},
    {"joined, epsilon-plus", network_joined, "lrp", "composite=epsilon-plus"},
    {"joined, alpha-beta", network_joined, "lrp", "rule=*=alpha-beta:2,1"},
    {"joined, wsquare", network_joined, "lrp", "rule=*=wsquare"},
    {"joined, excitation-backprop", network_joined, "lrp", "composite=excitation-backprop"},
    {"pooled, epsilon", network_pooled, "lrp", "composite=epsilon"},
    {"pooled, zplus", network_pooled, "lrp", "rule=*=zplus"},
    {"pooled, gamma", network_pooled, "lrp", "rule=*=gamma:0.25"},
    {"pooled, flat", network_pooled, "lrp", "rule=*=flat"},
    {"rbf, dtd", rbf, "dtd", NULL},
    {"rbf, dtd-conserving", rbf, "dtd-conserving", NULL},
    {"laplace, dtd", laplace, "dtd", NULL},
    {"student, dtd", student, "dtd", NULL},
    {"student, dtd-conserving", student, "dtd-conserving", NULL},
    {"generalised gaussian, dtd", generalised, "dtd", NULL},
    {"patches, dtd", patches, "dtd", NULL},
    {"patches, dtd-conserving", patches, "dtd-conserving", NULL},
    {"many units, dtd", many, "dtd", NULL},
    {"many units, dtd-conserving", many, "dtd-conserving", NULL},
    {"many patches, dtd", many_patches, "dtd", NULL},
    {"many patches, dtd-conserving", many_patches, "dtd-conserving", NULL},
    {"stacked, dtd", stacked, "dtd", NULL},
    {"stacked, dtd, absent propagated", stacked, "dtd", "absent=propagate"},
    {"stacked, dtd-conserving", stacked, "dtd-conserving", NULL},
    {"stacked, lrp", stacked, "lrp", "composite=epsilon-plus-flat"},
    {"residual, contribution-propagation", residual, "contribution-propagation", NULL},
    {"joined, named excitation-backprop", network_joined, "excitation-backprop", NULL},
    {"deep relu, guided-backprop", deep, "guided-backprop", NULL},
    {"joined, guided-backprop", network_joined, "guided-backprop", NULL},
    {"stacked, guided-backprop", stacked, "guided-backprop", NULL},
    {"convolutional, deconvnet", network_convolutional, "deconvnet", NULL},
    {"convolutional, deeplift", network_convolutional, "deeplift", "root=zero"},
    {"joined, deeplift", network_joined, "deeplift", "root=zero"},
    {"pooled, deeplift", network_pooled, "deeplift", "root=zero"},
    {"student, deeplift", student, "deeplift", "root=zero"},
    {"patches, deeplift", patches, "deeplift", "root=zero"},
    {"stacked, deeplift", stacked, "deeplift", "root=zero"},
    {"convolutional, grad-cam", network_convolutional, "grad-cam", NULL},
};

/* A planned network with random rows. */
struct run {
    struct ocelot_model *model;
    struct ocelot_plan *plan;
    struct ocelot_workspace *w;
    double *x;
    size_t d, outputs, last;
};

static struct run start_in(const struct fixture *f, const char *kernels, size_t batch, const char *precision)
{
    struct ocelot_rng rng;
    struct ocelot_error error = {0};
    ocelot_rng_seed(&rng, 7);
    struct run run = {.model = network_model(f->make(&rng))};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = f->method;
    options.settings = &f->setting;
    options.setting_count = f->setting ? 1 : 0;
    options.kernels = kernels;
    options.batch = batch;
    options.precision = precision;
    if (ocelot_plan_create(run.model, &options, &run.plan, &error) != OCELOT_OK)
        fail_msg("%s: %s", f->name, error.message);
    assert_int_equal(ocelot_workspace_create(run.plan, &run.w, &error), OCELOT_OK);
    run.d = run.model->feature_count;
    run.last = run.model->graph->count - 1;
    run.outputs = run.model->graph->nodes[run.last]->size;
    run.x = malloc(ROWS * run.d * sizeof *run.x);
    assert_non_null(run.x);
    network_fill(&rng, run.x, ROWS * run.d, 2);
    return run;
}

static struct run start(const struct fixture *f, const char *kernels, size_t batch)
{
    return start_in(f, kernels, batch, NULL);
}

static void stop(struct run *run)
{
    free(run->x);
    ocelot_workspace_free(run->w);
    ocelot_plan_free(run->plan);
    ocelot_model_free(run->model);
}

/* <J v, r> by central differences = <v, J^T r> by the gradient walk, for random v and r. */
static void gradient_is_the_adjoint(void **state)
{
    (void)state;
    const double step = 1e-5;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++) {
        struct run run = start(&fixtures[k], "reference", ROWS);
        double *v = malloc(ROWS * run.d * sizeof *v), *r = malloc(ROWS * run.outputs * sizeof *r);
        struct ocelot_rng rng;
        assert_true(v && r);
        for (size_t i = 0; i <= run.last; i++) /* some methods bend it */
            run.plan->nodes[i].rule.pass = NULL;
        ocelot_rng_seed(&rng, 11);
        network_fill(&rng, v, ROWS * run.d, 1);
        network_fill(&rng, r, ROWS * run.outputs, 1);
        double left = 0, right = 0;
        for (int side = -1; side <= 1; side += 2) {
            for (size_t n = 0; n < ROWS * run.d; n++)
                run.w->f64.activation[0][n] = run.x[n] + side * step * v[n];
            ocelot_walk_forward(run.plan, run.w, ROWS);
            for (size_t n = 0; n < ROWS * run.outputs; n++)
                left += side * r[n] * run.w->f64.activation[run.last][n] / (2 * step);
        }
        memcpy(run.w->f64.activation[0], run.x, ROWS * run.d * sizeof *run.x);
        ocelot_walk_forward(run.plan, run.w, ROWS);
        memcpy(run.w->f64.signal[run.last], r, ROWS * run.outputs * sizeof *r);
        ocelot_walk_gradient(run.plan, run.w, ROWS);
        for (size_t n = 0; n < ROWS * run.d; n++)
            right += v[n] * run.w->f64.signal[0][n];
        /* central differences err by step^2 times a third derivative of order 10: 1e-8 relative with room for kinks nearby */
        assert_close(left, right, 1e-7 * (1 + fabs(right)), fixtures[k].name);
        free(v);
        free(r);
        stop(&run);
    }
}

/* Every layer: received = passed + absorbed + residual + leaked + absent; and what a layer passes is what the layers before it receive. */
static void ledger_closes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++) {
        struct run run = start(&fixtures[k], NULL, ROWS);
        size_t nodes = run.model->graph->count;
        struct ocelot_decision decision[ROWS];
        struct ocelot_ledger_entry *ledger = malloc(ROWS * nodes * sizeof *ledger);
        double explained[ROWS], residual[ROWS];
        struct ocelot_explanation out = {.decision = decision, .explained = explained, .residual = residual, .ledger = ledger};
        assert_non_null(ledger);
        assert_int_equal(ocelot_explain(run.plan, run.w, run.x, ROWS, &out, NULL), OCELOT_OK);
        for (size_t b = 0; b < ROWS; b++) {
            double scale = 1e-300;
            for (size_t i = 0; i < nodes; i++)
                scale = fmax(scale, ledger[b * nodes + i].magnitude);
            for (size_t i = 0; i < nodes; i++) {
                const struct ocelot_ledger_entry *e = &ledger[b * nodes + i];
                /* rounding of a few hundred additions of terms of size `magnitude` */
                assert_close(e->received, e->passed + e->absorbed + e->residual + e->leaked + e->absent, 1e-11 * scale, fixtures[k].name);
            }
            assert_close(explained[b] + residual[b], decision[b].output, 1e-11 * scale, fixtures[k].name);
        }
        free(ledger);
        stop(&run);
    }
}

/* A batch of n rows gives what n batches of one row give, to the bit, with every body of arithmetic; bodies agree with the reference. */
static void batches_and_bodies_agree(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++) {
        struct run reference = start(&fixtures[k], "reference", 2);
        struct ocelot_decision decision[ROWS];
        double *truth = malloc(3 * ROWS * reference.d * sizeof *truth);
        assert_non_null(truth);
        struct ocelot_explanation out = {.decision = decision, .relevance = truth};
        assert_int_equal(ocelot_explain(reference.plan, reference.w, reference.x, ROWS, &out, NULL), OCELOT_OK);
        for (size_t body = 0; ocelot_kernel_bodies[body]; body++) {
            if (!ocelot_kernels_find(ocelot_kernel_bodies[body]->name))
                continue;
            for (size_t batch = 1; batch <= ROWS; batch += ROWS - 1) {
                struct run run = start(&fixtures[k], ocelot_kernel_bodies[body]->name, batch);
                out.relevance = truth + (batch == 1 ? 1 : 2) * ROWS * run.d;
                assert_int_equal(ocelot_explain(run.plan, run.w, run.x, ROWS, &out, NULL), OCELOT_OK);
                /* other orders of summation: a few hundred roundings */
                assert_close_all(out.relevance, truth, ROWS * run.d, 1e-11, 0, fixtures[k].name);
                stop(&run);
            }
            assert_memory_equal(truth + ROWS * reference.d, truth + 2 * ROWS * reference.d, ROWS * reference.d * sizeof *truth);
        }
        free(truth);
        stop(&reference);
    }
}

/* float32 plans: relevance within 1e-4 of the largest of float64, and a ledger that closes to 1e-4 of the layer's sum |R|. */
static void single_follows_double(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof fixtures / sizeof *fixtures; k++) {
        struct run exact = start_in(&fixtures[k], NULL, ROWS, "float64"), single = start_in(&fixtures[k], NULL, ROWS, "float32");
        size_t nodes = exact.model->graph->count;
        struct ocelot_decision decision[ROWS];
        double *truth = malloc(2 * ROWS * exact.d * sizeof *truth), *got = truth + ROWS * exact.d;
        struct ocelot_ledger_entry *ledger = malloc(ROWS * nodes * sizeof *ledger);
        assert_true(truth && ledger);
        struct ocelot_explanation out = {.decision = decision, .relevance = truth};
        assert_int_equal(ocelot_explain(exact.plan, exact.w, exact.x, ROWS, &out, NULL), OCELOT_OK);
        out = (struct ocelot_explanation){.decision = decision, .relevance = got, .ledger = ledger};
        assert_int_equal(ocelot_explain(single.plan, single.w, exact.x, ROWS, &out, NULL), OCELOT_OK);
        assert_close_all(got, truth, ROWS * exact.d, 1e-4, 0, fixtures[k].name);
        for (size_t n = 0; n < ROWS * nodes; n++)
            assert_close(ledger[n].received, ledger[n].passed + ledger[n].absorbed + ledger[n].residual + ledger[n].leaked + ledger[n].absent,
                         1e-4 * (ledger[n].magnitude + 1e-300), fixtures[k].name);
        free(truth);
        free(ledger);
        stop(&exact);
        stop(&single);
    }
}

/* The log-ratio seeded at the logits explains as a dense layer of weight differences under a soft-min would: by hand for one layer. */
static void log_ratio_is_weight_differences(void **state)
{
    (void)state;
    enum { IN = 4, CLASSES = 3 };
    const double w[CLASSES][IN] = {{1, -2, 0.5, 3}, {0.3, 1, -1, 2}, {-1, 0.7, 2, 0.1}}, b[CLASSES] = {0.1, 0.4, 0.3}, x[IN] = {1, 0.5, -1, 2};
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(IN);
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, 0, &w[0][0], b, CLASSES, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    model->info.classes = CLASSES;
    const char *setting = "composite=lrp-0";
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = "lrp";
    options.settings = &setting;
    options.setting_count = 1;
    options.target = "0";
    options.log_ratio = true;
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_decision decision;
    double got[IN], expected[IN] = {0}, sum = 0, z[CLASSES], explained, residual;
    struct ocelot_explanation out = {.decision = &decision, .relevance = got, .explained = &explained, .residual = &residual};
    assert_int_equal(ocelot_plan_create(model, &options, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_explain(plan, workspace, x, 1, &out, NULL), OCELOT_OK);
    for (int c = 0; c < CLASSES; c++) {
        z[c] = b[c];
        for (int i = 0; i < IN; i++)
            z[c] += w[c][i] * x[i];
        sum += c ? exp(-(z[0] - z[c])) : 0;
    }
    double o = -log(sum);
    for (int c = 1; c < CLASSES; c++)
        for (int i = 0; i < IN; i++)
            expected[i] += exp(-(z[0] - z[c])) / sum * o * x[i] * (w[0][i] - w[c][i]) / (z[0] - z[c]);
    assert_close(decision.output, o, 1e-12, "log-ratio");
    assert_close_all(got, expected, IN, 1e-12, 0, "relevance");
    assert_close(explained + residual, o, 1e-12, "conservation");
    options.method = "dtd"; /* whose top rule is z+ */
    options.setting_count = 0;
    struct ocelot_plan *none = NULL;
    assert_int_not_equal(ocelot_plan_create(model, &options, &none, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
    ocelot_plan_free(plan);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_adjoint),         cmocka_unit_test(ledger_closes),
        cmocka_unit_test(batches_and_bodies_agree),        cmocka_unit_test(single_follows_double),
        cmocka_unit_test(log_ratio_is_weight_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
