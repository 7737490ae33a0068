#include "analysis/game.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explainers.h"
#include "analysis/reference.h"
#include "analysis/superpixel_space.h"
#include "base/error.h"
#include "base/size.h"

/* Points of one block: few enough to stay in memory, enough for the fast path. */
enum { BLOCK = 256, BLOCK_VALUES = 1 << 20 };

/* Superpixels play where the rows are images and no groups are given. */
static void learn_players(const struct ocelot_plan *plan, struct ocelot_game_rules *rules)
{
    const struct ocelot_game_settings *settings = ocelot_view_settings(plan);
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    rules->players = ocelot_view_players(plan).count;
    if (info.input_rank != 3)
        return;
    memcpy(rules->image, info.input_shape, sizeof rules->image);
    size_t pixels = rules->image[1] * rules->image[2];
    if (rules->players != info.features || !settings->segments || pixels < 2)
        return;
    rules->segments = settings->segments < pixels ? settings->segments : pixels;
    rules->players = ocelot_superpixel_limit(pixels, rules->segments);
}

enum ocelot_status ocelot_game_learn(const struct ocelot_plan *plan, const char *method, const char *const *choices, struct ocelot_game_rules **out,
                                     struct ocelot_error *err)
{
    struct ocelot_game_rules *rules = ocelot_allocate(1, sizeof *rules);
    ocelot_analysis_quiet();
    if (!rules)
        return ocelot_fail_memory(err, "the game");
    learn_players(plan, rules);
    enum ocelot_status status = ocelot_reference_learn(plan, method, choices, rules, err);
    if (status != OCELOT_OK) {
        ocelot_game_forget(rules);
        return status;
    }
    *out = rules;
    return OCELOT_OK;
}

void ocelot_game_forget(void *knowledge)
{
    struct ocelot_game_rules *rules = knowledge;
    if (!rules)
        return;
    free(rules->rows);
    free(rules->weights);
    free(rules->more);
    free(rules);
}

static void *numbers(size_t rows, size_t width, bool *failed)
{
    size_t total;
    double *block = ocelot_size_multiply(rows, width, &total) ? ocelot_allocate(total, sizeof *block) : NULL;
    *failed |= !block;
    return block;
}

enum ocelot_status ocelot_game_create(const struct ocelot_plan *plan, struct ocelot_game **out, struct ocelot_error *err)
{
    const struct ocelot_game_rules *rules = ocelot_view_knowledge(plan);
    struct ocelot_model_info info;
    bool failed = false;
    *out = NULL;
    if (!rules) /* while `learn` asks the model for expected values */
        return OCELOT_OK;
    struct ocelot_game *game = ocelot_allocate(1, sizeof *game);
    if (!game)
        return ocelot_fail_memory(err, "the game");
    ocelot_model_describe(ocelot_view_model(plan), &info);
    game->rules = rules;
    game->features = info.features;
    game->block = BLOCK_VALUES / info.features;
    game->block = game->block < 1 ? 1 : game->block < BLOCK ? game->block : BLOCK;
    game->points = numbers(game->block, info.features, &failed);
    game->values = numbers(game->block, 1, &failed);
    game->own = numbers(1, info.features, &failed);
    game->spread = numbers(2, info.features, &failed);
    game->colour = numbers(2, rules->players, &failed);
    game->rng = gsl_rng_alloc(gsl_rng_mt19937);
    failed |= !game->rng;
    if (rules->segments) {
        game->own_of = ocelot_allocate(info.features, sizeof *game->own_of);
        game->own_size = ocelot_allocate(rules->players, sizeof *game->own_size);
        game->space = ocelot_superpixel_space_create(rules->image[0], rules->image[1], rules->image[2], rules->segments);
        failed |= !game->own_of || !game->own_size || !game->space;
    }
    if (failed) {
        ocelot_game_free(game);
        return ocelot_fail_memory(err, "the game");
    }
    *out = game;
    return OCELOT_OK;
}

void ocelot_game_free(struct ocelot_game *game)
{
    if (!game)
        return;
    free(game->points);
    free(game->values);
    free(game->own);
    free(game->spread);
    free(game->colour);
    free(game->own_of);
    free(game->own_size);
    ocelot_superpixel_space_free(game->space);
    if (game->rng)
        gsl_rng_free(game->rng);
    free(game);
}

void ocelot_game_open(struct ocelot_game *game, const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *x)
{
    static const double one = 1;
    const struct ocelot_game_rules *rules = game->rules;
    struct ocelot_players players = ocelot_view_players(plan);
    game->plan = plan;
    game->workspace = workspace;
    game->b = b;
    game->x = x;
    game->of = players.of;
    game->size = players.size;
    game->players = players.count;
    if (rules->segments) {
        game->players = ocelot_superpixel_cut(game->space, x, game->own_of);
        memset(game->own_size, 0, game->players * sizeof *game->own_size);
        for (size_t i = 0; i < game->features; i++)
            game->own_size[game->own_of[i]]++;
        game->of = game->own_of;
        game->size = game->own_size;
    }
    game->reference = rules->rows;
    game->weights = rules->weights;
    game->references = rules->count;
    if (rules->reference->open) {
        rules->reference->open(game);
        game->reference = game->own;
        game->weights = &one;
        game->references = 1;
    }
}

gsl_rng *ocelot_game_stream(struct ocelot_game *game)
{
    const struct ocelot_game_settings *settings = ocelot_view_settings(game->plan);
    gsl_rng_set(game->rng, (unsigned long)settings->seed);
    return game->rng;
}

void ocelot_game_evaluate(struct ocelot_game *game, const double *points, size_t n, double *out)
{
    ocelot_view_evaluate(game->plan, game->workspace, game->b, points, n, out);
}

/* x where the coalition has the player, else the reference row; z NULL = nobody is there. */
static void mix(const struct ocelot_game *game, const double *z, const double *reference, double *point)
{
    for (size_t i = 0; i < game->features; i++)
        point[i] = z && z[game->of[i]] > 0 ? game->x[i] : reference[i];
}

/* Point p of n * references is coalition p / references with reference row p % references. */
void ocelot_game_values(struct ocelot_game *game, const double *z, size_t n, double *out)
{
    size_t refs = game->references, total = n * refs;
    memset(out, 0, n * sizeof *out);
    for (size_t start = 0, count; start < total; start += count) {
        count = total - start < game->block ? total - start : game->block;
        for (size_t k = 0; k < count; k++)
            mix(game, z ? z + (start + k) / refs * game->players : NULL, game->reference + (start + k) % refs * game->features,
                game->points + k * game->features);
        ocelot_game_evaluate(game, game->points, count, game->values);
        for (size_t k = 0; k < count; k++)
            out[(start + k) / refs] += game->weights[(start + k) % refs] * game->values[k];
    }
}

double ocelot_game_full(struct ocelot_game *game)
{
    double value;
    ocelot_game_evaluate(game, game->x, 1, &value);
    return value;
}

double ocelot_game_empty(struct ocelot_game *game)
{
    double value;
    ocelot_game_values(game, NULL, 1, &value);
    return value;
}

void ocelot_game_answer(struct ocelot_game *game, const double *relevance, const double *error, double constant)
{
    double *value = game->spread, *wrong = value + game->features;
    for (size_t i = 0; i < game->features; i++) {
        size_t player = game->of[i];
        value[i] = relevance[player] / (double)game->size[player];
        wrong[i] = error[player] / (double)game->size[player];
    }
    ocelot_view_answer(game->plan, game->workspace, game->b, value, wrong, constant);
}
