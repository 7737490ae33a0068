#include "svm/ensemble.h"

#include <math.h>
#include <string.h>

#include "ops/ops.h"
#include "svm/lower.h"

/* Equal arrays, or neither there. */
static bool same_numbers(const double *a, const double *b, size_t count)
{
    return !a == !b && (!a || memcmp(a, b, count * sizeof *a) == 0);
}

static bool same_names(const struct ocelot_machine *a, const struct ocelot_machine *b)
{
    if (!a->card.names != !b->card.names)
        return false;
    for (size_t i = 0; a->card.names && i < a->width; i++)
        if (strcmp(a->card.names[i], b->card.names[i]) != 0)
            return false;
    return true;
}

enum ocelot_status ocelot_ensemble_check(const struct ocelot_machine *first, const struct ocelot_machine *member, const char *name, size_t line,
                                         struct ocelot_error *err)
{
    if (!ocelot_machine_pools(first) || !ocelot_machine_pools(member))
        return ocelot_fail(err, OCELOT_E_FORMAT,
                           "%s:%zu: found an ensemble with a %s model of kernel %s, expected one-class models with kernels of a distance, on rows",
                           name, line, ocelot_machine_pools(first) ? member->type->word : first->type->word,
                           ocelot_machine_pools(first) ? member->kernel->name : first->kernel->name);
    if (member->card.ensemble.members)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found a card that counts members, expected that of the first member alone to do so", name,
                           line);
    if (first->width != member->width || first->first != member->first || !same_names(first, member))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found a member with other features than the first, expected the same %zu", name, line,
                           first->width);
    if (!same_numbers(first->card.center, member->card.center, first->width) || !same_numbers(first->card.factor, member->card.factor, first->width))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found a member that scales its features otherwise than the first, expected the same", name,
                           line);
    return OCELOT_OK;
}

enum ocelot_status ocelot_ensemble_append(const struct ocelot_machine *first, struct ocelot_graph *graph, size_t input, struct ocelot_error *err)
{
    size_t score[OCELOT_ENSEMBLE_MEMBERS], count = 0;
    enum ocelot_status status = OCELOT_OK;
    for (const struct ocelot_machine *m = first; m && status == OCELOT_OK; m = m->next) {
        status = m->kernel->family->form[m->type->role].append(m, graph, input, err);
        score[count++] = graph->count - 1;
    }
    return status == OCELOT_OK ? ocelot_append_plain(graph, &ocelot_op_add, score, count, NULL, err) : status;
}

void ocelot_ensemble_describe(const struct ocelot_machine *first, struct ocelot_model_info *info)
{
    const double none = NAN;
    info->members = 1;
    info->support_vectors = first->count;
    for (const struct ocelot_machine *m = first->next; m; m = m->next) {
        info->members++;
        info->iterations += m->card.training.iterations;
        info->gap = fmax(info->gap, m->card.training.gap);
        info->support_vectors += m->count;
        if (m->kernel != first->kernel)
            info->kernel = "several";
    }
    info->gamma = info->power = info->rho = info->coefficient_sum = none;
    info->threshold = first->card.ensemble.threshold;
    info->calibration_rows = first->card.ensemble.held_out_count;
}

const struct ocelot_machine *ocelot_ensemble_member(const struct ocelot_machine *first, size_t *j)
{
    for (; first->next && *j >= first->count; first = first->next)
        *j -= first->count;
    return first;
}
