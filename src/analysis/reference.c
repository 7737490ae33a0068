#include "analysis/reference.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/background.h"
#include "base/error.h"
#include "base/number.h"
#include "base/size.h"

static size_t features_of(const struct ocelot_plan *plan)
{
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    return info.features;
}

/* Room for `count` rows. */
static enum ocelot_status reserve(const struct ocelot_plan *plan, size_t count, struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    size_t total;
    if (!ocelot_size_multiply(count, features_of(plan), &total))
        return ocelot_fail_memory(err, "the reference rows");
    rules->rows = ocelot_allocate(total, sizeof *rules->rows);
    rules->weights = ocelot_allocate(count, sizeof *rules->weights);
    rules->count = count;
    return rules->rows && rules->weights ? OCELOT_OK : ocelot_fail_memory(err, "the reference rows");
}

static enum ocelot_status need_background(const struct ocelot_background *background, struct ocelot_error *err)
{
    return background->count ? OCELOT_OK : ocelot_fail(err, OCELOT_E_UNSUPPORTED, "needs background rows: rows of normal data (--background FILE)");
}

/* A systematic draw by weight: points (k + start) / count on the sum of the weights in this order, so that the expected share of every row is its
 * weight. A row heavier than 1 / count may be met more than once and then weighs as much more. */
static void choose(const struct ocelot_background *from, const size_t *order, double start, size_t features, struct ocelot_game_rules *rules)
{
    size_t count = rules->count, k = 0;
    double sum = 0;
    rules->count = 0;
    for (size_t r = 0; r < from->count; r++) {
        size_t met = 0;
        sum += from->weights[order[r]];
        /* the sum of all weights may end a rounding below 1 */
        while (k < count && (((double)k + start) / (double)count < sum || r == from->count - 1)) {
            k++;
            met++;
        }
        if (met) {
            memcpy(rules->rows + rules->count * features, from->rows + order[r] * features, features * sizeof *rules->rows);
            rules->weights[rules->count++] = (double)met / (double)count;
        }
    }
}

/* `count` rows in random order. */
static enum ocelot_status draw(const struct ocelot_plan *plan, const struct ocelot_background *from, size_t count, size_t seed,
                               struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    size_t *order = ocelot_allocate(from->count, sizeof *order);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    enum ocelot_status status = OCELOT_E_MEMORY;
    if (!order || !rng) {
        ocelot_fail_memory(err, "the reference rows");
        goto done;
    }
    status = reserve(plan, count, rules, err);
    if (status != OCELOT_OK)
        goto done;
    for (size_t r = 0; r < from->count; r++)
        order[r] = r;
    gsl_rng_set(rng, (unsigned long)seed);
    gsl_ran_shuffle(rng, order, from->count, sizeof *order);
    choose(from, order, gsl_rng_uniform(rng), features_of(plan), rules);
done:
    if (rng)
        gsl_rng_free(rng);
    free(order);
    return status;
}

static enum ocelot_status learn_background(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules,
                                           struct ocelot_error *err)
{
    const struct ocelot_game_settings *settings = ocelot_view_settings(plan);
    struct ocelot_background background = ocelot_view_background(plan);
    (void)argument;
    enum ocelot_status status = need_background(&background, err);
    if (status != OCELOT_OK)
        return status;
    if (settings->rows && settings->rows < background.count)
        return draw(plan, &background, settings->rows, settings->seed, rules, err);
    status = reserve(plan, background.count, rules, err);
    if (status == OCELOT_OK) {
        memcpy(rules->rows, background.rows, background.count * features_of(plan) * sizeof *rules->rows);
        memcpy(rules->weights, background.weights, background.count * sizeof *rules->weights);
    }
    return status;
}

static enum ocelot_status learn_mean(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    struct ocelot_background background = ocelot_view_background(plan);
    size_t d = features_of(plan);
    (void)argument;
    enum ocelot_status status = need_background(&background, err);
    if (status == OCELOT_OK)
        status = reserve(plan, 1, rules, err);
    if (status != OCELOT_OK)
        return status;
    rules->weights[0] = 1;
    for (size_t r = 0; r < background.count; r++)
        for (size_t i = 0; i < d; i++)
            rules->rows[i] += background.weights[r] * background.rows[r * d + i];
    return OCELOT_OK;
}

static enum ocelot_status learn_zero(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    (void)argument;
    enum ocelot_status status = reserve(plan, 1, rules, err);
    if (status == OCELOT_OK)
        rules->weights[0] = 1;
    return status;
}

static enum ocelot_status learn_row(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    struct ocelot_background background = ocelot_view_background(plan);
    size_t d = features_of(plan);
    const char *end = argument + strlen(argument);
    long long number = 0;
    enum ocelot_status status = need_background(&background, err);
    if (status != OCELOT_OK)
        return status;
    if (ocelot_integer_parse(argument, end, &number) != end || number < 0 || (unsigned long long)number >= background.count)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "found reference=row:%.40s, expected one of the background rows 0 to %zu", argument,
                           background.count - 1);
    status = reserve(plan, 1, rules, err);
    if (status == OCELOT_OK) {
        rules->weights[0] = 1;
        memcpy(rules->rows, background.rows + (size_t)number * d, d * sizeof *rules->rows);
    }
    return status;
}

