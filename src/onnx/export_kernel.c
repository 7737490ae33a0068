/* Ops of kernel machines as standard operators. Distances are sums of squared differences, as here: the difference of squares that a matrix product
 * would give loses the digits of small distances. */
#include <math.h>
#include <stdio.h>

#include "onnx/export.h"

/* One distance kernel: phi of the squared distances. */
struct profile_writer {
    const struct ocelot_profile *profile;
    const char *(*write)(struct ocelot_onnx_writer *w, struct ocelot_profile_parameters p, const char *squared);
};

static const char *times(struct ocelot_onnx_writer *w, double factor, const char *part, const char *value)
{
    return ocelot_onnx_put_two(w, "Mul", part, value, ocelot_onnx_put_scalar(w, "gamma", factor));
}

static const char *rbf(struct ocelot_onnx_writer *w, struct ocelot_profile_parameters p, const char *squared)
{
    return times(w, p.gamma, NULL, squared);
}

static const char *laplace(struct ocelot_onnx_writer *w, struct ocelot_profile_parameters p, const char *squared)
{
    return times(w, p.gamma, NULL, ocelot_onnx_put_one(w, "Sqrt", "distance", squared));
}

static const char *generalised_gaussian(struct ocelot_onnx_writer *w, struct ocelot_profile_parameters p, const char *squared)
{
    const char *power = ocelot_onnx_put_scalar(w, "half-power", p.power / 2);
    return times(w, p.gamma, NULL, ocelot_onnx_put_two(w, "Pow", "distance", squared, power));
}

static const char *student(struct ocelot_onnx_writer *w, struct ocelot_profile_parameters p, const char *squared)
{
    const char *one = ocelot_onnx_put_scalar(w, "one", 1);
    return ocelot_onnx_put_one(w, "Log", NULL, ocelot_onnx_put_two(w, "Add", "inverse", times(w, p.gamma, "scaled", squared), one));
}

static const struct profile_writer profile_writers[] = {
    {&ocelot_profile_rbf, rbf},
    {&ocelot_profile_laplace, laplace},
    {&ocelot_profile_generalised_gaussian, generalised_gaussian},
    {&ocelot_profile_student, student},
    {NULL, NULL},
};

/* [rows][1][d] - [m][d], squared and summed over d. */
static const char *distance(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    static const int64_t middle[] = {1}, last[] = {2};
    const struct ocelot_distance_params *p = node->params;
    if (p->positions > 1)
        return ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s slides patches over an image, which is not written to ONNX files yet",
                                       node->name);
    const char *flat = ocelot_onnx_put_flat(w, node, 0, in[0]);
    const char *rows = ocelot_onnx_put_two(w, "Unsqueeze", "rows", flat, ocelot_onnx_put_list(w, "middle", middle, 1));
    const char *points = ocelot_onnx_put_tensor(w, "points", p->points, (const size_t[]){p->count, ocelot_node_input(node, 0)->size}, 2);
    const char *difference = ocelot_onnx_put_two(w, "Sub", "difference", rows, points);
    const char *squares = ocelot_onnx_put_two(w, "Mul", "squares", difference, difference);
    const char *squared = ocelot_onnx_put_two(w, "ReduceSum", "squared", squares, ocelot_onnx_put_list(w, "last", last, 1));
    ocelot_onnx_put_integer(w, "keepdims", 0);
    for (const struct profile_writer *row = profile_writers; row->profile; row++)
        if (row->profile == p->profile)
            return row->write(w, p->parameters, squared);
    return ocelot_onnx_put_failure(w, OCELOT_E_UNSUPPORTED, "layer %s has kernel %s, which cannot be written as ONNX operators", node->name,
                                   p->profile->name);
}

/* Weights of the groups [groups][width] with the constant unit, if any, as the last column; and what is added to phi so that members that
 * a group does not have are infinitely far. *absent says whether there are any. */
static bool fill_groups(const struct ocelot_softmin_params *p, size_t members, size_t width, double *weights, double *penalty)
{
    bool absent = false;
    for (size_t g = 0; g < p->groups; g++)
        for (size_t j = 0; j < width; j++) {
            double weight = j < members ? p->weights[g * members + j] : p->constants[g];
            weights[g * width + j] = weight;
            penalty[g * width + j] = weight > 0 ? 0 : HUGE_VAL;
            absent = absent || !(weight > 0);
        }
    return absent;
}

/* phi -> lowest - log sum_j w_j exp(lowest - phi_j), the lowest of the group's members: nothing under- or overflows, and near o = 0 no digit is lost
 * to log w. The constant unit is a member with phi = 0. */
