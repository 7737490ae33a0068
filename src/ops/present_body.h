/* Present in one precision. Stamped by present.c. */
static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    memcpy(out, call->in[0], call->rows * call->node->size * sizeof *out);
}

static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    (void)k;
    memcpy(back, s, call->rows * call->node->size * sizeof *back);
}

static void F(relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                         struct ocelot_ledger_entry *ledger)
{
    size_t size = call->node->size;
    for (size_t n = 0; n < call->rows * size; n++) {
        bool passes = rule->absent || call->out[n] != 0;
        back[0][n] = passes ? relevance[n] : 0;
        ledger[n / size].absent += passes ? 0 : (double)relevance[n];
    }
}
