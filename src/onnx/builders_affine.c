/* x * factor + shift with constants that broadcast: Channel where they differ by channel only, else Scale. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* Dimensions of the result of two values that broadcast against each other, from the last dimension on; false where they do not fit. */
static bool broadcast(const struct ocelot_onnx_dims *a, const struct ocelot_onnx_dims *b, struct ocelot_onnx_dims *out)
{
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (size_t k = 1; k <= out->rank; k++) {
        size_t x = k <= a->rank ? a->at[a->rank - k] : 1, y = k <= b->rank ? b->at[b->rank - k] : 1;
        if (x != y && x != 1 && y != 1)
            return false;
        out->at[out->rank - k] = x > y ? x : y;
    }
    return true;
}

/* Element of a constant for a position of the result. */
static double at(const struct ocelot_onnx_tensor *tensor, const struct ocelot_onnx_dims *dims, const size_t *index)
{
    size_t place = 0;
    for (size_t k = 0; k < tensor->dims.rank; k++) {
        size_t d = dims->rank - tensor->dims.rank + k;
        place = place * tensor->dims.at[k] + (tensor->dims.at[k] == 1 ? 0 : index[d]);
    }
    return tensor->values[place];
}

/* The constant over all of a row of `dims`, or over its first dimension only, into out. */
static void spread(const struct ocelot_onnx_tensor *tensor, double none, const struct ocelot_onnx_dims *dims, size_t lead, size_t count, size_t step,
                   double *out)
{
    for (size_t n = 0; n < count; n++) {
        size_t index[OCELOT_ONNX_RANK] = {0}, rest = n * step;
        for (size_t k = dims->rank; k-- > lead; rest /= dims->at[k])
            index[k] = rest % dims->at[k];
        out[n] = tensor ? at(tensor, dims, index) : none;
    }
}

/* Whether the constant varies along dimensions of the row behind the first. */
static bool varies_inside(const struct ocelot_onnx_tensor *tensor, const struct ocelot_onnx_dims *dims, size_t lead)
{
    for (size_t k = 0; tensor && k < tensor->dims.rank; k++)
        if (tensor->dims.at[k] != 1 && dims->rank - tensor->dims.rank + k > lead)
            return true;
    return false;
}

/* The value with dimensions that a larger constant gives it: repeated along them. */
static enum ocelot_status widen(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value, const struct ocelot_onnx_dims *dims,
                                struct ocelot_onnx_value *out)
{
    struct ocelot_onnx_value aligned = *value;
    struct ocelot_onnx_selection s = {0};
    size_t missing = dims->rank - value->dims.rank;
    enum ocelot_status status = OCELOT_OK;
    if (missing && import->lead)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "joins a constant of %zu dimensions to activations of %zu", dims->rank,
                                  value->dims.rank);
    aligned.dims.rank = dims->rank;
    for (size_t k = 0; k < dims->rank; k++)
        aligned.dims.at[k] = k < missing ? 1 : value->dims.at[k - missing];
    status = ocelot_onnx_selection_start(import, &aligned, &s);
    for (size_t k = 0; k < dims->rank && status == OCELOT_OK; k++) {
        if (aligned.dims.at[k] == dims->at[k])
            continue;
        status = ocelot_onnx_reserve(import, dims->at[k], sizeof(size_t));
        size_t *places = status == OCELOT_OK ? ocelot_allocate(dims->at[k], sizeof *places) : NULL;
        if (status == OCELOT_OK && !places)
            status = ocelot_fail_memory(import->err, "the order of a layer");
        if (status == OCELOT_OK)
            status = ocelot_onnx_selection_take(import, &s, k, places, dims->at[k]);
        free(places);
    }
    if (status == OCELOT_OK)
        status = ocelot_onnx_selection_apply(import, &s, 0, out);
    ocelot_onnx_selection_free(&s);
    return status;
}

/* Channel over the first dimension of the row. */
static enum ocelot_status by_channel(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct ocelot_onnx_tensor *factor,
                                     const struct ocelot_onnx_tensor *shift)
{
    struct ocelot_shape shape = ocelot_onnx_shape(import, &value->dims);
    size_t channels = shape.extent[0], inner = 1, node = 0;
    double *weights = ocelot_allocate(channels, sizeof *weights), *bias = ocelot_allocate(channels, sizeof *bias);
    enum ocelot_status status = OCELOT_OK;
    if (!weights || !bias) {
        status = ocelot_fail_memory(import->err, "the constants");
        goto done;
    }
    status = ocelot_onnx_shaped(import, value, &shape, &node);
    if (status == OCELOT_OK) {
        ocelot_shape_size(&shape, &inner);
        inner /= channels;
        spread(factor, 1, &value->dims, import->lead, channels, inner, weights);
        spread(shift, 0, &value->dims, import->lead, channels, inner, bias);
        status = ocelot_append_channel(import->graph, node, weights, bias, &value->node, import->err);
    }
done:
    free(weights);
    free(bias);
    return status;
}

/* Scale: (x - center) * factor. A shift that follows a factor is a second one. */
static enum ocelot_status by_element(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct ocelot_onnx_tensor *factor,
                                     const struct ocelot_onnx_tensor *shift)
{
    size_t count = import->graph->nodes[value->node]->size;
    double *center = ocelot_allocate(count, sizeof *center), *scale = ocelot_allocate(count, sizeof *scale);
    enum ocelot_status status = OCELOT_OK;
    if (!center || !scale) {
        status = ocelot_fail_memory(import->err, "the constants");
        goto done;
    }
    if (factor) {
        spread(factor, 1, &value->dims, import->lead, count, 1, scale);
        status = ocelot_append_scale(import->graph, value->node, center, scale, &value->node, import->err);
    }
    if (status == OCELOT_OK && shift) {
        spread(shift, 0, &value->dims, import->lead, count, 1, center);
        for (size_t n = 0; n < count; n++) {
            center[n] = -center[n];
            scale[n] = 1;
        }
        status = ocelot_append_scale(import->graph, value->node, center, scale, &value->node, import->err);
    }
done:
    free(center);
    free(scale);
    return status;
}

enum ocelot_status ocelot_onnx_affine(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value,
                                      const struct ocelot_onnx_tensor *factor, const struct ocelot_onnx_tensor *shift, struct ocelot_onnx_value *out)
{
    struct ocelot_onnx_dims dims = value->dims, wider;
    bool fits = true, same;
    for (size_t k = 0; k < 2 && fits; k++) {
        const struct ocelot_onnx_tensor *tensor = k ? shift : factor;
        fits = !tensor || broadcast(&dims, &tensor->dims, &wider);
        dims = tensor && fits ? wider : dims;
    }
    *out = *value;
    same = dims.rank == value->dims.rank && memcmp(dims.at, value->dims.at, dims.rank * sizeof *dims.at) == 0;
    if (!fits)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "a constant does not fit the activations (or differs from row to row of the batch)");
    enum ocelot_status status = same ? OCELOT_OK : widen(import, value, &dims, out);
    if (status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, import->graph->nodes[out->node]->size, 3 * sizeof(double));
    if (status != OCELOT_OK)
        return status;
    bool inside = varies_inside(factor, &dims, import->lead) || varies_inside(shift, &dims, import->lead);
    return inside || dims.rank <= import->lead ? by_element(import, out, factor, shift) : by_channel(import, out, factor, shift);
}
