#include "ops/ops.h"

#include <stddef.h>

const struct ocelot_op *const ocelot_ops[] = {
    &ocelot_op_input, &ocelot_op_scale,    &ocelot_op_present,      &ocelot_op_distance,     &ocelot_op_softmin,    &ocelot_op_dense,
    &ocelot_op_power, &ocelot_op_tanh,     &ocelot_op_relu,         &ocelot_op_exp_negative, &ocelot_op_add,        &ocelot_op_channel,
    &ocelot_op_conv,  &ocelot_op_max_pool, &ocelot_op_average_pool, &ocelot_op_power_pool,   &ocelot_op_leaky_relu, &ocelot_op_clip,
    &ocelot_op_lrn,   &ocelot_op_arrange,  &ocelot_op_softmax,      &ocelot_op_log_softmax,  &ocelot_op_normalise,  NULL,
};
