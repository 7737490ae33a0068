/* lime: a linear model g fitted to f around the row (Ribeiro 2016): minimises sum_k pi_k (f(z_k) - g(z_k))^2 + ridge |beta|^2 over points drawn about
 * it. Tables: z_ki = x_i + s_i n, n standard normal in pairs +-n, s_i the background's standard deviation, pi = exp(-|n|^2 / (2 width^2)), beta of
 * standardised features; R_i = beta_i (x_i - r_i) / s_i with r the reference: what g makes of the row beyond what it makes of the reference.
 * Images and groups: players are present or replaced by the reference, in pairs of a coalition and its complement, pi = exp(-(1 - sqrt(share
 * present))^2 / (2 width^2)); R_p = beta_p. The ledger's constant is g at the reference, its residual f - g at the row. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/background.h"
#include "analysis/explainers.h"
#include "analysis/game.h"
#include "analysis/regression.h"
#include "base/error.h"
#include "base/size.h"

enum { MOST_UNKNOWNS = 2048 };

struct lime_settings {
    struct ocelot_game_settings game;
    size_t samples;
    double width, ridge;
    const char *points;
};

static const struct ocelot_option options[] = {
    OCELOT_GAME_OPTIONS("20"),
    {.name = "samples",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct lime_settings, samples),
     .placeholder = "N",
     .fallback = "1000",
     .low = 4,
     .high = 1e7,
     .summary = "points drawn around a row, in pairs"},
    {.name = "width",
     .type = OCELOT_OPTION_NUMBER,
     .offset = offsetof(struct lime_settings, width),
     .placeholder = "W",
     .low = 0,
     .high = 1e6,
     .summary = "of the kernel that weighs them; 0 = 0.75 sqrt(features) standard deviations, 0.25 where players are present or absent"},
    {.name = "ridge",
     .type = OCELOT_OPTION_NUMBER,
     .offset = offsetof(struct lime_settings, ridge),
     .placeholder = "L",
     .fallback = "1",
     .low = 0,
     .high = 1e12,
     .summary = "weight of |beta|^2; 0 = least squares, which needs more samples than unknowns"},
    {.name = "points",
     .type = OCELOT_OPTION_CHOICE,
     .offset = offsetof(struct lime_settings, points),
     .placeholder = "HOW",
     .fallback = "auto",
     .choices = "auto|normal|players",
     .summary = "normal noise, or players present and absent; auto = players for images and where there are groups"},
    {.name = NULL},
};

struct lime_state {
    const struct lime_points *points;
    struct ocelot_game *game;
    struct ocelot_regression fit;
    double *y;
    size_t planned; /* unknowns that the design is for; 0 = none yet */
};

/* Where points come from. */
struct lime_points {
    void (*draw)(struct lime_state *s, const struct lime_settings *settings, gsl_rng *rng);
    void (*values)(struct lime_state *s);
    void (*answer)(struct lime_state *s, double constant);
};

/* Standard deviations [features] of the background, kept with the rules. */
static const double *scales_of(const struct lime_state *s)
{
    return s->game->rules->more;
}

static void draw_normal(struct lime_state *s, const struct lime_settings *settings, gsl_rng *rng)
{
    size_t n = s->fit.unknowns, varied = 0;
    const double *scale = scales_of(s);
    for (size_t i = 0; i < n; i++)
        varied += scale[i] > 0;
    double width = settings->width > 0 ? settings->width : 0.75 * sqrt((double)varied);
    for (size_t k = 0; k < s->fit.points; k += 2) {
        double *z = s->fit.z + k * n, *mirrored = z + n, squared = 0;
        for (size_t i = 0; i < n; i++) {
            double noise = gsl_ran_gaussian_ziggurat(rng, 1);
            z[i] = scale[i] > 0 ? noise : 0;
            mirrored[i] = -z[i];
            squared += z[i] * z[i];
        }
        s->fit.weight[k] = s->fit.weight[k + 1] = exp(-squared / (2 * width * width));
    }
    s->fit.paired = 0;
}

