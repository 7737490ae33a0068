/* The game that a row plays: its players are features, groups or superpixels; the value of a coalition S is the mean over reference rows r of
 * f(x_S, r_rest), the model's output where the players of S keep the row's values and all others have the reference's. */
#ifndef OCELOT_ANALYSIS_GAME_H
#define OCELOT_ANALYSIS_GAME_H

#include <gsl/gsl_rng.h>

#include "ocelot/explainer.h"

/* What the methods that play share of their settings; the first member of theirs. */
struct ocelot_game_settings {
    const char *reference;
    size_t rows, segments, seed;
};

/* Their rows of the option table; `rows_default` as text. */
#define OCELOT_GAME_OPTIONS(rows_default)                                                                                                            \
    {.name = "reference",                                                                                                                            \
     .type = OCELOT_OPTION_TEXT,                                                                                                                     \
     .offset = offsetof(struct ocelot_game_settings, reference),                                                                                     \
     .placeholder = "WHAT",                                                                                                                          \
     .fallback = "auto",                                                                                                                             \
     .summary = "what stands for an absent feature: background, mean, expected, zero, colour (mean colour of the superpixel), row:N (background "    \
                "row, from 0)"},                                                                                                                     \
        {.name = "rows",                                                                                                                             \
         .type = OCELOT_OPTION_COUNT,                                                                                                                \
         .offset = offsetof(struct ocelot_game_settings, rows),                                                                                      \
         .placeholder = "N",                                                                                                                         \
         .fallback = (rows_default),                                                                                                                 \
         .low = 0,                                                                                                                                   \
         .high = 1e6,                                                                                                                                \
         .summary = "background rows drawn for reference=background; 0 = all"},                                                                      \
        {.name = "segments",                                                                                                                         \
         .type = OCELOT_OPTION_COUNT,                                                                                                                \
         .offset = offsetof(struct ocelot_game_settings, segments),                                                                                  \
         .placeholder = "N",                                                                                                                         \
         .fallback = "50",                                                                                                                           \
         .low = 0,                                                                                                                                   \
         .high = 1e6,                                                                                                                                \
         .summary = "images without groups: about so many superpixels of the row play; 0 = every value by itself"},                                  \
    {                                                                                                                                                \
        .name = "seed", .type = OCELOT_OPTION_COUNT, .offset = offsetof(struct ocelot_game_settings, seed), .placeholder = "N", .fallback = "1",     \
        .low = 0, .high = 4294967295.0, .summary = "of everything drawn; every row starts the same stream"                                           \
    }

struct ocelot_reference;
struct ocelot_superpixel_space;

/* What a plan knows of the game: references that all rows share, and whether superpixels play. */
struct ocelot_game_rules {
    const struct ocelot_reference *reference; /* how a row finds its reference rows */
    double *rows, *weights;                   /* [count][features], [count]; what all rows share, else NULL */
    size_t count;
    size_t image[3]; /* channels, height, width; 0 = not an image */
    size_t segments; /* asked for; 0 = no superpixels */
    size_t players;  /* at most so many play */
    void *more;      /* the method's, which allocated it; released with free */
};

/* One row's game, in memory of the workspace. */
struct ocelot_game {
    const struct ocelot_game_rules *rules;
    const struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    size_t b, features, block; /* `block` points are evaluated at a time */
    const double *x;
    const size_t *of, *size; /* as in struct ocelot_players */
    size_t players;
    const double *reference, *weights; /* [references][features], [references] */
    size_t references;
    double *points, *values;       /* [block][features], [block] */
    double *own, *spread, *colour; /* [features]; [2][features]; [2][players at most] */
    size_t *own_of, *own_size;     /* of superpixels */
    struct ocelot_superpixel_space *space;
    gsl_rng *rng;
};

/* Learns the rules. `choices` (NULL-terminated) are the references that "auto" tries in order. Fails with OCELOT_E_ARGUMENT or OCELOT_E_UNSUPPORTED
 * and a sentence that begins with the name of the method. *out is freed by ocelot_game_forget. */
OCELOT_MUST_USE enum ocelot_status ocelot_game_learn(const struct ocelot_plan *plan, const char *method, const char *const *choices,
                                                     struct ocelot_game_rules **out, struct ocelot_error *err);
void ocelot_game_forget(void *rules);

/* Memory for games of a workspace; *out is NULL where the plan has no rules yet. ocelot_game_free accepts NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_game_create(const struct ocelot_plan *plan, struct ocelot_game **out, struct ocelot_error *err);
void ocelot_game_free(struct ocelot_game *game);

/* Begins the game of row b of the batch, x [features]: players, reference rows. */
void ocelot_game_open(struct ocelot_game *game, const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *x);

/* The generator of everything drawn, at the start of the stream of the setting `seed`. */
gsl_rng *ocelot_game_stream(struct ocelot_game *game);

/* Values of n coalitions z [n][players], 1 = present and 0 = absent, into out [n]; z NULL = nobody
 * is present in any. Costs n * references evaluations. */
void ocelot_game_values(struct ocelot_game *game, const double *z, size_t n, double *out);

/* f at n points [n][features] of the caller, and at the row. */
void ocelot_game_evaluate(struct ocelot_game *game, const double *points, size_t n, double *out);
double ocelot_game_full(struct ocelot_game *game);

/* Value of the empty coalition: mean of f over the reference rows. */
double ocelot_game_empty(struct ocelot_game *game);

/* Answers with one value and error [players] for each player, spread evenly over its features. */
void ocelot_game_answer(struct ocelot_game *game, const double *relevance, const double *error, double constant);

#endif
