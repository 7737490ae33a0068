/* From a kernel machine to a model: network, features, description. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/ensemble.h"
#include "svm/lower.h"
#include "svm/patch.h"

static char *print_pair(int i, int j)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%d:%d", i, j);
    return ocelot_copy_text(text, (size_t)length);
}

static double value_or_nan(const double *values, size_t i)
{
    return values ? values[i] : (double)NAN;
}

static bool fill_features(struct ocelot_model *model, const struct ocelot_machine *m)
{
    const struct ocelot_card *card = &m->card;
    model->features = ocelot_allocate(m->width, sizeof *model->features);
    model->names = ocelot_allocate(m->width, sizeof *model->names);
    if (!model->features || !model->names)
        return false;
    model->feature_count = m->width;
    for (size_t i = 0; i < m->width; i++) {
        const char *name = card->names ? card->names[i] : NULL;
        model->names[i] = name ? ocelot_copy_text(name, strlen(name)) : ocelot_machine_feature_name(m->first + (long)i);
        if (!model->names[i])
            return false;
        model->features[i] = (struct ocelot_feature){.name = model->names[i],
                                                     .index = m->first + (long)i,
                                                     .center = card->center ? card->center[i] : 0,
                                                     .factor = card->factor ? card->factor[i] : 1,
                                                     .low = value_or_nan(card->low, i),
                                                     .median = value_or_nan(card->median, i),
                                                     .high = value_or_nan(card->high, i),
                                                     .unit = card->unit     ? card->unit[i]
                                                             : card->factor ? 1 / card->factor[i]
                                                                            : 1};
    }
    return true;
}

static bool fill_calibration(struct ocelot_model *model, const struct ocelot_machine *m)
{
    const double *scores = m->next ? m->card.ensemble.held_out : m->card.held_out;
    size_t count = m->next ? m->card.ensemble.held_out_count : m->card.held_out_count;
    if (count == 0)
        return true;
    model->calibration = ocelot_allocate(count, sizeof *model->calibration);
    if (!model->calibration)
        return false;
    memcpy(model->calibration, scores, count * sizeof *scores);
    model->calibration_count = count;
    return true;
}

/* u~ = sum |a_j| u_j / sum |a_j| over all coefficients, in raw units. */
static bool fill_reference(struct ocelot_model *model, const struct ocelot_machine *m)
{
    double sum = 0;
    model->reference = ocelot_allocate(m->width, sizeof *model->reference);
    if (!model->reference)
        return false;
    for (size_t j = 0; j < m->count; j++) {
        double weight = 0;
        for (size_t k = 0; k + 1 < m->classes; k++)
            weight += fabs(m->coefficients[k * m->count + j]);
        sum += weight;
        for (size_t e = m->entries.start[j]; e < m->entries.start[j + 1]; e++)
            model->reference[m->entries.feature[e]] += weight * m->entries.value[e];
    }
    for (size_t i = 0; i < m->width; i++)
        model->reference[i] = ocelot_machine_raw(m, i, sum > 0 ? model->reference[i] / sum : 0);
    model->reference_nodes = m->kernel->nodes ? m->kernel->nodes(&m->parameters) : 0;
    return true;
}

static char *output_name(const struct ocelot_machine *m, size_t k)
{
    size_t i, j;
    if (m->type->role == OCELOT_ROLE_ONE_CLASS)
        return ocelot_copy_text("outlier_score", 13);
    if (m->type->role == OCELOT_ROLE_REGRESSOR)
        return ocelot_copy_text("value", 5);
    ocelot_machine_pair_classes(m, k, &i, &j);
    return print_pair(m->labels[i], m->labels[j]);
}

static bool fill_outputs(struct ocelot_model *model, const struct ocelot_machine *m)
{
    model->outputs = ocelot_allocate(m->pairs, sizeof *model->outputs);
    if (!model->outputs)
        return false;
    model->info.outputs = m->pairs;
    for (size_t k = 0; k < m->pairs; k++)
        if (!(model->outputs[k] = output_name(m, k)))
            return false;
    if (!m->labels)
        return true;
    model->classes = ocelot_allocate(m->classes, sizeof *model->classes);
    if (!model->classes)
        return false;
    memcpy(model->classes, m->labels, m->classes * sizeof *model->classes);
    model->info.classes = m->classes;
    return true;
}