static const char *softmin(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    static const int64_t middle[] = {1}, last[] = {2}, one_column[] = {0, 0, 0, 1};
    const struct ocelot_softmin_params *p = node->params;
    size_t members = ocelot_node_input(node, 0)->size, width = members;
    const char *phi = ocelot_onnx_put_flat(w, node, 0, in[0]);
    for (size_t g = 0; g < p->groups; g++)
        width = p->constants[g] > 0 ? members + 1 : width;
    double *weights = ocelot_onnx_put_memory(w, p->groups * width, sizeof *weights);
    double *penalty = ocelot_onnx_put_memory(w, p->groups * width, sizeof *penalty);
    if (!weights || !penalty)
        return NULL;
    bool absent = fill_groups(p, members, width, weights, penalty);
    const size_t extents[] = {p->groups, width};
    if (width > members)
        phi = ocelot_onnx_put_two(w, "Pad", "members", phi, ocelot_onnx_put_list(w, "one-column", one_column, 4));
    phi = ocelot_onnx_put_two(w, "Unsqueeze", "rows", phi, ocelot_onnx_put_list(w, "middle", middle, 1));
    if (absent)
        phi = ocelot_onnx_put_two(w, "Add", "grouped", phi, ocelot_onnx_put_tensor(w, "absent", penalty, extents, 2));
    const char *lowest = ocelot_onnx_put_one(w, "ReduceMin", "lowest", phi);
    ocelot_onnx_put_integers(w, "axes", last, 1);
    ocelot_onnx_put_integer(w, "keepdims", 1);
    const char *above = ocelot_onnx_put_one(w, "Exp", "above", ocelot_onnx_put_two(w, "Sub", "below", lowest, phi));
    const char *weighted = ocelot_onnx_put_two(w, "Mul", "weighted", above, ocelot_onnx_put_tensor(w, "weights", weights, extents, 2));
    const char *axis = ocelot_onnx_put_list(w, "last", last, 1);
    const char *sum = ocelot_onnx_put_two(w, "ReduceSum", "sum", weighted, axis);
    ocelot_onnx_put_integer(w, "keepdims", 0);
    const char *base = ocelot_onnx_put_two(w, "Squeeze", "base", lowest, axis);
    return ocelot_onnx_put_two(w, "Sub", NULL, base, ocelot_onnx_put_one(w, "Log", "log", sum));
}

static const char *scale(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const struct ocelot_scale_params *p = node->params;
    const char *center = ocelot_onnx_put_tensor(w, "center", p->center, node->shape.extent, node->shape.rank);
    const char *factor = ocelot_onnx_put_tensor(w, "factor", p->factor, node->shape.extent, node->shape.rank);
    return ocelot_onnx_put_two(w, "Mul", NULL, ocelot_onnx_put_two(w, "Sub", "centered", in[0], center), factor);
}

/* Not Gemm, nor MatMul and Add: ONNX Runtime joins these with an activation behind them into one operator, which it has in float32 only. */
static const char *dense(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    size_t outputs = node->size, inputs = ocelot_node_input(node, 0)->size, count;
    const struct ocelot_numbers weights = node->op->weights(node);
    double *transposed = ocelot_onnx_put_memory(w, weights.count, sizeof *transposed);
    if (!transposed)
        return NULL;
    for (size_t j = 0; j < outputs; j++)
        for (size_t i = 0; i < inputs; i++)
            transposed[i * outputs + j] = ocelot_number(&weights, j * inputs + i);
    const char *matrix = ocelot_onnx_put_tensor(w, "weights", transposed, (const size_t[]){inputs, outputs}, 2);
    const char *bias = ocelot_onnx_put_tensor(w, "bias", node->op->bias(node, &count), &outputs, 1);
    const char *product = ocelot_onnx_put_two(w, "MatMul", "product", ocelot_onnx_put_flat(w, node, 0, in[0]), matrix);
    return ocelot_onnx_put_two(w, "Sum", NULL, product, bias);
}

/* By repeated squaring, as the op does, and not by Pow, which rounds otherwise. */
static const char *power(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    const char *square = in[0], *result = NULL;
    size_t degree = ocelot_power_degree(node);
    if (degree == 0)
        return ocelot_onnx_put_two(w, "Pow", NULL, in[0], ocelot_onnx_put_scalar(w, "degree", 0));
    for (size_t bit = 1; bit <= degree && w->status == OCELOT_OK; bit *= 2) {
        if (bit > 1) {
            char part[40];
            snprintf(part, sizeof part, "power%zu", bit);
            square = ocelot_onnx_put_two(w, "Mul", part, square, square);
        }
        if (degree & bit) {
            char part[40];
            snprintf(part, sizeof part, "product%zu", bit);
            result = result ? ocelot_onnx_put_two(w, "Mul", part, result, square) : square;
        }
    }
    return ocelot_onnx_put_one(w, "Identity", NULL, result);
}

static const char *hyperbolic_tangent(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    (void)node;
    return ocelot_onnx_put_one(w, "Tanh", NULL, in[0]);
}

static const char *exp_negative(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in)
{
    (void)node;
    return ocelot_onnx_put_one(w, "Exp", NULL, ocelot_onnx_put_one(w, "Neg", "negative", in[0]));
}

const struct ocelot_onnx_op_writer ocelot_onnx_kernel_writers[] = {
    {&ocelot_op_scale, scale}, {&ocelot_op_distance, distance},       {&ocelot_op_softmin, softmin},           {&ocelot_op_dense, dense},
    {&ocelot_op_power, power}, {&ocelot_op_tanh, hyperbolic_tangent}, {&ocelot_op_exp_negative, exp_negative}, {NULL, NULL},
};
