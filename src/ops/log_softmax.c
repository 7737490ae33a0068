/* LogSoftMax: out_k = in_k - log sum exp(in) along the last dimension. Explained before it, so without relevance. */
#include <math.h>

#include "ops/line.h"
#include "ops/ops.h"

#define OCELOT_BODY "ops/log_softmax_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_log_softmax = {.name = "LogSoftMax",
                                                .inputs = 1,
                                                .infer = ocelot_line_infer,
                                                .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                                .f32 = {.forward = forward_f32, .transpose = transpose_f32}};
