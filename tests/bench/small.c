/* Small work, one row of a small model at a time: what a fast path may not cost. LIBSVM, the plain loops of the reference arithmetic, and what
 * is taken by default, in groups of calls that take turns.
 *
 *     ocelot-bench-small [--units M] [--features D] [--repeats K] [--json FILE]
 *
 * Microseconds a call: of the best group, and the median of all. The reference loops are what there was before anything was made fast. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "svm_case.h"

enum { ROWS = 64, CALLS = 512, GROUPS = 999 };

static const struct work {
    const char *name, *kernels, *precision; /* no precision: LIBSVM */
    bool explains;
} works[] = {
    {"LIBSVM score", NULL, NULL, false},       {"reference score", "reference", "float64", false},  {"float64 score", NULL, "float64", false},
    {"float32 score", NULL, "float32", false}, {"reference explain", "reference", "float64", true}, {"float64 explain", NULL, "float64", true},
    {"float32 explain", NULL, "float32", true}};

enum { WORKS = sizeof works / sizeof *works };

struct engine {
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    double us[GROUPS];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool prepare(const struct svm_case *c, const struct work *work, struct engine *e)
{
    struct ocelot_error error = {0};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.kernels = work->kernels;
    options.precision = work->precision;
    options.batch = 1;
    enum ocelot_status status =
        work->explains ? ocelot_plan_create(c->model, &options, &e->plan, &error) : ocelot_plan_create_score(c->model, &options, &e->plan, &error);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(e->plan, &e->workspace, &error);
    if (status != OCELOT_OK)
        fprintf(stderr, "%s: %s\n", work->name, error.message);
    return status == OCELOT_OK;
}

/* One group of calls; microseconds a call, NaN when one fails. */
static double group(const struct svm_case *c, const struct work *work, const struct engine *e,
                    double *relevance) /* NOLINT(readability-non-const-parameter) */
{
    struct ocelot_decision decision;
    struct ocelot_explanation out = {.decision = &decision, .relevance = relevance};
    enum ocelot_status status = OCELOT_OK;
    double start = now(), value;
    for (size_t n = 0; n < CALLS && status == OCELOT_OK; n++) {
        size_t b = n % c->rows;
        if (!work->precision)
            svm_predict_values(c->libsvm, c->nodes + b * (c->features + 1), &value);
        else if (work->explains)
            status = ocelot_explain(e->plan, e->workspace, c->x + b * c->features, 1, &out, NULL);
        else
            status = ocelot_score(e->plan, e->workspace, c->x + b * c->features, 1, &decision, NULL);
    }
    return status == OCELOT_OK ? (now() - start) / CALLS : (double)NAN;
}

static bool compete(const struct svm_case *c, struct engine *engines, size_t repeats, FILE *json)
{
    double *relevance = calloc(c->features, sizeof *relevance);
    bool good = relevance;
    for (size_t k = 0; good && k < WORKS; k++)
        good = !works[k].precision || prepare(c, &works[k], &engines[k]);
    for (size_t turn = 0; good && turn < repeats; turn++)
        for (size_t k = 0; k < WORKS; k++)
            good = !isnan(engines[k].us[turn] = group(c, &works[k], &engines[k], relevance)) && good;
    printf("one row at a time, %zu support vectors, %zu features; %zu turns of %d calls, one thread\n\n%-20s %10s %10s %16s\n", c->units, c->features,
           repeats, CALLS, "", "best us", "median us", "LIBSVM / this");
    for (size_t k = 0; good && k < WORKS; k++) {
        double *us = engines[k].us;
        qsort(us, repeats, sizeof *us, by_value);
        printf("%-20s %10.3f %10.3f %16.2f\n", works[k].name, us[0], us[repeats / 2], engines[0].us[0] / us[0]);
        if (json)
            fprintf(json, "%s\n{\"name\":\"%s\",\"best_us\":%.4f,\"median_us\":%.4f}", k ? "," : "", works[k].name, us[0], us[repeats / 2]);
    }
    for (size_t k = 0; k < WORKS; k++) {
        ocelot_workspace_free(engines[k].workspace);
        ocelot_plan_free(engines[k].plan);
    }
    free(relevance);
    return good;
}

int main(int argc, char **argv)
{
    static struct engine engines[WORKS];
    size_t units = 20, features = 10, repeats = 99;
    const char *path = NULL;
    const struct {
        const char *name;
        size_t *value, most;
    } numbers[] = {{"--units", &units, 100000}, {"--features", &features, 100000}, {"--repeats", &repeats, GROUPS}};
    bool known = argc % 2 == 1;
    for (int a = 1; a + 1 < argc && known; a += 2) {
        known = strcmp(argv[a], "--json") == 0;
        path = known ? argv[a + 1] : path;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (strcmp(argv[a], numbers[k].name) == 0) {
                *numbers[k].value = strtoul(argv[a + 1], NULL, 10);
                known = *numbers[k].value >= 1 && *numbers[k].value <= numbers[k].most;
            }
    }
    if (!known) {
        fputs("usage: ocelot-bench-small [--units M] [--features D] [--repeats K] [--json FILE]\n", stderr);
        return 2;
    }
    FILE *json = path ? fopen(path, "w") : NULL;
    if (path && !json) {
        fprintf(stderr, "cannot write %s\n", path);
        return 1;
    }
    struct svm_case c;
    bool good = svm_case_make(&c, units, features, ROWS, 0.1);
    if (json)
        fprintf(json, "{\"support_vectors\":%zu,\"features\":%zu,\"turns\":%zu,\"threads\":1,\"works\":[", units, features, repeats);
    good = good && compete(&c, engines, repeats, json);
    svm_case_free(&c);
    if (json) {
        fputs("]}\n", json);
        good = !ferror(json) && good;
        good = fclose(json) == 0 && good;
    }
    return good ? 0 : 1;
}
