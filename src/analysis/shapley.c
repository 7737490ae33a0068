/* shapley: R_i = sum over coalitions S without i of |S|! (P - |S| - 1)! / P! (v(S + i) - v(S)), the mean over all orders of the players of what i
 * adds to those before it (Shapley 1953). All coalitions for few players, else random orders, each with its reverse (antithetic), and standard errors
 * from the means of the pairs. Either way sum R + v(nobody) = f(x). */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explainers.h"
#include "analysis/game.h"
#include "base/error.h"
#include "base/size.h"

enum { CHUNK = 64, MOST_EXACT = 16 }; /* coalitions whose values are asked for at a time */

/* Hours even where a step is a nanosecond and a model is one kernel. */
#define MOST_STEPS 1e11

struct shapley_settings {
    struct ocelot_game_settings game;
    size_t exact, pairs;
};

static const struct ocelot_option options[] = {
    OCELOT_GAME_OPTIONS("20"),
    {.name = "exact-up-to",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct shapley_settings, exact),
     .placeholder = "N",
     .fallback = "12",
     .low = 0,
     .high = MOST_EXACT,
     .summary = "so many players: all coalitions; more: random orders"},
    {.name = "permutations",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct shapley_settings, pairs),
     .placeholder = "N",
     .fallback = "32",
     .low = 2,
     .high = 1e7,
     .summary = "pairs of an order and its reverse"},
    {.name = NULL},
};

/* What a row takes is told before hours are spent on it. A point costs at least as many steps as it has features. */
static enum ocelot_status check_effort(const struct ocelot_plan *plan, const struct ocelot_game_rules *rules, struct ocelot_error *err)
{
    const struct shapley_settings *settings = ocelot_view_settings(plan);
    struct ocelot_model_info info;
    ocelot_model_describe(ocelot_view_model(plan), &info);
    double players = (double)rules->players, references = rules->count ? (double)rules->count : 1;
    double coalitions = rules->players <= settings->exact ? exp2(players) : 2 * (double)settings->pairs * (players - 1);
    if (coalitions * references * (double)info.features <= MOST_STEPS)
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_ARGUMENT,
                       "shapley: %zu players and %.0f reference row%s take %.3g evaluations of %zu features for a single row: let groups of features "
                       "play (--groups), superpixels (segments), or set fewer permutations or reference rows",
                       rules->players, references, references == 1 ? "" : "s", coalitions * references, info.features);
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    static const char *const choices[] = {"background", "expected", "colour", NULL};
    struct ocelot_game_rules *rules = NULL;
    enum ocelot_status status = ocelot_game_learn(plan, "shapley", choices, &rules, err);
    if (status == OCELOT_OK)
        status = check_effort(plan, rules, err);
    if (status != OCELOT_OK) {
        ocelot_game_forget(rules);
        rules = NULL;
    }
    *knowledge = rules;
    return status;
}

struct shapley_state {
    struct ocelot_game *game;
    double *z;      /* [CHUNK][players] */
    double *values; /* [2^exact], or [players + 1] of one order */
    double *sum;    /* [4][players]: value, error, of the pair at hand, mean square deviation */
    size_t *order, *rank;
};

static void end(void *state)
{
    struct shapley_state *s = state;
    if (!s)
        return;
    ocelot_game_free(s->game);
    free(s->z);
    free(s->values);
    free(s->sum);
    free(s->order);
    free(s->rank);
    free(s);
}

static enum ocelot_status begin(const struct ocelot_plan *plan, void **state, struct ocelot_error *err)
{
    const struct shapley_settings *settings = ocelot_view_settings(plan);
    struct ocelot_game *game;
    size_t cells;
    enum ocelot_status status = ocelot_game_create(plan, &game, err);
    if (status != OCELOT_OK || !game)
        return status;
    struct shapley_state *s = ocelot_allocate(1, sizeof *s);
    if (!s || !ocelot_size_multiply(game->rules->players, CHUNK, &cells)) {
        ocelot_game_free(game);
        free(s);
        return ocelot_fail_memory(err, "the coalitions");
    }
    size_t players = game->rules->players, all = (size_t)1 << settings->exact;
    s->game = game;
    s->z = ocelot_allocate(cells, sizeof *s->z);
    s->values = ocelot_allocate(players + 1 > all ? players + 1 : all, sizeof *s->values);
    s->sum = ocelot_allocate(players, 4 * sizeof *s->sum);
    s->order = ocelot_allocate(players, sizeof *s->order);
    s->rank = ocelot_allocate(players, sizeof *s->rank);
    if (!s->z || !s->values || !s->sum || !s->order || !s->rank) {
        end(s);
        return ocelot_fail_memory(err, "the coalitions");
    }
    *state = s;
    return OCELOT_OK;
}

