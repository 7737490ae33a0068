/* Gemm and MatMul with a constant matrix: Dense where a row is one vector, else a 1 x 1 convolution over the vectors of a row. */
#include <stdlib.h>

#include "base/size.h"
#include "onnx/import.h"

/* One linear map along the last dimension of a value: out[.., m] = sum_k in[.., k] matrix[g][k][m], g the leading dimensions where there is more than
 * one matrix. */
struct linear {
    struct ocelot_store matrix; /* taken */
    size_t inputs, outputs, groups;
    bool transposed; /* matrix [g][m][k] */
    double factor;
    const double *bias; /* [outputs] or NULL */
};

/* The matrix as Dense and Conv want it, [groups * outputs][inputs], in the precision of the file where that holds it: as it stands, or laid out anew.
 */
static enum ocelot_status arrange_weights(struct ocelot_onnx_import *import, struct linear *l)
{
    size_t block = l->inputs * l->outputs, count = l->groups * block;
    if (l->transposed && l->factor == 1 && l->matrix.count == count)
        return OCELOT_OK;
    const struct ocelot_numbers from = ocelot_store_numbers(&l->matrix);
    struct ocelot_store to = {.count = count};
    bool single = from.f32 && l->factor == 1;
    to.f32 = single ? ocelot_allocate(count, sizeof *to.f32) : NULL;
    to.f64 = single ? NULL : ocelot_allocate(count, sizeof *to.f64);
    if (!to.f32 && !to.f64)
        return ocelot_fail_memory(import->err, "the weights");
    for (size_t g = 0; g < l->groups; g++)
        for (size_t m = 0; m < l->outputs; m++)
            for (size_t k = 0; k < l->inputs; k++) {
                size_t n = g * block + m * l->inputs + k, at = g * block + (l->transposed ? m * l->inputs + k : k * l->outputs + m);
                if (single)
                    to.f32[n] = from.f32[at];
                else
                    to.f64[n] = l->factor * ocelot_number(&from, at);
            }
    ocelot_store_free(&l->matrix);
    l->matrix = to;
    return OCELOT_OK;
}

/* A row of several vectors: [groups][vectors][inputs] -> channels first -> convolution -> back. */
static enum ocelot_status by_convolution(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, struct linear *l, size_t vectors)
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
        status = ocelot_append_conv_stored(import->graph, turned.node, &l->matrix, bias, l->groups * l->outputs, l->groups, &one, &turned.node,
                                           import->err);
    free(bias);
    if (status != OCELOT_OK)
        return status;
    turned.dims.at[lead + 1] = l->outputs;
    status = ocelot_onnx_permute(import, &turned, perm, &out);
    value->node = out.node;
    return status;
}

static enum ocelot_status append(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, struct linear *l)
{
    size_t row = import->graph->nodes[value->node]->size, vectors = l->inputs && l->groups ? row / l->inputs / l->groups : 0, made = 0;
    if (value->dims.rank <= import->lead || value->dims.at[value->dims.rank - 1] != l->inputs || vectors * l->inputs * l->groups != row)
        return ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "its matrix has %zu rows and does not fit the activations", l->inputs);
    enum ocelot_status status = OCELOT_OK;
    if (!ocelot_size_multiply(l->inputs * l->groups, l->outputs, &made))
        made = SIZE_MAX / 16;
    status = ocelot_onnx_reserve(import, made, sizeof(double));
    if (status == OCELOT_OK)
        status = ocelot_size_multiply(l->groups * l->outputs, vectors, &made) ? ocelot_onnx_reserve(import, made, 4 * sizeof(double))
                                                                              : ocelot_onnx_reserve(import, SIZE_MAX, 1);
    if (status == OCELOT_OK)
        status = arrange_weights(import, l);
    if (status != OCELOT_OK)
        return status;
    if (vectors == 1 && l->groups == 1)
        status = ocelot_append_dense_stored(import->graph, value->node, &l->matrix, l->bias, l->outputs, &value->node, import->err);
    else
        status = by_convolution(import, value, l, vectors);
    value->dims.at[value->dims.rank - 1] = l->outputs;
    return status;
}

/* Gemm's C: a bias where it is one number a column, otherwise a constant behind the layer. */
static bool is_bias(const struct ocelot_onnx_tensor *c, size_t outputs)
{
    return c->count == outputs && (c->dims.rank == 0 || c->dims.at[c->dims.rank - 1] == outputs);
}

static enum ocelot_status gemm_constants(struct ocelot_onnx_import *import, struct ocelot_onnx_dims *dims, struct ocelot_store *matrix,
                                         const struct ocelot_onnx_tensor **offset)
{
    enum ocelot_status status = ocelot_onnx_weights(import, 1, dims, matrix);
    /* C may be activations too: a sum behind the layer */
    const struct ocelot_onnx_value *c = ocelot_onnx_in(import, 2);
    *offset = NULL;
    if (status == OCELOT_OK && !(c && c->network))
        status = ocelot_onnx_optional(import, 2, offset);
    if (status == OCELOT_OK && c && c->network && ocelot_onnx_real(import, "beta", 1) != 1)
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "adds activations times a beta other than 1");
    if (status == OCELOT_OK && (dims->rank != 2 || matrix->count == 0))
        status = ocelot_onnx_refuse(import, OCELOT_E_FORMAT, "its matrix has %zu dimensions, expected 2", dims->rank);
    return status;
}

