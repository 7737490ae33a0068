/* From options to a plan: the method, its settings, the target. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "explain/explainer.h"

struct ocelot_plan_options ocelot_plan_options_default(void)
{
    return (struct ocelot_plan_options){0};
}

/* Reads "name=value" into the settings struct; the value's text lives in `text`, which the plan keeps. Messages call the option as the user did:
 * --set nodes=..., not --nodes. */
static enum ocelot_status read_setting(const struct ocelot_explainer *explainer, char *text, void *settings, struct ocelot_error *err)
{
    char name[64];
    size_t length = strcspn(text, "=");
    const struct ocelot_option *table = explainer->method.options, *option = table ? ocelot_option_find(table, text, length) : NULL;
    if (!option)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "method %s has no setting '%.*s'; `ocelot methods` lists them", explainer->method.name,
                           (int)length, text);
    struct ocelot_option row = *option;
    snprintf(name, sizeof name, "set %s=...", option->name);
    row.name = name;
    return ocelot_option_set(&row, text[length] == '=' ? text + length + 1 : NULL, settings, err);
}

/* Allocates the settings and the texts they point into. Both are the caller's to free, also on failure. */
static enum ocelot_status read_settings(const struct ocelot_explainer *explainer, const struct ocelot_plan_options *options, void **settings,
                                        char **texts, struct ocelot_error *err)
{
    size_t length = 1, used = 0;
    for (size_t k = 0; k < options->setting_count; k++)
        length += strlen(options->settings[k]) + 1;
    *settings = ocelot_allocate(1, explainer->settings_size);
    *texts = ocelot_allocate(length, 1);
    if (!*settings || !*texts)
        return ocelot_fail_memory(err, "the method's settings");
    if (explainer->settings_size)
        ocelot_options_default(explainer->method.options, *settings);
    for (size_t k = 0; k < options->setting_count; k++) {
        char *text = *texts + used;
        size_t size = strlen(options->settings[k]) + 1;
        memcpy(text, options->settings[k], size);
        used += size;
        enum ocelot_status status = read_setting(explainer, text, *settings, err);
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}

/* Says which outputs there are, the first ten of them. */
static enum ocelot_status refuse_target(const struct ocelot_model *model, const char *name, struct ocelot_error *err)
{
    enum { SHOWN = 10 };
    size_t count = model->info.outputs, shown = count < SHOWN ? count : SHOWN;
    char list[SHOWN * 24] = "", first[48] = "";
    for (size_t k = 0, used = 0; k < shown; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.20s", k ? ", " : "", model->outputs[k]);
    if (shown < count)
        snprintf(first, sizeof first, " %zu, the first %zu", count, shown);
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "target: '%.60s' is not an output of this model, which has%s: %s", name, first, list);
}

static enum ocelot_status find_target(const struct ocelot_model *model, const char *name, size_t *target, struct ocelot_error *err)
{
    *target = model->info.outputs == 1 ? 0 : SIZE_MAX;
    if (!name)
        return OCELOT_OK;
    for (size_t k = 0; k < model->info.outputs; k++)
        if (strcmp(model->outputs[k], name) == 0) {
            *target = k;
            return OCELOT_OK;
        }
    return refuse_target(model, name, err);
}

static enum ocelot_status choose_explainer(const struct ocelot_model *model, const struct ocelot_plan_options *options,
                                           const struct ocelot_explainer **out, struct ocelot_error *err)
{
    const char *name = options->method;
    if (!name && !model->info.method)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s models are only scored so far, not explained", model->info.type);
    *out = ocelot_explainer_find(name ? name : model->info.method, options->explainers);
    if (!*out)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "method: '%s' is unknown; `ocelot methods` lists them", name);
    return OCELOT_OK;
}

enum ocelot_status ocelot_plan_create_score(const struct ocelot_model *model, const struct ocelot_plan_options *options, struct ocelot_plan **out,
                                            struct ocelot_error *err)
{
    struct ocelot_plan_options defaults = ocelot_plan_options_default();
    size_t target;
    options = options ? options : &defaults;
    enum ocelot_status status = find_target(model, options->target, &target, err);
    if (status == OCELOT_OK)
        status = ocelot_plan_build(model, options, NULL, OCELOT_WALKS_FORWARD, out, err);
    if (status == OCELOT_OK)
        (*out)->target = target;
    return status;
}

