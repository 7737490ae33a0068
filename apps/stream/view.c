#include "stream/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"
#include "base/size.h"
#include "ocelot/svm.h"
#include "stream/planning.h"
#include "stream/pool.h"

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
    if (view->groups.count) {
        ocelot_groups_pick(&view->groups, view->low, view->low);
        ocelot_groups_pick(&view->groups, view->high, view->high);
        context->names = view->groups.names;
        context->members = view->groups.size;
        context->features = view->groups.count;
        context->shape_rank = 0;
        context->indices = NULL;
    }
    context->low = ranges ? view->low : NULL;
    context->high = ranges ? view->high : NULL;
    return OCELOT_OK;
}

void ocelot_view_fold(const struct ocelot_view *view, double *values)
{
    if (view->groups.count) {
        ocelot_groups_sum(&view->groups, values, values);
    }
}

double ocelot_view_value(const struct ocelot_view *view, const double *row, size_t k)
{
    const struct ocelot_groups *groups = &view->groups;
    return !groups->count ? row[k] : groups->size[k] == 1 ? row[groups->first[k]] : (double)NAN;
}

static enum ocelot_status expect(const struct ocelot_view *view, struct ocelot_workspace *workspace, const double *row, const double *support,
                                 const size_t *features, size_t count, double *out, struct ocelot_error *err)
{
    return support ? ocelot_expected_from_support(view->plan, workspace, row, support, features, count, out, err)
                   : ocelot_expected(view->plan, workspace, row, features, count, out, err);
}

enum ocelot_status ocelot_view_expected(const struct ocelot_view *view, struct ocelot_workspace *workspace, const double *row, const double *support,
                                        const size_t *order, size_t shown, size_t *room, double *out, struct ocelot_error *err)
{
    const struct ocelot_groups *groups = &view->groups;
    size_t count = 0;
    if (!groups->count) {
        return expect(view, workspace, row, support, order, shown, out, err);
    }
    for (size_t k = 0; k < shown; k++) {
        if (groups->size[order[k]] == 1) {
            room[count++] = groups->first[order[k]];
        }
    }
    enum ocelot_status status = expect(view, workspace, row, support, room, count, out, err);
    for (size_t k = shown; k-- > 0 && !status;) { /* from behind: no value is overwritten before it has moved */
        out[k] = groups->size[order[k]] == 1 ? out[--count] : (double)NAN;
    }
    return status;
}

/* Background and groups as wide as the view's model, into the options; the plan copies them. */
static enum ocelot_status compare_with(struct ocelot_view *view, const struct ocelot_stream_request *request,
                                       struct ocelot_background_rows *background, struct ocelot_plan_options *options, struct ocelot_error *err)
{
    const struct ocelot_comparison_settings *comparison = &request->settings->comparison;
    enum ocelot_status status =
        ocelot_background_read(background, comparison, request->reader, view->model, request->settings->quiet ? NULL : request->program, err);
    if (!status && background->count && background->width != view->info.features) {
        status = ocelot_fail(err, OCELOT_E_SHAPE, "--background: %s has values at indices %ld to %ld, which neither the model nor the data have",
                             comparison->background, background->first_index, background->last_index);
    }
    options->background = background->values;
    options->background_rows = background->count;
    if (!status && comparison->groups) {
        status = ocelot_groups_make(&view->groups, comparison->groups, view->model, err);
        options->groups = view->groups.of;
        options->group_count = view->groups.count;
    }
    return status;
}

static enum ocelot_status make_plan(struct ocelot_view *view, const struct ocelot_stream_request *request, struct ocelot_error *err)
{
    struct ocelot_background_rows background = {0};
    struct ocelot_planning planning = {0};
    enum ocelot_status status = ocelot_planning_make(&planning, view->model, request->settings, request->reader, err);
    if (!status && request->explain) {
        status = compare_with(view, request, &background, &planning.options, err);
    }
    size_t threads = request->settings->threads ? request->settings->threads : ocelot_processors();
    planning.options.threads = threads > OCELOT_MOST_THREADS ? OCELOT_MOST_THREADS : threads;
    if (!status) {
        status = request->explain ? ocelot_plan_create(view->model, &planning.options, &view->plan, err)
                                  : ocelot_plan_create_score(view->model, &planning.options, &view->plan, err);
    }
    ocelot_background_free(&background);
    ocelot_planning_free(&planning);
    return status;
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
    status = make_plan(view, request, err);
    status = status ? status : describe(view, err);
    if (status) {
        return status;
    }
    const char *method = ocelot_plan_method(view->plan);
    view->context.method = request->explain ? method : NULL;
    view->decomposes = !view->context.classifier && method && strncmp(method, "dtd", 3) == 0;
    view->samples = request->explain && ocelot_plan_samples(view->plan);
    view->context.samples = view->samples;
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
    ocelot_groups_free(&view->groups);
    *view = (struct ocelot_view){0};
}
