/* Propagation methods: relevance walks that differ in their rules alone. */
#include <stdio.h>
#include <string.h>

#include "explain/explainer.h"
#include "ops/ops.h"

void ocelot_seed(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows)
{
    size_t last = plan->model->graph->count - 1, outputs = plan->model->graph->nodes[last]->size;
    memset(w->f64.signal[last], 0, rows * outputs * sizeof *w->f64.signal[last]);
    for (size_t b = 0; b < rows; b++) {
        const struct ocelot_decision *decision = &w->decision[b];
        const double *logits = w->f64.activation[last] + b * outputs;
        double *seed = w->f64.signal[last] + b * outputs;
        if (decision->status != OCELOT_OK)
            continue;
        if (plan->log_ratio)
            ocelot_log_ratio_seed(logits, outputs, decision->target, seed);
        else
            seed[decision->target] = logits[decision->target];
    }
}

void ocelot_propagate(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    (void)x;
    ocelot_seed(plan, w, rows);
    if (plan->extra)
        ocelot_sides_walk(plan, w, rows);
    else
        ocelot_walk_relevance(plan, w, rows);
}

/* What a kernel machine's features that are 0 do with their relevance. */
#define ABSENT_OPTION(settings)                                                                                                                      \
    {                                                                                                                                                \
        .name = "absent", .type = OCELOT_OPTION_CHOICE, .offset = offsetof(struct settings, absent), .placeholder = "WHAT",                          \
        .choices = "keep|propagate", .fallback = "keep",                                                                                             \
        .summary = "models stacked on a network: relevance of features that are 0, patterns that are missing, is kept in the ledger, or propagated " \
                   "to the pixels all the same"                                                                                                      \
    }

/* --- deep Taylor decomposition of kernel machines ------------------------------------------------------------------------------- */

struct dtd_settings {
    const char *box, *top_rule, *absent;
};

static const struct ocelot_option dtd_options[] = {
    {.name = "box",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct dtd_settings, box),
     .placeholder = "LOW,HIGH",
     .summary =
         "networks: bounds of the inputs, one pair or one a channel (LOW,HIGH;LOW,HIGH;...): the first layer then takes the box rule, else w^2"},
    {.name = "top-rule",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct dtd_settings, top_rule),
     .placeholder = "RULE",
     .summary = "networks: another rule for the dense layers on top, such as epsilon"},
    ABSENT_OPTION(dtd_settings),
    {.name = NULL},
};

/* The node of the soft-min that a kernel machine's network ends in, or the number of nodes. */
static size_t find_softmin(const struct ocelot_graph *graph)
{
    size_t i = 0;
    while (i < graph->count && graph->nodes[i]->op != &ocelot_op_softmin)
        i++;
    return i;
}

static bool is_network(const struct ocelot_model *model)
{
    return strcmp(model->info.type, "network") == 0;
}

/* "box:" and the bounds, as ocelot_rule_parse wants it. */
static enum ocelot_status parse_box(const char *bounds, struct ocelot_rule *rule, struct ocelot_error *err)
{
    char text[512];
    int length = snprintf(text, sizeof text, "box:%s", bounds);
    if (length < 0 || (size_t)length >= sizeof text)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "box: found '%.60s...', expected LOW,HIGH or one such pair a channel", bounds);
    return ocelot_rule_parse(text, rule, err);
}

static enum ocelot_status dtd_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct dtd_settings *s = settings;
    struct ocelot_rule rule;
    enum ocelot_status status = s->box ? parse_box(s->box, &rule, err) : OCELOT_OK;
    if (status == OCELOT_OK && s->top_rule)
        status = ocelot_rule_parse(s->top_rule, &rule, err);
    if (status != OCELOT_OK || is_network(model) || find_softmin(model->graph) < model->graph->count)
        return status;
    return ocelot_fail(
        err, OCELOT_E_UNSUPPORTED,
        "dtd is defined for soft-min pooling over distances and for ReLU networks, and this model (%s, kernel %s) is neither: use --method %s",
        model->info.type, model->info.kernel, model->info.method ? model->info.method : "lrp, or score it");
}

/* Soft-min and distance carry their own relevance; the layer that joins the two sides of a pair is LRP-0, its constant absorbed. What lies
 * before them, or a network without them, is decomposed by the deep-taylor composite. */
static enum ocelot_status dtd_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    const struct dtd_settings *s = settings;
    size_t softmin = find_softmin(node->graph);
    *rule = (struct ocelot_rule){.absent = strcmp(s->absent, "propagate") == 0};
    if (!(node->op->traits & OCELOT_OP_AFFINE))
        return ocelot_node_propagates(node, err);
    if (softmin < node->graph->count && ocelot_node_number(node) > softmin)
        return ocelot_rule_parse("epsilon:0", rule, err);
    if (s->box && ocelot_node_is_first(node, "*"))
        return parse_box(s->box, rule, err);
    if (s->top_rule && node->op == &ocelot_op_dense)
        return ocelot_rule_parse(s->top_rule, rule, err);
    return ocelot_composite_rule(ocelot_composite_find("deep-taylor"), node, rule, err);
}

static enum ocelot_status conserving_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    enum ocelot_status status = dtd_rule(node, settings, rule, err);
    rule->conserving = true;
    return status;
}

