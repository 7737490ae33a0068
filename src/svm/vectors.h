/* The SV lines of a LIBSVM model file: first surveyed, then, when it is known how much room they need, read. */
#ifndef OCELOT_SVM_VECTORS_H
#define OCELOT_SVM_VECTORS_H

#include "svm/header.h"

/* What a survey of the SV lines found. */
struct ocelot_vectors_survey {
    long lowest, highest; /* feature indices that occur; lowest > highest when none does */
    long highest_serial;  /* of precomputed files: the greatest n of `0:n` */
};

/* Checks every SV line (numbers, ascending indices, coefficients, serial numbers, line ends, exactly total_sv of them) without storing anything.
 * On success `scan` stands behind the last one. */
OCELOT_MUST_USE enum ocelot_status ocelot_vectors_survey(struct ocelot_scan *scan, const struct ocelot_header *header,
                                                         struct ocelot_vectors_survey *survey);

/* Reads the surveyed lines into machine->coefficients and machine->support (allocated, zeroed). Features of a precomputed file with a card are
 * numbered from 1 whatever machine->first is. `rows` [][machine->width], if not NULL, are looked up by serial number instead. */
OCELOT_MUST_USE enum ocelot_status ocelot_vectors_read(struct ocelot_scan *scan, const struct ocelot_header *header, const double *rows,
                                                       struct ocelot_machine *machine);

#endif
