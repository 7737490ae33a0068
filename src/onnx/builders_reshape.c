/* Reshape, Flatten, Squeeze, Unsqueeze: the same values counted differently. No layers are made: those that need another shape ask for it. Also
 * what only names a value or a shape: Identity, Dropout, Cast, Constant, Shape. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* Input 0, activations or a decoded constant, and its dimensions. */
static enum ocelot_status source(struct ocelot_onnx_import *import, struct ocelot_onnx_value **value, struct ocelot_onnx_dims *dims)
{
    const struct ocelot_onnx_tensor *tensor;
    *value = ocelot_onnx_in(import, 0);
    enum ocelot_status status = ocelot_onnx_is_constant(*value) ? ocelot_onnx_constant(import, 0, &tensor) : ocelot_onnx_network(import, 0, value);
    if (status == OCELOT_OK)
        *dims = (*value)->network ? (*value)->dims : (*value)->constant->dims;
    return status;
}

/* Output 0 is the same values with these dimensions. */
static enum ocelot_status redim(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value, const struct ocelot_onnx_dims *dims)
{
    if (value->network)
        return ocelot_onnx_bind(import, 0, value->node, dims);
    struct ocelot_onnx_tensor *copy;
    enum ocelot_status status = ocelot_onnx_tensor_make(import, dims, value->constant->integer, &copy);
    if (status != OCELOT_OK)
        return status;
    if (copy->count != value->constant->count) {
        ocelot_onnx_tensor_free(copy);
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "the new shape has another number of values");
    }
    memcpy(copy->values, value->constant->values, copy->count * sizeof *copy->values);
    return ocelot_onnx_bind_constant(import, 0, copy);
}

static enum ocelot_status mixes(struct ocelot_onnx_import *import)
{
    return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "mixes the rows of the batch, which must stay the first dimension");
}

/* The wanted dimensions with 0 and -1 resolved. The rows of a batch are left out of the count where the new first dimension can be theirs. */
static enum ocelot_status resolve(struct ocelot_onnx_import *import, const struct ocelot_onnx_list *wanted, const struct ocelot_onnx_dims *from,
                                  size_t lead, struct ocelot_onnx_dims *out)
{
    size_t have = 1, product = 1, open = SIZE_MAX;
    bool zero_counts = ocelot_onnx_integer(import, "allowzero", 0) != 0;
    for (size_t k = lead; k < from->rank; k++)
        if (!ocelot_size_multiply(have, from->at[k], &have))
            return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "has too many values");
    out->rank = wanted->count;
    for (size_t k = 0; k < wanted->count; k++) {
        int64_t size = wanted->at[k];
        if (size == 0 && !zero_counts && k < from->rank)
            size = (int64_t)from->at[k];
        if (size < -1 || (size <= 0 && size != -1))
            return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "a new dimension of %lld", (long long)size);
        if (k < lead) {
            out->at[k] = OCELOT_ONNX_BATCH;
        } else if (size == -1 && open == SIZE_MAX) {
            open = k;
        } else {
            out->at[k] = (size_t)size;
            if (size == -1 || !ocelot_size_multiply(product, (size_t)size, &product))
                return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "the new shape has two dimensions of -1, or is too large");
        }
    }
    if (open != SIZE_MAX)
        out->at[open] = product && have % product == 0 ? have / product : 0;
    if (open != SIZE_MAX)
        product *= out->at[open];
    if (product == have && (open == SIZE_MAX || out->at[open] > 0))
        return OCELOT_OK;
    if (lead)
        return mixes(import);
    return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "the new shape has %zu values, expected %zu", product, have);
}

enum ocelot_status ocelot_onnx_build_reshape(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims from, out = {0};
    struct ocelot_onnx_list wanted;
    enum ocelot_status status = source(import, &value, &from);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, "shape", 1, &wanted);
    if (status != OCELOT_OK)
        return status;
    size_t lead = ocelot_onnx_lead(import, value);
    if (!wanted.present || wanted.count > OCELOT_ONNX_RANK)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "wants %zu dimensions, expected at most %d", wanted.count, OCELOT_ONNX_RANK);
    if (lead > wanted.count)
        return mixes(import);
    /* [-1, n] where n is not the row: rows would be cut or joined */
    status = resolve(import, &wanted, &from, lead, &out);
    return status == OCELOT_OK ? redim(import, value, &out) : status;
}

