/* Writing an explainer: the one contract that every method fulfils, the library's own and those of other libraries (ocelot/analysis.h), and the
 * function view, which is all that a method sees of a model unless it propagates: evaluate, gradient, tap; never a layer's weights. */
#ifndef OCELOT_EXPLAINER_H
#define OCELOT_EXPLAINER_H

#include <stdint.h>

#include "ocelot/explain.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ocelot_node;
struct ocelot_rule;

/* One method. Const, static storage; listed once in a NULL-terminated table: the library's own, or `ocelot_plan_options.explainers`. */
struct ocelot_explainer {
    struct ocelot_method method; /* what listings show; `options` is its option table */
    size_t settings_size;        /* of the struct that the option table fills; 0 = no options */
    bool is_signed;              /* relevances may be negative: shares are of sum |R| */
    bool samples;                /* its answers carry standard errors */

    /* Whether the definition allows this model; the sentence says what to use instead. NULL = always. */
    enum ocelot_status (*allows)(const struct ocelot_model *model, const void *settings, struct ocelot_error *err);

    /* Propagation methods of the library: the rule of one node. NULL for all others. */
    enum ocelot_status (*rule)(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err);

    /* Once a plan, at its end: what is learnt from background rows or the model, kept as ocelot_view_knowledge and released with the plan. May
     * make a workspace of the plan for itself. Either may be NULL. */
    enum ocelot_status (*learn)(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err);
    void (*forget)(void *knowledge);

    /* Doubles it wants in every workspace (ocelot_view_extra); NULL = none. Called after `learn`. */
    size_t (*extra)(const struct ocelot_plan *plan);

    /* Once a workspace: state that is not doubles, such as a generator of another library. Either may be NULL; `end` and
     * `forget` accept NULL, what a failed `begin` or `learn` leaves. */
    enum ocelot_status (*begin)(const struct ocelot_plan *plan, void **state, struct ocelot_error *err);
    void (*end)(void *state);

    /* Explains the `rows` rows of the workspace, whose forward walk and decisions are done; x [rows][features] are the raw rows, of which those
     * with a bad decision status must not be read. Calls ocelot_view_answer (or _answer_players) for every good row. Allocates nothing. The
     * result for a row may depend on the row, the settings and the background alone: not on its neighbours, the batch or the thread. */
    void (*run)(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *x, size_t rows);
};

/* --- what a method finds --------------------------------------------------------------------------------------------------------- */

OCELOT_API const struct ocelot_model *ocelot_view_model(const struct ocelot_plan *plan);
OCELOT_API const void *ocelot_view_settings(const struct ocelot_plan *plan);
OCELOT_API const void *ocelot_view_knowledge(const struct ocelot_plan *plan);
OCELOT_API double *ocelot_view_extra(struct ocelot_workspace *workspace);
OCELOT_API void *ocelot_view_state(struct ocelot_workspace *workspace);

/* What a plan for another model, which a method makes for itself, has from this one: arithmetic, batch, and whether weights are permuted. */
OCELOT_API void ocelot_view_inherit(const struct ocelot_plan *plan, struct ocelot_plan_options *options);

/* The decision of row b of the batch at hand: `output` is f(x), `target` the output that is explained. */
OCELOT_API const struct ocelot_decision *ocelot_view_decision(const struct ocelot_workspace *workspace, size_t b);

/* Background rows [count][features], raw, all finite, and their weights [count], which sum to 1: those of the plan's options with equal weights, or
 * where there are none the support vectors of a one-class model with their a_j / A. count = 0: there are none. Owned by the plan. */
struct ocelot_background {
    const double *rows, *weights;
    size_t count;
    bool is_support; /* they are support vectors, which lie at the border, and not rows of data */
};
OCELOT_API struct ocelot_background ocelot_view_background(const struct ocelot_plan *plan);

/* Who plays: the groups of the plan's options, or every feature by itself. of [features] is each feature's player, size [count] how many features
 * each has. Sampling methods replace all features of a player together. */
struct ocelot_players {
    const size_t *of, *size;
    size_t count;
};
OCELOT_API struct ocelot_players ocelot_view_players(const struct ocelot_plan *plan);

/* --- the function view ----------------------------------------------------------------------------------------------------------- */

/* f at n points [n][features], raw, which may be any number: the output that is explained for row b, into out [n]. Where it overflows: NaN or
 * infinity. Batches go through the plan's fast path. */
OCELOT_API void ocelot_view_evaluate(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *points, size_t n,
                                     double *out);

/* Likewise with the gradient [n][features] at every point; `out` may be NULL. */
OCELOT_API void ocelot_view_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *points, size_t n,
                                     double *out, double *gradient);

/* Activation of a layer [its size] and gradient of f with respect to it, at one point. Either may be NULL. */
OCELOT_API void ocelot_view_tap(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *point, size_t layer,
                                double *activation, double *gradient);

/* --- answers --------------------------------------------------------------------------------------------------------------------- */

/* Row b's relevance [features] and its standard errors [features] (NULL unless the method samples). The ledger gets f = sum R + constant + residual:
 * `constant` is what the definition sets aside, such as f at a reference point; 0 where there is none. */
OCELOT_API void ocelot_view_answer(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *relevance,
                                   const double *error, double constant);

/* The same with one value for each player: spread evenly over its features, so that groups sum to it; so are the errors. */
OCELOT_API void ocelot_view_answer_players(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, size_t b, const double *relevance,
                                           const double *error, double constant);

#ifdef __cplusplus
}
#endif

#endif
