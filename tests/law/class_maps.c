/* Class activation maps: cam is Grad-CAM on a pooled linear head, its map sums to f less the bias and its relevances to the map's sum where cells
 * cover whole pixels; interpolation by hand; refusals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"
#include "support/convolutional.h"
#include "support/network.h"
#include "support/question.h"

enum { SIDE = 12, CHANNELS = 2, MAPS = 5, CLASSES = 3, ROWS = 4, FEATURES = CHANNELS * SIDE * SIDE, ALL = ROWS * FEATURES };
enum { FIRST = MAPS * CHANNELS * 9, SECOND = MAPS * MAPS * 9, HEAD = CLASSES * MAPS }; /* weights of the layers */
static const double bias_of_class[CLASSES] = {0.7, -0.4, 0.1};

#define OK(call) assert_int_equal((call), OCELOT_OK)

/* Conv -> ReLU -> Conv of stride 2 -> ReLU -> mean of each 6x6 map -> Flatten -> Dense. */
static struct ocelot_model *pooled_head(size_t side)
{
    struct ocelot_rng rng;
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = {3, {CHANNELS, side, side}};
    const struct ocelot_window first = {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, second = {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {0, 0}};
    double weights[SECOND], bias[MAPS], head[HEAD];
    size_t at;
    assert_non_null(graph);
    ocelot_rng_seed(&rng, 3);
    OK(ocelot_append_input(graph, &shape, &at, NULL));
    network_fill(&rng, weights, FIRST, 0.5);
    network_fill(&rng, bias, MAPS, 0.5);
    OK(ocelot_append_conv(graph, at, weights, bias, MAPS, 1, &first, &at, NULL));
    OK(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL));
    network_fill(&rng, weights, SECOND, 0.5);
    OK(ocelot_append_conv(graph, at, weights, bias, MAPS, 1, &second, &at, NULL));
    OK(ocelot_append_plain(graph, &ocelot_op_relu, &at, 1, &at, NULL));
    size_t cells = graph->nodes[at]->shape.extent[1];
    const struct ocelot_window all = {{cells, cells}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    OK(ocelot_append_pool(graph, &ocelot_op_average_pool, at, &all, (size_t[]){1, 1}, 0, false, &at, NULL));
    shape = ocelot_shape_vector(MAPS);
    OK(ocelot_append_arrange(graph, &at, 1, &shape, NULL, 0, &at, NULL));
    network_fill(&rng, head, HEAD, 1);
    OK(ocelot_append_dense(graph, at, head, bias_of_class, CLASSES, NULL, NULL));
    return network_model(graph);
}

static void cam_is_grad_cam_on_a_pooled_head(void **state)
{
    (void)state;
    struct ocelot_model *model = pooled_head(SIDE);
    struct ocelot_rng rng;
    double *x = malloc(3 * sizeof *x * ALL), *cam = x + ALL, *grad = cam + ALL;
    double explained[ROWS], constant[ROWS], output[ROWS];
    const char *const targets[CLASSES] = {"0", "1", "2"};
    assert_non_null(x);
    ocelot_rng_seed(&rng, 4);
    network_fill(&rng, x, ALL, 1);
    for (int single = 0; single < 2; single++)
        for (size_t c = 0; c < CLASSES; c++) {
            double bound = single ? 1e-5 : 1e-13; /* 6e-8 or 1e-16 a number, through two convolutions of fifty terms */
            struct question question = {.method = "cam", .precision = single ? "float32" : "float64", .target = targets[c]};
            question_ask(model, &question, x, ROWS,
                         &(struct question_answer){.relevance = cam, .explained = explained, .constant = constant, .output = output});
            question.method = "grad-cam";
            question.setting = "relu=no";
            question_ask(model, &question, x, ROWS, &(struct question_answer){.relevance = grad});
            assert_close_all(cam, grad, ALL, bound, 0, "cam and grad-cam");
            for (size_t b = 0; b < ROWS; b++) {
                assert_close(constant[b], bias_of_class[c], 10 * bound, "constant");
                assert_close(explained[b], output[b] - bias_of_class[c], 10 * bound, "two pixels a cell");
            }
            for (size_t n = 0; n < FEATURES; n++) /* channels share */
                assert_true(cam[n] == cam[(n + FEATURES / 2) % FEATURES]);
        }
    free(x);
    ocelot_model_free(model);
}

/* Maps of 1x2 over an image of 1x4: pixels lie at -1/4, 1/4, 3/4, 5/4 of a cell. The identity as convolution, f = 3 a - 2 b. */
static void pixels_lie_between_cells(void **state)
{
    (void)state;
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = {3, {1, 1, 4}};
    const struct ocelot_window every_other = {{1, 1}, {1, 2}, {1, 1}, {0, 0}, {0, 0}};
    const double x[4] = {5, 0, 7, 0};
    /* Grad-CAM: mean gradient (3 - 2) / 2 = 1/2, cells 5/2 and 7/2, times 2 cells / 4 pixels */
    const double want[4] = {2.5 / 2, (0.75 * 2.5 + 0.25 * 3.5) / 2, (0.25 * 2.5 + 0.75 * 3.5) / 2, 3.5 / 2};
    double got[4];
    size_t at;
    char sentence[512];
    assert_non_null(graph);
    OK(ocelot_append_input(graph, &shape, &at, NULL));
    OK(ocelot_append_conv(graph, at, (double[]){1}, NULL, 1, 1, &every_other, &at, NULL));
    OK(ocelot_append_dense(graph, at, (double[]){3, -2}, (double[]){0}, 1, NULL, NULL));
    struct ocelot_model *model = network_model(graph);
    question_ask(model, &(struct question){.method = "grad-cam"}, x, 1, &(struct question_answer){.relevance = got});
    assert_close_all(got, want, 4, 1e-15, 0, "interpolated");
    question_ask(model, &(struct question){.method = "grad-cam", .setting = "layer=Conv"}, x, 1, &(struct question_answer){.relevance = got});
    assert_close_all(got, want, 4, 1e-15, 0, "named");
    /* against the output: nothing is left with the ReLU, all of it without */
    const double opposite[4] = {-5, 0, -7, 0};
    question_ask(model, &(struct question){.method = "grad-cam"}, opposite, 1, &(struct question_answer){.relevance = got});
    assert_true(got[0] == 0 && got[1] == 0 && got[2] == 0 && got[3] == 0);
    question_ask(model, &(struct question){.method = "grad-cam", .setting = "relu=no"}, opposite, 1, &(struct question_answer){.relevance = got});
    for (int n = 0; n < 4; n++)
        assert_close(got[n], -want[n], 1e-15, "opposite");
    question_refused(model, &(struct question){.method = "cam"}, OCELOT_E_UNSUPPORTED, sentence, sizeof sentence);
    assert_non_null(strstr(sentence, "global average pooling"));
    question_refused(model, &(struct question){.method = "grad-cam", .setting = "layer=Nonsense"}, OCELOT_E_ARGUMENT, sentence, sizeof sentence);
    assert_non_null(strstr(sentence, "Nonsense"));
    question_refused(model, &(struct question){.method = "grad-cam", .setting = "layer=Dense"}, OCELOT_E_ARGUMENT, sentence, sizeof sentence);
    assert_non_null(strstr(sentence, "no maps"));
    ocelot_model_free(model);
}

/* Where cells do not cover whole pixels interpolation loses or wins a little: it is in the ledger, which closes on any network. */
static void ledger_closes(void **state)
{
    (void)state;
    static struct ocelot_graph *(*const makes[])(struct ocelot_rng * rng) = {network_convolutional, network_joined, network_pooled};
    for (size_t k = 0; k < sizeof makes / sizeof *makes + 1; k++) {
        struct ocelot_rng rng;
        ocelot_rng_seed(&rng, 5);
        struct ocelot_model *model = k < sizeof makes / sizeof *makes ? network_model(makes[k](&rng)) : pooled_head(SIDE - 1);
        size_t d = model->feature_count;
        double *x = malloc(sizeof *x * 2 * ROWS * d), explained[ROWS], residual[ROWS], output[ROWS], constant[ROWS];
        assert_non_null(x);
        network_fill(&rng, x, ROWS * d, 1);
        struct question_answer answer = {
            .relevance = x + ROWS * d, .explained = explained, .residual = residual, .output = output, .constant = constant};
        question_ask(model, &(struct question){.method = "grad-cam"}, x, ROWS, &answer);
        for (size_t b = 0; b < ROWS; b++) {
            double size = fabs(output[b]) + fabs(explained[b]);
            assert_close(explained[b] + residual[b], output[b], 1e-13 * size, "closes");
            for (size_t n = 0; n < d; n++)
                assert_true(answer.relevance[b * d + n] >= 0);
        }
        free(x);
        ocelot_model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cam_is_grad_cam_on_a_pooled_head), cmocka_unit_test(pixels_lie_between_cells),
                                       cmocka_unit_test(ledger_closes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
