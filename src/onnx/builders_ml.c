/* Operators of ONNX-ML that are layers of a network: Scaler and Normalizer. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* A row of features, [N][F]. */
static enum ocelot_status row(struct ocelot_onnx_import *import, struct ocelot_onnx_value **value, size_t *width)
{
    enum ocelot_status status = ocelot_onnx_network(import, 0, value);
    if (status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, import->graph->nodes[(*value)->node]->size, 3 * sizeof(double));
    if (status != OCELOT_OK)
        return status;
    *width = import->graph->nodes[(*value)->node]->size;
    if ((*value)->dims.rank > import->lead + 1)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "works on rows of one dimension");
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_build_scaler(struct ocelot_onnx_import *import)
{
    const Onnx__AttributeProto *offset = ocelot_onnx_attribute(import, "offset"), *scale = ocelot_onnx_attribute(import, "scale");
    struct ocelot_onnx_value *value;
    size_t width, node = 0;
    enum ocelot_status status = row(import, &value, &width);
    if (status != OCELOT_OK)
        return status;
    if ((offset && offset->n_floats != 1 && offset->n_floats != width) || (scale && scale->n_floats != 1 && scale->n_floats != width))
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its offset or scale has not one number, and not one a feature");
    double *center = ocelot_allocate(width, sizeof *center), *factor = ocelot_allocate(width, sizeof *factor);
    if (!center || !factor) {
        status = ocelot_fail_memory(import->err, "the scaling");
        goto done;
    }
    for (size_t k = 0; k < width; k++) {
        center[k] = offset ? (double)offset->floats[offset->n_floats == 1 ? 0 : k] : 0;
        factor[k] = scale ? (double)scale->floats[scale->n_floats == 1 ? 0 : k] : 1;
    }
    status = ocelot_append_scale(import->graph, value->node, center, factor, &node, import->err);
done:
    free(center);
    free(factor);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
}

enum ocelot_status ocelot_onnx_build_normalizer(struct ocelot_onnx_import *import)
{
    static const struct {
        const char *name;
        int norm;
    } norms[] = {{"MAX", 0}, {"L1", 1}, {"L2", 2}};
    struct ocelot_onnx_value *value;
    size_t width, node = 0;
    enum ocelot_status status = row(import, &value, &width);
    for (size_t k = 0; status == OCELOT_OK && k < sizeof norms / sizeof *norms; k++) {
        if (!ocelot_onnx_text_is(import, "norm", norms[k].name, norms[k].norm == 0))
            continue;
        status = ocelot_append_normalise(import->graph, value->node, norms[k].norm, &node, import->err);
        return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, node, &value->dims) : status;
    }
    return status == OCELOT_OK ? ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its norm is none of MAX, L1 and L2") : status;
}
