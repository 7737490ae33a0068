/* What a model is, as text and as JSON. */
#ifndef OCELOT_OCELOT_INSPECT_H
#define OCELOT_OCELOT_INSPECT_H

#include "base/text.h"
#include "ocelot/model.h"

/* What is shown. */
struct ocelot_inspection {
    const struct ocelot_model *model;
    const char *path;
    size_t features;          /* text: those beyond the first ones are counted only */
    const char *method;       /* that the rules are of; NULL = none */
    const char *const *rules; /* [layers] "" = the layer's own relevance; NULL = no rules */
};

/* For people. */
void ocelot_inspect_text(const struct ocelot_inspection *inspection, struct ocelot_text *out);
/* For programs: one object with everything. */
void ocelot_inspect_json(const struct ocelot_inspection *inspection, struct ocelot_text *out);

/* The line that says who trained the model, and how near to the optimum it came; nothing where that is not known. */
void ocelot_inspect_solver(const struct ocelot_model_info *info, struct ocelot_text *out);

#endif
