/* kernel-shap: Shapley values as the least squares fit sum_{i in S} R_i ~ v(S) - v(nobody) over coalitions S, weighted by (P - 1) / (C(P, |S|) |S|
 * (P - |S|)) and under sum R = f(x) - v(nobody) (Lundberg and Lee 2017). Sizes are taken from the outside in, s and P - s together, all their
 * coalitions while the budget lasts; the rest is drawn by weight, each coalition with its complement. With all coalitions the values are exact. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/explainers.h"
#include "analysis/game.h"
#include "analysis/regression.h"
#include "base/error.h"
#include "base/size.h"

enum { MOST_PLAYERS = 1024, SPARE = 2048, LEAST_DRAWN = 16 };

struct kernel_shap_settings {
    struct ocelot_game_settings game;
    size_t samples;
};

static const struct ocelot_option options[] = {
    OCELOT_GAME_OPTIONS("100"),
    {.name = "samples",
     .type = OCELOT_OPTION_COUNT,
     .offset = offsetof(struct kernel_shap_settings, samples),
     .placeholder = "N",
     .low = 0,
     .high = 1e7,
     .summary = "coalitions, at least 2 players + 16; 0 = 2 players + 2048"},
    {.name = NULL},
};

/* Coalitions for so many players; even, because they come in pairs. All of them if the budget holds them. */
static size_t budget(const struct kernel_shap_settings *settings, size_t players)
{
    size_t count = settings->samples ? settings->samples : 2 * players + SPARE;
    count = count < 2 * players + LEAST_DRAWN ? 2 * players + LEAST_DRAWN : count + count % 2;
    if (players < 40 && ((size_t)1 << players) - 2 <= count)
        return ((size_t)1 << players) - 2;
    return count;
}

static enum ocelot_status learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    static const char *const choices[] = {"background", "expected", "colour", NULL};
    struct ocelot_game_rules *rules = NULL;
    enum ocelot_status status = ocelot_game_learn(plan, "kernel-shap", choices, &rules, err);
    if (status == OCELOT_OK && rules->players > MOST_PLAYERS) {
        status = ocelot_fail(err, OCELOT_E_LIMIT, "kernel-shap solves for at most %d players, these may be %zu: use groups or segments", MOST_PLAYERS,
                             rules->players);
        ocelot_game_forget(rules);
        rules = NULL;
    }
    *knowledge = rules;
    return status;
}

struct kernel_shap_state {
    struct ocelot_game *game;
    struct ocelot_regression fit;
    double *y;
    double *share;  /* [players]: weight of the pairs of sizes that are left to draw from */
    size_t *order;  /* [players] */
    size_t planned; /* players that the design is for; 0 = none yet */
};

static void end(void *state)
{
    struct kernel_shap_state *s = state;
    if (!s)
        return;
    ocelot_game_free(s->game);
    ocelot_regression_close(&s->fit);
    free(s->y);
    free(s->share);
    free(s->order);
    free(s);
}

static enum ocelot_status begin(const struct ocelot_plan *plan, void **state, struct ocelot_error *err)
{
    struct ocelot_game *game;
    enum ocelot_status status = ocelot_game_create(plan, &game, err);
    if (status != OCELOT_OK || !game)
        return status;
    struct kernel_shap_state *s = ocelot_allocate(1, sizeof *s);
    if (!s) {
        ocelot_game_free(game);
        return ocelot_fail_memory(err, "the coalitions");
    }
    size_t players = game->rules->players, count = 0;
    for (size_t p = game->rules->segments ? 1 : players; p <= players; p++) /* fewer players may have more coalitions in the budget */
        count = budget(ocelot_view_settings(plan), p) > count ? budget(ocelot_view_settings(plan), p) : count;
    s->game = game;
    s->y = ocelot_allocate(count, sizeof *s->y);
    s->share = ocelot_allocate(players, sizeof *s->share);
    s->order = ocelot_allocate(players, sizeof *s->order);
    if (!ocelot_regression_open(&s->fit, count, players) || !s->y || !s->share || !s->order) {
        end(s);
        return ocelot_fail_memory(err, "the coalitions");
    }
    *state = s;
    return OCELOT_OK;
}

/* One coalition and its complement, the members in order[0..size-1]. */
static void add_pair(struct kernel_shap_state *s, size_t size, double weight)
{
    size_t players = s->planned, k = s->fit.points;
    double *z = s->fit.z + k * players, *other = z + players;
    for (size_t p = 0; p < players; p++) {
        z[p] = 0;
        other[p] = 1;
    }
    for (size_t m = 0; m < size; m++) {
        z[s->order[m]] = 1;
        other[s->order[m]] = 0;
    }
    s->fit.weight[k] = s->fit.weight[k + 1] = weight;
    s->fit.points += 2;
}

