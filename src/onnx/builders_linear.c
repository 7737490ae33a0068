/* Gemm and MatMul with a constant matrix: Dense where a row is one vector, else a 1 x 1 convolution over the vectors of a row. */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "onnx/import.h"

/* One linear map along the last dimension of a value: out[.., m] = sum_k in[.., k] matrix[g][k][m], g the leading dimensions where there is more than
 * one matrix. */
struct linear {
    const double *matrix;
    size_t inputs, outputs, groups;
    bool transposed; /* matrix [g][m][k] */
    double factor;
    const double *bias; /* [outputs] or NULL */
};

/* [groups * outputs][inputs], as Dense and Conv want it. */
static double *weights_of(const struct linear *l)
{
    size_t block = l->inputs * l->outputs;
    double *weights = ocelot_allocate(l->groups * block, sizeof *weights);
    for (size_t g = 0; weights && g < l->groups; g++)
        for (size_t m = 0; m < l->outputs; m++)
            for (size_t k = 0; k < l->inputs; k++)
                weights[g * block + m * l->inputs + k] = l->factor * l->matrix[g * block + (l->transposed ? m * l->inputs + k : k * l->outputs + m)];
    return weights;
}

/* A row of several vectors: [groups][vectors][inputs] -> channels first -> convolution -> back. */
static enum ocelot_status by_convolution(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct linear *l,
                                         const double *weights, size_t vectors)
{
    static const struct ocelot_window one = {.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}};
    struct ocelot_onnx_value blocks = *value, turned, out;
    const size_t swap[] = {0, 1, 3, 2}, *perm = import->lead ? swap : (const size_t[]){0, 2, 1};
    double *bias = NULL;
    size_t lead = import->lead;
    blocks.dims = (struct ocelot_onnx_dims){.rank = lead + 3};
    blocks.dims.at[0] = OCELOT_ONNX_BATCH;
    blocks.dims.at[lead] = l->groups;
    blocks.dims.at[lead + 1] = vectors;
    blocks.dims.at[lead + 2] = l->inputs;
    enum ocelot_status status = ocelot_onnx_permute(import, &blocks, perm, &turned);
    struct ocelot_shape shape = {.rank = 3, .extent = {l->groups * l->inputs, 1, vectors}};
    if (status == OCELOT_OK)
        status = ocelot_onnx_shaped(import, &turned, &shape, &turned.node);
    if (status == OCELOT_OK && l->bias && !(bias = ocelot_allocate(l->groups * l->outputs, sizeof *bias)))
        status = ocelot_fail_memory(import->err, "the weights");
    for (size_t k = 0; bias && k < l->groups * l->outputs; k++)
        bias[k] = l->bias[k % l->outputs];
    if (status == OCELOT_OK)
        status = ocelot_append_conv(import->graph, turned.node, weights, bias, l->groups * l->outputs, l->groups, &one, &turned.node, import->err);
    free(bias);
    if (status != OCELOT_OK)
        return status;
    turned.dims.at[lead + 1] = l->outputs;
    status = ocelot_onnx_permute(import, &turned, perm, &out);
    value->node = out.node;
    return status;
}

static enum ocelot_status append(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, const struct linear *l)
{
    size_t row = import->graph->nodes[value->node]->size, vectors = l->inputs && l->groups ? row / l->inputs / l->groups : 0, made = 0;
    if (value->dims.rank <= import->lead || value->dims.at[value->dims.rank - 1] != l->inputs || vectors * l->inputs * l->groups != row)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its matrix has %zu rows and does not fit the activations", l->inputs);
    enum ocelot_status status = OCELOT_OK;
    if (!ocelot_size_multiply(l->inputs * l->groups, l->outputs, &made))
        made = SIZE_MAX / 16;
    status = ocelot_onnx_reserve(import, made, 2 * sizeof(double));
    if (status == OCELOT_OK)
        status = ocelot_size_multiply(l->groups * l->outputs, vectors, &made) ? ocelot_onnx_reserve(import, made, 4 * sizeof(double))
                                                                              : ocelot_onnx_reserve(import, SIZE_MAX, 1);
    if (status != OCELOT_OK)
        return status;
    double *weights = weights_of(l);
    if (!weights)
        return ocelot_fail_memory(import->err, "the weights");
    if (vectors == 1 && l->groups == 1)
        status = ocelot_append_dense(import->graph, value->node, weights, l->bias, l->outputs, &value->node, import->err);
    else
        status = by_convolution(import, value, l, weights, vectors);
    free(weights);
    value->dims.at[value->dims.rank - 1] = l->outputs;
    return status;
}

/* Gemm's C: a bias where it is one number a column, otherwise a constant behind the layer. */
static bool is_bias(const struct ocelot_onnx_tensor *c, size_t outputs)
{
    return c->count == outputs && (c->dims.rank == 0 || c->dims.at[c->dims.rank - 1] == outputs);
}

