/* The relevance step in one precision. Stamped by step.c. */

/* Weights through a part, and what the op prepares of them. */
static void F(pack_part)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_weight_part *weight,
                         const struct ocelot_rule *rule, const struct ocelot_numbers *own, struct F(ocelot_part) * part, struct ocelot_arena *arena)
{
    const struct F(ocelot_arithmetic) *arithmetic = &node->op->PRECISION;
    part->weights = ocelot_arena_take(arena, own->count, sizeof *part->weights);
    size_t bytes = arithmetic->prepared_bytes ? arithmetic->prepared_bytes(node, footing) : 0;
    part->prepared = bytes ? ocelot_arena_take(arena, bytes, 1) : NULL;
    if (!arena->base)
        return;
    for (size_t n = 0; n < own->count; n++)
        part->weights[n] = (REAL)weight->value(ocelot_number(own, n), rule);
    if (part->prepared)
        arithmetic->prepare(node, footing, part->weights, part->prepared);
}

static void F(prepare_part)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_weight_part *weight,
                            const struct ocelot_rule *rule, const struct ocelot_numbers *own, struct F(ocelot_part) * part,
                            struct ocelot_arena *arena)
{
    part->weight = weight;
    part->own = ocelot_numbers_any(own) && weight->value == ocelot_weight_whole.value;
    if (ocelot_numbers_any(own) && !part->own)
        F(pack_part)(node, footing, weight, rule, own, part, arena);
}

/* For the op's transpose_split, where a group of the rule may use it; returns whether it is there. */
static bool F(prepare_split)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_rule *rule, bool nonnegative,
                             const struct ocelot_numbers *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena)
{
    struct ocelot_footing split = *footing;
    split.forward = false;
    split.split = true;
    if (!footing->transpose || !ocelot_numbers_any(weights) || !node->op->PRECISION.transpose_split || !ocelot_rule_wants_split(rule, nonnegative) ||
        node->op->PRECISION.prepared_bytes(node, &split) == 0)
        return false;
    F(pack_part)(node, &split, &ocelot_weight_whole, rule, weights, &parts->split, arena);
    return true;
}

/* Whether z of a group is 2 + gamma times what the node gives less z of the group before, which saves a product. It is as exact: where the node gives
 * less than 0, negative terms are at least half of all magnitudes in its sum, and z holds gamma times their sum more, none of which cancels. */
static bool F(mirrors)(const struct ocelot_node *node, const struct ocelot_rule *rule, const struct ocelot_rule_group *group)
{
    size_t count = 0;
    return group->mirrored && (rule->bias || !node->op->bias || !node->op->bias(node, &count));
}

/* The magnitudes of weights and biases, for a group of halves; only z is made of them. */
static void F(prepare_magnitudes)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_rule *rule,
                                  const struct ocelot_numbers *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena)
{
    struct ocelot_footing forward = *footing;
    size_t count = 0;
    const double *bias = node->op->bias ? node->op->bias(node, &count) : NULL;
    forward.transpose = false;
    F(prepare_part)(node, &forward, &ocelot_weight_magnitude, rule, weights, &parts->magnitudes, arena);
    parts->magnitude = bias ? ocelot_arena_take(arena, count, sizeof *parts->magnitude) : NULL;
    for (size_t n = 0; arena->base && bias && n < count; n++)
        parts->magnitude[n] = (REAL)fabs(bias[n]);
}

