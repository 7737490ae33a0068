/* The operators that are read. One row each. */
#include <string.h>

#include "onnx/import.h"

#define ML "ai.onnx.ml"
const struct ocelot_onnx_builder ocelot_onnx_builders[] = {
    {"Conv", "", ocelot_onnx_build_conv},
    {"Gemm", "", ocelot_onnx_build_gemm},
    {"MatMul", "", ocelot_onnx_build_matmul},
    {"BatchNormalization", "", ocelot_onnx_build_batch_normalisation},
    {"LRN", "", ocelot_onnx_build_lrn},
    {"Add", "", ocelot_onnx_build_arithmetic},
    {"Sub", "", ocelot_onnx_build_arithmetic},
    {"Mul", "", ocelot_onnx_build_arithmetic},
    {"Div", "", ocelot_onnx_build_arithmetic},
    {"Sum", "", ocelot_onnx_build_sum},
    {"Relu", "", ocelot_onnx_build_relu},
    {"LeakyRelu", "", ocelot_onnx_build_leaky_relu},
    {"Clip", "", ocelot_onnx_build_clip},
    {"MaxPool", "", ocelot_onnx_build_pool},
    {"AveragePool", "", ocelot_onnx_build_pool},
    {"LpPool", "", ocelot_onnx_build_pool},
    {"GlobalMaxPool", "", ocelot_onnx_build_global_pool},
    {"GlobalAveragePool", "", ocelot_onnx_build_global_pool},
    {"GlobalLpPool", "", ocelot_onnx_build_global_pool},
    {"ReduceMean", "", ocelot_onnx_build_reduce_mean},
    {"Concat", "", ocelot_onnx_build_concat},
    {"Slice", "", ocelot_onnx_build_slice},
    {"Gather", "", ocelot_onnx_build_gather},
    {"Pad", "", ocelot_onnx_build_pad},
    {"Transpose", "", ocelot_onnx_build_transpose},
    {"Flatten", "", ocelot_onnx_build_flatten},
    {"Reshape", "", ocelot_onnx_build_reshape},
    {"Squeeze", "", ocelot_onnx_build_squeeze},
    {"Unsqueeze", "", ocelot_onnx_build_unsqueeze},
    {"Identity", "", ocelot_onnx_build_identity},
    {"Dropout", "", ocelot_onnx_build_dropout},
    {"Cast", "", ocelot_onnx_build_cast},
    {"Constant", "", ocelot_onnx_build_constant},
    {"Shape", "", ocelot_onnx_build_shape},
    {"Softmax", "", ocelot_onnx_build_softmax},
    {"LogSoftmax", "", ocelot_onnx_build_softmax},
    {"Scaler", ML, ocelot_onnx_build_scaler},
    {"Normalizer", ML, ocelot_onnx_build_normalizer},
    {NULL, NULL, NULL},
};

const struct ocelot_onnx_builder *ocelot_onnx_builder_find(const Onnx__NodeProto *node)
{
    const char *domain = ocelot_onnx_text(node->domain), *op_type = ocelot_onnx_text(node->op_type);
    if (strcmp(domain, "ai.onnx") == 0)
        domain = "";
    for (const struct ocelot_onnx_builder *row = ocelot_onnx_builders; row->op_type; row++)
        if (strcmp(row->op_type, op_type) == 0 && strcmp(row->domain, domain) == 0)
            return row;
    return NULL;
}
