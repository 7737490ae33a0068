/* Sensitivity: R_i = (df/dx_i)^2, |df/dx_i| or df/dx_i (Zurada 1994, Baehrens 2010, Simonyan 2013), and its mean over noisy copies of the row
 * (SmoothGrad, Smilkov 2017): the mean of signed gradients first, the norm of that second. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "explain/explainer.h"

/* What becomes of a slope, and of its standard error, to first order. */
struct norm {
    const char *name;
    double (*of)(double slope);
    double (*error)(double slope, double error);
};

static double square(double slope)
{
    return slope * slope;
}

static double same(double slope)
{
    return slope;
}

/* (m + e)^2 differs from m^2 by 2 m e + e^2; the second term keeps the error above 0 where the mean is 0. */
static double square_error(double slope, double error)
{
    return 2 * fabs(slope) * error + error * error;
}

static double same_error(double slope, double error)
{
    (void)slope;
    return error;
}

static const struct norm norms[] = {{"squared", square, square_error}, {"absolute", fabs, same_error}, {"signed", same, same_error}};

static const struct norm *norm_of(const char *name)
{
    size_t k = 0;
    while (strcmp(norms[k].name, name) != 0) /* the option table lets no other through */
        k++;
    return &norms[k];
}

struct gradient_settings {
    const char *norm, *units;
    /* smooth-grad alone */
    size_t samples, seed;
    double noise;
};

#define GRADIENT_OPTIONS                                                                                                                             \
    {.name = "norm",                                                                                                                                 \
     .type = OCELOT_OPTION_CHOICE,                                                                                                                   \
     .offset = offsetof(struct gradient_settings, norm),                                                                                             \
     .placeholder = "NORM",                                                                                                                          \
     .choices = "squared|absolute|signed",                                                                                                           \
     .fallback = "squared",                                                                                                                          \
     .summary = "what is made of df/dx_i: its square, its absolute value, or nothing"},                                                              \
    {                                                                                                                                                \
        .name = "units", .type = OCELOT_OPTION_CHOICE, .offset = offsetof(struct gradient_settings, units), .placeholder = "UNITS",                  \
        .choices = "model|raw", .fallback = "model",                                                                                                 \
        .summary = "a step of one on which scale: the model's own, which makes features comparable, or the user's"                                   \
    }

static const struct ocelot_option gradient_options[] = {GRADIENT_OPTIONS, {.name = NULL}};

static const struct ocelot_option smooth_options[] = {
    GRADIENT_OPTIONS,
    {.name = "samples",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct gradient_settings, samples),
     .placeholder = "N",
     .low = 2,
     .high = 100000,
     .fallback = "25",
     .summary = "noisy copies of the row"},
    {.name = "noise",
     .type = OCELOT_OPTION_NUMBER,
     .offset = offsetof(struct gradient_settings, noise),
     .placeholder = "SHARE",
     .low = 0,
     .high = 10,
     .fallback = "0.15",
     .summary =
         "standard deviation of the noise, as a share of the feature's normal range (5 to 95 % of training); where that is unknown, of the range "
         "of the row's values"},
    {.name = "seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct gradient_settings, seed),
     .placeholder = "N",
     .low = 0,
     .high = 9e15,
     .fallback = "1",
     .summary = "of the noise, which is the same for every row"},
    {.name = NULL},
};

/* One batch at work: sums of slopes and of their squared deviations (Welford 1962), [batch][features] each. */
struct task {
    const struct ocelot_plan *plan;
    const struct gradient_settings *settings;
    const double *x;
    double *mean, *square, *noise; /* noise [features]: standard deviation for the row at hand */
    struct ocelot_rng rng;
};

/* Slopes on the scale of the model: df/dx_i divided by how much a raw unit counts there. */
static double unit(const struct task *t, size_t i)
{
    double factor = t->plan->model->features[i].factor;
    return strcmp(t->settings->units, "raw") == 0 ? 1 : factor == 0 ? 0 : 1 / factor;
}

static void place_row(void *task, size_t b, size_t k, double *point)
{
    const struct task *t = task;
    size_t d = t->plan->model->feature_count;
    (void)k;
    memcpy(point, t->x + b * d, d * sizeof *point);
}

