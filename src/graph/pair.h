/* Two nodes that are computed in one step, because passing the activations between them once is less than passing them node by node: the first feeds
 * only the second, and both carry their own relevance. Found by the plan (run/plan.c) through the second's op. The results are those of the single
 * steps to rounding. */
#ifndef OCELOT_GRAPH_PAIR_H
#define OCELOT_GRAPH_PAIR_H

#include "graph/graph.h"
#include "graph/rule.h"

struct ocelot_pair_call {
    const struct ocelot_node *first, *second;
    const struct ocelot_kernels *kernels;
    size_t rows;
    const double *in;     /* activations of the first's input */
    const double *middle; /* of the first */
    const double *out;    /* of the second */
    const double *weights;
    const void *prepared; /* the first's */
    double *shares;       /* [rows][size of the first], to be used at will */
    double *scratch;
};

struct ocelot_pair {
    const struct ocelot_op *first;

    /* Whether the second node with its input is such a pair under its rule. */
    bool (*allows)(const struct ocelot_node *second, const struct ocelot_rule *rule);

    /* Relevance of the second [rows][size] -> back [rows][size of the first's input]; writes the two nodes' ledger entries, [rows] each, zero before,
     * but for `received` and `magnitude` of the second and `passed` of the first, which the walk knows. */
    void (*relevance)(const struct ocelot_pair_call *call, const double *relevance, double *back, struct ocelot_ledger_entry *first,
                      struct ocelot_ledger_entry *second);
};

#endif
