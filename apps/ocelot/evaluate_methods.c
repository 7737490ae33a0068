/* Which methods compete, each with its own settings. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/evaluation.h"
#include "stream/names.h"

static const struct ocelot_method *find_method(const char *name, size_t length)
{
    const struct ocelot_method *method = NULL;
    for (size_t k = 0; (method = ocelot_analysis_method_at(k)); k++) {
        if (strlen(method->name) == length && memcmp(method->name, name, length) == 0) {
            return method;
        }
    }
    return NULL;
}

static bool has_option(const struct ocelot_method *method, const char *name, size_t length)
{
    return method && method->options && ocelot_option_find(method->options, name, length);
}

/* A --set that nobody takes is a slip of the pen, which would go unnoticed. METHOD.NAME=VALUE is the method's to judge. */
static enum ocelot_status check_set(const struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    const struct ocelot_option_list *set = &evaluation->settings->stream.set;
    for (size_t k = 0; k < set->count; k++) {
        size_t length = strcspn(set->text[k], "=");
        const char *dot = memchr(set->text[k], '.', length);
        bool taken = dot && find_method(set->text[k], (size_t)(dot - set->text[k]));
        for (size_t n = 0; n < evaluation->contender_count; n++) {
            taken = taken || has_option(evaluation->contenders[n].method, set->text[k], length);
        }
        if (!taken) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "--set %.60s: none of the methods has such a setting; `ocelot methods` lists them",
                               set->text[k]);
        }
    }
    return OCELOT_OK;
}

static enum ocelot_status enter(struct ocelot_evaluation *evaluation, const char *name, struct ocelot_error *err)
{
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        if (strcmp(evaluation->contenders[k].name, name) == 0) {
            return OCELOT_OK; /* asked for twice, judged once */
        }
    }
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : strlen(name);
    struct ocelot_contender *contender = &evaluation->contenders[evaluation->contender_count];
    contender->method = find_method(name, length);
    if (!contender->method) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--methods: no method is called %.*s; `ocelot methods` lists them",
                           (int)(length < 60 ? length : 60), name);
    }
    contender->name = ocelot_copy_text(name, strlen(name));
    evaluation->contender_count++;
    return contender->name ? OCELOT_OK : ocelot_fail_memory(err, "the methods");
}

/* No figure stands without them: relevance that ignores the model, and relevance that ignores the row, too. */
static const char *const control[] = {"deviation", "random"};

enum ocelot_status ocelot_evaluate_choose(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    struct ocelot_names names = {0};
    size_t all = 0;
    while (ocelot_analysis_method_at(all)) {
        all++;
    }
    enum ocelot_status status = ocelot_names_split(&names, &evaluation->settings->methods, err);
    size_t count = names.count ? names.count : all, controls = sizeof control / sizeof *control;
    evaluation->contenders = status ? NULL : ocelot_allocate(count + controls, sizeof *evaluation->contenders);
    if (!evaluation->contenders) {
        ocelot_names_free(&names);
        return status ? status : ocelot_fail_memory(err, "the methods");
    }
    for (size_t k = 0; k < count && !status; k++) {
        status = enter(evaluation, names.count ? names.names[k] : ocelot_analysis_method_at(k)->name, err);
    }
    for (size_t k = 0; k < controls && !status; k++) {
        bool there = find_method(control[k], strlen(control[k])) == NULL;
        for (size_t n = 0; n < evaluation->contender_count; n++) {
            there = there || strcmp(evaluation->contenders[n].name, control[k]) == 0;
        }
        size_t before = evaluation->contender_count;
        status = there ? OCELOT_OK : enter(evaluation, control[k], err);
        for (; before < evaluation->contender_count; before++) {
            evaluation->contenders[before].control = true;
        }
    }
    ocelot_names_free(&names);
    return status ? status : check_set(evaluation, err);
}