enum ocelot_status ocelot_onnx_build_flatten(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims from, out = {.rank = 2, .at = {1, 1}};
    enum ocelot_status status = source(import, &value, &from);
    if (status != OCELOT_OK)
        return status;
    int64_t axis = ocelot_onnx_integer(import, "axis", 1), rank = (int64_t)from.rank;
    if (axis < -rank || axis > rank)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "axis %lld of a value with %zu dimensions", (long long)axis, from.rank);
    axis = axis < 0 ? axis + rank : axis;
    if (ocelot_onnx_lead(import, value) && axis != 1)
        return mixes(import);
    for (int64_t k = 0; k < rank; k++)
        out.at[k >= axis] *= from.at[k];
    return redim(import, value, &out);
}

/* The axes named, as a mask of the dimensions of `rank`. */
static enum ocelot_status axes_of(struct ocelot_onnx_import *import, size_t rank, bool *present, size_t *mask)
{
    struct ocelot_onnx_list axes;
    enum ocelot_status status = ocelot_onnx_list(import, "axes", import->opset >= 13 ? 1 : SIZE_MAX, &axes);
    *mask = 0;
    *present = axes.present;
    for (size_t k = 0; k < axes.count && status == OCELOT_OK; k++) {
        size_t axis = 0;
        status = ocelot_onnx_axis(import, axes.at[k], rank, &axis);
        if (status == OCELOT_OK && *mask >> axis & 1)
            status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "axis %zu twice", axis);
        *mask |= (size_t)1 << axis;
    }
    return status;
}

enum ocelot_status ocelot_onnx_build_squeeze(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims from, out = {0};
    bool named;
    size_t mask;
    enum ocelot_status status = source(import, &value, &from);
    if (status == OCELOT_OK)
        status = axes_of(import, from.rank, &named, &mask);
    if (status != OCELOT_OK)
        return status;
    size_t lead = ocelot_onnx_lead(import, value);
    if (lead && (mask & 1))
        return mixes(import);
    for (size_t k = 0; k < from.rank; k++) {
        bool out_of_it = named ? mask >> k & 1 : k >= lead && from.at[k] == 1;
        if (out_of_it && from.at[k] != 1)
            return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "takes away dimension %zu, which is %zu and not 1", k, from.at[k]);
        if (!out_of_it)
            out.at[out.rank++] = from.at[k];
    }
    return redim(import, value, &out);
}

enum ocelot_status ocelot_onnx_build_unsqueeze(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims from, out;
    struct ocelot_onnx_list axes;
    bool named;
    size_t mask, next = 0;
    enum ocelot_status status = source(import, &value, &from);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, "axes", import->opset >= 13 ? 1 : SIZE_MAX, &axes);
    if (status != OCELOT_OK)
        return status;
    out.rank = from.rank + axes.count;
    if (out.rank > OCELOT_ONNX_RANK)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "gives %zu dimensions, expected at most %d", out.rank, OCELOT_ONNX_RANK);
    status = axes_of(import, out.rank, &named, &mask);
    if (status != OCELOT_OK)
        return status;
    if (ocelot_onnx_lead(import, value) && (mask & 1))
        return mixes(import);
    for (size_t k = 0; k < out.rank; k++)
        out.at[k] = mask >> k & 1 ? 1 : from.at[next++];
    return redim(import, value, &out);
}

enum ocelot_status ocelot_onnx_build_identity(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims dims;
    enum ocelot_status status = source(import, &value, &dims);
    return status == OCELOT_OK ? redim(import, value, &dims) : status;
}

