/* The step at a total of inputs (Add) where the rule divides by the total itself: z = in_1 + in_2 + ..., back_k = in_k R / stab(z). */
#include "kernels/stretches.h"
#include "rules/rule.h"

/* One term, which sees every input as it is. */
bool ocelot_rule_divides(const struct ocelot_node *node, const struct ocelot_rule *rule, bool nonnegative)
{
    const struct ocelot_rule_group *group = rule->form ? rule->form->group : NULL;
    if (!group || !(node->op->traits & OCELOT_OP_SAME) || rule->form->groups > 1 || group->terms > 1)
        return false;
    return ocelot_input_part_whole(group->term[0].input, nonnegative, group->term[0].sign * group->term[0].weight->value(1, rule));
}

#define OCELOT_BODY "rules/total_body.h"
#include "base/stamp.h"
