/* Laws of kernel machines stacked on a network: excess and lack are the whole, the machine's part is that of the machine alone, what is absent
 * stays in the ledger, and networks are cut where they are asked to be. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explainer.h"
#include "ocelot/svm.h"
#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"

enum { ROWS = 7, D = 6, WIDTH = 14, M = 19, PRESENT = 5, DISTANCE = 6 };

struct run {
    struct ocelot_model *model;
    struct ocelot_plan *plan;
    struct ocelot_workspace *w;
};

static struct run start(struct ocelot_model *model, const char *setting, const char *precision)
{
    struct run run = {.model = model};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    struct ocelot_error error = {0};
    options.method = "dtd";
    options.settings = &setting;
    options.setting_count = setting ? 1 : 0;
    options.precision = precision;
    if (ocelot_plan_create(model, &options, &run.plan, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    assert_int_equal(ocelot_workspace_create(run.plan, &run.w, &error), OCELOT_OK);
    return run;
}

static void stop(struct run *run)
{
    ocelot_workspace_free(run->w);
    ocelot_plan_free(run->plan);
    ocelot_model_free(run->model);
}

static struct ocelot_model *stacked_model(double *x)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    struct ocelot_model *model = network_model(network_stacked(&rng, D, WIDTH, M));
    network_fill(&rng, x, ROWS * D, 2);
    assert_ptr_equal(model->graph->nodes[PRESENT]->op, &ocelot_op_present);
    assert_ptr_equal(model->graph->nodes[DISTANCE]->op, &ocelot_op_distance);
    return model;
}

/* Textbook loops: of R_j at the distances, what feature i gets from the support vectors below it (side 1) or above it (-1). */
static void share(const struct run *run, size_t b, int side, double *out)
{
    const struct ocelot_distance_params *p = run->model->graph->nodes[DISTANCE]->params;
    const double *a = run->w->f64.activation[PRESENT] + b * WIDTH, *relevance = run->w->f64.signal[DISTANCE] + b * M;
    for (size_t i = 0; i < WIDTH; i++)
        out[i] = 0;
    for (size_t j = 0; j < M; j++) {
        double squared = 0;
        for (size_t i = 0; i < WIDTH; i++)
            squared += pow(a[i] - p->points[j * WIDTH + i], 2);
        for (size_t i = 0; i < WIDTH; i++) {
            double difference = a[i] - p->points[j * WIDTH + i];
            if (difference * side > 0)
                out[i] += relevance[j] * difference * difference / squared;
        }
    }
}

static void sides_are_told_apart(void **state)
{
    (void)state;
    double x[ROWS * D], relevance[ROWS * D], lack[ROWS * D];
    struct run run = start(stacked_model(x), NULL, "float64");
    size_t nodes = run.model->graph->count;
    struct ocelot_decision decision[ROWS];
    struct ocelot_ledger_entry ledger[ROWS * 16];
    assert_true(nodes <= 16);
    struct ocelot_explanation out = {.decision = decision, .relevance = relevance, .lack = lack, .ledger = ledger};
    assert_int_equal(ocelot_explain(run.plan, run.w, x, ROWS, &out, NULL), OCELOT_OK);
    size_t absent_rows = 0, both = 0;
    for (size_t b = 0; b < ROWS; b++) {
        double above[WIDTH], below[WIDTH], passed[2] = {0}, absent = 0, scale = decision[b].output;
        const double *a = run.w->f64.activation[PRESENT] + b * WIDTH;
        share(&run, b, 1, above);
        share(&run, b, -1, below);
        for (size_t i = 0; i < WIDTH; i++) {
            passed[0] += a[i] != 0 ? above[i] : 0;
            passed[1] += a[i] != 0 ? below[i] : 0;
            absent += a[i] != 0 ? 0 : above[i] + below[i];
            /* the last walk was that of excess: what left Present holds nothing where nothing is */
            assert_close(run.w->f64.signal[PRESENT - 1][b * WIDTH + i], a[i] != 0 ? above[i] : 0, 1e-12 * scale, "excess at the features");
        }
        absent_rows += absent > 0.01 * scale;
        assert_close(ledger[b * nodes + PRESENT].absent, absent, 1e-11 * scale, "absent");
        assert_close(ledger[b * nodes + PRESENT].passed, passed[0] + passed[1], 1e-11 * scale, "passed");
        double excess_sum = 0, lack_sum = 0;
        for (size_t i = 0; i < D; i++) {
            excess_sum += relevance[b * D + i] - lack[b * D + i];
            lack_sum += lack[b * D + i];
        }
        /* rows whose first layers have no positive share lose it there, so sums are bounded, not equal */
        double lost = 0;
        for (size_t i = 1; i < PRESENT; i++)
            lost += ledger[b * nodes + i].leaked + ledger[b * nodes + i].absorbed;
        assert_close(excess_sum + lack_sum + lost, passed[0] + passed[1], 1e-10 * scale, "pixels and features");
        assert_true(excess_sum <= passed[0] * (1 + 1e-9) && lack_sum <= passed[1] * (1 + 1e-9));
        both += passed[0] > 0.01 * scale && passed[1] > 0.01 * scale;
    }
    assert_true(absent_rows > 0 && both > 0); /* or the test would not see them */
    stop(&run);
}

