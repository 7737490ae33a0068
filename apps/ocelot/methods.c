/* ocelot methods: what there is to choose from. */
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "ocelot/analysis.h"
#include "ocelot/commands.h"
#include "ocelot/rule.h"
#include "stream/opening.h"

struct choices {
    const char *model;
};

struct settings {
    struct choices choices;
    struct ocelot_opening_settings opening;
};

static const struct ocelot_option choices_table[] = {
    {.name = "for",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct choices, model),
     .placeholder = "MODEL",
     .summary = "say which methods explain this model, and why the others do not"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"What to list", choices_table, offsetof(struct settings, choices)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {.table = NULL},
};

/* Whose methods stand where ocelot_analysis_method_at's go on. */
static const char *heading(size_t k)
{
    size_t core = 0;
    while (ocelot_method_at(core)) {
        core++;
    }
    return k == 0      ? "Methods, for explain --method. Of libocelot:\n"
           : k == core ? "\nOf libocelot-analysis (GSL), which sample, fit or minimise:\n"
                       : "";
}

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

/* Tries a plan of every method: those that stand first can be used. */
static int list_for(const struct ocelot_invocation *invocation, const char *wanted)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_text yes = {0}, no = {0};
    enum ocelot_status status = ocelot_opening_read(settings->choices.model, &settings->opening, &model, &err);
    const struct ocelot_method *method = NULL;
    for (size_t k = 0; !status && (method = ocelot_analysis_method_at(k)); k++) {
        struct ocelot_plan_options options = ocelot_plan_options_default();
        struct ocelot_error why = {0};
        struct ocelot_plan *plan = NULL;
        options.explainers = ocelot_analysis_explainers;
        options.method = method->name;
        if (wanted && strcmp(wanted, method->name) != 0) {
            continue;
        }
        if (ocelot_plan_create(model, &options, &plan, &why)) {
            size_t named = strlen(method->name); /* sentences mostly begin with it */
            bool repeats = strncmp(why.message, method->name, named) == 0 && why.message[named] == ' ';
            ocelot_text_format(&no, "  %-24s %s\n", method->name, why.message + (repeats ? named + 1 : 0));
        } else {
            ocelot_text_format(&yes, "  %-24s %s\n", method->name, method->summary);
        }
        status = why.status == OCELOT_E_MEMORY ? ocelot_fail_memory(&err, "a plan") : OCELOT_OK;
        ocelot_plan_free(plan);
    }
    ocelot_model_free(model);
    if (status) {
        ocelot_text_free(&yes);
        ocelot_text_free(&no);
        return ocelot_complain(invocation->program, &err);
    }
    struct ocelot_text text = {.failed = yes.failed || no.failed};
    ocelot_text_format(&text, "%s%s", yes.length ? "Methods that explain this model:\n" : "", yes.length ? yes.bytes : "");
    ocelot_text_format(&text, "%s%s%s", yes.length && no.length ? "\n" : "", no.length ? "Methods that do not:\n" : "", no.length ? no.bytes : "");
    ocelot_text_free(&yes);
    ocelot_text_free(&no);
    return ocelot_say(invocation->program, &text);
}

static bool is_method(const char *name)
{
    const struct ocelot_method *method = NULL;
    for (size_t k = 0; (method = ocelot_analysis_method_at(k)); k++) {
        if (strcmp(method->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    struct ocelot_text text = {0};
    const struct ocelot_method *method = NULL;
    const struct ocelot_rule_info *rule = NULL;
    const char *wanted = invocation->operand_count ? invocation->operands[0] : NULL;
    if (wanted && !is_method(wanted)) {
        ocelot_remark(invocation->program, "no method is called %s; `%s methods` lists them", wanted, invocation->program->name);
        return OCELOT_EXIT_USAGE;
    }
    if (settings->choices.model) {
        return list_for(invocation, wanted);
    }
    for (size_t k = 0; (method = ocelot_analysis_method_at(k)); k++) {
        ocelot_text_string(&text, wanted ? "" : heading(k));
        if (!wanted || strcmp(method->name, wanted) == 0) {
            list_method(method, &text);
        }
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
    .usage = (const char *const[]){"[METHOD]", "--for MODEL [METHOD]", NULL},
    .description =
        "Lists every method that explain --method takes: what it computes, what it needs of a model, what it costs, where it comes from and "
        "which options --set takes; then the propagation rules and the composites made of them. With --for: which of them a model allows, and "
        "of the others the sentence that says why they do not.",
    .groups = groups,
    .settings_size = sizeof(struct settings),
    .examples = (const struct ocelot_example[]){{"ocelot methods", "Lists everything."},
                                                {"ocelot methods integrated-gradients", "Shows one method with its options."},
                                                {"ocelot methods --for pumps.model", "Says which methods explain a model."},
                                                {NULL, NULL}},
    .most = 1,
    .run = run,
};