const struct ocelot_explainer ocelot_explainer_dtd = {
    .method = {"dtd",
               "deep Taylor decomposition: of the outlier score (R_j = p_j min(o, phi_j), shared by squared differences), of networks by z+ rules",
               "relevance", "1 forward, 1 backward", "Montavon 2017; Kauffmann, Mueller, Montavon 2018", dtd_options},
    .settings_size = sizeof(struct dtd_settings),
    .allows = dtd_allows,
    .rule = dtd_rule,
    .extra = ocelot_sides_extra,
    .run = ocelot_propagate,
};

const struct ocelot_explainer ocelot_explainer_dtd_conserving = {
    .method = {"dtd-conserving", "as dtd with R_j = p_j o, so that relevances sum to the score exactly", "relevance", "1 forward, 1 backward",
               "Kauffmann, Mueller, Montavon 2020", dtd_options},
    .settings_size = sizeof(struct dtd_settings),
    .allows = dtd_allows,
    .rule = conserving_rule,
    .extra = ocelot_sides_extra,
    .run = ocelot_propagate,
};

/* --- layer-wise relevance propagation with any composite ------------------------------------------------------------------------ */

struct lrp_settings {
    const char *composite, *box, *absent;
    struct ocelot_option_list rule;
};

static const struct ocelot_option lrp_options[] = {
    {.name = "composite",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct lrp_settings, composite),
     .placeholder = "NAME",
     .fallback = "epsilon",
     .summary = "rules by layer: epsilon, lrp-0, epsilon-plus, deep-taylor, ... (`ocelot methods` lists them)"},
    {.name = "box",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct lrp_settings, box),
     .placeholder = "LOW,HIGH",
     .summary = "bounds of the inputs for every box rule, one pair or one a channel (LOW,HIGH;LOW,HIGH;...)"},
    {.name = "rule",
     .type = OCELOT_OPTION_LIST,
     .offset = offsetof(struct lrp_settings, rule),
     .placeholder = "LAYER=RULE",
     .summary = "a rule for the layers whose name or op matches, such as 'Dense*=gamma:0.25' or 'first=box:0,1'; the first match wins"},
    ABSENT_OPTION(lrp_settings),
    {.name = NULL},
};

/* Whether the user's LAYER=RULE is meant for the node: by name, by op, or as the first layer. */
static bool names_node(const char *text, const struct ocelot_node *node)
{
    char layer[OCELOT_NODE_NAME];
    size_t length = strcspn(text, "=");
    if (length >= sizeof layer)
        return false;
    memcpy(layer, text, length);
    layer[length] = '\0';
    return ocelot_glob_match(layer, node->name) || ocelot_glob_match(layer, node->op->name) ||
           (strcmp(layer, "first") == 0 && ocelot_node_is_first(node, "*"));
}

/* A rule that no layer takes is a layer misspelt. */
static bool names_any(const char *text, const struct ocelot_graph *graph)
{
    for (size_t i = 0; i < graph->count; i++)
        if ((graph->nodes[i]->op->traits & OCELOT_OP_AFFINE) && names_node(text, graph->nodes[i]))
            return true;
    return false;
}

static enum ocelot_status lrp_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct lrp_settings *s = settings;
    if (!ocelot_composite_find(s->composite))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "composite: '%s' is unknown; `ocelot methods` lists the composites", s->composite);
    for (size_t k = 0; k < s->rule.count; k++) {
        const char *mark = strchr(s->rule.text[k], '=');
        struct ocelot_rule rule;
        if (!mark)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "rule: found '%s', expected LAYER=RULE", s->rule.text[k]);
        enum ocelot_status status = ocelot_rule_parse(mark + 1, &rule, err);
        if (status != OCELOT_OK)
            return status;
        if (!names_any(s->rule.text[k], model->graph))
            return ocelot_fail(err, OCELOT_E_ARGUMENT,
                               "rule: '%s' is for no layer of this model that takes a rule; `ocelot inspect` lists the layers", s->rule.text[k]);
    }
    struct ocelot_rule box;
    if (s->box && parse_box(s->box, &box, err) != OCELOT_OK)
        return OCELOT_E_ARGUMENT;
    if (!model->info.method)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s models are only scored so far, not explained", model->info.type);
    return OCELOT_OK;
}

/* The user's rule for the node, else the composite's. */
static enum ocelot_status named_rule(const struct lrp_settings *s, const struct ocelot_node *node, struct ocelot_rule *rule, struct ocelot_error *err)
{
    for (size_t k = 0; k < s->rule.count && (node->op->traits & OCELOT_OP_AFFINE); k++)
        if (names_node(s->rule.text[k], node))
            return ocelot_rule_parse(strchr(s->rule.text[k], '=') + 1, rule, err);
    return ocelot_composite_rule(ocelot_composite_find(s->composite), node, rule, err);
}

static enum ocelot_status lrp_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    const struct lrp_settings *s = settings;
    enum ocelot_status status = named_rule(s, node, rule, err);
    rule->absent = strcmp(s->absent, "propagate") == 0;
    if (status != OCELOT_OK || !s->box || !rule->form || strcmp(rule->form->info.name, "box") != 0)
        return status;
    return parse_box(s->box, rule, err);
}

const struct ocelot_explainer ocelot_explainer_lrp = {
    .method = {"lrp", "layer-wise relevance propagation with the rules of a composite", "relevance", "1 forward, 2 to 6 products a layer",
               "Bach 2015; Montavon 2017, 2019", lrp_options},
    .settings_size = sizeof(struct lrp_settings),
    .is_signed = true,
    .allows = lrp_allows,
    .rule = lrp_rule,
    .extra = ocelot_sides_extra,
    .run = ocelot_propagate,
};
