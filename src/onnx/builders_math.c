/* Arithmetic with constants, sums, and the element-wise layers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

static double plus(double a, double b)
{
    return a + b;
}
static double minus(double a, double b)
{
    return a - b;
}
static double times(double a, double b)
{
    return a * b;
}
static double over(double a, double b)
{
    return a / b;
}

/* How an operator with one constant c becomes x * factor + shift: each is a power of c with a sign, or nothing. */
enum role { NOTHING, THE_CONSTANT, ITS_NEGATIVE, ITS_INVERSE, MINUS_ONE, IMPOSSIBLE };

static const struct arithmetic {
    const char *op_type;
    double (*of)(double a, double b);
    struct {
        enum role factor, shift;
    } behind, before; /* x op c, c op x */
} operators[] = {
    {"Add", plus, {NOTHING, THE_CONSTANT}, {NOTHING, THE_CONSTANT}},
    {"Sub", minus, {NOTHING, ITS_NEGATIVE}, {MINUS_ONE, THE_CONSTANT}},
    {"Mul", times, {THE_CONSTANT, NOTHING}, {THE_CONSTANT, NOTHING}},
    {"Div", over, {ITS_INVERSE, NOTHING}, {IMPOSSIBLE, NOTHING}},
};

/* A copy of the constant in its role; NULL for none. */
static enum ocelot_status cast_role(struct ocelot_onnx_import *import, const struct ocelot_onnx_tensor *c, enum role role,
                                    struct ocelot_onnx_tensor **out)
{
    *out = NULL;
    if (role == NOTHING)
        return OCELOT_OK;
    enum ocelot_status status = ocelot_onnx_tensor_make(import, &c->dims, false, out);
    for (size_t k = 0; status == OCELOT_OK && k < c->count; k++) {
        const double by_role[] = {[THE_CONSTANT] = c->values[k], [ITS_NEGATIVE] = -c->values[k], [ITS_INVERSE] = 1 / c->values[k], [MINUS_ONE] = -1};
        (*out)->values[k] = by_role[role];
    }
    return status;
}

/* Up to opset 6 the second operand may be laid along an axis of the first: ones are put behind it. */
static enum ocelot_status lay_along(struct ocelot_onnx_import *import, size_t rank, struct ocelot_onnx_tensor *c)
{
    int64_t axis = ocelot_onnx_integer(import, "axis", -1);
    if (import->opset >= 7 || axis == -1 || c->dims.rank == 0)
        return OCELOT_OK;
    size_t begin = 0;
    enum ocelot_status status = ocelot_onnx_axis(import, axis, rank, &begin);
    if (status == OCELOT_OK && begin + c->dims.rank > rank)
        status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "axis %lld with an operand of %zu dimensions", (long long)axis, c->dims.rank);
    while (status == OCELOT_OK && begin + c->dims.rank < rank)
        c->dims.at[c->dims.rank++] = 1;
    return status;
}

static enum ocelot_status with_constant(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value, const struct ocelot_onnx_tensor *c,
                                        enum role factor_role, enum role shift_role, struct ocelot_onnx_value *out)
{
    struct ocelot_onnx_tensor *factor = NULL, *shift = NULL;
    enum ocelot_status status = cast_role(import, c, factor_role, &factor);
    if (status == OCELOT_OK)
        status = cast_role(import, c, shift_role, &shift);
    if (status == OCELOT_OK && factor)
        status = lay_along(import, value->dims.rank, factor);
    if (status == OCELOT_OK && shift)
        status = lay_along(import, value->dims.rank, shift);
    if (status == OCELOT_OK)
        status = ocelot_onnx_affine(import, value, factor, shift, out);
    ocelot_onnx_tensor_free(factor);
    ocelot_onnx_tensor_free(shift);
    return status;
}

/* Both constants: element by element, each repeated to the larger's size. */
static enum ocelot_status fold(struct ocelot_onnx_import *import, const struct arithmetic *op, const struct ocelot_onnx_tensor *a,
                               const struct ocelot_onnx_tensor *b)
{
    struct ocelot_onnx_tensor *out;
    const struct ocelot_onnx_dims *dims = a->count >= b->count ? &a->dims : &b->dims;
    size_t count = a->count >= b->count ? a->count : b->count, fewer = a->count >= b->count ? b->count : a->count;
    const struct ocelot_onnx_dims *small = a->count >= b->count ? &b->dims : &a->dims;
    bool tail = fewer > 0 && small->rank <= dims->rank;
    for (size_t k = 1; tail && fewer != 1 && k <= small->rank; k++)
        tail = small->at[small->rank - k] == dims->at[dims->rank - k];
    if (!tail)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "joins two constants of different shapes");
    enum ocelot_status status = ocelot_onnx_tensor_make(import, dims, a->integer && b->integer, &out);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < count; k++) {
        double value = op->of(a->values[k % a->count], b->values[k % b->count]);
        out->values[k] = out->integer ? trunc(value) : value;
    }
    return ocelot_onnx_bind_constant(import, 0, out);
}

