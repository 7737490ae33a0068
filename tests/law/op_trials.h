/* Ops with sizes to try them on, one row each, for the laws of single ops (ops.c). */
#ifndef OCELOT_TESTS_LAW_OP_TRIALS_H
#define OCELOT_TESTS_LAW_OP_TRIALS_H

#include "base/rng.h"
#include "ops/ops.h"

enum { OP_TRIAL_INPUTS = 3 };

struct op_instance;

struct op_trial {
    const char *name;
    struct ocelot_shape in[OP_TRIAL_INPUTS];
    size_t inputs;

    /* Appends the op to a graph that holds its inputs as nodes `inputs`. Weights are drawn into the instance's arrays. */
    void (*append)(struct op_instance *instance, const size_t *inputs, struct ocelot_rng *rng);

    /* What the op is of one row, from its definition. */
    void (*truth)(const struct op_instance *instance, const double *const *in, const double *weights, const double *bias, double *out);

    /* What the op wants to know; each op reads its own. */
    struct ocelot_window window;
    size_t outputs, groups, size[2];
    bool bias, count_padding;
    double number[4];
    const struct ocelot_op *op;
};

struct op_instance {
    const struct op_trial *trial;
    struct ocelot_graph *graph;
    uint32_t *map;
};

/* Ends with a NULL name. */
extern const struct op_trial op_trials[];

struct op_instance op_instance_make(const struct op_trial *trial, struct ocelot_rng *rng);
void op_instance_free(struct op_instance *instance);

#endif
