/* Distance: out_j = phi(||in - u_j||). Relevance is shared by squared differences (Kauffmann, Mueller, Montavon 2018):
 * R_i = sum_j R_j (in_i - u_ji)^2 / d_j^2, where a share at distance 0 has no direction and is leaked. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "graph/rule.h"
#include "kernels/sparse.h"
#include "ops/difference.h"
#include "ops/distance.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)in;
    (void)err;
    const struct ocelot_distance_params *p = node->params;
    *out = ocelot_shape_vector(p->count);
    if (p->positions > 1)
        *out = (struct ocelot_shape){.rank = 2, .extent = {p->positions, p->count}};
    return OCELOT_OK;
}

/* Numbers of one point. At several positions, a row is as many rows of that width, one after another. */
static size_t width(const struct ocelot_node *node)
{
    const struct ocelot_distance_params *p = node->params;
    return ocelot_node_input(node, 0)->size / p->positions;
}

static size_t rows_of(const struct ocelot_call_f64 *call)
{
    const struct ocelot_distance_params *p = call->node->params;
    return call->rows * p->positions;
}

/* What `prepare` makes: the points as the kernels want them, and behind HEAD bytes the copy that they point to. */
enum { HEAD = 64 };

bool ocelot_distance_sparse(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    const struct ocelot_distance_params *p = node->params;
    size_t size = width(node);
    if (!footing->kernels->sparse || footing->points == OCELOT_POINTS_DENSE)
        return false;
    return footing->points == OCELOT_POINTS_SPARSE ? ocelot_sparse_fits(p->entries, p->count, size) : ocelot_sparse_pays(p->entries, p->count, size);
}

struct ocelot_packed ocelot_distance_points(const void *prepared, double *room)
{
    struct ocelot_packed points = *(const struct ocelot_packed *)prepared;
    points.room = room;
    return points;
}

struct ocelot_packed ocelot_distance_points_of(const struct ocelot_node *node, const void *prepared, double *room, const struct ocelot_held *held)
{
    const struct ocelot_distance_params *p = node->params;
    struct ocelot_packed points = ocelot_distance_points(prepared, room);
    points.held = p->positions == 1 ? held : NULL;
    return points;
}

size_t ocelot_distance_room(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    const struct ocelot_distance_params *p = node->params;
    return ocelot_distance_sparse(node, footing) ? ocelot_sparse_room(p->count, width(node)) : 0;
}

/* Room behind what the op itself needs of `scratch`. */
static struct ocelot_packed packed(const struct ocelot_call_f64 *call)
{
    double *room = call->scratch + call->rows * (call->node->size + ocelot_node_input(call->node, 0)->size);
    return ocelot_distance_points_of(call->node, call->prepared, room, call->held);
}

static void forward(const struct ocelot_call_f64 *call, double *out)
{
    const struct ocelot_distance_params *p = call->node->params;
    struct ocelot_packed u = packed(call);
    call->kernels->squared_distance(&u, call->in[0], rows_of(call), out);
    call->kernels->profile(p->profile, p->parameters, out, rows_of(call) * p->count);
}

static void transpose(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    const struct ocelot_distance_params *p = call->node->params;
    struct ocelot_packed u = packed(call);
    for (size_t n = 0; n < rows_of(call) * p->count; n++) {
        double squared = p->profile->squared(p->parameters, call->out[n]);
        call->scratch[n] = s[n] == 0 ? 0 : 2 * s[n] * p->profile->slope(p->parameters, squared);
    }
    call->kernels->weighted_difference(&u, call->in[0], call->scratch, rows_of(call), back);
}

