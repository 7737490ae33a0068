/* Element-wise work on whole activations, shared out in stretches. How long they are depends on the count alone, and sums are added stretch by
 * stretch, so nothing depends on the team. */
#ifndef OCELOT_KERNELS_STRETCHES_H
#define OCELOT_KERNELS_STRETCHES_H

#include "kernels/kernels.h"

#define OCELOT_BODY "kernels/stretches_header.h"
#include "base/stamp.h"

#endif
