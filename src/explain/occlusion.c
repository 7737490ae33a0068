/* Occlusion (Zeiler 2014): R = f(x) - f(x with a player's features replaced), player by player; of images, window by window:
 *   R_i = mean over the windows that hold pixel i of drop / (values in the window),
 * so that windows side by side sum to their drops. The window is taken away and the rest kept. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "explain/explainer.h"

struct occlusion_settings {
    const char *value, *patch;
    size_t stride;
};

static const struct ocelot_option options[] = {
    {.name = "value",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct occlusion_settings, value),
     .placeholder = "VALUE",
     .fallback = "auto",
     .summary = "what replaces a feature: expected (what the others lead one to expect), mean (of the background), zero, nearest, reference, row:N; "
                "auto = the first of expected, mean and zero that the model has"},
    {.name = "patch",
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct occlusion_settings, patch),
     .placeholder = "HxW",
     .summary = "images: replace windows of this size, such as 4 or 4x6, in all channels, instead of single values"},
    {.name = "stride",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct occlusion_settings, stride),
     .placeholder = "N",
     .low = 0,
     .high = 4096,
     .summary = "images: steps of the window; 0 = as large as the window"},
    {.name = NULL},
};

/* Windows over the last two dimensions of the input; those at the border are cut off there. Without a patch: none. */
struct windows {
    size_t channels, side[2], patch[2], step[2], count[2];
};

struct occlusion {
    struct ocelot_root root;
    struct windows windows;
};

/* "4" or "4x6"; false for anything else. */
static bool read_patch(const char *text, size_t patch[2])
{
    const char *end = text + strlen(text);
    long long height, width;
    const char *at = ocelot_integer_parse(text, end, &height);
    if (at && at == end)
        width = height;
    else if (!at || *at != 'x' || ocelot_integer_parse(at + 1, end, &width) != end)
        return false;
    if (height < 1 || width < 1)
        return false;
    patch[0] = (size_t)height;
    patch[1] = (size_t)width;
    return true;
}

static enum ocelot_status allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    const struct occlusion_settings *s = settings;
    const struct ocelot_model_info *info = &model->info;
    size_t patch[2];
    if (s->patch && !read_patch(s->patch, patch))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "patch: found '%.40s', expected a size such as 4 or 4x6", s->patch);
    if (s->patch && info->input_rank < 2)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "occlusion: patch is for images, and rows of this model are %zu values without a shape",
                           info->features);
    if (s->patch && (patch[0] > info->input_shape[info->input_rank - 2] || patch[1] > info->input_shape[info->input_rank - 1]))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "patch: found '%.40s', larger than the image, %zux%zu", s->patch,
                           info->input_shape[info->input_rank - 2], info->input_shape[info->input_rank - 1]);
    if (s->stride && !s->patch)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "stride: is of a patch, and there is none");
    return ocelot_root_check("value", s->value, err);
}

/* allows() has seen to it that the patch fits. */
static struct windows lay_windows(const struct ocelot_model *model, const struct occlusion_settings *s)
{
    struct windows w = {.channels = 1};
    if (!s->patch || !read_patch(s->patch, w.patch))
        return w;
    for (size_t k = 0; k < 2; k++) {
        w.side[k] = model->info.input_shape[model->info.input_rank - 2 + k];
        w.step[k] = s->stride ? s->stride : w.patch[k];
        w.count[k] = (w.side[k] - 1) / w.step[k] + 1;
    }
    w.channels = model->feature_count / (w.side[0] * w.side[1]);
    return w;
}

static void forget(void *knowledge)
{
    struct occlusion *occlusion = knowledge;
    if (occlusion)
        ocelot_root_close(&occlusion->root);
    free(occlusion);
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct occlusion_settings *s = plan->settings;
    struct occlusion *occlusion = ocelot_allocate(1, sizeof *occlusion);
    if (!occlusion)
        return ocelot_fail_memory(err, "the occlusion");
    *knowledge = occlusion;
    occlusion->windows = lay_windows(plan->model, s);
    if (s->patch && plan->players < plan->model->feature_count)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "occlusion takes either groups of features or a patch, not both");
    return ocelot_root_open(plan, "value", s->value, "expected mean zero", &occlusion->root, err);
}

static size_t tries(const struct ocelot_plan *plan)
{
    const struct windows *w = &((const struct occlusion *)plan->knowledge)->windows;
    return w->patch[0] ? w->count[0] * w->count[1] : plan->players;
}

/* Replacements and relevance [batch][features], windows over each pixel [features], drops [batch][tries]. */
static size_t extra(const struct ocelot_plan *plan)
{
    return (2 * plan->batch + 1) * plan->model->feature_count + plan->batch * tries(plan);
}

