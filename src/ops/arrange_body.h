/* Arrange in one precision. Stamped by arrange.c. */
static void F(forward_in_order)(const struct F(ocelot_call) * call, REAL *out)
{
    for (size_t b = 0; b < call->rows; b++)
        for (size_t k = 0; k < call->node->input_count; k++) {
            size_t size = ocelot_node_input(call->node, k)->size;
            F(ocelot_stretches_copy)(call->team, call->in[k] + b * size, size, out);
            out += size;
        }
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    const struct ocelot_node *node = call->node;
    const struct arrange_params *p = node->params;
    const size_t *blocks = call->blocks;
    size_t size = node->size;
    if (follows(node, blocks)) {
        F(forward_in_order)(call, out);
        return;
    }
    struct source source = first_source(node);
    for (size_t b = 0; b < call->rows; b++)
        for (size_t n = 0; n < size; n++) {
            size_t at = 0;
            REAL *to = out + b * size + ocelot_node_place(node, blocks ? blocks[0] : 1, n);
            if (comes_from(node, n, &source, &at))
                *to = call->in[source.k][b * (source.end - source.begin) +
                                         ocelot_node_place(ocelot_node_input(node, source.k), blocks ? blocks[1 + source.k] : 1, at)];
            else
                *to = (REAL)p->constant;
        }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    const struct ocelot_node *node = call->node;
    const size_t *blocks = call->blocks;
    size_t size = node->size, own = ocelot_node_input(node, k)->size, begin = 0;
    bool whole = follows(node, blocks);
    struct source source = first_source(node);
    for (size_t i = 0; i < k; i++)
        begin += ocelot_node_input(node, i)->size;
    if (!whole)
        memset(back, 0, call->rows * own * sizeof *back);
    for (size_t b = 0; b < call->rows; b++, s += size, back += own) {
        if (whole)
            F(ocelot_stretches_copy)(call->team, s + begin, own, back);
        for (size_t n = 0; !whole && n < size; n++) {
            size_t at = 0;
            if (comes_from(node, n, &source, &at) && source.k == k)
                back[ocelot_node_place(ocelot_node_input(node, k), blocks ? blocks[1 + k] : 1, at)] +=
                    s[ocelot_node_place(node, blocks ? blocks[0] : 1, n)];
        }
    }
}

static void F(relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                         struct ocelot_ledger_entry *ledger)
{
    const struct arrange_params *p = call->node->params;
    size_t size = call->node->size;
    (void)rule;
    for (size_t k = 0; k < call->node->input_count; k++)
        F(transpose)(call, k, relevance, back[k]);
    for (size_t b = 0; p->map && b < call->rows; b++)
        for (size_t n = 0; n < size; n++)
            if (p->map[n] == OCELOT_ARRANGE_CONSTANT)
                ledger[b].absorbed += (double)relevance[b * size + ocelot_node_place(call->node, call->blocks ? call->blocks[0] : 1, n)];
}
