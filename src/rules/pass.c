#include "rules/pass.h"

#include "ops/difference.h"

static bool rectifies(const struct ocelot_node *node)
{
    return (node->op->traits & OCELOT_OP_RECTIFIER) != 0;
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
const struct ocelot_pass ocelot_pass_rescale = {.name = "rescale", .takes = bends, .reference = true, .f64 = rescale_f64, .f32 = rescale_f32};
