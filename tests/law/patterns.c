/* PatternNet and PatternAttribution: a planted pattern is recovered under distractor noise where the gradient is not it (Kindermans 2017, section 3);
 * patterns of a ReLU network against plain loops; a convolution against the dense layer that it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/network.h"
#include "support/question.h"

static struct ocelot_graph *input(struct ocelot_shape shape)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    return graph;
}

/* --- the toy of the paper ------------------------------------------------------------------------------------------------------ */

enum { D = 4, SAMPLES = 4000, VALUES = SAMPLES * D };
static const double planted[D] = {1, 0.5, 0, -1};
static const double distractors[2][D] = {{1, 1, 1, 1}, {0, -2, 1, 0.5}};

/* x = a s + sum_k d_k e_k + a little noise. */
static void draw(struct ocelot_rng *rng, double *x, double *s)
{
    for (int n = 0; n < SAMPLES; n++) {
        s[n] = ocelot_rng_normal(rng);
        double e[2] = {2 * ocelot_rng_normal(rng), ocelot_rng_normal(rng)};
        for (int i = 0; i < D; i++)
            x[n * D + i] = planted[i] * s[n] + distractors[0][i] * e[0] + distractors[1][i] * e[1] + 0.05 * ocelot_rng_normal(rng);
    }
}

/* Least squares of s on x by the normal equations, eliminated in place. */
static void least_squares(const double *x, const double *s, double *w)
{
    double m[D][D + 1] = {{0}};
    for (int n = 0; n < SAMPLES; n++)
        for (int i = 0; i < D; i++) {
            for (int j = 0; j < D; j++)
                m[i][j] += x[n * D + i] * x[n * D + j];
            m[i][D] += x[n * D + i] * s[n];
        }
    for (int p = 0; p < D; p++)
        for (int i = 0; i < D; i++) {
            double factor = m[i][p] / m[p][p];
            for (int j = p; i != p && j <= D; j++)
                m[i][j] -= factor * m[p][j];
        }
    for (int i = 0; i < D; i++)
        w[i] = m[i][D] / m[i][i];
}

static double cosine(const double *a, const double *b)
{
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < D; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

static void planted_pattern_is_recovered(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    double *x = malloc(sizeof *x * VALUES + sizeof *x * SAMPLES), *s = x + VALUES, w[D], net[D], attribution[D], ideal[D], y;
    assert_non_null(x);
    ocelot_rng_seed(&rng, 1);
    draw(&rng, x, s);
    least_squares(x, s, w);
    struct ocelot_graph *graph = input(ocelot_shape_vector(D));
    assert_int_equal(ocelot_append_dense(graph, 0, w, (double[]){0}, 1, NULL, NULL), OCELOT_OK);
    struct ocelot_model *model = network_model(graph);
    for (int single = 0; single < 2; single++) {
        struct question question = {
            .method = "pattern-net", .precision = single ? "float32" : "float64", .background = x, .background_rows = SAMPLES};
        question_ask(model, &question, x, 1, &(struct question_answer){.relevance = net, .output = &y});
        question.method = "pattern-attribution";
        question_ask(model, &question, x, 1, &(struct question_answer){.relevance = attribution});
        for (int i = 0; i < D; i++) {
            net[i] /= y;
            ideal[i] = planted[i] * w[i] * y;
        }
        /* standard errors of a covariance of 4000 rows whose noise is twice the signal: 2 / sqrt(4000) = .03 */
        assert_close_all(net, planted, D, 0.1, 1, "pattern");
        assert_true(cosine(net, planted) > 0.995);
        assert_true(cosine(w, planted) < 0.9); /* the gradient of a linear model is w */
        assert_close_all(attribution, ideal, D, 0.1 * fabs(y), 1, "attribution");
    }
    free(x);
    ocelot_model_free(model);
}

/* --- by plain loops ------------------------------------------------------------------------------------------------------------ */

enum { LAYERS = 3, WIDEST = 9, ROWS = 40, ASKED = 4 };
static const size_t sizes[LAYERS + 1] = {6, 9, 7, 2};

struct plain {
    double z[LAYERS][ROWS][WIDEST], a[LAYERS + 1][ROWS][WIDEST], pattern[LAYERS][WIDEST][WIDEST];
};

static const double *numbers(const struct ocelot_model *model, size_t layer, bool bias)
{
    size_t count;
    const struct ocelot_node *node = model->graph->nodes[2 * layer + 1];
    return bias ? node->op->bias(node, &count) : node->op->weights(node).f64;
}

static void forward(const struct ocelot_model *model, const double *x, struct plain *p)
{
    for (size_t n = 0; n < ROWS; n++) {
        memcpy(p->a[0][n], x + n * sizes[0], sizes[0] * sizeof *x);
        for (size_t l = 0; l < LAYERS; l++)
            for (size_t j = 0; j < sizes[l + 1]; j++) {
                p->z[l][n][j] = numbers(model, l, true)[j];
                for (size_t i = 0; i < sizes[l]; i++)
                    p->z[l][n][j] += numbers(model, l, false)[j * sizes[l] + i] * p->a[l][n][i];
                p->a[l + 1][n][j] = fmax(p->z[l][n][j], 0);
            }
    }
}

/* cov(x_i, y) over the cases, two passes, divided by w.cov(x, y). */
static void estimate(const double *w, size_t l, size_t j, struct plain *p)
{
    double mean_y = 0, mean[WIDEST] = {0}, covariance[WIDEST] = {0}, cases = 0, variance = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t n = 0; n < ROWS; n++) {
            double y = p->z[l][n][j];
            if (l + 1 < LAYERS && !(y > 0)) /* a ReLU follows: positive cases alone */
                continue;
            cases += pass ? 0 : 1;
            mean_y += pass ? 0 : y;
            for (size_t i = 0; i < sizes[l]; i++) {
                mean[i] += pass ? 0 : p->a[l][n][i];
                covariance[i] += pass ? (p->a[l][n][i] - mean[i] / cases) * (y - mean_y / cases) : 0;
            }
        }
    for (size_t i = 0; i < sizes[l]; i++)
        variance += w[i] * covariance[i];
    for (size_t i = 0; i < sizes[l]; i++)
        p->pattern[l][j][i] = cases > 1 ? covariance[i] / variance : 0;
}

