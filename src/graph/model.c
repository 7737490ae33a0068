#include "graph/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; list && i < count; i++)
        free(list[i]);
    free(list);
}

void ocelot_model_free(struct ocelot_model *model)
{
    if (!model)
        return;
    if (model->source_free)
        model->source_free(model->source);
    free_list(model->names, model->feature_count);
    free_list(model->outputs, model->info.outputs);
    for (size_t k = 0; model->warnings && model->warnings[k]; k++)
        free(model->warnings[k]);
    free(model->warnings);
    free(model->features);
    free(model->calibration);
    free(model->reference);
    free(model->classes);
    ocelot_graph_free(model->graph);
    free(model);
}

void ocelot_model_describe(const struct ocelot_model *model, struct ocelot_model_info *out)
{
    *out = model->info;
}

struct ocelot_feature ocelot_model_feature(const struct ocelot_model *model, size_t i)
{
    return model->features[i];
}

const double *ocelot_model_calibration(const struct ocelot_model *model, size_t *count)
{
    *count = model->calibration_count;
    return model->calibration_count ? model->calibration : NULL;
}

int ocelot_model_class(const struct ocelot_model *model, size_t k)
{
    return model->classes[k];
}

const char *ocelot_model_output(const struct ocelot_model *model, size_t k)
{
    return model->outputs[k];
}

const char *ocelot_model_warning(const struct ocelot_model *model, size_t k)
{
    for (size_t i = 0; model->warnings && model->warnings[i]; i++)
        if (i == k)
            return model->warnings[i];
    return NULL;
}

size_t ocelot_model_layers(const struct ocelot_model *model)
{
    return model->graph->count;
}

struct ocelot_layer ocelot_model_layer(const struct ocelot_model *model, size_t i)
{
    const struct ocelot_node *node = model->graph->nodes[i];
    struct ocelot_layer layer = {.name = node->name, .op = node->op->name, .size = node->size};
    struct ocelot_text detail = {0};
    ocelot_shape_print(&node->shape, layer.shape, sizeof layer.shape);
    ocelot_node_describe(node, &detail);
    snprintf(layer.detail, sizeof layer.detail, "%s", detail.bytes ? detail.bytes : "");
    ocelot_text_free(&detail);
    layer.parameters = node->op->parameters ? node->op->parameters(node) : 0;
    return layer;
}

enum ocelot_status ocelot_model_dot(const struct ocelot_model *model, char **out, struct ocelot_error *err)
{
    struct ocelot_text text = {0};
    ocelot_graph_dot(model->graph, &text);
    if (text.failed) {
        ocelot_text_free(&text);
        return ocelot_fail_memory(err, "the picture of the network");
    }
    *out = text.bytes;
    return OCELOT_OK;
}

enum ocelot_status ocelot_model_warn(struct ocelot_model *model, struct ocelot_error *err, const char *format, ...)
{
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    size_t count = 0;
    while (model->warnings && model->warnings[count])
        count++;
    char *copy = ocelot_copy_text(sentence, strlen(sentence));
    char **warnings = copy ? ocelot_reallocate(model->warnings, count + 2, sizeof *warnings) : NULL;
    if (!warnings) {
        free(copy);
        return ocelot_fail_memory(err, "a warning");
    }
    model->warnings = warnings;
    warnings[count] = copy;
    warnings[count + 1] = NULL;
    return OCELOT_OK;
}