enum ocelot_status ocelot_onnx_build_dropout(struct ocelot_onnx_import *import)
{
    const struct ocelot_onnx_tensor *training = NULL, *ratio = NULL;
    enum ocelot_status status = import->opset >= 12 ? ocelot_onnx_optional(import, 2, &training) : OCELOT_OK;
    if (status == OCELOT_OK && import->opset >= 12)
        status = ocelot_onnx_optional(import, 1, &ratio);
    bool keeps_all = ratio && ratio->count && ratio->values[0] == 0;
    if (status == OCELOT_OK && training && training->count && training->values[0] != 0 && !keeps_all)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "is in training mode, where it draws at random; export the model for inference");
    return status == OCELOT_OK ? ocelot_onnx_build_identity(import) : status;
}

enum ocelot_status ocelot_onnx_build_cast(struct ocelot_onnx_import *import)
{
    static const int floats[] = {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16,
                                 ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16};
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims dims;
    int64_t to = ocelot_onnx_integer(import, "to", 0);
    bool real = false;
    enum ocelot_status status = source(import, &value, &dims);
    for (size_t k = 0; k < sizeof floats / sizeof *floats; k++)
        real = real || to == floats[k];
    if (status == OCELOT_OK && value->network && !real)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED,
                                  "turns activations into whole numbers, which have no gradient; explain a value before it");
    if (status == OCELOT_OK)
        status = redim(import, value, &dims);
    const struct ocelot_onnx_value *out = import->node->n_output ? ocelot_onnx_value_find(import, import->node->output[0]) : NULL;
    if (status != OCELOT_OK || !out || !out->constant)
        return status;
    out->constant->integer = !real;
    for (size_t k = 0; k < out->constant->count && !real; k++)
        out->constant->values[k] = to == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL ? out->constant->values[k] != 0 : trunc(out->constant->values[k]);
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_build_constant(struct ocelot_onnx_import *import)
{
    const Onnx__AttributeProto *value = ocelot_onnx_attribute(import, "value"), *real = ocelot_onnx_attribute(import, "value_float"),
                               *reals = ocelot_onnx_attribute(import, "value_floats"), *whole = ocelot_onnx_attribute(import, "value_int"),
                               *wholes = ocelot_onnx_attribute(import, "value_ints");
    struct ocelot_onnx_tensor *tensor = NULL;
    enum ocelot_status status;
    if (value && value->t) {
        status = ocelot_onnx_tensor_decode(import, value->t, &tensor);
    } else if (real || whole || reals || wholes) {
        struct ocelot_onnx_dims dims = {.rank = reals || wholes, .at = {reals ? reals->n_floats : wholes ? wholes->n_ints : 0}};
        status = ocelot_onnx_tensor_make(import, &dims, whole || wholes, &tensor);
        for (size_t k = 0; status == OCELOT_OK && k < tensor->count; k++)
            tensor->values[k] = reals ? (double)reals->floats[k] : wholes ? (double)wholes->ints[k] : real ? (double)real->f : (double)whole->i;
    } else {
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "holds no tensor and no numbers");
    }
    return status == OCELOT_OK ? ocelot_onnx_bind_constant(import, 0, tensor) : status;
}

enum ocelot_status ocelot_onnx_build_shape(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_dims from;
    struct ocelot_onnx_tensor *tensor;
    enum ocelot_status status = source(import, &value, &from);
    if (status != OCELOT_OK)
        return status;
    int64_t rank = (int64_t)from.rank, start = ocelot_onnx_integer(import, "start", 0), end = ocelot_onnx_integer(import, "end", rank);
    start = start < -rank ? 0 : start < 0 ? start + rank : start > rank ? rank : start;
    end = end < -rank ? 0 : end < 0 ? end + rank : end > rank ? rank : end;
    struct ocelot_onnx_dims dims = {.rank = 1, .at = {end > start ? (size_t)(end - start) : 0}};
    status = ocelot_onnx_tensor_make(import, &dims, true, &tensor);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < tensor->count; k++)
        tensor->values[k] = (double)from.at[(size_t)start + k];
    return ocelot_onnx_bind_constant(import, 0, tensor);
}
