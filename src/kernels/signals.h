/* Element-wise work of the walks in both precisions (kernels.h says what it is), for a file that is one body of the kernels. */
#ifndef OCELOT_KERNELS_SIGNALS_H
#define OCELOT_KERNELS_SIGNALS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"

enum { PLACES = OCELOT_SIGNAL_PERIOD, STRIPS = 16, BRIEF = PLACES * STRIPS, STRETCH = 1024 };

/* Of all places, in halves, which compilers add side by side. */
static inline double total_of(double *places)
{
    for (size_t half = PLACES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            places[l] += places[l + half];
    return places[0];
}

#include "kernels/pools.h"

#define OCELOT_BODY "kernels/signals_body.h"
#include "base/stamp.h"

#endif