void F(ocelot_parts_prepare)(const struct ocelot_node *node, const struct ocelot_footing *footing, const struct ocelot_rule *rule, bool nonnegative,
                             bool rectified, const struct ocelot_numbers *weights, struct F(ocelot_parts) * parts, struct ocelot_arena *arena)
{
    const struct ocelot_rule_form *form = rule->form;
    parts->nonnegative = nonnegative;
    bool split = F(prepare_split)(node, footing, rule, nonnegative, weights, parts, arena);
    for (size_t g = 0; form && g < form->groups; g++) {
        const struct ocelot_rule_group *group = &form->group[g];
        struct ocelot_footing own = *footing;
        size_t count = 0;
        const double *bias = rule->bias && group->bias && node->op->bias ? node->op->bias(node, &count) : NULL;
        bool halves = group->halves && rule->bias && rectified && !nonnegative && ocelot_numbers_any(weights);
        if (halves)
            F(prepare_magnitudes)(node, footing, rule, weights, parts, arena);
        own.forward = !halves && !F(mirrors)(node, rule, group);
        own.transpose = footing->transpose && !(split && ocelot_rule_splits(group, nonnegative));
        for (size_t t = 0; t < group->terms; t++)
            if (!ocelot_input_part_silent(group->term[t].input, nonnegative))
                F(prepare_part)(node, &own, group->term[t].weight, rule, weights, &parts->part[g * OCELOT_RULE_TERMS + t], arena);
        parts->bias[g] = bias ? ocelot_arena_take(arena, count, sizeof **parts->bias) : NULL;
        for (size_t n = 0; arena->base && bias && n < count; n++)
            parts->bias[g][n] = (REAL)group->bias->value(bias[n], rule);
    }
}

/* A step at work: what it was called with, and where the pieces of the scratch begin. */
struct F(step) {
    const struct F(ocelot_call) * call;
    const struct F(ocelot_signals) * signals;
    const struct ocelot_rule *rule;
    const struct F(ocelot_parts) * parts;
    const REAL *z; /* the denominators of the group at hand */
    size_t spread; /* outputs that share one bias: 1, or the pixels of a channel */
    size_t block;  /* channels that stand together in the outputs */
    bool halved;   /* z at hand is what the node gives in magnitudes, of which quotients make halves */
    bool sent;     /* something has been sent back */
    REAL *input, *returned, *own_z, *s, *term, *own;
};

static struct F(step) F(begin)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts)
{
    size_t inputs = call->rows * inputs_size(call->node), outputs = call->rows * call->node->size, kept = keeps_z(rule) ? outputs : 0, biases = 0;
    REAL *at = call->scratch;
    if (call->node->op->bias)
        call->node->op->bias(call->node, &biases);
    return (struct F(step)){.call = call,
                            .signals = call->kernels->PRECISION,
                            .rule = rule,
                            .parts = parts,
                            .spread = biases ? call->node->size / biases : 1,
                            .block = call->blocks ? call->blocks[0] : 1,
                            .input = at,
                            .returned = at + inputs,
                            .own_z = at + 2 * inputs,
                            .s = at + 2 * inputs + kept,
                            .term = at + 2 * inputs + outputs + kept,
                            .own = at + 2 * inputs + 2 * outputs + kept};
}

/* Input k through the term's part into `to`; false when that is zero everywhere (the negative part of inputs that happen to have none). */
static bool F(through_part)(const struct F(step) * step, const struct ocelot_input_part *part, double implied, size_t k, REAL *to)
{
    const struct ocelot_rule *rule = step->rule;
    size_t size = input_size(step->call->node, k), channels = rule->channels ? rule->channels : 1, spread = size / channels;
    REAL positive = (REAL)(implied * part->positive), negative = (REAL)(implied * part->negative);
    bool met = false;
    for (size_t n = 0; n < step->call->rows * channels; n++) {
        size_t c = n % channels;
        REAL constant = (REAL)(implied * (part->one + part->low * rule->low[c] + part->high * rule->high[c]));
        met |= F(ocelot_stretches_part)(step->call->team, step->signals, step->call->in[k] + n * spread, positive, negative, constant, spread,
                                        to + n * spread);
    }
    return met;
}

/* The inputs through the term's part, copied one after another to `step->input` only where that changes them; a call of the op with the term's
 * weights. An op without weights of its own (Add, pooling) has implied weights of 1: w and w+ leave it as it is, w- silences it. False when the
 * term is zero everywhere, which saves its products. */
