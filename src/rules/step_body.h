/* The relevance step in one precision. Stamped by step.c. */
static void F(prepare_part)(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const struct ocelot_weight_part *weight,
                            const struct ocelot_rule *rule, const double *own, struct F(ocelot_part) * part, struct ocelot_arena *arena)
{
    const struct F(ocelot_arithmetic) *arithmetic = &node->op->PRECISION;
    size_t count = 0;
    part->weight = weight;
    if (!own)
        return;
    node->op->weights(node, &count);
    part->weights = ocelot_arena_take(arena, count, sizeof *part->weights);
    size_t bytes = arithmetic->prepared_bytes ? arithmetic->prepared_bytes(node, kernels) : 0;
    part->prepared = bytes ? ocelot_arena_take(arena, bytes, 1) : NULL;
    if (!arena->base)
        return;
    for (size_t n = 0; n < count; n++)
        part->weights[n] = (REAL)weight->value(own[n], rule);
    if (part->prepared)
        arithmetic->prepare(node, kernels, part->weights, part->prepared);
}

void F(ocelot_parts_prepare)(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const struct ocelot_rule *rule,
                             const double *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena)
{
    const struct ocelot_rule_form *form = rule->form;
    for (size_t g = 0; form && g < form->groups; g++) {
        const struct ocelot_rule_group *group = &form->group[g];
        size_t count = 0;
        const double *bias = rule->bias && group->bias && node->op->bias ? node->op->bias(node, &count) : NULL;
        for (size_t t = 0; t < group->terms; t++)
            F(prepare_part)(node, kernels, group->term[t].weight, rule, weights, &parts->part[g * OCELOT_RULE_TERMS + t], arena);
        parts->bias[g] = bias ? ocelot_arena_take(arena, count, sizeof **parts->bias) : NULL;
        for (size_t n = 0; arena->base && bias && n < count; n++)
            parts->bias[g][n] = (REAL)group->bias->value(bias[n], rule);
    }
}

/* A step at work: what it was called with, and where the pieces of the scratch begin. */
struct F(step) {
    const struct F(ocelot_call) * call;
    const struct ocelot_rule *rule;
    const struct F(ocelot_parts) * parts;
    size_t spread; /* outputs that share one bias: 1, or the pixels of a channel */
    REAL *input, *returned, *z, *s, *term, *own;
};

static struct F(step) F(begin)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts)
{
    size_t inputs = call->rows * inputs_size(call->node), outputs = call->rows * call->node->size, biases = 0;
    REAL *at = call->scratch;
    if (call->node->op->bias)
        call->node->op->bias(call->node, &biases);
    return (struct F(step)){.call = call,
                            .rule = rule,
                            .parts = parts,
                            .spread = biases ? call->node->size / biases : 1,
                            .input = at,
                            .returned = at + inputs,
                            .z = at + 2 * inputs,
                            .s = at + 2 * inputs + outputs,
                            .term = at + 2 * inputs + 2 * outputs,
                            .own = at + 2 * inputs + 3 * outputs};
}

/* Input k through the term's part into `to`; false when that is zero everywhere (the negative part behind a ReLU). */
static bool F(through_part)(const struct F(step) * step, const struct ocelot_input_part *part, double implied, size_t k, REAL *to)
{
    const struct ocelot_rule *rule = step->rule;
    size_t size = input_size(step->call->node, k), channels = rule->channels ? rule->channels : 1, spread = size / channels;
    REAL positive = (REAL)(implied * part->positive), negative = (REAL)(implied * part->negative), most = 0;
    for (size_t b = 0; b < step->call->rows; b++)
        for (size_t c = 0; c < channels; c++) {
            const REAL *from = step->call->in[k] + b * size + c * spread;
            REAL *into = to + b * size + c * spread;
            REAL constant = (REAL)(implied * (part->one + part->low * rule->low[c] + part->high * rule->high[c]));
            for (size_t n = 0; n < spread; n++) {
                REAL x = from[n], up = x > 0 ? x : 0, value = positive * up + negative * (x - up) + constant, magnitude = value < 0 ? -value : value;
                into[n] = value;
                most = magnitude > most ? magnitude : most;
            }
        }
    return most > 0;
}

/* The inputs through the term's part, one after another in `step->input`; a call of the op with the term's weights. An op without weights of
 * its own (Add, pooling) has implied weights of 1: w and w+ leave it as it is, w- silences it. False when the term is zero everywhere, which
 * saves its products. */
