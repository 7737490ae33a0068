/* Float activations and signals are kept only as long as somebody is to read them: arrays that are never in use at the same time share memory. */
#ifndef OCELOT_RUN_SHARING_H
#define OCELOT_RUN_SHARING_H

#include "run/plan.h"

/* Of a plan that only walks forward, or forward and once back by rules, with everything but the sharing chosen: when each array is in use, and where
 * in the shared region it stands. Steps are counted as the walks take them: node i is computed in step i, and sends back in step 2 nodes - 1 - i. */
OCELOT_MUST_USE enum ocelot_status ocelot_plan_share(struct ocelot_plan *plan, struct ocelot_error *err);

/* Whether the plan's workspaces do so: not where relevance is walked back twice. */
bool ocelot_plan_shares(const struct ocelot_plan *plan);

/* A workspace whose arrays all stand for themselves, so that every activation and signal is there after the walks. */
OCELOT_MUST_USE enum ocelot_status ocelot_workspace_create_whole(const struct ocelot_plan *plan, struct ocelot_workspace **out,
                                                                 struct ocelot_error *err);

/* With AddressSanitizer, arrays that are not in use in that step must not be touched; otherwise nothing happens. SIZE_MAX: all may be touched. */
void ocelot_sharing_step(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t step);

#endif
