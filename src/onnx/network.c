/* From a network's graph to a model: features named by their place, outputs, the reading. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

static void decide(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    size_t best = 0;
    for (size_t k = 1; k < model->info.outputs; k++)
        if (outputs[k] > outputs[best])
            best = k;
    if (target == SIZE_MAX)
        target = best;
    *out = (struct ocelot_decision){.status = OCELOT_OK,
                                    .outlier_score = NAN,
                                    .threshold = NAN,
                                    .decision_value = NAN,
                                    .p_value = NAN,
                                    .output = outputs[target],
                                    .target = target,
                                    .predicted = model->info.outputs > 1 ? (double)best : outputs[0]};
}

static const struct ocelot_reading reading = {"network", decide};

/* "c0y1x2", "c0x1" or "f1", by how many dimensions a row has. */
static int print_feature(char *text, size_t room, const struct ocelot_shape *shape, size_t i)
{
    size_t x = shape->extent[shape->rank - 1], y = shape->rank == 3 ? shape->extent[1] : 1;
    if (shape->rank == 3)
        return snprintf(text, room, "c%zuy%zux%zu", i / (x * y), i / x % y, i % x);
    return shape->rank == 2 ? snprintf(text, room, "c%zux%zu", i / x, i % x) : snprintf(text, room, "f%zu", i + 1);
}

/* All names in one block, which names[0] owns: an image has too many for one allocation each. */
static bool fill_features(struct ocelot_model *model, const struct ocelot_shape *shape, size_t count)
{
    size_t bytes = 0;
    char *at, text[80];
    model->features = ocelot_allocate(count, sizeof *model->features);
    model->names = ocelot_allocate(count, sizeof *model->names);
    if (!model->features || !model->names)
        return false;
    model->feature_count = count;
    for (size_t i = 0; i < count; i++)
        bytes += (size_t)print_feature(text, sizeof text, shape, i) + 1;
    at = model->names[0] = ocelot_allocate(bytes, 1);
    if (!at)
        return false;
    for (size_t i = 0; i < count; i++) {
        model->features[i] =
            (struct ocelot_feature){.name = at, .index = (long)i + 1, .factor = 1, .low = NAN, .median = NAN, .high = NAN, .unit = 1};
        at += (size_t)print_feature(at, sizeof text, shape, i) + 1;
    }
    return true;
}

/* Named by the options, else by the file, else by number. */
static bool fill_outputs(struct ocelot_model *model, const struct ocelot_onnx_import *import, size_t count)
{
    const char *const *classes = import->options->classes;
    struct ocelot_onnx_names names;
    bool named = ocelot_onnx_names(import->file, count, &names);
    model->outputs = ocelot_allocate(count, sizeof *model->outputs);
    model->classes = ocelot_allocate(count, sizeof *model->classes);
    if (!model->outputs || !model->classes)
        return false;
    model->info.outputs = count;
    model->info.classes = count > 1 ? count : 0;
    for (size_t k = 0; k < count; k++) {
        char number[32];
        size_t length = (size_t)snprintf(number, sizeof number, "%zu", k);
        const char *name = number;
        if (classes)
            length = strlen(name = classes[k]);
        else if (named)
            name = ocelot_onnx_names_next(&names, &length);
        model->classes[k] = (int)k;
        if (!(model->outputs[k] = ocelot_copy_text(name, length)))
            return false;
    }
    return true;
}

static void describe(struct ocelot_model *model, const struct ocelot_shape *shape)
{
    struct ocelot_model_info *info = &model->info;
    info->source = "ONNX file";
    info->type = "network";
    info->kernel = "none";
    info->gamma = info->power = info->coef0 = info->coefficient_sum = info->rho = info->threshold = info->nu = info->gap = info->tolerance = NAN;
    info->solver = "";
    info->scaling = "none";
    info->features = model->feature_count;
    info->explains = "output";
    info->method = "dtd";
    info->input_rank = shape->rank > 1 ? shape->rank : 0;
    memcpy(info->input_shape, shape->extent, sizeof info->input_shape);
    info->single = true;
}

enum ocelot_status ocelot_onnx_model(struct ocelot_onnx_import *import, struct ocelot_graph *graph, struct ocelot_model **out)
{
    const struct ocelot_onnx_options *options = import->options;
    const struct ocelot_shape *shape = &graph->nodes[0]->shape;
    size_t outputs = ocelot_graph_output(graph)->size;
    enum ocelot_status status = OCELOT_OK;
    struct ocelot_model *model = ocelot_allocate(1, sizeof *model);
    if (!model) {
        ocelot_graph_free(graph);
        return ocelot_fail_memory(import->err, "the model");
    }
    model->graph = graph;
    model->reading = &reading;
    if (options->classes && options->class_count != outputs)
        status = ocelot_fail(import->err, OCELOT_E_ARGUMENT, "%s: found %zu outputs, but %zu names of classes", import->name, outputs,
                             options->class_count);
    else if (outputs > INT32_MAX)
        status = ocelot_fail(import->err, OCELOT_E_LIMIT, "%s: has too many outputs", import->name);
    else if (!fill_features(model, shape, graph->nodes[0]->size) || !fill_outputs(model, import, outputs))
        status = ocelot_fail_memory(import->err, "the model");
    if (status != OCELOT_OK) {
        ocelot_model_free(model);
        return status;
    }
    describe(model, shape);
    ocelot_onnx_describe_pictures(import->file, &model->info);
    *out = model;
    return OCELOT_OK;
}
