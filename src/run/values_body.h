/* What plans and workspaces hold in one precision. Stamped by run/plan.h. */

/* A node's own weights and those of its rule. */
struct F(ocelot_node_weights) {
    const REAL *weights, *bias; /* the model's, or the plan's copy in this precision; NULL = none */
    void *prepared;             /* the op's packed copy of the weights, or NULL */
    struct F(ocelot_parts) parts;
};

struct F(ocelot_values) {
    REAL **activation;                             /* [nodes] each [batch][size], NULL where not kept in this precision */
    REAL **signal;                                 /* [nodes] relevance or gradient, likewise; NULL in score-only plans */
    REAL *shared;                                  /* what activations and signals share, or NULL */
    bool *summed;                                  /* [nodes], of the relevance walk at hand: the ledger knows what the node received */
    bool *reached;                                 /* [nodes], of the walk at hand: something has been sent to the node's signal */
    const struct F(ocelot_node_weights) * instead; /* [nodes] what the gradient walk uses where weights are not NULL; NULL = the nodes' own */
    REAL *returned;                                /* what one node sends to inputs that were reached before, one after another */
    REAL *scratch;
};