/* Values of all coalitions but the empty and the full one: bit p of the number says whether player p is in. */
static void all_values(struct shapley_state *s)
{
    size_t players = s->game->players, last = ((size_t)1 << players) - 1;
    for (size_t start = 1, count; start < last; start += count) {
        count = last - start < CHUNK ? last - start : CHUNK;
        for (size_t k = 0; k < count; k++)
            for (size_t p = 0; p < players; p++)
                s->z[k * players + p] = (double)(((start + k) >> p) & 1);
        ocelot_game_values(s->game, s->z, count, s->values + start);
    }
}

static void exact(struct shapley_state *s, double full, double empty)
{
    size_t players = s->game->players, last = ((size_t)1 << players) - 1;
    double weight[MOST_EXACT];
    weight[0] = 1 / (double)players; /* |S|! (P - |S| - 1)! / P! */
    for (size_t k = 1; k < players; k++)
        weight[k] = weight[k - 1] * (double)k / (double)(players - k);
    all_values(s);
    s->values[0] = empty;
    s->values[last] = full;
    memset(s->sum, 0, 2 * players * sizeof *s->sum);
    for (size_t coalition = 0; coalition < last; coalition++) {
        size_t size = 0;
        for (size_t p = 0; p < players; p++)
            size += (coalition >> p) & 1;
        for (size_t p = 0; p < players; p++)
            if (!((coalition >> p) & 1))
                s->sum[p] += weight[size] * (s->values[coalition | ((size_t)1 << p)] - s->values[coalition]);
    }
}

/* Adds half of what every player adds in this order. values[0] and values[players] are known. */
static void add_order(struct shapley_state *s, double *gain)
{
    size_t players = s->game->players;
    for (size_t k = 0; k < players; k++)
        s->rank[s->order[k]] = k;
    for (size_t start = 1, count; start < players; start += count) {
        count = players - start < CHUNK ? players - start : CHUNK;
        for (size_t k = 0; k < count; k++)
            for (size_t p = 0; p < players; p++)
                s->z[k * players + p] = s->rank[p] < start + k ? 1 : 0;
        ocelot_game_values(s->game, s->z, count, s->values + start);
    }
    for (size_t k = 0; k < players; k++)
        gain[s->order[k]] += 0.5 * (s->values[k + 1] - s->values[k]);
}

/* Mean and squared deviations are kept as Welford does, so that neither cancels. */
static void sample(struct shapley_state *s, const struct shapley_settings *settings, double full, double empty)
{
    size_t players = s->game->players;
    double *mean = s->sum, *error = mean + players, *gain = error + players, *deviation = gain + players;
    memset(s->sum, 0, 4 * players * sizeof *s->sum);
    s->values[0] = empty;
    s->values[players] = full;
    gsl_rng *rng = ocelot_game_stream(s->game);
    for (size_t k = 0; k < players; k++)
        s->order[k] = k;
    for (size_t pair = 1; pair <= settings->pairs; pair++) {
        memset(gain, 0, players * sizeof *gain);
        gsl_ran_shuffle(rng, s->order, players, sizeof *s->order);
        add_order(s, gain);
        for (size_t k = 0; k < players / 2; k++) {
            size_t other = s->order[players - 1 - k];
            s->order[players - 1 - k] = s->order[k];
            s->order[k] = other;
        }
        add_order(s, gain);
        for (size_t p = 0; p < players; p++) {
            double before = gain[p] - mean[p];
            mean[p] += before / (double)pair;
            deviation[p] += before * (gain[p] - mean[p]);
        }
    }
    for (size_t p = 0; p < players; p++)
        error[p] = sqrt(deviation[p] / (double)(settings->pairs - 1) / (double)settings->pairs);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    const struct shapley_settings *settings = ocelot_view_settings(plan);
    struct shapley_state *s = ocelot_view_state(workspace);
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(workspace, b)->status != OCELOT_OK)
            continue;
        ocelot_game_open(s->game, plan, workspace, b, x + b * s->game->features);
        double full = ocelot_game_full(s->game), empty = ocelot_game_empty(s->game);
        if (s->game->players <= settings->exact)
            exact(s, full, empty);
        else
            sample(s, settings, full, empty);
        ocelot_game_answer(s->game, s->sum, s->sum + s->game->players, empty);
    }
}

const struct ocelot_explainer ocelot_explainer_shapley = {
    .method = {"shapley", "what a feature, group or superpixel adds, averaged over all orders in which features could become known",
               "background rows, or another reference", "rows x 2^players; sampled: rows x 2 permutations x (players - 1)",
               "Shapley 1953; Strumbelj 2014; Lundberg 2017", options},
    .settings_size = sizeof(struct shapley_settings),
    .is_signed = true,
    .samples = true,
    .learn = learn,
    .forget = ocelot_game_forget,
    .begin = begin,
    .end = end,
    .run = run,
};
