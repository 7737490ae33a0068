#define BODY ocelot_kernels_avx512
#define BODY_NAME "avx512"
#define BODY_AVAILABLE ocelot_cpu_avx512
#define LANES 8
#define PANEL_ROWS 8
#define PANEL_VECTORS 3
#define TILE_ROWS 14
#define TALL_ROWS 16
#define COLUMN_ROWS 6
#include "kernels/body.h"