static bool F(term_call)(const struct F(step) * step, size_t g, size_t t, const REAL **in, struct F(ocelot_call) * term)
{
    const struct F(ocelot_part) *part = &step->parts->part[g * OCELOT_RULE_TERMS + t];
    double implied = part->weights ? 1 : part->weight->value(1, step->rule);
    REAL *to = step->input;
    bool any = false;
    for (size_t k = 0; k < step->call->node->input_count; k++) {
        any |= F(through_part)(step, step->rule->form->group[g].term[t].input, implied, k, to);
        in[k] = to;
        to += step->call->rows * input_size(step->call->node, k);
    }
    *term = *step->call;
    term->in = in;
    term->weights = part->weights;
    term->prepared = part->prepared;
    term->bias = NULL;
    term->scratch = step->own;
    return any;
}

/* z of a group: all terms and the bias part. */
static void F(denominators)(const struct F(step) * step, size_t g)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    const REAL *in[OCELOT_NODE_INPUTS], *bias = step->parts->bias[g];
    size_t size = step->call->node->size, count = step->call->rows * size;
    for (size_t n = 0; n < count; n++)
        step->z[n] = 0;
    for (size_t n = 0; bias && n < count; n += step->spread)
        for (size_t i = 0; i < step->spread; i++)
            step->z[n + i] = bias[n % size / step->spread];
    for (size_t t = 0; t < group->terms; t++) {
        struct F(ocelot_call) term;
        REAL sign = (REAL)group->term[t].sign;
        if (!F(term_call)(step, g, t, in, &term))
            continue;
        step->call->node->op->PRECISION.forward(&term, step->term);
        for (size_t n = 0; n < count; n++)
            step->z[n] += sign * step->term[n];
    }
}

/* The quotients coefficient R / stab(z) of one row, with what biases and the stabiliser keep, and what an empty group or a shut gate loses, in
 * the ledger. */
static void F(quotients)(const struct F(step) * step, size_t g, size_t b, const REAL *relevance, struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    const double coefficient = group->one + group->alpha * step->rule->alpha + group->beta * step->rule->beta, epsilon = step->rule->epsilon;
    const REAL *bias = step->parts->bias[g];
    size_t size = step->call->node->size;
    double absorbed = 0, leaked = 0;
    for (size_t j = 0; j < size; j++) {
        size_t n = b * size + j;
        double z = (double)step->z[n], out = (double)step->call->out[n], r = coefficient * (double)relevance[n];
        double stabilised = z + (z < 0 ? -epsilon : epsilon);
        /* a shut gate: the other group has this output, unless its z is zero and neither does */
        bool shut = group->gate && !(group->gate * out > 0), empty = stabilised == 0;
        double s = shut || empty ? 0 : r / stabilised, kept = (stabilised - z) * s;
        leaked += shut ? (out == 0 && group->gate > 0 ? r : 0) : empty ? r : z == 0 ? kept : 0;
        absorbed += z == 0 ? 0 : kept;
        absorbed += bias ? (double)bias[j / step->spread] * s : 0;
        step->s[n] = (REAL)s;
    }
    ledger->absorbed += absorbed;
    ledger->leaked += leaked;
}

/* back_k += sign part(in_k) * W_part^T s for every term of the group. */
static void F(redistribute)(const struct F(step) * step, size_t g, REAL *const *back)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    const struct ocelot_node *node = step->call->node;
    const REAL *in[OCELOT_NODE_INPUTS];
    for (size_t t = 0; t < group->terms; t++) {
        struct F(ocelot_call) term;
        REAL sign = (REAL)group->term[t].sign;
        bool any = F(term_call)(step, g, t, in, &term);
        for (size_t k = 0; any && k < node->input_count; k++) {
            size_t count = step->call->rows * input_size(node, k);
            node->op->PRECISION.transpose(&term, k, step->s, step->returned);
            for (size_t n = 0; n < count; n++)
                back[k][n] += sign * in[k][n] * step->returned[n];
        }
    }
}

void F(ocelot_rule_step)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts,
                         const REAL *relevance, REAL *const *back, struct ocelot_ledger_entry *ledger)
{
    struct F(step) step = F(begin)(call, rule, parts);
    for (size_t k = 0; k < call->node->input_count; k++)
        memset(back[k], 0, call->rows * input_size(call->node, k) * sizeof **back);
    for (size_t g = 0; g < rule->form->groups; g++) {
        F(denominators)(&step, g);
        for (size_t b = 0; b < call->rows; b++)
            F(quotients)(&step, g, b, relevance, &ledger[b]);
        F(redistribute)(&step, g, back);
    }
}
