/* Values picked from another, axis by axis: slices, pads, transpositions and gathered entries are all this, of activations and of constants. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

enum ocelot_status ocelot_onnx_selection_start(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *from,
                                               struct ocelot_onnx_selection *selection)
{
    *selection = (struct ocelot_onnx_selection){.from = from, .out = from->network ? from->dims : from->constant->dims};
    size_t stride = 1, lead = ocelot_onnx_lead(import, from);
    for (size_t k = selection->out.rank; k-- > lead; stride *= selection->out.at[k]) {
        size_t *offset = ocelot_allocate(selection->out.at[k], sizeof *offset);
        if (!offset)
            return ocelot_fail_memory(import->err, "the order of a layer");
        for (size_t i = 0; i < selection->out.at[k]; i++)
            offset[i] = i * stride;
        selection->offset[k] = offset;
    }
    return OCELOT_OK;
}

void ocelot_onnx_selection_free(struct ocelot_onnx_selection *selection)
{
    for (size_t k = 0; k < OCELOT_ONNX_RANK; k++)
        free(selection->offset[k]);
}

enum ocelot_status ocelot_onnx_selection_take(struct ocelot_onnx_import *import, struct ocelot_onnx_selection *selection, size_t axis,
                                              const size_t *places, size_t count)
{
    if (axis < ocelot_onnx_lead(import, selection->from))
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "picks among the rows of the batch, which must pass untouched");
    size_t *offset = ocelot_allocate(count, sizeof *offset);
    if (!offset)
        return ocelot_fail_memory(import->err, "the order of a layer");
    for (size_t i = 0; i < count; i++)
        offset[i] = places[i] == OCELOT_ONNX_FILL ? OCELOT_ONNX_FILL : selection->offset[axis][places[i]];
    free(selection->offset[axis]);
    selection->offset[axis] = offset;
    selection->out.at[axis] = count;
    return OCELOT_OK;
}

void ocelot_onnx_selection_permute(struct ocelot_onnx_selection *selection, const size_t *perm)
{
    struct ocelot_onnx_selection old = *selection;
    for (size_t k = 0; k < old.out.rank; k++) {
        selection->out.at[k] = old.out.at[perm[k]];
        selection->offset[k] = old.offset[perm[k]];
    }
}

/* Source of each value in order into map [count]. */
static void fill_map(const struct ocelot_onnx_selection *s, size_t lead, size_t count, size_t *map)
{
    size_t index[OCELOT_ONNX_RANK] = {0};
    for (size_t n = 0; n < count; n++) {
        size_t place = 0;
        for (size_t k = lead; k < s->out.rank && place != OCELOT_ONNX_FILL; k++) {
            size_t step = s->offset[k][index[k]];
            place = step == OCELOT_ONNX_FILL ? OCELOT_ONNX_FILL : place + step;
        }
        map[n] = place;
        for (size_t k = s->out.rank; k-- > lead && ++index[k] == s->out.at[k];)
            index[k] = 0;
    }
}

static enum ocelot_status select_constant(struct ocelot_onnx_import *import, const struct ocelot_onnx_selection *s, const size_t *map, double fill,
                                          struct ocelot_onnx_value *out)
{
    const struct ocelot_onnx_tensor *from = s->from->constant;
    enum ocelot_status status = ocelot_onnx_tensor_make(import, &s->out, from->integer, &out->constant);
    for (size_t n = 0; status == OCELOT_OK && n < out->constant->count; n++)
        out->constant->values[n] = map[n] == OCELOT_ONNX_FILL ? fill : from->values[map[n]];
    return status;
}

static enum ocelot_status select_network(struct ocelot_onnx_import *import, const struct ocelot_onnx_selection *s, const size_t *map, size_t count,
                                         double fill, struct ocelot_onnx_value *out)
{
    bool moved = count != import->graph->nodes[s->from->node]->size;
    for (size_t n = 0; n < count && !moved; n++)
        moved = map[n] != n;
    out->network = true;
    out->dims = s->out;
    out->node = s->from->node;
    if (!moved)
        return OCELOT_OK;
    if (count >= UINT32_MAX || import->graph->nodes[s->from->node]->size >= UINT32_MAX)
        return ocelot_onnx_refuse(import, OCELOT_E_LIMIT, "has more activations than 32 bits count");
    uint32_t *narrow = ocelot_allocate(count, sizeof *narrow);
    if (!narrow)
        return ocelot_fail_memory(import->err, "the order of a layer");
    for (size_t n = 0; n < count; n++)
        narrow[n] = map[n] == OCELOT_ONNX_FILL ? OCELOT_ARRANGE_CONSTANT : (uint32_t)map[n];
    struct ocelot_shape shape = ocelot_onnx_shape(import, &s->out);
    enum ocelot_status status = ocelot_append_arrange(import->graph, &s->from->node, 1, &shape, narrow, fill, &out->node, import->err);
    free(narrow);
    return status;
}

enum ocelot_status ocelot_onnx_selection_apply(struct ocelot_onnx_import *import, const struct ocelot_onnx_selection *selection, double fill,
                                               struct ocelot_onnx_value *out)
{
    size_t lead = ocelot_onnx_lead(import, selection->from), count = 1;
    *out = (struct ocelot_onnx_value){.producer = SIZE_MAX};
    for (size_t k = lead; k < selection->out.rank; k++)
        if (!ocelot_size_multiply(count, selection->out.at[k], &count))
            count = SIZE_MAX / sizeof(size_t);
    /* the map twice, the activations once */
    enum ocelot_status status = ocelot_onnx_reserve(import, count, 3 * sizeof(size_t));
    if (status != OCELOT_OK)
        return status;
    if (count == 0 && selection->from->network)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "gives no values at all");
    size_t *map = ocelot_allocate(count, sizeof *map);
    if (!map)
        return ocelot_fail_memory(import->err, "the order of a layer");
    fill_map(selection, lead, count, map);
    status = selection->from->network ? select_network(import, selection, map, count, fill, out) : select_constant(import, selection, map, fill, out);
    free(map);
    return status;
}

enum ocelot_status ocelot_onnx_bind_value(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct ocelot_onnx_dims *dims)
{
    if (value->network)
        return ocelot_onnx_bind(import, 0, value->node, dims ? dims : &value->dims);
    struct ocelot_onnx_tensor *tensor = value->constant;
    value->constant = NULL;
    if (dims)
        tensor->dims = *dims;
    return ocelot_onnx_bind_constant(import, 0, tensor);
}

enum ocelot_status ocelot_onnx_permute(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *from, const size_t *perm,
                                       struct ocelot_onnx_value *out)
{
    struct ocelot_onnx_selection selection = {0};
    enum ocelot_status status = ocelot_onnx_selection_start(import, from, &selection);
    if (status == OCELOT_OK && ocelot_onnx_lead(import, from) && selection.out.rank && perm[0] != 0)
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "moves the rows of the batch, which must stay the first dimension");
    if (status == OCELOT_OK) {
        ocelot_onnx_selection_permute(&selection, perm);
        status = ocelot_onnx_selection_apply(import, &selection, 0, out);
    }
    ocelot_onnx_selection_free(&selection);
    return status;
}