/* The noise of one row: by the card's normal range, else by the range of the row's own values on the model's scale, where they can be compared. */
static void measure_noise(struct task *t, const double *x)
{
    const struct ocelot_feature *features = t->plan->model->features;
    size_t d = t->plan->model->feature_count;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < d; i++) {
        double scaled = features[i].factor == 0 ? (double)NAN : (x[i] - features[i].center) * features[i].factor; /* fmin and fmax pass over NaN */
        least = fmin(least, scaled);
        most = fmax(most, scaled);
    }
    for (size_t i = 0; i < d; i++) {
        double range = features[i].high - features[i].low, own = features[i].factor == 0 ? 0 : (most - least) / fabs(features[i].factor);
        t->noise[i] = t->settings->noise * (isfinite(range) ? range : own);
    }
}

static void place_noisy(void *task, size_t b, size_t k, double *point)
{
    struct task *t = task;
    size_t d = t->plan->model->feature_count;
    const double *x = t->x + b * d;
    if (k == 0) {
        ocelot_rng_seed(&t->rng, t->settings->seed);
        measure_noise(t, x);
    }
    for (size_t i = 0; i < d; i++)
        point[i] = x[i] + t->noise[i] * ocelot_rng_normal(&t->rng);
}

static void take(void *task, size_t b, size_t k, double value, const double *gradient)
{
    struct task *t = task;
    size_t d = t->plan->model->feature_count;
    (void)value;
    for (size_t i = 0; i < d; i++) {
        double before = gradient[i] - t->mean[b * d + i];
        t->mean[b * d + i] += before / (double)(k + 1);
        t->square[b * d + i] += before * (gradient[i] - t->mean[b * d + i]);
    }
}

/* Mean, squares, noise. */
static size_t extra(const struct ocelot_plan *plan)
{
    return (2 * plan->batch + 1) * plan->model->feature_count;
}

/* Slopes in mean and square become relevance and its errors, in place. */
static void finish(const struct task *t, size_t b, size_t samples)
{
    size_t d = t->plan->model->feature_count;
    const struct norm *norm = norm_of(t->settings->norm);
    for (size_t i = 0; i < d; i++) {
        double slope = t->mean[b * d + i] * unit(t, i), n = (double)samples;
        double error = samples > 1 ? sqrt(t->square[b * d + i] / (n - 1) / n) * fabs(unit(t, i)) : 0;
        t->mean[b * d + i] = norm->of(slope);
        t->square[b * d + i] = norm->error(slope, error);
    }
}

static void explain(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows, size_t samples)
{
    size_t d = plan->model->feature_count;
    struct task task = {.plan = plan, .settings = plan->settings, .x = x, .mean = w->extra};
    struct ocelot_points points = {
        .per_row = samples ? samples : 1, .slopes = true, .place = samples ? place_noisy : place_row, .take = take, .task = &task};
    task.square = task.mean + plan->batch * d;
    task.noise = task.square + plan->batch * d;
    memset(task.mean, 0, rows * d * sizeof *task.mean);
    memset(task.square, 0, rows * d * sizeof *task.square);
    ocelot_points_walk(plan, w, rows, &points);
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK) {
            finish(&task, b, samples);
            ocelot_view_answer(plan, w, b, task.mean + b * d, task.square + b * d, 0);
        }
}

static void run_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    explain(plan, w, x, rows, 0);
}

static void run_smooth(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    explain(plan, w, x, rows, ((const struct gradient_settings *)plan->settings)->samples);
}

const struct ocelot_explainer ocelot_explainer_gradient = {
    .method = {"gradient", "sensitivity: how fast f changes with the feature, R_i = (df/dx_i)^2", "gradient", "1 gradient",
               "Zurada 1994; Baehrens 2010; Simonyan 2013", gradient_options},
    .settings_size = sizeof(struct gradient_settings),
    .is_signed = true,
    .extra = extra,
    .run = run_gradient,
};

const struct ocelot_explainer ocelot_explainer_smooth_grad = {
    .method = {"smooth-grad", "gradient averaged over noisy copies of the row, then as gradient", "gradient", "1 gradient a sample (25)",
               "Smilkov 2017", smooth_options},
    .settings_size = sizeof(struct gradient_settings),
    .is_signed = true,
    .samples = true,
    .extra = extra,
    .run = run_smooth,
};
