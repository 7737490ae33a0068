/* What of images a one-class SVM is trained on, as options say it. */
#ifndef OCELOT_TRAIN_IMAGES_H
#define OCELOT_TRAIN_IMAGES_H

#include "ocelot/svm.h"

/* NET or NET:LAYER in pieces. Start zeroed; free the text. */
struct ocelot_features_name {
    char *text;               /* what the pieces point into */
    const char *path, *layer; /* layer NULL = none named */
};

/* Layers' names may hold colons: NET is the longest piece before a colon that is a file, or all. */
OCELOT_MUST_USE enum ocelot_status ocelot_features_split(const char *text, struct ocelot_features_name *out, struct ocelot_error *err);

/* "7x9" or "7" into height and width. */
OCELOT_MUST_USE enum ocelot_status ocelot_patch_parse(const char *text, size_t patch[2], struct ocelot_error *err);

#endif