static void back(const struct ocelot_model *model, const struct plain *p, size_t n, size_t target, bool attribution, double *out)
{
    double s[WIDEST] = {0}, next[WIDEST];
    s[target] = p->z[LAYERS - 1][n][target];
    for (size_t l = LAYERS; l-- > 0;) {
        for (size_t i = 0; i < sizes[l]; i++) {
            next[i] = 0;
            for (size_t j = 0; j < sizes[l + 1]; j++)
                if (l + 1 == LAYERS || p->z[l][n][j] > 0)
                    next[i] += p->pattern[l][j][i] * (attribution ? numbers(model, l, false)[j * sizes[l] + i] : 1) * s[j];
        }
        memcpy(s, next, sizes[l] * sizeof *s);
    }
    memcpy(out, s, sizes[0] * sizeof *s);
}

static void patterns_by_the_book(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, 2);
    struct ocelot_model *model = network_model(network_relu(&rng, sizes, LAYERS));
    struct plain *p = calloc(1, sizeof *p);
    double x[ROWS * 6], got[ASKED * 6], want[ASKED * 6];
    assert_non_null(p);
    network_fill(&rng, x, sizeof x / sizeof *x, 2);
    forward(model, x, p);
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t j = 0; j < sizes[l + 1]; j++)
            estimate(numbers(model, l, false) + j * sizes[l], l, j, p);
    for (int attribution = 0; attribution < 2; attribution++)
        for (int single = 0; single < 2; single++) {
            struct question question = {.method = attribution ? "pattern-attribution" : "pattern-net",
                                        .precision = single ? "float32" : "float64",
                                        .target = "1",
                                        .background = x,
                                        .background_rows = ROWS,
                                        .batch = 7};
            for (size_t n = 0; n < ASKED; n++)
                back(model, p, n, 1, attribution, want + n * sizes[0]);
            question_ask(model, &question, x, ASKED, &(struct question_answer){.relevance = got});
            /* a difference of means of products, a few hundred roundings of them; float32 has 6e-8 of each */
            assert_close_all(got, want, ASKED * sizes[0], single ? 1e-3 : 1e-11, 0, question.method);
        }
    free(p);
    ocelot_model_free(model);
}

/* --- convolutions -------------------------------------------------------------------------------------------------------------- */

enum { CHANNELS = 3, OUTPUTS = 4, PIXELS = 8, IMAGES = 9, ASKED_OUTPUT = 1, ASKED_PIXEL = 5 };
enum { WEIGHTS = OUTPUTS * CHANNELS, IMAGE = CHANNELS * PIXELS, CASES = IMAGES * PIXELS, NUMBERS = IMAGES * IMAGE };

/* A ReLU onto node `at`, and an output that reads one of its values: as weights times patterns are zero elsewhere, what comes back is that neuron's,
 * times a number. */
static struct ocelot_model *read_one(struct ocelot_graph *graph, size_t at, size_t value)
{
    double weights[OUTPUTS * PIXELS] = {0}, zero = 0;
    weights[value] = 1;
    assert_int_equal(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(graph, at, weights, &zero, 1, NULL, NULL), OCELOT_OK);
    return network_model(graph);
}

