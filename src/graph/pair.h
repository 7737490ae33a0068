/* Two nodes that are computed in one step, because passing the activations between them once is less than passing them node by node: the first feeds
 * only the second, and both carry their own relevance. Found by the plan (run/plan.c) through the second's op. The results are those of the single
 * steps to rounding. */
#ifndef OCELOT_GRAPH_PAIR_H
#define OCELOT_GRAPH_PAIR_H

#include "graph/graph.h"
#include "graph/rule.h"

struct ocelot_pair_call {
    const struct ocelot_node *first, *second;
    const struct ocelot_rule *rule; /* the second's */
    const struct ocelot_kernels *kernels;
    size_t rows;
    const struct ocelot_held *held; /* which features rows of `in` hold, where that is known */
    const double *in;               /* activations of the first's input */
    double *middle;                 /* of the first; where the pair is narrow, whatever it keeps there */
    const double *out;              /* of the second */
    const double *weights;
    const void *prepared; /* the first's */
    const void *narrow;   /* what prepare_narrow made, or NULL */
    double *shares;       /* [rows][size of the first], to be used at will */
    double *scratch;
};

struct ocelot_pair {
    const struct ocelot_op *first;

    /* Whether the second node with its input is such a pair under its rule. */
    bool (*allows)(const struct ocelot_node *second, const struct ocelot_rule *rule);

    /* Relevance of the second [rows][size] -> back [rows][size of the first's input]; writes the two nodes' ledger entries, [rows] each, zero before,
     * but for `received` and `magnitude` of the second and `passed` of the first, which the walk knows. Where the pair knows what each row passes,
     * all of one sign, it writes that to `sums` [rows], and returns true. */
    bool (*relevance)(const struct ocelot_pair_call *call, const double *relevance, double *back, struct ocelot_ledger_entry *first,
                      struct ocelot_ledger_entry *second, double *sums);

    /* In float inside, where `narrows`: going forward is one step as well, and the first node has no activations but what the pair keeps in
     * `middle`; `widen` tells those of one row. Inputs and outputs are double. prepare_narrow fills narrow_bytes from the first's weights. */
    bool (*narrows)(const struct ocelot_node *second, const struct ocelot_footing *footing);
    size_t (*narrow_bytes)(const struct ocelot_node *second, const struct ocelot_kernels *kernels);
    void (*prepare_narrow)(const struct ocelot_node *second, const struct ocelot_kernels *kernels, const double *points, void *prepared);
    size_t (*narrow_scratch)(const struct ocelot_node *second, size_t rows);
    void (*forward_narrow)(const struct ocelot_pair_call *call, double *out);
    void (*relevance_narrow)(const struct ocelot_pair_call *call, const double *relevance, double *back, struct ocelot_ledger_entry *first,
                             struct ocelot_ledger_entry *second);
    void (*widen)(const struct ocelot_pair_call *call, size_t row, double *middle);
};

#endif