static bool F(term_call)(const struct F(step) * step, size_t g, size_t t, const REAL **in, struct F(ocelot_call) * term)
{
    const struct F(ocelot_part) *part = &step->parts->part[g * OCELOT_RULE_TERMS + t];
    const struct ocelot_input_part *input = step->rule->form->group[g].term[t].input;
    if (ocelot_input_part_silent(input, step->parts->nonnegative))
        return false;
    double implied = part->own || part->weights ? 1 : part->weight->value(1, step->rule);
    REAL *to = step->input;
    bool any = ocelot_input_part_whole(input, step->parts->nonnegative, implied), copied = !any;
    for (size_t k = 0; k < step->call->node->input_count; k++) {
        in[k] = copied ? to : step->call->in[k];
        if (!copied)
            continue;
        any |= F(through_part)(step, input, implied, k, to);
        to += step->call->rows * input_size(step->call->node, k);
    }
    *term = *step->call;
    term->in = in;
    term->weights = part->own ? step->call->weights : part->weights;
    term->prepared = part->own ? step->call->prepared : part->prepared;
    term->bias = NULL;
    term->scratch = step->own;
    return any;
}

/* Whether z of a group is what the node gave: the epsilon rule. */
static bool F(is_output)(const struct F(step) * step, const struct ocelot_rule_group *group, const struct F(ocelot_part) * part)
{
    size_t count = 0;
    bool biased = step->call->node->op->bias && step->call->node->op->bias(step->call->node, &count);
    double implied = part->own ? 1 : part->weights ? 0 : part->weight->value(1, step->rule);
    return group->terms == 1 && group->term[0].sign == 1 && ocelot_input_part_whole(group->term[0].input, step->parts->nonnegative, implied) &&
           (!biased || (step->rule->bias && group->bias && group->bias->value == ocelot_weight_whole.value));
}

/* Biases alone. */
static void F(lay_biases)(const struct F(step) * step, const REAL *bias, REAL *z)
{
    size_t size = step->call->node->size, count = step->call->rows * size, block = step->block, run = step->spread * block;
    for (size_t n = 0; n < count; n += run)
        for (size_t i = 0; i < run; i++)
            z[n + i] = bias ? bias[n % size / step->spread + i % block] : 0;
}

/* Whether a group that begins with W x and goes on with what is taken away from it, without a bias: the box rule. The node gave W x + b, and the next
 * term takes b away, too. */
static bool F(is_given)(const struct F(step) * step, const struct ocelot_rule_group *group, size_t t)
{
    const struct F(ocelot_part) *part = &step->parts->part[0];
    return t == 0 && group == step->rule->form->group && part->own && group->term[0].sign == 1 && group->terms > 1 && group->term[1].sign == -1 &&
           !group->bias && ocelot_input_part_whole(group->term[0].input, step->parts->nonnegative, 1);
}

/* |W| |x| + |b|, the half of 2 z that W x + b is not. */
static void F(magnitudes)(const struct F(step) * step)
{
    const struct ocelot_node *node = step->call->node;
    const REAL *in[OCELOT_NODE_INPUTS];
    struct F(ocelot_call) call = *step->call;
    REAL *to = step->input;
    for (size_t k = 0; k < node->input_count; k++) {
        in[k] = to;
        F(through_part)(step, &ocelot_input_magnitude, 1, k, to);
        to += step->call->rows * input_size(node, k);
    }
    call.in = in;
    call.weights = step->parts->magnitudes.weights;
    call.prepared = step->parts->magnitudes.prepared;
    call.bias = step->parts->magnitude;
    call.scratch = step->own;
    node->op->PRECISION.forward(&call, step->own_z);
}

