/* MaxPool: the largest of each window; the winner takes all, the first one in row-major order where several are equal. Padding never wins. */
#include <string.h>

#include "ops/difference.h"
#include "ops/pool.h"

#define OCELOT_BODY "ops/max_pool_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_max_pool = {
    .name = "MaxPool",
    .traits = OCELOT_OP_KEEPS_SIGN,
    .inputs = 1,
    .infer = ocelot_pool_infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = difference_f64},
    .f32 =
        {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = difference_f32, .blocks = OCELOT_BLOCKS_SAME},
    .describe = ocelot_pool_describe};
