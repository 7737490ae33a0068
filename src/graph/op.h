/* The contract of an op: one const struct each, in src/ops, listed once in src/ops/table.c. There is no op enum and no switch over ops. */
#ifndef OCELOT_GRAPH_OP_H
#define OCELOT_GRAPH_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/shape.h"
#include "base/text.h"
#include "kernels/kernels.h"
#include "ocelot/explain.h"

struct ocelot_node;
struct ocelot_rule;

enum ocelot_op_traits {
    OCELOT_OP_AFFINE = 1,      /* out = W in + b: forward and transpose accept other weights; every rule works on it */
    OCELOT_OP_ELEMENTWISE = 2, /* out_i depends on in_i alone: relevance passes */
    OCELOT_OP_SOURCE = 4       /* no inputs */
};

/* One batch of rows through one node. Arrays are [rows][size of the node]. */
struct ocelot_call {
    const struct ocelot_node *node;
    const struct ocelot_kernels *kernels;
    size_t rows;
    const double *const *in; /* activations of the node's inputs */
    const double *out;       /* the node's own activations (transpose, relevance) */
    const double *weights;   /* affine ops: the weights to use, in the op's own layout (the model's or a rule's); NULL = none needed */
    const double *bias;      /* affine ops: the bias to use, or NULL for none */
    const void *prepared;    /* what `prepare` made for these weights, or NULL */
    double *scratch;         /* `scratch(node, rows)` doubles */
};

/* The verbs. `in`, `out` never overlap. Functions never allocate and cannot fail once a plan exists. */
struct ocelot_op {
    const char *name;
    unsigned traits;
    size_t inputs; /* how many; SIZE_MAX = one or more */

    /* Checks inputs and parameters and gives the node's shape: the only writer of shapes. */
    enum ocelot_status (*infer)(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err);

    /* out = op(in). */
    void (*forward)(const struct ocelot_call *call, double *out);

    /* back = (d out / d in_k)^T s at `call->in`: for affine ops W^T s with call->weights, otherwise the gradient. */
    void (*transpose)(const struct ocelot_call *call, size_t k, const double *s, double *back);

    /* Non-affine ops only: relevance [rows][size] -> back[k] [rows][size of input k], and adds to `ledger` [rows].
     * NULL = passes through an element-wise op. */
    void (*relevance)(const struct ocelot_call *call, const struct ocelot_rule *rule, const double *relevance, double *const *back,
                      struct ocelot_ledger_entry *ledger);

    /* Affine ops: the model's own weights and bias (either NULL) with their counts. */
    const double *(*weights)(const struct ocelot_node *node, size_t *count);
    const double *(*bias)(const struct ocelot_node *node, size_t *count);

    /* Doubles of scratch for a batch of `rows`; NULL = none. */
    size_t (*scratch)(const struct ocelot_node *node, size_t rows);

    /* Bytes that `prepare` fills (64-byte aligned) with a packed copy of `weights`, once per plan; NULL = none. */
    size_t (*prepared_bytes)(const struct ocelot_node *node, const struct ocelot_kernels *kernels);
    void (*prepare)(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const double *weights, void *prepared);

    /* Parameters in words, and their number, for inspect. */
    void (*describe)(const struct ocelot_node *node, struct ocelot_text *out);
    size_t (*parameters)(const struct ocelot_node *node);

    /* Frees what params point to (not params itself); NULL = nothing. */
    void (*release)(void *params);
};

#endif
