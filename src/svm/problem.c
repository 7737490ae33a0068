#include "svm/problem.h"

#include <math.h>
#include <string.h>

static const struct ocelot_trainer *const trainers[] = {&ocelot_trainer_own, &ocelot_trainer_libsvm, NULL};

enum ocelot_status ocelot_trainer_choose(const char *name, const struct ocelot_machine_kernel *kernel, const struct ocelot_trainer **trainer,
                                         struct ocelot_error *err)
{
    for (size_t k = 0; trainers[k]; k++) {
        bool suits = kernel->profile || !trainers[k]->distances_only;
        if (name && strcmp(name, trainers[k]->name) == 0 && !suits)
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "solver: %s solves for kernels of a distance, and %s is none: choose libsvm", name,
                               kernel->name);
        if (name ? strcmp(name, trainers[k]->name) == 0 : suits) {
            *trainer = trainers[k];
            return OCELOT_OK;
        }
    }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "solver: found '%.40s', expected own or libsvm", name ? name : "");
}

/* The most rows that `bytes` hold: the root of pair r^2 + row r = bytes. */
static double most_rows(double row, double pair, double bytes)
{
    return pair > 0 ? (sqrt(row * row + 4 * pair * bytes) - row) / (2 * pair) : bytes / row;
}

enum ocelot_status ocelot_problem_limit(const struct ocelot_problem *p, double row, double pair, double value, struct ocelot_error *err)
{
    const double mib = 1048576, n = (double)p->n;
    double cache = fmin(p->options->cache_mb * mib, n * n * value), need = n * n * pair + n * row + cache;
    if (need <= p->options->memory_mb * mib)
        return OCELOT_OK;
    double rows = floor(most_rows(row, pair, fmax(0, p->options->memory_mb * mib - cache)));
    return ocelot_fail(err, OCELOT_E_LIMIT,
                       "training on %zu rows with the %s kernel takes about %.0f MiB%s, more than the %.0f MiB allowed: train on fewer, such as "
                       "--sample %.0f, or raise --memory-mb",
                       p->n, p->kernel->name, ceil(need / mib), pair > 0 ? ", most of it for the matrix of kernel values" : "", p->options->memory_mb,
                       rows);
}

enum ocelot_status ocelot_problem_machine(const struct ocelot_problem *p, const double *alpha, double rho, struct ocelot_machine *machine,
                                          struct ocelot_error *err)
{
    for (const struct ocelot_machine_type *type = ocelot_machine_types; type->word; type++)
        if (type->role == OCELOT_ROLE_ONE_CLASS)
            machine->type = type;
    machine->kernel = p->kernel;
    machine->parameters = p->parameters;
    machine->classes = 2;
    machine->pairs = 1;
    machine->width = p->d;
    machine->first = (long)p->options->first_index;
    machine->absent_factor = 1;
    machine->count = 0;
    for (size_t k = 0; k < p->n; k++)
        machine->count += alpha[k] != 0;
    enum ocelot_status status = ocelot_machine_allocate(machine, err);
    if (status != OCELOT_OK)
        return status;
    machine->rho[0] = rho;
    for (size_t k = 0, j = 0; k < p->n; k++)
        if (alpha[k] != 0) {
            machine->coefficients[j] = alpha[k];
            memcpy(machine->support + j++ * p->d, p->scaled + k * p->d, p->d * sizeof *machine->support);
        }
    return OCELOT_OK;
}