static void normal_values(struct lime_state *s)
{
    struct ocelot_game *game = s->game;
    size_t d = game->features;
    const double *scale = scales_of(s);
    for (size_t start = 0, count; start < s->fit.points; start += count) {
        count = s->fit.points - start < game->block ? s->fit.points - start : game->block;
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < d; i++)
                game->points[k * d + i] = game->x[i] + scale[i] * s->fit.z[(start + k) * d + i];
        ocelot_view_evaluate(game->plan, game->workspace, game->b, game->points, count, s->y + start);
    }
}

/* Slopes times the way from the mean of the reference rows. */
static void answer_normal(struct lime_state *s, double constant)
{
    struct ocelot_game *game = s->game;
    const double *scale = scales_of(s);
    for (size_t i = 0; i < game->features; i++) {
        double mean = 0;
        for (size_t r = 0; r < game->references; r++)
            mean += game->weights[r] * game->reference[r * game->features + i];
        double way = scale[i] > 0 ? (game->x[i] - mean) / scale[i] : 0;
        s->fit.beta[i] *= way;
        s->fit.error[i] *= fabs(way);
        constant -= s->fit.beta[i];
    }
    ocelot_view_answer(game->plan, game->workspace, game->b, s->fit.beta, s->fit.error, constant);
}

/* The first pair is everybody and nobody. */
static void draw_players(struct lime_state *s, const struct lime_settings *settings, gsl_rng *rng)
{
    size_t n = s->fit.unknowns;
    double width = settings->width > 0 ? settings->width : 0.25;
    for (size_t k = 0; k < s->fit.points; k += 2) {
        double *z = s->fit.z + k * n, *others = z + n, present = 0;
        for (size_t i = 0; i < n; i++) {
            z[i] = k == 0 || gsl_rng_uniform(rng) < 0.5 ? 1 : 0;
            others[i] = 1 - z[i];
            present += z[i];
        }
        double near = 1 - sqrt(present / (double)n), far = 1 - sqrt(1 - present / (double)n);
        s->fit.weight[k] = exp(-near * near / (2 * width * width));
        s->fit.weight[k + 1] = exp(-far * far / (2 * width * width));
    }
    s->fit.paired = 2;
}

static void player_values(struct lime_state *s)
{
    ocelot_game_values(s->game, s->fit.z, s->fit.points, s->y);
}

static void answer_players(struct lime_state *s, double constant)
{
    ocelot_game_answer(s->game, s->fit.beta, s->fit.error, constant);
}

static const struct lime_points normal_points = {draw_normal, normal_values, answer_normal};
static const struct lime_points player_points = {draw_players, player_values, answer_players};

static const struct lime_points *points_of(const struct ocelot_plan *plan, const struct ocelot_game_rules *rules)
{
    const struct lime_settings *settings = ocelot_view_settings(plan);
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    bool grouped = rules->segments || rules->players < info.features;
    return strcmp(settings->points, "players") == 0 || (strcmp(settings->points, "auto") == 0 && grouped) ? &player_points : &normal_points;
}

