/* Arrange: out[n] = in[map[n]], or a constant. It only moves values, so relevance moves with them whatever the rule; what constants receive is
 * absorbed. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "kernels/stretches.h"
#include "ops/ops.h"

struct arrange_params {
    struct ocelot_shape shape;
    uint32_t *map; /* NULL = in order */
    double constant;
};

static enum ocelot_status check_shape(const char *layer, const struct ocelot_shape *shape, size_t *size, struct ocelot_error *err)
{
    if (shape->rank > OCELOT_SHAPE_RANK || !ocelot_shape_size(shape, size) || *size == 0 || *size > INT_MAX)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s arranges its values into a shape of no or too many numbers", layer);
    return OCELOT_OK;
}

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    const struct arrange_params *p = node->params;
    size_t total = 0, size = 0;
    enum ocelot_status status = check_shape(node->name, &p->shape, &size, err);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < node->input_count; k++) {
        size_t one = 0;
        if (!ocelot_shape_size(&in[k], &one) || !ocelot_size_add(total, one, &total) || total > INT_MAX)
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s arranges too many values", node->name);
    }
    if (!p->map && size != total)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s arranges %zu values into a shape of %zu", node->name, total, size);
    for (size_t n = 0; p->map && n < size; n++)
        if (p->map[n] != OCELOT_ARRANGE_CONSTANT && p->map[n] >= total)
            return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s takes value %lu of %zu", node->name, (unsigned long)p->map[n], total);
    *out = p->shape;
    return OCELOT_OK;
}

/* Which input the values counted through all inputs come from: the one that holds `from`, searched from where the last was found, because maps
 * run along their inputs. */
struct source {
    size_t k, begin, end;
};

static void find(const struct ocelot_node *node, size_t from, struct source *source)
{
    while (from < source->begin) {
        source->end = source->begin;
        source->begin -= ocelot_node_input(node, --source->k)->size;
    }
    while (from >= source->end) {
        source->begin = source->end;
        source->end += ocelot_node_input(node, ++source->k)->size;
    }
}

static struct source first_source(const struct ocelot_node *node)
{
    return (struct source){.end = ocelot_node_input(node, 0)->size};
}

/* Whether values only follow one another as they stand: no map, and where channels stand together, whole channels alike on both sides. */
static bool follows(const struct ocelot_node *node, const size_t *blocks)
{
    const struct arrange_params *p = node->params;
    bool alike = p->map == NULL;
    for (size_t k = 0; blocks && k < node->input_count; k++) {
        const struct ocelot_shape *in = &ocelot_node_input(node, k)->shape;
        alike &= blocks[1 + k] == blocks[0];
        alike &= blocks[0] == 1 || (in->extent[1] == node->shape.extent[1] && in->extent[2] == node->shape.extent[2]);
    }
    return alike;
}

/* Where number n of the outputs comes from: number *at of input source->k; false for a constant. */
static bool comes_from(const struct ocelot_node *node, size_t n, struct source *source, size_t *at)
{
    const struct arrange_params *p = node->params;
    size_t from = p->map ? p->map[n] : n;
    if (p->map && p->map[n] == OCELOT_ARRANGE_CONSTANT)
        return false;
    find(node, from, source);
    *at = from - source->begin;
    return true;
}

#define OCELOT_BODY "ops/arrange_body.h"
#include "base/stamp.h"

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct arrange_params *p = node->params;
    ocelot_text_string(out, !p->map ? (node->input_count > 1 ? "one after another" : "another shape") : "rearranged");
}

static void release(void *params)
{
    struct arrange_params *p = params;
    free(p->map);
}

const uint32_t *ocelot_arrange_map(const struct ocelot_node *node, double *constant)
{
    const struct arrange_params *p = node->params;
    *constant = p->constant;
    return p->map;
}

const struct ocelot_op ocelot_op_arrange = {
    .name = "Arrange",
    .traits = OCELOT_OP_KEEPS_SIGN,
    .inputs = SIZE_MAX,
    .infer = infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = transpose_f64},
    .f32 = {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = transpose_f32, .blocks = OCELOT_BLOCKS_ANY},
    .describe = describe,
    .release = release};

enum ocelot_status ocelot_append_arrange(struct ocelot_graph *graph, const size_t *inputs, size_t input_count, const struct ocelot_shape *shape,
                                         const uint32_t *map, double constant, size_t *index, struct ocelot_error *err)
{
    size_t size = 0;
    enum ocelot_status status = check_shape(ocelot_op_arrange.name, shape, &size, err);
    if (status != OCELOT_OK)
        return status;
    struct arrange_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the network");
    *params = (struct arrange_params){.shape = *shape, .constant = constant, .map = map ? ocelot_allocate(size, sizeof *map) : NULL};
    if (map && !params->map) {
        free(params);
        return ocelot_fail_memory(err, "the network");
    }
    if (map)
        memcpy(params->map, map, size * sizeof *map);
    return ocelot_graph_append(graph, &ocelot_op_arrange, ocelot_op_arrange.name, params, inputs, input_count, index, err);
}
