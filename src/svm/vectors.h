/* The SV lines of a LIBSVM model file: first read into a list, then, when it is known how much room they need, laid out. */
#ifndef OCELOT_SVM_VECTORS_H
#define OCELOT_SVM_VECTORS_H

#include <limits.h>

#include "kernels/sparse.h"
#include "svm/header.h"

/* One number of an SV line. */
struct ocelot_vectors_entry {
    double value;
    int index; /* of the feature; -1 - k for coefficient k, of which 0 opens every line; OCELOT_VECTORS_SERIAL for a serial number */
};

enum { OCELOT_VECTORS_SERIAL = INT_MIN };

/* What stands on the SV lines. Start it zeroed. */
struct ocelot_vectors {
    long lowest, highest;                 /* feature indices that occur; lowest > highest when none does */
    long highest_serial;                  /* of precomputed files: the greatest n of `0:n` */
    struct ocelot_vectors_entry *entries; /* in the order of the file; no more than there are words in it */
    size_t count, capacity;
};

/* Reads and checks every SV line (numbers, ascending indices, coefficients, serial numbers, line ends, exactly total_sv of them). On success
 * `scan` stands behind the last one. The list is to be released in any case. */
OCELOT_MUST_USE enum ocelot_status ocelot_vectors_read(struct ocelot_scan *scan, const struct ocelot_header *header, struct ocelot_vectors *vectors);

/* Puts the numbers into machine->coefficients and machine->support (allocated, zeroed, wide enough). Features of a precomputed file with a card
 * are numbered from 1 whatever machine->first is. `rows` [][machine->width], if not NULL, are looked up by serial number instead. */
void ocelot_vectors_lay_out(const struct ocelot_vectors *vectors, const struct ocelot_header *header, const double *rows,
                            struct ocelot_machine *machine);

/* Their entries, of those support vectors that ocelot_machine_drop_zeros keeps, for a machine whose support they have become: what
 * ocelot_entries_list would find there. False, with nothing to free, when out of memory. */
bool ocelot_vectors_entries(const struct ocelot_vectors *vectors, const struct ocelot_header *header, const struct ocelot_machine *machine,
                            struct ocelot_entries *out);

void ocelot_vectors_release(struct ocelot_vectors *vectors);

#endif
