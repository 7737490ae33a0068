/* What a file's metadata_props say of a network's rows and outputs: ONNX's words for pictures, and names of classes. */
#include <string.h>

#include "onnx/import.h"

/* Image.NominalPixelRange -> struct ocelot_model_info.preprocess; Image.BitmapPixelFormat -> .channels. */
struct word {
    const char *theirs, *ours;
};
static const struct word ranges[] = {{"Normalized_0_1", "unit"}, {"Normalized_1_1", "signed"}, {"NominalRange_0_255", "none"}, {NULL, NULL}};
static const struct word formats[] = {{"Gray8", "grey"}, {"Rgb8", "rgb"}, {"Bgr8", "bgr"}, {NULL, NULL}};

const char *ocelot_onnx_property(const Onnx__ModelProto *file, const char *key)
{
    for (size_t k = 0; k < file->n_metadata_props; k++)
        if (strcmp(ocelot_onnx_text(file->metadata_props[k]->key), key) == 0)
            return ocelot_onnx_text(file->metadata_props[k]->value);
    return NULL;
}

static const char *translate(const Onnx__ModelProto *file, const char *key, const struct word *words)
{
    const char *value = ocelot_onnx_property(file, key);
    for (; value && words->theirs; words++)
        if (strcmp(words->theirs, value) == 0)
            return words->ours;
    return NULL;
}

void ocelot_onnx_describe_pictures(const Onnx__ModelProto *file, struct ocelot_model_info *info)
{
    info->preprocess = translate(file, "Image.NominalPixelRange", ranges);
    info->channels = translate(file, "Image.BitmapPixelFormat", formats);
}

const char *ocelot_onnx_names_next(struct ocelot_onnx_names *names, size_t *length)
{
    const char *name = names->at + strspn(names->at, " ");
    size_t whole = strcspn(name, names->separator);
    names->at = name + whole + (name[whole] != '\0');
    *length = whole;
    while (*length > 0 && strchr("\r ", name[*length - 1]))
        --*length;
    return *length > 0 ? name : NULL;
}

bool ocelot_onnx_names(const Onnx__ModelProto *file, size_t count, struct ocelot_onnx_names *out)
{
    const char *text = ocelot_onnx_property(file, "classes");
    size_t length, found = 0;
    if (!text)
        return false;
    *out = (struct ocelot_onnx_names){text, strchr(text, '\n') ? "\n" : ","};
    struct ocelot_onnx_names names = *out;
    for (; *names.at; found++)
        if (found == count || !ocelot_onnx_names_next(&names, &length))
            return false;
    return found == count;
}
