/* Kernel machines of ONNX-ML as skl2onnx writes them: the same machine as a LIBSVM file, its scaling in the card. ONNX adds its rho where LIBSVM
 * subtracts, so the sign turns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "onnx/import.h"
#include "svm/machine.h"

const Onnx__NodeProto *ocelot_onnx_machine_find(const struct ocelot_onnx_import *import)
{
    const Onnx__GraphProto *graph = import->file->graph;
    for (size_t k = 0; k < graph->n_node; k++) {
        const char *op_type = ocelot_onnx_text(graph->node[k]->op_type);
        if (strcmp(ocelot_onnx_text(graph->node[k]->domain), "ai.onnx.ml") == 0 &&
            (strcmp(op_type, "SVMRegressor") == 0 || strcmp(op_type, "SVMClassifier") == 0))
            return graph->node[k];
    }
    return NULL;
}

static const struct {
    const char *word, *name;
} kernels[] = {{"LINEAR", "linear"}, {"POLY", "polynomial"}, {"RBF", "rbf"}, {"SIGMOID", "sigmoid"}};

static enum ocelot_status set_kernel(struct ocelot_onnx_import *import, struct ocelot_machine *m)
{
    const Onnx__AttributeProto *p = ocelot_onnx_attribute(import, "kernel_params");
    const char *expected;
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        if (ocelot_onnx_text_is(import, "kernel_type", kernels[k].word, k == 0))
            m->kernel = ocelot_machine_kernel_find(kernels[k].name);
    if (!m->kernel || (p && p->n_floats != 3 && p->n_floats != 0))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its kernel_type or kernel_params are none that ONNX knows");
    bool given = p && p->n_floats == 3;
    double degree = given ? (double)p->floats[2] : 0;
    if (!(degree >= 0 && degree < 1e6))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its kernel has a degree of %g", degree);
    m->parameters = (struct ocelot_kernel_parameters){given ? (double)p->floats[0] : 0, NAN, given ? (double)p->floats[1] : 0, (int)degree};
    if (!ocelot_kernel_parameters_check(m->kernel, &m->parameters, &expected))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its %s kernel: expected %s", m->kernel->name, expected);
    return OCELOT_OK;
}

static const struct ocelot_machine_type *type_of(const char *word)
{
    const struct ocelot_machine_type *type = ocelot_machine_types;
    while (type->word && strcmp(type->word, word) != 0)
        type++;
    return type->word ? type : NULL;
}

/* A one-class machine says so, or is known by its coefficients: all positive, while those of a regression sum to zero. */
static enum ocelot_status set_regressor(struct ocelot_onnx_import *import, struct ocelot_machine *m, const Onnx__AttributeProto *coefficients)
{
    bool one_class = true;
    for (size_t k = 0; k < coefficients->n_floats; k++)
        one_class = one_class && coefficients->floats[k] >= 0;
    bool says = ocelot_onnx_integer(import, "one_class", 0) != 0;
    m->type = type_of(one_class ? "one_class" : "epsilon_svr");
    m->classes = 2;
    m->pairs = 1;
    m->count = coefficients->n_floats;
    if (says && !one_class)
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "is a one-class machine with negative coefficients");
    return OCELOT_OK;
}

/* Whole numbers as labels; texts that are none are numbered in order. */
static enum ocelot_status set_labels(struct ocelot_onnx_import *import, struct ocelot_machine *m)
{
    const Onnx__AttributeProto *ints = ocelot_onnx_attribute(import, "classlabels_ints"),
                               *texts = ocelot_onnx_attribute(import, "classlabels_strings");
    bool from_ints = ints && ints->n_ints == m->classes;
    if (!from_ints && (!texts || texts->n_strings != m->classes))
        return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "has not one label for each of its %zu classes", m->classes);
    m->labels = ocelot_allocate(m->classes, sizeof *m->labels);
    if (!m->labels)
        return ocelot_fail_memory(import->err, "the classes");
    for (size_t k = 0; k < m->classes; k++) {
        long long label = (long long)k;
        if (from_ints)
            label = ints->ints[k];
        else {
            const char *text = (const char *)texts->strings[k].data, *end = text + texts->strings[k].len;
            long long read;
            if (text && ocelot_integer_parse(text, end, &read) == end)
                label = read;
        }
        if (label > INT32_MAX || label < INT32_MIN)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "label %lld is too large", label);
        m->labels[k] = (int)label;
    }
    return OCELOT_OK;
}

