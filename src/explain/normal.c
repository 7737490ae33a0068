/* What would have been normal: the nearest normal pattern, and what the other features lead one to expect (docs/mathematics.md). */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"
#include "ops/distance.h"

/* The distance behind a soft-min with one output; false where there is none. */
static bool pooled(const struct ocelot_graph *graph, size_t softmin, size_t *distance)
{
    const struct ocelot_node *node = graph->nodes[softmin];
    if (node->op != &ocelot_op_softmin || node->size != 1)
        return false;
    *distance = node->inputs[0];
    return graph->nodes[*distance]->op == &ocelot_op_distance;
}

size_t ocelot_normal_members(const struct ocelot_model *model)
{
    const struct ocelot_node *last = ocelot_graph_output(model->graph);
    size_t distance, members = 0;
    if (last->op != &ocelot_op_add)
        return pooled(model->graph, model->graph->count - 1, &distance) ? 1 : 0;
    while (members < last->input_count && pooled(model->graph, last->inputs[members], &distance))
        members++;
    return members == last->input_count ? members : 0;
}

void ocelot_normal_member(const struct ocelot_model *model, size_t k, size_t *distance, size_t *softmin)
{
    const struct ocelot_node *last = ocelot_graph_output(model->graph);
    *softmin = last->op == &ocelot_op_add ? last->inputs[k] : model->graph->count - 1;
    *distance = model->graph->nodes[*softmin]->inputs[0];
}

/* A member's part in the score of row b: the relevance that goes through it. */
static double part(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t b, size_t softmin, size_t members)
{
    double whole = w->f64.activation[plan->model->graph->count - 1][b];
    return members == 1 ? 1 : whole > 0 ? w->f64.activation[softmin][b] / whole : 1 / (double)members;
}

/* A scaled value in the user's units; NaN for a feature that the scaling drops. */
static double raw(const struct ocelot_model *model, size_t i, double scaled)
{
    const struct ocelot_feature *feature = &model->features[i];
    return feature->factor == 0 ? NAN : scaled / feature->factor + feature->center;
}

/* The support vectors as the kernels want them. `own`: what the caller keeps in the workspace's scratch, in front of the kernels' room. */
static struct ocelot_packed points(const struct ocelot_plan *plan, const struct ocelot_workspace *w, size_t distance, size_t own)
{
    return ocelot_distance_points(plan->nodes[distance].f64.prepared, w->f64.scratch + own);
}

/* Whether shares suffice for what a distance leads one to expect: the Gaussian kernel, gamma and its powers normal numbers. */
static bool suits_shares(const struct ocelot_distance_params *p)
{
    double gamma = p->parameters.gamma;
    return p->profile == &ocelot_profile_rbf && gamma >= OCELOT_EXPECTED_GAMMA_LEAST && gamma <= OCELOT_EXPECTED_GAMMA_MOST;
}

/* nearest [size] of the scaled features += sum_j p_j u_ij of one member. */
static void add_nearest(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t distance, const double *shares, double *nearest)
{
    struct ocelot_packed u = points(plan, w, distance, plan->model->graph->nodes[distance]->size);
    plan->kernels->weighted_sum(&u, shares, 1, w->f64.returned);
    plan->kernels->add(w->f64.returned, u.size, nearest);
}

void ocelot_normal_nearest(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, double *shares, double *nearest)
{
    const struct ocelot_model *model = plan->model;
    size_t members = ocelot_normal_members(model), distance, softmin;
    bool pattern = nearest && !ocelot_model_stacked(model); /* a pattern of a network's features is no image */
    for (size_t i = 0; nearest && i < model->feature_count; i++)
        nearest[i] = pattern ? 0 : (double)NAN;
    for (size_t k = 0; k < members; k++) {
        ocelot_normal_member(model, k, &distance, &softmin);
        size_t count = model->graph->nodes[distance]->size;
        double *p = shares ? shares : w->f64.scratch;
        const double *phi = ocelot_walk_activation(plan, w, distance, b, p);
        ocelot_softmin_shares(model->graph->nodes[softmin], plan->kernels, phi, 0, w->f64.activation[softmin][b], p);
        plan->kernels->scale(p, count, part(plan, w, b, softmin, members));
        if (pattern)
            add_nearest(plan, w, distance, p, nearest);
        shares = shares ? shares + count : NULL;
    }
    for (size_t i = 0; pattern && i < model->feature_count; i++)
        nearest[i] = raw(model, i, nearest[i]);
}

