/* Slice, Gather, Pad, Transpose, Concat: values in another order. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* Input 0 of the node, activations or a decoded constant. */
static enum ocelot_status source(struct ocelot_onnx_import *import, struct ocelot_onnx_value **value)
{
    const struct ocelot_onnx_tensor *tensor;
    *value = ocelot_onnx_in(import, 0);
    return ocelot_onnx_is_constant(*value) ? ocelot_onnx_constant(import, 0, &tensor) : ocelot_onnx_network(import, 0, value);
}

/* Ends a selection: applied and bound. */
static enum ocelot_status finish(struct ocelot_onnx_import *import, struct ocelot_onnx_selection *selection, double fill,
                                 const struct ocelot_onnx_dims *dims, enum ocelot_status status)
{
    struct ocelot_onnx_value out;
    if (status == OCELOT_OK)
        status = ocelot_onnx_selection_apply(import, selection, fill, &out);
    ocelot_onnx_selection_free(selection);
    return status == OCELOT_OK ? ocelot_onnx_bind_value(import, &out, dims) : status;
}

enum ocelot_status ocelot_onnx_build_transpose(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value, out;
    struct ocelot_onnx_list list;
    size_t perm[OCELOT_ONNX_RANK], seen = 0;
    enum ocelot_status status = source(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, "perm", SIZE_MAX, &list);
    if (status != OCELOT_OK)
        return status;
    size_t rank = value->network ? value->dims.rank : value->constant->dims.rank;
    for (size_t k = 0; k < rank; k++) {
        int64_t axis = list.present && k < list.count ? list.at[k] : (int64_t)(rank - 1 - k);
        perm[k] = axis >= 0 && axis < (int64_t)rank ? (size_t)axis : 0;
        seen |= (size_t)1 << perm[k];
    }
    if (seen != ((size_t)1 << rank) - 1 || (list.present && list.count != rank))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "perm is no order of the %zu dimensions", rank);
    status = ocelot_onnx_permute(import, value, perm, &out);
    return status == OCELOT_OK ? ocelot_onnx_bind_value(import, &out, NULL) : status;
}

/* One axis of a Slice by ONNX's rules: negative positions count from the end, what is beyond is cut. */
static enum ocelot_status slice_axis(struct ocelot_onnx_import *import, struct ocelot_onnx_selection *s, size_t axis, int64_t start, int64_t end,
                                     int64_t step)
{
    int64_t size = (int64_t)s->out.at[axis], low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    start = start < low ? low : start > high ? high : start;
    end = end < low ? low : end > size ? size : end;
    int64_t span = step > 0 ? end - start : start - end, pace = step > 0 ? step : -step;
    size_t count = span > 0 ? (size_t)((span - 1) / pace) + 1 : 0;
    /* nothing moves: also allowed for the rows of the batch */
    if (start == 0 && step == 1 && count == s->out.at[axis])
        return OCELOT_OK;
    if (axis < ocelot_onnx_lead(import, s->from) && start == 0 && step == 1 && end >= 1)
        return OCELOT_OK; /* x[:n] of a batch traced with n rows */
    size_t *places = ocelot_allocate(count, sizeof *places);
    if (!places)
        return ocelot_fail_memory(import->err, "the order of a layer");
    for (size_t i = 0; i < count; i++)
        places[i] = (size_t)(start + (int64_t)i * step);
    enum ocelot_status status = ocelot_onnx_selection_take(import, s, axis, places, count);
    free(places);
    return status;
}

enum ocelot_status ocelot_onnx_build_slice(struct ocelot_onnx_import *import)
{
    bool inputs = import->opset >= 10;
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_list starts, ends, axes, steps = {0};
    struct ocelot_onnx_selection s = {0};
    enum ocelot_status status = source(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, inputs ? NULL : "starts", 1, &starts);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, inputs ? NULL : "ends", 2, &ends);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, inputs ? NULL : "axes", inputs ? 3 : SIZE_MAX, &axes);
    if (status == OCELOT_OK && inputs)
        status = ocelot_onnx_list(import, NULL, 4, &steps);
    if (status != OCELOT_OK)
        return status;
    if (!starts.present || starts.count != ends.count || (axes.present && axes.count != starts.count) ||
        (steps.present && steps.count != starts.count))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "starts, ends, axes and steps are not equally many");
    status = ocelot_onnx_selection_start(import, value, &s);
    for (size_t k = 0; k < starts.count && status == OCELOT_OK; k++) {
        size_t axis;
        int64_t step = steps.present ? steps.at[k] : 1;
        status = ocelot_onnx_axis(import, axes.present ? axes.at[k] : (int64_t)k, s.out.rank, &axis);
        if (status == OCELOT_OK && step == 0)
            status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "a step of 0");
        if (status == OCELOT_OK)
            status = slice_axis(import, &s, axis, starts.at[k], ends.at[k], step);
    }
    return finish(import, &s, 0, NULL, status);
}

/* The dimensions of a gathered value: those of the indices in place of the axis. */
static bool gathered_dims(const struct ocelot_onnx_dims *from, const struct ocelot_onnx_dims *indices, size_t axis, struct ocelot_onnx_dims *out)
{
    out->rank = 0;
    if (from->rank + indices->rank > OCELOT_ONNX_RANK + 1)
        return false;
    for (size_t k = 0; k < from->rank; k++) {
        if (k != axis)
            out->at[out->rank++] = from->at[k];
        for (size_t i = 0; k == axis && i < indices->rank; i++)
            out->at[out->rank++] = indices->at[i];
    }
    return true;
}