/* z of a group: all terms and the bias part. */
static void F(denominators)(struct F(step) * step, size_t g)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    const REAL *in[OCELOT_NODE_INPUTS], *bias = step->parts->bias[g];
    size_t count = step->call->rows * step->call->node->size;
    bool begun = false, owed = false; /* owed: the biases in what the node gave */
    step->halved = group->halves && step->parts->magnitudes.weights;
    if (F(is_output)(step, group, &step->parts->part[g * OCELOT_RULE_TERMS])) {
        step->z = step->call->out;
        return;
    }
    if (F(mirrors)(step->call->node, step->rule, group)) {
        F(ocelot_stretches_part)(step->call->team, step->signals, step->z, -1, -1, 0, count, step->term);
        F(ocelot_stretches_add)(step->call->team, step->signals, step->call->out, (REAL)(2 + step->rule->gamma), count, step->term);
        step->z = step->term;
        return;
    }
    step->z = step->own_z;
    if (step->halved) {
        F(magnitudes)(step);
        return;
    }
    for (size_t t = 0; t < group->terms; t++) {
        struct F(ocelot_call) term;
        REAL sign = (REAL)group->term[t].sign;
        if (F(is_given)(step, group, t)) {
            F(ocelot_stretches_copy)(step->call->team, step->call->out, count, step->own_z);
            begun = owed = true;
            continue;
        }
        if (!F(term_call)(step, g, t, in, &term))
            continue;
        if (!begun && sign == 1) {
            term.bias = bias;
            step->call->node->op->PRECISION.forward(&term, step->own_z);
            begun = true;
            continue;
        }
        if (!begun)
            F(lay_biases)(step, bias, step->own_z);
        term.bias = owed ? step->call->bias : NULL;
        begun = true;
        owed = false;
        step->call->node->op->PRECISION.forward(&term, step->term);
        F(ocelot_stretches_add)(step->call->team, step->signals, step->term, sign, count, step->own_z);
    }
    if (owed) {
        F(lay_biases)(step, step->call->bias, step->term);
        F(ocelot_stretches_add)(step->call->team, step->signals, step->term, -1, count, step->own_z);
    }
    if (!begun)
        F(lay_biases)(step, bias, step->own_z);
}

/* The quotients of one row: what all stretches of it share. */
struct F(row) {
    const struct F(step) * step;
    struct F(ocelot_quotients) q; /* of the whole row */
    const REAL *bias, *out;
    REAL *s, *halves; /* z, where `out` is still to come to it; or NULL */
    size_t run, length, size;
    double absorbed[OCELOT_STRETCHES], leaked[OCELOT_STRETCHES];
};

/* A stretch of outputs, run by run of those that share their biases. */
static void F(row_part)(void *context, size_t part, size_t thread)
{
    struct F(row) *row = context;
    size_t begin = part * row->length, end = row->size - begin < row->length ? row->size : begin + row->length;
    (void)thread;
    row->absorbed[part] = row->leaked[part] = 0;
    if (row->halves)
        row->step->signals->halve(row->out + begin, end - begin, row->halves + begin);
    for (size_t j = begin, next; j < end; j = next) {
        struct F(ocelot_quotients) q = row->q;
        next = row->bias ? (j / row->run + 1) * row->run : end;
        next = next < end ? next : end;
        q.count = next - j;
        q.relevance += j;
        q.z += j;
        q.out += j;
        q.bias = row->bias ? row->bias + (row->step->spread > 1 ? j / row->run * q.period : j) : NULL;
        row->step->signals->quotients(&q, row->s + j, &row->absorbed[part], &row->leaked[part]);
    }
}

/* The quotients coefficient R / stab(z) of one row, with what biases and the stabiliser keep, and what an empty group or a shut gate loses, in
 * the ledger. The row is cut into stretches by its size alone, and their sums are added in order. */
static void F(quotients)(const struct F(step) * step, size_t g, size_t b, const REAL *relevance, struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    size_t size = step->call->node->size, at = b * size;
    struct F(row) row = {.step = step, .bias = step->parts->bias[g], .s = step->s + at, .size = size, .length = ocelot_stretch_length(size)};
    row.out = step->call->out + at;
    row.halves = step->halved ? step->own_z + at : NULL;
    row.q = (struct F(ocelot_quotients)){.coefficient = (REAL)(group->one + group->alpha * step->rule->alpha + group->beta * step->rule->beta),
                                         .epsilon = (REAL)step->rule->epsilon,
                                         .gate = group->gate,
                                         .relevance = relevance + at,
                                         .z = step->z + at,
                                         .out = (group->gate ? step->call->out : step->z) + at, /* without a gate not looked at, and maybe gone */
                                         .period = step->spread > 1 ? step->block : OCELOT_SIGNAL_PERIOD};
    row.run = step->spread > 1 ? step->spread * step->block : OCELOT_SIGNAL_PERIOD;
    size_t parts = (size + row.length - 1) / row.length;
    ocelot_team_run(step->call->team, parts, F(row_part), &row);
    for (size_t k = 0; k < parts; k++) {
        ledger->absorbed += row.absorbed[k];
        ledger->leaked += row.leaked[k];
    }
}

