/* SoftMin pooling: out_g = -log(sum_j W_gj exp(-in_j) + constant_g). With p_j = W_gj exp(out_g - in_j), relevance R of an output is shared
 *   dtd:            R_j = R/out p_j min(out, in_j), and the ledger's residual is R/out sum_j p_j (out - in_j)+
 *   dtd-conserving: R_j = R p_j, and the constant unit's share is absorbed
 * (docs/mathematics.md). The constant unit sits at in = 0, so under dtd all of its share is residual. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "graph/rule.h"
#include "ops/ops.h"

static enum ocelot_status infer(const struct ocelot_node *node, const struct ocelot_shape *in, struct ocelot_shape *out, struct ocelot_error *err)
{
    (void)err;
    const struct ocelot_softmin_params *p = node->params;
    *out = ocelot_shape_vector(p->groups);
    if (in->rank == 2)
        *out = (struct ocelot_shape){.rank = 2, .extent = {in->extent[0], p->groups}};
    return OCELOT_OK;
}

/* Distances [positions][m] are pooled position by position: a row is as many rows, one after another. */
static size_t positions(const struct ocelot_node *node)
{
    const struct ocelot_shape *in = &ocelot_node_input(node, 0)->shape;
    return in->rank == 2 ? in->extent[0] : 1;
}

static size_t members(const struct ocelot_node *node)
{
    return ocelot_node_input(node, 0)->size / positions(node);
}

static void forward(const struct ocelot_call_f64 *call, double *out)
{
    const struct ocelot_softmin_params *p = call->node->params;
    size_t m = members(call->node), rows = call->rows * positions(call->node);
    for (size_t b = 0; b < rows; b++)
        for (size_t g = 0; g < p->groups; g++)
            out[b * p->groups + g] = call->kernels->softmin(call->in[0] + b * m, p->weights + g * m, p->log_weights + g * m, m, p->constants[g]);
}

double ocelot_softmin_shares(const struct ocelot_node *node, const struct ocelot_kernels *kernels, const double *phi, size_t group, double o,
                             double *shares)
{
    const struct ocelot_softmin_params *p = node->params;
    size_t m = members(node);
    kernels->softmin_weights(phi, p->log_weights + group * m, m, o, shares);
    double constant = p->constants[group] > 0 ? p->constants[group] * exp(o) : 0, sum, magnitude;
    kernels->sums(shares, m, &sum, &magnitude);
    sum += constant;
    /* At large phi the rounding of o is an error of the sum: dividing by it keeps the shares summing to one. */
    kernels->scale(shares, m, 1 / sum);
    return constant / sum;
}

static void transpose(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    const struct ocelot_softmin_params *p = call->node->params;
    size_t m = members(call->node), rows = call->rows * positions(call->node);
    memset(back, 0, rows * m * sizeof *back);
    for (size_t b = 0; b < rows; b++)
        for (size_t g = 0; g < p->groups; g++) {
            double upstream = s[b * p->groups + g];
            if (upstream == 0)
                continue;
            ocelot_softmin_shares(call->node, call->kernels, call->in[0] + b * m, g, call->out[b * p->groups + g], call->scratch);
            for (size_t j = 0; j < m; j++)
                back[b * m + j] += upstream * call->scratch[j];
        }
}

/* (1 - exp(-t)) / t for t >= 0: 1 at 0. */
static double fall(double t)
{
    return t > 0 ? -expm1(-t) / t : 1;
}

/* Multipliers of one output: exponentials e_j = w_j exp(-phi_j), their sum, its logarithm, each by its quotient of differences. Their product is
 *   w_j exp(least o - least phi_j) fall(|phi_j - phi'_j|) / fall(|o - o'|)
 * which neither cancels nor overflows. Dividing by the shares' sum, 1 but for the rounding of a large o, keeps the sum of differences closed. */
static void multipliers(const struct ocelot_softmin_params *p, size_t group, size_t m, const double *phi, const double *phi0, double o, double o0,
                        double factor, double *back)
{
    const double *log_weights = p->log_weights + group * m, *near = o <= o0 ? phi : phi0;
    double least = fmin(o, o0), sum = p->constants[group] > 0 ? p->constants[group] * exp(least) : 0;
    for (size_t j = 0; j < m; j++)
        sum += exp(log_weights[j] + least - near[j]);
    factor /= sum * fall(fabs(o - o0));
    for (size_t j = 0; j < m; j++)
        back[j] += factor * exp(log_weights[j] + least - fmin(phi[j], phi0[j])) * fall(fabs(phi[j] - phi0[j]));
}