void ocelot_normal_patterns(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *shares, size_t rows, double *nearest)
{
    size_t distance, softmin;
    ocelot_normal_member(plan->model, 0, &distance, &softmin);
    struct ocelot_packed u = points(plan, w, distance, 0);
    plan->kernels->weighted_sum(&u, shares, rows, nearest);
    bool scaled = plan->model->graph->nodes[distance]->inputs[0] != 0;
    for (size_t b = 0; scaled && b < rows; b++)
        for (size_t i = 0; i < u.size; i++)
            nearest[b * u.size + i] = raw(plan->model, i, nearest[b * u.size + i]);
}

void ocelot_normal_expected(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *shares, size_t rows, double *expected)
{
    const struct ocelot_model *model = plan->model;
    size_t distance, softmin, d = model->feature_count;
    ocelot_normal_member(model, 0, &distance, &softmin);
    const struct ocelot_distance_params *p = model->graph->nodes[distance]->params;
    const double *x = w->f64.activation[model->graph->nodes[distance]->inputs[0]];
    struct ocelot_packed u = points(plan, w, distance, 0);
    bool suitable = suits_shares(p);
    if (suitable)
        plan->kernels->expected_of_rows(&u, x, shares, rows, p->parameters.gamma, p->range, p->range + d, w->expected, expected);
    for (size_t n = 0; n < rows * d; n++)
        expected[n] = suitable ? raw(model, n % d, expected[n]) : (double)NAN;
}

/* expected_i = sum_j p_j^(-i) u_ij with p_j^(-i) from the distances without feature i, of one member, in scaled units. */
static void expect(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t distance, size_t softmin, const size_t *features, size_t count,
                   double *out)
{
    const struct ocelot_model *model = plan->model;
    struct ocelot_packed u = points(plan, w, distance, 0);
    const struct ocelot_distance_params *p = model->graph->nodes[distance]->params;
    const struct ocelot_softmin_params *pool = model->graph->nodes[softmin]->params;
    const double *x = w->f64.activation[model->graph->nodes[distance]->inputs[0]];
    double *squared = w->f64.signal[distance];
    plan->kernels->squared_distance(&u, x, 1, squared);
    plan->kernels->expected(&u, x, squared, pool->log_weights, p->profile, p->parameters, features, count, w->f64.returned, out);
}

/* What the members expect, each by its part in the score, in raw units. The forward walk of the one row is done. */
static void expect_by_distance(const struct ocelot_plan *plan, struct ocelot_workspace *w, const size_t *features, size_t count, double *out)
{
    size_t members = ocelot_normal_members(plan->model), distance, softmin;
    double *own = w->f64.signal[0];
    for (size_t n = 0; n < count; n++)
        out[n] = 0;
    for (size_t k = 0; k < members; k++) {
        ocelot_normal_member(plan->model, k, &distance, &softmin);
        double weight = part(plan, w, 0, softmin, members);
        for (size_t start = 0; start < count; start += plan->model->feature_count) {
            size_t some = count - start < plan->model->feature_count ? count - start : plan->model->feature_count;
            expect(plan, w, distance, softmin, features ? features + start : NULL, some, own);
            for (size_t n = 0; n < some; n++)
                out[start + n] += weight * own[n];
        }
    }
    for (size_t n = 0; n < count; n++)
        out[n] = raw(plan->model, features ? features[n] : n, out[n]);
}

enum ocelot_status ocelot_expected(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *row, const size_t *features,
                                   size_t count, double *out, struct ocelot_error *err)
{
    const struct ocelot_model *model = plan->model;
    size_t members = ocelot_normal_members(model), distance = 0, softmin;
    if (!plan->backward)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "expected values need a plan that explains, not one that only scores");
    enum ocelot_status status = ocelot_row_finite(model, row, err);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < count; k++) {
        size_t i = features ? features[k] : k;
        if (i >= model->feature_count)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "feature %zu was asked for, the model has %zu", i, model->feature_count);
        out[k] = model->reference ? model->reference[i] : NAN;
    }
    if (!members || ocelot_model_stacked(model))
        return OCELOT_OK;
    ocelot_normal_member(model, 0, &distance, &softmin);
    for (size_t i = 0; i < model->feature_count; i++)
        workspace->f64.activation[0][i] = row[i];
    size_t needed = members == 1 ? distance : model->graph->count; /* a single machine's distances are made again, without its profile */
    for (size_t n = 0; n < needed; n++)
        ocelot_walk_node(plan, workspace, n, 1);
    expect_by_distance(plan, workspace, features, count, out);
    return OCELOT_OK;
}