/* What one term sends to input k, through the term's part: back_k += sign part(in_k) * W_part^T s, row by row, with the sums of back_k. */
static void F(send)(struct F(step) * step, const struct F(ocelot_call) * term, size_t k, REAL sign, REAL *back, struct ocelot_sum *sums)
{
    const struct ocelot_node *node = step->call->node;
    size_t size = input_size(node, k);
    REAL *to = step->sent ? step->returned : back;
    const REAL *returned = node->op->traits & OCELOT_OP_SAME ? step->s : to;
    if (returned == to)
        node->op->PRECISION.transpose(term, k, step->s, to);
    for (size_t at = 0, b = 0; b < step->call->rows; b++, at += size) {
        struct ocelot_sum *sum = &sums[b * node->input_count + k];
        sum->sum =
            F(ocelot_stretches_multiply)(step->call->team, step->signals, term->in[k] + at, sign, returned + at, size, to + at, &sum->magnitude);
        if (step->sent)
            sum->sum = F(ocelot_stretches_add_up)(step->call->team, step->signals, to + at, size, back + at, &sum->magnitude);
    }
}

static void F(redistribute)(struct F(step) * step, size_t g, REAL *const *back, struct ocelot_sum *sums)
{
    const struct ocelot_rule_group *group = &step->rule->form->group[g];
    const REAL *in[OCELOT_NODE_INPUTS];
    struct F(ocelot_call) term = *step->call;
    term.prepared = step->parts->split.prepared;
    term.scratch = step->own;
    if (term.prepared && ocelot_rule_splits(group, step->parts->nonnegative)) {
        F(ocelot_rule_send_split)(&term, step->rule, group, step->s, step->sent, step->returned, step->input, back[0], sums);
        step->sent = true;
        return;
    }
    for (size_t t = 0; t < group->terms; t++) {
        if (!F(term_call)(step, g, t, in, &term))
            continue;
        for (size_t k = 0; k < step->call->node->input_count; k++)
            F(send)(step, &term, k, (REAL)group->term[t].sign, back[k], sums);
        step->sent = true;
    }
}

/* A group for outputs below zero has nothing to do where none of them has relevance: behind a ReLU. */
static bool F(idle)(const struct F(step) * step, const struct ocelot_rule_group *group, const REAL *relevance)
{
    size_t count = step->call->rows * step->call->node->size;
    return group->gate < 0 && !step->signals->meets(relevance, step->call->out, group->gate, count);
}

void F(ocelot_rule_step)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const struct F(ocelot_parts) * parts,
                         const REAL *relevance, REAL *const *back, struct ocelot_sum *sums, struct ocelot_ledger_entry *ledger)
{
    struct F(step) step = F(begin)(call, rule, parts);
    if (ocelot_rule_divides(call->node, rule, parts->nonnegative)) {
        F(ocelot_rule_divide)(call, rule, relevance, back, sums, ledger);
        return;
    }
    memset(sums, 0, call->rows * call->node->input_count * sizeof *sums);
    for (size_t g = 0; g < rule->form->groups; g++) {
        if (F(idle)(&step, &rule->form->group[g], relevance))
            continue;
        F(denominators)(&step, g);
        for (size_t b = 0; b < call->rows; b++)
            F(quotients)(&step, g, b, relevance, &ledger[b]);
        F(redistribute)(&step, g, back, sums);
    }
    for (size_t k = 0; !step.sent && k < call->node->input_count; k++)
        memset(back[k], 0, call->rows * input_size(call->node, k) * sizeof **back);
}
