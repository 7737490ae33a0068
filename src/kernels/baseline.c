#define BODY ocelot_kernels_baseline
#define BODY_NAME "baseline"
#define BODY_AVAILABLE ocelot_cpu_any
#define LANES 2
#define PANEL_ROWS 4
#define PANEL_VECTORS 2
#define TILE_ROWS 2
#define TALL_ROWS 4
#define COLUMN_ROWS 4
#include "kernels/body.h"
