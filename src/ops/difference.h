/* What multipliers of differences are made of (DeepLIFT's rescale rule): quotients, with the slope where two points coincide. */
#ifndef OCELOT_OPS_DIFFERENCE_H
#define OCELOT_OPS_DIFFERENCE_H

#include <stdbool.h>

#define OCELOT_BODY "ops/difference_body.h"
#include "base/stamp.h"

#endif