/* With absent=propagate nothing stays at Present. */
static void absent_is_propagated_on_request(void **state)
{
    (void)state;
    double x[ROWS * D], kept[ROWS], sent[ROWS];
    for (int pass = 0; pass < 2; pass++) {
        struct run run = start(stacked_model(x), pass ? "absent=propagate" : "absent=keep", "float64");
        size_t nodes = run.model->graph->count;
        struct ocelot_decision decision[ROWS];
        struct ocelot_ledger_entry ledger[ROWS * 16];
        struct ocelot_explanation out = {.decision = decision, .ledger = ledger};
        assert_int_equal(ocelot_explain(run.plan, run.w, x, ROWS, &out, NULL), OCELOT_OK);
        for (size_t b = 0; b < ROWS; b++) {
            const struct ocelot_ledger_entry *e = &ledger[b * nodes + PRESENT];
            (pass ? sent : kept)[b] = e->passed;
            if (pass)
                assert_true(e->absent == 0 && e->passed >= kept[b]);
        }
        stop(&run);
    }
    double more = 0;
    for (size_t b = 0; b < ROWS; b++)
        more += sent[b] - kept[b];
    assert_true(more > 0);
}

/* The machine's part, down to the features, is what the machine alone says of the same features. */
static void machine_part_is_the_machines_own(void **state)
{
    (void)state;
    double x[ROWS * D], features[ROWS * WIDTH], alone[ROWS * WIDTH];
    struct run run = start(stacked_model(x), "absent=propagate", "float64");
    struct ocelot_decision decision[ROWS], plain[ROWS];
    struct ocelot_explanation out = {.decision = decision};
    assert_int_equal(ocelot_explain(run.plan, run.w, x, ROWS, &out, NULL), OCELOT_OK);
    memcpy(features, run.w->f64.activation[PRESENT], sizeof features);

    const struct ocelot_node *distance = run.model->graph->nodes[DISTANCE], *softmin = run.model->graph->nodes[DISTANCE + 1];
    const struct ocelot_distance_params *u = distance->params;
    const struct ocelot_softmin_params *pool = softmin->params;
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(WIDTH);
    size_t at;
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_distance(graph, at, u->profile, u->parameters, u->points, u->count, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_softmin(graph, at, pool->weights, NULL, 1, &at, NULL), OCELOT_OK);
    struct run machine = start(network_model(graph), NULL, "float64");
    out = (struct ocelot_explanation){.decision = plain, .relevance = alone};
    assert_int_equal(ocelot_explain(machine.plan, machine.w, features, ROWS, &out, NULL), OCELOT_OK);
    for (size_t b = 0; b < ROWS; b++) {
        double above[WIDTH], below[WIDTH];
        assert_true(decision[b].output == plain[b].output);
        share(&run, b, 1, above);
        share(&run, b, -1, below);
        for (size_t i = 0; i < WIDTH; i++)
            above[i] += below[i];
        /* another order of summation */
        assert_close_all(above, alone + b * WIDTH, WIDTH, 1e-11, plain[b].output, "relevance of the features");
    }
    stop(&machine);
    stop(&run);
}

/* A model that is not stacked has no lack; one that is has no pattern of pixels that is nearest. */
static void others_have_no_sides(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    double x[ROWS * D], lack[ROWS * D], nearest[ROWS * D];
    struct ocelot_decision decision[ROWS];
    struct ocelot_explanation out = {.decision = decision, .lack = lack, .nearest = nearest};
    struct run run = start(stacked_model(x), NULL, NULL);
    assert_int_equal(ocelot_explain(run.plan, run.w, x, ROWS, &out, NULL), OCELOT_OK);
    double expected[D];
    assert_int_equal(ocelot_expected(run.plan, run.w, x, NULL, D, expected, NULL), OCELOT_OK);
    for (size_t i = 0; i < D; i++)
        assert_true(isnan(nearest[i]) && isnan(expected[i]) && lack[i] >= 0);
    stop(&run);

    ocelot_rng_seed(&rng, 4);
    struct ocelot_graph *graph = network_kernel(&rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.1}, D, M);
    run = start(network_model(graph), NULL, NULL);
    x[D] = NAN;
    assert_int_equal(ocelot_explain(run.plan, run.w, x, ROWS, &out, NULL), OCELOT_OK);
    for (size_t i = 0; i < D; i++)
        assert_true(lack[i] == 0 && isnan(lack[D + i]));
    stop(&run);
}

