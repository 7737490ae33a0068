/* Controls that do not look at the model: the distance of each feature from what is usual, from the closest normal row, and chance. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "explain/explainer.h"

/* --- nearest-neighbour: R_i = ((x_i - u_i) factor_i)^2 of the closest background row u, on the model's scale ------------------------- */

static enum ocelot_status neighbour_learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    *knowledge = NULL;
    if (plan->background_rows)
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                       "nearest-neighbour needs background rows: this model (%s, kernel %s) has no support vectors that stand for normal rows",
                       plan->model->info.type, plan->model->info.kernel);
}

static size_t one_row(const struct ocelot_plan *plan)
{
    return plan->model->feature_count;
}

/* Squares of one pair of rows into out, and their sum. */
static double square_differences(const struct ocelot_plan *plan, const double *x, const double *u, double *out)
{
    double sum = 0;
    for (size_t i = 0; i < plan->model->feature_count; i++) {
        double difference = (x[i] - u[i]) * plan->model->features[i].factor, square = difference * difference;
        sum += square;
        out[i] = square;
    }
    return sum;
}

static void neighbour_run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    size_t d = plan->model->feature_count;
    double *relevance = w->extra;
    for (size_t b = 0; b < rows; b++) {
        size_t closest = 0;
        double least = INFINITY;
        if (w->decision[b].status != OCELOT_OK)
            continue;
        for (size_t r = 0; r < plan->background_rows; r++) {
            double distance = square_differences(plan, x + b * d, plan->background + r * d, relevance);
            if (distance < least) {
                least = distance;
                closest = r;
            }
        }
        square_differences(plan, x + b * d, plan->background + closest * d, relevance);
        ocelot_view_answer(plan, w, b, relevance, NULL, 0);
    }
}

const struct ocelot_explainer ocelot_explainer_nearest_neighbour = {
    .method = {"nearest-neighbour", "control: squared difference from the closest support vector or background row, on the model's scale",
               "background rows or support vectors", "no evaluation, 1 distance a background row", "Kauffmann, Mueller, Montavon 2018", NULL},
    .learn = neighbour_learn,
    .extra = one_row,
    .run = neighbour_run,
};

/* --- deviation: R_i = |x_i - mean_i| / (sd_i + floor), on the model's scale --------------------------------------------------------- */

struct deviation_settings {
    double floor;
};

static const struct ocelot_option deviation_options[] = {
    {.name = "floor",
     .type = OCELOT_OPTION_NUMBER,
     .offset = offsetof(struct deviation_settings, floor),
     .placeholder = "SHARE",
     .low = 0,
     .high = 1000,
     .fallback = "0.25",
     .summary = "what is added to every standard deviation, as a share of the median one above 0, so that features that hardly vary do not blow up"},
    {.name = NULL},
};

/* mean [features] and 1 / (sd + floor) [features], in raw units. */
struct deviation {
    double *mean, *scale;
};

static void deviation_forget(void *knowledge)
{
    struct deviation *deviation = knowledge;
    if (deviation)
        free(deviation->mean);
    free(deviation);
}

/* Mean and standard deviation of the background rows. */
static void from_rows(const struct ocelot_plan *plan, double *mean, double *sd)
{
    size_t d = plan->model->feature_count;
    for (size_t r = 0; r < plan->background_rows; r++)
        for (size_t i = 0; i < d; i++)
            mean[i] += plan->weights[r] * plan->background[r * d + i];
    for (size_t r = 0; r < plan->background_rows; r++)
        for (size_t i = 0; i < d; i++) {
            double difference = plan->background[r * d + i] - mean[i];
            sd[i] += plan->weights[r] * difference * difference;
        }
    for (size_t i = 0; i < d; i++)
        sd[i] = sqrt(sd[i]) > 1e-12 * fabs(mean[i]) ? sqrt(sd[i]) : 0; /* what the mean of a constant rounds to is no deviation */
}

