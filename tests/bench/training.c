/* Times one training by the own solver; tests/bench/training.py runs it beside scikit-learn.
 *
 *     ocelot-bench-training ROWS n d GAMMA NU TOLERANCE CACHE_MB ALPHA
 *
 * ROWS holds n x d float64. Prints seconds of processor time, seconds, MB that were needed beside the rows, iterations, gap and rho; writes alpha to
 * ALPHA. Without arguments it trains on a few rows of its own, so that a test sees that it runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "own_peak.h"
#include "svm/solver.h"

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Reads or writes n values. */
static int transfer(const char *path, const char *mode, double *values, size_t n)
{
    FILE *file = fopen(path, mode);
    size_t done = !file ? 0 : *mode == 'r' ? fread(values, sizeof *values, n, file) : fwrite(values, sizeof *values, n, file);
    if (!file || fclose(file) || done != n) {
        fprintf(stderr, "%s: %s\n", path, errno ? strerror(errno) : "too short");
        return 1;
    }
    return 0;
}

static int run(struct ocelot_solver *solver, const char *alpha)
{
    struct ocelot_error err = {0};
    double before = bench_peak_mb(), processor = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
    if (ocelot_solver_run(solver, &err) != OCELOT_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    processor = now(CLOCK_PROCESS_CPUTIME_ID) - processor;
    wall = now(CLOCK_MONOTONIC) - wall;
    printf("%.6f %.6f %.1f %zu %.6g %.17g\n", processor, wall, bench_peak_mb() - before, solver->iterations, solver->gap, solver->rho);
    return alpha ? transfer(alpha, "wb", solver->alpha, solver->n) : 0;
}

int main(int count, char **words)
{
    static const char *const few[] = {"", "", "600", "3", "0.5", "0.1", "1e-3", "10"};
    const char *const *word = count == 9 ? (const char *const *)words : few;
    struct ocelot_solver solver = {.kernels = ocelot_kernels_find(NULL),
                                   .profile = &ocelot_profile_rbf,
                                   .parameters = {.gamma = strtod(word[4], NULL)},
                                   .n = strtoull(word[2], NULL, 10),
                                   .d = strtoull(word[3], NULL, 10),
                                   .tolerance = strtod(word[6], NULL),
                                   .cache_bytes = (size_t)(strtod(word[7], NULL) * 1048576),
                                   .seed = 1};
    double *rows = malloc(solver.n * solver.d * sizeof *rows);
    solver.points = rows;
    solver.total = strtod(word[5], NULL) * (double)solver.n;
    solver.alpha = malloc(solver.n * sizeof *solver.alpha);
    solver.gradient = malloc(solver.n * sizeof *solver.gradient);
    int failed = !rows || !solver.alpha || !solver.gradient;
    for (size_t k = 0; word == few && !failed && k < solver.n * solver.d; k++)
        rows[k] = (double)(k * 7919 % 1000) / 250;
    if (word != few && !failed)
        failed = transfer(word[1], "rb", rows, solver.n * solver.d);
    if (!failed)
        failed = run(&solver, word == few ? NULL : word[8]);
    free(rows);
    free(solver.alpha);
    free(solver.gradient);
    return failed;
}