/* The squared distance is D - D' = sum_i (x_i + x'_i - 2 u_i) (x_i - x'_i) exactly, its profile the quotient of differences. */
static void difference(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    const struct ocelot_distance_params *p = call->node->params;
    struct ocelot_packed u = packed(call);
    size_t rows = rows_of(call), count = rows * p->count, inputs = rows * width(call->node);
    const double *phi = call->out, *phi0 = phi + count;
    double *other = call->scratch + count;
    (void)k;
    for (size_t n = 0; n < count; n++) {
        double squared = p->profile->squared(p->parameters, phi[n]), squared0 = p->profile->squared(p->parameters, phi0[n]);
        call->scratch[n] = s[n] * ocelot_quotient_f64(squared, squared0, phi[n], phi0[n], p->profile->slope(p->parameters, squared));
    }
    call->kernels->weighted_difference(&u, call->in[0], call->scratch, rows, back);
    call->kernels->weighted_difference(&u, call->in[0] + inputs, call->scratch, rows, other);
    for (size_t n = 0; n < inputs; n++)
        back[n] += other[n];
}

/* The same shares, of the inputs on one side of the support vectors alone: x_i above u_ij (side +1) or below (-1). */
static void one_side(const struct ocelot_packed *u, const double *x, const double *weights, size_t rows, int side, double *back)
{
    size_t d = u->size;
    memset(back, 0, rows * d * sizeof *back);
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < u->count; j++) {
            const double *point = u->points + j * d;
            double weight = weights[b * u->count + j];
            for (size_t i = 0; weight != 0 && i < d; i++) {
                double difference = side * (x[b * d + i] - point[i]);
                back[b * d + i] += difference > 0 ? weight * difference * difference : 0;
            }
        }
}

static void relevance(const struct ocelot_call_f64 *call, const struct ocelot_rule *rule, const double *relevance, double *const *back,
                      struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_distance_params *p = call->node->params;
    struct ocelot_packed u = packed(call);
    size_t m = p->count;
    for (size_t b = 0; b < rows_of(call); b++)
        ledger[b / p->positions].leaked +=
            call->kernels->distance_weights(p->profile, p->parameters, call->out + b * m, relevance + b * m, m, call->scratch + b * m);
    if (rule->side)
        one_side(&u, call->in[0], call->scratch, rows_of(call), rule->side, back[0]);
    else
        call->kernels->weighted_square(&u, call->in[0], call->scratch, rows_of(call), back[0]);
}

static size_t scratch(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows)
{
    return rows * (node->size + ocelot_node_input(node, 0)->size) + ocelot_distance_room(node, footing);
}

static size_t prepared_bytes(const struct ocelot_node *node, const struct ocelot_footing *footing)
{
    const struct ocelot_distance_params *p = node->params;
    if (ocelot_distance_sparse(node, footing))
        return HEAD + ocelot_sparse_bytes(p->entries, p->count, width(node));
    return HEAD + footing->kernels->packed_bytes(p->count, width(node));
}

static void prepare(const struct ocelot_node *node, const struct ocelot_footing *footing, const double *values, void *prepared)
{
    const struct ocelot_distance_params *p = node->params;
    void *copy = (unsigned char *)prepared + HEAD;
    struct ocelot_packed *points = prepared;
    *points = (struct ocelot_packed){.points = values, .count = p->count, .size = width(node)};
    if (ocelot_distance_sparse(node, footing)) {
        bool listed = values == p->points && p->listed && p->listed->start;
        ocelot_sparse_make(values, listed ? p->listed : NULL, p->entries, p->count, points->size, copy);
        points->sparse = copy;
    } else {
        footing->kernels->pack(values, p->count, points->size, copy);
        points->panels = copy;
    }
}

static struct ocelot_numbers weights(const struct ocelot_node *node)
{
    const struct ocelot_distance_params *p = node->params;
    return (struct ocelot_numbers){.f64 = p->points, .count = p->count * width(node)};
}

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct ocelot_distance_params *p = node->params;
    ocelot_text_format(out, "K = %s, gamma ", p->profile->formula);
    ocelot_text_number(out, p->parameters.gamma);
}

static size_t parameters(const struct ocelot_node *node)
{
    const struct ocelot_distance_params *p = node->params;
    return p->count * width(node);
}

