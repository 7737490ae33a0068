/* The explainers of this room, one const struct each, listed once in table.c. */
#ifndef OCELOT_ANALYSIS_EXPLAINERS_H
#define OCELOT_ANALYSIS_EXPLAINERS_H

#include "ocelot/analysis.h"

/* Turns GSL's error handler off. Called by every `learn` (and public function) of this room before it uses GSL. */
void ocelot_analysis_quiet(void);

#endif