/* C times beta, or NULL where there is none. */
static enum ocelot_status scale_offset(struct ocelot_onnx_import *import, const struct ocelot_onnx_tensor *offset, struct ocelot_onnx_tensor **scaled)
{
    double beta = ocelot_onnx_real(import, "beta", 1);
    *scaled = NULL;
    enum ocelot_status status = offset ? ocelot_onnx_tensor_make(import, &offset->dims, false, scaled) : OCELOT_OK;
    for (size_t k = 0; *scaled && k < (*scaled)->count; k++)
        (*scaled)->values[k] = beta * offset->values[k];
    return status;
}

/* The layer itself, and what is added behind it; takes the matrix. */
static enum ocelot_status append_gemm(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value, struct linear *l,
                                      const struct ocelot_onnx_tensor *offset)
{
    struct ocelot_onnx_value out;
    struct ocelot_onnx_tensor *scaled = NULL;
    enum ocelot_status status = scale_offset(import, offset, &scaled);
    bool bias = status == OCELOT_OK && scaled && is_bias(scaled, l->outputs);
    if (bias)
        l->bias = scaled->values;
    if (status == OCELOT_OK)
        status = append(import, value, l);
    if (status == OCELOT_OK && scaled && !bias) {
        status = ocelot_onnx_affine(import, value, NULL, scaled, &out);
        *value = out;
    }
    const struct ocelot_onnx_value *added = ocelot_onnx_in(import, 2);
    if (status == OCELOT_OK && added && added->network) {
        status = ocelot_onnx_add(import, value, added, &out);
        *value = out;
    }
    ocelot_onnx_tensor_free(scaled);
    return status;
}

enum ocelot_status ocelot_onnx_build_gemm(struct ocelot_onnx_import *import)
{
    struct ocelot_onnx_value *input, value;
    struct ocelot_onnx_dims dims;
    const struct ocelot_onnx_tensor *offset;
    struct linear l = {.groups = 1, .factor = ocelot_onnx_real(import, "alpha", 1)};
    enum ocelot_status status = ocelot_onnx_network(import, 0, &input);
    if (status == OCELOT_OK)
        status = gemm_constants(import, &dims, &l.matrix, &offset);
    if (status == OCELOT_OK && input->dims.rank != 2)
        status = ocelot_onnx_refuse(import, OCELOT_E_SHAPE, "works on %zu dimensions, expected 2", input->dims.rank);
    if (status != OCELOT_OK)
        goto done;
    value = *input;
    if (ocelot_onnx_integer(import, "transA", 0))
        status = ocelot_onnx_permute(import, input, (const size_t[]){1, 0}, &value);
    l.transposed = ocelot_onnx_integer(import, "transB", 0) != 0;
    l.inputs = dims.at[l.transposed];
    l.outputs = dims.at[!l.transposed];
    if (status == OCELOT_OK)
        status = append_gemm(import, &value, &l, offset);
    if (status == OCELOT_OK)
        status = ocelot_onnx_bind(import, 0, value.node, &value.dims);
done:
    ocelot_store_free(&l.matrix);
    return status;
}

/* How many matrices a constant holds, and whether they fit the dimensions of the rows; 0 where not. */
static size_t matrices(const struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *c, const struct ocelot_onnx_dims *dims)
{
    size_t groups = 1;
    for (size_t k = 3; k <= c->rank; k++) {
        size_t size = c->at[c->rank - k];
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

/* The linear map and the values around it, turned where the constant stands on the left. */
static enum ocelot_status append_matmul(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *input, struct linear *l, bool left)
{
    struct ocelot_onnx_value value = *input, turned;
    size_t rank = input->dims.rank, perm[OCELOT_ONNX_RANK];
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < rank; k++)
        perm[k] = k;
    if (left) {
        perm[rank - 1] = rank - 2;
        perm[rank - 2] = rank - 1;
        status = ocelot_onnx_permute(import, input, perm, &value);
    }
    if (status == OCELOT_OK)
        status = append(import, &value, l);
    if (status == OCELOT_OK && left) {
        status = ocelot_onnx_permute(import, &value, perm, &turned);
        value = turned;
    }
    return status == OCELOT_OK ? ocelot_onnx_bind(import, 0, value.node, &value.dims) : status;
}

/* The constant may stand on either side: c x = (x^T c^T)^T. */
enum ocelot_status ocelot_onnx_build_matmul(struct ocelot_onnx_import *import)
{
    bool left = ocelot_onnx_is_constant(ocelot_onnx_in(import, 0));
    struct ocelot_onnx_value *input;
    struct ocelot_onnx_dims c;
    struct linear l = {.transposed = left, .factor = 1};
    enum ocelot_status status = ocelot_onnx_network(import, left, &input);
    if (status == OCELOT_OK)
        status = ocelot_onnx_weights(import, !left, &c, &l.matrix);
    if (status == OCELOT_OK)
        l.groups = matrices(import, &c, &input->dims);
    if (status == OCELOT_OK && (c.rank < 2 || l.matrix.count == 0 || l.groups == 0 || (left && input->dims.rank < 2)))
        status = ocelot_onnx_refuse(import, OCELOT_E_UNSUPPORTED, "its constant is no matrix that fits the activations");
    if (status == OCELOT_OK) {
        l.inputs = c.at[c.rank - (left ? 1 : 2)];
        l.outputs = c.at[c.rank - (left ? 2 : 1)];
        status = append_matmul(import, input, &l, left);
    }
    ocelot_store_free(&l.matrix);
    return status;
}
