/* What an op computes, in one precision. Stamped by graph/op.h. */

/* One batch of rows through one node. Arrays are [rows][size of the node]. */
struct F(ocelot_call) {
    const struct ocelot_node *node;
    const struct ocelot_kernels *kernels;
    struct ocelot_team *team; /* shares the work out; NULL = the caller alone */
    size_t rows;
    const REAL *const *in;          /* activations of the node's inputs */
    const REAL *out;                /* the node's own activations (transpose, relevance) */
    const struct ocelot_held *held; /* which features the rows of the input hold, where that is known */
    const size_t *blocks;           /* how out and every input stand (ocelot_footing); NULL = plain */
    const REAL *weights;            /* affine ops: the weights to use, in the op's own layout (the model's or a rule's); NULL = none needed */
    const REAL *bias;               /* affine ops: the bias to use, or NULL for none */
    const void *prepared;           /* what `prepare` made for these weights, or NULL */
    REAL *scratch;                  /* `scratch(node, rows)` numbers */
};

/* The verbs. `in`, `out` never overlap but for ops with OCELOT_OP_IN_PLACE. Functions never allocate and cannot fail once a plan exists. */
struct F(ocelot_arithmetic) {
    /* out = op(in). */
    void (*forward)(const struct F(ocelot_call) * call, REAL *out);

    /* back = (d out / d in_k)^T s at `call->in`: for affine ops W^T s with call->weights, otherwise the gradient. */
    void (*transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back);

    /* Affine ops of one input: above = (W+)^T s and below = (W-)^T s, of the weights above and below zero, by what was prepared so (footing.split).
     * NULL = never. */
    void (*transpose_split)(const struct F(ocelot_call) * call, const REAL *s, REAL *above, REAL *below);

    /* Non-affine ops only: relevance [rows][size] -> back[k] [rows][size of input k], and adds to `ledger` [rows].
     * NULL = passes through an element-wise op. */
    void (*relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                      struct ocelot_ledger_entry *ledger);

    /* Ops that join inputs without being affine: back = M^T s for multipliers M that make up the difference of two rows exactly,
     *   out - out' = M (in - in'),
     * with the rows of the reference, in' and out', behind the `rows` rows of call->in and call->out (DeepLIFT, Shrikumar 2017). NULL: element-wise
     * ops have the quotient of the differences, affine ops their transpose; others none. */
    void (*difference)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back);

    /* Affine ops with weights: sums += d (sum over rows of s . out) / d weights, in the layout of the weights. NULL = no weights. */
    void (*correlate)(const struct F(ocelot_call) * call, const REAL *s, double *sums);

    /* Numbers of scratch for a batch of `rows`; NULL = none. */
    size_t (*scratch)(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows);

    /* Bytes that `prepare` fills (64-byte aligned) with a packed copy of `weights`, once per plan; NULL = none. */
    size_t (*prepared_bytes)(const struct ocelot_node *node, const struct ocelot_footing *footing);
    void (*prepare)(const struct ocelot_node *node, const struct ocelot_footing *footing, const REAL *weights, void *prepared);

    /* Which activations it takes; gradient, correlate and difference are plain always. */
    enum ocelot_op_blocks blocks;

    /* Gives back what `prepare` made beside those bytes; NULL = nothing. */
    void (*prepared_release)(void *prepared);
};
