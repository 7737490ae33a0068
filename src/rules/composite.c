/* Composites: which layer gets which rule, under the names that the field uses. */
#include <string.h>

#include "rules/rule.h"

static const struct ocelot_composite epsilon = {"epsilon", "the epsilon rule everywhere", {{.layer = "*", .rule = "epsilon"}}, 1};
static const struct ocelot_composite lrp_0 = {"lrp-0", "the plain rule without stabiliser everywhere", {{.layer = "*", .rule = "epsilon:0"}}, 1};
static const struct ocelot_composite epsilon_plus = {
    "epsilon-plus", "z+ on convolutions, epsilon on dense layers", {{.layer = "Conv*", .rule = "zplus"}, {.layer = "*", .rule = "epsilon"}}, 2};
static const struct ocelot_composite epsilon_plus_flat = {
    "epsilon-plus-flat",
    "as epsilon-plus, flat on the first layer",
    {{.layer = "*", .first = true, .rule = "flat"}, {.layer = "Conv*", .rule = "zplus"}, {.layer = "*", .rule = "epsilon"}},
    3};
static const struct ocelot_composite epsilon_alpha2_beta1 = {"epsilon-alpha2-beta1",
                                                             "alpha 2, beta 1 on convolutions, epsilon on dense layers",
                                                             {{.layer = "Conv*", .rule = "alpha-beta:2,1"}, {.layer = "*", .rule = "epsilon"}},
                                                             2};
static const struct ocelot_composite epsilon_alpha2_beta1_flat = {
    "epsilon-alpha2-beta1-flat",
    "as epsilon-alpha2-beta1, flat on the first layer",
    {{.layer = "*", .first = true, .rule = "flat"}, {.layer = "Conv*", .rule = "alpha-beta:2,1"}, {.layer = "*", .rule = "epsilon"}},
    3};
static const struct ocelot_composite epsilon_gamma_box = {
    "epsilon-gamma-box",
    "box on the first convolution, gamma on the others, epsilon on dense layers",
    {{.layer = "Conv*", .first = true, .rule = "box"}, {.layer = "Conv*", .rule = "gamma:0.25"}, {.layer = "*", .rule = "epsilon"}},
    3};
static const struct ocelot_composite excitation_backprop = {
    "excitation-backprop", "z+ without biases everywhere", {{.layer = "*", .rule = "zplus", .no_bias = true}}, 1};
static const struct ocelot_composite deep_taylor = {
    "deep-taylor",
    "w^2 on the first layer, z+ without biases above",
    {{.layer = "*", .first = true, .rule = "wsquare", .no_bias = true}, {.layer = "*", .rule = "zplus", .no_bias = true}},
    2};
static const struct ocelot_composite deep_taylor_box = {
    "deep-taylor-box",
    "box on the first layer, z+ without biases above",
    {{.layer = "*", .first = true, .rule = "box"}, {.layer = "*", .rule = "zplus", .no_bias = true}},
    2};

const struct ocelot_composite *const ocelot_composites[] = {&epsilon,
                                                            &lrp_0,
                                                            &epsilon_plus,
                                                            &epsilon_plus_flat,
                                                            &epsilon_alpha2_beta1,
                                                            &epsilon_alpha2_beta1_flat,
                                                            &epsilon_gamma_box,
                                                            &excitation_backprop,
                                                            &deep_taylor,
                                                            &deep_taylor_box,
                                                            NULL};

const char *ocelot_composite_at(size_t k)
{
    return k < sizeof ocelot_composites / sizeof *ocelot_composites - 1 ? ocelot_composites[k]->name : NULL;
}

const struct ocelot_composite *ocelot_composite_find(const char *name)
{
    for (const struct ocelot_composite *const *c = ocelot_composites; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

/* On a mismatch only the last star needs to take one character more, so the time is at most the product of both lengths. */
bool ocelot_glob_match(const char *glob, const char *text)
{
    const char *star = NULL, *taken = NULL;
    while (*text) {
        if (*glob == '*') {
            star = ++glob;
            taken = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star;
            text = ++taken;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

/* Mixes its inputs by weights: Conv and Dense, not scalings channel by channel. */
static bool mixes(const struct ocelot_node *node)
{
    return (node->op->traits & OCELOT_OP_AFFINE) && !(node->op->traits & OCELOT_OP_ELEMENTWISE) && node->op->weights;
}

bool ocelot_node_is_first(const struct ocelot_node *node, const char *glob)
{
    for (size_t i = 0; i < node->graph->count; i++)
        if (mixes(node->graph->nodes[i]) && ocelot_glob_match(glob, node->graph->nodes[i]->op->name))
            return node->graph->nodes[i] == node;
    return false;
}

enum ocelot_status ocelot_node_propagates(const struct ocelot_node *node, struct ocelot_error *err)
{
    if (node->op->f64.relevance || (node->op->traits & (OCELOT_OP_AFFINE | OCELOT_OP_ELEMENTWISE | OCELOT_OP_SOURCE)))
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "layer %s (%s) has no relevance: networks are explained before it", node->name, node->op->name);
}

enum ocelot_status ocelot_composite_rule(const struct ocelot_composite *composite, const struct ocelot_node *node, struct ocelot_rule *rule,
                                         struct ocelot_error *err)
{
    *rule = (struct ocelot_rule){0};
    if (!(node->op->traits & OCELOT_OP_AFFINE))
        return ocelot_node_propagates(node, err);
    for (size_t k = 0; k < composite->entries; k++) {
        const struct ocelot_composite_entry *entry = &composite->entry[k];
        if (!ocelot_glob_match(entry->layer, node->op->name) || (entry->first && !ocelot_node_is_first(node, entry->layer)))
            continue;
        enum ocelot_status status = ocelot_rule_parse(entry->rule, rule, err);
        rule->bias = rule->bias && !entry->no_bias;
        return status;
    }
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "composite %s has no rule for layer %s (%s)", composite->name, node->name, node->op->name);
}