static void difference(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back)
{
    (void)k;
    const struct ocelot_softmin_params *p = call->node->params;
    size_t m = members(call->node), groups = p->groups, rows = call->rows * positions(call->node);
    const double *phi0 = call->in[0] + rows * m, *out0 = call->out + rows * groups;
    memset(back, 0, rows * m * sizeof *back);
    for (size_t b = 0; b < rows; b++)
        for (size_t g = 0; g < groups; g++)
            if (s[b * groups + g] != 0)
                multipliers(p, g, m, call->in[0] + b * m, phi0 + b * m, call->out[b * groups + g], out0[b * groups + g], s[b * groups + g],
                            back + b * m);
}

/* One output's relevance to its inputs, added to `back`. */
static void share(const struct ocelot_kernels *kernels, bool conserving, const double *phi, const double *shares, size_t m, double constant, double o,
                  double relevance, double *back, struct ocelot_ledger_entry *ledger)
{
    if (conserving) {
        for (size_t j = 0; j < m; j++)
            back[j] += relevance * shares[j];
        ledger->absorbed += relevance * constant;
        return;
    }
    if (!(o > 0)) {
        ledger->leaked += relevance;
        return;
    }
    double unit = relevance / o;
    ledger->residual += unit * (constant * o + kernels->softmin_relevance(phi, shares, m, o, unit, back));
}

static void relevance(const struct ocelot_call_f64 *call, const struct ocelot_rule *rule, const double *relevance, double *const *back,
                      struct ocelot_ledger_entry *ledger)
{
    const struct ocelot_softmin_params *p = call->node->params;
    size_t m = members(call->node), each = positions(call->node), rows = call->rows * each;
    memset(back[0], 0, rows * m * sizeof *back[0]);
    for (size_t b = 0; b < rows; b++)
        for (size_t g = 0; g < p->groups; g++) {
            double r = relevance[b * p->groups + g], o = call->out[b * p->groups + g];
            if (r == 0)
                continue;
            const double *phi = call->in[0] + b * m;
            double constant = ocelot_softmin_shares(call->node, call->kernels, phi, g, o, call->scratch);
            share(call->kernels, rule->conserving, phi, call->scratch, m, constant, o, r, back[0] + b * m, ledger + b / each);
        }
}

static size_t scratch(const struct ocelot_node *node, const struct ocelot_footing *footing, size_t rows)
{
    (void)footing;
    (void)rows;
    return members(node);
}

static void describe(const struct ocelot_node *node, struct ocelot_text *out)
{
    const struct ocelot_softmin_params *p = node->params;
    ocelot_text_string(out, p->groups == 1 ? "-log sum_j w_j exp(-phi_j)" : "one pool a side of a pair");
}

static size_t parameters(const struct ocelot_node *node)
{
    const struct ocelot_softmin_params *p = node->params;
    return p->groups * (members(node) + 1);
}

static void release(void *params)
{
    struct ocelot_softmin_params *p = params;
    free(p->weights);
    free(p->log_weights);
    free(p->constants);
}

const struct ocelot_op ocelot_op_softmin = {
    .name = "SoftMin",
    .inputs = 1,
    .infer = infer,
    .f64 = {.forward = forward, .transpose = transpose, .relevance = relevance, .difference = difference, .scratch = scratch},
    .pair = &ocelot_pair_pooled_distance,
    .describe = describe,
    .parameters = parameters,
    .release = release};

enum ocelot_status ocelot_append_softmin(struct ocelot_graph *graph, size_t input, const double *weights, const double *constants, size_t groups,
                                         size_t *index, struct ocelot_error *err)
{
    const struct ocelot_shape *shape = &graph->nodes[input]->shape;
    size_t m = graph->nodes[input]->size / (shape->rank == 2 ? shape->extent[0] : 1), total = 0;
    struct ocelot_softmin_params *params = ocelot_allocate(1, sizeof *params);
    if (!params)
        return ocelot_fail_memory(err, "the pooling weights");
    params->groups = groups;
    if (ocelot_size_multiply(groups, m, &total)) {
        params->weights = ocelot_allocate(total, sizeof *weights);
        params->log_weights = ocelot_allocate(total, sizeof *weights);
        params->constants = ocelot_allocate(groups, sizeof *constants);
    }
    if (!params->weights || !params->log_weights || !params->constants) {
        release(params);
        free(params);
        return ocelot_fail_memory(err, "the pooling weights");
    }
    for (size_t n = 0; n < total; n++) {
        params->weights[n] = weights[n];
        params->log_weights[n] = log(weights[n]); /* -infinity: not a member */
    }
    for (size_t g = 0; g < groups; g++)
        params->constants[g] = constants ? constants[g] : 0;
    return ocelot_graph_append(graph, &ocelot_op_softmin, "SoftMin", params, &input, 1, index, err);
}
