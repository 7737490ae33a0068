#include "stream/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/size.h"
#include "ocelot/svm.h"
#include "stream/planning.h"

static bool has_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t k = 0; k < 3; k++) {
        const char *value = getenv(variables[k]);
        if (value && *value) {
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "utf-8");
        }
    }
    return false;
}

static size_t terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        return size.ws_col;
    }
    return 100;
}

static void look(struct ocelot_record_context *context, const struct ocelot_stream_settings *settings)
{
    const char *terminal = getenv("TERM");
    bool to_terminal = (!settings->output || strcmp(settings->output, "-") == 0) && isatty(STDOUT_FILENO);
    context->utf8 = has_utf8();
    context->colour = to_terminal && !getenv("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
    context->columns = to_terminal ? terminal_columns() : 100;
}

static enum ocelot_status describe(struct ocelot_view *view, struct ocelot_error *err)
{
    size_t d = view->info.features, outputs = view->info.outputs;
    view->names = ocelot_allocate(d, sizeof *view->names);
    view->low = ocelot_allocate(d, sizeof *view->low);
    view->high = ocelot_allocate(d, sizeof *view->high);
    view->outputs = ocelot_allocate(outputs, sizeof *view->outputs);
    view->indices = ocelot_allocate(d, sizeof *view->indices);
    if (!view->indices || !view->names || !view->low || !view->high || !view->outputs) {
        return ocelot_fail_memory(err, "the features' names");
    }
    bool ranges = false;
    for (size_t i = 0; i < d; i++) {
        struct ocelot_feature feature = ocelot_model_feature(view->model, i);
        view->names[i] = feature.name;
        view->indices[i] = feature.index;
        view->low[i] = feature.low;
        view->high[i] = feature.high;
        ranges = ranges || isfinite(feature.low);
    }
    for (size_t k = 0; k < outputs; k++) {
        view->outputs[k] = ocelot_model_output(view->model, k);
    }
    struct ocelot_record_context *context = &view->context;
    context->explains = view->info.explains;
    context->classifier = strcmp(view->info.explains, "outlier_score") != 0;
    context->network = view->info.type && strcmp(view->info.type, "network") == 0 && outputs > 1;
    context->names = view->names;
    context->features = d;
    if (view->info.input_rank >= 2 && view->info.input_rank <= sizeof context->shape / sizeof *context->shape) {
        context->shape_rank = view->info.input_rank;
        memcpy(context->shape, view->info.input_shape, context->shape_rank * sizeof *context->shape);
    }
    context->indices = view->indices;
    context->outputs = view->outputs;
    context->low = ranges ? view->low : NULL;
    context->high = ranges ? view->high : NULL;
    return OCELOT_OK;
}

enum ocelot_status ocelot_view_open(struct ocelot_view *view, const struct ocelot_stream_request *request, const struct ocelot_model *model,
                                    long first, long last, struct ocelot_error *err)
{
    ocelot_model_describe(model, &view->info);
    long model_first = ocelot_model_feature(model, 0).index, model_last = ocelot_model_feature(model, view->info.features - 1).index;
    enum ocelot_status status = OCELOT_OK;
    view->model = model;
    view->beyond = view->info.features;
    if (first < model_first || last > model_last) {
        view->least = first < model_first ? (size_t)(model_first - first) : 0;
        view->beyond += view->least;
        first = first < model_first ? first : model_first;
        last = last > model_last ? last : model_last;
        status = ocelot_svm_widen(model, first, last, &view->widened, err);
        if (status) {
            return status;
        }
        view->model = view->widened;
        ocelot_model_describe(view->model, &view->info);
    }
    struct ocelot_planning planning = {0};
    status = ocelot_planning_make(&planning, view->model, request->settings, request->reader, err);
    if (!status) {
        status = request->explain ? ocelot_plan_create(view->model, &planning.options, &view->plan, err)
                                  : ocelot_plan_create_score(view->model, &planning.options, &view->plan, err);
    }
    ocelot_planning_free(&planning);
    status = status ? status : describe(view, err);
    if (status) {
        return status;
    }
    const char *method = ocelot_plan_method(view->plan);
    view->context.method = request->explain ? method : NULL;
    view->decomposes = !view->context.classifier && method && strncmp(method, "dtd", 3) == 0;
    look(&view->context, request->settings);
    return OCELOT_OK;
}

void ocelot_view_close(struct ocelot_view *view)
{
    ocelot_plan_free(view->plan);
    ocelot_model_free(view->widened);
    free(view->names);
    free(view->low);
    free(view->high);
    free(view->outputs);
    free(view->indices);
    *view = (struct ocelot_view){0};
}
