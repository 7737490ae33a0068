/* Scalings in files of their own: svm-scale's range files and the .scale files of R's e1071, told apart by their content. */
#ifndef OCELOT_SVM_RANGE_H
#define OCELOT_SVM_RANGE_H

#include "svm/machine.h"

/* Reads the file and makes it the machine's scaling. Features that only the file names widen the machine; features that an svm-scale file does
 * not name are dropped by svm-scale, so they get the factor 0 (and OCELOT_E_FORMAT if a support vector has one); an empty line of a .scale file
 * leaves its feature as it is. OCELOT_E_ARGUMENT if the machine has a scaling already. */
OCELOT_MUST_USE enum ocelot_status ocelot_range_apply(struct ocelot_machine *machine, const char *path, size_t memory_limit,
                                                      struct ocelot_error *err);

/* The same from memory; `name` stands for the path. */
OCELOT_MUST_USE enum ocelot_status ocelot_range_apply_memory(struct ocelot_machine *machine, const char *bytes, size_t size, const char *name,
                                                             size_t memory_limit, struct ocelot_error *err);

#endif
