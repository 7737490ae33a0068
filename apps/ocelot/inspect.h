/* What a model is, as text and as JSON. */
#ifndef OCELOT_OCELOT_INSPECT_H
#define OCELOT_OCELOT_INSPECT_H

#include "base/text.h"
#include "ocelot/model.h"

/* For people; features beyond the first `features` are counted only. */
void ocelot_inspect_text(const struct ocelot_model *model, const char *path, size_t features, struct ocelot_text *out);
/* For programs: one object with everything. */
void ocelot_inspect_json(const struct ocelot_model *model, const char *path, struct ocelot_text *out);

#endif
