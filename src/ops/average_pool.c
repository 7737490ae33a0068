/* AveragePool: the mean of each window, an affine op whose weights are implied. The divisor counts the positions that a window sees, with
 * `count_padding` zeros of the padding too, but never what lies beyond it, as ONNX defines. */
#include <string.h>

#include "ops/pool.h"

#define OCELOT_BODY "ops/average_pool_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_average_pool = {.name = "AveragePool",
                                                 .traits = OCELOT_OP_AFFINE | OCELOT_OP_KEEPS_SIGN,
                                                 .inputs = 1,
                                                 .infer = ocelot_pool_infer,
                                                 .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                                 .f32 = {.forward = forward_f32, .transpose = transpose_f32, .blocks = OCELOT_BLOCKS_SAME},
                                                 .describe = ocelot_pool_describe};