static enum ocelot_status gemm_constants(struct ocelot_onnx_import *import, const struct ocelot_onnx_tensor **matrix,
                                         const struct ocelot_onnx_tensor **offset)
{
    enum ocelot_status status = ocelot_onnx_constant(import, 1, matrix);
    /* C may be activations too: a sum behind the layer */
    const struct ocelot_onnx_value *c = ocelot_onnx_in(import, 2);
    *offset = NULL;
    if (status == OCELOT_OK && !(c && c->network))
        status = ocelot_onnx_optional(import, 2, offset);
    if (status == OCELOT_OK && c && c->network && ocelot_onnx_real(import, "beta", 1) != 1)
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "adds activations times a beta other than 1");
    if (status == OCELOT_OK && ((*matrix)->dims.rank != 2 || (*matrix)->count == 0))
        status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its matrix has %zu dimensions, expected 2", (*matrix)->dims.rank);
    return status;
}

enum ocelot_status ocelot_onnx_build_gemm(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *input, value, out;
    const struct ocelot_onnx_tensor *matrix, *offset;
    struct ocelot_onnx_tensor *scaled = NULL;
    double beta = ocelot_onnx_real(import, "beta", 1);
    enum ocelot_status status = ocelot_onnx_network(import, 0, &input);
    if (status == OCELOT_OK)
        status = gemm_constants(import, &matrix, &offset);
    if (status == OCELOT_OK && input->dims.rank != 2)
        status = ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "works on %zu dimensions, expected 2", input->dims.rank);
    if (status != OCELOT_OK)
        return status;
    value = *input;
    if (ocelot_onnx_integer(import, "transA", 0))
        status = ocelot_onnx_permute(import, input, (const size_t[]){1, 0}, &value);
    bool transposed = ocelot_onnx_integer(import, "transB", 0) != 0;
    struct linear l = {.matrix = matrix->values,
                       .inputs = matrix->dims.at[transposed],
                       .outputs = matrix->dims.at[!transposed],
                       .groups = 1,
                       .transposed = transposed,
                       .factor = ocelot_onnx_real(import, "alpha", 1)};
    if (status == OCELOT_OK && offset) {
        status = ocelot_onnx_tensor_make(import, &offset->dims, false, &scaled);
        for (size_t k = 0; status == OCELOT_OK && k < scaled->count; k++)
            scaled->values[k] = beta * offset->values[k];
    }
    bool bias = status == OCELOT_OK && scaled && is_bias(scaled, l.outputs);
    if (bias)
        l.bias = scaled->values;
    if (status == OCELOT_OK)
        status = append(import, &value, &l);
    if (status == OCELOT_OK && scaled && !bias) {
        status = ocelot_onnx_affine(import, &value, NULL, scaled, &out);
        value = out;
    }
    const struct ocelot_onnx_value *added = ocelot_onnx_in(import, 2);
    if (status == OCELOT_OK && added && added->network) {
        status = ocelot_onnx_add(import, &value, added, &out);
        value = out;
    }
    ocelot_onnx_tensor_free(scaled);
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, value.node, &value.dims) : status;
}

/* How many matrices a constant holds, and whether they fit the dimensions of the rows; 0 where not. */
static size_t matrices(const struct ocelot_onnx_import *import, const struct ocelot_onnx_tensor *c, const struct ocelot_onnx_dims *dims)
{
    size_t groups = 1;
    for (size_t k = 3; k <= c->dims.rank; k++) {
        size_t size = c->dims.at[c->dims.rank - k];
        bool in_row = dims->rank >= k + import->lead && dims->at[dims->rank - k] == size;
        if (size != 1 && !in_row)
            return 0;
        groups *= size;
    }
    size_t row = 1;
    for (size_t k = import->lead; groups > 1 && k + 2 < dims->rank; k++)
        row *= dims->at[k];
    return groups == 1 || groups == row ? groups : 0;
}

/* The constant may stand on either side: c x = (x^T c^T)^T. */
enum ocelot_status ocelot_onnx_build_matmul(struct ocelot_onnx_import *import)
{
    bool left = ocelot_onnx_is_constant(ocelot_onnx_in(import, 0));
    struct ocelot_onnx_value *input, value, turned;
    const struct ocelot_onnx_tensor *c;
    size_t perm[OCELOT_ONNX_RANK];
    enum ocelot_status status = ocelot_onnx_network(import, left, &input);
    if (status == OCELOT_OK)
        status = ocelot_onnx_constant(import, !left, &c);
    if (status != OCELOT_OK)
        return status;
    size_t rank = input->dims.rank, groups = matrices(import, c, &input->dims);
    if (c->dims.rank < 2 || c->count == 0 || groups == 0 || (left && rank < 2))
        return ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "its constant is no matrix that fits the activations");
    size_t rows = c->dims.at[c->dims.rank - 2], columns = c->dims.at[c->dims.rank - 1];
    struct linear l = {
        .matrix = c->values, .inputs = left ? columns : rows, .outputs = left ? rows : columns, .groups = groups, .transposed = left, .factor = 1};
    for (size_t k = 0; k < rank; k++)
        perm[k] = k;
    value = *input;
    if (left) {
        perm[rank - 1] = rank - 2;
        perm[rank - 2] = rank - 1;
        status = ocelot_onnx_permute(import, input, perm, &value);
    }
    if (status == OCELOT_OK)
        status = append(import, &value, &l);
    if (status == OCELOT_OK && left) {
        status = ocelot_onnx_permute(import, &value, perm, &turned);
        value = turned;
    }
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, value.node, &value.dims) : status;
}
