/* Arrange in one precision. Stamped by arrange.c. */
static void F(forward_in_order)(const struct F(ocelot_call) * call, REAL *out)
{
    for (size_t b = 0; b < call->rows; b++)
        for (size_t k = 0; k < call->node->input_count; k++) {
            size_t size = ocelot_node_input(call->node, k)->size;
            memcpy(out, call->in[k] + b * size, size * sizeof *out);
            out += size;
        }
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    const struct arrange_params *p = call->node->params;
    size_t size = call->node->size;
    if (!p->map) {
        F(forward_in_order)(call, out);
        return;
    }
    struct source source = first_source(call->node);
    for (size_t b = 0; b < call->rows; b++)
        for (size_t n = 0; n < size; n++) {
            if (p->map[n] == OCELOT_ARRANGE_CONSTANT) {
                out[b * size + n] = (REAL)p->constant;
                continue;
            }
            find(call->node, p->map[n], &source);
            out[b * size + n] = call->in[source.k][b * (source.end - source.begin) + p->map[n] - source.begin];
        }
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    const struct arrange_params *p = call->node->params;
    size_t size = call->node->size, own = ocelot_node_input(call->node, k)->size, begin = 0;
    for (size_t i = 0; i < k; i++)
        begin += ocelot_node_input(call->node, i)->size;
    memset(back, 0, call->rows * own * sizeof *back);
    for (size_t b = 0; b < call->rows; b++, s += size, back += own) {
        if (!p->map)
            memcpy(back, s + begin, own * sizeof *back);
        for (size_t n = 0; p->map && n < size; n++)
            if (p->map[n] != OCELOT_ARRANGE_CONSTANT && p->map[n] >= begin && p->map[n] - begin < own)
                back[p->map[n] - begin] += s[n];
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
                ledger[b].absorbed += (double)relevance[b * size + n];
}
