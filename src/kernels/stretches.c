#include "kernels/stretches.h"

#include <string.h>

/* Numbers of a stretch that is worth handing over, and how many stretches there are at most. */
enum { LEAST = 16384, MOST = 64 };

/* The length of all stretches but the last, in whole strips. */
static size_t length_of(size_t n)
{
    size_t even = (n + MOST - 1) / MOST;
    even = (even + OCELOT_SIGNAL_PERIOD - 1) / OCELOT_SIGNAL_PERIOD * OCELOT_SIGNAL_PERIOD;
    return even < LEAST ? LEAST : even;
}

#define OCELOT_BODY "kernels/stretches_body.h"
#include "base/stamp.h"
