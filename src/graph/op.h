/* The contract of an op: one const struct each, in src/ops, listed once in src/ops/table.c. There is no op enum and no switch over ops. */
#ifndef OCELOT_GRAPH_OP_H
#define OCELOT_GRAPH_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/shape.h"
#include "base/team.h"
#include "base/text.h"
#include "graph/numbers.h"
#include "kernels/kernels.h"
#include "ocelot/explain.h"

struct ocelot_node;
struct ocelot_rule;
struct ocelot_pair; /* graph/pair.h */

enum ocelot_op_traits {
    OCELOT_OP_AFFINE = 1,      /* out = W in + b: forward and transpose accept other weights; every rule works on it */
    OCELOT_OP_ELEMENTWISE = 2, /* out_i depends on in_i alone: relevance passes */
    OCELOT_OP_SOURCE = 4,      /* no inputs */
    OCELOT_OP_RECTIFIER = 8,   /* element-wise: keeps what is positive, and less or nothing of what is not */
    OCELOT_OP_POSITIVE = 16,   /* no output is below zero, whatever the inputs */
    OCELOT_OP_KEEPS_SIGN = 32, /* no output is below zero where no input is (Arrange: and its constant is not) */
    OCELOT_OP_SAME = 64,       /* its transpose gives every input s itself */
    OCELOT_OP_IN_PLACE = 128   /* forward may write over its input */
};

/* What a plan has chosen for a node: what preparing and scratch depend on.
 * blocks [1 + inputs] says how out, and then every input, stand: 1 = plain, [C][H][W]; B = in blocks of B channels, [C / B][H][W][B], which divide C
 * and fill vectors, so that layers of float activations follow one another without reordering. NULL = all plain. */
enum ocelot_footing_points { OCELOT_POINTS_CHOSEN, OCELOT_POINTS_DENSE, OCELOT_POINTS_SPARSE };
struct ocelot_footing {
    const struct ocelot_kernels *kernels;
    const size_t *blocks;
    enum ocelot_footing_points points; /* of Distance: all coordinates, those that are not 0, or whichever way is the faster */
    bool forward, transpose;           /* which of the two the prepared weights are for */
    bool split;     /* transpose: those above and below zero apart (transpose_split); prepared_bytes is 0 where that saves nothing */
    size_t threads; /* of the team: what the scratch has room for */
};

enum ocelot_op_blocks {
    OCELOT_BLOCKS_NONE, /* plain activations only */
    OCELOT_BLOCKS_SAME, /* out and inputs alike */
    OCELOT_BLOCKS_ANY   /* any mixture */
};

#define OCELOT_BODY "graph/arithmetic_body.h"
#include "base/stamp.h"

struct ocelot_op {
    const char *name;
    unsigned traits;
    size_t inputs; /* how many; SIZE_MAX = one or more */

    /* Checks inputs and parameters and gives the node's shape: the only writer of shapes. */
    enum ocelot_status (*infer)(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err);

    struct ocelot_arithmetic_f64 f64; /* every op */
    struct ocelot_arithmetic_f32 f32; /* ops of large networks; where `forward` is NULL the node is computed in double also in single plans */

    const struct ocelot_pair *pair; /* what this op makes together with that of its only input; NULL = nothing */

    /* Affine ops, and the points of Distance: the model's own weights (maybe none), and its bias (maybe NULL) with its count. */
    struct ocelot_numbers (*weights)(const struct ocelot_node *node);
    const double *(*bias)(const struct ocelot_node *node, size_t *count);

    /* Parameters in words, and their number, for inspect. */
    void (*describe)(const struct ocelot_node *node, struct ocelot_text *out);
    size_t (*parameters)(const struct ocelot_node *node);

    /* Frees what params point to (not params itself); NULL = nothing. */
    void (*release)(void *params);
};

#endif
