#include "kernels/stretches.h"

#include <string.h>

/* Numbers of a stretch that is worth handing over, and of a part of it that is written, and read again for its sum, in the first-level cache. */
enum { LEAST = 8192, CACHED = 4096 };

/* Stretches come in fours, which most teams share evenly. */
enum { FOUR = 4 };

size_t ocelot_stretch_length(size_t n)
{
    size_t count = n <= LEAST ? 1 : (n + FOUR * LEAST - 1) / (FOUR * LEAST) * FOUR, most = count < OCELOT_STRETCHES ? count : OCELOT_STRETCHES;
    size_t even = (n + most - 1) / most;
    return even < OCELOT_SIGNAL_PERIOD ? OCELOT_SIGNAL_PERIOD
                                       : (even + OCELOT_SIGNAL_PERIOD - 1) / OCELOT_SIGNAL_PERIOD * OCELOT_SIGNAL_PERIOD;
}

#define OCELOT_BODY "kernels/stretches_body.h"
#include "base/stamp.h"
