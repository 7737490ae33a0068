/* Plan (immutable: graph, chosen arithmetic, prepared weights, rules) and workspace (one per thread, one allocation). */
#ifndef OCELOT_RUN_PLAN_H
#define OCELOT_RUN_PLAN_H

#include "base/arena.h"
#include "graph/model.h"
#include "graph/pair.h"
#include "ocelot/explain.h"
#include "rules/rule.h"

#define OCELOT_BODY "run/values_body.h"
#include "base/stamp.h"

/* When an array of a workspace is in use, and where it stands among those that share memory (run/sharing.h). */
struct ocelot_stay {
    size_t from, to;  /* steps of the walks */
    size_t at, bytes; /* from the start of what is shared */
};

struct ocelot_node_plan {
    bool single;             /* computed in float: only in single plans, only ops that can, never the first or last node */
    bool nonnegative;        /* never below zero */
    size_t block;            /* channels that stand together in the float activations and signals; 1 = plain */
    bool handed_on;          /* its signal is its input's, too */
    bool in_place;           /* its activation takes the place of its input's, where the plan shares */
    bool in_f64, in_f32;     /* kept as double, as float: in its own precision, and in that of its consumers */
    bool narrow;             /* paired, and in float inside, forward too */
    void *narrow_prepared;   /* what the pair prepared for that */
    bool paired, within;     /* relevance passes this node and its input in one step (graph/pair.h); this node is such an input */
    struct ocelot_rule rule; /* form NULL = the op's own relevance, or passing; pass NULL = the gradient */
    struct ocelot_node_weights_f64 f64;
    struct ocelot_node_weights_f32 f32;    /* one of the two is used */
    struct ocelot_stay activation, signal; /* of the float ones, where the plan shares */
};

struct ocelot_plan {
    const struct ocelot_model *model;
    const struct ocelot_kernels *kernels;
    enum ocelot_footing_points points;        /* how support vectors are kept */
    const struct ocelot_explainer *explainer; /* NULL: score only */
    void *settings;                           /* the explainer's, owned */
    char *settings_text;                      /* what the settings' strings point into, owned */
    struct ocelot_node_plan *nodes;           /* [graph->count] */
    struct ocelot_arena prepared;
    bool sparse; /* support vectors are: rows then are wide, and walks that only read them read the caller's */
    size_t batch;
    size_t capacity; /* rows that a workspace holds: batch, twice that where a pass looks at a reference behind each row */
    size_t threads;  /* of a workspace's team */
    size_t target;   /* SIZE_MAX = chosen row by row */
    double alpha;
    bool log_ratio;           /* networks: the output is log p / (1 - p) of the target instead of its logit */
    bool backward;            /* workspaces hold relevance and gradients */
    bool gradients;           /* gradients are walked, too */
    size_t shared;            /* bytes of the float activations and signals, which share them; 0 = each stands for itself */
    size_t extra;             /* doubles that the explainer wants in a workspace */
    void *knowledge;          /* what the explainer learnt, released by its `forget` */
    const double *background; /* [background_rows][features]; NULL = none */
    double *background_copy;  /* it, where it is the plan's own */
    double *weights;          /* [background_rows], owned */
    size_t background_rows;
    bool background_is_support;   /* they are the support vectors, not rows of data */
    size_t *player, *player_size; /* [features] and [players], owned */
    size_t players;
    size_t randomise; /* seed that the weights are permuted with; 0 = they are the model's */
};

