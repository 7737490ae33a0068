/* That step in one precision. Stamped by total.c. */
void F(ocelot_rule_divide)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                           struct ocelot_sum *sums, struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_rule_group *group = rule->form->group;
    struct F(ocelot_share) shares[OCELOT_NODE_INPUTS];
    size_t size = call->node->size, inputs = call->node->input_count;
    for (size_t b = 0; b < call->rows; b++) {
        struct F(ocelot_quotients) q = {.coefficient = (REAL)(group->one + group->alpha * rule->alpha + group->beta * rule->beta),
                                        .epsilon = (REAL)rule->epsilon,
                                        .relevance = relevance + b * size,
                                        .count = size,
                                        .period = OCELOT_SIGNAL_PERIOD};
        for (size_t k = 0; k < inputs; k++) {
            shares[k].in = call->in[k] + b * size;
            shares[k].back = back[k] + b * size;
        }
        F(ocelot_stretches_divide)(call->team, call->kernels->PRECISION, &q, shares, inputs, &ledger[b].absorbed, &ledger[b].leaked);
        for (size_t k = 0; k < inputs; k++)
            sums[b * inputs + k] = (struct ocelot_sum){.sum = shares[k].sum[0], .magnitude = shares[k].magnitude[0]};
    }
}