/* The sum of activations of equal shapes. One layer for all summands: a rule shares relevance among what stands in one sum. */
static enum ocelot_status add_all(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *const *values, size_t count,
                                  struct ocelot_onnx_value *out)
{
    const struct ocelot_onnx_value *first = values[0];
    const struct ocelot_shape *shape = &import->graph->nodes[first->node]->shape;
    size_t inputs[OCELOT_NODE_INPUTS];
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < count && status == OCELOT_OK; k++) {
        const struct ocelot_onnx_dims *dims = &values[k]->dims;
        if (dims->rank != first->dims.rank || memcmp(dims->at, first->dims.at, dims->rank * sizeof *dims->at) != 0)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "adds activations of different shapes");
        inputs[k] = values[k]->node;
        if (k > 0)
            status = ocelot_onnx_shaped(import, values[k], shape, &inputs[k]);
    }
    *out = *first;
    if (status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, import->graph->nodes[first->node]->size, sizeof(double));
    return status == OCELOT_OK ? ocelot_append_plain(import->graph, &ocelot_op_add, inputs, count, &out->node, import->err) : status;
}

enum ocelot_status ocelot_onnx_add(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *a, const struct ocelot_onnx_value *b,
                                   struct ocelot_onnx_value *out)
{
    return add_all(import, (const struct ocelot_onnx_value *const[]){a, b}, 2, out);
}

static const struct arithmetic *operator_of(const struct ocelot_onnx_import *import)
{
    size_t k = 0;
    while (strcmp(operators[k].op_type, import->node->op_type) != 0)
        k++;
    return &operators[k];
}

enum ocelot_status ocelot_onnx_build_arithmetic(struct ocelot_onnx_import *import)
{
    const struct arithmetic *op = operator_of(import);
    const struct ocelot_onnx_tensor *c = NULL, *other = NULL;
    struct ocelot_onnx_value *a = ocelot_onnx_in(import, 0), *b = ocelot_onnx_in(import, 1), out = {.producer = SIZE_MAX};
    bool first = ocelot_onnx_is_constant(a), second = ocelot_onnx_is_constant(b);
    enum ocelot_status status = first ? ocelot_onnx_constant(import, 0, &c) : ocelot_onnx_network(import, 0, &a);
    if (status == OCELOT_OK)
        status = second ? ocelot_onnx_constant(import, 1, &other) : ocelot_onnx_network(import, 1, &b);
    if (status != OCELOT_OK)
        return status;
    if (first && second)
        return fold(import, op, c, other);
    if (!first && !second && op->of != plus)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED,
                                  "joins two activations by other than a sum; only Add is explained (explain a value before it)");
    if (first && op->before.factor == IMPOSSIBLE)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "divides a constant by activations, which is no layer that is explained");
    if (!first && !second)
        status = ocelot_onnx_add(import, a, b, &out);
    else
        status = first ? with_constant(import, b, c, op->before.factor, op->before.shift, &out)
                       : with_constant(import, a, other, op->behind.factor, op->behind.shift, &out);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, out.node, &out.dims) : status;
}

/* The activations that a Sum adds, as one value. */
static enum ocelot_status sum_activations(struct ocelot_onnx_import *import, struct ocelot_onnx_value *out)
{
    const struct ocelot_onnx_value *values[OCELOT_NODE_INPUTS];
    size_t count = 0;
    for (size_t k = 0; k < import->node->n_input; k++) {
        struct ocelot_onnx_value *value = ocelot_onnx_in(import, k);
        if (ocelot_onnx_is_constant(value))
            continue;
        if (count == OCELOT_NODE_INPUTS)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "adds more than 64 activations");
        enum ocelot_status status = ocelot_onnx_network(import, k, &value);
        if (status != OCELOT_OK)
            return status;
        values[count++] = value;
    }
    if (import->node->n_input == 0)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "adds nothing");
    if (count == 0)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "adds nothing but constants");
    *out = *values[0];
    return count > 1 ? add_all(import, values, count, out) : OCELOT_OK;
}

/* Activations first, then every constant. */
enum ocelot_status ocelot_onnx_build_sum(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value sum = {.producer = SIZE_MAX};
    enum ocelot_status status = sum_activations(import, &sum);
    for (size_t k = 0; k < import->node->n_input && status == OCELOT_OK; k++) {
        struct ocelot_onnx_value so_far = sum;
        const struct ocelot_onnx_tensor *c;
        if (!ocelot_onnx_is_constant(ocelot_onnx_in(import, k)))
            continue;
        status = ocelot_onnx_constant(import, k, &c);
        if (status == OCELOT_OK)
            status = with_constant(import, &so_far, c, NOTHING, THE_CONSTANT, &sum);
    }
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, sum.node, &sum.dims) : status;
}

