/* The same in one precision. Stamped by split.c. */

/* With W_part = a W+ + b W-, the sum over terms of sign part(x) a, of `above`, and of sign part(x) b, of `below`, for inputs x of channel c. */
static struct F(ocelot_blend) F(blend_of)(const struct ocelot_rule *rule, const struct ocelot_rule_group *group, size_t c)
{
    double positive[2] = {0}, negative[2] = {0}, constant[2] = {0};
    for (size_t t = 0; t < group->terms; t++) {
        const struct ocelot_input_part *part = group->term[t].input;
        const struct ocelot_weight_part *weight = group->term[t].weight;
        const double factor[2] = {group->term[t].sign * weight->value(1, rule), -group->term[t].sign * weight->value(-1, rule)};
        for (size_t h = 0; h < 2; h++) {
            positive[h] += factor[h] * part->positive;
            negative[h] += factor[h] * part->negative;
            constant[h] += factor[h] * (part->one + part->low * rule->low[c] + part->high * rule->high[c]);
        }
    }
    struct F(ocelot_blend) blend;
    for (size_t h = 0; h < 2; h++) {
        blend.positive[h] = (REAL)positive[h];
        blend.negative[h] = (REAL)negative[h];
        blend.constant[h] = (REAL)constant[h];
    }
    return blend;
}

void F(ocelot_rule_send_split)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct ocelot_rule_group *group,
                               const REAL *s, bool sent, REAL *above, REAL *below, REAL *back, struct ocelot_sum *sums)
{
    const struct F(ocelot_signals) *signals = call->kernels->PRECISION;
    size_t size = ocelot_node_input(call->node, 0)->size, channels = rule->channels ? rule->channels : 1, spread = size / channels;
    REAL *to = sent ? above : back;
    call->node->op->PRECISION.transpose_split(call, s, above, below);
    for (size_t n = 0; n < call->rows * channels; n++) {
        struct F(ocelot_blend) blend = F(blend_of)(rule, group, n % channels);
        struct ocelot_sum *sum = &sums[n / channels], one;
        size_t at = n * spread;
        one.sum = F(ocelot_stretches_blend)(call->team, signals, call->in[0] + at, &blend, above + at, below + at, spread, to + at, &one.magnitude);
        if (sent)
            one.sum = F(ocelot_stretches_add_up)(call->team, signals, to + at, spread, back + at, &one.magnitude);
        sum->sum = one.sum + (n % channels > 0 ? sum->sum : 0);
        sum->magnitude = one.magnitude + (n % channels > 0 ? sum->magnitude : 0);
    }
}
