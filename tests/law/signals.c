/* Guided backprop, deconvnet, excitation backprop and contribution propagation against their definitions: plain loops over a dense ReLU network, by
 * hand for other rectifiers, and the rules that two of them are names of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"
#include "support/question.h"

enum { ROWS = 5, LAYERS = 3, WIDEST = 13 };
static const size_t sizes[LAYERS + 1] = {7, 13, 11, 3};

/* float32: 6e-8 a number, through three layers of a dozen terms each. */
static const struct {
    const char *precision;
    double bound;
} precisions[] = {{"float64", 1e-13}, {"float32", 1e-5}};

static struct ocelot_model *deep(void)
{
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 3);
    return network_model(network_relu(&rng, sizes, LAYERS));
}

static const double *numbers(const struct ocelot_model *model, size_t layer, bool bias)
{
    size_t count;
    const struct ocelot_node *node = model->graph->nodes[2 * layer + 1];
    assert_ptr_equal(node->op, &ocelot_op_dense);
    return bias ? node->op->bias(node, &count) : node->op->weights(node).f64;
}

/* One row: forward, then back by the book. Springenberg's figure 1: backpropagation passes where the activation was positive, the deconvnet where the
 * signal is, guided backpropagation where both are. */
static void textbook(const struct ocelot_model *model, const double *x, size_t target, bool by_activation, bool by_signal, double *out)
{
    double z[LAYERS][WIDEST], a[WIDEST], s[WIDEST] = {0}, back[WIDEST];
    memcpy(a, x, sizes[0] * sizeof *a);
    for (size_t l = 0; l < LAYERS; l++) {
        const double *w = numbers(model, l, false), *b = numbers(model, l, true);
        for (size_t j = 0; j < sizes[l + 1]; j++) {
            z[l][j] = b[j];
            for (size_t i = 0; i < sizes[l]; i++)
                z[l][j] += w[j * sizes[l] + i] * a[i];
        }
        for (size_t j = 0; j < sizes[l + 1]; j++)
            a[j] = fmax(z[l][j], 0);
    }
    s[target] = 1;
    for (size_t l = LAYERS; l-- > 0;) {
        const double *w = numbers(model, l, false);
        for (size_t j = 0; l + 1 < LAYERS && j < sizes[l + 1]; j++)
            s[j] = (by_activation && !(z[l][j] > 0)) || (by_signal && !(s[j] > 0)) ? 0 : s[j];
        for (size_t i = 0; i < sizes[l]; i++) {
            back[i] = 0;
            for (size_t j = 0; j < sizes[l + 1]; j++)
                back[i] += w[j * sizes[l] + i] * s[j];
        }
        memcpy(s, back, sizes[l] * sizeof *s);
    }
    memcpy(out, s, sizes[0] * sizeof *s);
}

static void agree_with_the_book(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        bool by_activation, by_signal;
    } methods[] = {{"guided-backprop", true, true}, {"deconvnet", false, true}};
    struct ocelot_model *model = deep();
    struct ocelot_rng rng;
    double x[ROWS * 7], got[ROWS * 7], want[ROWS * 7], plain[ROWS * 7], explained[ROWS], residual[ROWS], output[ROWS];
    ocelot_rng_seed(&rng, 4);
    network_fill(&rng, x, ROWS * sizes[0], 2);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        for (size_t b = 0; b < ROWS; b++) {
            textbook(model, x + b * sizes[0], 1, methods[m].by_activation, methods[m].by_signal, want + b * sizes[0]);
            textbook(model, x + b * sizes[0], 1, true, false, plain + b * sizes[0]);
        }
        assert_memory_not_equal(want, plain, sizeof want); /* the trial tells them from the gradient */
        for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++) {
            struct question question = {.method = methods[m].method, .precision = precisions[p].precision, .target = "1"};
            question_ask(model, &question, x, ROWS,
                         &(struct question_answer){.relevance = got, .explained = explained, .residual = residual, .output = output});
            assert_close_all(got, want, ROWS * sizes[0], precisions[p].bound, 0, methods[m].method);
            for (size_t b = 0; b < ROWS; b++)
                assert_close(explained[b] + residual[b], output[b], 1e-12 * (fabs(explained[b]) + fabs(output[b])), methods[m].method);
        }
    }
    ocelot_model_free(model);
}

