/* PowerPool: out = (sum |in|^p)^(1/p). Relevance as through a sum pooling of the magnitudes, the ratio of both norms held constant:
 * R_i = |in_i| / sum |in| R. For activations that are not negative this is in_i / sum in; a negative one counts by its size, as in the norm.
 * A window of zeros has no direction: its relevance leaks. */
#include <math.h>
#include <string.h>

#include "ops/difference.h"
#include "ops/pool.h"

static double power_of(const struct ocelot_node *node)
{
    const struct ocelot_pool_params *p = node->params;
    return p->power;
}

#define OCELOT_BODY "ops/power_pool_body.h"
#include "base/stamp.h"

const struct ocelot_op ocelot_op_power_pool = {
    .name = "PowerPool",
    .traits = OCELOT_OP_KEEPS_SIGN,
    .inputs = 1,
    .infer = ocelot_pool_infer,
    .f64 = {.forward = forward_f64, .transpose = transpose_f64, .relevance = relevance_f64, .difference = difference_f64},
    .f32 = {.forward = forward_f32, .transpose = transpose_f32, .relevance = relevance_f32, .difference = difference_f32},
    .describe = ocelot_pool_describe};