static void release(void *params)
{
    struct ocelot_distance_params *p = params;
    free(p->copy);
    free(p->range);
}

/* Least and largest of each feature: a feature that a point has no entry of is 0 there. */
static bool find_range(const struct ocelot_entries *entries, size_t count, size_t size, double *range)
{
    size_t *held = ocelot_allocate(size, sizeof *held);
    double *low = range, *high = range + size;
    for (size_t e = 0; held && e < entries->start[count]; e++) {
        size_t i = entries->feature[e];
        double value = entries->value[e];
        low[i] = held[i] == 0 || value < low[i] ? value : low[i];
        high[i] = held[i] == 0 || value > high[i] ? value : high[i];
        held[i]++;
    }
    for (size_t i = 0; held && i < size; i++)
        if (held[i] < count) {
            low[i] = low[i] < 0 ? low[i] : 0;
            high[i] = high[i] > 0 ? high[i] : 0;
        }
    free(held);
    return held;
}

const struct ocelot_op ocelot_op_distance = {.name = "Distance",
                                             .inputs = 1,
                                             .infer = infer,
                                             .f64 = {.forward = forward,
                                                     .transpose = transpose,
                                                     .relevance = relevance,
                                                     .difference = difference,
                                                     .scratch = scratch,
                                                     .prepared_bytes = prepared_bytes,
                                                     .prepare = prepare},
                                             .weights = weights,
                                             .describe = describe,
                                             .parameters = parameters,
                                             .release = release};

enum ocelot_status ocelot_append_referenced_distances(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                                      struct ocelot_profile_parameters setting, const double *points,
                                                      const struct ocelot_entries *entries, size_t count, size_t positions, size_t *index,
                                                      struct ocelot_error *err)
{
    size_t size = graph->nodes[input]->size / positions;
    struct ocelot_distance_params *params = ocelot_allocate(1, sizeof *params);
    double *range = ocelot_allocate(size, 2 * sizeof *range);
    if (!params || !range || !find_range(entries, count, size, range)) {
        free(params);
        free(range);
        return ocelot_fail_memory(err, "the support vectors");
    }
    *params = (struct ocelot_distance_params){.profile = profile, .parameters = setting, .points = points, .count = count, .positions = positions};
    params->range = range;
    params->listed = entries;
    params->entries = entries->start[count];
    return ocelot_graph_append(graph, &ocelot_op_distance, "Distance", params, &input, 1, index, err);
}

enum ocelot_status ocelot_append_distances(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                           struct ocelot_profile_parameters setting, const double *points, size_t count, size_t positions,
                                           size_t *index, struct ocelot_error *err)
{
    size_t total, at = 0, size = graph->nodes[input]->size / positions;
    struct ocelot_entries entries = {.start = NULL};
    double *copy = ocelot_size_multiply(count, size, &total) ? ocelot_allocate(total, sizeof *copy) : NULL;
    if (!copy || !ocelot_entries_list(points, count, size, &entries)) {
        free(copy);
        return ocelot_fail_memory(err, "the support vectors");
    }
    memcpy(copy, points, total * sizeof *copy);
    enum ocelot_status status = ocelot_append_referenced_distances(graph, input, profile, setting, copy, &entries, count, positions, &at, err);
    ocelot_entries_free(&entries);
    if (status != OCELOT_OK) {
        free(copy);
        return status;
    }
    struct ocelot_distance_params *params = graph->nodes[at]->params;
    params->copy = copy;
    params->listed = NULL;
    if (index)
        *index = at;
    return OCELOT_OK;
}

enum ocelot_status ocelot_append_distance(struct ocelot_graph *graph, size_t input, const struct ocelot_profile *profile,
                                          struct ocelot_profile_parameters setting, const double *points, size_t count, size_t *index,
                                          struct ocelot_error *err)
{
    return ocelot_append_distances(graph, input, profile, setting, points, count, 1, index, err);
}
