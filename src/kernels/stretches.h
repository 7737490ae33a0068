/* Element-wise work on whole activations, shared out in stretches. How long they are depends on the count alone, and sums are added stretch by
 * stretch, so nothing depends on the team. */
#ifndef OCELOT_KERNELS_STRETCHES_H
#define OCELOT_KERNELS_STRETCHES_H

#include "kernels/kernels.h"

/* The length of all stretches of n numbers but the last, in whole strips; and how many there are at most. */
enum { OCELOT_STRETCHES = 64 };
size_t ocelot_stretch_length(size_t n);

#define OCELOT_BODY "kernels/stretches_header.h"
#include "base/stamp.h"

#endif
