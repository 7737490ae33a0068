#include "rules/pass.h"

#include <string.h>

#include "ops/difference.h"
#include "ops/ops.h"

static bool rectifies(const struct ocelot_node *node)
{
    return (node->op->traits & OCELOT_OP_RECTIFIER) != 0;
}

static bool scales(const struct ocelot_node *node)
{
    return node->op == &ocelot_op_scale;
}

/* Affine layers send differences as they send gradients. */
static bool bends(const struct ocelot_node *node)
{
    return !(node->op->traits & (OCELOT_OP_AFFINE | OCELOT_OP_SOURCE));
}

bool ocelot_node_has_difference(const struct ocelot_node *node)
{
    return !bends(node) || (node->op->traits & OCELOT_OP_ELEMENTWISE) || node->op->f64.difference;
}

#define OCELOT_BODY "rules/pass_body.h"
#include "base/stamp.h"

const struct ocelot_pass ocelot_pass_guided = {.name = "guided", .takes = rectifies, .f64 = guided_f64, .f32 = guided_f32};
const struct ocelot_pass ocelot_pass_deconvnet = {.name = "deconvnet", .takes = rectifies, .f64 = deconvnet_f64, .f32 = deconvnet_f32};
const struct ocelot_pass ocelot_pass_through = {.name = "through", .takes = scales, .f64 = through_f64, .f32 = through_f32};
const struct ocelot_pass ocelot_pass_inverse = {.name = "inverse", .takes = scales, .f64 = inverse_f64, .f32 = inverse_f32};
const struct ocelot_pass ocelot_pass_rescale = {.name = "rescale", .takes = bends, .reference = true, .f64 = rescale_f64, .f32 = rescale_f32};