/* Positions of a convolution are cases: one of 1x1 over images has the patterns of a dense layer whose rows are the pixels. */
static void positions_are_cases(void **state)
{
    (void)state;
    const struct ocelot_window one = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    struct ocelot_rng rng;
    double weights[WEIGHTS], bias[OUTPUTS], images[NUMBERS], rows[NUMBERS];
    double got[IMAGE], want[CHANNELS], y = 0, y_row, sum = 0, sum_row = 0;
    size_t at, image = 0;
    ocelot_rng_seed(&rng, 3);
    network_fill(&rng, weights, WEIGHTS, 1);
    network_fill(&rng, bias, OUTPUTS, 0.3);
    network_fill(&rng, images, NUMBERS, 1);
    for (size_t n = 0; n < NUMBERS; n++)
        rows[n] = images[(n / CHANNELS / PIXELS * CHANNELS + n % CHANNELS) * PIXELS + n / CHANNELS % PIXELS];
    struct ocelot_graph *convolved = input((struct ocelot_shape){3, {CHANNELS, 2, PIXELS / 2}}), *single = input(ocelot_shape_vector(CHANNELS));
    assert_int_equal(ocelot_append_conv(convolved, 0, weights, bias, OUTPUTS, 1, &one, &at, NULL), OCELOT_OK);
    struct ocelot_model *with = read_one(convolved, at, ASKED_OUTPUT * PIXELS + ASKED_PIXEL);
    assert_int_equal(ocelot_append_dense(single, 0, weights, bias, OUTPUTS, &at, NULL), OCELOT_OK);
    struct ocelot_model *without = read_one(single, at, ASKED_OUTPUT);
    for (; image < IMAGES && !(y > 0.1); image++) /* one whose neuron fires */
        question_ask(with, &(struct question){.method = "pattern-attribution", .background = images, .background_rows = IMAGES},
                     images + image * IMAGE, 1, &(struct question_answer){.relevance = got, .output = &y});
    assert_true(y > 0.1);
    question_ask(without, &(struct question){.method = "pattern-attribution", .background = rows, .background_rows = CASES},
                 rows + ((image - 1) * PIXELS + ASKED_PIXEL) * CHANNELS, 1, &(struct question_answer){.relevance = want, .output = &y_row});
    assert_close(y, y_row, 1e-14 * y, "output");
    for (size_t n = 0; n < IMAGE; n++) {
        assert_true((got[n] != 0) == (n % PIXELS == ASKED_PIXEL));
        sum += got[n];
        sum_row += n % PIXELS == ASKED_PIXEL ? want[n / PIXELS] : 0;
    }
    for (size_t c = 0; c < CHANNELS; c++)
        assert_close(got[c * PIXELS + ASKED_PIXEL] / sum, want[c] / sum_row, 1e-11, "shares"); /* roundings as above */
    ocelot_model_free(with);
    ocelot_model_free(without);
}

/* Scaling the input is a layer like any other: a scaled model is the unscaled one with other weights, in the user's units. */
static void scaling_is_a_layer(void **state)
{
    (void)state;
    enum { CASES_HERE = 30 };
    const double center[D] = {1, -2, 0, 5}, factor[D] = {2, 0.5, -3, 10}, w[D] = {1, -1, 0.5, 2};
    const char *const methods[] = {"pattern-net", "pattern-attribution"};
    struct ocelot_rng rng;
    double x[CASES_HERE * D], got[D], want[D], folded[D], bias = 0.25, offset = bias;
    size_t at;
    ocelot_rng_seed(&rng, 5);
    network_fill(&rng, x, sizeof x / sizeof *x, 2);
    struct ocelot_graph *scaled = input(ocelot_shape_vector(D)), *plain = input(ocelot_shape_vector(D));
    for (int i = 0; i < D; i++) {
        folded[i] = w[i] * factor[i];
        offset -= folded[i] * center[i];
    }
    assert_int_equal(ocelot_append_scale(scaled, 0, center, factor, &at, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(scaled, at, w, &bias, 1, NULL, NULL), OCELOT_OK);
    assert_int_equal(ocelot_append_dense(plain, 0, folded, &offset, 1, NULL, NULL), OCELOT_OK);
    struct ocelot_model *with = network_model(scaled), *without = network_model(plain);
    for (int m = 0; m < 2; m++) {
        struct question question = {.method = methods[m], .background = x, .background_rows = CASES_HERE};
        question_ask(with, &question, x, 1, &(struct question_answer){.relevance = got});
        question_ask(without, &question, x, 1, &(struct question_answer){.relevance = want});
        assert_close_all(got, want, D, 1e-11, 0, methods[m]); /* covariances to a few hundred roundings */
    }
    ocelot_model_free(with);
    ocelot_model_free(without);
}

static void needs_rows(void **state)
{
    (void)state;
    struct ocelot_rng rng;
    char sentence[512];
    ocelot_rng_seed(&rng, 4);
    struct ocelot_model *model = network_model(network_relu(&rng, sizes, LAYERS));
    const char *const methods[] = {"pattern-net", "pattern-attribution"};
    for (size_t m = 0; m < 2; m++) {
        question_refused(model, &(struct question){.method = methods[m]}, OCELOT_E_UNSUPPORTED, sentence, sizeof sentence);
        assert_non_null(strstr(sentence, "needs background rows"));
    }
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_pattern_is_recovered), cmocka_unit_test(patterns_by_the_book), cmocka_unit_test(positions_are_cases),
        cmocka_unit_test(scaling_is_a_layer),           cmocka_unit_test(needs_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
