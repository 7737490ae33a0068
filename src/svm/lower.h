/* Kernel machines as networks: which layers a machine becomes, and how the network's outputs are read (docs/mathematics.md, section 1). */
#ifndef OCELOT_SVM_LOWER_H
#define OCELOT_SVM_LOWER_H

#include "svm/machine.h"

/* Builds the network: Input [-> Scale] -> the layers of the kernel's family and the machine's role. machine->sums must be set. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_lower(const struct ocelot_machine *machine, struct ocelot_graph **out, struct ocelot_error *err);

/* The same layers onto node `input`, the features, of a graph that goes on. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_append(const struct ocelot_machine *machine, struct ocelot_graph *graph, size_t input,
                                                         struct ocelot_error *err);

/* Sets machine->sums of distance classifiers. OCELOT_E_UNSUPPORTED when a pair has only one side: then no input changes the decision. */
OCELOT_MUST_USE enum ocelot_status ocelot_machine_group(struct ocelot_machine *machine, struct ocelot_error *err);

/* o* = -log(rho / A) with A = sum_j a_j (stored in *sum), computed with log1p and a compensated sum so that rho near A keeps its digits.
 * NaN for rho <= 0. */
double ocelot_machine_threshold(const struct ocelot_machine *machine, double *sum);

/* How outputs of the four kinds of networks become decisions. One-class: output 0 is o (distance) or rho - f (dot product). Classifiers: outputs
 * 0 .. pairs-1 are what is explained, y_p; a distance classifier has pairs more behind them, o+ of each pair, from which f comes back exactly.
 * Regressors: the value. */
extern const struct ocelot_reading ocelot_reading_distance_one_class, ocelot_reading_dot_one_class, ocelot_reading_distance_classifier,
    ocelot_reading_dot_classifier, ocelot_reading_regressor;

/* Scores that add up, of the members of an ensemble or of the positions of a patch: the threshold is the model's own, and LIBSVM has no decision
 * value for them. */
extern const struct ocelot_reading ocelot_reading_sum;

#endif
