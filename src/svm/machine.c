#include "svm/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/patch.h"

enum { DEFAULT_LIMIT_GIB = 8 };

void ocelot_machine_free(void *machine)
{
    struct ocelot_machine *m = machine;
    if (!m)
        return;
    for (size_t i = 0; m->card.names && i < m->width; i++)
        free(m->card.names[i]);
    void *const blocks[] = {m->card.network.path,
                            m->card.network.node,
                            m->coefficients,
                            m->support,
                            m->rho,
                            m->prob_a,
                            m->prob_b,
                            m->density,
                            m->labels,
                            m->members,
                            m->sums,
                            m->card.names,
                            m->card.scaling,
                            m->card.center,
                            m->card.factor,
                            m->card.low,
                            m->card.median,
                            m->card.high,
                            m->card.unit,
                            m->card.held_out,
                            m->card.ensemble.held_out};
    for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
        free(blocks[k]);
    ocelot_entries_free(&m->entries);
    ocelot_machine_free(m->next);
    free(m);
}

const struct ocelot_machine *ocelot_machine_of(const struct ocelot_model *model)
{
    return model->source_free == ocelot_machine_free ? model->source : NULL;
}

bool ocelot_machine_plain(const struct ocelot_machine *machine)
{
    return !machine->card.network.node && !machine->card.patch.height;
}

bool ocelot_machine_pools(const struct ocelot_machine *machine)
{
    return machine->type->role == OCELOT_ROLE_ONE_CLASS && machine->kernel->profile && ocelot_machine_plain(machine);
}

/* a * b + *sum into *sum; false on overflow. */
static bool add_product(size_t a, size_t b, size_t *sum)
{
    size_t product;
    return ocelot_size_multiply(a, b, &product) && ocelot_size_add(*sum, product, sum);
}

/* Support vectors twice (the machine's, and what a network of dot products makes of them or, while it is made, the list of their entries); the groups
 * of soft-min pooling of a classifier as weights, log-weights and once while building, and the layer that joins them twice; names, scaling, quantiles
 * and reference of each feature. */
static bool machine_bytes(const struct ocelot_machine *m, size_t *bytes)
{
    enum {
        FEATURE_BYTES = sizeof(struct ocelot_feature) + 160,
        GROUP_BYTES = 6 * sizeof(double),
        JOIN_BYTES = 8 * sizeof(double),
        WINDOW_BYTES = 48
    };
    size_t values, groups, joins, down, across, windows = 0;
    *bytes = 0;
    if (m->card.patch.height &&
        (!ocelot_patch_positions(&m->card.patch, &down, &across) || !ocelot_size_multiply(down * across, m->width, &windows) ||
         !add_product(ocelot_patch_image(&m->card.patch), FEATURE_BYTES, bytes)))
        return false;
    return add_product(windows, WINDOW_BYTES, bytes) && ocelot_size_multiply(m->count, m->width, &values) &&
           ocelot_size_multiply(m->count, m->pairs, &groups) && ocelot_size_multiply(m->pairs, m->pairs, &joins) &&
           add_product(values, 2 * sizeof(double), bytes) && add_product(groups, GROUP_BYTES, bytes) && add_product(joins, JOIN_BYTES, bytes) &&
           add_product(m->count, (m->classes + 1) * sizeof(double), bytes) && add_product(m->width, FEATURE_BYTES, bytes);
}

enum ocelot_status ocelot_machine_fits(const struct ocelot_machine *machine, size_t limit, const char *name, struct ocelot_error *err)
{
    size_t bytes;
    if (limit == 0)
        limit = (size_t)DEFAULT_LIMIT_GIB << 30;
    if (!machine_bytes(machine, &bytes))
        bytes = SIZE_MAX;
    if (bytes <= limit)
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_LIMIT, "%s%sfound %zu support vectors of %zu features, which take about %zu MiB, expected at most %zu MiB",
                       name ? name : "", name ? ": " : "", machine->count, machine->width, bytes >> 20, limit >> 20);
}