/* With positive weights every signal is positive: guided backprop is the gradient. */
static void guided_is_the_gradient_where_signals_are_positive(void **state)
{
    (void)state;
    struct ocelot_model *model = deep();
    struct ocelot_rng rng;
    double x[ROWS * 7], got[ROWS * 7], want[ROWS * 7];
    ocelot_rng_seed(&rng, 5);
    network_fill(&rng, x, ROWS * sizes[0], 2);
    for (size_t l = 0; l < LAYERS; l++) {
        double *w = *(double **)model->graph->nodes[2 * l + 1]->params; /* weights stand first */
        assert_ptr_equal(w, numbers(model, l, false));
        for (size_t n = 0; n < sizes[l] * sizes[l + 1]; n++)
            w[n] = fabs(w[n]);
    }
    for (size_t b = 0; b < ROWS; b++)
        textbook(model, x + b * sizes[0], 1, true, false, want + b * sizes[0]);
    question_ask(model, &(struct question){.method = "guided-backprop", .target = "1"}, x, ROWS, &(struct question_answer){.relevance = got});
    assert_close_all(got, want, ROWS * sizes[0], 1e-13, 0, "positive weights"); /* sums of a dozen terms in another order */
    ocelot_model_free(model);
}

/* Two rectified values, then weights of both signs: signals (2, -3) at activations as given. */
static void other_rectifiers(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        bool clip;
        double want[4][2]; /* x = (-1, -1), (0.5, 0.5), (7, 7), (-1, 7) */
    } trials[] = {
        {"guided-backprop", false, {{2 * 0.1, 0}, {2, 0}, {2, 0}, {2 * 0.1, 0}}},
        {"guided-backprop", true, {{0, 0}, {2, 0}, {0, 0}, {0, 0}}},
        {"deconvnet", false, {{2, 0}, {2, 0}, {2, 0}, {2, 0}}},
        {"deconvnet", true, {{2, 0}, {2, 0}, {2, 0}, {2, 0}}},
    };
    const double x[4][2] = {{-1, -1}, {0.5, 0.5}, {7, 7}, {-1, 7}};
    for (size_t t = 0; t < sizeof trials / sizeof *trials; t++) {
        struct ocelot_graph *graph = ocelot_graph_create();
        struct ocelot_shape shape = ocelot_shape_vector(2);
        size_t at;
        double got[4][2];
        assert_int_equal(ocelot_append_input(graph, &shape, &at, NULL), OCELOT_OK);
        assert_int_equal(trials[t].clip ? ocelot_append_clip(graph, at, 0, 6, &at, NULL) : ocelot_append_leaky_relu(graph, at, 0.1, &at, NULL),
                         OCELOT_OK);
        assert_int_equal(ocelot_append_dense(graph, at, (double[]){2, -3}, (double[]){0}, 1, &at, NULL), OCELOT_OK);
        struct ocelot_model *model = network_model(graph);
        question_ask(model, &(struct question){.method = trials[t].method}, &x[0][0], 4, &(struct question_answer){.relevance = &got[0][0]});
        assert_close_all(&got[0][0], &trials[t].want[0][0], 8, 1e-15, 0, trials[t].method);
        ocelot_model_free(model);
    }
}

static struct ocelot_graph *residual(struct ocelot_rng *rng)
{
    return network_residual(rng, 5, 17, 2);
}

static struct ocelot_graph *perceptron(struct ocelot_rng *rng)
{
    return network_relu(rng, sizes, LAYERS);
}

static struct ocelot_graph *(*const networks[])(struct ocelot_rng *rng) = {perceptron, residual, network_convolutional, network_joined,
                                                                           network_pooled};