/* A box with bounds of its own for each channel must meet an input of so many channels. */
static enum ocelot_status check_box(const struct ocelot_node *node, const struct ocelot_rule *rule, struct ocelot_error *err)
{
    if (rule->channels < 2)
        return OCELOT_OK;
    const struct ocelot_shape *shape = &ocelot_node_input(node, 0)->shape;
    size_t channels = shape->rank ? shape->extent[0] : 0;
    if (channels == rule->channels)
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "box: found bounds for %zu channels, but the input of layer %s has %zu", rule->channels, node->name,
                       channels);
}

/* The rule of every node, for propagation methods. */
static enum ocelot_status find_rules(const struct ocelot_model *model, const struct ocelot_explainer *explainer, const void *settings,
                                     struct ocelot_rule *rules, struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t i = 0; explainer->rule && i < model->graph->count && status == OCELOT_OK; i++) {
        status = explainer->rule(model->graph->nodes[i], settings, &rules[i], err);
        if (status == OCELOT_OK && rules[i].form)
            status = check_box(model->graph->nodes[i], &rules[i], err);
    }
    return status;
}

/* What the explainer finds: background, players, what it learns from them. */
static enum ocelot_status equip(struct ocelot_plan *plan, const struct ocelot_plan_options *options, struct ocelot_error *err)
{
    const struct ocelot_explainer *explainer = plan->explainer;
    enum ocelot_status status = ocelot_plan_take_background(plan, options, err);
    if (status == OCELOT_OK)
        status = ocelot_plan_take_groups(plan, options, err);
    if (status == OCELOT_OK && explainer->learn)
        status = explainer->learn(plan, &plan->knowledge, err);
    if (status == OCELOT_OK && explainer->extra)
        plan->extra = explainer->extra(plan);
    return status;
}

enum ocelot_status ocelot_plan_create(const struct ocelot_model *model, const struct ocelot_plan_options *options, struct ocelot_plan **out,
                                      struct ocelot_error *err)
{
    struct ocelot_plan_options defaults = ocelot_plan_options_default();
    const struct ocelot_explainer *explainer = NULL;
    struct ocelot_rule *rules = NULL;
    struct ocelot_plan *plan = NULL;
    void *settings = NULL;
    char *texts = NULL;
    size_t target = 0;
    options = options ? options : &defaults;
    enum ocelot_status status = choose_explainer(model, options, &explainer, err);
    if (!explainer)
        return status;
    if (status == OCELOT_OK)
        status = find_target(model, options->target, &target, err);
    if (status == OCELOT_OK)
        status = read_settings(explainer, options, &settings, &texts, err);
    if (status == OCELOT_OK && explainer->allows)
        status = explainer->allows(model, settings, err);
    if (status == OCELOT_OK) {
        rules = ocelot_allocate(model->graph->count, sizeof *rules);
        status = rules ? find_rules(model, explainer, settings, rules, err) : ocelot_fail_memory(err, "the plan");
    }
    if (status == OCELOT_OK && options->log_ratio)
        status = ocelot_log_ratio_allowed(model, explainer, rules, err);
    if (status == OCELOT_OK)
        status = ocelot_plan_build(model, options, rules, explainer->run == ocelot_propagate ? OCELOT_WALKS_RELEVANCE : OCELOT_WALKS_ALL, &plan, err);
    free(rules);
    if (status != OCELOT_OK) {
        free(settings);
        free(texts);
        return status;
    }
    plan->explainer = explainer;
    plan->settings = settings;
    plan->settings_text = texts;
    plan->target = target;
    plan->log_ratio = options->log_ratio;
    status = equip(plan, options, err);
    if (status != OCELOT_OK) {
        ocelot_plan_free(plan);
        return status;
    }
    *out = plan;
    return OCELOT_OK;
}

const char *ocelot_plan_method(const struct ocelot_plan *plan)
{
    return plan->explainer ? plan->explainer->method.name : NULL;
}

bool ocelot_plan_signed(const struct ocelot_plan *plan)
{
    return plan->explainer && (plan->explainer->is_signed || plan->model->info.outputs > 1 || plan->model->info.classes > 0);
}

bool ocelot_plan_samples(const struct ocelot_plan *plan)
{
    return plan->explainer && plan->explainer->samples;
}

enum ocelot_status ocelot_plan_rule(const struct ocelot_plan *plan, size_t layer, char **out, struct ocelot_error *err)
{
    struct ocelot_text text = {0};
    ocelot_text_string(&text, "");
    if (plan->explainer && plan->explainer->rule && layer < plan->model->graph->count)
        ocelot_rule_print(&plan->nodes[layer].rule, &text);
    if (text.failed) {
        ocelot_text_free(&text);
        return ocelot_fail_memory(err, "a rule's name");
    }
    *out = text.bytes;
    return OCELOT_OK;
}