/* The settings of a contender as explain would take them, with the texts that they point to. */
struct own_settings {
    struct ocelot_stream_settings stream;
    char *texts;
};

static void add(struct ocelot_option_list *list, const char *text)
{
    if (list->count < OCELOT_OPTION_LIST_MAX) {
        list->text[list->count++] = text;
    }
}

/* --set NAME=VALUE goes to every method that has such an option, METHOD.NAME=VALUE to that one. */
static void add_shared(const struct ocelot_stream_settings *given, const struct ocelot_method *method, struct ocelot_stream_settings *own)
{
    size_t length = strlen(method->name);
    for (size_t k = 0; k < given->set.count; k++) {
        const char *text = given->set.text[k], *equals = strchr(text, '=');
        if (has_option(method, text, equals ? (size_t)(equals - text) : strlen(text))) {
            add(&own->set, text);
        } else if (strncmp(text, method->name, length) == 0 && text[length] == '.') {
            add(&own->set, text + length + 1);
        }
    }
}

static enum ocelot_status settle(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender, struct own_settings *own,
                                 struct ocelot_error *err)
{
    const struct ocelot_stream_settings *given = &evaluation->settings->stream;
    const struct ocelot_method *method = contender->method;
    own->stream = *given;
    own->stream.set.count = 0;
    own->stream.method = method ? method->name : NULL;
    own->stream.composite = has_option(method, "composite", 9) ? given->composite : NULL;
    own->stream.box = has_option(method, "box", 3) ? given->box : NULL;
    own->stream.rule.count = has_option(method, "rule", 4) ? given->rule.count : 0;
    if (method) {
        add_shared(given, method, &own->stream);
    }
    const char *colon = contender->name ? strchr(contender->name, ':') : NULL;
    own->texts = colon ? ocelot_copy_text(colon + 1, strlen(colon + 1)) : NULL;
    if (colon && !own->texts) {
        return ocelot_fail_memory(err, "the options");
    }
    for (char *at = own->texts; at && *at;) {
        char *plus = strchr(at, '+');
        add(&own->stream.set, at);
        at = plus ? plus + 1 : NULL;
        if (plus) {
            *plus = '\0';
        }
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_evaluate_plan(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender, size_t target,
                                        size_t randomise, struct ocelot_plan **out, struct ocelot_error *err)
{
    struct own_settings own = {.texts = NULL};
    struct ocelot_planning planning = {0};
    enum ocelot_status status = settle(evaluation, contender, &own, err);
    status = status ? status : ocelot_planning_make(&planning, evaluation->model, &own.stream, &evaluation->settings->reader, err);
    if (!status) {
        planning.options.randomise = randomise;
        planning.options.background = evaluation->background.values;
        planning.options.background_rows = evaluation->background.count;
        planning.options.groups = evaluation->groups.of;
        planning.options.group_count = evaluation->groups.count;
        if (target != SIZE_MAX && evaluation->info.outputs > 1) {
            planning.options.target = ocelot_model_output(evaluation->model, target);
        }
        bool scores = !contender->method && !evaluation->info.method; /* the model's own method, where it has none */
        status = (scores ? ocelot_plan_create_score : ocelot_plan_create)(evaluation->model, &planning.options, out, err);
    }
    ocelot_planning_free(&planning);
    free(own.texts);
    return status;
}

void ocelot_evaluate_contenders_free(struct ocelot_evaluation *evaluation)
{
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        struct ocelot_contender *contender = &evaluation->contenders[k];
        ocelot_judge_free(contender->judge);
        void *const blocks[] = {contender->name,  contender->refused, contender->value,    contender->curve,
                                contender->trace, contender->output,  contender->relevance};
        for (size_t n = 0; n < sizeof blocks / sizeof *blocks; n++) {
            free(blocks[n]);
        }
    }
    free(evaluation->contenders);
    evaluation->contenders = NULL;
    evaluation->contender_count = 0;
}