/* alpha is bounded by 1 in LIBSVM's one-class problem; the bound of a classifier is not in its file. */
static size_t count_bounded(const struct ocelot_machine *m)
{
    size_t bounded = 0;
    for (; m && m->type->role == OCELOT_ROLE_ONE_CLASS; m = m->next)
        for (size_t j = 0; j < m->count; j++)
            bounded += m->coefficients[j] >= 1;
    return bounded;
}

static void describe(struct ocelot_model *model, const struct ocelot_machine *m, const char *source)
{
    struct ocelot_model_info *info = &model->info;
    bool one_class = m->type->role == OCELOT_ROLE_ONE_CLASS;
    info->source = source;
    info->type = m->type->word;
    info->kernel = m->kernel->name;
    info->gamma = m->parameters.gamma;
    info->power = m->parameters.power;
    info->coef0 = m->parameters.coef0;
    info->degree = m->parameters.degree;
    info->scaling = !m->card.center ? "none" : m->card.scaling ? m->card.scaling : "card";
    info->features = m->width;
    info->support_vectors = m->count;
    info->bounded = count_bounded(m);
    info->rho = m->rho[0];
    info->coefficient_sum = NAN;
    info->threshold = NAN;
    if (one_class)
        info->threshold = ocelot_machine_threshold(m, &info->coefficient_sum);
    if (one_class && !m->kernel->profile)
        info->threshold = 0;
    info->nu = m->card.training.rows ? m->card.training.nu : (double)NAN;
    info->training_rows = m->card.training.rows;
    info->solver = m->card.training.solver;
    info->tolerance = m->card.training.rows ? m->card.training.tolerance : (double)NAN;
    info->iterations = m->card.training.iterations;
    info->gap = m->card.training.rows ? m->card.training.gap : (double)NAN;
    info->calibration_rows = m->card.held_out_count;
    info->explains = one_class ? "outlier_score" : "output";
    info->method = m->kernel->family->form[m->type->role].method;
    info->has_card = m->has_card;
    info->width = m->width;
    info->members = 1;
}

/* Pixels of an image that patches slide over: nothing is known of each. */
static bool fill_pixels(struct ocelot_model *model, const struct ocelot_machine *m)
{
    size_t count = ocelot_patch_image(&m->card.patch);
    model->features = ocelot_allocate(count, sizeof *model->features);
    model->names = ocelot_allocate(count, sizeof *model->names);
    if (!model->features || !model->names)
        return false;
    model->feature_count = count;
    for (size_t i = 0; i < count; i++) {
        const double none = NAN;
        model->names[i] = ocelot_machine_feature_name((long)i + 1);
        if (!model->names[i])
            return false;
        model->features[i] =
            (struct ocelot_feature){.name = model->names[i], .index = (long)i + 1, .factor = 1, .low = none, .median = none, .high = none, .unit = 1};
    }
    return true;
}

/* The machine's network in a model of its own. */
static enum ocelot_status lower_alone(struct ocelot_model *model, struct ocelot_machine *machine, struct ocelot_error *err)
{
    if (machine->card.patch.height) {
        if (!fill_pixels(model, machine))
            return ocelot_fail_memory(err, "the model");
        return ocelot_machine_lower(machine, &model->graph, err);
    }
    if (!fill_features(model, machine) || !fill_reference(model, machine))
        return ocelot_fail_memory(err, "the model");
    return ocelot_machine_lower(machine, &model->graph, err);
}

