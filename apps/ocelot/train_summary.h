/* What `ocelot train` says in the end. */
#ifndef OCELOT_TRAIN_SUMMARY_H
#define OCELOT_TRAIN_SUMMARY_H

#include "ocelot/svm.h"

/* What the model does not know itself. */
struct ocelot_training_told {
    const char *output, *save_range, *patch; /* as asked for; NULL = not */
    const struct ocelot_train_options *options;
    size_t rows; /* that were read and used */
};

/* On standard error. */
void ocelot_train_summary(const struct ocelot_training_told *told, const struct ocelot_model *model);

#endif