static enum ocelot_status set_classifier(struct ocelot_onnx_import *import, struct ocelot_machine *m)
{
    const Onnx__AttributeProto *members = ocelot_onnx_attribute(import, "vectors_per_class");
    m->type = type_of("c_svc");
    m->classes = members ? members->n_ints : 0;
    if (m->classes < 2 || m->classes > 4096)
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "has no support vectors of at least two classes (vectors_per_class)");
    m->pairs = m->classes * (m->classes - 1) / 2;
    m->members = ocelot_allocate(m->classes, sizeof *m->members);
    if (!m->members)
        return ocelot_fail_memory(import->err, "the classes");
    for (size_t k = 0; k < m->classes; k++) {
        if (members->ints[k] < 0 || members->ints[k] > INT32_MAX / 4096)
            return ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "vectors_per_class holds %lld", (long long)members->ints[k]);
        m->members[k] = (int)members->ints[k];
        m->count += (size_t)members->ints[k];
    }
    return set_labels(import, m);
}

/* Coefficients, support vectors and rho; their counts must fit each other. */
static enum ocelot_status fill(struct ocelot_onnx_import *import, struct ocelot_machine *m)
{
    const Onnx__AttributeProto *coefficients = ocelot_onnx_attribute(import, "coefficients"), *rho = ocelot_onnx_attribute(import, "rho"),
                               *support = ocelot_onnx_attribute(import, "support_vectors");
    size_t values, products;
    if (!coefficients || !rho || !support || m->count == 0 || !ocelot_size_multiply(m->count, m->width, &values) ||
        !ocelot_size_multiply(m->count, m->classes - 1, &products) || coefficients->n_floats != products || support->n_floats != values ||
        rho->n_floats != m->pairs)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE,
                                  "coefficients, support_vectors and rho do not fit %zu support vectors of %zu features (a linear model without "
                                  "support vectors is not supported)",
                                  m->count, m->width);
    enum ocelot_status status = ocelot_machine_fits(m, import->options->memory_limit, import->name, import->err);
    if (status == OCELOT_OK)
        status = ocelot_machine_allocate(m, import->err);
    if (status != OCELOT_OK)
        return status;
    bool finite = true;
    for (size_t k = 0; k < products; k++)
        finite = isfinite(m->coefficients[k] = (double)coefficients->floats[k]) && finite;
    for (size_t k = 0; k < values; k++)
        finite = isfinite(m->support[k] = (double)support->floats[k]) && finite;
    for (size_t k = 0; k < m->pairs; k++)
        finite = isfinite(m->rho[k] = -(double)rho->floats[k]) && finite;
    if (!finite)
        return ocelot_onnx_refuse(import, OCELOT_E_VALUE, "holds numbers that are not finite");
    return ocelot_machine_drop_zeros(m, import->name, import->err);
}

/* What stands between the file's input and the machine, nearest to the machine first. */
struct chain {
    const Onnx__NodeProto *nodes[16];
    size_t count;
    bool normalises;
};

static enum ocelot_status find_chain(struct ocelot_onnx_import *import, struct chain *chain)
{
    const Onnx__NodeProto *machine = import->node;
    for (const Onnx__NodeProto *node = machine;;) {
        const struct ocelot_onnx_value *value = node->n_input ? ocelot_onnx_value_find(import, node->input[0]) : NULL;
        if (value && value->network)
            return OCELOT_OK;
        import->node = node;
        if (!value || value->producer == SIZE_MAX || chain->count == sizeof chain->nodes / sizeof *chain->nodes)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "does not lead back to the file's input");
        node = import->file->graph->node[value->producer];
        const char *op_type = ocelot_onnx_text(node->op_type);
        bool scales = strcmp(op_type, "Scaler") == 0, normalises = strcmp(op_type, "Normalizer") == 0;
        import->node = node;
        if (!scales && !normalises && strcmp(op_type, "Cast") != 0 && strcmp(op_type, "Identity") != 0)
            return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED,
                                      "this operator is not supported before a kernel machine; Scaler and Normalizer are");
        chain->normalises = chain->normalises || normalises;
        chain->nodes[chain->count++] = node;
        import->node = machine;
    }
}

/* A Scaler between the last Normalizer and the machine becomes the card's scaling; ((x - c) f - c') f' = (x - c - c' / f) f f'. */
static enum ocelot_status add_scaler(struct ocelot_onnx_import *import, struct ocelot_machine *m)
{
    const Onnx__AttributeProto *offset = ocelot_onnx_attribute(import, "offset"), *scale = ocelot_onnx_attribute(import, "scale");
    if ((offset && offset->n_floats != 1 && offset->n_floats != m->width) || (scale && scale->n_floats != 1 && scale->n_floats != m->width))
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its offset or scale has not one number, and not one a feature");
    bool first = !m->card.center;
    if (first) {
        m->card.center = ocelot_allocate(m->width, sizeof *m->card.center);
        m->card.factor = ocelot_allocate(m->width, sizeof *m->card.factor);
        m->card.scaling = ocelot_copy_text("Scaler", 6);
        if (!m->card.center || !m->card.factor || !m->card.scaling)
            return ocelot_fail_memory(import->err, "the scaling");
    }
    for (size_t i = 0; i < m->width; i++) {
        double c = offset ? (double)offset->floats[offset->n_floats == 1 ? 0 : i] : 0,
               f = scale ? (double)scale->floats[scale->n_floats == 1 ? 0 : i] : 1;
        /* this one comes before those taken so far */
        double later_center = first ? 0 : m->card.center[i], later_factor = first ? 1 : m->card.factor[i];
        if (!isfinite(c) || !isfinite(f) || (f == 0 && later_center != 0))
            return ocelot_onnx_refuse(import, OCELOT_E_VALUE, "scales feature %zu by something that is no number", i + 1);
        m->card.center[i] = c + (later_center != 0 ? later_center / f : 0);
        m->card.factor[i] = f * later_factor;
    }
    return OCELOT_OK;
}

