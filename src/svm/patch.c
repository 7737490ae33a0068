#include "svm/patch.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "ops/ops.h"
#include "svm/lower.h"

bool ocelot_patch_positions(const struct ocelot_machine_patch *p, size_t *down, size_t *across)
{
    size_t image, width, windows, all;
    if (p->height == 0 || p->width == 0 || p->stride == 0 || p->height > p->shape[1] || p->width > p->shape[2])
        return false;
    *down = (p->shape[1] - p->height) / p->stride + 1;
    *across = (p->shape[2] - p->width) / p->stride + 1;
    return ocelot_size_multiply(p->shape[0], p->shape[1], &image) && ocelot_size_multiply(image, p->shape[2], &image) && image > 0 &&
           ocelot_size_multiply(p->height, p->width, &width) && ocelot_size_multiply(width, p->shape[0], &width) &&
           ocelot_size_multiply(*down, *across, &windows) && ocelot_size_multiply(windows, width, &all) && all <= INT_MAX && image <= INT_MAX;
}

size_t ocelot_patch_image(const struct ocelot_machine_patch *p)
{
    return p->shape[0] * p->shape[1] * p->shape[2];
}

size_t ocelot_patch_width(const struct ocelot_machine_patch *p)
{
    return p->shape[0] * p->height * p->width;
}

void ocelot_patch_map(const struct ocelot_machine_patch *p, size_t position, uint32_t *map)
{
    size_t across = (p->shape[2] - p->width) / p->stride + 1;
    size_t top = position / across * p->stride, left = position % across * p->stride;
    for (size_t c = 0; c < p->shape[0]; c++)
        for (size_t y = 0; y < p->height; y++)
            for (size_t x = 0; x < p->width; x++)
                *map++ = (uint32_t)((c * p->shape[1] + top + y) * p->shape[2] + left + x);
}

/* The windows one after another: [positions][width]. */
static enum ocelot_status append_windows(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t positions, size_t *node,
                                         struct ocelot_error *err)
{
    struct ocelot_shape shape = {.rank = 2, .extent = {positions, m->width}};
    uint32_t *map = ocelot_allocate(positions * m->width, sizeof *map);
    if (!map)
        return ocelot_fail_memory(err, "the patches");
    for (size_t p = 0; p < positions; p++)
        ocelot_patch_map(&m->card.patch, p, map + p * m->width);
    enum ocelot_status status = ocelot_append_arrange(graph, node, 1, &shape, map, 0, node, err);
    free(map);
    return status;
}

/* The scaling of a patch, at every position. */
static enum ocelot_status append_scale(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t positions, size_t *node,
                                       struct ocelot_error *err)
{
    if (!m->card.center)
        return OCELOT_OK;
    size_t total = positions * m->width;
    double *center = ocelot_allocate(total, sizeof *center), *factor = ocelot_allocate(total, sizeof *factor);
    enum ocelot_status status = OCELOT_OK;
    if (!center || !factor) {
        status = ocelot_fail_memory(err, "the scaling");
        goto done;
    }
    for (size_t n = 0; n < total; n++) {
        center[n] = m->card.center[n % m->width];
        factor[n] = m->card.factor[n % m->width];
    }
    status = ocelot_append_scale(graph, *node, center, factor, node, err);
done:
    free(center);
    free(factor);
    return status;
}

/* The sum over positions. */
static enum ocelot_status append_sum(struct ocelot_graph *graph, size_t positions, size_t node, struct ocelot_error *err)
{
    double *ones = ocelot_allocate(positions, sizeof *ones);
    if (!ones)
        return ocelot_fail_memory(err, "the sum over positions");
    for (size_t p = 0; p < positions; p++)
        ones[p] = 1;
    enum ocelot_status status = ocelot_append_dense(graph, node, ones, NULL, 1, NULL, err);
    free(ones);
    return status;
}

/* w_j = a_j / A. */
static enum ocelot_status append_pool(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t *node, struct ocelot_error *err)
{
    double sum, *weights = ocelot_allocate(m->count, sizeof *weights);
    if (!weights)
        return ocelot_fail_memory(err, "the pooling weights");
    ocelot_machine_threshold(m, &sum);
    for (size_t j = 0; j < m->count; j++)
        weights[j] = m->coefficients[j] / sum;
    enum ocelot_status status = ocelot_append_softmin(graph, *node, weights, NULL, 1, node, err);
    free(weights);
    return status;
}

enum ocelot_status ocelot_patch_append(const struct ocelot_machine *m, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    size_t down, across, node = input;
    struct ocelot_profile_parameters p = {m->parameters.gamma, m->parameters.power};
    if (!ocelot_patch_positions(&m->card.patch, &down, &across) || ocelot_patch_width(&m->card.patch) != m->width ||
        graph->nodes[input]->size != ocelot_patch_image(&m->card.patch))
        return ocelot_fail(err, OCELOT_E_SHAPE, "patches of %zu values do not fit the image that they slide over", m->width);
    if (!m->kernel->profile || m->type->role != OCELOT_ROLE_ONE_CLASS)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "patches need a one-class SVM with a kernel of a distance, such as rbf");
    size_t positions = down * across;
    enum ocelot_status status = append_windows(m, graph, positions, &node, err);
    if (status == OCELOT_OK)
        status = append_scale(m, graph, positions, &node, err);
    if (status == OCELOT_OK)
        status = ocelot_append_referenced_distances(graph, node, m->kernel->profile, p, m->support, &m->entries, m->count, positions, &node, err);
    if (status == OCELOT_OK)
        status = append_pool(m, graph, &node, err);
    return status == OCELOT_OK ? append_sum(graph, positions, node, err) : status;
}
