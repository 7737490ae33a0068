/* Prepared weight parts, and the one step that all rules share (the tutorial's "implementing" slides:
 * z = W+^T a; s = R / z; c = W+ s; R = a * c). */
#include <string.h>

#include "base/arena.h"
#include "rules/rule.h"

static size_t input_size(const struct ocelot_node *node, size_t k)
{
    return ocelot_node_input(node, k)->size;
}

/* Sum of the sizes of all inputs. */
static size_t inputs_size(const struct ocelot_node *node)
{
    size_t total = 0;
    for (size_t k = 0; k < node->input_count; k++)
        total += input_size(node, k);
    return total;
}

static void prepare_part(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const struct ocelot_weight_part *weight,
                         const struct ocelot_rule *rule, struct ocelot_part *part, struct ocelot_arena *arena)
{
    size_t count = 0;
    const double *own = node->op->weights ? node->op->weights(node, &count) : NULL;
    part->weight = weight;
    if (!own)
        return;
    part->weights = ocelot_arena_take(arena, count, sizeof *own);
    part->prepared = node->op->prepared_bytes ? ocelot_arena_take(arena, node->op->prepared_bytes(node, kernels), 1) : NULL;
    if (!arena->base)
        return;
    for (size_t n = 0; n < count; n++)
        part->weights[n] = weight->value(own[n], rule);
    if (node->op->prepare)
        node->op->prepare(node, kernels, part->weights, part->prepared);
}

void ocelot_node_rule_prepare(const struct ocelot_node *node, const struct ocelot_kernels *kernels, struct ocelot_node_rule *prepared,
                              struct ocelot_arena *arena)
{
    const struct ocelot_rule *rule = &prepared->rule;
    const struct ocelot_rule_form *form = rule->form;
    for (size_t g = 0; form && g < form->groups; g++) {
        const struct ocelot_rule_group *group = &form->group[g];
        size_t count = 0;
        const double *bias = rule->bias && group->bias && node->op->bias ? node->op->bias(node, &count) : NULL;
        for (size_t t = 0; t < group->terms; t++)
            prepare_part(node, kernels, group->term[t].weight, rule, &prepared->part[g * OCELOT_RULE_TERMS + t], arena);
        prepared->bias[g] = bias ? ocelot_arena_take(arena, count, sizeof *bias) : NULL;
        for (size_t n = 0; arena->base && bias && n < count; n++)
            prepared->bias[g][n] = group->bias->value(bias[n], rule);
    }
}

size_t ocelot_rule_scratch(const struct ocelot_node *node, size_t rows)
{
    /* parts of the inputs, what comes back to them, z, s, and what the op itself needs */
    size_t own = node->op->scratch ? node->op->scratch(node, rows) : 0;
    return rows * (2 * inputs_size(node) + 3 * node->size) + own;
}

/* Where the pieces of the scratch begin. */
struct pieces {
    double *part, *returned, *z, *s, *term, *own;
};

static struct pieces carve(const struct ocelot_call *call)
{
    size_t inputs = call->rows * inputs_size(call->node), outputs = call->rows * call->node->size;
    double *at = call->scratch;
    return (struct pieces){.part = at,
                           .returned = at + inputs,
                           .z = at + 2 * inputs,
                           .s = at + 2 * inputs + outputs,
                           .term = at + 2 * inputs + 2 * outputs,
                           .own = at + 2 * inputs + 3 * outputs};
}

/* The inputs through the term's part, one after another in `pieces.part`; a call of the op with the term's weights. An op without weights of
 * its own (Add, pooling) has implied weights of 1: w and w+ leave it as it is, w- silences it. */
static struct ocelot_call term_call(const struct ocelot_call *call, const struct pieces *at, const struct ocelot_rule *rule,
                                    const struct ocelot_input_part *input, const struct ocelot_part *part, const double **in)
{
    double *to = at->part, implied = part->weights ? 1 : part->weight->value(1, rule);
    for (size_t k = 0; k < call->node->input_count; k++) {
        size_t count = call->rows * input_size(call->node, k);
        for (size_t n = 0; n < count; n++)
            to[n] = implied * input->value(call->in[k][n], rule);
        in[k] = to;
        to += count;
    }
    struct ocelot_call term = *call;
    term.in = in;
    term.weights = part->weights;
    term.prepared = part->prepared;
    term.bias = NULL;
    term.scratch = at->own;
    return term;
}

