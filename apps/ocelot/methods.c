/* ocelot methods: what there is to choose from. */
#include <string.h>

#include "ocelot/analysis.h"
#include "ocelot/commands.h"
#include "ocelot/rule.h"

static const struct ocelot_option_group no_groups[] = {{.table = NULL}};

static void list_method(const struct ocelot_method *method, struct ocelot_text *out)
{
    ocelot_text_format(out, "  %s\n      %s\n", method->name, method->summary);
    ocelot_text_format(out, "      needs %s; cost a row: %s; source: %s\n", method->needs ? method->needs : "nothing",
                       method->cost ? method->cost : "?", method->source ? method->source : "?");
    for (const struct ocelot_option *option = method->options; option && option->name; option++) {
        ocelot_text_format(out, "      --set %s=%s  %s", option->name, option->placeholder ? option->placeholder : "true", option->summary);
        ocelot_help_values(option, out);
        ocelot_text_string(out, "\n");
    }
}

static int run(const struct ocelot_invocation *invocation)
{
    struct ocelot_text text = {0};
    const struct ocelot_method *method = NULL;
    const struct ocelot_rule_info *rule = NULL;
    const char *wanted = invocation->operand_count ? invocation->operands[0] : NULL;
    bool found = false;
    ocelot_text_string(&text, wanted ? "" : "Methods, for explain --method:\n");
    for (size_t k = 0; (method = ocelot_analysis_method_at(k)); k++) {
        if (!wanted || strcmp(method->name, wanted) == 0) {
            list_method(method, &text);
            found = true;
        }
    }
    if (wanted && !found) {
        ocelot_text_free(&text);
        ocelot_remark(invocation->program, "no method is called %s; `%s methods` lists them", wanted, invocation->program->name);
        return OCELOT_EXIT_USAGE;
    }
    if (!wanted) {
        ocelot_text_string(&text, "\nPropagation rules, which composites are made of:\n");
        for (size_t k = 0; (rule = ocelot_rule_at(k)); k++) {
            ocelot_text_format(&text, "  %-16s %s\n  %-16s %s\n", rule->name, rule->formula, "", rule->use);
        }
        ocelot_text_string(&text, "\nComposites, which choose a rule for every layer:\n");
        for (size_t k = 0; ocelot_composite_at(k); k++) {
            ocelot_text_format(&text, "  %s\n", ocelot_composite_at(k));
        }
    }
    return ocelot_say(invocation->program, &text);
}

const struct ocelot_command ocelot_command_methods = {
    .name = "methods",
    .summary = "list the methods of explanation with their options, the rules and the composites",
    .usage = (const char *const[]){"[METHOD]", NULL},
    .description =
        "Lists every method that explain --method takes: what it computes, what it needs of a model, what it costs, where it comes from and "
        "which options --set takes; then the propagation rules and the composites made of them.",
    .groups = no_groups,
    .examples = (const struct ocelot_example[]){{"ocelot methods", "Lists everything."},
                                                {"ocelot methods integrated-gradients", "Shows one method with its options."},
                                                {NULL, NULL}},
    .most = 1,
    .run = run,
};
