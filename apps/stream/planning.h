/* From options to a plan: settings of the method, bounds of the box, and the target by name, number or part of a name. */
#ifndef OCELOT_STREAM_PLANNING_H
#define OCELOT_STREAM_PLANNING_H

#include "base/text.h"
#include "stream/stream.h"

/* Plan options with the texts that they point to. Start zeroed; free also after failure. */
struct ocelot_planning {
    struct ocelot_plan_options options;
    struct ocelot_text texts; /* one after another, each terminated */
    const char **settings;
};

/* `reader` may be NULL. Fails with OCELOT_E_ARGUMENT for a target that is no output, --box auto without preprocessing, and options that the method
 * does not have. */
OCELOT_MUST_USE enum ocelot_status ocelot_planning_make(struct ocelot_planning *planning, const struct ocelot_model *model,
                                                        const struct ocelot_stream_settings *settings, const struct ocelot_reader_settings *reader,
                                                        struct ocelot_error *err);
void ocelot_planning_free(struct ocelot_planning *planning);

/* The output that `target` names: its name or, of networks, its number from 0 or a part of exactly one name, in any case. SIZE_MAX where there is
 * none; fails for a part of several names. */
OCELOT_MUST_USE enum ocelot_status ocelot_planning_target(const struct ocelot_model *model, const char *target, size_t *out,
                                                          struct ocelot_error *err);

#endif