/* One member's part in the score, which is what its shares sum to, and what it expects of the features, in scaled units; NaN where the shares do not
 * tell. */
static double expect_of_member(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t distance, const double *shares,
                               const size_t *features, size_t count, double *out)
{
    const struct ocelot_distance_params *p = plan->model->graph->nodes[distance]->params;
    const double *x = w->f64.activation[plan->model->graph->nodes[distance]->inputs[0]];
    struct ocelot_packed u = points(plan, w, distance, 0);
    double sum, magnitude, gamma = p->parameters.gamma;
    plan->kernels->sums(shares, u.count, &sum, &magnitude);
    bool suitable = suits_shares(p) && sum > 0;
    if (suitable)
        plan->kernels->expected_from_shares(&u, x, shares, sum, gamma, p->range, p->range + u.size, features, count, out);
    for (size_t n = 0; !suitable && n < count; n++)
        out[n] = NAN;
    return sum;
}

/* The features that shares did not suffice for, one walk for as many as fit. */
static enum ocelot_status expect_rest(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *row, const size_t *features,
                                      size_t count, bool known, double *out, struct ocelot_error *err)
{
    enum { SOME = 64 };
    size_t feature[SOME], place[SOME], some = 0;
    double values[SOME] = {0};
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < count && status == OCELOT_OK; k++) {
        size_t i = features ? features[k] : k;
        bool dropped = known && plan->model->features[i].factor == 0; /* by the scaling: nothing is expected of it */
        if (isnan(out[k]) && !dropped) {
            feature[some] = i;
            place[some++] = k;
        }
        if (some == 0 || (some < SOME && k + 1 < count))
            continue;
        status = ocelot_expected(plan, workspace, row, feature, some, values, err);
        while (some > 0 && status == OCELOT_OK) {
            some--;
            out[place[some]] = values[some];
        }
    }
    return status;
}

/* Only what lies before the distances is walked, the scaling, from the row where it stands, which no walk writes to. Returns what stood in its place.
 */
static double *walk_inputs(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *row)
{
    const struct ocelot_graph *graph = plan->model->graph;
    double *own = w->f64.activation[0];
    memcpy(&w->f64.activation[0], &row, sizeof row);
    for (size_t n = 0; n < graph->count; n++) {
        const struct ocelot_op *op = graph->nodes[n]->op;
        if (op != &ocelot_op_distance && op != &ocelot_op_softmin && op != &ocelot_op_add)
            ocelot_walk_node(plan, w, n, 1);
    }
    return own;
}

enum ocelot_status ocelot_expected_from_support(const struct ocelot_plan *plan, struct ocelot_workspace *workspace, const double *row,
                                                const double *support, const size_t *features, size_t count, double *out, struct ocelot_error *err)
{
    const struct ocelot_model *model = plan->model;
    size_t members = ocelot_normal_members(model), distance, softmin;
    bool known = members && !ocelot_model_stacked(model) && plan->backward && ocelot_row_finite(model, row, NULL) == OCELOT_OK && count > 0 &&
                 count <= model->feature_count && !isnan(support[0]);
    for (size_t k = 0; k < count; k++) {
        known = known && (!features || features[k] < model->feature_count);
        out[k] = NAN;
    }
    double *own_row = known ? walk_inputs(plan, workspace, row) : workspace->f64.activation[0];
    for (size_t n = 0; known && n < count; n++)
        out[n] = 0;
    for (size_t k = 0; known && k < members; k++) {
        double *own = workspace->f64.signal[0];
        ocelot_normal_member(model, k, &distance, &softmin);
        double weight = expect_of_member(plan, workspace, distance, support, features, count, own);
        for (size_t n = 0; n < count; n++)
            out[n] += weight * own[n];
        support += model->graph->nodes[distance]->size;
    }
    for (size_t n = 0; known && n < count; n++)
        out[n] = raw(model, features ? features[n] : n, out[n]);
    workspace->f64.activation[0] = own_row;
    return expect_rest(plan, workspace, row, features, count, known, out, err);
}
