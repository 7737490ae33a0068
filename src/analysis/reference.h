/* What stands for an absent feature. */
#ifndef OCELOT_ANALYSIS_REFERENCE_H
#define OCELOT_ANALYSIS_REFERENCE_H

#include "analysis/game.h"

struct ocelot_reference {
    const char *name;
    /* Whether the plan has it, and what all rows share of it; `argument` is what follows the name's colon, "" without. */
    enum ocelot_status (*learn)(const struct ocelot_plan *plan, const char *argument, struct ocelot_game_rules *rules, struct ocelot_error *err);
    /* What this row alone has, into game->own [features]; NULL = the shared rows. */
    void (*open)(struct ocelot_game *game);
};

/* Finds the reference by the text of the setting and learns it into rules, of which reference, rows, weights and count are written. "auto" tries
 * `choices` (NULL-terminated). */
OCELOT_MUST_USE enum ocelot_status ocelot_reference_learn(const struct ocelot_plan *plan, const char *method, const char *const *choices,
                                                          struct ocelot_game_rules *rules, struct ocelot_error *err);

#endif
