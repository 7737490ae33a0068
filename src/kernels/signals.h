/* Element-wise work of the walks in both precisions (kernels.h says what it is), for a file that is one body of the kernels. */
#ifndef OCELOT_KERNELS_SIGNALS_H
#define OCELOT_KERNELS_SIGNALS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/kernels.h"

enum { PLACES = OCELOT_SIGNAL_PERIOD, STRETCH = 1024 };

#include "kernels/pools.h"

#define OCELOT_BODY "kernels/signals_body.h"
#include "base/stamp.h"

#endif
