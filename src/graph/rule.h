/* A propagation rule: a row of data that the generic step (src/rules) or an op's own relevance reads. */
#ifndef OCELOT_GRAPH_RULE_H
#define OCELOT_GRAPH_RULE_H

#include <stdbool.h>
#include <stddef.h>

struct ocelot_rule_form; /* src/rules/rule.h: which input parts, weight parts, groups and signs */
struct ocelot_pass;      /* src/rules/pass.h: how a signal goes back through a layer, in the gradient walk */

/* Most channels that an input with a box of its own for each may have. */
enum { OCELOT_RULE_CHANNELS = 16 };

struct ocelot_rule {
    const struct ocelot_rule_form *form;                          /* NULL = the op's own relevance */
    const struct ocelot_pass *pass;                               /* in the gradient walk; NULL = the gradient */
    double epsilon;                                               /* stabiliser: z becomes z + epsilon sign(z), sign(0) = 1 */
    double gamma;                                                 /* weights become w + gamma w+ */
    double alpha, beta;                                           /* alpha - beta = 1 */
    double low[OCELOT_RULE_CHANNELS], high[OCELOT_RULE_CHANNELS]; /* box of the inputs, channel by channel */
    size_t channels;                                              /* how many of them are set; 1 = the same box for all inputs */
    bool bias;                                                    /* biases stand in the denominators and absorb their share */
    int side;                                                     /* Distance: +1 only inputs above the support vectors', -1 below; 0 = both */
    bool absent;                                                  /* Present: relevance of inputs that are 0 passes too */
    bool conserving;                                              /* soft-min: R_j = p_j R instead of R/o p_j min(o, phi_j) */
};

#endif
