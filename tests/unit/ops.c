/* Single ops: what they refuse, and with which sentence; ties, padding and empty windows; words for inspect. */
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "ops/ops.h"
#include "support/close.h"
#include "support/cmocka_include.h"

static const double one[1] = {1};

/* A graph of an input of this shape. */
static struct ocelot_graph *graph_of(size_t rank, size_t c, size_t h, size_t w)
{
    struct ocelot_graph *graph = ocelot_graph_create();
    struct ocelot_shape shape = {rank, {c, h, w}};
    assert_non_null(graph);
    assert_int_equal(ocelot_append_input(graph, &shape, NULL, NULL), OCELOT_OK);
    return graph;
}

static void assert_refused(enum ocelot_status status, enum ocelot_status expected, const struct ocelot_error *error, const char *layer,
                           const char *what)
{
    if (status != expected || error->status != expected || !strstr(error->message, layer) || !strstr(error->message, what))
        fail_msg("status %d, '%s'; expected %d, a sentence with '%s' and '%s'", (int)status, error->message, (int)expected, layer, what);
}

static const struct ocelot_window unit = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};

/* Kernels that are refused are not read: the array behind them holds one number. */
static void convolutions_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t rank, outputs, groups;
        struct ocelot_window window;
        const char *what;
    } cases[] = {
        {2, 1, 1, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "channels x height x width"},
        {3, 1, 0, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "0 groups"},
        {3, 4, 4, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "4 groups"},
        {3, 4, 3, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "3 groups"},
        {3, 0, 1, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "0 output"},
        {3, 1, 1, {{0, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "at least 1"},
        {3, 1, 1, {{1, 1}, {1, 0}, {1, 1}, {0, 0}, {0, 0}}, "at least 1"},
        {3, 1, 1, {{1, 1}, {1, 1}, {0, 1}, {0, 0}, {0, 0}}, "at least 1"},
        {3, 1, 1, {{9, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "wider than its padded input of 7"},
        {3, 1, 1, {{1, 3}, {1, 1}, {1, 3}, {0, 0}, {0, 1}}, "wider than its padded input of 6"},
        {3, 1, 1, {{SIZE_MAX, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{INT_MAX, INT_MAX}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{3, 1}, {1, 1}, {SIZE_MAX, 1}, {0, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{3, 1}, {1, 1}, {INT_MAX, 1}, {0, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{1, 1}, {1, SIZE_MAX}, {1, 1}, {0, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{1, 1}, {1, 1}, {1, 1}, {SIZE_MAX, 0}, {0, 0}}, "more than is possible"},
        {3, 1, 1, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, INT_MAX}}, "more than is possible"},
        {3, 1, 1, {{1, 1}, {1, 1}, {1, 1}, {1 << 30, 1 << 30}, {0, 0}}, "too large"},
        {3, INT_MAX, 1, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "too large"},
        {3, SIZE_MAX / 2, 1, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, "too large"},
        {3, 1, 1, {{1 << 16, 1 << 14}, {1, 1}, {1, 1}, {1 << 17, 1 << 17}, {0, 0}}, "too large"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_graph *graph = graph_of(cases[k].rank, 6, 7, 5);
        struct ocelot_error error = {0};
        enum ocelot_status status = ocelot_append_conv(graph, 0, one, NULL, cases[k].outputs, cases[k].groups, &cases[k].window, NULL, &error);
        assert_refused(status, OCELOT_E_SHAPE, &error, "layer Conv", cases[k].what);
        assert_int_equal(graph->count, 1);
        ocelot_graph_free(graph);
    }
}

static void pools_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const struct ocelot_op *op;
        struct ocelot_window window;
        size_t outputs[2];
        double power;
        bool count_padding;
        const char *what;
    } cases[] = {
        {&ocelot_op_max_pool, {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}, {5, 2}, 1, false, "5 outputs of stride 2 over 7"},
        {&ocelot_op_max_pool, {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}, {0, 2}, 1, false, "0 outputs"},
        {&ocelot_op_max_pool, {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}}, {SIZE_MAX, 2}, 1, false, "outputs"},
        {&ocelot_op_max_pool, {{2, 2}, {1, 1}, {1, 1}, {2, 0}, {0, 0}}, {8, 4}, 1, false, "number 0, that sees only padding"},
        {&ocelot_op_max_pool, {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {2, 0}}, {8, 4}, 1, false, "number 7, that sees only padding"},
        {&ocelot_op_average_pool, {{2, 2}, {1, 1}, {1, 1}, {2, 0}, {0, 0}}, {8, 4}, 1, false, "sees only padding"},
        {&ocelot_op_average_pool, {{0, 2}, {1, 1}, {1, 1}, {2, 0}, {0, 0}}, {8, 4}, 1, true, "at least 1"},
        {&ocelot_op_power_pool, {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, {6, 4}, 0.5, false, "power"},
        {&ocelot_op_power_pool, {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, {6, 4}, NAN, false, "power"},
        {&ocelot_op_power_pool, {{1, 1}, {1, 1}, {1, 1}, {1 << 30, 1 << 30}, {0, 0}}, {1 << 30, 1 << 30}, 2, false, "too many"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_graph *graph = graph_of(3, 6, 7, 5);
        struct ocelot_error error = {0};
        enum ocelot_status status =
            ocelot_append_pool(graph, cases[k].op, 0, &cases[k].window, cases[k].outputs, cases[k].power, cases[k].count_padding, NULL, &error);
        assert_refused(status, OCELOT_E_SHAPE, &error, cases[k].op->name, cases[k].what);
        ocelot_graph_free(graph);
    }
}

static void arrangements_stay_within_their_inputs(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(3, 2, 1, 3);
    const size_t inputs[2] = {0, 0};
    struct ocelot_shape three = ocelot_shape_vector(3), none = ocelot_shape_vector(0), huge = {2, {SIZE_MAX, 2}}, five = {.rank = 5};
    const struct {
        const struct ocelot_shape *shape;
        uint32_t map[3];
        bool mapped;
        const char *what;
    } cases[] = {
        {&three, {0, 12, 1}, true, "takes value 12 of 12"},
        {&three, {0, UINT32_MAX - 1, 1}, true, "takes value 4294967294 of 12"},
        {&three, {0}, false, "arranges 12 values into a shape of 3"},
        {&none, {0}, true, "too many"},
        {&huge, {0}, true, "too many"},
        {&five, {0}, true, "too many"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ocelot_error error = {0};
        enum ocelot_status status = ocelot_append_arrange(graph, inputs, 2, cases[k].shape, cases[k].mapped ? cases[k].map : NULL, 0, NULL, &error);
        assert_refused(status, OCELOT_E_SHAPE, &error, "layer Arrange", cases[k].what);
    }
    ocelot_graph_free(graph);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(3, 2, 1, 3), *scalar = graph_of(0, 0, 0, 0);
    struct ocelot_error error[8] = {{0}};
    const size_t input = 0;
    assert_refused(ocelot_append_lrn(graph, 0, 0, 1, 1, 1, NULL, &error[0]), OCELOT_E_SHAPE, &error[0], "LRN", "over 0 channels");
    assert_refused(ocelot_append_lrn(graph, 0, 5, -1, 1, 1, NULL, &error[1]), OCELOT_E_VALUE, &error[1], "LRN", "alpha");
    assert_refused(ocelot_append_lrn(graph, 0, 5, 1, 1, 0, NULL, &error[2]), OCELOT_E_VALUE, &error[2], "LRN", "bias");
    assert_refused(ocelot_append_clip(graph, 0, 1, 0, NULL, &error[3]), OCELOT_E_VALUE, &error[3], "Clip", "order");
    assert_refused(ocelot_append_leaky_relu(graph, 0, NAN, NULL, &error[4]), OCELOT_E_VALUE, &error[4], "LeakyReLU", "finite");
    assert_refused(ocelot_append_normalise(graph, 0, 3, NULL, &error[5]), OCELOT_E_ARGUMENT, &error[5], "Normalise", "norm 3");
    assert_refused(ocelot_append_channel(scalar, 0, one, one, NULL, &error[6]), OCELOT_E_SHAPE, &error[6], "Channel", "none");
    assert_refused(ocelot_append_plain(scalar, &ocelot_op_softmax, &input, 1, NULL, &error[7]), OCELOT_E_SHAPE, &error[7], "SoftMax", "none");
    ocelot_graph_free(graph);
    ocelot_graph_free(scalar);
}

/* One row through the last node. */
static struct ocelot_call_f64 call_of(const struct ocelot_graph *graph, const double *const *in, const double *out)
{
    return (struct ocelot_call_f64){.node = ocelot_graph_output(graph), .kernels = ocelot_kernels_find(NULL), .rows = 1, .in = in, .out = out};
}

static void the_first_winner_takes_all_and_padding_never_wins(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(3, 1, 3, 3);
    struct ocelot_window window = {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}};
    const double x[9] = {-2, -1, -1, -1, -1, -3, -4, -3, -3}, *in[1] = {x}, s[4] = {1, 2, 4, 8};
    const double expected_out[4] = {-1, -1, -1, -1}, expected_back[9] = {0, 3, 0, 4, 8, 0, 0, 0, 0};
    double out[4], back[9];
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_max_pool, 0, &window, (size_t[]){2, 2}, 1, false, NULL, NULL), OCELOT_OK);
    struct ocelot_call_f64 call = call_of(graph, in, out);
    ocelot_op_max_pool.f64.forward(&call, out);
    assert_close_all(out, expected_out, 4, 0, 1, "largest");
    ocelot_op_max_pool.f64.relevance(&call, NULL, s, (double *[]){back}, NULL);
    assert_close_all(back, expected_back, 9, 0, 1, "winners");
    ocelot_graph_free(graph);
}

static void what_constants_receive_is_absorbed(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(1, 2, 0, 0);
    struct ocelot_shape shape = ocelot_shape_vector(5);
    const uint32_t map[5] = {OCELOT_ARRANGE_CONSTANT, 1, 0, 1, OCELOT_ARRANGE_CONSTANT};
    const double x[2] = {3, 4}, *in[1] = {x}, r[5] = {1, 2, 4, 8, 16}, expected[2] = {4, 10};
    double out[5], back[2];
    struct ocelot_ledger_entry ledger = {0};
    assert_int_equal(ocelot_append_arrange(graph, (size_t[]){0}, 1, &shape, map, 0, NULL, NULL), OCELOT_OK);
    struct ocelot_call_f64 call = call_of(graph, in, out);
    ocelot_op_arrange.f64.relevance(&call, NULL, r, (double *[]){back}, &ledger);
    assert_close_all(back, expected, 2, 0, 1, "scattered");
    assert_close(ledger.absorbed, 17, 0, "absorbed");
    assert_close(ledger.leaked, 0, 0, "leaked");
    ocelot_graph_free(graph);
}

static void power_pooling_shares_by_magnitude_and_leaks_where_all_are_zero(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(3, 1, 1, 4);
    struct ocelot_window window = {{1, 2}, {1, 2}, {1, 1}, {0, 0}, {0, 0}};
    const double x[4] = {3, -1, 0, 0}, *in[1] = {x}, r[2] = {8, 5}, expected[4] = {6, 2, 0, 0};
    double out[2], back[4];
    struct ocelot_ledger_entry ledger = {0};
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_power_pool, 0, &window, (size_t[]){1, 2}, 2, false, NULL, NULL), OCELOT_OK);
    struct ocelot_call_f64 call = call_of(graph, in, out);
    ocelot_op_power_pool.f64.forward(&call, out);
    assert_close(out[0], sqrt(10), 1e-15 * 4, "norm");
    ocelot_op_power_pool.f64.relevance(&call, NULL, r, (double *[]){back}, &ledger);
    assert_close_all(back, expected, 4, 1e-15, 8, "shares");
    assert_close(ledger.leaked, 5, 0, "leaked");
    ocelot_graph_free(graph);
}

static void layers_say_what_they_are(void **state)
{
    (void)state;
    struct ocelot_graph *graph = graph_of(3, 2, 5, 5);
    struct ocelot_window window = {{3, 2}, {2, 1}, {1, 1}, {1, 0}, {0, 0}};
    const double weights[24] = {0};
    struct ocelot_text text = {0};
    assert_int_equal(ocelot_append_conv(graph, 0, weights, weights, 2, 1, &window, NULL, NULL), OCELOT_OK);
    ocelot_node_describe(ocelot_graph_output(graph), &text);
    assert_string_equal(text.bytes, "3x2, stride 2x1, pads 1x0 and 0x0");
    assert_int_equal(ocelot_op_conv.parameters(ocelot_graph_output(graph)), 26);
    ocelot_text_clear(&text);
    assert_int_equal(ocelot_append_pool(graph, &ocelot_op_power_pool, 0, &unit, (size_t[]){5, 5}, 2, false, NULL, NULL), OCELOT_OK);
    ocelot_node_describe(ocelot_graph_output(graph), &text);
    assert_string_equal(text.bytes, "1x1, power 2");
    ocelot_text_free(&text);
    ocelot_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_that_do_not_fit_are_refused),
        cmocka_unit_test(pools_that_do_not_fit_are_refused),
        cmocka_unit_test(arrangements_stay_within_their_inputs),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(the_first_winner_takes_all_and_padding_never_wins),
        cmocka_unit_test(what_constants_receive_is_absorbed),
        cmocka_unit_test(power_pooling_shares_by_magnitude_and_leaks_where_all_are_zero),
        cmocka_unit_test(layers_say_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