enum ocelot_status ocelot_onnx_build_gather(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    const struct ocelot_onnx_tensor *indices;
    struct ocelot_onnx_selection s = {0};
    struct ocelot_onnx_dims dims;
    size_t axis = 0, *places = NULL;
    enum ocelot_status status = source(import, &value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_constant(import, 1, &indices);
    if (status == OCELOT_OK)
        status = ocelot_onnx_selection_start(import, value, &s);
    if (status == OCELOT_OK)
        status = ocelot_onnx_axis(import, ocelot_onnx_integer(import, "axis", 0), s.out.rank, &axis);
    if (status == OCELOT_OK && !gathered_dims(&s.out, &indices->dims, axis, &dims))
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "gives more than %d dimensions", OCELOT_ONNX_RANK);
    if (status == OCELOT_OK)
        places = ocelot_allocate(indices->count, sizeof *places);
    if (status == OCELOT_OK && !places)
        status = ocelot_fail_memory(import->err, "the order of a layer");
    for (size_t i = 0; places && status == OCELOT_OK && i < indices->count; i++) {
        int64_t place = ocelot_onnx_whole(indices->values[i]), size = (int64_t)s.out.at[axis];
        if (place < -size || place >= size)
            status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "index %lld of %lld values", (long long)place, (long long)size);
        else
            places[i] = (size_t)(place < 0 ? place + size : place);
    }
    if (status == OCELOT_OK)
        status = ocelot_onnx_selection_take(import, &s, axis, places, indices->count);
    free(places);
    return finish(import, &s, 0, &dims, status);
}

/* Where a position outside 0..size-1 takes its value from. */
static size_t fill_place(int64_t place, int64_t size)
{
    return place < 0 || place >= size ? OCELOT_ONNX_FILL : (size_t)place;
}
static size_t edge_place(int64_t place, int64_t size)
{
    return (size_t)(place < 0 ? 0 : place >= size ? size - 1 : place);
}
static size_t reflect_place(int64_t place, int64_t size)
{
    int64_t period = 2 * (size - 1);
    if (period == 0)
        return 0;
    place = (place % period + period) % period;
    return (size_t)(place < size ? place : period - place);
}
static size_t wrap_place(int64_t place, int64_t size)
{
    return (size_t)((place % size + size) % size);
}

static const struct pad_mode {
    const char *name;
    size_t (*place)(int64_t place, int64_t size);
} pad_modes[] = {{"constant", fill_place}, {"edge", edge_place}, {"reflect", reflect_place}, {"wrap", wrap_place}};

static enum ocelot_status pad_axis(struct ocelot_onnx_import *import, struct ocelot_onnx_selection *s, size_t axis, int64_t before, int64_t after,
                                   const struct pad_mode *mode)
{
    const int64_t most = INT64_C(1) << 40;
    int64_t size = (int64_t)s->out.at[axis], total = size + before + after;
    if (before == 0 && after == 0)
        return OCELOT_OK;
    if (before > most || after > most || before < -most || after < -most || total < 0)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "pads of %lld and %lld", (long long)before, (long long)after);
    enum ocelot_status status = ocelot_onnx_reserve(import, (size_t)total, 2 * sizeof(size_t));
    if (status != OCELOT_OK)
        return status;
    size_t *places = ocelot_allocate((size_t)total, sizeof *places);
    if (!places)
        return ocelot_fail_memory(import->err, "the order of a layer");
    for (int64_t i = 0; i < total; i++)
        places[i] = mode->place(i - before, size);
    status = ocelot_onnx_selection_take(import, s, axis, places, (size_t)total);
    free(places);
    return status;
}

/* Pads, fill and axes from attributes (to opset 10) or inputs. */
static enum ocelot_status pad_settings(struct ocelot_onnx_import *import, struct ocelot_onnx_list *pads, struct ocelot_onnx_list *axes, double *fill)
{
    const struct ocelot_onnx_tensor *constant = NULL;
    bool inputs = import->opset >= 11;
    enum ocelot_status status = ocelot_onnx_list(import, inputs ? NULL : "pads", inputs ? 1 : SIZE_MAX, pads);
    if (status == OCELOT_OK && inputs)
        status = ocelot_onnx_optional(import, 2, &constant);
    if (status == OCELOT_OK)
        status = ocelot_onnx_list(import, NULL, inputs ? 3 : SIZE_MAX, axes);
    *fill = constant && constant->count ? constant->values[0] : inputs ? 0 : ocelot_onnx_real(import, "value", 0);
    return status;
}

enum ocelot_status ocelot_onnx_build_pad(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *value;
    struct ocelot_onnx_list pads = {0}, axes = {0};
    struct ocelot_onnx_selection s = {0};
    const struct pad_mode *mode = NULL;
    double fill = 0;
    enum ocelot_status status = source(import, &value);
    if (status == OCELOT_OK)
        status = pad_settings(import, &pads, &axes, &fill);
    for (size_t k = 0; k < sizeof pad_modes / sizeof *pad_modes; k++)
        if (ocelot_onnx_text_is(import, "mode", pad_modes[k].name, k == 0))
            mode = &pad_modes[k];
    if (status == OCELOT_OK && !mode)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "its mode is none of constant, edge, reflect and wrap");
    if (status == OCELOT_OK)
        status = ocelot_onnx_selection_start(import, value, &s);
    size_t count = axes.present ? axes.count : s.out.rank;
    if (status == OCELOT_OK && pads.count != 2 * count)
        status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "%zu pads for %zu dimensions", pads.count, count);
    for (size_t k = 0; k < count && status == OCELOT_OK; k++) {
        size_t axis = 0;
        status = ocelot_onnx_axis(import, axes.present ? axes.at[k] : (int64_t)k, s.out.rank, &axis);
        if (status == OCELOT_OK)
            status = pad_axis(import, &s, axis, pads.at[k], pads.at[count + k], mode);
    }
    return finish(import, &s, fill, NULL, status);
}
