/* The header of a LIBSVM model file: every line above `SV`, checked but not yet made a machine. */
#ifndef OCELOT_SVM_HEADER_H
#define OCELOT_SVM_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "svm/kernel.h"
#include "svm/machine.h"
#include "svm/scan.h"

/* The numbers of one header line, as many as really stand there. */
struct ocelot_header_list {
    double *values;
    size_t count, capacity;
    size_t line; /* where it stands; 0 = absent */
};

struct ocelot_header {
    const struct ocelot_machine_type *type;
    const char *kernel_word; /* one of linear, polynomial, rbf, sigmoid, precomputed; static */
    double gamma, coef0;     /* NaN when absent */
    long long degree;        /* -1 when absent */
    long long nr_class, total_sv;
    struct ocelot_header_list rho, label, prob_a, prob_b, density, members;
    size_t seen[16]; /* line of each key of the table, 0 = not yet */
};

/* Reads up to and including the `SV` line. On failure the header is still to be released. */
OCELOT_MUST_USE enum ocelot_status ocelot_header_read(struct ocelot_scan *scan, struct ocelot_header *header);

void ocelot_header_release(struct ocelot_header *header);

/* Moves type, counts, constants and class data into the machine (count, classes and pairs, not yet allocated vectors). */
OCELOT_MUST_USE enum ocelot_status ocelot_header_apply(const struct ocelot_header *header, struct ocelot_machine *machine, struct ocelot_error *err);

/* The line of the key that `expected` begins with ("gamma: ..."), or of kernel_type where that key is absent. */
size_t ocelot_header_line(const struct ocelot_header *header, const char *expected);

#endif
