/* One fast body: a file defines the macros below and includes this one; it is compiled once for each instruction set. There is no code
 * that is written for one instruction set: register tiles (tiles.h) are sized by the macros, row loops (rows.h) are left to the compiler.
 *
 *   BODY, BODY_NAME, BODY_AVAILABLE   the table's symbol, its name, and the function that says whether this CPU can run it
 *   LANES                             doubles in a register
 *   PANEL_ROWS, PANEL_VECTORS         register tile of squared_distance and product: rows x vectors of support vectors
 *   TILE_ROWS, TALL_ROWS              register tile of Winograd's products: rows x 2 vectors of float outputs; and rows x 1, as many as a vector has
 *   COLUMN_ROWS                       rows of the tile of the weighted sums */
#include "kernels/bodies.h"
#include "kernels/dense.h"
#include "kernels/expected.h"
#include "kernels/expected_rows.h"
#include "kernels/gathered.h"
#include "kernels/narrow.h"
#include "kernels/rows.h"
#include "kernels/signals.h"
#include "kernels/single.h"
#include "kernels/solve.h"
#include "kernels/sparse_expected.h"
#include "kernels/tiles.h"
#include "kernels/winograd.h"

static const struct ocelot_blocked *const blocked_ways[] = {&winograd_verbs, &gathered_verbs, NULL};

const struct ocelot_kernels BODY = {
    .name = BODY_NAME,
    .available = BODY_AVAILABLE,
    .sparse = true,
    .hold = hold,
    .packed_bytes = packed_bytes,
    .pack = pack,
    .squared_distance = any_squared_distance,
    .profile = apply_profile,
    .weighted_square = any_weighted_square,
    .weighted_difference = any_weighted_difference,
    .weighted_sum = any_weighted_sum,
    .product = product,
    .softmin = softmin,
    .softmin_weights = softmin_weights,
    .softmin_relevance = softmin_relevance,
    .distance_weights = distance_weights,
    .pooled_weights = pooled_weights,
    .sums = sums,
    .add = add,
    .scale = scale,
    .expected = any_expected,
    .expected_from_shares = any_expected_from_shares,
    .expected_room = expected_room,
    .expected_of_rows = expected_of_rows,
    .single = &in_single,
    .f64 = &signals_f64,
    .f32 = &signals_f32,
    .decay = decay,
    .distances_of_products = distances_of_products,
    .add_scaled = add_scaled,
    .descend = descend,
    .partner = partner,
    .dense_product = dense_product,
    .dense_transpose = dense_transpose,
    .block = WIDE >= 8 ? WIDE : 0,
    .blocked = WIDE >= 8 ? blocked_ways : NULL,
    .narrow = WIDE >= 8 ? &narrow_verbs : NULL,
};