/* What is not needed for the node stays behind; what is taken computes as before. */
static void networks_are_cut(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    double x[ROWS * D];
    ocelot_rng_seed(&rng, 5);
    network_fill(&rng, x, ROWS * D, 2);
    struct ocelot_graph *graph = network_residual(&rng, D, WIDTH, 3), *taken;
    struct run whole = start(network_model(graph), NULL, "float64");
    memcpy(whole.w->f64.activation[0], x, sizeof x);
    ocelot_walk_forward(whole.plan, whole.w, ROWS);
    const size_t node = 3; /* the second branch, Input -> Dense -> ReLU -> Dense */
    double truth[ROWS * WIDTH];
    memcpy(truth, whole.w->f64.activation[node], sizeof truth);
    ocelot_workspace_free(whole.w);
    ocelot_plan_free(whole.plan);
    /* a branch that leads nowhere is left */
    size_t aside = 0;
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &aside, 1, &aside, NULL), OCELOT_OK);
    size_t before = graph->count;
    assert_int_equal(ocelot_graph_take(graph, node, &taken, NULL), OCELOT_OK);
    assert_int_equal(taken->count, 4);
    assert_int_equal(graph->count, before - 4);
    ocelot_model_free(whole.model);
    struct run cut = start(network_model(taken), NULL, "float64");
    memcpy(cut.w->f64.activation[0], x, sizeof x);
    ocelot_walk_forward(cut.plan, cut.w, ROWS);
    assert_memory_equal(truth, cut.w->f64.activation[3], sizeof truth);
    stop(&cut);

    /* numbers change where nodes between are left out */
    ocelot_rng_seed(&rng, 6);
    graph = network_relu(&rng, (size_t[]){D, WIDTH}, 1);
    size_t input = 0, spare, last;
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &input, 1, &spare, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, (size_t[]){1}, 1, &last, NULL), OCELOT_OK);
    assert_int_equal(ocelot_graph_take(graph, last, &taken, NULL), OCELOT_OK);
    assert_int_equal(taken->count, 3);
    assert_int_equal(taken->nodes[2]->inputs[0], 1);
    assert_int_equal(graph->count, 1);
    ocelot_graph_free(graph);
    ocelot_graph_free(taken);
}

static struct ocelot_train_options defaults(void)
{
    struct ocelot_train_options options;
    ocelot_options_default(ocelot_train_option_table, &options);
    return options;
}

enum { N = 120 };

static const struct ocelot_image_options whole;

/* A trained network stand-in: 6 inputs, 14 features behind the second ReLU, 3 outputs. */
static struct ocelot_model *feature_network(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 8);
    return network_model(network_relu(&rng, (size_t[]){D, WIDTH, WIDTH, 3}, 3));
}

