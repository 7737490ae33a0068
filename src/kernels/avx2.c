#define BODY ocelot_kernels_avx2
#define BODY_NAME "avx2"
#define BODY_AVAILABLE ocelot_cpu_avx2
#define LANES 4
#define PANEL_ROWS 6
#define PANEL_VECTORS 2
#define TILE_ROWS 6
#define TALL_ROWS 8
#define COLUMN_ROWS 4
#include "kernels/body.h"