/* The machine's layers behind those of the network, whose features and graph move into the model. */
static enum ocelot_status lower_onto(struct ocelot_model *model, struct ocelot_machine *machine, struct ocelot_model *network,
                                     struct ocelot_error *err)
{
    size_t last = network->graph->count - 1, size = network->graph->nodes[last]->size;
    if (size != machine->width && !machine->card.patch.height)
        return ocelot_fail(err, OCELOT_E_SHAPE, "layer %s of the network has %zu activations, expected %zu, as the support vectors have features",
                           network->graph->nodes[last]->name, size, machine->width);
    model->graph = network->graph;
    model->features = network->features;
    model->names = network->names;
    model->feature_count = network->feature_count;
    model->warnings = network->warnings;
    network->graph = NULL;
    network->features = NULL;
    network->names = NULL;
    network->warnings = NULL;
    return ocelot_machine_append(machine, model->graph, last, err);
}

/* The image that patches slide over, unless it is a network's. */
static void describe_patches(struct ocelot_model *model, const struct ocelot_machine *m)
{
    model->info.features = model->feature_count;
    model->info.input_rank = 3;
    memcpy(model->info.input_shape, m->card.patch.shape, sizeof m->card.patch.shape);
}

/* What a stacked model has from its network. */
static void describe_network(struct ocelot_model *model, const struct ocelot_machine *m, const struct ocelot_model_info *network)
{
    struct ocelot_model_info *info = &model->info;
    info->network = m->card.network.path;
    info->node = m->card.network.node;
    info->features = network->features;
    info->input_rank = network->input_rank;
    memcpy(info->input_shape, network->input_shape, sizeof info->input_shape);
    info->single = network->single;
    if (!m->kernel->profile)
        info->method = "lrp"; /* taylor has no reference point among the pixels */
}

static bool list_entries(struct ocelot_machine *machine)
{
    bool good = true;
    for (struct ocelot_machine *m = machine; good && m; m = m->next)
        good = m->entries.start || ocelot_entries_list(m->support, m->count, m->width, &m->entries);
    return good;
}

/* Where few are not 0 plans want them, too. */
static void release_entries(struct ocelot_machine *machine)
{
    for (struct ocelot_machine *m = machine; m; m = m->next)
        if (m->entries.start && !ocelot_sparse_pays(m->entries.start[m->count], m->count, m->width))
            ocelot_entries_free(&m->entries);
}

enum ocelot_status ocelot_machine_model_on(struct ocelot_machine *machine, struct ocelot_model *network, const char *source,
                                           struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_model *model = ocelot_allocate(1, sizeof *model);
    if (!model) {
        ocelot_machine_free(machine);
        ocelot_model_free(network);
        return ocelot_fail_memory(err, "the model");
    }
    model->source = machine;
    model->source_free = ocelot_machine_free;
    enum ocelot_status status = OCELOT_OK;
    if (!list_entries(machine) || !fill_calibration(model, machine) || !fill_outputs(model, machine))
        status = ocelot_fail_memory(err, "the model");
    if (status == OCELOT_OK)
        status = ocelot_machine_group(machine, err);
    if (status == OCELOT_OK)
        status = network ? lower_onto(model, machine, network, err) : lower_alone(model, machine, err);
    if (status == OCELOT_OK) {
        model->reading = machine->kernel->family->form[machine->type->role].reading;
        describe(model, machine, source);
        if (machine->card.patch.height) {
            model->reading = &ocelot_reading_sum;
            model->info.threshold = machine->card.patch.threshold;
            describe_patches(model, machine);
        }
        if (machine->next) {
            model->reading = &ocelot_reading_sum;
            ocelot_ensemble_describe(machine, &model->info);
        }
        if (network)
            describe_network(model, machine, &network->info);
        for (const struct ocelot_machine *m = machine; m && status == OCELOT_OK; m = m->next)
            status = ocelot_machine_warn(model, m, err);
    }
    release_entries(machine);
    ocelot_model_free(network);
    if (status != OCELOT_OK) {
        ocelot_model_free(model);
        return status;
    }
    *out = model;
    return OCELOT_OK;
}

enum ocelot_status ocelot_machine_model(struct ocelot_machine *machine, const char *source, struct ocelot_model **out, struct ocelot_error *err)
{
    return ocelot_machine_model_on(machine, NULL, source, out, err);
}
