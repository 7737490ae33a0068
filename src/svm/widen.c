/* Copies of machines, as they are or with more features. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/machine.h"

/* A copy of `count` values into `room` >= count places from `offset` on, the rest filled; NULL for NULL (which is no failure). */
static bool copy_values(const double *values, size_t count, size_t room, size_t offset, double fill, double **out)
{
    *out = NULL;
    if (!values)
        return true;
    *out = ocelot_allocate(room, sizeof **out);
    if (!*out)
        return false;
    for (size_t i = 0; i < room; i++)
        (*out)[i] = i >= offset && i < offset + count ? values[i - offset] : fill;
    return true;
}

static bool copy_integers(const int *values, size_t count, int **out)
{
    *out = NULL;
    if (!values)
        return true;
    *out = ocelot_allocate(count, sizeof **out);
    if (*out)
        memcpy(*out, values, count * sizeof **out);
    return *out != NULL;
}

/* Names move with their features; new features are named by their index. */
static bool copy_names(const struct ocelot_machine *from, struct ocelot_machine *to, size_t offset)
{
    if (!from->card.names)
        return true;
    to->card.names = ocelot_allocate(to->width, sizeof *to->card.names);
    for (size_t i = 0; to->card.names && i < to->width; i++) {
        bool old = i >= offset && i < offset + from->width;
        const char *name = old ? from->card.names[i - offset] : NULL;
        to->card.names[i] = old ? ocelot_copy_text(name, strlen(name)) : ocelot_machine_feature_name(to->first + (long)i);
        if (!to->card.names[i])
            return false;
    }
    return to->card.names != NULL;
}

static bool copy_network(const struct ocelot_machine_network *from, struct ocelot_machine_network *to)
{
    *to = *from;
    to->node = ocelot_copy_text(from->node, strlen(from->node));
    to->path = from->path ? ocelot_copy_text(from->path, strlen(from->path)) : NULL;
    return to->node && (!from->path || to->path);
}

static bool copy_card(const struct ocelot_machine *from, struct ocelot_machine *to, size_t offset)
{
    const struct ocelot_card *a = &from->card;
    struct ocelot_card *b = &to->card;
    b->held_out_count = a->held_out_count;
    b->training = a->training;
    b->patch = a->patch;
    b->ensemble = a->ensemble;
    b->ensemble.held_out = NULL;
    if (a->scaling && !(b->scaling = ocelot_copy_text(a->scaling, strlen(a->scaling))))
        return false;
    if (a->network.node && !copy_network(&a->network, &b->network))
        return false;
    return copy_names(from, to, offset) && copy_values(a->center, from->width, to->width, offset, 0, &b->center) &&
           copy_values(a->factor, from->width, to->width, offset, from->absent_factor, &b->factor) &&
           copy_values(a->low, from->width, to->width, offset, NAN, &b->low) &&
           copy_values(a->median, from->width, to->width, offset, NAN, &b->median) &&
           copy_values(a->high, from->width, to->width, offset, NAN, &b->high) && copy_values(a->unit, from->width, to->width, offset, 1, &b->unit) &&
           copy_values(a->held_out, a->held_out_count, a->held_out_count, 0, 0, &b->held_out) &&
           copy_values(a->ensemble.held_out, a->ensemble.held_out_count, a->ensemble.held_out_count, 0, 0, &b->ensemble.held_out);
}

/* A copy of one machine with `width` features, those of `from` at `offset`; its followers are not copied. */
static struct ocelot_machine *copy(const struct ocelot_machine *from, size_t offset, size_t width)
{
    struct ocelot_machine *to = ocelot_allocate(1, sizeof *to);
    size_t values;
    if (!to)
        return NULL;
    *to = (struct ocelot_machine){.type = from->type,
                                  .kernel = from->kernel,
                                  .parameters = from->parameters,
                                  .classes = from->classes,
                                  .pairs = from->pairs,
                                  .count = from->count,
                                  .width = width,
                                  .first = from->first - (long)offset,
                                  .absent_factor = from->absent_factor,
                                  .has_card = from->has_card};
    size_t coefficients = (from->classes - 1) * from->count;
    if (!copy_values(from->coefficients, coefficients, coefficients, 0, 0, &to->coefficients) ||
        !copy_values(from->rho, from->pairs, from->pairs, 0, 0, &to->rho) ||
        !copy_values(from->prob_a, from->pairs, from->pairs, 0, 0, &to->prob_a) ||
        !copy_values(from->prob_b, from->pairs, from->pairs, 0, 0, &to->prob_b) ||
        !copy_values(from->density, OCELOT_DENSITY_MARKS, OCELOT_DENSITY_MARKS, 0, 0, &to->density) ||
        !copy_integers(from->labels, from->classes, &to->labels) || !copy_integers(from->members, from->classes, &to->members) ||
        !copy_card(from, to, offset) || !ocelot_size_multiply(to->count, width, &values) ||
        !(to->support = ocelot_allocate(values, sizeof *to->support))) {
        ocelot_machine_free(to);
        return NULL;
    }
    for (size_t j = 0; j < from->count; j++)
        memcpy(to->support + j * width + offset, from->support + j * from->width, from->width * sizeof *to->support);
    return to;
}

enum ocelot_status ocelot_machine_copy(const struct ocelot_machine *machine, struct ocelot_machine **out, struct ocelot_error *err)
{
    struct ocelot_machine **next = out;
    *out = NULL;
    for (const struct ocelot_machine *m = machine; m; m = m->next) {
        *next = copy(m, 0, m->width);
        if (!*next) {
            ocelot_machine_free(*out);
            *out = NULL;
            return ocelot_fail_memory(err, "a copy of the model");
        }
        next = &(*next)->next;
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_machine_widen(struct ocelot_machine *machine, long first, long last, size_t limit, struct ocelot_error *err)
{
    long model_last = machine->first + (long)machine->width - 1;
    if (first < 0 || first > 1 || first > machine->first || last < model_last || last >= INT_MAX)
        return ocelot_fail(err, OCELOT_E_SHAPE, "the model has features %ld to %ld, expected indices that include them, found %ld to %ld",
                           machine->first, model_last, first, last);
    size_t width = (size_t)(last - first) + 1;
    if (width == machine->width)
        return OCELOT_OK;
    struct ocelot_machine sizes = *machine;
    sizes.width = width;
    enum ocelot_status status = ocelot_machine_fits(&sizes, limit, NULL, err);
    if (status != OCELOT_OK)
        return status;
    struct ocelot_machine *wider = copy(machine, (size_t)(machine->first - first), width);
    if (!wider)
        return ocelot_fail_memory(err, "the wider model");
    struct ocelot_machine old = *machine;
    *machine = *wider;
    machine->next = old.next;
    *wider = old;
    wider->next = NULL;
    ocelot_machine_free(wider);
    return machine->next ? ocelot_machine_widen(machine->next, first, last, limit, err) : OCELOT_OK;
}
