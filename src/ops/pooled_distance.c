/* Distance and the SoftMin that pools it, one output at each position and no constant unit: relevance of both in one sweep over the distances and one
 * product. With p_j the soft-min's shares, R_j = R/o p_j min(o, phi_j) goes through unit j, and of that R_j (x_i - u_ji)^2 / D_j to feature i:
 *   R_i = R / (o sum_j e_j) sum_j w_j (x_i - u_ji)^2,   w_j = e_j min(o, phi_j) / D_j,   e_j = weight_j exp(o - phi_j)
 * The sum of e_j, 1 but for the rounding of o, and R/o are applied to the few R_i. phi_j = 0 where D_j = 0, so nothing is leaked there, unless the
 * rule conserves: it passes o in place of min(o, phi_j). */
#include <string.h>

#include "ops/pooled_distance.h"

static bool allows(const struct ocelot_node *second, const struct ocelot_rule *rule)
{
    const struct ocelot_softmin_params *pool = second->params;
    (void)rule;
    return pool->groups == 1 && !(pool->constants[0] > 0);
}

double ocelot_pooled_distance_low(const struct ocelot_pair_call *call, double o)
{
    return call->rule->conserving ? o : 0;
}

double ocelot_pooled_distance_enter(double relevance, double o, const struct ocelot_pooled *sums, struct ocelot_ledger_entry *first,
                                    struct ocelot_ledger_entry *second)
{
    if (relevance == 0 || !(o > 0)) {
        second->leaked += relevance;
        return 0;
    }
    double unit = relevance / o / sums->shares;
    second->residual += unit * sums->residual;
    second->passed += unit * sums->passed;
    first->received += unit * sums->passed;
    first->magnitude += (unit < 0 ? -unit : unit) * sums->passed;
    first->leaked += unit * sums->leaked;
    return unit;
}

/* One position's weights, and by what the sum of them is to be multiplied. */
static double share(const struct ocelot_pair_call *call, size_t at, double relevance, struct ocelot_ledger_entry *first,
                    struct ocelot_ledger_entry *second)
{
    const struct ocelot_distance_params *p = call->first->params;
    const struct ocelot_softmin_params *pool = call->second->params;
    struct ocelot_pooled sums = {.shares = 1};
    double o = call->out[at], *w = call->shares + at * p->count;
    if (relevance == 0 || !(o > 0))
        memset(w, 0, p->count * sizeof *w);
    else
        sums = call->kernels->pooled_weights(p->profile, p->parameters, call->middle + at * p->count, pool->weights, p->count, o,
                                             ocelot_pooled_distance_low(call, o), w);
    return ocelot_pooled_distance_enter(relevance, o, &sums, first, second);
}

static bool relevance(const struct ocelot_pair_call *call, const double *relevance, double *back, struct ocelot_ledger_entry *first,
                      struct ocelot_ledger_entry *second, double *sums)
{
    const struct ocelot_distance_params *p = call->first->params;
    size_t rows = call->rows * p->positions, d = ocelot_node_input(call->first, 0)->size / p->positions;
    double *unit = call->scratch;
    struct ocelot_packed u = ocelot_distance_points_of(call->first, call->prepared, unit + rows, call->held);
    for (size_t at = 0; at < rows; at++)
        unit[at] = share(call, at, relevance[at], &first[at / p->positions], &second[at / p->positions]);
    for (size_t at = 0; u.sparse && at < rows; at++) /* where features outnumber the units */
        call->kernels->scale(call->shares + at * p->count, p->count, unit[at]);
    u.sums = u.sparse && p->positions == 1 ? sums : NULL;
    call->kernels->weighted_square(&u, call->in, call->shares, rows, back);
    for (size_t at = 0; !u.sparse && at < rows; at++)
        call->kernels->scale(back + at * d, d, unit[at]);
    return u.sums;
}

const struct ocelot_pair ocelot_pair_pooled_distance = {.first = &ocelot_op_distance,
                                                        .allows = allows,
                                                        .relevance = relevance,
                                                        .narrows = ocelot_pooled_distance_narrows,
                                                        .narrow_bytes = ocelot_pooled_distance_narrow_bytes,
                                                        .prepare_narrow = ocelot_pooled_distance_prepare_narrow,
                                                        .narrow_scratch = ocelot_pooled_distance_narrow_scratch,
                                                        .forward_narrow = ocelot_pooled_distance_forward_narrow,
                                                        .relevance_narrow = ocelot_pooled_distance_relevance_narrow,
                                                        .widen = ocelot_pooled_distance_widen};
