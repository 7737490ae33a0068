/* Prepared weight parts and the generic relevance step, in one precision. Stamped by rules/rule.h. */

/* One weight part of one node, made once per plan. */
struct F(ocelot_part) {
    const struct ocelot_weight_part *weight;
    REAL *weights;  /* the node's weights through the part; NULL for ops without weights */
    void *prepared; /* the op's packed copy of them, or NULL */
};

/* The parts of a node's rule. */
struct F(ocelot_parts) {
    struct F(ocelot_part) part[OCELOT_RULE_GROUPS * OCELOT_RULE_TERMS]; /* parallel to group, term */
    REAL *bias[OCELOT_RULE_GROUPS];                                     /* bias through the group's part, or NULL */
};

/* Takes the memory of the parts of `rule` at a node from the arena, and, once the arena is open, fills it from `weights`, the node's (NULL for ops
 * without). Called twice, as ocelot_arena asks. */
void F(ocelot_parts_prepare)(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const struct ocelot_rule *rule,
                             const double *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena);

/* Relevance [rows][size] of the node -> back[k] [rows][size of input k]; adds what is absorbed and leaked to ledger [rows].
 * `call` holds the node's activations in and out; its weights, bias and prepared members are ignored. */
void F(ocelot_rule_step)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts,
                         const REAL *relevance, REAL *const *back, struct ocelot_ledger_entry *ledger);
