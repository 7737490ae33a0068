/* Graph building, one op after another, and texts. */
#include <stdlib.h>

#include "base/arena.h"
#include "law/faults.h"
#include "ops/ops.h"

static const double weights[12] = {1, -1, 2, 0.5, -0.25, 3, 1, 0, -2, 1, 1, 1};
static const double three[3] = {1, 2, 3};
static const double half[2] = {0.5, 0.5};

static enum ocelot_status append_all(struct ocelot_graph *graph, struct ocelot_error *err)
{
    struct ocelot_shape shape = ocelot_shape_vector(3);
    size_t at, first, second;
    enum ocelot_status status = ocelot_append_input(graph, &shape, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_scale(graph, at, three, three, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_dense(graph, at, weights, three, 3, &first, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_relu, &first, 1, &first, err);
    if (status == OCELOT_OK)
        status = ocelot_append_power(graph, first, 3, &second, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_add, (size_t[]){first, second}, 2, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_tanh, &at, 1, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_distance(graph, at, &ocelot_profile_rbf, (struct ocelot_profile_parameters){.gamma = 0.5}, weights, 2, &at, err);
    return status == OCELOT_OK ? ocelot_append_softmin(graph, at, half, NULL, 1, &at, err) : status;
}

static enum ocelot_status build(const void *argument, struct ocelot_error *err)
{
    (void)argument;
    struct ocelot_graph *graph = ocelot_graph_create();
    if (!graph)
        return ocelot_fail_memory(err, "a graph");
    enum ocelot_status status = append_all(graph, err);
    if (status == OCELOT_OK) {
        struct ocelot_text text = {0};
        ocelot_graph_dot(graph, &text);
        if (text.failed)
            status = ocelot_fail_memory(err, "a drawing");
        ocelot_text_free(&text);
    }
    ocelot_graph_free(graph);
    return status;
}

static enum ocelot_status append_network(struct ocelot_graph *graph, struct ocelot_error *err)
{
    const struct ocelot_shape image = {3, {2, 3, 2}}, flat = ocelot_shape_vector(4);
    const struct ocelot_window window = {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    const struct ocelot_op *const pools[] = {&ocelot_op_max_pool, &ocelot_op_average_pool, &ocelot_op_power_pool};
    const uint32_t map[4] = {3, OCELOT_ARRANGE_CONSTANT, 0, 0};
    size_t at = 0, pool = 0;
    enum ocelot_status status = ocelot_append_input(graph, &image, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_conv(graph, at, weights, half, 2, 2, &(const struct ocelot_window){{3, 2}, {1, 1}, {1, 1}, {1, 1}, {1, 0}}, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_channel(graph, at, half, half, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_leaky_relu(graph, at, 0.1, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_clip(graph, at, 0, 6, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_lrn(graph, at, 3, 1, 0.5, 1, &at, err);
    for (size_t k = 0; k < 3 && status == OCELOT_OK; k++)
        status = ocelot_append_pool(graph, pools[k], at, &window, (const size_t[]){2, 1}, 2, false, &pool, err);
    if (status == OCELOT_OK)
        status = ocelot_append_arrange(graph, &pool, 1, &flat, map, 0, &at, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_softmax, &at, 1, NULL, err);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(graph, &ocelot_op_log_softmax, &at, 1, NULL, err);
    return status == OCELOT_OK ? ocelot_append_normalise(graph, at, 2, &at, err) : status;
}

static enum ocelot_status build_network(const void *argument, struct ocelot_error *err)
{
    (void)argument;
    struct ocelot_graph *graph = ocelot_graph_create();
    enum ocelot_status status = graph ? append_network(graph, err) : ocelot_fail_memory(err, "a graph");
    ocelot_graph_free(graph);
    return status;
}

/* Every way to append; what stood there before a failed append must still stand there. */
static enum ocelot_status write_text(const void *argument, struct ocelot_error *err)
{
    (void)argument;
    struct ocelot_text text = {0};
    for (int i = 0; i < 200; i++) {
        ocelot_text_string(&text, "0123456789");
        ocelot_text_format(&text, "%d,%s", i, "formatted");
        ocelot_text_json_string(&text, "quoted \"\n\" and \xff broken");
        ocelot_text_number(&text, 0.1);
    }
    enum ocelot_status status = text.failed ? ocelot_fail_memory(err, "a text") : OCELOT_OK;
    size_t length = text.length;
    ocelot_text_string(&text, "more");
    if (text.failed && text.length != length)
        status = ocelot_fail(err, OCELOT_E_VALUE, "a failed text grew");
    ocelot_text_free(&text);
    return status;
}

static enum ocelot_status open_arena(const void *argument, struct ocelot_error *err)
{
    (void)argument;
    struct ocelot_arena arena = {0};
    ocelot_arena_take(&arena, 10, 8);
    enum ocelot_status status = ocelot_arena_open(&arena) ? OCELOT_OK : ocelot_fail_memory(err, "an arena");
    ocelot_arena_close(&arena);
    return status;
}

const struct fault_scenario fault_graph_scenarios[] = {{"every op into a graph, and its drawing", build, NULL},
                                                       {"every op of networks", build_network, NULL},
                                                       {"a growing text", write_text, NULL},
                                                       {"an arena", open_arena, NULL},
                                                       {0}};
