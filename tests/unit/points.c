#include "points.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/size.h"
#include "support/cmocka_include.h"

static double *room(size_t count)
{
    double *block = ocelot_allocate(count, sizeof *block);
    assert_non_null(block);
    return block;
}

struct points points_make(size_t m, size_t d, size_t rows, double offset, unsigned seed)
{
    struct points points = {.m = m,
                            .d = d,
                            .rows = rows,
                            .u = room(m * d),
                            .x = room(rows * d),
                            .weights = room(m),
                            .log_weights = room(m),
                            .row_weights = room(rows * m),
                            .distance = room(rows * m),
                            .relevance = room(rows * d)};
    struct ocelot_rng rng;
    ocelot_rng_seed(&rng, seed);
    for (size_t k = 0; k < m * d; k++)
        points.u[k] = offset + ocelot_rng_normal(&rng);
    for (size_t k = 0; k < rows * d; k++)
        points.x[k] = offset + ocelot_rng_normal(&rng);
    for (size_t k = 0; k < rows * m; k++)
        points.row_weights[k] = ocelot_rng_uniform(&rng);
    double sum = 0;
    for (size_t j = 0; j < m; j++) {
        points.weights[j] = m > 7 && j % 7 == 3 ? 0 : 0.01 + ocelot_rng_uniform(&rng);
        sum += points.weights[j];
    }
    for (size_t j = 0; j < m; j++) {
        points.weights[j] /= sum;
        points.log_weights[j] = log(points.weights[j]);
    }
    return points;
}

void points_free(struct points *points)
{
    free(points->u);
    free(points->x);
    free(points->weights);
    free(points->log_weights);
    free(points->row_weights);
    free(points->distance);
    free(points->relevance);
    free(points->panels);
}

struct ocelot_packed points_pack(struct points *points, const struct ocelot_kernels *body)
{
    free(points->panels);
    points->panels = NULL;
    size_t bytes = body->packed_bytes(points->m, points->d);
    if (bytes > 0) {
        points->panels = aligned_alloc(64, (bytes + 63) / 64 * 64);
        assert_non_null(points->panels);
        body->pack(points->u, points->m, points->d, points->panels);
    }
    return (struct ocelot_packed){.points = points->u, .count = points->m, .size = points->d, .panels = points->panels};
}
