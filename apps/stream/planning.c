#include "stream/planning.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "ocelot/analysis.h"
#include "stream/incidents.h"

/* Appends NAME=VALUE; `settings` gets pointers when all texts stand. */
static void add(struct ocelot_planning *planning, const char *name, const char *value)
{
    ocelot_text_string(&planning->texts, name);
    ocelot_text_string(&planning->texts, name[0] ? "=" : "");
    ocelot_text_string(&planning->texts, value);
    ocelot_text_append(&planning->texts, "", 1);
    planning->options.setting_count++;
}

static enum ocelot_status add_box(struct ocelot_planning *planning, const struct ocelot_model *model, const char *box,
                                  const struct ocelot_reader_settings *reader, struct ocelot_error *err)
{
    struct ocelot_preprocess preprocess;
    bool given = false;
    size_t shape[3];
    if (strcmp(box, "auto") != 0) {
        add(planning, "box", box);
        return OCELOT_OK;
    }
    enum ocelot_status status = reader ? ocelot_gallery_preprocess(&reader->gallery, model, &preprocess, &given, err) : OCELOT_OK;
    if (status) {
        return status;
    }
    if (!given) {
        return ocelot_fail(
            err, OCELOT_E_ARGUMENT,
            "--box auto takes its bounds from --preprocess (or --mean and --std), which is not given, nor does the model say what its pixels are");
    }
    struct ocelot_text text = {0};
    ocelot_gallery_shape(model, shape);
    ocelot_gallery_box(&preprocess, shape[0] ? shape[0] : 1, &text);
    if (!text.failed) {
        add(planning, "box", text.bytes);
    }
    planning->texts.failed = planning->texts.failed || text.failed;
    ocelot_text_free(&text);
    return OCELOT_OK;
}

static bool contains(const char *name, const char *part)
{
    for (; *name; name++) {
        size_t n = 0;
        while (part[n] && tolower((unsigned char)name[n]) == tolower((unsigned char)part[n])) {
            n++;
        }
        if (!part[n]) {
            return true;
        }
    }
    return false;
}

enum ocelot_status ocelot_planning_target(const struct ocelot_model *model, const char *target, size_t *out, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    long long number = 0;
    size_t found[2] = {0, 0}, count = 0;
    ocelot_model_describe(model, &info);
    *out = SIZE_MAX;
    for (size_t k = 0; k < info.outputs; k++) {
        if (strcmp(ocelot_model_output(model, k), target) == 0) {
            *out = k;
            return OCELOT_OK;
        }
    }
    if (!info.type || strcmp(info.type, "network") != 0) {
        return OCELOT_OK; /* pairs of classes have short names: nothing is guessed, and the plan refuses what is none */
    }
    const char *end = target + strlen(target);
    if (ocelot_integer_parse(target, end, &number) == end && number >= 0 && (size_t)number < info.outputs) {
        *out = (size_t)number;
        return OCELOT_OK;
    }
    for (size_t k = 0; k < info.outputs && target[0]; k++) {
        if (contains(ocelot_model_output(model, k), target)) {
            found[count < 2 ? count : 1] = k;
            count++;
        }
    }
    if (count > 1) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--target: %.60s is part of %zu names, %.60s and %.60s among them", target, count,
                           ocelot_model_output(model, found[0]), ocelot_model_output(model, found[1]));
    }
    *out = count ? found[0] : SIZE_MAX;
    return OCELOT_OK;
}

/* Pointers into the texts, which no longer move. */
static enum ocelot_status point(struct ocelot_planning *planning, struct ocelot_error *err)
{
    planning->settings = ocelot_allocate(planning->options.setting_count, sizeof *planning->settings);
    if (planning->texts.failed || !planning->settings) {
        return ocelot_fail_memory(err, "the options");
    }
    const char *at = planning->texts.bytes;
    for (size_t k = 0; k < planning->options.setting_count; k++) {
        planning->settings[k] = at;
        at += strlen(at) + 1;
    }
    planning->options.settings = planning->settings;
    return OCELOT_OK;
}

enum ocelot_status ocelot_planning_make(struct ocelot_planning *planning, const struct ocelot_model *model,
                                        const struct ocelot_stream_settings *settings, const struct ocelot_reader_settings *reader,
                                        struct ocelot_error *err)
{
    struct ocelot_plan_options *options = &planning->options;
    *options = ocelot_plan_options_default();
    enum ocelot_status status = OCELOT_OK;
    options->method = ocelot_incidents_method(settings, model);
    options->explainers = ocelot_analysis_explainers;
    options->alpha = settings->alpha;
    options->kernels = settings->arithmetic;
    options->precision = settings->precision;
    options->log_ratio = settings->log_ratio;
    for (size_t k = 0; k < settings->set.count; k++) {
        add(planning, "", settings->set.text[k]);
    }
    if (settings->composite) {
        add(planning, "composite", settings->composite);
    }
    for (size_t k = 0; k < settings->rule.count; k++) {
        add(planning, "rule", settings->rule.text[k]);
    }
    if (settings->box) {
        status = add_box(planning, model, settings->box, reader, err);
    }
    if (!status && settings->target) {
        size_t target = 0;
        status = ocelot_planning_target(model, settings->target, &target, err);
        options->target = status ? NULL : target == SIZE_MAX ? settings->target : ocelot_model_output(model, target);
    }
    return status ? status : point(planning, err);
}

void ocelot_planning_free(struct ocelot_planning *planning)
{
    free(planning->settings);
    ocelot_text_free(&planning->texts);
    *planning = (struct ocelot_planning){0};
}
