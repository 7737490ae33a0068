/* SoftMax: out_k = exp(in_k) / sum exp(in) along the last dimension. Explained before it, so without relevance. */
#include <math.h>

#include "ops/line.h"
#include "ops/ops.h"

#define OCELOT_BODY "ops/softmax_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_softmax = {.name = "SoftMax",
                                            .inputs = 1,
                                            .infer = ocelot_line_infer,
                                            .f64 = {.forward = forward_f64, .transpose = transpose_f64},
                                            .f32 = {.forward = forward_f32, .transpose = transpose_f32}};
