/* DeepLIFT: contributions sum to f(x) - f(x') on every model, for references near and far and equal in places; on what is linear they are gradient
 * x difference; one ReLU by hand; LRN, pools and soft-min among the layers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"
#include "support/question.h"

enum { ROWS = 6 };

static struct ocelot_graph *deep(struct ocelot_rng *rng)
{
    return network_relu(rng, (size_t[]){7, 13, 11, 3}, 3);
}

static struct ocelot_graph *residual(struct ocelot_rng *rng)
{
    return network_residual(rng, 5, 17, 2);
}

static struct ocelot_graph *rbf(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.3}, 5, 37);
}

static struct ocelot_graph *narrow_rbf(struct ocelot_rng *rng)
{
    return network_kernel(rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 300}, 5, 37);
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

/* A dense layer onto `graph`, from node `at`. */
static size_t dense(struct ocelot_rng *rng, struct ocelot_graph *graph, size_t at, size_t outputs)
{
    size_t inputs = graph->nodes[at]->size;
    double *weights = malloc(inputs * outputs * sizeof *weights), *bias = malloc(outputs * sizeof *bias);
    assert_true(weights && bias);
    network_fill(rng, weights, inputs * outputs, 0.5);
    network_fill(rng, bias, outputs, 0.5);
    assert_int_equal(ocelot_append_dense(graph, at, weights, bias, outputs, &at, NULL), OCELOT_OK);
    free(weights);
    free(bias);
    return at;
}

static size_t plain(struct ocelot_graph *graph, const struct ocelot_op *op, size_t at)
{
    assert_int_equal(ocelot_append_plain(graph, op, &at, 1, &at, NULL), OCELOT_OK);
    return at;
}

static struct ocelot_graph *input(size_t size)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = ocelot_shape_vector(size);
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    return graph;
}

/* Powers, tanh, exp and the three norms, as kernels of dot products and Normalizers have them. */
static struct ocelot_graph *curved(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = input(5);
    size_t at = dense(rng, graph, 0, 9);
    assert_int_equal(ocelot_append_power(graph, at, 3, &at, NULL), OCELOT_OK);
    at = plain(graph, &ocelot_op_tanh, dense(rng, graph, at, 7));
    assert_int_equal(ocelot_append_normalise(graph, at, 1, &at, NULL), OCELOT_OK);
    at = plain(graph, &ocelot_op_exp_negative, dense(rng, graph, at, 6));
    assert_int_equal(ocelot_append_normalise(graph, at, 0, &at, NULL), OCELOT_OK);
    dense(rng, graph, at, 2);
    return graph;
}

static struct ocelot_graph *linear(struct ocelot_rng *rng)
{
    struct ocelot_graph *graph = input(6);
    dense(rng, graph, dense(rng, graph, 0, 4), 2);
    return graph;
}

static const struct {
    const char *name;
    struct ocelot_graph *(*make)(struct ocelot_rng *rng);
} networks[] = {
    {"deep", deep},
    {"residual", residual},
    {"convolutional", network_convolutional},
    {"joined", network_joined},
    {"pooled", network_pooled},
    {"rbf", rbf},
    {"narrow rbf", narrow_rbf},
    {"laplace", laplace},
    {"student", student},
    {"generalised gaussian", generalised},
    {"stacked", stacked},
    {"patches", patches},
    {"curved", curved},
    {"linear", linear},
};

/* References of a row: far; near; equal but for one feature; apart by rounding alone in some; the row itself. */
static void make_references(struct ocelot_rng *rng, const double *x, size_t d, double *out)
{
    network_fill(rng, out, 2 * d, 2);
    for (size_t i = 0; i < d; i++) {
        out[d + i] = x[i] + 1e-3 * out[d + i];
        out[2 * d + i] = i == d / 2 ? x[i] + 1 : x[i];
        out[3 * d + i] = i % 2 ? x[i] * (1 + 1e-13) : x[i] - 0.5;
        out[4 * d + i] = x[i];
    }
}