/* The next subset of `size` of the players in order[0..size-1], ascending; false past the last. */
static bool next_subset(size_t *order, size_t size, size_t players)
{
    for (size_t m = size; m-- > 0;)
        if (order[m] < players - size + m) {
            order[m]++;
            for (size_t k = m + 1; k < size; k++)
                order[k] = order[k - 1] + 1;
            return true;
        }
    return false;
}

/* All coalitions of `size` and their complements. Of the middle size every other one: the rest are complements of these. */
static void add_size(struct kernel_shap_state *s, size_t size, double weight)
{
    for (size_t m = 0; m < size; m++)
        s->order[m] = m;
    do {
        if (2 * size == s->planned && s->order[0] != 0)
            break; /* complements of those with player 0 */
        add_pair(s, size, weight);
    } while (next_subset(s->order, size, s->planned));
}

/* Number of coalitions of sizes s and P - s, as a double: it may be huge. */
static double pair_count(size_t players, size_t size)
{
    double count = 1;
    for (size_t m = 0; m < size; m++)
        count *= (double)(players - m) / (double)(m + 1);
    return 2 * size == players ? count : 2 * count;
}

/* Draws coalitions of sizes from..players / 2 by their weight, so many pairs, which share the weight that is left. */
static void draw(struct kernel_shap_state *s, size_t from, size_t pairs, double left)
{
    size_t players = s->planned, half = players / 2;
    gsl_rng *rng = ocelot_game_stream(s->game);
    for (size_t p = 0; p < players; p++)
        s->order[p] = p;
    for (size_t k = 0; k < pairs; k++) {
        double at = gsl_rng_uniform(rng) * left - s->share[from];
        size_t size = from;
        while (at >= 0 && size < half)
            at -= s->share[++size];
        for (size_t m = 0; m < size; m++) { /* the first steps of a shuffle choose the members */
            size_t other = m + (size_t)gsl_rng_uniform_int(rng, (unsigned long)(players - m)), player = s->order[m];
            s->order[m] = s->order[other];
            s->order[other] = player;
        }
        add_pair(s, size, left / (2 * (double)pairs));
    }
}

/* The design for so many players. The two outermost sizes are always whole, which makes the system regular. */
static void design(struct kernel_shap_state *s, const struct kernel_shap_settings *settings, size_t players)
{
    size_t left = budget(settings, players), half = players / 2, size = 1;
    double total = 0, rest;
    s->planned = players;
    s->fit.unknowns = players;
    s->fit.points = 0;
    for (size_t k = 1; k <= half; k++) {
        s->share[k] = (2 * k == players ? 1 : 2) / ((double)k * (double)(players - k));
        total += s->share[k];
    }
    for (rest = total; size <= half; size++) {
        double count = pair_count(players, size);
        /* an average draw of what is left would meet each of them: 1e-8 for the rounding of the shares */
        if (size > 1 && (double)left * s->share[size] / rest < count * (1 - 1e-8))
            break;
        if (size > 1 && size < half && (double)left - count < LEAST_DRAWN) /* too few to tell the error from */
            break;
        add_size(s, size, s->share[size] / total / count);
        rest -= s->share[size];
        left -= (size_t)count;
    }
    s->fit.paired = s->fit.points;
    for (size_t k = size; k <= half; k++)
        s->share[k] /= total;
    if (size <= half)
        draw(s, size, left / 2, rest / total);
    ocelot_regression_solve(&s->fit, false, 0);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows)
{
    struct kernel_shap_state *s = ocelot_view_state(workspace);
    struct ocelot_regression *fit = &s->fit;
    for (size_t b = 0; b < rows; b++) {
        if (ocelot_view_decision(workspace, b)->status != OCELOT_OK)
            continue;
        ocelot_game_open(s->game, plan, workspace, b, x + b * s->game->features);
        double full = ocelot_game_full(s->game), empty = ocelot_game_empty(s->game);
        if (s->planned != s->game->players)
            design(s, ocelot_view_settings(plan), s->game->players);
        ocelot_game_values(s->game, fit->z, fit->points, s->y);
        for (size_t k = 0; k < fit->points; k++)
            s->y[k] -= empty;
        ocelot_regression_fit(fit, s->y, full - empty);
        ocelot_game_answer(s->game, fit->beta, fit->error, empty);
    }
}

const struct ocelot_explainer ocelot_explainer_kernel_shap = {
    .method = {"kernel-shap", "Shapley values by least squares over coalitions; exact where all of them fit the budget",
               "background rows, or another reference", "rows x (2 players + 2048)", "Lundberg and Lee 2017", options},
    .settings_size = sizeof(struct kernel_shap_settings),
    .is_signed = true,
    .samples = true,
    .learn = learn,
    .forget = ocelot_game_forget,
    .begin = begin,
    .end = end,
    .run = run,
};