/* Input 0 and room for as many activations again. */
static enum ocelot_status element_wise(struct ocelot_onnx_import *import, struct ocelot_onnx_value **value)
{
    enum ocelot_status status = ocelot_onnx_network(import, 0, value);
    return status == OCELOT_OK ? ocelot_onnx_reserve(import, import->graph->nodes[(*value)->node]->size, sizeof(double)) : status;
}

enum ocelot_status ocelot_onnx_build_relu(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    size_t node = 0;
    enum ocelot_status status = element_wise(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(import->graph, &ocelot_op_relu, &value->node, 1, &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
}

enum ocelot_status ocelot_onnx_build_leaky_relu(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    size_t node = 0;
    enum ocelot_status status = element_wise(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_append_leaky_relu(import->graph, value->node, ocelot_onnx_real(import, "alpha", 0.01F), &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
}

/* A bound: an attribute to opset 10, then an input. */
static enum ocelot_status bound(struct ocelot_onnx_import *import, const char *name, size_t k, double *value)
{
    const struct ocelot_onnx_tensor *tensor = NULL;
    *value = ocelot_onnx_real(import, name, *value);
    enum ocelot_status status = import->opset >= 11 ? ocelot_onnx_optional(import, k, &tensor) : OCELOT_OK;
    if (status == OCELOT_OK && tensor && tensor->count != 1)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "%s is no single number", name);
    if (tensor)
        *value = tensor->values[0];
    if (status == OCELOT_OK && isnan(*value))
        return ocelot_onnx_refuse(import, OCELOT_E_VALUE, "%s is not a number", name);
    return status;
}

enum ocelot_status ocelot_onnx_build_clip(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    double low = -INFINITY, high = INFINITY;
    size_t node = 0;
    enum ocelot_status status = element_wise(import, &value);
    if (status == OCELOT_OK)
        status = bound(import, "min", 1, &low);
    if (status == OCELOT_OK)
        status = bound(import, "max", 2, &high);
    if (status != OCELOT_OK)
        return status;
    if (low == -INFINITY && high == INFINITY)
        return ocelot_onnx_bind(import, 0, value->node, &value->dims);
    status = low == 0 && high == INFINITY ? ocelot_append_plain(import->graph, &ocelot_op_relu, &value->node, 1, &node, import->err)
                                          : ocelot_append_clip(import->graph, value->node, low, high, &node, import->err);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
}

/* Along the last dimension; along another by moving it there and back. Up to opset 12 all dimensions from the axis on are one. */
enum ocelot_status ocelot_onnx_build_softmax(struct ocelot_onnx_import *import)
{
    bool joined = import->opset < 13;
    const struct ocelot_op *op = strcmp(import->node->op_type, "Softmax") == 0 ? &ocelot_op_softmax : &ocelot_op_log_softmax;
    struct ocelot_onnx_value *value, moved, back;
    size_t axis = 0, perm[OCELOT_ONNX_RANK], last;
    enum ocelot_status status = element_wise(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_axis(import, ocelot_onnx_integer(import, "axis", joined ? 1 : -1), value->dims.rank, &axis);
    if (status == OCELOT_OK && axis < import->lead)
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "runs over the rows of the batch, which must pass untouched");
    if (status != OCELOT_OK)
        return status;
    moved = *value;
    last = value->dims.rank - 1;
    for (size_t k = 0; k <= last; k++)
        perm[k] = k == axis && !joined ? last : k == last && !joined ? axis : k;
    if (!joined && axis != last)
        status = ocelot_onnx_permute(import, value, perm, &moved);
    for (; joined && last > axis; last--, moved.dims.rank--)
        moved.dims.at[last - 1] *= moved.dims.at[last];
    /* the op works along the last dimension of at most four */
    size_t count = status == OCELOT_OK ? import->graph->nodes[moved.node]->size : 1, run = moved.dims.at[moved.dims.rank - 1];
    struct ocelot_shape shape = {.rank = 2, .extent = {count / run, run}};
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, &moved, &shape, &moved.node);
    if (status == OCELOT_OK)
        status = ocelot_append_plain(import->graph, op, &moved.node, 1, &moved.node, import->err);
    if (status == OCELOT_OK && !joined && axis != last) {
        status = ocelot_onnx_permute(import, &moved, perm, &back);
        moved = back;
    }
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, moved.node, &value->dims) : status;
}