static void sums_to_the_difference(const char *precision, double bound)
{
    enum { REFERENCES = 5 };
    for (size_t k = 0; k < sizeof networks / sizeof *networks; k++) {
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 3);
        struct ocelot_model *model = network_model(networks[k].make(&rng));
        size_t d = model->feature_count;
        double *x = malloc((ROWS + REFERENCES) * d * sizeof *x), *references = x + ROWS * d, *relevance = malloc(ROWS * d * sizeof *relevance);
        double output[ROWS], constant[ROWS], explained[ROWS], at_reference[REFERENCES];
        assert_true(x && relevance);
        network_fill(&rng, x, ROWS * d, 2);
        make_references(&rng, x, d, references);
        question_ask(model, &(struct question){.method = "deeplift", .setting = "root=zero", .precision = precision}, references, REFERENCES,
                     &(struct question_answer){.output = at_reference});
        for (int r = 0; r < REFERENCES; r++) {
            char root[16], what[64];
            snprintf(root, sizeof root, "root=row:%d", r);
            snprintf(what, sizeof what, "%s, reference %d", networks[k].name, r);
            struct question question = {
                .method = "deeplift", .setting = root, .precision = precision, .background = references, .background_rows = REFERENCES};
            question_ask(model, &question, x, ROWS,
                         &(struct question_answer){.relevance = relevance, .explained = explained, .output = output, .constant = constant});
            for (int b = 0; b < ROWS; b++) {
                double size = fabs(output[b]) + fabs(at_reference[r]);
                for (size_t i = 0; i < d; i++)
                    size = fmax(size, fabs(relevance[(size_t)b * d + i]));
                assert_close(constant[b], at_reference[r], bound * size, what);
                assert_close(explained[b], output[b] - at_reference[r], bound * size, what);
            }
            for (size_t i = 0; r == 2 && i < d; i++) /* what is equal contributes nothing */
                assert_true(i == d / 2 || relevance[i] == 0);
            for (size_t i = 0; r == 4 && i < d; i++)
                assert_true(relevance[i] == 0);
        }
        free(x);
        free(relevance);
        ocelot_model_free(model);
    }
}

/* Every layer's multipliers close its difference to a rounding of its values, which the layers above enlarge by their slopes, some hundred. */
static void is_complete(void **state)
{
    (void)state;
    sums_to_the_difference("float64", 2e-12);
}

static void is_complete_in_single(void **state)
{
    (void)state;
    sums_to_the_difference("float32", 1e-4);
}

/* Where f is linear the rescale rule has nothing to do. */
static void linear_is_gradient_times_input(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 5);
    struct ocelot_model *model = network_model(linear(&rng));
    size_t d = model->feature_count;
    double x[ROWS * 6], got[ROWS * 6], want[ROWS * 6];
    network_fill(&rng, x, ROWS * d, 2);
    question_ask(model, &(struct question){.method = "deeplift", .setting = "root=zero"}, x, ROWS, &(struct question_answer){.relevance = got});
    question_ask(model, &(struct question){.method = "gradient-x-input", .setting = "root=zero"}, x, ROWS,
                 &(struct question_answer){.relevance = want});
    assert_close_all(got, want, ROWS * d, 1e-14, 0, "linear"); /* sums of ten products in another order */
    ocelot_model_free(model);
}

/* y = relu(x1 - x2), from (1, 2), where it is 0, to (3, 1), where it is 2: m = 2 / 3 of z, so R = (2/3 * 2, 2/3 * 1); the gradient there would
 * give (2, 1), which is one too much (Shrikumar 2017, saturation and thresholding). */
static void one_relu_by_hand(void **state)
{
    (void)state;
    struct ocelot_graph *graph = input(2);
    size_t at = 0;
    assert_int_equal(ocelot_append_dense(graph, at, (double[]){1, -1}, (double[]){0}, 1, &at, NULL), OCELOT_OK);
    plain(graph, &ocelot_op_relu, at);
    struct ocelot_model *model = network_model(graph);
    const double x[2] = {3, 1}, reference[2] = {1, 2}, want[2] = {4 / 3.0, 2 / 3.0};
    double got[2];
    struct question question = {.method = "deeplift", .setting = "root=row:0", .background = reference, .background_rows = 1};
    question_ask(model, &question, x, 1, &(struct question_answer){.relevance = got});
    assert_close_all(got, want, 2, 1e-15, 0, "one ReLU");
    ocelot_model_free(model);
}

/* A batch of one has its reference beside it, and a row does not see its neighbours, also where one cannot be scored. */
static void batches_agree(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 9);
    struct ocelot_model *model = network_model(network_convolutional(&rng));
    size_t d = model->feature_count;
    double *x = malloc(sizeof *x * 3 * ROWS * d), *whole = x + ROWS * d, *single = whole + ROWS * d;
    assert_non_null(x);
    network_fill(&rng, x, ROWS * d, 2);
    x[2 * d] = NAN;
    for (size_t batch = 1; batch <= ROWS; batch += ROWS - 1)
        question_ask(model, &(struct question){.method = "deeplift", .batch = batch}, x, ROWS,
                     &(struct question_answer){.relevance = batch == 1 ? single : whole});
    for (size_t n = 0; n < ROWS * d; n++)
        assert_true(n / d == 2 ? isnan(whole[n]) && isnan(single[n]) : whole[n] == single[n]);
    free(x);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_complete),      cmocka_unit_test(is_complete_in_single), cmocka_unit_test(linear_is_gradient_times_input),
        cmocka_unit_test(one_relu_by_hand), cmocka_unit_test(batches_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
