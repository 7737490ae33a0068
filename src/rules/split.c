/* What a group's terms send together, where the op's transpose can be had of the weights above and below zero apart. */
#include "kernels/stretches.h"
#include "rules/rule.h"

bool ocelot_input_part_silent(const struct ocelot_input_part *part, bool nonnegative)
{
    return nonnegative && part->positive == 0 && ocelot_input_part_scales(part);
}

bool ocelot_rule_splits(const struct ocelot_rule_group *group, bool nonnegative)
{
    size_t terms = 0;
    for (size_t t = 0; t < group->terms; t++) {
        if (!group->term[t].weight->by_sign)
            return false;
        terms += !ocelot_input_part_silent(group->term[t].input, nonnegative);
    }
    return terms > 1;
}

bool ocelot_rule_wants_split(const struct ocelot_rule *rule, bool nonnegative)
{
    bool wants = false;
    for (size_t g = 0; rule->form && g < rule->form->groups; g++)
        wants |= ocelot_rule_splits(&rule->form->group[g], nonnegative);
    return wants;
}

#define OCELOT_BODY "rules/split_body.h"
#include "base/stamp.h"
