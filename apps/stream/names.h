/* Lists of column names. */
#ifndef OCELOT_STREAM_NAMES_H
#define OCELOT_STREAM_NAMES_H

#include "ocelot/model.h"
#include "ocelot/option.h"

struct ocelot_names {
    char **names;
    size_t count;
};

/* Every text of a repeated option, each cut at its commas. Start zeroed; free also after failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_names_split(struct ocelot_names *names, const struct ocelot_option_list *list, struct ocelot_error *err);
/* The names of a model's features. */
OCELOT_MUST_USE enum ocelot_status ocelot_names_features(struct ocelot_names *names, const struct ocelot_model *model, struct ocelot_error *err);
/* True when these are the names of the model's features, in whatever order. */
OCELOT_MUST_USE enum ocelot_status ocelot_names_match(const struct ocelot_names *names, const struct ocelot_model *model, bool *match,
                                                      struct ocelot_error *err);
void ocelot_names_free(struct ocelot_names *names);

/* True when the features of a model have no names but LIBSVM's indices: f1, f2, ... */
bool ocelot_names_none(const struct ocelot_model *model);

#endif