/* Training on a network is training on its features: same scores, threshold, p-values. */
static void training_is_that_on_features(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    struct ocelot_error error = {0};
    struct ocelot_train_options options = defaults();
    struct ocelot_model *stacked, *plain, *network = feature_network();
    double rows[N * D], features[N * WIDTH];
    ocelot_rng_seed(&rng, 9);
    network_fill(&rng, rows, N * D, 1);

    struct ocelot_plan_options all = ocelot_plan_options_default();
    struct ocelot_plan *plan;
    struct ocelot_workspace *w;
    all.batch = N;
    assert_int_equal(ocelot_plan_create_score(network, &all, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    memcpy(w->f64.activation[0], rows, sizeof rows);
    ocelot_walk_forward(plan, w, N);
    memcpy(features, w->f64.activation[4], sizeof features);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);

    if (ocelot_svm_train_images(network, &whole, rows, N, &options, &stacked, &error) != OCELOT_OK)
        fail_msg("%s", error.message);
    options.scaling = "even";
    assert_int_equal(ocelot_svm_train(features, N, WIDTH, NULL, &options, &plain, &error), OCELOT_OK);
    struct ocelot_model_info info, truth;
    ocelot_model_describe(stacked, &info);
    ocelot_model_describe(plain, &truth);
    assert_int_equal(info.features, D);
    assert_int_equal(info.width, WIDTH);
    assert_int_equal(truth.width, WIDTH);
    assert_string_equal(info.node, "ReLU-2");
    assert_null(info.network);
    assert_string_equal(info.method, "dtd");
    assert_string_equal(info.scaling, "even");
    assert_true(info.threshold == truth.threshold && info.rho == truth.rho && info.support_vectors == truth.support_vectors);

    struct run a = start(stacked, NULL, "float64"), b = start(plain, NULL, "float64");
    struct ocelot_decision got[N], expected[N];
    assert_int_equal(ocelot_score(a.plan, a.w, rows, N, got, NULL), OCELOT_OK);
    assert_int_equal(ocelot_score(b.plan, b.w, features, N, expected, NULL), OCELOT_OK);
    for (size_t k = 0; k < N; k++) {
        assert_true(got[k].outlier_score == expected[k].outlier_score && got[k].decision_value == expected[k].decision_value);
        assert_true(got[k].p_value == expected[k].p_value && got[k].is_outlier == expected[k].is_outlier);
    }

    /* what belongs to features is not handed out as if it belonged to pixels */
    double row[D], coefficient;
    struct ocelot_model *wider;
    ocelot_svm_support_vector(stacked, 0, row, &coefficient);
    assert_true(isnan(row[0]) && isnan(row[D - 1]) && coefficient > 0);
    assert_int_equal(ocelot_svm_kernel_row(stacked, rows, row, NULL), OCELOT_E_UNSUPPORTED);
    assert_int_equal(ocelot_svm_widen(stacked, 1, 20, &wider, NULL), OCELOT_E_UNSUPPORTED);
    assert_int_equal(ocelot_svm_write(stacked, "/dev/null", NULL), OCELOT_E_UNSUPPORTED);
    assert_int_equal(ocelot_svm_write_range(stacked, "/dev/null", NULL), OCELOT_E_UNSUPPORTED);
    stop(&a);
    stop(&b);
}

/* Kernels of dot products have no distances: they are stacked too, and explained by lrp, without sides. */
static void dot_products_have_no_sides(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model;
    double rows[N * D], lack[ROWS * D];
    ocelot_rng_seed(&rng, 9);
    network_fill(&rng, rows, N * D, 1);
    options.kernel = "linear";
    assert_int_equal(ocelot_svm_train_images(feature_network(), &(struct ocelot_image_options){.node = "ReLU"}, rows, N, &options, &model, NULL),
                     OCELOT_OK);
    struct ocelot_plan_options chosen = ocelot_plan_options_default();
    struct run run = {.model = model};
    assert_int_equal(ocelot_plan_create(model, &chosen, &run.plan, NULL), OCELOT_OK);
    assert_string_equal(ocelot_plan_method(run.plan), "lrp");
    assert_int_equal(ocelot_workspace_create(run.plan, &run.w, NULL), OCELOT_OK);
    struct ocelot_decision decision[ROWS];
    double explained[ROWS], residual[ROWS];
    struct ocelot_explanation out = {.decision = decision, .explained = explained, .residual = residual, .lack = lack};
    assert_int_equal(ocelot_explain(run.plan, run.w, rows, ROWS, &out, NULL), OCELOT_OK);
    for (size_t b = 0; b < ROWS; b++)
        assert_close(explained[b] + residual[b], decision[b].output, 1e-10, "output");
    assert_true(isnan(lack[0]));
    stop(&run);
}

static void refuses(enum ocelot_status expected, const char *sentence, const char *node, const double *rows, size_t n)
{
    struct ocelot_error error = {0};
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model = NULL;
    assert_int_equal(ocelot_svm_train_images(feature_network(), &(struct ocelot_image_options){.node = node}, rows, n, &options, &model, &error),
                     expected);
    if (!strstr(error.message, sentence))
        fail_msg("'%s' does not say '%s'", error.message, sentence);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    double rows[N * D] = {0};
    refuses(OCELOT_E_ARGUMENT, "no layer 'Conv'", "Conv", rows, N);
    refuses(OCELOT_E_ARGUMENT, "the input itself", "Input", rows, N);
    rows[2 * D + 1] = NAN; /* ReLU would make a 0 of it */
    refuses(OCELOT_E_VALUE, "row 3, column 2", NULL, rows, N);
    rows[2 * D + 1] = 0;
    refuses(OCELOT_E_SHAPE, "at least 2", NULL, rows, 1);

    struct ocelot_rng rng;
    struct ocelot_error error = {0};
    struct ocelot_train_options options = defaults();
    struct ocelot_model *model, *none;
    ocelot_rng_seed(&rng, 9);
    network_fill(&rng, rows, N * D, 1);
    assert_int_equal(ocelot_svm_train(rows, N, D, NULL, &options, &model, NULL), OCELOT_OK);
    assert_int_equal(ocelot_svm_train_images(model, &whole, rows, N, &options, &none, &error), OCELOT_E_UNSUPPORTED);
    assert_non_null(strstr(error.message, "kernel machine"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_are_told_apart),
        cmocka_unit_test(absent_is_propagated_on_request),
        cmocka_unit_test(machine_part_is_the_machines_own),
        cmocka_unit_test(others_have_no_sides),
        cmocka_unit_test(networks_are_cut),
        cmocka_unit_test(training_is_that_on_features),
        cmocka_unit_test(dot_products_have_no_sides),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
