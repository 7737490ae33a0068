/* Attributes of the node being built, and short lists that newer opsets give as inputs. */
#include <math.h>
#include <string.h>

#include "onnx/import.h"

const Onnx__AttributeProto *ocelot_onnx_attribute(const struct ocelot_onnx_import *import, const char *name)
{
    for (size_t k = 0; k < import->node->n_attribute; k++)
        if (strcmp(ocelot_onnx_text(import->node->attribute[k]->name), name) == 0)
            return import->node->attribute[k];
    return NULL;
}

int64_t ocelot_onnx_integer(const struct ocelot_onnx_import *import, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *attribute = ocelot_onnx_attribute(import, name);
    return attribute ? attribute->i : otherwise;
}

double ocelot_onnx_real(const struct ocelot_onnx_import *import, const char *name, double otherwise)
{
    const Onnx__AttributeProto *attribute = ocelot_onnx_attribute(import, name);
    return attribute ? (double)attribute->f : otherwise;
}

bool ocelot_onnx_text_is(const struct ocelot_onnx_import *import, const char *name, const char *text, bool otherwise)
{
    const Onnx__AttributeProto *attribute = ocelot_onnx_attribute(import, name);
    if (!attribute)
        return otherwise;
    return attribute->s.len == strlen(text) && memcmp(attribute->s.data, text, attribute->s.len) == 0;
}

int64_t ocelot_onnx_whole(double value)
{
    const double most = 4611686018427387904.0; /* 2^62: sums of two still fit */
    return isnan(value) ? 0 : (int64_t)fmax(-most, fmin(most, value));
}

enum ocelot_status ocelot_onnx_list(struct ocelot_onnx_import *import, const char *name, size_t k, struct ocelot_onnx_list *out)
{
    const Onnx__AttributeProto *attribute = name ? ocelot_onnx_attribute(import, name) : NULL;
    const struct ocelot_onnx_tensor *tensor = NULL;
    *out = (struct ocelot_onnx_list){.present = attribute != NULL};
    enum ocelot_status status = OCELOT_OK;
    if (!attribute && k != SIZE_MAX)
        status = ocelot_onnx_optional(import, k, &tensor);
    if (status != OCELOT_OK || (!attribute && !tensor))
        return status;
    out->present = true;
    out->count = attribute ? attribute->n_ints : tensor->count;
    if (out->count > OCELOT_ONNX_LIST)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "%s%shas %zu entries, expected at most %d", name ? name : "an input", " ", out->count,
                                  OCELOT_ONNX_LIST);
    for (size_t i = 0; i < out->count; i++)
        out->at[i] = ocelot_onnx_whole(attribute ? (double)attribute->ints[i] : tensor->values[i]);
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_axis(struct ocelot_onnx_import *import, int64_t axis, size_t rank, size_t *out)
{
    int64_t bound = (int64_t)rank;
    if (axis < -bound || axis >= bound)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "axis %lld of a value with %zu dimensions", (long long)axis, rank);
    *out = (size_t)(axis < 0 ? axis + bound : axis);
    return OCELOT_OK;
}