struct ocelot_workspace {
    const struct ocelot_plan *plan;
    struct ocelot_arena arena;
    struct ocelot_team *team;     /* NULL = the caller alone */
    struct ocelot_values_f64 f64; /* double: what explainers read; the first and the last node are always there */
    struct ocelot_values_f32 f32;
    double *extra;
    double *answer, *error;     /* [batch][features]: of methods that do not propagate, and the errors of those that sample */
    size_t forwards, backwards; /* rows that walked so far */
    void *state;                /* the explainer's, released by its `end` */
    double *lack;               /* [batch][features], where the explainer put what comes from lack; NULL = it does not tell */
    /* Called after a node's part in a walk where not NULL: what benches measure layers with. */
    void (*watch)(void *context, size_t node, bool backward);
    void *watch_context;
    void *expected;                              /* room of the kernels' expected_of_rows, of machines with support vectors */
    bool apart;                                  /* of the relevance walk at hand: pairs are walked node by node, so that every signal is relevance */
    int side;                                    /* of the relevance walk at hand: what Distance passes (rule.side); 0 = everything */
    struct ocelot_decision *decision;            /* [batch] */
    struct ocelot_ledger_entry *entries;         /* [batch], of the node at hand */
    struct ocelot_sum *sent;                     /* [batch][inputs], of the node at hand, where it has a rule */
    struct ocelot_ledger_entry *entries_of_pair; /* [batch], of a pair's first node */
    struct ocelot_ledger_entry *ledger;          /* [batch][nodes] */
    double *rows;                                /* [batch][features]: rows given by their entries; 0 between calls */
    struct ocelot_held features;                 /* [batch] of sparse plans: room for what rows hold */
    const struct ocelot_held *held;              /* it, of the rows at hand; NULL = not looked for */
    double *sums;                                /* [batch], of what a pair passes */
};

/* Which walks a plan is for: where only relevance comes back, pairs may be narrow. */
enum ocelot_walks { OCELOT_WALKS_FORWARD, OCELOT_WALKS_RELEVANCE, OCELOT_WALKS_ALL };

/* The part of plan creation that does not know explainers: kernels, batch, packed weights of every node. `rules` [nodes] may be NULL.
 * On failure *out is NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_plan_build(const struct ocelot_model *model, const struct ocelot_plan_options *options,
                                                     const struct ocelot_rule *rules, enum ocelot_walks walks, struct ocelot_plan **out,
                                                     struct ocelot_error *err);

/* Chooses every node's block, and which signals are one with their input's: of nodes in float that pass relevance unchanged to an input that nobody
 * else sends to. Once kernels, precisions and rules are known: as wide as the kernels' vectors between layers that take it. Only walks forward and of
 * relevance take blocks; plans that may walk gradients have none. */
void ocelot_plan_choose_blocks(struct ocelot_plan *plan);

/* blocks [1 + inputs] of node i, as ops want them (ocelot_footing). */
void ocelot_plan_blocks(const struct ocelot_plan *plan, size_t i, size_t *blocks);

/* Where number n of a node's activations, counted as in its shape and row by row, stands in the float ones. */
size_t ocelot_plan_place(const struct ocelot_plan *plan, size_t i, size_t n);

/* --- walks: the first `rows` rows of the workspace ----------------------------------------------------------------------------- */

/* activation[0] must hold the rows; fills every other activation. */
void ocelot_walk_forward(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);

/* Row b of activation[i] in double, of any node of a plan whose walk is done: where it stands, or written to `room` [size of the node]. */
const double *ocelot_walk_activation(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t b, double *room);

/* One step of it, without pairs: activation[i] from the activations of the node's inputs. */
void ocelot_walk_node(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t i, size_t rows);

/* signal[last] must hold the seed d/d output; fills signal[0] = gradient at the input. After a forward walk. */
void ocelot_walk_gradient(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);

/* signal[last] must hold the relevance of the outputs; fills every signal and the ledger [rows][nodes]. After a forward walk. What lies within a pair
 * gets its relevance as signal only where w->apart is set. */
void ocelot_walk_relevance(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows);

/* The same walks with a value a row: f_target(x) of `rows` rows already in activation[0], target[b] for each (NULL = the rows' decisions), into
 * out [rows]; and with the gradient at the input, left in the returned array [rows][features] until the next walk. */
void ocelot_walk_values(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const size_t *target, double *out);
const double *ocelot_walk_slopes(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t rows, const size_t *target, double *out);

#endif