/* From the card: the median, and the 5 to 95 % range, which of a normal distribution is 3.29 standard deviations. False where it has none. */
static bool from_card(const struct ocelot_plan *plan, double *mean, double *sd)
{
    for (size_t i = 0; i < plan->model->feature_count; i++) {
        const struct ocelot_feature *feature = &plan->model->features[i];
        mean[i] = feature->median;
        sd[i] = (feature->high - feature->low) / 3.29;
        if (!isfinite(mean[i]) || !isfinite(sd[i]))
            return false;
    }
    return true;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Median of the values above 0, which are sorted in place; 1 where there are none. */
static double median_above_zero(double *values, size_t count)
{
    size_t zeros = 0;
    qsort(values, count, sizeof *values, by_size);
    while (zeros < count && !(values[zeros] > 0))
        zeros++;
    return zeros < count ? values[zeros + (count - zeros) / 2] : 1;
}

/* sd becomes 1 / (sd + floor) in the model's units, then per raw unit: features of different units share one floor. */
static void add_floor(const struct ocelot_plan *plan, double share, double *sd, double *room)
{
    size_t d = plan->model->feature_count;
    for (size_t i = 0; i < d; i++)
        room[i] = sd[i] *= fabs(plan->model->features[i].factor);
    double floor = share * median_above_zero(room, d);
    for (size_t i = 0; i < d; i++)
        sd[i] = sd[i] + floor > 0 ? fabs(plan->model->features[i].factor) / (sd[i] + floor) : 0;
}

/* Rows of the user's, else the card, else the support vectors. */
static enum ocelot_status deviation_learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    const struct deviation_settings *s = plan->settings;
    size_t d = plan->model->feature_count;
    bool rows = plan->background_rows && !plan->background_is_support;
    struct deviation *deviation = ocelot_allocate(1, sizeof *deviation);
    if (!deviation)
        return ocelot_fail_memory(err, "the deviation");
    *knowledge = deviation;
    deviation->mean = ocelot_allocate(3, d * sizeof *deviation->mean);
    if (!deviation->mean)
        return ocelot_fail_memory(err, "the deviation");
    deviation->scale = deviation->mean + d;
    if (!rows && !from_card(plan, deviation->mean, deviation->scale)) {
        memset(deviation->mean, 0, 2 * d * sizeof *deviation->mean);
        rows = plan->background_rows > 0;
        if (!rows)
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "deviation needs background rows: this model knows no normal ranges of its features");
    }
    if (rows)
        from_rows(plan, deviation->mean, deviation->scale);
    add_floor(plan, s->floor, deviation->scale, deviation->scale + d);
    return OCELOT_OK;
}

static void deviation_run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct deviation *deviation = plan->knowledge;
    size_t d = plan->model->feature_count;
    for (size_t b = 0; b < rows; b++) {
        if (w->decision[b].status != OCELOT_OK)
            continue;
        for (size_t i = 0; i < d; i++)
            w->extra[i] = fabs(x[b * d + i] - deviation->mean[i]) * deviation->scale[i];
        ocelot_view_answer(plan, w, b, w->extra, NULL, 0);
    }
}

const struct ocelot_explainer ocelot_explainer_deviation = {
    .method = {"deviation", "control without a model: |x_i - mean_i| / (sd_i + floor) of the background, or of the card's normal ranges",
               "background rows or a card", "no evaluation", "z-score", deviation_options},
    .settings_size = sizeof(struct deviation_settings),
    .learn = deviation_learn,
    .forget = deviation_forget,
    .extra = one_row,
    .run = deviation_run,
};

/* --- random: one draw from [0, 1) a player, from the seed and the row's values ------------------------------------------------------- */

struct random_settings {
    size_t seed;
};

static const struct ocelot_option random_options[] = {
    {.name = "seed",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct random_settings, seed),
     .placeholder = "N",
     .low = 0,
     .high = 9e15,
     .fallback = "1",
     .summary = "of the draws; equal rows draw alike"},
    {.name = NULL},
};

/* FNV-1a of the row's numbers, -0 as 0. */
static uint64_t hash_row(const double *x, size_t d)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < d; i++) {
        double value = x[i] + 0.0;
        unsigned char bytes[sizeof value];
        memcpy(bytes, &value, sizeof value);
        for (size_t k = 0; k < sizeof bytes; k++)
            hash = (hash ^ bytes[k]) * 0x100000001b3u;
    }
    return hash;
}

static void random_run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct random_settings *s = plan->settings;
    size_t d = plan->model->feature_count;
    for (size_t b = 0; b < rows; b++) {
        struct ocelot_rng rng;
        if (w->decision[b].status != OCELOT_OK)
            continue;
        ocelot_rng_seed(&rng, hash_row(x + b * d, d) + s->seed);
        for (size_t k = 0; k < plan->players; k++)
            w->extra[k] = ocelot_rng_uniform(&rng);
        ocelot_view_answer_players(plan, w, b, w->extra, NULL, 0);
    }
}

const struct ocelot_explainer ocelot_explainer_random = {
    .method = {"random", "control: chance, one draw from [0, 1) for each feature or group", "nothing", "no evaluation", "control", random_options},
    .settings_size = sizeof(struct random_settings),
    .extra = one_row,
    .run = random_run,
};
