/* Training by the solver of solver.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/size.h"
#include "svm/problem.h"
#include "svm/solver.h"

/* A row: scaled, copied for a round and packed twice, support vector in machine and network; and a few values of its own. */
static enum ocelot_status fits(const struct ocelot_problem *p, struct ocelot_error *err)
{
    return ocelot_problem_limit(p, (double)(p->d + 1) * 8 * sizeof(double) + 128, 0, sizeof(double), err);
}

static enum ocelot_status build(const struct ocelot_problem *p, const struct ocelot_solver *solver, struct ocelot_machine *machine,
                                struct ocelot_error *err)
{
    struct ocelot_training *training = &machine->card.training;
    snprintf(training->solver, sizeof training->solver, "%s", ocelot_trainer_own.name);
    training->iterations = solver->iterations;
    training->gap = solver->gap;
    return ocelot_problem_machine(p, solver->alpha, solver->rho, machine, err);
}

static enum ocelot_status train(const struct ocelot_problem *p, struct ocelot_machine *machine, struct ocelot_error *err)
{
    const double mib = 1048576;
    struct ocelot_solver solver = {.kernels = ocelot_kernels_find(NULL),
                                   .profile = p->kernel->profile,
                                   .parameters = {p->parameters.gamma, p->parameters.power},
                                   .points = p->scaled,
                                   .n = p->n,
                                   .d = p->d,
                                   .total = p->options->nu * (double)p->n,
                                   .tolerance = p->options->tolerance,
                                   .cache_bytes = (size_t)(fmin(p->options->cache_mb, 1e6) * mib),
                                   .seed = p->options->seed,
                                   .pace = p->pace};
    if (!(p->options->tolerance > 0))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "tolerance: found %g, expected a number greater than 0", p->options->tolerance);
    if (!(p->options->cache_mb > 0))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "cache-mb: found %g, expected a number greater than 0", p->options->cache_mb);
    if (!(solver.total < (double)p->n))
        return ocelot_fail(err, OCELOT_E_VALUE, "found no solution: nu is too near 1 to leave a row on the border");
    solver.alpha = ocelot_allocate(p->n, sizeof *solver.alpha);
    solver.gradient = ocelot_allocate(p->n, sizeof *solver.gradient);
    enum ocelot_status status = OCELOT_OK;
    if (!solver.alpha || !solver.gradient)
        status = ocelot_fail_memory(err, "the solver");
    if (status == OCELOT_OK)
        status = ocelot_solver_run(&solver, err);
    if (status == OCELOT_OK)
        status = build(p, &solver, machine, err);
    free(solver.alpha);
    free(solver.gradient);
    return status;
}

const struct ocelot_trainer ocelot_trainer_own = {.name = "own", .distances_only = true, .fits = fits, .train = train};