/* z of a group: all terms and the bias part. */
static void denominators(const struct ocelot_call *call, const struct ocelot_node_rule *prepared, size_t g, const struct pieces *at)
{
    const struct ocelot_rule_group *group = &prepared->rule.form->group[g];
    size_t size = call->node->size, count = call->rows * size;
    const double *in[OCELOT_NODE_INPUTS];
    for (size_t n = 0; n < count; n++)
        at->z[n] = prepared->bias[g] ? prepared->bias[g][n % size] : 0;
    for (size_t t = 0; t < group->terms; t++) {
        struct ocelot_call term = term_call(call, at, &prepared->rule, group->term[t].input, &prepared->part[g * OCELOT_RULE_TERMS + t], in);
        call->node->op->forward(&term, at->term);
        for (size_t n = 0; n < count; n++)
            at->z[n] += group->term[t].sign * at->term[n];
    }
}

/* s = coefficient R / stab(z), with what biases and stabilisers keep, and what an empty group or a shut gate loses, in the ledger. */
static void quotients(const struct ocelot_call *call, const struct ocelot_node_rule *prepared, size_t g, const double *relevance,
                      const struct pieces *at, struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_rule *rule = &prepared->rule;
    const struct ocelot_rule_group *group = &rule->form->group[g];
    double coefficient = group->one + group->alpha * rule->alpha + group->beta * rule->beta;
    size_t size = call->node->size;
    for (size_t b = 0; b < call->rows; b++)
        for (size_t j = 0; j < size; j++) {
            size_t n = b * size + j;
            double z = at->z[n], r = coefficient * relevance[n], stabilised = z + (z < 0 ? -rule->epsilon : rule->epsilon);
            at->s[n] = 0;
            if (group->gate && !(group->gate * call->out[n] > 0)) {
                /* a shut gate: the other group has this output, unless its z is zero and neither does */
                ledger[b].leaked += call->out[n] == 0 && group->gate > 0 ? r : 0;
                continue;
            }
            if (stabilised == 0) {
                ledger[b].leaked += r;
                continue;
            }
            at->s[n] = r / stabilised;
            double kept = (stabilised - z) * at->s[n];
            if (z == 0)
                ledger[b].leaked += kept;
            else
                ledger[b].absorbed += kept;
            if (prepared->bias[g])
                ledger[b].absorbed += prepared->bias[g][j] * at->s[n];
        }
}

/* back_k += sign part(in_k) * W_part^T s for every term of the group. */
static void redistribute(const struct ocelot_call *call, const struct ocelot_node_rule *prepared, size_t g, const struct pieces *at,
                         double *const *back)
{
    const struct ocelot_rule_group *group = &prepared->rule.form->group[g];
    const double *in[OCELOT_NODE_INPUTS];
    for (size_t t = 0; t < group->terms; t++) {
        struct ocelot_call term = term_call(call, at, &prepared->rule, group->term[t].input, &prepared->part[g * OCELOT_RULE_TERMS + t], in);
        for (size_t k = 0; k < call->node->input_count; k++) {
            size_t count = call->rows * input_size(call->node, k);
            call->node->op->transpose(&term, k, at->s, at->returned);
            for (size_t n = 0; n < count; n++)
                back[k][n] += group->term[t].sign * in[k][n] * at->returned[n];
        }
    }
}

void ocelot_rule_step(const struct ocelot_call *call, const struct ocelot_node_rule *prepared, const double *relevance, double *const *back,
                      struct ocelot_ledger_entry *ledger)
{
    struct pieces at = carve(call);
    for (size_t k = 0; k < call->node->input_count; k++)
        memset(back[k], 0, call->rows * input_size(call->node, k) * sizeof **back);
    for (size_t g = 0; g < prepared->rule.form->groups; g++) {
        denominators(call, prepared, g, &at);
        quotients(call, prepared, g, relevance, &at, ledger);
        redistribute(call, prepared, g, &at, back);
    }
}