/* One batch at work. */
struct task {
    const struct ocelot_plan *plan;
    const struct ocelot_workspace *w;
    const struct windows *windows;
    const double *x, *roots;
    double *drops;
    size_t tries;
};

/* The part of an axis that window k covers. */
static void extent(const struct windows *w, size_t axis, size_t k, size_t *first, size_t *end)
{
    *first = k * w->step[axis];
    *end = *first + w->patch[axis] < w->side[axis] ? *first + w->patch[axis] : w->side[axis];
}

/* Calls `touch` for every value of the input that window k holds. */
static void over_window(const struct windows *w, size_t k, void (*touch)(void *what, size_t i), void *what)
{
    size_t top, bottom, left, right;
    extent(w, 0, k / w->count[1], &top, &bottom);
    extent(w, 1, k % w->count[1], &left, &right);
    for (size_t c = 0; c < w->channels; c++)
        for (size_t row = top; row < bottom; row++)
            for (size_t column = left; column < right; column++)
                touch(what, (c * w->side[0] + row) * w->side[1] + column);
}

struct replacement {
    const double *root;
    double *point;
};

static void replace(void *what, size_t i)
{
    struct replacement *r = what;
    r->point[i] = r->root[i];
}

static void place(void *task, size_t b, size_t k, double *point)
{
    const struct task *t = task;
    size_t d = t->plan->model->feature_count;
    struct replacement replacement = {t->roots + b * d, point};
    memcpy(point, t->x + b * d, d * sizeof *point);
    if (t->windows->patch[0])
        over_window(t->windows, k, replace, &replacement);
    for (size_t i = 0; !t->windows->patch[0] && i < d; i++)
        if (t->plan->player[i] == k)
            replace(&replacement, i);
}

static void take(void *task, size_t b, size_t k, double value, const double *gradient)
{
    struct task *t = task;
    (void)gradient;
    t->drops[b * t->tries + k] = t->w->decision[b].output - value;
}

struct spread {
    double *relevance, *windows; /* [features]; either may be NULL */
    double share;
    size_t held;
};

static void count_value(void *what, size_t i)
{
    struct spread *s = what;
    (void)i;
    s->held++;
}

static void add_share(void *what, size_t i)
{
    struct spread *s = what;
    s->relevance[i] += s->share;
    s->windows[i] += 1;
}

/* Mean over the windows that hold a value of its share of their drops; a stride larger than the patch leaves values without a window, which get 0. */
static void spread_windows(const struct windows *w, size_t d, const double *drops, double *relevance, double *covering)
{
    memset(relevance, 0, d * sizeof *relevance);
    memset(covering, 0, d * sizeof *covering);
    for (size_t k = 0; k < w->count[0] * w->count[1]; k++) {
        struct spread spread = {.relevance = relevance, .windows = covering};
        over_window(w, k, count_value, &spread);
        spread.share = drops[k] / (double)spread.held;
        over_window(w, k, add_share, &spread);
    }
    for (size_t i = 0; i < d; i++)
        relevance[i] = covering[i] > 0 ? relevance[i] / covering[i] : 0;
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct occlusion *occlusion = plan->knowledge;
    size_t d = plan->model->feature_count, count = tries(plan);
    double *roots = w->extra, *relevance = roots + plan->batch * d, *covering = relevance + plan->batch * d, *drops = covering + d;
    struct task task = {.plan = plan, .w = w, .windows = &occlusion->windows, .x = x, .roots = roots, .drops = drops, .tries = count};
    struct ocelot_points points = {.per_row = count, .place = place, .take = take, .task = &task};
    ocelot_root_rows(&occlusion->root, plan, w, x, rows, roots);
    ocelot_points_walk(plan, w, rows, &points);
    for (size_t b = 0; b < rows; b++) {
        if (w->decision[b].status != OCELOT_OK)
            continue;
        if (occlusion->windows.patch[0]) {
            spread_windows(&occlusion->windows, d, drops + b * count, relevance + b * d, covering);
            ocelot_view_answer(plan, w, b, relevance + b * d, NULL, 0);
        } else {
            ocelot_view_answer_players(plan, w, b, drops + b * count, NULL, 0);
        }
    }
}

const struct ocelot_explainer ocelot_explainer_occlusion = {
    .method = {"occlusion", "drop of f when a feature, a group or a window of an image is replaced", "nothing",
               "1 forward a feature (group, window), and an expected value", "Zeiler 2014", options},
    .settings_size = sizeof(struct occlusion_settings),
    .is_signed = true,
    .allows = allows,
    .learn = learn,
    .forget = forget,
    .extra = extra,
    .run = run,
};
