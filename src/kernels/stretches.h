/* Element-wise work on whole activations, shared out in stretches. How long they are depends on the count alone, and sums are added stretch by
 * stretch, so nothing depends on the team. */
#ifndef OCELOT_KERNELS_STRETCHES_H
#define OCELOT_KERNELS_STRETCHES_H

#include "kernels/kernels.h"

/* The length of all stretches of n numbers but the last, in whole strips; and how many there are at most. */
enum { OCELOT_STRETCHES = 64 };
size_t ocelot_stretch_length(size_t n);

/* How many stretches of that length there are. A division is as long as the work on a few numbers. */
size_t ocelot_stretch_count(size_t n, size_t length);

#define OCELOT_BODY "kernels/stretches_header.h"
#include "base/stamp.h"

/* to = from [n] in the other precision. */
void ocelot_stretches_round(struct ocelot_team *team, const double *from, size_t n, float *to);
void ocelot_stretches_widen(struct ocelot_team *team, const float *from, size_t n, double *to);

/* Whether all values [n] are finite. */
bool ocelot_stretches_finite(struct ocelot_team *team, const double *values, size_t n);

#endif