static void free_normalised(void *machine)
{
    ocelot_machine_free(machine);
}

/* The machine's layers behind those of the Normalizer and what stands before it, which no LIBSVM file can hold. */
static enum ocelot_status put_before(struct ocelot_onnx_import *import, const struct chain *chain, size_t last, struct ocelot_model *model)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = chain->count; k-- > last && status == OCELOT_OK;) {
        import->node = chain->nodes[k];
        import->first = import->graph->count;
        const struct ocelot_onnx_builder *builder = ocelot_onnx_builder_find(import->node);
        status = builder ? builder->build(import) : ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "this operator is not supported");
    }
    struct ocelot_graph *old = model->graph, *graph = import->graph;
    size_t shift = graph->count - 1, inputs[OCELOT_NODE_INPUTS];
    for (size_t n = 1; n < old->count && status == OCELOT_OK; n++) {
        struct ocelot_node *node = old->nodes[n];
        void *params = node->params;
        for (size_t k = 0; k < node->input_count; k++)
            inputs[k] = node->inputs[k] + shift;
        node->params = NULL;
        status = ocelot_graph_append(graph, node->op, node->name, params, inputs, node->input_count, NULL, import->err);
    }
    if (status != OCELOT_OK)
        return status;
    ocelot_graph_free(old);
    model->graph = graph;
    import->graph = NULL;
    model->source_free = free_normalised;
    free(model->reference);
    model->reference = NULL;
    return ocelot_model_warn(model, import->err, "each row is normalised before the kernel sees it: expected values are those of normalised rows");
}

static enum ocelot_status make_machine(struct ocelot_onnx_import *import, struct chain *chain, size_t *normalizer, struct ocelot_machine *m)
{
    const Onnx__NodeProto *node = import->node;
    const Onnx__AttributeProto *coefficients = ocelot_onnx_attribute(import, "coefficients");
    m->first = 1;
    m->absent_factor = 1;
    m->width = import->graph->nodes[0]->size;
    m->card.training.nu = m->card.training.solved_rho = m->card.training.gap = m->card.training.tolerance = NAN;
    enum ocelot_status status = find_chain(import, chain);
    if (status == OCELOT_OK && !ocelot_onnx_text_is(import, "post_transform", "NONE", true) && strcmp(node->op_type, "SVMRegressor") == 0)
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "transforms its result (post_transform), which is not supported");
    if (status == OCELOT_OK && !coefficients)
        status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "has no coefficients");
    if (status == OCELOT_OK)
        status = set_kernel(import, m);
    if (status == OCELOT_OK)
        status = strcmp(node->op_type, "SVMRegressor") == 0 ? set_regressor(import, m, coefficients) : set_classifier(import, m);
    if (status == OCELOT_OK)
        status = fill(import, m);
    for (*normalizer = 0; *normalizer < chain->count && status == OCELOT_OK; (*normalizer)++) {
        import->node = chain->nodes[*normalizer];
        if (strcmp(import->node->op_type, "Normalizer") == 0)
            break;
        if (strcmp(import->node->op_type, "Scaler") == 0)
            status = add_scaler(import, m);
    }
    return status;
}

enum ocelot_status ocelot_onnx_machine(struct ocelot_onnx_import *import, const Onnx__NodeProto *node, struct ocelot_model **out)
{
    struct chain chain = {.count = 0};
    size_t normalizer = 0;
    struct ocelot_machine *machine = ocelot_allocate(1, sizeof *machine);
    struct ocelot_model *model = NULL;
    if (!machine)
        return ocelot_fail_memory(import->err, "the model");
    import->node = node;
    enum ocelot_status status = make_machine(import, &chain, &normalizer, machine);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        return status;
    }
    status = ocelot_machine_model(machine, "ONNX file", &model, import->err);
    if (status == OCELOT_OK && chain.normalises)
        status = put_before(import, &chain, normalizer, model);
    if (status != OCELOT_OK) {
        ocelot_model_free(model);
        return status;
    }
    *out = model;
    return OCELOT_OK;
}
