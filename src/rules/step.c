/* Prepared weight parts, and the one step that all rules share (the tutorial's "implementing" slides:
 * z = W+^T a; s = R / z; c = W+ s; R = a * c). */
#include <math.h>
#include <string.h>

#include "kernels/stretches.h"
#include "rules/rule.h"

static size_t input_size(const struct ocelot_node *node, size_t k)
{
    return ocelot_node_input(node, k)->size;
}

/* Sum of the sizes of all inputs. */
static size_t inputs_size(const struct ocelot_node *node)
{
    size_t total = 0;
    for (size_t k = 0; k < node->input_count; k++)
        total += input_size(node, k);
    return total;
}

/* Whether a group looks at z of the one before, where else its s takes its place. */
static bool keeps_z(const struct ocelot_rule *rule)
{
    return rule->form->group[1].mirrored;
}

size_t ocelot_rule_scratch(const struct ocelot_node *node, const struct ocelot_rule *rule, size_t rows)
{
    /* parts of the inputs, what comes back to them, z, s, and a term */
    return rows * (2 * inputs_size(node) + (keeps_z(rule) ? 3 : 2) * node->size);
}

bool ocelot_rule_keeps_weights(const struct ocelot_rule *rule)
{
    bool keeps = false;
    for (size_t g = 0; g < rule->form->groups; g++)
        for (size_t t = 0; t < rule->form->group[g].terms; t++)
            keeps |= rule->form->group[g].term[t].weight->value == ocelot_weight_whole.value;
    return keeps;
}

bool ocelot_rule_multiplies(const struct ocelot_rule *rule)
{
    bool multiplies = true;
    for (size_t g = 0; g < rule->form->groups; g++)
        for (size_t t = 0; t < rule->form->group[g].terms; t++)
            multiplies &= ocelot_input_part_scales(rule->form->group[g].term[t].input);
    return multiplies;
}

#define OCELOT_BODY "rules/step_body.h"
#include "base/stamp.h"