/* What two of the methods are names of. */
static void are_their_rules(void **state)
{
    (void)state;
    static const struct question pairs[][2] = {{{.method = "excitation-backprop"}, {.method = "lrp", .setting = "rule=*=zplus/no-bias"}},
                                               {{.method = "contribution-propagation"}, {.method = "lrp", .setting = "rule=*=epsilon:0"}}};
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++)
            for (size_t m = 0; m < 2; m++) {
                struct ocelot_rng rng;
                ocelot_rng_seed(&rng, 6);
                struct ocelot_model *model = network_model(networks[n](&rng));
                size_t d = model->feature_count;
                double *x = malloc(sizeof *x * 3 * ROWS * d), *got = x + ROWS * d, *want = got + ROWS * d;
                struct question named = pairs[m][0], rule = pairs[m][1];
                named.precision = rule.precision = precisions[p].precision;
                assert_non_null(x);
                network_fill(&rng, x, ROWS * d, 2);
                question_ask(model, &named, x, ROWS, &(struct question_answer){.relevance = got});
                question_ask(model, &rule, x, ROWS, &(struct question_answer){.relevance = want});
                assert_memory_equal(got, want, ROWS * d * sizeof *got);
                free(x);
                ocelot_model_free(model);
            }
}

/* Without biases all of the output arrives: signed shares sum to one. */
static void contributions_are_conserved_without_biases(void **state)
{
    (void)state;
    struct ocelot_model *model = deep();
    struct ocelot_rng rng;
    double x[ROWS * 7], relevance[ROWS * 7], explained[ROWS], output[ROWS];
    ocelot_rng_seed(&rng, 7);
    network_fill(&rng, x, ROWS * sizes[0], 2);
    for (size_t l = 0; l < LAYERS; l++) {
        const struct {
            struct ocelot_store weights;
            double *bias;
        } *params = model->graph->nodes[2 * l + 1]->params; /* how Dense keeps them */
        double *bias = params->bias;
        assert_ptr_equal(bias, numbers(model, l, true));
        memset(bias, 0, sizes[l + 1] * sizeof *bias);
    }
    question_ask(model, &(struct question){.method = "contribution-propagation"}, x, ROWS,
                 &(struct question_answer){.relevance = relevance, .explained = explained, .output = output});
    for (size_t b = 0; b < ROWS; b++) {
        double size = fabs(output[b]);
        for (size_t i = 0; i < sizes[0]; i++)
            size = fmax(size, fabs(relevance[b * sizes[0] + i]));
        assert_close(explained[b], output[b], 1e-12 * size, "conserved"); /* roundings of shares that may be many times their sum */
    }
    ocelot_model_free(model);
}

static void refuse_what_they_are_not_for(void **state)
{
    (void)state;
    static const struct {
        const char *method, *says;
    } refused[] = {{"guided-backprop", "ReLU"},
                   {"deconvnet", "gradient"},
                   {"excitation-backprop", "layers of weights"},
                   {"contribution-propagation", "layers of weights"},
                   {"cam", "no image"},
                   {"grad-cam", "no image"},
                   {"pattern-net", "support vectors"},
                   {"pattern-attribution", "support vectors"}};
    struct ocelot_rng rng;
    char sentence[512];
    ocelot_rng_seed(&rng, 8);
    struct ocelot_model *model = network_model(network_kernel(&rng, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.3}, 5, 37));
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        question_refused(model, &(struct question){.method = refused[k].method}, OCELOT_E_UNSUPPORTED, sentence, sizeof sentence);
        assert_non_null(strstr(sentence, refused[k].method));
        assert_non_null(strstr(sentence, refused[k].says));
    }
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_the_book),
        cmocka_unit_test(guided_is_the_gradient_where_signals_are_positive),
        cmocka_unit_test(other_rectifiers),
        cmocka_unit_test(are_their_rules),
        cmocka_unit_test(contributions_are_conserved_without_biases),
        cmocka_unit_test(refuse_what_they_are_not_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