/* Asked of a row of zeros: the model has expected values for any row or for none. */
static enum ocelot_status learn_expected(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules,
                                         struct ocelot_error *err)
{
    struct ocelot_workspace *workspace = NULL;
    size_t d = features_of(plan), known = 0;
    double *row;
    (void)argument;
    enum ocelot_status status = reserve(plan, 2, rules, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &workspace, err);
    if (status == OCELOT_OK) {
        row = rules->rows;
        status = ocelot_expected(plan, workspace, row, NULL, d, row + d, err);
        for (size_t i = 0; i < d; i++)
            known += !isnan(row[d + i]);
    }
    ocelot_workspace_free(workspace);
    rules->count = 1;
    if (status == OCELOT_OK && !known)
        status = ocelot_fail(err, OCELOT_E_UNSUPPORTED, "finds no expected values in this model: use reference=background, mean or zero");
    if (status == OCELOT_OK)
        rules->weights[0] = 1;
    return status;
}

/* A feature without an expected value is one that the model does not see: it keeps its own. */
static void open_expected(struct ocelot_game *game)
{
    enum ocelot_status status = ocelot_expected(game->plan, game->workspace, game->x, NULL, game->features, game->own, NULL);
    for (size_t i = 0; i < game->features; i++)
        if (status != OCELOT_OK || isnan(game->own[i]))
            game->own[i] = game->x[i];
}

static enum ocelot_status learn_colour(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules,
                                       struct ocelot_error *err)
{
    (void)argument;
    if (!rules->image[0])
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "finds no colours, the rows of this model are no images: use reference=background or mean");
    return learn_zero(plan, "", rules, err);
}

/* Every channel's mean over the pixels of the player. */
static void open_colour(struct ocelot_game *game)
{
    size_t pixels = game->rules->image[1] * game->rules->image[2];
    double *sum = game->colour, *count = sum + game->rules->players;
    for (size_t start = 0; start < game->features; start += pixels) {
        memset(sum, 0, 2 * game->rules->players * sizeof *sum);
        for (size_t i = start; i < start + pixels; i++) {
            sum[game->of[i]] += game->x[i];
            count[game->of[i]]++;
        }
        for (size_t i = start; i < start + pixels; i++)
            game->own[i] = sum[game->of[i]] / count[game->of[i]];
    }
}

static const struct ocelot_reference references[] = {
    {"background", learn_background, NULL},
    {"mean", learn_mean, NULL},
    {"zero", learn_zero, NULL},
    {"row", learn_row, NULL},
    {"expected", learn_expected, open_expected},
    {"colour", learn_colour, open_colour},
};

static const struct ocelot_reference *find(const char *name, size_t length)
{
    for (size_t k = 0; k < sizeof references / sizeof *references; k++)
        if (strlen(references[k].name) == length && strncmp(references[k].name, name, length) == 0)
            return &references[k];
    return NULL;
}

static enum ocelot_status attempt(const struct ocelot_plan *plan, const struct ocelot_reference *reference, const char *argument,
                                  struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    rules->reference = reference;
    enum ocelot_status status = reference->learn(plan, argument, rules, err);
    if (status != OCELOT_OK) {
        free(rules->rows);
        free(rules->weights);
        rules->rows = rules->weights = NULL;
    }
    return status;
}

enum ocelot_status ocelot_reference_learn(const struct ocelot_plan *plan, const char *method, const char *const *choices,
                                          struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    const struct ocelot_game_settings *settings = ocelot_view_settings(plan);
    const char *text = settings->reference;
    size_t length = strcspn(text, ":");
    struct ocelot_error why = {0};
    enum ocelot_status status = OCELOT_E_ARGUMENT;
    if (strcmp(text, "auto") == 0) {
        for (const char *const *choice = choices; *choice; choice++) {
            status = attempt(plan, find(*choice, strlen(*choice)), "", rules, NULL);
            if (status == OCELOT_OK)
                return status;
            if (status == OCELOT_E_MEMORY)
                return ocelot_fail_memory(err, "the reference rows");
        }
        return ocelot_background_require(plan, method, 1, err);
    }
    const struct ocelot_reference *reference = find(text, length);
    if (!reference || (text[length] != '\0') != (strcmp(reference->name, "row") == 0))
        return ocelot_fail(err, OCELOT_E_ARGUMENT,
                           "set reference=...: found '%.60s', expected auto, background, mean, expected, zero, colour or row:N", text);
    status = attempt(plan, reference, text[length] ? text + length + 1 : "", rules, &why);
    return status == OCELOT_OK ? status : ocelot_fail(err, status, "%s %s", method, why.message);
}