enum ocelot_status ocelot_machine_allocate(struct ocelot_machine *m, struct ocelot_error *err)
{
    size_t values, coefficients;
    if (!ocelot_size_multiply(m->count, m->width, &values) || !ocelot_size_multiply(m->classes - 1, m->count, &coefficients))
        return ocelot_fail_memory(err, "the support vectors");
    m->support = ocelot_allocate(values, sizeof *m->support);
    m->coefficients = ocelot_allocate(coefficients, sizeof *m->coefficients);
    if (!m->rho)
        m->rho = ocelot_allocate(m->pairs, sizeof *m->rho);
    return m->support && m->coefficients && m->rho ? OCELOT_OK : ocelot_fail_memory(err, "the support vectors");
}

void ocelot_machine_pair_classes(const struct ocelot_machine *m, size_t pair, size_t *i, size_t *j)
{
    size_t left = m->classes - 1; /* pairs that class *i opens */
    for (*i = 0; pair >= left; (*i)++)
        pair -= left--;
    *j = *i + 1 + pair;
}

void ocelot_machine_pair(const struct ocelot_machine *m, size_t pair, double *row)
{
    if (m->type->role != OCELOT_ROLE_CLASSIFIER) {
        memcpy(row, m->coefficients, m->count * sizeof *row);
        return;
    }
    size_t classes[2], start = 0;
    ocelot_machine_pair_classes(m, pair, &classes[0], &classes[1]);
    memset(row, 0, m->count * sizeof *row);
    /* class i's coefficients against j stand in row j - 1, class j's against i in row i */
    const double *coefficients[2] = {m->coefficients + (classes[1] - 1) * m->count, m->coefficients + classes[0] * m->count};
    for (size_t c = 0; c < m->classes; c++) {
        size_t members = (size_t)m->members[c];
        for (size_t side = 0; side < 2; side++)
            if (c == classes[side])
                memcpy(row + start, coefficients[side] + start, members * sizeof *row);
        start += members;
    }
}

enum ocelot_status ocelot_machine_drop_zeros(struct ocelot_machine *m, const char *name, struct ocelot_error *err)
{
    size_t kept = 0;
    for (size_t j = 0; m->type->role == OCELOT_ROLE_ONE_CLASS && j < m->count; j++) {
        if (m->coefficients[j] == 0)
            continue;
        m->coefficients[kept] = m->coefficients[j];
        if (kept != j)
            memcpy(m->support + kept * m->width, m->support + j * m->width, m->width * sizeof *m->support);
        kept++;
    }
    if (m->type->role == OCELOT_ROLE_ONE_CLASS)
        m->count = kept;
    return m->count ? OCELOT_OK : ocelot_fail(err, OCELOT_E_FORMAT, "%s: found only coefficients of 0, expected a positive one", name);
}

void ocelot_machine_scale(const struct ocelot_machine *m, const double *row, double *scaled)
{
    for (size_t i = 0; i < m->width; i++)
        scaled[i] = m->card.center ? (row[i] - m->card.center[i]) * m->card.factor[i] : row[i];
}

double ocelot_machine_raw(const struct ocelot_machine *m, size_t i, double scaled)
{
    if (!m->card.center)
        return scaled;
    return m->card.factor[i] != 0 ? scaled / m->card.factor[i] + m->card.center[i] : m->card.center[i];
}

double ocelot_machine_kernel_value(const struct ocelot_machine *m, const double *scaled, size_t j)
{
    return ocelot_kernel_value(m->kernel, &m->parameters, scaled, m->support + j * m->width, m->width);
}

char *ocelot_machine_feature_name(long index)
{
    char text[32];
    int length = snprintf(text, sizeof text, "f%ld", index);
    return ocelot_copy_text(text, (size_t)length);
}
