/* A propagation rule: a row of data that the generic step (src/rules) or an op's own relevance reads. */
#ifndef OCELOT_GRAPH_RULE_H
#define OCELOT_GRAPH_RULE_H

#include <stdbool.h>

struct ocelot_rule_form; /* src/rules/rule.h: which input parts, weight parts, groups and signs */

struct ocelot_rule {
    const struct ocelot_rule_form *form; /* NULL = the op's own relevance */
    double epsilon;                      /* stabiliser: z becomes z + epsilon sign(z), sign(0) = 1 */
    double gamma;                        /* weights become w + gamma w+ */
    double alpha, beta;                  /* alpha - beta = 1 */
    double low, high;                    /* box of the inputs */
    bool bias;                           /* biases stand in the denominators and absorb their share */
    bool conserving;                     /* soft-min: R_j = p_j R instead of R/o p_j min(o, phi_j) */
};

#endif