/* The background's standard deviations; of a feature that it does not vary, one unit of what the model sees. */
static enum ocelot_status learn_scales(const struct ocelot_plan *plan, struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    const struct ocelot_model *model = ocelot_view_model(plan);
    struct ocelot_background background = ocelot_view_background(plan);
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    enum ocelot_status status = ocelot_background_require(plan, "lime", 1, err);
    if (status != OCELOT_OK)
        return status;
    double *scale = rules->more = ocelot_allocate(info.features, sizeof *scale);
    if (!scale)
        return ocelot_fail_memory(err, "the scales of the features");
    for (size_t i = 0; i < info.features; i++) {
        double mean = 0, squares = 0, factor = ocelot_model_feature(model, i).factor;
        for (size_t r = 0; r < background.count; r++)
            mean += background.weights[r] * background.rows[r * info.features + i];
        for (size_t r = 0; r < background.count; r++)
            squares += background.weights[r] * pow(background.rows[r * info.features + i] - mean, 2);
        /* what rounding leaves of a constant is no deviation */
        scale[i] = sqrt(squares) > 1e-12 * fabs(mean) ? sqrt(squares) : factor != 0 ? 1 / fabs(factor) : 0;
    }
    return OCELOT_OK;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    static const char *const choices[] = {"colour", "mean", "expected", NULL};
    struct ocelot_game_rules *rules = NULL;
    enum ocelot_status status = ocelot_game_learn(plan, "lime", choices, &rules, err);
    if (status == OCELOT_OK && rules->players > MOST_UNKNOWNS)
        status = ocelot_fail(err, OCELOT_E_LIMIT, "lime fits at most %d coefficients, these may be %zu: use groups or segments", MOST_UNKNOWNS,
                             rules->players);
    if (status == OCELOT_OK && points_of(plan, rules) == &normal_points)
        status = learn_scales(plan, rules, err);
    if (status != OCELOT_OK) {
        ocelot_game_forget(rules);
        return status;
    }
    *knowledge = rules;
    return OCELOT_OK;
}

static void end(void *state)
{
    struct lime_state *s = state;
    if (!s)
        return;
    ocelot_game_free(s->game);
    ocelot_regression_close(&s->fit);
    free(s->y);
    free(s);
}

static size_t point_count(const struct lime_settings *settings)
{
    return settings->samples + settings->samples % 2;
}

static enum ocelot_status begin(const struct ocelot_plan *plan, void **state, struct ocelot_error *err)
{
    struct ocelot_game *game;
    enum ocelot_status status = ocelot_game_create(plan, &game, err);
    if (status != OCELOT_OK || !game)
        return status;
    struct lime_state *s = ocelot_allocate(1, sizeof *s);
    if (!s) {
        ocelot_game_free(game);
        return ocelot_fail_memory(err, "the points");
    }
    size_t count = point_count(ocelot_view_settings(plan));
    s->game = game;
    s->points = points_of(plan, game->rules);
    s->y = ocelot_allocate(count, sizeof *s->y);
    if (!ocelot_regression_open(&s->fit, count, s->points == &normal_points ? game->features : game->rules->players) || !s->y) {
        end(s);
        return ocelot_fail_memory(err, "the points");
    }
    *state = s;
    return OCELOT_OK;
}

static void design(struct lime_state *s, const struct lime_settings *settings, size_t unknowns)
{
    s->planned = s->fit.unknowns = unknowns;
    s->fit.points = point_count(settings);
    s->points->draw(s, settings, ocelot_game_stream(s->game));
    ocelot_regression_solve(&s->fit, true, settings->ridge);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    struct lime_state *s = ocelot_view_state(workspace);
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(workspace, b)->status != OCELOT_OK)
            continue;
        ocelot_game_open(s->game, plan, workspace, b, x + b * s->game->features);
        size_t unknowns = s->points == &normal_points ? s->game->features : s->game->players;
        if (s->planned != unknowns)
            design(s, ocelot_view_settings(plan), unknowns);
        s->points->values(s);
        s->points->answer(s, ocelot_regression_fit(&s->fit, s->y, 0));
    }
}

const struct ocelot_explainer ocelot_explainer_lime = {
    .method = {"lime",
               "slopes of a linear model fitted around the row, times the way from the mean; superpixels and groups: what their presence adds",
               "background rows, or images", "1000 (samples)", "Ribeiro 2016", options},
    .settings_size = sizeof(struct lime_settings),
    .is_signed = true,
    .samples = true,
    .learn = learn,
    .forget = ocelot_game_forget,
    .begin = begin,
    .end = end,
    .run = run,
};
