/* Prepared weight parts and the generic relevance step, in one precision. Stamped by rules/rule.h. */

/* One weight part of one node, made once per plan. */
struct F(ocelot_part) {
    const struct ocelot_weight_part *weight;
    bool own;       /* the part leaves weights as they are: those of the call are used */
    REAL *weights;  /* the node's weights through the part; NULL where own, never used, or for ops without weights */
    void *prepared; /* the op's packed copy of them, or NULL */
};

/* The parts of a node's rule. */
struct F(ocelot_parts) {
    struct F(ocelot_part) part[OCELOT_RULE_GROUPS * OCELOT_RULE_TERMS]; /* parallel to group, term */
    REAL *bias[OCELOT_RULE_GROUPS];                                     /* bias through the group's part, or NULL */
    bool nonnegative;                                                   /* no input of the node is ever below zero */
    struct F(ocelot_part) magnitudes;                                   /* |w|, where a group's z is made of halves; weights NULL = none is */
    REAL *magnitude;                                                    /* |bias|, likewise */
    struct F(ocelot_part) split;                                        /* for the op's transpose_split, or `prepared` NULL */
};

/* A plan's footing for parts: both directions. Takes the memory of the parts of `rule` at a node from the arena, and, once the arena is open, fills
 * it from `weights`, the node's (none for ops without). Parts that only inputs below zero would meet are left out where the inputs are `nonnegative`.
 * `rectified` says that relevance is only where outputs are above zero: z is made of halves then, where it can be (rule_group.halves), which takes
 * one product for two and is as exact, for z is at least half of the sum of all magnitudes there. Called twice, as ocelot_arena asks. */
void F(ocelot_parts_prepare)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_rule *rule, bool nonnegative,
                             bool rectified, const struct ocelot_numbers *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena);

/* Relevance [rows][size] of the node -> back[k] [rows][size of input k], and their sums [rows][inputs]; adds what is absorbed and leaked to ledger
 * [rows].
 * `call` holds the node's activations in and out, and its own weights; its bias is ignored. */
void F(ocelot_rule_step)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts,
                         const REAL *relevance, REAL *const *back, struct ocelot_sum *sums, struct ocelot_ledger_entry *ledger);

/* The same where ocelot_rule_divides, in one pass and without the node's out. */
void F(ocelot_rule_divide)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                           struct ocelot_sum *sums, struct ocelot_ledger_entry *ledger);

/* What a group that ocelot_rule_splits sends: as the sum over its terms of sign part(in) W_part^T s, added to `back` where something has been `sent`.
 * `call` has what was prepared, and scratch; above, below [rows][size of the input] are room. */
void F(ocelot_rule_send_split)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct ocelot_rule_group *group,
                               const REAL *s, bool sent, REAL *above, REAL *below, REAL *back, struct ocelot_sum *sums);
